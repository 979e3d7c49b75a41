/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_limit_next(): what it points at lies in the text, and it always goes on. */
#include "fuzz.h"
#include "parse/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	const char *p = text, *end = text + size;
	size_t len = size;

	for (;;) {
		const char *before = p;
		struct parse_limit limit;
		int ret = parse_limit_next(&p, &len, &limit);

		FUZZ_CHECK(p + len == end || !ret);
		if (!ret)
			break;
		FUZZ_CHECK(p > before && (ret == 1 || ret == -EBADMSG));
		if (ret < 0)
			continue;
		FUZZ_CHECK(limit.name >= before && limit.name_len && limit.name + limit.name_len < p);
		FUZZ_CHECK(limit.unit > limit.name && limit.unit + limit.unit_len < p);
		FUZZ_CHECK(limit.soft >= 0 && limit.hard >= 0);
	}
	FUZZ_CHECK(!len);
	free(text);
	return 0;
}
