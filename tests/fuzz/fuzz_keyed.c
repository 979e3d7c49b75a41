/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_keyed_next(): takes one line a time, what it points at lies in that line. namemap_parse(): whatever
 * the text, a metric has an amount or is absent for a reason, and absent ones are 0.
 */
#include <errno.h>

#include "fuzz.h"
#include "model/snapshot.h"
#include "parse/keyed.h"
#include "source/namemap.h"

static unsigned check_lines(const char *text, size_t size)
{
	const char *p = text, *end = text + size;
	unsigned malformed = 0;
	size_t len = size;

	for (;;) {
		struct parse_keyed line;
		const char *before = p;
		int ret = parse_keyed_next(&p, &len, &line);

		FUZZ_CHECK(p + len == end);
		if (!ret)
			break;
		FUZZ_CHECK(ret == 1 || ret == -EBADMSG);
		FUZZ_CHECK(p > before && line.name >= before && line.name + line.name_len <= p);
		FUZZ_CHECK(!memchr(line.name, '\n', line.name_len));
		if (ret == 1) {
			FUZZ_CHECK(line.name_len && p[-1] == '\n' && line.value >= 0);
			FUZZ_CHECK(!line.kib || line.value % 1024 == 0);
		}
		malformed += ret < 0;
	}
	FUZZ_CHECK(!len);
	return malformed;
}

static void count_unknown(void *context, const struct parse_keyed *line)
{
	FUZZ_CHECK(line->name_len);
	++*(unsigned *)context;
}

static void check_map(const char *text, size_t size, unsigned malformed, const struct namemap *map)
{
	int64_t amount[(int)SYS_COUNT + (int)CG_COUNT];
	uint8_t status[sizeof amount / sizeof *amount];
	struct slots slots = { amount, status };
	unsigned unknown = 0;

	memset(amount, 0x55, sizeof amount);
	memset(status, VALUE_STATUS_COUNT, sizeof status);
	FUZZ_CHECK(namemap_parse(map, text, size, slots, count_unknown, &unknown) == malformed);
	for (unsigned i = 0; i < map->count; i++) {
		unsigned slot = map->names[i].slot;

		FUZZ_CHECK(status[slot] == VALUE_OK || status[slot] == VALUE_LOST ||
			   status[slot] == VALUE_UNSUPPORTED);
		FUZZ_CHECK(status[slot] == VALUE_OK ? amount[slot] >= 0 : !amount[slot]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		enum scope scope;
		unsigned side;
		const char *file;
	} files[] = {
		{ SCOPE_SYSTEM, 0, "meminfo" },
		{ SCOPE_SYSTEM, 0, "vmstat" },
		{ SCOPE_CGROUP, 0, "memory.stat" },
		{ SCOPE_CGROUP, 1, "memory.stat" },
		{ SCOPE_CGROUP, 1, "memory.oom_control" },
	};
	enum { FILES = sizeof files / sizeof *files };
	static struct namemap maps[FILES];
	char *text = fuzz_copy(data, size);
	unsigned malformed = check_lines(text, size);

	for (int i = 0; i < FILES; i++) {
		if (!maps[i].count)
			namemap_init(&maps[i], files[i].scope, files[i].side, files[i].file);
		FUZZ_CHECK(maps[i].count);
		check_map(text, size, malformed, &maps[i]);
	}
	free(text);
	return 0;
}
