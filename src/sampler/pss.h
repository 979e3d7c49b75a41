/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Change-driven PSS: whose smaps_rollup to read, when, and when not to.
 *
 * Reading smaps_rollup walks the target's page tables under its mmap lock: it costs 30 to 80 ns a base page,
 * and for that long the target's own mmap, munmap and brk wait. So a process is read only when its PSS is
 * expected to have moved, and these rules apply in this order:
 *
 *   0. permission: protected processes (real-time, --pss-skip) are read only when the user asks for one by pid;
 *      nobody is read while memtide itself runs SCHED_IDLE or its cgroup is being throttled, for a preempted
 *      reader keeps the lock (see guard.h);
 *   1. the stall limit: a read whose predicted duration (base pages to walk x that process's learnt cost per
 *      page) exceeds it is not made;
 *   2. the CPU budget, spent on the largest expected errors first;
 *   3. freshness: what is older than the maximum age is read with what is left.
 *
 * The first pass over all processes has a budget of its own and goes by size.
 */
#ifndef SAMPLER_PSS_H
#define SAMPLER_PSS_H

#include <stdbool.h>
#include <stdint.h>

#include "sampler/track.h"
#include "source/guard.h"
#include "source/procfs.h"

struct pss_config {
	int64_t budget_ppm;		/* of one CPU, in steady state: 20000 is 2 %; exact reads asked for come on top */
	int64_t first_budget_ppm;	/* during the first pass */
	int64_t stall_limit_ns;		/* 0: nobody is read unless asked for */
	int64_t max_age_ns;		/* 0: never read for age alone */
	int64_t page_bytes;
	int64_t interval_ns;		/* between updates: that much unused budget is kept, at least 2 s of it */
};

/* Counts since the start, and the state after the latest pss_update(). */
struct pss_stats {
	uint64_t reads, overruns, failures;
	int64_t cpu_ns;			/* spent in smaps_rollup reads and what goes with them */
	int64_t longest_ns;		/* longest single read, wall time */
	int32_t longest_pid;
	struct text *longest_comm;
	uint64_t lag_processes;		/* due but not covered by the budget */
	int64_t lag_oldest_ns;		/* age of the oldest exact reading among processes that may be read */
	uint64_t over_limit, protected, refused;
	const char *suspended;		/* why no reads are made now: static text, NULL when they are */
};

struct pss;

/* NULL on ENOMEM. The pointers must outlive it. Measures the cost of a page on this machine with 4 MiB of its
 * own memory. */
struct pss *pss_new(const struct pss_config *config, struct procfs *procfs, struct track *track,
		    struct guard *guard);
void pss_free(struct pss *pss);	/* NULL-safe */

/* Whose PSS is wanted from now on: everybody's, or with ONLY_WATCHED that of the tracked process marked so.
 * To be called when that changes and after a rest: everybody who was not tried yet gets a first pass, and the
 * budget is what is kept at most, however long the rest was. */
void pss_begin(struct pss *pss, bool only_watched);

void pss_set_interval(struct pss *pss, int64_t interval_ns);

const struct pss_stats *pss_stats(const struct pss *pss);

/* After a scan: reads within the budget that has accrued since the previous call. NOW_NS is CLOCK_BOOTTIME.
 * While the first pass is not over it reads nothing but what the user asked for: pss_first_pass() does. */
void pss_update(struct pss *pss, int64_t now_ns);

/* Works on the first pass for at most CPU_NS of CPU time. True when it is complete: everybody has been read,
 * or will not be. */
bool pss_first_pass(struct pss *pss, int64_t cpu_ns);

bool pss_first_pass_done(const struct pss *pss);

/* The expected error of T's last reading in bytes; the whole resident set when there is none. */
int64_t pss_expected_error(const struct pss *pss, const struct tracked *t);

/* Predicted duration of a read of T in ns. */
int64_t pss_predict_ns(const struct pss *pss, const struct tracked *t);

#endif
