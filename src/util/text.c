/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/text.h"

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint32_t low, high;
};

#include "util/text_tables.h"

#define IN(table, point) in_ranges(table, sizeof(table) / sizeof(table[0]), point)

static bool in_ranges(const struct range *ranges, size_t count, uint32_t point)
{
	while (count) {
		const struct range *middle = &ranges[count / 2];

		if (point < middle->low) {
			count /= 2;
		} else if (point > middle->high) {
			ranges = middle + 1;
			count -= count / 2 + 1;
		} else {
			return true;
		}
	}
	return false;
}

/* Decodes the character at S (LEN > 0 bytes are there). Its length, or 0 when the first byte is not the
 * start of valid UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF, nothing cut
 * off). */
static size_t decode(const char *s, size_t len, uint32_t *point)
{
	unsigned char first = (unsigned char)s[0];
	uint32_t value, least;
	size_t need;

	if (first < 0x80) {
		*point = first;
		return 1;
	}
	if (first >= 0xc2 && first <= 0xdf) {
		need = 2, value = first & 0x1f, least = 0x80;
	} else if (first >= 0xe0 && first <= 0xef) {
		need = 3, value = first & 0x0f, least = 0x800;
	} else if (first >= 0xf0 && first <= 0xf4) {
		need = 4, value = first & 0x07, least = 0x10000;
	} else {
		return 0;
	}
	if (len < need)
		return 0;
	for (size_t i = 1; i < need; i++) {
		unsigned char next = (unsigned char)s[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (next & 0x3f);
	}
	if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*point = value;
	return need;
}

static bool is_unsafe(uint32_t point)
{
	if (point < 0x80)
		return point < 0x20 || point == 0x7f;
	return IN(unsafe_ranges, point);
}

size_t text_clean(char *dst, size_t cap, const char *src, size_t len)
{
	size_t in = 0, out = 0;

	while (in < len) {
		uint32_t point;
		size_t bytes = decode(src + in, len - in, &point);
		bool keep = bytes && !is_unsafe(point);
		size_t write = keep ? bytes : 1;

		if (write > cap - 1 - out)
			break;
		if (keep)
			for (size_t i = 0; i < bytes; i++)
				dst[out + i] = src[in + i];
		else
			dst[out] = '?';
		out += write;
		in += bytes ? bytes : 1;
	}
	dst[out] = '\0';
	return out;
}

/* Length and columns of the character at S. What text_clean() would replace takes the one column of its '?'. */
static size_t measure(const char *s, size_t len, size_t *columns)
{
	uint32_t point;
	size_t bytes = decode(s, len, &point);

	*columns = 1;
	if (!bytes)
		return 1;
	if (point >= 0x80 && !IN(unsafe_ranges, point)) {
		if (IN(combining_ranges, point))
			*columns = 0;
		else if (IN(wide_ranges, point))
			*columns = 2;
	}
	return bytes;
}

size_t text_columns(const char *s, size_t len)
{
	size_t at = 0, total = 0, columns;

	while (at < len) {
		at += measure(s + at, len - at, &columns);
		total += columns;
	}
	return total;
}

size_t text_prefix(const char *s, size_t len, size_t columns)
{
	size_t at = 0, wide;

	while (at < len) {
		size_t bytes = measure(s + at, len - at, &wide);

		if (wide > columns)
			break;
		columns -= wide;
		at += bytes;
	}
	return at;
}
