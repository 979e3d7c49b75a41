/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse/octal.h"

static unsigned octal_digit(char c)
{
	return (unsigned char)(c - '0');
}

static int is_escape(const char *s, size_t len)
{
	return len > 3 && *s == '\\' && octal_digit(s[1]) <= 3 && octal_digit(s[2]) <= 7 &&
	       octal_digit(s[3]) <= 7;
}

size_t parse_octal_unescape(char *dst, size_t cap, const char *src, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len && out < cap; i++) {
		if (is_escape(src + i, len - i)) {
			dst[out++] = (char)(octal_digit(src[i + 1]) << 6 | octal_digit(src[i + 2]) << 3 |
					    octal_digit(src[i + 3]));
			i += 3;
		} else {
			dst[out++] = src[i];
		}
	}
	return out;
}
