/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/quantity.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct suffix {
	const char *text;
	int64_t scale;
};

#define KIB (INT64_C(1) << 10)

static const struct suffix byte_suffixes[] = {
	{ "", 1 }, { "B", 1 },
	{ "K", KIB }, { "KiB", KIB },
	{ "M", KIB << 10 }, { "MiB", KIB << 10 },
	{ "G", KIB << 20 }, { "GiB", KIB << 20 },
	{ "T", KIB << 30 }, { "TiB", KIB << 30 },
	{ "P", KIB << 40 }, { "PiB", KIB << 40 },
	{ NULL, 0 },
};

static const struct suffix time_suffixes[] = {
	{ "", 1000000000 }, { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
	{ "m", INT64_C(60000000000) }, { "h", INT64_C(3600000000000) }, { "d", INT64_C(86400000000000) },
	{ NULL, 0 },
};

static const struct suffix percent_suffixes[] = { { "", 1000 }, { "%", 1000 }, { NULL, 0 } };
static const struct suffix milli_suffixes[] = { { "", 1000 }, { NULL, 0 } };
static const struct suffix count_suffixes[] = { { "", 1 }, { NULL, 0 } };

static const struct {
	const struct suffix *suffixes;		/* NULL: not numeric */
	bool any_case;
	const char *example;
} units[UNIT_COUNT] = {
	[UNIT_NONE] = { count_suffixes, false, "a whole number" },
	[UNIT_BYTES] = { byte_suffixes, true, "bytes, as 4096, 100M or 1.5G" },
	[UNIT_SECONDS] = { time_suffixes, false, "a time, as 2, 1.5s, 10ms or 3m" },
	[UNIT_PERCENT] = { percent_suffixes, false, "percent, as 50, 0.5 or 80%" },
	[UNIT_RATIO] = { milli_suffixes, false, "a number, as 2 or 1.5" },
	[UNIT_PER_SECOND] = { milli_suffixes, false, "a number per second, as 100 or 0.5" },
	[UNIT_BYTES_PER_SECOND] = { byte_suffixes, true, "bytes per second, as 4096, 100M or 1.5G" },
	[UNIT_STATE] = { NULL, false, "a state letter" },
	[UNIT_POLICY] = { NULL, false, "a policy name" },
	[UNIT_TEXT] = { NULL, false, "text" },
};

const char *quantity_example(enum unit unit)
{
	return units[unit].example;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The scale of the suffix TEXT of UNIT, 0 when it is none. */
static int64_t suffix_scale(enum unit unit, const char *text, size_t len)
{
	for (const struct suffix *suffix = units[unit].suffixes; suffix && suffix->text; suffix++) {
		if (strlen(suffix->text) != len)
			continue;
		if (units[unit].any_case ? !strncasecmp(suffix->text, text, len) :
					   !memcmp(suffix->text, text, len))
			return suffix->scale;
	}
	return 0;
}

/* SCALE times the decimal fraction 0.DIGITS, cut to a whole number. Working from the last digit keeps every
 * step below 10 * SCALE. */
static int64_t scale_fraction(const char *digits, size_t count, int64_t scale)
{
	int64_t sum = 0;

	while (count--)
		sum = ((digits[count] - '0') * scale + sum) / 10;
	return sum;
}

int quantity_parse(const char *text, size_t len, enum unit unit, int64_t *amount)
{
	size_t at = 0, whole_digits, fraction_start, fraction_digits = 0;
	bool negative = len && text[0] == '-', overflow = false;
	int64_t whole = 0, result;

	if (len && (text[0] == '-' || text[0] == '+'))
		at++;
	for (whole_digits = 0; at < len && is_digit(text[at]); at++, whole_digits++)
		overflow |= __builtin_mul_overflow(whole, 10, &whole) ||
			    __builtin_add_overflow(whole, text[at] - '0', &whole);
	bool point = at < len && text[at] == '.';

	at += point;
	fraction_start = at;
	for (; point && at < len && is_digit(text[at]); at++)
		fraction_digits++;
	if (!whole_digits || (point && !fraction_digits))
		return -EINVAL;
	int64_t scale = suffix_scale(unit, text + at, len - at);

	if (!scale || (point && scale == 1))
		return -EINVAL;
	overflow = overflow || __builtin_mul_overflow(whole, scale, &result) ||
		   __builtin_add_overflow(result, scale_fraction(text + fraction_start, fraction_digits, scale),
					  &result);
	if (overflow)
		return -ERANGE;
	*amount = negative ? -result : result;
	return 0;
}
