/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_status(): only whole lines count, and nothing is negative. */
#include "fuzz.h"
#include "parse/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct parse_status status, whole;
	size_t end = size;
	char *lines;

	FUZZ_CHECK(!parse_status(text, size, &status));
	for (int i = 0; i < STATUS_COUNT; i++) {
		FUZZ_CHECK(status.v[i] >= 0);
		FUZZ_CHECK(status.have & 1u << i || !status.v[i]);
	}
	FUZZ_CHECK(!(status.have >> STATUS_COUNT));

	while (end && text[end - 1] != '\n')
		end--;
	lines = fuzz_copy(data, end);
	FUZZ_CHECK(!parse_status(lines, end, &whole));
	FUZZ_CHECK(status.have == whole.have && !memcmp(status.v, whole.v, sizeof(status.v)));
	free(lines);
	free(text);
	return 0;
}
