/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readers of numbers in text that need not be terminated: *P is where to read, END is one past the last byte.
 *
 * Without regard to the locale, and without skipping blanks: the caller says where a number must be. Each
 * returns 0 with *P just past the last digit, -EBADMSG when there is no digit at *P, or -ERANGE when the number
 * does not fit; after an error *P has not moved and *OUT is unchanged. What follows the number is the caller's
 * to judge. Inline, because the parsers of thousands of process files a second live from them.
 */
#ifndef UTIL_NUM_H
#define UTIL_NUM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits, without a sign. */
static inline int num_u64(const char **p, const char *end, uint64_t *out)
{
	const char *s = *p;
	uint64_t value = 0;

	if (s >= end || (unsigned char)(*s - '0') > 9)
		return -EBADMSG;
	for (; s < end; s++) {
		unsigned digit = (unsigned char)(*s - '0');

		if (digit > 9)
			break;
		if (__builtin_mul_overflow(value, 10u, &value) || __builtin_add_overflow(value, digit, &value))
			return -ERANGE;
	}
	*p = s;
	*out = value;
	return 0;
}

/* An optional '-', then decimal digits. */
static inline int num_i64(const char **p, const char *end, int64_t *out)
{
	const char *s = *p;
	bool negative = s < end && *s == '-';
	uint64_t magnitude;
	int err;

	s += negative;
	err = num_u64(&s, end, &magnitude);
	if (err)
		return err;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*p = s;
	*out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return 0;
}

/* Hexadecimal digits of either case, without a prefix. */
static inline int num_hex64(const char **p, const char *end, uint64_t *out)
{
	const char *s = *p;
	uint64_t value = 0;

	for (; s < end; s++) {
		unsigned digit = (unsigned char)(*s - '0');

		if (digit > 9) {
			digit = (unsigned char)((*s | 0x20) - 'a');
			if (digit > 5)
				break;
			digit += 10;
		}
		if (value >> 60)
			return -ERANGE;
		value = value << 4 | digit;
	}
	if (s == *p)
		return -EBADMSG;
	*p = s;
	*out = value;
	return 0;
}

/* Octal digits. */
static inline int num_oct64(const char **p, const char *end, uint64_t *out)
{
	const char *s = *p;
	uint64_t value = 0;

	for (; s < end; s++) {
		unsigned digit = (unsigned char)(*s - '0');

		if (digit > 7)
			break;
		if (value >> 61)
			return -ERANGE;
		value = value << 3 | digit;
	}
	if (s == *p)
		return -EBADMSG;
	*p = s;
	*out = value;
	return 0;
}

#endif
