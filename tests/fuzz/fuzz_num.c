/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The readers of numbers against strtoull() and strtoll(). */
#include <errno.h>

#include "fuzz.h"
#include "util/num.h"

static const char digits[] = "0123456789abcdef";

static bool is_digit(char c, unsigned base)
{
	const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return found && found - digits < (long)base;
}

/* What the C library makes of the digits of BASE that S begins with: 0, -EBADMSG or -ERANGE. */
static int expect(const char *s, unsigned base, uint64_t *value, size_t *used)
{
	char *run;
	size_t len = 0;

	while (is_digit(s[len], base))
		len++;
	*used = len;
	if (!len)
		return -EBADMSG;
	/* Only the digits, so that strtoull's own ideas of blanks, signs and 0x stay out. */
	run = malloc(len + 2);
	FUZZ_CHECK(run);
	run[0] = '0';
	memcpy(run + 1, s, len);
	run[len + 1] = '\0';
	errno = 0;
	*value = strtoull(run, NULL, (int)base);
	free(run);
	return errno ? -ERANGE : 0;
}

static void check_unsigned(int (*read)(const char **, const char *, uint64_t *), unsigned base,
			   const char *text, size_t size, const char *string)
{
	const char *p = text;
	uint64_t value = 42, expected = 42;
	size_t used;
	int want = expect(string, base, &expected, &used), got = read(&p, text + size, &value);

	FUZZ_CHECK(got == want);
	FUZZ_CHECK(p == (want ? text : text + used));
	FUZZ_CHECK(value == (want ? 42 : expected));
}

static void check_signed(const char *text, size_t size, const char *string)
{
	const char *p = text;
	bool minus = string[0] == '-';
	uint64_t magnitude;
	int64_t value = 42;
	size_t used;
	int want = expect(string + minus, 10, &magnitude, &used), got = num_i64(&p, text + size, &value);

	if (!want && magnitude > (uint64_t)INT64_MAX + minus)
		want = -ERANGE;
	FUZZ_CHECK(got == want);
	FUZZ_CHECK(p == (want ? text : text + minus + used));
	FUZZ_CHECK(value == (want ? 42 : strtoll(string, NULL, 10)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size), *string = malloc(size + 1);

	FUZZ_CHECK(string);
	if (size)
		memcpy(string, data, size);
	string[size] = '\0';
	check_unsigned(num_u64, 10, text, size, string);
	check_unsigned(num_hex64, 16, text, size, string);
	check_unsigned(num_oct64, 8, text, size, string);
	check_signed(text, size, string);
	free(string);
	free(text);
	return 0;
}
