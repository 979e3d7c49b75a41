/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault probe: who takes which page faults, how long they take, and in what memory, since it was attached.
 *
 *	tier		how							tells
 *	fentry		fentry and fexit of handle_mm_fault			all
 *	kprobe		kprobe of handle_mm_fault, memcg or perf event		all but oom
 *	tracepoint	exceptions:page_fault_user and _kernel (x86, 6.4)	all but oom and remote faults' classes
 *	bpf-iterator	min_flt and maj_flt of every thread, and at its end	sums of processes; no classes, no latencies
 *	perf		perf software events without BPF			minor and major of the machine
 *	procfs		/proc/vmstat and nothing else				the same, less exactly
 * A thread from before that only takes faults through get_user_pages() is unknown to the tracepoint tier; once it has taken another, all
 * count. bpf-iterator costs a fault nothing, and is what is taken when only totals are asked for. The first four need BTF and CAP_BPF with CAP_PERFMON (or CAP_SYS_ADMIN); perf needs CAP_PERFMON, or perf_event_paranoid
 * of at most 0.
 *
 * The kernel accounts a fault as minor or major when it is over, in the thread that took it. perf's events are raised only for
 * faults that an instruction took: those taken through get_user_pages(), as by MAP_POPULATE, mlock(2), process_vm_readv(2) or
 * KVM, are in getrusage(2) but not in the perf tier. For the procfs tier see faults_procfs.c.
 */
#ifndef SOURCE_FAULTS_H
#define SOURCE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "model/probe.h"
#include "util/err.h"
#include "util/rootfs.h"

enum fault_tier { FAULT_TIER_FENTRY, FAULT_TIER_KPROBE, FAULT_TIER_TRACEPOINT, FAULT_TIER_ITERATOR, FAULT_TIER_PERF, FAULT_TIER_PROCFS, FAULT_TIERS };

/* How much is asked of the probe: each includes those before it. For totals the best three tiers are
 * taken only when asked for, and tell classes all the same. */
enum fault_part { FAULT_PART_TOTALS, FAULT_PART_CLASSES, FAULT_PART_LATENCY };

struct faults_config {
	int tier;			/* enum fault_tier: that one or none; -1 for the best */
	enum fault_part part;
	const int32_t *watch;		/* FAULT_WATCHED_MAX processes as in faults_watch(), from the start; NULL for none */
	bool whole;			/* a tier that tells only totals will not do for more than these */
};

/* Static: "fentry". */
const char *faults_tier_name(enum fault_tier tier);

/* All since attach. */
struct fault_sums {
	uint64_t count[FAULT_CLASSES];
	uint64_t ns[FAULT_CLASSES];
	uint64_t memory[FAULT_MEMORIES];
	uint64_t remote;
	uint64_t max_ns;
};

struct fault_process {
	int32_t pid;			/* in our pid namespace */
	uint64_t start_time;		/* clock ticks since boot */
	char comm[16];			/* raw, of the thread that was heard of last */
	bool ended;			/* these are its final sums; the next reading has it no more */
	bool changed;			/* since the reading before */
	struct fault_sums sums;
};

struct fault_reading {
	struct fault_process **processes;	/* sorted by pid, then start time; the source's, until the next reading */
	size_t count;
	struct fault_sums machine;		/* all processes, ended ones included */
	uint64_t buckets[FAULT_CLASSES][FAULT_BUCKETS];	/* latencies of the machine */
	bool has_totals;			/* the perf tier and procfs: */
	uint64_t minor, major;			/* of the machine since attach */
	uint64_t (*watched)[FAULT_CLASSES][FAULT_BUCKETS];	/* latencies of each watched process; NULL when not told */
	uint64_t lost;				/* faults that are in no sum because a table or buffer was full */
	uint64_t missed;			/* runs of its programs that the kernel left out (struct bpf_runs): a fault may be
						 * of a wrong class, or in no sum when the kernel does not account it */
	uint64_t lost_processes;		/* processes whose sums were dropped, though they are in the machine's */
	uint64_t threads;			/* that the kernel keeps sums for */
	uint64_t threads_left_out;		/* of which it has faults and no room for sums: what they take is in none */
};

struct faults;

/* Attaches, the best tier first; one that tells processes must then count right some faults that the calling thread takes on
 * purpose, or it has failed. STATUS is filled either way and must not be NULL; its `active` is -1 and the result NULL with ERR
 * set when no tier (or not the one asked for) can be had. ROOT must outlive it; a captured one has no probes. */
struct faults *faults_open(const struct rootfs *root, const struct faults_config *config, struct probe_status *status,
			   struct err *err);
void faults_close(struct faults *faults);	/* NULL-safe: detaches */

/* What was counted so far. 0 or -errno; READING is valid until the next call. */
int faults_read(struct faults *faults, struct fault_reading *reading);

/* From now on counts the latencies of these processes, up to FAULT_WATCHED_MAX, each for itself; those that were watched already
 * go on, others begin with nothing. Element i of reading->watched is that of PIDS[i]; a PID of 0 is nobody. -EOPNOTSUPP when the
 * tier does not tell latencies. */
int faults_watch(struct faults *faults, const int32_t pids[FAULT_WATCHED_MAX]);

/* Whether the active tier can tell faults of CLASS, and how long faults take. */
bool faults_tells_class(const struct faults *faults, enum fault_class class);
bool faults_tells_latency(const struct faults *faults);
/* Whether it tells processes and classes at all, or only the machine's totals. */
bool faults_tells_processes(const struct faults *faults);

/* Kernel memory of maps and per-thread sums, bytes; 0 without BPF. */
int64_t faults_bpf_bytes(const struct faults *faults);

#endif
