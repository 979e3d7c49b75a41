/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A series of the history as it is drawn: counters as what they count per second. */
#ifndef TUI_TRACE_H
#define TUI_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "model/metric.h"
#include "tui/history.h"

struct trace {
	const struct metric *metric;	/* in whose unit the values are */
	size_t count;
	double values[HISTORY_SAMPLES];	/* newest first; NAN where absent */
};

/* Whose values a trace of METRIC has: of a counter those of another metric, of a rate. */
const struct metric *trace_metric(const struct metric *metric);

/* False for texts: there is nothing to draw. */
bool trace_can(const struct metric *metric);

void trace_load(struct trace *trace, const struct history *history, enum scope scope, uint64_t key,
		const struct metric *metric);

/* When the samples were taken, newest first; returns their number. */
size_t trace_times(const struct history *history, int64_t times_ns[HISTORY_SAMPLES]);

/* A sensible bound for the time between samples that belong together, when they are INTERVAL_NS apart. */
int64_t trace_gap_ns(int64_t interval_ns);

#endif
