/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers for people, in few columns. Without regard to the locale. Each writes at most CAP bytes with the NUL
 * (FMT_CAP always suffices; what does not fit is cut) and returns the length written.
 */
#ifndef UTIL_FMT_H
#define UTIL_FMT_H

#include <stddef.h>
#include <stdint.h>

enum { FMT_CAP = 16 };

/* Bytes, in powers of 1024, at most 6 columns. Below 1024: the plain number. Else the largest unit of K M G
 * T P E that leaves a mantissa of at least 1: below 10 with one decimal, else without, rounded half away
 * from zero. A mantissa that would be rounded to 10.0 becomes 10, one that would be rounded to 1024 becomes
 * 1.0 of the next unit. A negative number is its magnitude behind a '-'.
 * 0, 1023, 1.0K, 9.9M, 10M, 1023M, 1.0G, -512, -1023M, 8.0E */
size_t fmt_bytes(char *buf, size_t cap, int64_t bytes);

/* A duration given in nanoseconds, at most 6 columns (7 with a '-').
 *   below 1 min    ns, us, ms or s; a mantissa below 10 with one decimal (not for ns), rounded half away
 *                  from zero
 *   below 1 hour   minutes:seconds, as all longer forms cut, not rounded
 *   below 100 h    hours and minutes
 *   below 100 d    days and hours
 *   below 10000 d  days; beyond, years of 365 days
 * 0s, 999ns, 1.2us, 12ms, 3.4s, 59s, 1:02, 59:59, 2h03m, 99h59m, 4d04h, 100d, 292y */
size_t fmt_seconds(char *buf, size_t cap, int64_t ns);

/* A plain count, at most 5 columns (6 with a '-'). Below 10000: the plain number. Else three significant digits
 * in units of k M G T P E (powers of 1000), rounded half away from zero.
 * 0, 9999, 10.0k, 12.3k, 123k, 1.23M, 9.22E */
size_t fmt_count(char *buf, size_t cap, int64_t count);

/* NUMBER / 10^DECIMALS with all DECIMALS (0 to 18) places: fmt_decimal(-5, 1) is "-0.5". Returns as above. */
size_t fmt_decimal(char *buf, size_t cap, int64_t number, unsigned decimals);

#endif
