/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A log-linear histogram of nanoseconds: each power of two in 32 equal steps, so a quantile is at most 3.2 %
 * high. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_STEPS = 32, HISTOGRAM_BUCKETS = 64 * HISTOGRAM_STEPS };

struct histogram {
	uint64_t count, max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* The upper edge of the bucket that holds the value of rank ceil(PER_MILLE / 1000 * count), at most the
 * maximum; 0 when empty. */
uint64_t histogram_quantile(const struct histogram *histogram, unsigned per_mille);

#endif
