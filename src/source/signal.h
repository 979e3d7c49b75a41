/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sending a signal to the process one looks at, and to no other. */
#ifndef SOURCE_SIGNAL_H
#define SOURCE_SIGNAL_H

#include <stdint.h>

#include "util/err.h"
#include "util/rootfs.h"

/*
 * Sends SIGNO to the process PID with that start time (clock ticks since boot). The process is held by a pidfd
 * before its start time is looked at, so that a reused pid gets nothing; nor does whoever has that number here
 * when /proc is of another pid namespace. Needs Linux 5.3 (pidfd_open), and the permission of kill(2).
 * 0, or -1 with ERR set: gone, refused, not this machine (--root) or namespace, kernel too old.
 */
int process_signal(const struct rootfs *root, int32_t pid, int64_t start_time, int signo, struct err *err);

#endif
