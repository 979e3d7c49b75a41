/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/trace.h"

#include <math.h>

#include "out/record.h"

bool trace_can(const struct metric *metric)
{
	return !record_unit_is_text(metric->unit) && metric->kind != KIND_LABEL;
}

const struct metric *trace_metric(const struct metric *metric)
{
	if (metric->kind != KIND_COUNTER)
		return metric;
	switch (metric->unit) {
	case UNIT_SECONDS:
		return metric_get(SCOPE_PROCESS, PROC_CPU_PERCENT);
	case UNIT_BYTES:
		return metric_get(SCOPE_PROCESS, PROC_PSS_GROWTH);
	default:
		return metric_get(SCOPE_PROCESS, PROC_FAULT_RATE);
	}
}

/* What one unit of a counter's amount per second is in amounts of its rate: 1000 stand for 1 per second, a
 * second per second (10^9 amounts) is 100 %, or 100000. */
static double rate_factor(enum unit unit)
{
	return unit == UNIT_SECONDS ? 1e-4 : unit == UNIT_BYTES ? 1 : 1000;
}

/* From the newest on: the value before is still the counter's own. */
static void make_rates(struct trace *trace, const struct history *history, enum unit unit)
{
	for (size_t i = 0; i < trace->count; i++) {
		double seconds, counted;

		if (i + 1 == trace->count) {
			trace->values[i] = NAN;
			return;
		}
		seconds = (double)(history_boottime_ns(history, i) - history_boottime_ns(history, i + 1)) / 1e9;
		counted = trace->values[i] - trace->values[i + 1];
		trace->values[i] = counted >= 0 && seconds > 0 ? counted / seconds * rate_factor(unit) : NAN;
	}
}

void trace_load(struct trace *trace, const struct history *history, enum scope scope, uint64_t key,
		const struct metric *metric)
{
	trace->metric = trace_metric(metric);
	trace->count = history_values(history, scope, key, metric, trace->values);
	if (trace->metric != metric)
		make_rates(trace, history, metric->unit);
}

size_t trace_times(const struct history *history, int64_t times_ns[HISTORY_SAMPLES])
{
	size_t count = history_count(history);

	for (size_t i = 0; i < count; i++)
		times_ns[i] = history_boottime_ns(history, i);
	return count;
}

int64_t trace_gap_ns(int64_t interval_ns)
{
	return interval_ns > 1000000000 ? interval_ns * 4 : INT64_C(4000000000);
}
