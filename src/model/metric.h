/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The metric table: the one source of truth about what memtide can show.
 *
 * Column titles, help texts, field lists, sort keys, JSON and CSV names, OpenMetrics TYPE and HELP, and the
 * field sections of the manual pages all come from here. Adding a metric is one row in a metrics_*.def file
 * plus the code that reads it.
 */
#ifndef MODEL_METRIC_H
#define MODEL_METRIC_H

#include <stddef.h>
#include <stdint.h>

enum scope {
	SCOPE_PROCESS,
	SCOPE_SYSTEM,
	SCOPE_CGROUP,
	SCOPE_COUNT
};

enum unit {
	UNIT_NONE,	/* a plain count or number */
	UNIT_BYTES,
	UNIT_SECONDS,	/* amount in nanoseconds */
	UNIT_PERCENT,	/* amount in 1/1000 percent */
	UNIT_RATIO,	/* amount in 1/1000 */
	UNIT_PER_SECOND,/* amount in 1/1000 per second */
	UNIT_BYTES_PER_SECOND,
	UNIT_STATE,	/* amount is a character: process state letter */
	UNIT_POLICY,	/* amount is a SCHED_* number */
	UNIT_TEXT,	/* no amount: a text slot of the record */
	UNIT_COUNT
};

enum kind {
	KIND_GAUGE,	/* goes up and down */
	KIND_COUNTER,	/* only grows while its subject lives; key ends in _total */
	KIND_LABEL,	/* identity or description, not a measurement */
	KIND_DERIVED	/* computed from two snapshots by derive.c; a gauge to the outside */
};

/* Whether values of several processes add up to what they have together. */
enum metric_sum { METRIC_ALONE, METRIC_SUM };

/* What a reading costs: the sampler reads a group only when a wanted metric needs it. */
enum need {
	NEED_CORE	= 1 << 0,	/* task iterator, or stat + statm; always read */
	NEED_STATUS	= 1 << 1,	/* RSS by kind: /proc/PID/status of processes that moved, without the iterator */
	NEED_ROLLUP	= 1 << 2,	/* /proc/PID/smaps_rollup, change-driven */
	NEED_CMDLINE	= 1 << 3,
	NEED_CGROUP	= 1 << 4,	/* /proc/PID/cgroup */
	NEED_OOM	= 1 << 5,	/* /proc/PID/oom_score */
	NEED_USER	= 1 << 6,	/* user database */
	NEED_SYSTEM	= 1 << 7,	/* the system record */
	NEED_CGROUPS	= 1 << 8,	/* cgroup records */
	NEED_DETAIL	= 1 << 9,	/* status fields that move without RSS or faults moving: read every time */
	NEED_THREADS	= 1 << 10,	/* rows for the threads of processes that have several */
	NEED_FAULTS	= 1 << 11,	/* the fault probe */
};

struct metric {
	const char *key;	/* persisted identity: "pss_bytes" */
	const char *title;	/* column title, also accepted as a name (case-insensitive): "PSS" */
	const char *help;	/* one sentence, no final stop */
	const char *source;	/* kernel file and field */
	enum scope scope;
	enum unit unit;
	enum kind kind;
	enum metric_sum sum;
	unsigned need;		/* enum need bits */
	unsigned width;		/* column width in the table */
	unsigned index;		/* slot in the record of its scope */
};

/* Slots of each scope, in table order: PROC_PSS, SYS_MEM_TOTAL, CG_CURRENT, ... */
enum process_metric {
#define PROCESS(id, ...) PROC_##id,
#include "model/metrics_process.def"
	PROC_STORED,	/* those before are in struct process itself, those from here on in its struct fault_values */
	PROC_STORED_LESS_ONE = PROC_STORED - 1,
#include "model/metrics_faults.def"
#undef PROCESS
	PROC_COUNT
};

enum system_metric {
#define SYSTEM(id, ...) SYS_##id,
#include "model/metrics_system.def"
#undef SYSTEM
	SYS_COUNT
};

enum cgroup_metric {
#define CGROUP(id, ...) CG_##id,
#include "model/metrics_cgroup.def"
#undef CGROUP
	CG_COUNT
};

/* The metric in slot INDEX of SCOPE; INDEX must be below metric_count(SCOPE). Static storage. */
const struct metric *metric_get(enum scope scope, unsigned index);

unsigned metric_count(enum scope scope);

/* By key, or by title without regard to case, or by key less its unit suffix ("pss"); NULL when unknown. */
const struct metric *metric_find(enum scope scope, const char *name, size_t len);

/* "process", "system", "cgroup". */
const char *metric_scope_name(enum scope scope);

/* "gauge", "counter", "label", "derived". */
const char *metric_kind_name(enum kind kind);

/* "bytes", "seconds", ... empty for a plain number. */
const char *metric_unit_name(enum unit unit);

#endif
