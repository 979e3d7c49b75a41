/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last minutes of chosen metrics, in a fixed amount of memory.
 *
 * A series is one metric of one process, of the machine or of a cgroup. Somebody wants it, and from then on
 * every snapshot adds a sample; when all series are taken, the one that nobody has wanted for the longest time
 * makes room.
 */
#ifndef TUI_HISTORY_H
#define TUI_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

/* x 4 bytes: 900 KiB, resident as far as series are in use. */
enum { HISTORY_SAMPLES = 600, HISTORY_SERIES = 384 };

struct history;

struct history *history_new(void);	/* NULL on ENOMEM */
void history_free(struct history *history);	/* NULL-safe */

/* KEY: process_key() for processes and threads, arrange_cgroup_key() for cgroups, 0 for the machine. METRIC
 * is of SCOPE and has a number (record_unit_is_text() is false). Cheap when it exists already. */
void history_want(struct history *history, enum scope scope, uint64_t key, const struct metric *metric);

/* One more sample of every series; absent values stay absent. A snapshot of the same boottime_ns as the
 * newest sample replaces it; one of an earlier time begins everything anew. */
void history_add(struct history *history, const struct snapshot *snapshot);

/* How many samples there are, at most HISTORY_SAMPLES, and when sample I (0 is the newest, I below the
 * count) was taken. */
size_t history_count(const struct history *history);
int64_t history_boottime_ns(const struct history *history, size_t i);

/* How many of the newest samples were taken since the series began, whether its value was absent in them or
 * not; 0 when there is no such series. */
size_t history_length(const struct history *history, enum scope scope, uint64_t key,
		      const struct metric *metric);

/* Sample I (0 is the newest) of a series, as the amount of a struct value; NAN when it was absent, before
 * the series began, or there is no such series. Changes since the series began are kept to 24 bits. */
double history_value(const struct history *history, enum scope scope, uint64_t key, const struct metric *metric,
		     size_t i);

/* All samples of a series at once: VALUES[I] for each I below the count; returns the count. */
size_t history_values(const struct history *history, enum scope scope, uint64_t key,
		      const struct metric *metric, double values[HISTORY_SAMPLES]);

#endif
