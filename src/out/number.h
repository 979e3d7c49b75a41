/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and times as machine formats write them: exact, in base units, without regard to the locale. */
#ifndef OUT_NUMBER_H
#define OUT_NUMBER_H

#include <stdint.h>

#include "model/metric.h"
#include "util/buf.h"

/* Appends AMOUNT / 10^DIGITS as a decimal, DIGITS 1 to 18: no exponent, no trailing zeros, every digit kept. */
void number_decimal(struct buf *out, int64_t amount, unsigned digits);

/* Appends an amount in the unit's outward form: nanoseconds as seconds, thousandths as decimals, else as is. */
void number_amount(struct buf *out, enum unit unit, int64_t amount);

/* Appends nanoseconds since the epoch as RFC 3339 in UTC with nine decimals: 2025-11-21T03:57:00.000000000Z.
 * Every value has a date: INT64_MIN is in 1677, INT64_MAX in 2262. */
void number_time(struct buf *out, int64_t real_ns);

#endif
