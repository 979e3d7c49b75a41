/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a snapshot to the lines of a list: which rows, in which order, grouped how, with which totals. What every view of
 * processes shares, in batch and in the TUI.
 */
#ifndef MODEL_ARRANGE_H
#define MODEL_ARRANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/select.h"
#include "model/snapshot.h"
#include "util/keyset.h"

enum grouping {
	GROUPING_NONE,
	GROUPING_TREE,		/* children below their parent */
	GROUPING_CGROUP,	/* processes below the path of their cgroup */
	GROUPING_COUNT
};

enum row_kind {
	ROW_PROCESS,
	ROW_THREAD,		/* right below its process, whatever the grouping */
	ROW_EXITED,
	ROW_CGROUP
};

enum { TOTAL_MAX = 112 };	/* at least as many as there are metrics with METRIC_SUM; asserted */

/*
 * Sums over processes. Slots are those of arrange_total_slot(). An amount is OK when every known part of it is OK,
 * ESTIMATED when a part is ESTIMATED or STALE; PENDING, DENIED, ... when none has an amount; NOT_APPLICABLE when it has no
 * meaning for any of them, or it is of a probe that no process has values of.
 */
struct total {
	int64_t amount[TOTAL_MAX];
	uint8_t status[TOTAL_MAX];	/* enum value_status */
	uint32_t missing[TOTAL_MAX];	/* processes whose part should be in it and is not known: it is a lower bound */
	uint32_t processes;
	bool has_faults;	/* some process has values of the fault probe, else their slots are not used */
};

enum { ROW_NO_TOTAL = UINT32_MAX, ROW_NO_INDEX = UINT32_MAX };

struct row {
	uint64_t key;		/* process_key(), or arrange_cgroup_key() */
	uint32_t index;		/* of snapshot_row(); of a cgroup: in snapshot->cgroups, ROW_NO_INDEX when it has no record there */
	uint32_t text;		/* of a cgroup: snapshot_row() index of one of its processes, for its path */
	uint32_t total;		/* in arrangement.totals: over itself and all shown below it; ROW_NO_TOTAL without children */
	uint32_t branches;	/* tree lines: bit D is set when the ancestor at depth D (or the row itself, D = depth) has a later
				 * sibling; depths above 31 are drawn as 31 */
	uint16_t depth;		/* 0 at the top */
	uint8_t kind;		/* enum row_kind */
	bool folded;		/* what is below it is left out of the rows, though not out of the totals */
};

struct arrange_config {
	struct selection selection;
	enum grouping grouping;
	bool threads;			/* rows for the threads in the snapshot */
	bool exited;			/* rows for processes that ended a moment ago */
	const struct keyset *folded;	/* keys of rows whose children are left out; NULL for none */
	bool fold_all;			/* folded means unfolded: all are folded but those */
};

/* Starts zeroed; its memory is used again by the next arrange(). */
struct arrangement {
	struct row *rows;
	size_t row_count, row_capacity;
	struct total *totals;
	size_t total_count, total_capacity;
	struct total shown;		/* over the selected processes, folded ones included; exited ones and threads not */
	struct total all;		/* over all processes of the snapshot */
	void *scratch;			/* arrange.c's own */
};

/*
 * Fills ARRANGEMENT. Siblings are in the order of the selection; where the sort metric adds up, groups and subtrees are
 * ordered by their totals, and cgroups that no total tells apart by path. In a tree, a process whose parent is not
 * selected moves up to its nearest selected ancestor; cycles in ppid (a captured tree may have them) are cut. 0 or -ENOMEM
 * (then it is empty).
 */
int arrange(struct arrangement *arrangement, const struct snapshot *snapshot, const struct arrange_config *config);
void arrangement_free(struct arrangement *arrangement);

/* Slot of METRIC in struct total, or -1 when it does not add up. */
int arrange_total_slot(const struct metric *metric);
struct value arrange_total(const struct total *total, const struct metric *metric);	/* ALONE metrics: NOT_APPLICABLE */

/* Key of a cgroup's row; differs from every process_key(). */
uint64_t arrange_cgroup_key(const char *path);

/* The row's cgroup path. ROW is of kind ROW_CGROUP. Never NULL: "" when unknown. */
const char *arrange_cgroup_path(const struct snapshot *snapshot, const struct row *row);

/* First row with KEY, or SIZE_MAX. */
size_t arrange_find(const struct arrangement *arrangement, uint64_t key);

#endif
