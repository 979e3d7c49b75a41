/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the task source is held against: the kernel's own texts, read by other code than memtide's, about
 * children that stand still.
 */
#ifndef LIVE_TASK_H
#define LIVE_TASK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "source/task.h"
#include "tap.h"

/* What /proc says about one process; bytes, -1 where a line is missing. */
struct truth {
	int32_t pid, ppid;
	char comm[65];
	char state;
	long long minflt, majflt, utime, stime, threads, starttime, rt_priority, policy;
	long long size, resident, shared;
	long long uid, vm_lck, vm_hwm, vm_rss, rss_anon, rss_file, rss_shmem, vm_pte, vm_swap;
	long long oom_adj;
	long long maps;				/* lines of maps but [vsyscall], which is no VMA */
	long long smaps_rss, smaps_anon;	/* sums over smaps: page tables walked, so always exact */
};

/* Fills TRUTH from /proc/PID and, for memory, from task/TID when TID is not 0. False when the process has
 * gone. */
bool truth_read(pid_t pid, pid_t tid, struct truth *truth);

/* A child that runs BODY and then stops itself: every thread of it stands still when this returns. */
pid_t child_start(void (*body)(void *), void *arg);

/* Kills and reaps it. */
void child_end(pid_t pid);

/* Touches every page. */
void touch(volatile char *memory, size_t bytes);

/* Anonymous memory of BYTES, touched. */
char *anonymous(size_t bytes);

/* The row of PID in a sorted table; NULL when it is not there. */
const struct task_sample *row_of(const struct task_table *table, pid_t pid);

/* True from kernel MAJOR.MINOR on. */
bool kernel_at_least(int major, int minor);

/* Whether this build, kernel and user ought to be able to run the iterator. */
bool bpf_expected(void);

/* A fresh scan that must work. */
void scan(struct task_source *source, struct task_table *table);

/* Both sources of the live machine; *BPF is NULL when it cannot be had, which is a skip without the privilege
 * or the kernel's BTF, and a failure with both. */
static inline void open_sources(struct rootfs *root, struct task_source **bpf, struct task_source **procfs)
{
	struct err err;

	if (rootfs_open(root, NULL, &err))
		tap_bail("%s", err.text);
	*procfs = task_source_open_procfs(root, &err);
	if (!*procfs)
		tap_bail("%s", err.text);
	*bpf = task_source_open_bpf(root, &err);
	if (*bpf)
		tap_ok(task_source_bpf_bytes(*bpf) > 0, "the iterator runs, its maps take %lld bytes",
		       (long long)task_source_bpf_bytes(*bpf));
	else if (bpf_expected())
		tap_ok(false, "%s", err.text);
	else
		tap_skip("the iterator", "%s", err.text);
}

#endif
