/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/fmt.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* snprintf that returns what was really written. */
__attribute__((format(printf, 3, 4))) static size_t put(char *buf, size_t cap, const char *format, ...)
{
	va_list args;
	int len;

	if (!cap)
		return 0;
	va_start(args, format);
	len = vsnprintf(buf, cap, format, args);
	va_end(args);
	if (len < 0) {
		buf[0] = '\0';
		return 0;
	}
	return (size_t)len < cap ? (size_t)len : cap - 1;
}

static uint64_t magnitude(int64_t number)
{
	return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

/* NUMBER / DIVISOR, rounded half up, without overflow. */
static uint64_t divide_rounded(uint64_t number, uint64_t divisor)
{
	uint64_t rest = number % divisor;

	return number / divisor + (rest >= divisor - rest);
}

/* SIGN, then NUMBER with a point before the last DECIMALS digits, then SUFFIX: what a table of thousands of cells is made
 * of, and several times as fast as put(). */
static size_t put_fixed(char *buf, size_t cap, const char *sign, uint64_t number, unsigned decimals, const char *suffix)
{
	char text[48], *p = text + sizeof(text);
	size_t len = 0;

	for (size_t i = 0; suffix[i]; i++)
		len++;
	p -= len;
	for (size_t i = 0; i < len; i++)
		p[i] = suffix[i];
	for (unsigned digits = 0; number || digits <= decimals; digits++) {
		if (decimals && digits == decimals)
			*--p = '.';
		*--p = (char)('0' + number % 10);
		number /= 10;
	}
	if (*sign)
		*--p = *sign;
	len = (size_t)(text + sizeof(text) - p);
	if (!cap)
		return 0;
	if (len > cap - 1)
		len = cap - 1;
	for (size_t i = 0; i < len; i++)
		buf[i] = p[i];
	buf[len] = '\0';
	return len;
}

size_t fmt_decimal(char *buf, size_t cap, int64_t number, unsigned decimals)
{
	return put_fixed(buf, cap, number < 0 ? "-" : "", magnitude(number), decimals, "");
}

size_t fmt_bytes(char *buf, size_t cap, int64_t bytes)
{
	static const char units[] = "KMGTPE";
	const char *sign = bytes < 0 ? "-" : "";
	uint64_t n = magnitude(bytes);
	unsigned unit = 0;

	if (n < 1024)
		return put_fixed(buf, cap, sign, n, 0, "");
	while (unit < sizeof(units) - 2 && divide_rounded(n, UINT64_C(1) << 10 * (unit + 1)) >= 1024)
		unit++;

	uint64_t one = UINT64_C(1) << 10 * (unit + 1);
	const char suffix[] = { units[unit], '\0' };
	/* By parts, as ten times N might not fit. A carry from the unit below gives 10, never less. */
	uint64_t tenths = n / one * 10 + divide_rounded(n % one * 10, one);

	if (tenths < 100)
		return put_fixed(buf, cap, sign, tenths, 1, suffix);
	return put_fixed(buf, cap, sign, divide_rounded(n, one), 0, suffix);
}

/* Below a minute: the smallest unit in which the rounded number stays below the next one. */
static size_t put_short(char *buf, size_t cap, const char *sign, uint64_t ns)
{
	static const struct { uint64_t one, limit; const char *name; } units[] = {
		{ 1000, 1000, "us" }, { 1000000, 1000, "ms" }, { 1000000000, 60, "s" },
	};

	if (!ns)
		return put(buf, cap, "0s");
	if (ns < 1000)
		return put(buf, cap, "%s%" PRIu64 "ns", sign, ns);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t tenths = divide_rounded(ns, units[i].one / 10);
		uint64_t whole = divide_rounded(ns, units[i].one);

		if (whole >= units[i].limit)
			continue;
		if (tenths < 100)
			return put(buf, cap, "%s%" PRIu64 ".%" PRIu64 "%s", sign, tenths / 10, tenths % 10,
				   units[i].name);
		return put(buf, cap, "%s%" PRIu64 "%s", sign, whole, units[i].name);
	}
	return put(buf, cap, "%s1:00", sign);
}

size_t fmt_seconds(char *buf, size_t cap, int64_t ns)
{
	const char *sign = ns < 0 ? "-" : "";
	uint64_t n = magnitude(ns);
	uint64_t seconds = n / 1000000000;
	uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (!minutes)
		return put_short(buf, cap, sign, n);
	if (!hours)
		return put(buf, cap, "%s%" PRIu64 ":%02" PRIu64, sign, minutes, seconds % 60);
	if (hours < 100)
		return put(buf, cap, "%s%" PRIu64 "h%02" PRIu64 "m", sign, hours, minutes % 60);
	if (days < 100)
		return put(buf, cap, "%s%" PRIu64 "d%02" PRIu64 "h", sign, days, hours % 24);
	if (days < 10000)
		return put(buf, cap, "%s%" PRIu64 "d", sign, days);
	return put(buf, cap, "%s%" PRIu64 "y", sign, days / 365);
}

size_t fmt_count(char *buf, size_t cap, int64_t count)
{
	static const char units[] = "kMGTPE";
	const char *sign = count < 0 ? "-" : "";
	uint64_t n = magnitude(count), one = 1000;
	unsigned unit = 0;

	if (n < 10000)
		return put(buf, cap, "%s%" PRIu64, sign, n);
	while (unit < sizeof(units) - 2 && divide_rounded(n, one) >= 1000) {
		one *= 1000;
		unit++;
	}

	uint64_t hundredths = divide_rounded(n, one / 100), tenths = divide_rounded(n, one / 10);

	if (hundredths < 1000)
		return put(buf, cap, "%s%" PRIu64 ".%02" PRIu64 "%c", sign, hundredths / 100, hundredths % 100,
			   units[unit]);
	if (tenths < 1000)
		return put(buf, cap, "%s%" PRIu64 ".%" PRIu64 "%c", sign, tenths / 10, tenths % 10,
			   units[unit]);
	return put(buf, cap, "%s%" PRIu64 "%c", sign, divide_rounded(n, one), units[unit]);
}
