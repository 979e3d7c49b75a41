/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the live tests of threads share: samples with threads by both tiers, and finding rows in them. */
#ifndef LIVE_THREADS_H
#define LIVE_THREADS_H

#include "live_task.h"
#include "sampler/sampler.h"

/* By the BPF iterator and by /proc; the first is NULL where it cannot be had. */
extern struct sampler *samplers[2];
extern struct users *users;
extern struct rootfs root;

/* A missing iterator is a skip without the privilege or the kernel's BTF, and a failure with both. Here because
 * tap.h counts in each file by itself. */
static inline void samplers_open(void)
{
	struct sampler_config config = {
		.needs = NEED_CORE | NEED_USER | NEED_THREADS, .no_pss = true, .interval_ns = 1000000000,
	};
	struct err err = { "" };

	if (rootfs_open(&root, NULL, &err))
		tap_bail("%s", err.text);
	users = users_open(&root);
	for (int i = 0; i < 2; i++) {
		config.tier = i ? TIER_PROCFS : TIER_BPF;
		samplers[i] = sampler_open(&config, &root, users, &err);
		if (samplers[i])
			tap_ok(true, "there is tier %s", sampler_host(samplers[i])->task_tier);
		else if (i || bpf_expected())
			tap_ok(false, "%s", err.text);
		else
			tap_skip("the iterator", "%s", err.text);
	}
	if (!samplers[1])
		tap_bail("no tier at all");
}

void samplers_close(void);

/* Samplers to loop over: from this index on. */
static inline int samplers_first(void)
{
	return samplers[0] ? 0 : 1;
}

struct snapshot *sample(struct sampler *sampler);

/* NULL when there is none. */
const struct process *find_thread(const struct snapshot *snapshot, pid_t pid, pid_t tid);

size_t count_threads(const struct snapshot *snapshot, pid_t pid);

/* Rows are sorted, without doubles, each below a process that has several. */
bool rows_in_order(const struct snapshot *snapshot);

#endif
