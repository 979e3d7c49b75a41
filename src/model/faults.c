/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/faults.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/rate.h"

static const struct {
	const char *key, *title, *help;
	bool accounted;
	enum process_metric count, rate, seconds;
} classes[FAULT_CLASSES] = {
#define FAULT_CLASS(id, key, title, accounted, help) \
	[FAULT_##id] = { key, title, help, accounted, PROC_FAULTS_##id, PROC_FAULT_RATE_##id, PROC_FAULT_SECONDS_##id },
#include "fault_classes.def"
#undef FAULT_CLASS
};

static const struct {
	const char *key, *help;
	enum process_metric count;
} memories[FAULT_MEMORIES] = {
#define FAULT_MEMORY(id, key, title, help) [FAULT_IN_##id] = { key, help, PROC_FAULTS_IN_##id },
#include "fault_memory.def"
#undef FAULT_MEMORY
};

const char *fault_class_key(enum fault_class class)
{
	return classes[class].key;
}

const char *fault_class_title(enum fault_class class)
{
	return classes[class].title;
}

const char *fault_class_help(enum fault_class class)
{
	return classes[class].help;
}

bool fault_class_is_accounted(enum fault_class class)
{
	return classes[class].accounted;
}

const char *fault_memory_key(enum fault_memory memory)
{
	return memories[memory].key;
}

const char *fault_memory_help(enum fault_memory memory)
{
	return memories[memory].help;
}

enum process_metric fault_metric_count(enum fault_class class)
{
	return classes[class].count;
}

enum process_metric fault_metric_rate(enum fault_class class)
{
	return classes[class].rate;
}

enum process_metric fault_metric_seconds(enum fault_class class)
{
	return classes[class].seconds;
}

enum process_metric fault_metric_memory(enum fault_memory memory)
{
	return memories[memory].count;
}

/* -- values of a process ---------------------------------------------------------------------------------- */

static struct fault_latencies *latencies_ref(struct fault_latencies *latencies)
{
	if (latencies)
		__atomic_add_fetch(&latencies->refs, 1, __ATOMIC_RELAXED);
	return latencies;
}

static void latencies_unref(struct fault_latencies *latencies)
{
	if (latencies && !__atomic_sub_fetch(&latencies->refs, 1, __ATOMIC_ACQ_REL))
		free(latencies);
}

struct fault_values *fault_values_new(const struct fault_values *template)
{
	struct fault_values *values = calloc(1, sizeof *values);

	if (!values)
		return NULL;
	if (template)
		*values = *template;
	values->refs = 1;
	latencies_ref(values->latencies);
	return values;
}

struct fault_values *fault_values_ref(struct fault_values *values)
{
	if (values)
		__atomic_add_fetch(&values->refs, 1, __ATOMIC_RELAXED);
	return values;
}

void fault_values_unref(struct fault_values *values)
{
	if (!values || __atomic_sub_fetch(&values->refs, 1, __ATOMIC_ACQ_REL))
		return;
	latencies_unref(values->latencies);
	free(values);
}

struct fault_values *fault_values_own(struct process *row)
{
	struct fault_values *shared = row->faults;

	if (!shared || __atomic_load_n(&shared->refs, __ATOMIC_ACQUIRE) == 1)
		return shared;
	row->faults = fault_values_new(shared);
	fault_values_unref(shared);
	return row->faults;
}

/* -- latencies -------------------------------------------------------------------------------------------- */

struct value fault_quantile(const uint64_t buckets[FAULT_BUCKETS], unsigned quantile, struct bounds *bounds)
{
	uint64_t count = 0, below = 0;
	double wanted;

	for (unsigned b = 0; b < FAULT_BUCKETS; b++)
		count += buckets[b];
	wanted = (double)count * quantile / 1000;
	for (unsigned b = 0; b < FAULT_BUCKETS; b++) {
		int64_t low = b ? INT64_C(1) << b : 0, high = INT64_C(2) << b;

		if (buckets[b] && (double)(below + buckets[b]) >= wanted) {
			double part = (wanted - (double)below) / (double)buckets[b];

			if (bounds)
				*bounds = (struct bounds){ low, b < FAULT_BUCKETS - 1 ? high : INT64_MAX };
			return (struct value){ low + (int64_t)((double)(high - low) * part), VALUE_ESTIMATED };
		}
		below += buckets[b];
	}
	return value_none(VALUE_NOT_APPLICABLE);
}

static void set_quantiles(struct fault_values *values, struct fault_latencies *latencies)
{
	uint64_t all[FAULT_BUCKETS] = { 0 };

	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		for (unsigned b = 0; b < FAULT_BUCKETS; b++)
			all[b] += latencies->buckets[c][b];
	fault_values_set(values, PROC_FAULT_P50, fault_quantile(all, FAULT_MEDIAN, &latencies->p50));
	fault_values_set(values, PROC_FAULT_P99, fault_quantile(all, FAULT_P99, &latencies->p99));
}

int fault_values_watch(struct fault_values *values, const uint64_t (*buckets)[FAULT_BUCKETS], bool whole)
{
	struct fault_latencies *latencies = buckets ? calloc(1, sizeof *latencies) : NULL;

	latencies_unref(values->latencies);
	values->latencies = latencies;
	fault_values_set(values, PROC_FAULT_P50, value_none(buckets ? VALUE_LOST : VALUE_SKIPPED));
	fault_values_set(values, PROC_FAULT_P99, value_none(buckets ? VALUE_LOST : VALUE_SKIPPED));
	if (!latencies)
		return buckets ? -ENOMEM : 0;
	latencies->refs = 1;
	latencies->whole = whole;
	memcpy(latencies->buckets, buckets, sizeof latencies->buckets);
	set_quantiles(values, latencies);
	return 0;
}

/* -- rates ------------------------------------------------------------------------------------------------ */

/* The derived metrics and what they derive from, one after the other. */
enum { RATES = FAULT_CLASSES + 2 };

struct rate {
	enum process_metric rate, counter;
	int64_t scale;
};

static struct rate rate_get(unsigned index)
{
	switch (index) {
	case FAULT_CLASSES: return (struct rate){ PROC_FAULTS_SEEN_RATE, PROC_FAULTS_SEEN, RATE_PER_SECOND };
	case FAULT_CLASSES + 1: return (struct rate){ PROC_FAULT_PERCENT, PROC_FAULT_SECONDS, RATE_PERCENT };
	default: return (struct rate){ classes[index].rate, classes[index].count, RATE_PER_SECOND };
	}
}

static struct value derive_rate(const struct process *before, const struct process *now, unsigned index,
				int64_t elapsed_ns)
{
	struct rate rate = rate_get(index);
	struct value then = before ? process_value(before, rate.counter) : value_none(VALUE_PENDING);

	return rate_of_counter(then, process_value(now, rate.counter), rate.scale, elapsed_ns);
}

void faults_derive(const struct process *before, struct process *now, int64_t elapsed_ns)
{
	if (!now->faults)
		return;
	for (unsigned i = 0; i < RATES; i++) {
		enum process_metric metric = rate_get(i).rate;
		struct value value = derive_rate(before, now, i, elapsed_ns), has = process_value(now, metric);

		if (value.amount == has.amount && value.status == has.status)
			continue;
		/* Without memory for it nothing is better than a false rate. */
		if (!fault_values_own(now))
			return;
		fault_values_set(now->faults, metric, value);
	}
}

void fault_machine_derive(const struct fault_machine *before, struct fault_machine *now, int64_t elapsed_ns)
{
	static const struct fault_machine none;		/* all PENDING */

	if (!before)
		before = &none;
	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		now->class[c].rate = rate_of_counter(before->class[c].count, now->class[c].count, RATE_PER_SECOND,
						     elapsed_ns);
		now->class[c].percent = rate_of_counter(before->class[c].ns, now->class[c].ns, RATE_PERCENT,
							elapsed_ns);
	}
	now->total_rate = rate_of_counter(before->total, now->total, RATE_PER_SECOND, elapsed_ns);
}
