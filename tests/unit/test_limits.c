/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/limits as kernels print it, and cut at every byte. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "parse/process.h"

/* Of a shell on Linux 6.1. */
static const char captured[] =
	"Limit                     Soft Limit           Hard Limit           Units     \n"
	"Max cpu time              unlimited            unlimited            seconds   \n"
	"Max file size             unlimited            unlimited            bytes     \n"
	"Max stack size            8388608              unlimited            bytes     \n"
	"Max locked memory         67108864             67108865             bytes     \n"
	"Max nice priority         0                    0                    \n"
	"Max realtime timeout      unlimited            unlimited            us        \n";

static const struct {
	const char *name, *unit;
	int64_t soft, hard;
} want[] = {
	{ "Max cpu time", "seconds", INT64_MAX, INT64_MAX },
	{ "Max file size", "bytes", INT64_MAX, INT64_MAX },
	{ "Max stack size", "bytes", 8388608, INT64_MAX },
	{ "Max locked memory", "bytes", 67108864, 67108865 },
	{ "Max nice priority", "", 0, 0 },
	{ "Max realtime timeout", "us", INT64_MAX, INT64_MAX },
};

enum { WANTED = sizeof want / sizeof *want };

static bool is(const char *s, size_t len, const char *text)
{
	return len == strlen(text) && !memcmp(s, text, len);
}

/* How many lines of the first LEN bytes are limits; each must be the next wanted. */
static int parse_all(const char *text, size_t len)
{
	struct parse_limit limit;
	int count = 0, ret;

	while ((ret = parse_limit_next(&text, &len, &limit))) {
		if (ret < 0)
			continue;
		assert_true(count < WANTED);
		assert_true(is(limit.name, limit.name_len, want[count].name));
		assert_true(is(limit.unit, limit.unit_len, want[count].unit));
		assert_true(limit.soft == want[count].soft && limit.hard == want[count].hard);
		count++;
	}
	return count;
}

static void test_captured(void **state)
{
	(void)state;
	assert_int_equal(parse_all(captured, sizeof captured - 1), WANTED);
}

/* A copy without a byte to spare: reading on is a fault under AddressSanitizer. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof captured; len++) {
		char *copy = malloc(len ? len : 1);
		int lines = 0;

		memcpy(copy, captured, len);
		for (size_t i = 0; i < len; i++)
			lines += copy[i] == '\n';
		assert_int_equal(parse_all(copy, len), lines ? lines - 1 : 0);
		free(copy);
	}
}

static void test_malformed(void **state)
{
	static const char *const lines[] = {
		"\n", "Max\n", "                          1                    1                    bytes     \n",
		"Max stack size            -1                   1                    bytes     \n",
		"Max stack size            unlimitedx           1                    bytes     \n",
		"Max stack size            1x                   1                    bytes     \n",
		"Max stack size            1\n", "Max stack size                                                 \n",
		"Max stack size xxxxxxxxxxxx1                   1                    bytes     \n",
	};
	(void)state;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const char *text = lines[i];
		size_t len = strlen(text);
		struct parse_limit limit;

		assert_int_equal(parse_limit_next(&text, &len, &limit), -EBADMSG);
		assert_int_equal(len, 0);
	}
}

/* The running kernel's own file against getrlimit(2). */
static void test_own(void **state)
{
	char text[8192];
	FILE *file = fopen("/proc/self/limits", "re");
	const char *at = text;
	struct parse_limit limit;
	struct rlimit own;
	size_t len;
	int found = 0;
	(void)state;

	if (!file)
		skip();
	len = fread(text, 1, sizeof text, file);
	fclose(file);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &own), 0);
	while (parse_limit_next(&at, &len, &limit) > 0) {
		if (!is(limit.name, limit.name_len, "Max open files"))
			continue;
		found++;
		assert_int_equal(limit.soft, own.rlim_cur);
		assert_int_equal(limit.hard, own.rlim_max);
		assert_true(is(limit.unit, limit.unit_len, "files"));
	}
	assert_int_equal(found, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_captured),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
