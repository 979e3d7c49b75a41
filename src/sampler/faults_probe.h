/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault probe in a sampler: attached when it is first needed, read with every sample, and detached when nothing
 * has needed it for a minute, since it costs every fault on the machine some time.
 */
#ifndef SAMPLER_FAULTS_PROBE_H
#define SAMPLER_FAULTS_PROBE_H

#include "sampler/faults_rows.h"
#include "sampler/faults_watches.h"
#include "sampler/probe_wish.h"
#include "util/rootfs.h"

struct attached_status;

/* Starts zeroed, with root and wish set. */
struct faults_probe {
	const struct rootfs *root;
	struct probe_wish wish;
	bool tried;				/* it is attached, or cannot be had */
	struct faults *source;			/* NULL when it cannot be had, or is not needed */
	struct faults_rows rows;
	struct fault_reading reading;		/* of this sample */
	int read_error;				/* errno, 0 when it is there */
	int64_t needed_ns;			/* CLOCK_BOOTTIME when it was needed last */
	struct attached_status *statuses;	/* newest first; snapshots point to them */
	struct err why;				/* it cannot be had */
	int32_t watch_pid;			/* see faults_probe_watch() */
	struct faults_watches watches;
};

void faults_probe_close(struct faults_probe *probe);	/* detaches; snapshots must have been released */

/*
 * Attaches it when NEEDED at NOW_NS and not yet tried, and detaches it when it has not been for a minute. 0 or
 * -ENOMEM; not to be had is no error here, but when the wish requires it: then -EOPNOTSUPP, with ERR set.
 */
int faults_probe_demand(struct faults_probe *probe, bool needed, int64_t now_ns, struct err *err);

/* From the next sample on PID has latencies of its own, before those that the wish names; 0 for nobody. */
void faults_probe_watch(struct faults_probe *probe, int32_t pid);

/* Reads it, and fills SNAPSHOT's rows, machine and status where it is NEEDED. Rates are derive()'s. */
void faults_probe_read(struct faults_probe *probe, bool needed, const struct snapshot *previous, struct snapshot *snapshot);

/* After derive(): who has ended, the latencies of the watched ones, the system metrics, and what could not be had. */
void faults_probe_finish(struct faults_probe *probe, bool needed, struct snapshot *snapshot);

#endif
