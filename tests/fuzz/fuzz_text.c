/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text_clean(), text_columns(), text_prefix(): cleaned text is valid UTF-8 and harmless to a terminal. */
#include "fuzz.h"
#include "util/text.h"

/* The header's contract, spelled out anew: what must never be in cleaned text. */
static const struct { uint32_t low, high; } forbidden[] = {
	{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e },
	{ 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xd800, 0xdfff }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff }, { 0x110000, UINT32_MAX },
};

/* Length of the character at S, which must be well-formed (checked by encoding it again) and allowed. */
static size_t check_character(const unsigned char *s, size_t len)
{
	size_t bytes = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t point = bytes == 1 ? s[0] : s[0] & (0x7fu >> bytes);
	unsigned char again[4];

	FUZZ_CHECK(bytes <= len);
	for (size_t i = 1; i < bytes; i++)
		point = point << 6 | (s[i] & 0x3f);
	if (point < 0x80) {
		again[0] = (unsigned char)point;
	} else {
		size_t least = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

		FUZZ_CHECK(bytes == least);
		for (size_t i = bytes - 1; i; i--, point >>= 6)
			again[i] = (unsigned char)(0x80 | (point & 0x3f));
		again[0] = (unsigned char)((0xf00u >> bytes & 0xff) | point);
	}
	FUZZ_CHECK(!memcmp(s, again, bytes));

	point = bytes == 1 ? s[0] : s[0] & (0x7fu >> bytes);
	for (size_t i = 1; i < bytes; i++)
		point = point << 6 | (s[i] & 0x3f);
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		FUZZ_CHECK(point < forbidden[i].low || point > forbidden[i].high);
	return bytes;
}

static void check_prefix(const char *s, size_t len, size_t columns)
{
	size_t total = text_columns(s, len), bytes = text_prefix(s, len, columns);
	char *prefix;

	FUZZ_CHECK(bytes <= len);
	FUZZ_CHECK((bytes == len) == (total <= columns));
	prefix = fuzz_copy((const uint8_t *)s, bytes);
	FUZZ_CHECK(text_columns(prefix, bytes) <= columns);
	FUZZ_CHECK(text_columns(prefix, bytes) + text_columns(s + bytes, len - bytes) == total);
	free(prefix);
	/* Only a character of two columns may leave a column free. */
	FUZZ_CHECK(bytes == len || text_columns(s, bytes) + 1 >= columns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size), *clean = malloc(size + 1), *again = malloc(size + 1), *small;
	size_t len, cap = size ? data[0] % (size + 1) + 1 : 1, small_len;

	FUZZ_CHECK(clean && again);
	len = text_clean(clean, size + 1, text, size);
	FUZZ_CHECK(len <= size && clean[len] == '\0' && strlen(clean) == len);
	for (size_t at = 0; at < len;)
		at += check_character((const unsigned char *)clean + at, len - at);

	FUZZ_CHECK(text_clean(again, size + 1, clean, len) == len && !memcmp(clean, again, len));
	FUZZ_CHECK(text_columns(clean, len) == text_columns(text, size));
	FUZZ_CHECK(text_columns(clean, len) <= 2 * len);

	small = malloc(cap);
	FUZZ_CHECK(small);
	small_len = text_clean(small, cap, text, size);
	FUZZ_CHECK(small_len < cap && small_len <= len && !memcmp(small, clean, small_len));
	for (size_t at = 0; at < small_len;)
		at += check_character((const unsigned char *)small + at, small_len - at);
	FUZZ_CHECK(small_len == len || small_len + 4 >= cap);

	for (size_t columns = 0; columns < 8; columns++)
		check_prefix(text, size, columns);
	check_prefix(clean, len, cap);
	free(small);
	free(again);
	free(clean);
	free(text);
	return 0;
}
