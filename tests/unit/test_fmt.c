/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers for people: the examples of the header, every carry, and bounds for any number. */
#include <inttypes.h>
#include <math.h>

#include "exact.h"
#include "util/fmt.h"

typedef size_t formatter(char *, size_t, int64_t);

static void check(formatter *format, int64_t number, const char *expected)
{
	char buf[FMT_CAP];

	assert_int_equal(format(buf, sizeof(buf), number), strlen(expected));
	assert_string_equal(buf, expected);
}

#define KIB INT64_C(1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)

static void test_bytes(void **state)
{
	(void)state;
	check(fmt_bytes, 0, "0");
	check(fmt_bytes, 512, "512");
	check(fmt_bytes, 1023, "1023");
	check(fmt_bytes, 1024, "1.0K");
	check(fmt_bytes, 1024 + 51, "1.0K");		/* 1.0498 */
	check(fmt_bytes, 1024 + 52, "1.1K");		/* 1.0508 */
	check(fmt_bytes, 10 * KIB - 52, "9.9K");	/* 9.949 */
	check(fmt_bytes, 10 * KIB - 51, "10K");		/* 9.950 */
	check(fmt_bytes, 10 * KIB, "10K");
	check(fmt_bytes, 1023 * MIB, "1023M");
	check(fmt_bytes, MIB - 513, "1023K");		/* 1023.499 K */
	check(fmt_bytes, MIB - 512, "1.0M");		/* 1023.5 K would be 1024K */
	check(fmt_bytes, MIB - 1, "1.0M");
	check(fmt_bytes, GIB - 1, "1.0G");
	check(fmt_bytes, GIB + 205 * MIB, "1.2G");
	check(fmt_bytes, INT64_MAX, "8.0E");
	check(fmt_bytes, INT64_MIN, "-8.0E");
	check(fmt_bytes, -512, "-512");
	check(fmt_bytes, -1023 * MIB, "-1023M");
	check(fmt_bytes, 5 * KIB * GIB * KIB + KIB * GIB * KIB / 2, "5.5P");
}

#define US INT64_C(1000)
#define MS (US * 1000)
#define SEC (MS * 1000)

static void test_seconds(void **state)
{
	(void)state;
	check(fmt_seconds, 0, "0s");
	check(fmt_seconds, 1, "1ns");
	check(fmt_seconds, 999, "999ns");
	check(fmt_seconds, 1000, "1.0us");
	check(fmt_seconds, 1249, "1.2us");
	check(fmt_seconds, 9949, "9.9us");
	check(fmt_seconds, 9950, "10us");
	check(fmt_seconds, 999499, "999us");
	check(fmt_seconds, 999500, "1.0ms");
	check(fmt_seconds, 12 * MS, "12ms");
	check(fmt_seconds, SEC - 1, "1.0s");
	check(fmt_seconds, 3 * SEC + 400 * MS, "3.4s");
	check(fmt_seconds, 59 * SEC + 499 * MS, "59s");
	check(fmt_seconds, 59 * SEC + 500 * MS, "1:00");
	check(fmt_seconds, 62 * SEC + 999 * MS, "1:02");
	check(fmt_seconds, 3599 * SEC, "59:59");
	check(fmt_seconds, 3600 * SEC, "1h00m");
	check(fmt_seconds, 7380 * SEC, "2h03m");
	check(fmt_seconds, 359999 * SEC, "99h59m");
	check(fmt_seconds, 360000 * SEC, "4d04h");
	check(fmt_seconds, 8639999 * SEC, "99d23h");
	check(fmt_seconds, 8640000 * SEC, "100d");
	check(fmt_seconds, 9999 * 86400 * SEC, "9999d");
	check(fmt_seconds, 10000 * 86400 * SEC, "27y");
	check(fmt_seconds, INT64_MAX, "292y");
	check(fmt_seconds, INT64_MIN, "-292y");
	check(fmt_seconds, -12 * MS, "-12ms");
}

static void test_count(void **state)
{
	(void)state;
	check(fmt_count, 0, "0");
	check(fmt_count, 1234, "1234");
	check(fmt_count, 9999, "9999");
	check(fmt_count, 10000, "10.0k");
	check(fmt_count, 12345, "12.3k");
	check(fmt_count, 12350, "12.4k");
	check(fmt_count, 99949, "99.9k");
	check(fmt_count, 99950, "100k");
	check(fmt_count, 999499, "999k");
	check(fmt_count, 999500, "1.00M");
	check(fmt_count, 1234567, "1.23M");
	check(fmt_count, 9994999, "9.99M");
	check(fmt_count, 9995000, "10.0M");
	check(fmt_count, INT64_MAX, "9.22E");
	check(fmt_count, INT64_MIN, "-9.22E");
	check(fmt_count, -12345, "-12.3k");
}

/* What the text says, read back by the C library. */
static double bytes_back(const char *text)
{
	static const char units[] = "KMGTPE";
	char *unit;
	double number = strtod(text, &unit);

	return *unit ? ldexp(number, 10 * (int)(strchr(units, *unit) - units + 1)) : number;
}

static double count_back(const char *text)
{
	static const char units[] = "kMGTPE";
	char *unit;
	double number = strtod(text, &unit);

	return *unit ? number * pow(1000, (double)(strchr(units, *unit) - units + 1)) : number;
}

static void check_back(formatter *format, double (*back)(const char *), int64_t number, size_t columns,
		       double error)
{
	char buf[FMT_CAP];
	size_t len = format(buf, sizeof(buf), number);

	assert_in_range(len, 1, columns);
	if (fabs(back(buf) - (double)number) > error * fabs((double)number))
		fail_msg("%" PRId64 " is shown as %s", number, buf);
}

/* Numbers of every size: the columns are kept, and the text is as near as its digits allow (two digits and a
 * half for bytes: 1.0 may stand for 1.05; three for counts). */
static void test_read_back(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 63; bit++) {
		int64_t power = INT64_C(1) << bit;

		for (int64_t step = -8; step <= 8; step++) {
			int64_t number = power - 1 + (power >> 4) * step;

			check_back(fmt_bytes, bytes_back, number, 6, 0.05);
			check_back(fmt_bytes, bytes_back, -number, 6, 0.05);
			check_back(fmt_count, count_back, number, 5 + (number < 0), 0.005);
		}
	}
}

static void test_small_buffers(void **state)
{
	char buf[4] = "xyz";
	(void)state;

	assert_int_equal(fmt_bytes(buf, 0, 1024), 0);
	assert_string_equal(buf, "xyz");
	assert_int_equal(fmt_bytes(buf, 1, 1024), 0);
	assert_string_equal(buf, "");
	assert_int_equal(fmt_count(buf, sizeof(buf), 123456), 3);
	assert_string_equal(buf, "123");
	assert_int_equal(fmt_seconds(buf, sizeof(buf), 3600 * SEC), 3);
	assert_string_equal(buf, "1h0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes), cmocka_unit_test(test_seconds), cmocka_unit_test(test_count),
		cmocka_unit_test(test_read_back), cmocka_unit_test(test_small_buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
