/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sampler: from the kernel to a snapshot. It decides what is read, of whom, and when; views only see the
 * snapshots it makes.
 */
#ifndef SAMPLER_SAMPLER_H
#define SAMPLER_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/filter.h"
#include "model/snapshot.h"
#include "sampler/probe_wish.h"
#include "source/task.h"
#include "source/users.h"
#include "util/err.h"
#include "util/rootfs.h"

struct sampler_config {
	unsigned needs;			/* enum need bits of everything that will be shown, sorted or filtered by */
	bool no_pss;			/* PSS is never read, whatever the needs and whoever is watched */
	int64_t interval_ns;		/* between samples; for the host record and for pacing */
	enum task_tier tier;
	int64_t pss_budget_ppm, pss_first_budget_ppm;	/* of one CPU: 20000 is 2 % */
	int64_t stall_limit_ns;
	int64_t pss_max_age_ns;
	const struct filter *const *protect;	/* processes any of these match are not read; the caller's */
	size_t protect_count;
	const int32_t *exact_pids;	/* read once in the first sample whatever the limits; the caller's */
	size_t exact_count;
	struct probe_wish probes;
};

struct sampler;

/* NULL with ERR set. ROOT and USERS must outlive it. With TIER_AUTO a missing BPF iterator is no error: the
 * host record says why. Nor is a probe that cannot be had, unless it is required: a notice says why. */
struct sampler *sampler_open(const struct sampler_config *config, const struct rootfs *root, struct users *users,
			     struct err *err);
void sampler_close(struct sampler *sampler);	/* NULL-safe; snapshots must have been released */

/* Takes a sample: scans, reads what is due within the budgets, derives from the previous sample. A new
 * reference, or NULL with ERR set (out of memory, /proc unreadable). */
struct snapshot *sampler_sample(struct sampler *sampler, struct err *err);

/* Looks at the machine once without a sample to show: the next sampler_sample() is the first. 0, or -1 with
 * ERR set. */
int sampler_prime(struct sampler *sampler, struct err *err);

/* Goes on with the first pass over everybody's PSS for at most WALL_NS, at its CPU budget. True when it is
 * complete; true at once when PSS is not wanted. The caller then takes a sample to see the result. */
bool sampler_first_pass(struct sampler *sampler, int64_t wall_ns);

/* The same for callers that wait by themselves: one slice of some 10 ms of CPU time. *PAUSE_NS is how long
 * the budget wants them to wait before the next; 0 with the last. */
bool sampler_first_pass_step(struct sampler *sampler, int64_t *pause_ns);

bool sampler_first_pass_done(const struct sampler *sampler);

/* The functions above and below are for one thread at a time. */

/* Reads PID's PSS exactly with the next sample, whatever the limits say. -ESRCH when there is no such process
 * in the latest sample, -EOPNOTSUPP when its PSS is not wanted. */
int sampler_request_exact(struct sampler *sampler, int32_t pid);

/* Changes what the following samples read: the need bits as in the config, NEED_ROLLUP and NEED_CGROUPS
 * included, which are opened when first wanted. 0, or -1 with ERR set and nothing changed. */
int sampler_set_needs(struct sampler *sampler, unsigned needs, struct err *err);

/* The pause between samples that pacing reckons with. Snapshots share the host record, which keeps the one at
 * the start. */
void sampler_set_interval(struct sampler *sampler, int64_t interval_ns);

/* From the next sample on reads everything that can be known of this process, whatever the needs, and fills
 * snapshot->watched; PID 0 ends it. It is read by the same rules as all others: watching alone makes no exact
 * read. */
void sampler_watch(struct sampler *sampler, int32_t pid, int64_t start_time);

const struct host *sampler_host(const struct sampler *sampler);

#endif
