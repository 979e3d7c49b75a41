/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "histogram.h"

/* Below HISTOGRAM_STEPS a bucket a value; above, the five bits after the leading one choose the step. */
static unsigned bucket_of(uint64_t value)
{
	unsigned exponent;

	if (value < HISTOGRAM_STEPS)
		return (unsigned)value;
	exponent = 63 - (unsigned)__builtin_clzll(value);
	return (exponent - 4) * HISTOGRAM_STEPS + (unsigned)(value >> (exponent - 5)) - HISTOGRAM_STEPS;
}

static uint64_t bucket_last(unsigned bucket)
{
	unsigned exponent = bucket / HISTOGRAM_STEPS + 4;
	uint64_t step = bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS;

	if (bucket < HISTOGRAM_STEPS)
		return bucket;
	return ((step + 1) << (exponent - 5)) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->buckets[bucket_of(value)]++;
	histogram->count++;
	if (value > histogram->max)
		histogram->max = value;
}

uint64_t histogram_quantile(const struct histogram *histogram, unsigned per_mille)
{
	uint64_t rank = (histogram->count * per_mille + 999) / 1000, seen = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS && rank; i++) {
		seen += histogram->buckets[i];
		if (seen >= rank)
			return bucket_last(i) < histogram->max ? bucket_last(i) : histogram->max;
	}
	return 0;
}
