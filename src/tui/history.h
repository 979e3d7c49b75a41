/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last minutes of chosen metrics, in a fixed amount of memory.
 *
 * A series is one metric of one process, of the machine or of a cgroup. Somebody wants it, and from then on every snapshot adds a
 * sample; when all series are taken, the one that nobody has wanted for the longest time makes room.
 */
#ifndef TUI_HISTORY_H
#define TUI_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

enum { HISTORY_SAMPLES = 600, HISTORY_SERIES = 384 };	/* x 4 bytes: 900 KiB */

struct history;

struct history *history_new(void);	/* NULL on ENOMEM */
void history_free(struct history *history);

/* KEY: process_key() for processes, arrange_cgroup_key() for cgroups, 0 for the machine. Cheap when it exists already. */
void history_want(struct history *history, enum scope scope, uint64_t key, const struct metric *metric);

/* One more sample of every series; absent values stay absent. Snapshots of the same boottime_ns are one sample. */
void history_add(struct history *history, const struct snapshot *snapshot);

/* How many samples there are, at most HISTORY_SAMPLES, and when sample I (0 is the newest) was taken. */
size_t history_count(const struct history *history);
int64_t history_boottime_ns(const struct history *history, size_t i);

/* Sample I (0 is the newest) of a series in its metric's unit; NAN when it was absent, before the series began, or there is no
 * such series. */
double history_value(const struct history *history, enum scope scope, uint64_t key, const struct metric *metric, size_t i);

#endif
