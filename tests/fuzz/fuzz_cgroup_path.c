/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_cgroup_memory_path(): the path is the rest of one line of the text. */
#include "fuzz.h"
#include "parse/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	const char *path = NULL;
	size_t len = 0;
	bool v1 = false;
	int ret = parse_cgroup_memory_path(text, size, &path, &len, &v1);

	FUZZ_CHECK(ret == 0 || ret == -ENOENT);
	if (!ret) {
		FUZZ_CHECK(path > text && path + len < text + size);
		FUZZ_CHECK(len && path[0] == '/' && path[-1] == ':' && path[len] == '\n');
		FUZZ_CHECK(!memchr(path, '\n', len));
	}
	free(text);
	return 0;
}
