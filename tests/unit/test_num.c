/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Number readers and the steps the parsers share. */
#include "exact.h"
#include "parse/scan.h"
#include "util/num.h"

typedef int reader(const char **, const char *, uint64_t *);

struct expected {
	const char *text;
	int ret;
	uint64_t value;
	size_t used;
};

static void check(reader *read, const struct expected *e)
{
	char *text = exact(e->text, strlen(e->text));
	const char *p = text;
	uint64_t value = 4711;

	assert_int_equal(read(&p, text + strlen(e->text), &value), e->ret);
	assert_int_equal(p - text, e->ret ? 0 : e->used);
	assert_int_equal(value, e->ret ? 4711 : e->value);
	free(text);
}

#define CHECK(read, ...) check(read, &(struct expected){ __VA_ARGS__ })

static void test_u64(void **state)
{
	(void)state;
	CHECK(num_u64, "0", 0, 0, 1);
	CHECK(num_u64, "007 ", 0, 7, 3);
	CHECK(num_u64, "18446744073709551615x", 0, UINT64_MAX, 20);
	CHECK(num_u64, "00018446744073709551615", 0, UINT64_MAX, 23);
	CHECK(num_u64, "18446744073709551616", -ERANGE, 0, 0);
	CHECK(num_u64, "18446744073709551620", -ERANGE, 0, 0);
	CHECK(num_u64, "99999999999999999999", -ERANGE, 0, 0);
	CHECK(num_u64, "", -EBADMSG, 0, 0);
	CHECK(num_u64, " 1", -EBADMSG, 0, 0);
	CHECK(num_u64, "-1", -EBADMSG, 0, 0);
	CHECK(num_u64, "+1", -EBADMSG, 0, 0);
	CHECK(num_u64, "/", -EBADMSG, 0, 0);
	CHECK(num_u64, ":", -EBADMSG, 0, 0);
	CHECK(num_u64, "\xb2", -EBADMSG, 0, 0);
}

static void test_i64(void **state)
{
	static const struct { const char *text; int ret; int64_t value; } cases[] = {
		{ "0", 0, 0 }, { "-0", 0, 0 }, { "-12 ", 0, -12 },
		{ "9223372036854775807", 0, INT64_MAX }, { "9223372036854775808", -ERANGE, 0 },
		{ "-9223372036854775808", 0, INT64_MIN }, { "-9223372036854775809", -ERANGE, 0 },
		{ "-", -EBADMSG, 0 }, { "--1", -EBADMSG, 0 }, { "- 1", -EBADMSG, 0 }, { "", -EBADMSG, 0 },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].text);
		char *text = exact(cases[i].text, len);
		const char *p = text;
		int64_t value = 4711;

		assert_int_equal(num_i64(&p, text + len, &value), cases[i].ret);
		assert_true(value == (cases[i].ret ? 4711 : cases[i].value));
		assert_true(cases[i].ret ? p == text : p > text);
		free(text);
	}
}

static void test_hex_and_octal(void **state)
{
	(void)state;
	CHECK(num_hex64, "7fFf-", 0, 0x7fff, 4);
	CHECK(num_hex64, "ffffffffffffffff", 0, UINT64_MAX, 16);
	CHECK(num_hex64, "0ffffffffffffffff", 0, UINT64_MAX, 17);
	CHECK(num_hex64, "10000000000000000", -ERANGE, 0, 0);
	CHECK(num_hex64, "0x10", 0, 0, 1);
	CHECK(num_hex64, "g", -EBADMSG, 0, 0);
	CHECK(num_hex64, "@", -EBADMSG, 0, 0);	/* | 0x20 makes it a backquote, just below 'a' */
	CHECK(num_hex64, "G", -EBADMSG, 0, 0);
	CHECK(num_hex64, "", -EBADMSG, 0, 0);
	CHECK(num_oct64, "0178", 0, 017, 3);
	CHECK(num_oct64, "1777777777777777777777", 0, UINT64_MAX, 22);
	CHECK(num_oct64, "2000000000000000000000", -ERANGE, 0, 0);
	CHECK(num_oct64, "8", -EBADMSG, 0, 0);
	CHECK(num_oct64, "", -EBADMSG, 0, 0);
}

static void check_kib(const char *text, int ret, int64_t bytes)
{
	char *copy = exact(text, strlen(text));
	int64_t got = 4711;

	assert_int_equal(scan_kib(copy, copy + strlen(text), &got), ret);
	assert_true(got == (ret ? 4711 : bytes));
	free(copy);
}

static void test_kib(void **state)
{
	(void)state;
	check_kib("     1788 kB", 0, 1788 * 1024);
	check_kib("\t0 kB", 0, 0);
	check_kib("9007199254740991 kB", 0, INT64_MAX - 1023);
	check_kib("9007199254740992 kB", -EBADMSG, 0);
	check_kib("12", -EBADMSG, 0);
	check_kib("12 k", -EBADMSG, 0);
	check_kib("12 MB", -EBADMSG, 0);
	check_kib("12 kBx", -EBADMSG, 0);
	check_kib("-12 kB", -EBADMSG, 0);
	check_kib("kB", -EBADMSG, 0);
	check_kib("", -EBADMSG, 0);
}

static void test_lines(void **state)
{
	char *text = exact("one\n\nthree", 10);
	const char *p = text, *end = text + 10, *line, *line_end;
	(void)state;

	assert_true(scan_line(&p, end, &line, &line_end));
	assert_int_equal(line_end - line, 3);
	assert_true(scan_line(&p, end, &line, &line_end));
	assert_int_equal(line_end - line, 0);
	assert_true(scan_line(&p, end, &line, &line_end));
	assert_memory_equal(line, "three", 5);
	assert_ptr_equal(line_end, end);
	assert_false(scan_line(&p, end, &line, &line_end));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u64), cmocka_unit_test(test_i64), cmocka_unit_test(test_hex_and_octal),
		cmocka_unit_test(test_kib), cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
