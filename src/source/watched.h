/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read of the one process that somebody looks at closely: struct watched of model/snapshot.h. */
#ifndef SOURCE_WATCHED_H
#define SOURCE_WATCHED_H

#include "source/procfs.h"

/* /proc/PID/exe and /proc/PID/limits (world-readable since 2.6.39; exe needs PTRACE_MODE_READ) of the process
 * with that start time; gone is set when it has ended, and what it did not show any more is GONE. The path of a
 * program that was unlinked has " (deleted)" behind it. NULL on ENOMEM. The caller's to hand to a snapshot. */
struct watched *watched_read(struct procfs *procfs, int32_t pid, int64_t start_time);

#endif
