/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tiers of faults.h share with faults.c; nobody else includes this. */
#ifndef SOURCE_FAULTS_TIER_H
#define SOURCE_FAULTS_TIER_H

#include "source/faults.h"

/* First member of a tier's own struct. */
struct faults {
	const char *completion;		/* static; see struct probe_status */
	int64_t event_ns;		/* see struct probe_status */
	bool tells_processes, tells_latency;
	bool tells_class[FAULT_CLASSES];
	int (*read)(struct faults *faults, struct fault_reading *reading);	/* READING is zeroed */
	int (*watch)(struct faults *faults, const int32_t pids[FAULT_WATCHED_MAX]);	/* NULL where latencies are not told */
	int64_t (*bpf_bytes)(const struct faults *faults);			/* NULL for 0 */
	void (*close)(struct faults *faults);
};

/* Why a tier cannot be had. */
struct tier_failure {
	char reason[192];
	char remedy[160];
};

/* Fills FAILURE; REMEDY may be "". */
__attribute__((format(printf, 3, 4))) void tier_fail(struct tier_failure *failure, const char *remedy,
						     const char *format, ...);

/* The calling thread takes COUNT page faults: first writes to anonymous memory. 0 or -errno. */
int tier_take_faults(size_t count);

/* Each attaches one tier, as far as CONFIG asks, and returns NULL with FAILURE filled where that cannot be done. */
struct faults *faults_open_bpf(const struct rootfs *root, enum fault_tier tier, const struct faults_config *config,
			       struct tier_failure *failure);	/* fentry, kprobe, tracepoint, bpf-iterator */
struct faults *faults_open_perf(const struct rootfs *root, struct tier_failure *failure);
struct faults *faults_open_procfs(const struct rootfs *root, struct tier_failure *failure);

#endif
