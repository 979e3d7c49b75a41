/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_mount_next(): takes exactly one line a time, and its parts lie in that line in their order. */
#include <errno.h>

#include "fuzz.h"
#include "parse/mountinfo.h"

static void check_mount(const struct parse_mount *mount, const char *line, const char *newline)
{
	FUZZ_CHECK(mount->root > line && mount->root_len);
	FUZZ_CHECK(mount->point == mount->root + mount->root_len + 1 && mount->point_len);
	FUZZ_CHECK(mount->type > mount->point + mount->point_len && mount->type_len);
	FUZZ_CHECK(mount->options >= mount->type + mount->type_len);
	FUZZ_CHECK(mount->options + mount->options_len <= newline);
	FUZZ_CHECK(!memchr(mount->options, ' ', mount->options_len));
	if (parse_mount_has_option(mount, "memory"))
		FUZZ_CHECK(mount->options_len >= 6);
	FUZZ_CHECK(!parse_mount_has_option(mount, "a,b"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	const char *p = text, *end = text + size;
	size_t len = size;

	for (;;) {
		const char *line = p, *newline = len ? memchr(p, '\n', len) : NULL;
		struct parse_mount mount;
		int ret = parse_mount_next(&p, &len, &mount);

		FUZZ_CHECK(p + len == end);
		if (!ret)
			break;
		FUZZ_CHECK(ret == 1 || ret == -EBADMSG);
		FUZZ_CHECK(p == (newline ? newline + 1 : end));
		FUZZ_CHECK(newline || ret != 1);
		if (ret == 1)
			check_mount(&mount, line, newline);
	}
	FUZZ_CHECK(!len);
	free(text);
	return 0;
}
