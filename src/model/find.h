/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of a snapshot by what they are called. */
#ifndef MODEL_FIND_H
#define MODEL_FIND_H

#include "model/snapshot.h"

/* The process (no thread, no exited one) with this process_key(), or NULL. A binary search, as below. */
const struct process *find_process(const struct snapshot *snapshot, uint64_t key);

/* The process that has this PID, or NULL; the youngest when a captured tree has several. */
const struct process *find_pid(const struct snapshot *snapshot, int64_t pid);

/* The cgroup with this path, LEN bytes of it, or NULL. Looks at all of them. */
const struct cgroup *find_cgroup(const struct snapshot *snapshot, const char *path, size_t len);

#endif
