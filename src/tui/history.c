/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/arrange.h"
#include "model/find.h"

struct series {
	uint64_t key;
	const struct metric *metric;
	uint64_t since;		/* number of its first sample */
	uint64_t wanted;	/* when somebody last wanted it, in calls of history_want() */
	int64_t base;		/* what its values are relative to: the first amount */
	bool based;
	uint16_t slot;		/* row of the values */
};

/* Samples are numbered from 0 on without end; number N stands at N % HISTORY_SAMPLES. */
struct history {
	uint64_t samples;	/* the number of the next */
	uint64_t first;		/* the first of those that count */
	uint64_t wants;
	size_t series_count;
	struct series series
		[HISTORY_SERIES]; /* sorted by scope, key and metric, so that those of a row are neighbours */
	int64_t boottime_ns[HISTORY_SAMPLES];
	float values[HISTORY_SERIES][HISTORY_SAMPLES];
};

struct history *history_new(void)
{
	return calloc(1, sizeof(struct history));
}

void history_free(struct history *history)
{
	free(history);
}

/* -- series ----------------------------------------------------------------------------------------------- */

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare(const struct series *series, enum scope scope, uint64_t key, unsigned metric)
{
	int by = compare_u64(series->metric->scope, scope);

	by = by ? by : compare_u64(series->key, key);
	return by ? by : compare_u64(series->metric->index, metric);
}

/* The first series that is not before this one. */
static size_t lower_bound(const struct history *history, enum scope scope, uint64_t key, unsigned metric)
{
	size_t low = 0, high = history->series_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&history->series[middle], scope, key, metric) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct series *find(const struct history *history, enum scope scope, uint64_t key,
				 const struct metric *metric)
{
	size_t at = lower_bound(history, scope, key, metric->index);

	if (at == history->series_count || compare(&history->series[at], scope, key, metric->index))
		return NULL;
	return &history->series[at];
}

/* Takes out the series unwanted for the longest time; returns its slot. */
static uint16_t evict(struct history *history)
{
	size_t oldest = 0;
	uint16_t slot;

	for (size_t i = 1; i < history->series_count; i++)
		if (history->series[i].wanted < history->series[oldest].wanted)
			oldest = i;
	slot = history->series[oldest].slot;
	history->series_count--;
	memmove(&history->series[oldest], &history->series[oldest + 1],
		(history->series_count - oldest) * sizeof *history->series);
	return slot;
}

void history_want(struct history *history, enum scope scope, uint64_t key, const struct metric *metric)
{
	size_t at = lower_bound(history, scope, key, metric->index);
	struct series *series = &history->series[at];
	uint16_t slot;

	history->wants++;
	if (at < history->series_count && !compare(series, scope, key, metric->index)) {
		series->wanted = history->wants;
		return;
	}
	if (history->series_count == HISTORY_SERIES) {
		slot = evict(history);
		at = lower_bound(history, scope, key, metric->index);
		series = &history->series[at];
	} else {
		slot = (uint16_t)history->series_count;
	}
	memmove(series + 1, series, (history->series_count - at) * sizeof *series);
	history->series_count++;
	*series = (struct series){
		.key = key, .metric = metric, .since = history->samples, .wanted = history->wants, .slot = slot
	};
}

/* -- samples ---------------------------------------------------------------------------------------------- */

static bool same_row(const struct series *a, const struct series *b)
{
	return a->key == b->key && a->metric->scope == b->metric->scope;
}

static float *newest(struct history *history, const struct series *series)
{
	return &history->values[series->slot][(history->samples - 1) % HISTORY_SAMPLES];
}

/* The newest sample of the series from AT on that are of the same row. */
static void add_row(struct history *history, size_t at, const int64_t *amounts, const uint8_t *statuses)
{
	const struct series *first = &history->series[at];

	for (; at < history->series_count && same_row(&history->series[at], first); at++) {
		struct series *series = &history->series[at];
		unsigned index = series->metric->index;

		if (!value_has_amount(statuses[index]))
			continue;
		if (!series->based)
			series->base = amounts[index];
		series->based = true;
		*newest(history, series) = (float)((double)amounts[index] - (double)series->base);
	}
}

/* As above for rows that are not found by their key: each looks whether there are series of it. */
static void add_if_wanted(struct history *history, enum scope scope, uint64_t key, const int64_t *amounts,
			  const uint8_t *statuses)
{
	size_t at = lower_bound(history, scope, key, 0);

	if (at < history->series_count && history->series[at].metric->scope == scope &&
	    history->series[at].key == key)
		add_row(history, at, amounts, statuses);
}

static bool key_is_thread(uint64_t key)
{
	return key >> 63;
}

static void add_all(struct history *history, const struct snapshot *snapshot)
{
	bool threads = false, cgroups = false;

	for (size_t i = 0; i < history->series_count; i++) {
		const struct series *series = &history->series[i];
		const struct process *process;

		if (i && same_row(series, series - 1))
			continue;
		threads |= series->metric->scope == SCOPE_PROCESS && key_is_thread(series->key);
		cgroups |= series->metric->scope == SCOPE_CGROUP;
		if (series->metric->scope == SCOPE_SYSTEM) {
			add_row(history, i, snapshot->system_amount, snapshot->system_status);
		} else if (series->metric->scope == SCOPE_PROCESS && !key_is_thread(series->key)) {
			process = find_process(snapshot, series->key);
			if (process)
				add_row(history, i, process->amount, process->status);
		}
	}
	for (size_t i = 0; threads && i < snapshot->thread_count; i++) {
		const struct process *thread = &snapshot->threads[i];

		add_if_wanted(history, SCOPE_PROCESS, process_key(thread), thread->amount, thread->status);
	}
	for (size_t i = 0; cgroups && i < snapshot->cgroup_count; i++) {
		const struct cgroup *cgroup = &snapshot->cgroups[i];

		add_if_wanted(history, SCOPE_CGROUP, arrange_cgroup_key(cgroup->path->s), cgroup->amount,
			      cgroup->status);
	}
}

static void begin_anew(struct history *history)
{
	history->first = history->samples;
	for (size_t i = 0; i < history->series_count; i++)
		history->series[i].since = history->samples;
}

void history_add(struct history *history, const struct snapshot *snapshot)
{
	bool any = history->samples > history->first;
	int64_t last_ns = any ? history_boottime_ns(history, 0) : 0;

	if (any && snapshot->boottime_ns < last_ns)
		begin_anew(history);
	if (!any || snapshot->boottime_ns != last_ns)
		history->samples++;
	history->boottime_ns[(history->samples - 1) % HISTORY_SAMPLES] = snapshot->boottime_ns;
	for (size_t i = 0; i < history->series_count; i++) {
		struct series *series = &history->series[i];

		if (series->since == history->samples)	/* wanted since the sample that is replaced */
			series->since--;
		*newest(history, series) = NAN;
	}
	add_all(history, snapshot);
}

/* -- reading ---------------------------------------------------------------------------------------------- */

size_t history_count(const struct history *history)
{
	uint64_t count = history->samples - history->first;

	return count < HISTORY_SAMPLES ? (size_t)count : HISTORY_SAMPLES;
}

int64_t history_boottime_ns(const struct history *history, size_t i)
{
	return history->boottime_ns[(history->samples - 1 - i) % HISTORY_SAMPLES];
}

static size_t length(const struct history *history, const struct series *series)
{
	uint64_t since = history->samples - series->since;
	size_t count = history_count(history);

	return since < count ? (size_t)since : count;
}

static double value_at(const struct history *history, const struct series *series, size_t i)
{
	return (double)series->base +
	       (double)history->values[series->slot][(history->samples - 1 - i) % HISTORY_SAMPLES];
}

size_t history_length(const struct history *history, enum scope scope, uint64_t key,
		      const struct metric *metric)
{
	const struct series *series = find(history, scope, key, metric);

	return series ? length(history, series) : 0;
}

double history_value(const struct history *history, enum scope scope, uint64_t key, const struct metric *metric,
		     size_t i)
{
	const struct series *series = find(history, scope, key, metric);

	return series && i < length(history, series) ? value_at(history, series, i) : NAN;
}

size_t history_values(const struct history *history, enum scope scope, uint64_t key,
		      const struct metric *metric, double values[HISTORY_SAMPLES])
{
	const struct series *series = find(history, scope, key, metric);
	size_t count = history_count(history), known = series ? length(history, series) : 0;

	for (size_t i = 0; i < count; i++)
		values[i] = i < known ? value_at(history, series, i) : NAN;
	return count;
}
