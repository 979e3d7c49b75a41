/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/rate.h"

int64_t rate_scale(int64_t amount, int64_t scale, int64_t elapsed)
{
	__int128 result = (__int128)amount * scale / elapsed;

	return result > INT64_MAX ? INT64_MAX : result < INT64_MIN ? INT64_MIN : (int64_t)result;
}

struct value rate_of_counter(struct value before, struct value now, int64_t scale, int64_t elapsed_ns)
{
	if (!value_has_amount(now.status))
		return value_none(now.status);
	if (!value_has_amount(before.status) || now.amount < before.amount || elapsed_ns <= 0)
		return value_none(VALUE_PENDING);
	return value_ok(rate_scale(now.amount - before.amount, scale, elapsed_ns));
}
