/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * May memtide take another process's lock now? A reader that is preempted keeps the lock, so it must not be one that the
 * scheduler may leave waiting for long: SCHED_IDLE, or a cgroup whose CPU quota has run out.
 */
#ifndef SOURCE_GUARD_H
#define SOURCE_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "util/rootfs.h"

enum { GUARD_LEVELS = 16 };	/* cgroup ancestors looked at */

struct guard {
	bool live;
	bool idle_policy;		/* SCHED_IDLE and could not be changed */
	int stat_fd[GUARD_LEVELS];	/* cpu.stat of every ancestor with a quota */
	uint64_t throttled[GUARD_LEVELS];
	int levels;
	int64_t until_ns;		/* CLOCK_BOOTTIME until which throttling forbids reads */
};

/* Leaves SCHED_IDLE if it may, and finds the CPU quotas above us (cpu.max, or cpu.cfs_quota_us in cgroup v1). A captured
 * tree needs no guard. */
void guard_open(struct guard *guard, const struct rootfs *root);
void guard_close(struct guard *guard);

/* NULL when reads may be made, else why not (static text). Reads cpu.stat where there is a quota. */
const char *guard_check(struct guard *guard, int64_t now_ns);

/* A CPU quota is in force on our cgroup, throttled or not. */
bool guard_has_quota(const struct guard *guard);

#endif
