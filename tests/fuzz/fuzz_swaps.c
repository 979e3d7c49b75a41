/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/swaps takes one line a time and points into it; names unescape within bounds; mm_stat gives amounts. */
#include <errno.h>

#include "fuzz.h"
#include "parse/octal.h"
#include "parse/swaps.h"

static void check_swap(const struct parse_swap *swap, const char *before, const char *after)
{
	char *name = malloc(swap->name_len / 2 + 1);
	size_t cap = swap->name_len / 2 + 1;

	FUZZ_CHECK(name);
	FUZZ_CHECK(swap->name >= before && swap->name_len && swap->name + swap->name_len < swap->type);
	FUZZ_CHECK(swap->type_len && swap->type + swap->type_len < after && after[-1] == '\n');
	FUZZ_CHECK(swap->size_bytes >= 0 && swap->used_bytes >= 0);
	FUZZ_CHECK(swap->size_bytes % 1024 == 0 && swap->used_bytes % 1024 == 0);
	FUZZ_CHECK(parse_swap_zram_number(swap) >= -1 && parse_swap_zram_number(swap) <= 9999);
	FUZZ_CHECK(parse_octal_unescape(name, cap, swap->name, swap->name_len) <= cap);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	const char *p = text, *end = text + size;
	struct parse_zram zram;
	size_t len = size;

	for (;;) {
		struct parse_swap swap;
		const char *before = p;
		int ret = parse_swap_next(&p, &len, &swap);

		FUZZ_CHECK(p + len == end);
		if (!ret)
			break;
		FUZZ_CHECK(ret == 1 || ret == -EBADMSG);
		FUZZ_CHECK(p > before);
		if (ret == 1)
			check_swap(&swap, before, p);
	}
	FUZZ_CHECK(!len);
	if (!parse_zram_mm_stat(text, size, &zram))
		FUZZ_CHECK(zram.original_bytes >= 0 && zram.compressed_bytes >= 0 && zram.used_bytes >= 0);
	free(text);
	return 0;
}
