/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/number.h"

#include <assert.h>

enum { NS_DIGITS = 9, MILLI_DIGITS = 3 };

#define NS_PER_SECOND INT64_C(1000000000)
#define SECONDS_PER_DAY 86400

void number_decimal(struct buf *out, int64_t amount, unsigned digits)
{
	uint64_t magnitude = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
	uint64_t scale = 1;

	assert(digits > 0 && digits <= 18);
	for (unsigned i = 0; i < digits; i++)
		scale *= 10;
	if (amount < 0)
		buf_putc(out, '-');
	buf_i64(out, (int64_t)(magnitude / scale));

	uint64_t rest = magnitude % scale;
	char decimals[19];
	unsigned len = 0;

	decimals[len++] = '.';
	for (; rest; rest %= scale) {
		scale /= 10;
		decimals[len++] = (char)('0' + rest / scale);
	}
	if (len > 1)
		buf_add(out, decimals, len);
}

void number_amount(struct buf *out, enum unit unit, int64_t amount)
{
	switch (unit) {
	case UNIT_SECONDS:
		number_decimal(out, amount, NS_DIGITS);
		break;
	case UNIT_PERCENT:
	case UNIT_RATIO:
	case UNIT_PER_SECOND:
		number_decimal(out, amount, MILLI_DIGITS);
		break;
	default:
		buf_i64(out, amount);
	}
}

/* Proleptic Gregorian date of a day counted from 1970-01-01. Years are counted from March, so that the leap day
 * ends them, in cycles of 400 years of 146,097 days. */
static void date_of_day(int64_t day, int *year, int *month, int *mday)
{
	int64_t shifted = day + 719468;		/* days from 0000-03-01 */
	int64_t cycle = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int in_cycle = (int)(shifted - cycle * 146097);
	int year_of_cycle = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
	int in_year = in_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
	int march_month = (5 * in_year + 2) / 153;

	*mday = in_year - (153 * march_month + 2) / 5 + 1;
	*month = march_month < 10 ? march_month + 3 : march_month - 9;
	*year = (int)(cycle * 400) + year_of_cycle + (*month <= 2);
}

/* NUMBER in exactly WIDTH digits. */
static char *put_padded(char *at, int64_t number, int width)
{
	for (int i = width - 1; i >= 0; i--, number /= 10)
		at[i] = (char)('0' + number % 10);
	return at + width;
}

void number_time(struct buf *out, int64_t real_ns)
{
	int64_t ns = real_ns % NS_PER_SECOND, seconds = real_ns / NS_PER_SECOND;

	if (ns < 0) {
		ns += NS_PER_SECOND;
		seconds--;
	}
	int64_t of_day = seconds % SECONDS_PER_DAY, day = seconds / SECONDS_PER_DAY;

	if (of_day < 0) {
		of_day += SECONDS_PER_DAY;
		day--;
	}
	int year, month, mday;

	date_of_day(day, &year, &month, &mday);

	char text[sizeof "2262-04-11T23:47:16.854775807Z"], *at = text;

	at = put_padded(at, year, 4);
	*at++ = '-';
	at = put_padded(at, month, 2);
	*at++ = '-';
	at = put_padded(at, mday, 2);
	*at++ = 'T';
	at = put_padded(at, of_day / 3600, 2);
	*at++ = ':';
	at = put_padded(at, of_day / 60 % 60, 2);
	*at++ = ':';
	at = put_padded(at, of_day % 60, 2);
	*at++ = '.';
	at = put_padded(at, ns, 9);
	*at++ = 'Z';
	buf_add(out, text, (size_t)(at - text));
}
