/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/fault_stats.h"

#include <stdlib.h>
#include <string.h>

enum { PERCENT_SCALE = 100000 };

const char *fault_class_name(unsigned class)
{
	return class < FAULT_CLASSES ? fault_class_key((enum fault_class) class) : "all";
}

/* -- values ----------------------------------------------------------------------------------------------- */

/* PART x SCALE / WHOLE, where both have an amount and the whole is not 0. */
static struct value ratio(struct value part, struct value whole, int64_t scale)
{
	__int128 result;

	if (!value_has_amount(part.status))
		return value_none(part.status);
	if (!value_has_amount(whole.status))
		return value_none(whole.status);
	if (!whole.amount)
		return value_none(VALUE_NOT_APPLICABLE);
	result = (__int128)part.amount * scale / whole.amount;
	return (struct value){ result > INT64_MAX ? INT64_MAX : (int64_t)result, part.status };
}

/* A sum has the amounts that there are; without any it keeps the status of the first. */
static void add(struct value *sum, struct value part)
{
	if (!value_has_amount(part.status))
		return;
	if (!value_has_amount(sum->status))
		*sum = value_ok(0);
	sum->amount += part.amount;
}

/* Of all classes when CLASS is FAULT_ALL: the accounted ones. */
static void sum_buckets(uint64_t sum[FAULT_BUCKETS], const uint64_t buckets[FAULT_CLASSES][FAULT_BUCKETS],
			unsigned class)
{
	memset(sum, 0, FAULT_BUCKETS * sizeof *sum);
	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		if (class == FAULT_ALL ? !fault_class_is_accounted((enum fault_class)c) : c != class)
			continue;
		for (unsigned b = 0; b < FAULT_BUCKETS; b++)
			sum[b] += buckets[c][b];
	}
}

static struct value longest(const uint64_t buckets[FAULT_BUCKETS])
{
	for (unsigned b = FAULT_BUCKETS; b-- > 0;)
		if (buckets[b])
			return (struct value){ INT64_C(2) << b, VALUE_ESTIMATED };
	return value_none(VALUE_NOT_APPLICABLE);
}

/* What follows from latencies; without any (NULL) it is as known as the time is. */
static void fill_quantiles(struct fault_stats *stats, const uint64_t (*buckets)[FAULT_BUCKETS], unsigned class)
{
	struct value *value = stats->value, time = value[FAULT_COLUMN_TIME];
	uint64_t sum[FAULT_BUCKETS];

	if (!buckets || !value_has_amount(time.status)) {
		value[FAULT_COLUMN_P50] = value[FAULT_COLUMN_P99] = value[FAULT_COLUMN_MAX] =
			value_none(value_has_amount(time.status) ? VALUE_PENDING : time.status);
		return;
	}
	sum_buckets(sum, buckets, class);
	value[FAULT_COLUMN_MAX] = longest(sum);
	value[FAULT_COLUMN_P50] = fault_quantile(sum, FAULT_MEDIAN, NULL);
	value[FAULT_COLUMN_P99] = fault_quantile(sum, FAULT_P99, NULL);
}

static void fill_ratios(struct fault_stats *stats, struct value all, unsigned class)
{
	bool accounted = class == FAULT_ALL || fault_class_is_accounted((enum fault_class) class);

	stats->value[FAULT_COLUMN_CLASS] = value_none(VALUE_NOT_APPLICABLE);
	stats->value[FAULT_COLUMN_SHARE] = accounted
						   ? ratio(stats->value[FAULT_COLUMN_COUNT], all, PERCENT_SCALE)
						   : value_none(VALUE_NOT_APPLICABLE);
	stats->value[FAULT_COLUMN_MEAN] =
		ratio(stats->value[FAULT_COLUMN_TIME], stats->value[FAULT_COLUMN_COUNT], 1);
}

void fault_stats_machine(struct fault_stats *stats, const struct fault_machine *machine, unsigned class)
{
	struct value *value = stats->value;

	if (class < FAULT_CLASSES) {
		value[FAULT_COLUMN_COUNT] = machine->class[class].count;
		value[FAULT_COLUMN_RATE] = machine->class[class].rate;
		value[FAULT_COLUMN_TIME] = machine->class[class].ns;
		value[FAULT_COLUMN_WALL] = machine->class[class].percent;
	} else {
		value[FAULT_COLUMN_COUNT] = machine->total;
		value[FAULT_COLUMN_RATE] = machine->total_rate;
		value[FAULT_COLUMN_TIME] = machine->class[0].ns;
		value[FAULT_COLUMN_WALL] = machine->class[0].percent;
		for (unsigned c = 1; c < FAULT_CLASSES; c++) {
			if (!fault_class_is_accounted((enum fault_class)c))
				continue;
			add(&value[FAULT_COLUMN_TIME], machine->class[c].ns);
			add(&value[FAULT_COLUMN_WALL], machine->class[c].percent);
		}
	}
	fill_ratios(stats, machine->total, class);
	fill_quantiles(stats, machine->has_buckets ? machine->buckets : NULL, class);
	if (class == FAULT_ALL && value_has_amount(machine->max_ns.status))
		value[FAULT_COLUMN_MAX] = machine->max_ns;
}

void fault_stats_process(struct fault_stats *stats, const struct process *process, unsigned class)
{
	const struct fault_latencies *latencies = process->faults ? process->faults->latencies : NULL;
	struct value *value = stats->value;

	if (class < FAULT_CLASSES) {
		value[FAULT_COLUMN_COUNT] =
			process_value(process, fault_metric_count((enum fault_class) class));
		value[FAULT_COLUMN_RATE] = process_value(process, fault_metric_rate((enum fault_class) class));
		value[FAULT_COLUMN_TIME] =
			process_value(process, fault_metric_seconds((enum fault_class) class));
		value[FAULT_COLUMN_WALL] = value_none(VALUE_UNSUPPORTED);
	} else {
		value[FAULT_COLUMN_COUNT] = process_value(process, PROC_FAULTS_SEEN);
		value[FAULT_COLUMN_RATE] = process_value(process, PROC_FAULTS_SEEN_RATE);
		/* Of the accounted classes, as the count is. */
		value[FAULT_COLUMN_TIME] = process_value(process, fault_metric_seconds(0));
		for (unsigned c = 1; c < FAULT_CLASSES; c++)
			if (fault_class_is_accounted((enum fault_class)c))
				add(&value[FAULT_COLUMN_TIME],
				    process_value(process, fault_metric_seconds((enum fault_class)c)));
		value[FAULT_COLUMN_WALL] = process_value(process, PROC_FAULT_PERCENT);
	}
	fill_ratios(stats, process_value(process, PROC_FAULTS_SEEN), class);
	fill_quantiles(stats, latencies ? latencies->buckets : NULL, class);
	if (class == FAULT_ALL && value_has_amount(process_value(process, PROC_FAULT_MAX).status))
		value[FAULT_COLUMN_MAX] = process_value(process, PROC_FAULT_MAX);
}

static int compare_values(struct value a, struct value b, bool ascending)
{
	bool a_known = value_has_amount(a.status), b_known = value_has_amount(b.status);

	if (a_known != b_known)
		return a_known ? 1 : -1;
	if (!a_known || a.amount == b.amount)
		return 0;
	return (a.amount > b.amount) != ascending ? 1 : -1;
}

int fault_stats_compare(const struct fault_stats *a, unsigned class_a, const struct fault_stats *b,
			unsigned class_b, enum fault_column by, bool ascending)
{
	int order = compare_values(a->value[by], b->value[by], ascending);

	if (by == FAULT_COLUMN_CLASS) {
		order = strcmp(fault_class_name(class_b), fault_class_name(class_a));
		return ascending ? order : -order;
	}
	/* Those of the same rate, which is 0 for most, by how many there were. */
	if (!order)
		order = compare_values(a->value[FAULT_COLUMN_COUNT], b->value[FAULT_COLUMN_COUNT], false);
	return order ? order : (class_b > class_a) - (class_b < class_a);
}

static int compare_memories(const void *left, const void *right, void *context)
{
	const struct value *count = context;
	uint8_t l = *(const uint8_t *)left, r = *(const uint8_t *)right;
	int order = compare_values(count[r], count[l], false);

	return order ? order : (l > r) - (l < r);
}

unsigned fault_memory_order(uint8_t order[FAULT_MEMORIES], const struct value count[FAULT_MEMORIES])
{
	struct value amounts[FAULT_MEMORIES];
	unsigned some = 0;

	memcpy(amounts, count, sizeof amounts);
	for (unsigned m = 0; m < FAULT_MEMORIES; m++)
		if (value_has_amount(count[m].status) && count[m].amount)
			order[some++] = (uint8_t)m;
	qsort_r(order, some, sizeof *order, compare_memories, amounts);
	return some;
}
