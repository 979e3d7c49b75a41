/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which numbers stand beside a plot. */
#include <math.h>

#include "tui/plot.h"

/* Half of what would fit, as steps go beyond, and a quarter for the difference of two. */
static const double amount_max = 2e18;

static bool is_binary(const struct metric *metric)
{
	return metric->unit == UNIT_BYTES || metric->unit == UNIT_BYTES_PER_SECOND;
}

/* The smallest step whose labels differ: one decimal of what is kept in thousandths. */
static int64_t smallest_step(const struct metric *metric)
{
	switch (metric->unit) {
	case UNIT_PERCENT:
	case UNIT_PER_SECOND:
		return 100;
	case UNIT_RATIO:
		return 10;
	default:
		return 1;
	}
}

/* 1, 2, 4, 8, ... or 1, 2, 5, 10, 20, ... */
static int64_t next_step(int64_t step, bool binary, unsigned i)
{
	return binary || i % 3 != 1 ? step * 2 : step / 2 * 5;
}

static double clamp(double value)
{
	return value < -amount_max ? -amount_max : value > amount_max ? amount_max : value;
}

struct plot_axis plot_axis(const struct metric *metric, double low, double high, int steps)
{
	struct plot_axis axis = { .step = smallest_step(metric) };

	low = clamp(low);
	high = clamp(high);
	for (unsigned i = 0;; i++) {
		double step = (double)axis.step;
		double from = floor(low / step), to = ceil(high / step);

		if (to <= from)
			to = from + 1;
		if (to - from <= steps || step > amount_max) {
			axis.low = (int64_t)(from * step);
			axis.high = (int64_t)(to * step);
			return axis;
		}
		axis.step = next_step(axis.step, is_binary(metric), i);
	}
}
