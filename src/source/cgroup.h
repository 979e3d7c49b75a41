/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cgroup records: every cgroup with a memory controller, of v2, v1, or a hybrid system (where the hierarchy
 * that has the memory controller is the one read). Ordinary users may read all of it on an ordinary
 * machine.
 *
 * A limit that is not set is not a number: such a metric is NOT_APPLICABLE. So is, in the v2 root, what the
 * kernel keeps for other cgroups only (it has no memory.current, no limits and no memory.events). What v1
 * or an older kernel lacks is UNSUPPORTED.
 *
 * Paths are those of /proc/PID/cgroup as seen from our cgroup namespace: "/" for the root, "/a/b" below it.
 */
#ifndef SOURCE_CGROUP_H
#define SOURCE_CGROUP_H

#include "model/snapshot.h"
#include "util/err.h"
#include "util/rootfs.h"

enum {
	CGROUPS_MAX = 4096,		/* records of one sample */
	CGROUP_DEPTH_MAX = 64,		/* levels below the root */
	CGROUP_PATH_MAX = 4096,		/* bytes of a path */
};

struct cgroup_source;

/* ROOT must outlive the source. Finds the hierarchy through PROC/self/mountinfo; in a captured tree through
 * 1/mountinfo, or at its usual places below SYS/fs/cgroup. NULL with ERR set on ENOMEM only: on a machine
 * without a memory controller there are no records, and it is looked for again at each read. */
struct cgroup_source *cgroup_source_open(const struct rootfs *root, struct err *err);
void cgroup_source_close(struct cgroup_source *source);	/* NULL-safe */

/* "cgroup2", "cgroup1", or "none". Static. */
const char *cgroup_source_name(const struct cgroup_source *source);

/* Adds a record for each cgroup that exists now, in the order of a walk of the tree: by path, where '/'
 * sorts before any other byte, so that a cgroup is followed by its descendants. Sets SYS_CGROUPS and
 * SYS_CGROUPS_LOST (what the bounds above or a lack of memory left out; below such a cgroup nobody counts).
 * A cgroup that vanishes meanwhile is left out, or its remaining values are GONE. Symbolic links are not
 * followed. 0, or -errno when the root of the hierarchy cannot be read. */
int cgroup_read(struct cgroup_source *source, struct snapshot *snapshot);

#endif
