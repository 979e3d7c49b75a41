/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes memtide follows from sample to sample, and what it remembers of each.
 *
 * A process is pid + start time. The table is kept in the order of the scan (by pid), so that following it is
 * a merge of two sorted lists.
 */
#ifndef SAMPLER_TRACK_H
#define SAMPLER_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"
#include "parse/process.h"
#include "sampler/share.h"
#include "source/task.h"

enum { ERROR_RATIO_ONE = 256 };

/* What happened at the last attempt to read PSS. */
enum pss_verdict {
	PSS_NEVER,		/* not tried yet */
	PSS_EXACT,		/* exact.smaps is a reading of the present image */
	PSS_REFUSED,		/* EACCES: will not change while uid and image stay */
	PSS_FAILED,		/* any other error: see exact.error */
};

/* The counters that tell whether a process's own memory moved: all of them are in the scan. */
struct signature {
	int64_t rss[SHARE_KINDS];	/* by kind, bytes */
	uint64_t faults;		/* minor + major */
	int64_t swap_bytes;
};

struct exact {
	struct parse_smaps smaps;
	struct signature signature;	/* of the scan before the reading */
	int64_t at_ns;			/* CLOCK_BOOTTIME at the end of the reading; 0 when there is none */
	int64_t wall_ns;		/* how long it took */
	int error;			/* errno of a PSS_FAILED */
};

struct tracked {
	struct task_sample task;	/* of the latest scan */
	struct signature signature, previous_signature;
	bool initial;			/* was there in the first scan: the first pass covers it */
	bool is_new;			/* first seen in the latest scan */
	bool execed;			/* image changed in the latest scan */
	bool stirred;			/* RSS or faults differ from the scan before, or there was none */
	bool protected;			/* real-time, or --pss-skip: not read unless asked */
	bool over_limit;		/* the stall limit forbade the latest due read */
	bool want_exact;		/* asked for by the user: read once, whatever the limits say */
	bool watched;			/* somebody looks at it closely: everything is read of it, whatever the needs */
	bool had_kinds;			/* RSS by kind was known in the scan before */
	int status_error;		/* errno of the last read of /proc/PID/status, 0 for none */
	enum pss_verdict verdict;
	struct exact exact;
	struct share_owner share;
	uint64_t layout;		/* of the maps last read: changes with every mapping */
	int64_t maps_at_ns;		/* when maps was last read; 0 for never */
	int64_t maps_rss;		/* file and shared-memory RSS at that time, bytes */
	int64_t age_due_ns;		/* CLOCK_BOOTTIME at which the reading is too old */
	uint32_t error_ratio;		/* learnt: error of the estimate per byte its own memory moved, in 1/256 */
	uint32_t page_cost_ps;		/* learnt picoseconds per base page mapped; 0 for not yet */
	int64_t page_cost_pages;	/* length of the walk it was learnt from */
	int64_t not_before_ns;		/* CLOCK_BOOTTIME: pause between two reads of one process */
	int64_t threads_checked_ns;	/* when the policies of all threads were last looked at */
	int64_t realtime_until_ns;	/* that look found a real-time thread, and holds until then */

	struct text *text[TEXT_COUNT];
	int64_t text_read_ns[TEXT_COUNT];	/* CLOCK_BOOTTIME of the last read; 0 for never */
	uint8_t text_status[TEXT_COUNT];	/* enum value_status */
};

struct track {
	struct tracked **list;		/* sorted by pid */
	size_t count;
	struct share_table *shares;
	bool scanned;			/* a first scan has been taken over */
	uint64_t lost;			/* processes left out for want of memory */
};

/* 0 or -ENOMEM. */
int track_open(struct track *track);
void track_close(struct track *track);

/* Takes over the rows of a scan: adds the new, drops the gone, updates the rest, and tells the sharing table about forks,
 * execs and exits. ROWS is sorted by pid. */
void track_update(struct track *track, const struct task_sample *rows, size_t count);

/* Takes T's scan row as complete (RSS by kind filled in where that costs an extra read): renews its signature and its place
 * in the sharing table. Once per scan for every process, after track_update(). */
void tracked_complete(struct track *track, struct tracked *t);

/* By pid; NULL when there is none. */
struct tracked *track_find(const struct track *track, int32_t pid);

/* RSS by kind known, so PSS can at least be estimated. */
static inline bool tracked_has_kinds(const struct tracked *t)
{
	return t->task.have & TASK_HAVE_KINDS;
}

/* By how much T's own anonymous memory moved since its last reading: growth or shrinkage, and faults that left no trace in
 * RSS (pages exchanged for others), bytes. */
int64_t tracked_anon_moved(const struct tracked *t, int64_t page_bytes);

/* Base pages a walk has to visit: huge mappings, as far as the last reading knew of any, count as one each. */
int64_t tracked_walk_pages(const struct tracked *t, int64_t page_bytes);

/* There is a reading, and nothing that the process or its sharers did since is known to have changed it. */
bool tracked_still_exact(const struct tracked *t);

/* Changes with every change of the mappings that the scan can see. */
uint64_t tracked_layout(const struct tracked *t);

#endif
