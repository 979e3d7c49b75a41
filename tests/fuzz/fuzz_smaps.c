/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_smaps_add(): text that arrives in two pieces adds up to the same as in one. */
#include "fuzz.h"
#include "parse/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size), *newline = size ? memchr(text, '\n', size) : NULL;
	struct parse_smaps whole = { .have = 0 }, pieces = { .have = 0 };
	int ret = parse_smaps_add(text, size, &whole);

	FUZZ_CHECK(ret == 0 || ret == -EBADMSG);
	if (!ret) {
		for (int i = 0; i < SMAPS_COUNT; i++) {
			FUZZ_CHECK(whole.bytes[i] >= 0 && whole.bytes[i] % 1024 == 0);
			FUZZ_CHECK(whole.have & 1u << i || !whole.bytes[i]);
		}
		FUZZ_CHECK(!(whole.have >> SMAPS_COUNT));
	}
	if (newline) {
		size_t first = (size_t)(newline - text) + 1;
		char *head = fuzz_copy(data, first), *tail = fuzz_copy(data + first, size - first);
		int split = parse_smaps_add(head, first, &pieces);

		if (!split)
			split = parse_smaps_add(tail, size - first, &pieces);
		FUZZ_CHECK(split == ret);
		FUZZ_CHECK(ret || (whole.have == pieces.have &&
				   !memcmp(whole.bytes, pieces.bytes, sizeof(whole.bytes))));
		free(head);
		free(tail);
	}
	free(text);
	return 0;
}
