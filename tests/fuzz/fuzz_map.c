/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_map_next(): takes exactly one line a time, and what it points at lies in that line. */
#include "fuzz.h"
#include "parse/process.h"

static void check_map(const struct parse_map *map, const char *line, const char *newline)
{
	FUZZ_CHECK(map->start < map->end);
	FUZZ_CHECK(map->path >= line && map->path <= newline);
	FUZZ_CHECK(map->path + map->path_len == newline);
	FUZZ_CHECK(!map->path_len || map->path[0] != ' ');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	const char *p = text, *end = text + size;
	size_t len = size;

	for (;;) {
		const char *line = p, *newline = len ? memchr(p, '\n', len) : NULL;
		struct parse_map map;
		int ret = parse_map_next(&p, &len, &map);

		FUZZ_CHECK(p + len == end);
		if (!ret)
			break;
		FUZZ_CHECK(ret == 1 || ret == -EBADMSG);
		FUZZ_CHECK(p == (newline ? newline + 1 : end));
		FUZZ_CHECK(newline || ret != 1);
		if (ret == 1)
			check_map(&map, line, newline);
	}
	FUZZ_CHECK(!len);
	free(text);
	return 0;
}
