/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows for the threads of processes that have several, the first thread included.
 *
 * Where the BPF iterator serves, one walk shows them all (about 1 us a thread); processes of which it shows
 * none, and all of them otherwise, are read through /proc/PID/task (about 15 us a thread). Both give the same,
 * but for CPU time, which /proc counts in clock ticks; and of a process with more than a thousand threads /proc
 * may miss one while others end, because it lists them by their place (fs/proc/base.c, first_tid).
 */
#ifndef SOURCE_THREADS_H
#define SOURCE_THREADS_H

#include "model/snapshot.h"
#include "source/procfs.h"
#include "source/task.h"
#include "source/users.h"

/* All borrowed. USERS names threads whose effective user is not their process's. */
struct threads_source {
	struct task_source *tasks;
	struct procfs *procfs;
	struct users *users;
};

/*
 * Fills SNAPSHOT->threads, in which there are none yet, from its process rows, whose pid, start time and
 * number of threads must be there: rows sorted by pid, then tid. A process is known by pid and start time, so
 * that none gets a successor's threads. A thread's own are its start time, name, state, policy, user, CPU time
 * and faults; parent and cgroup are its process's; what belongs to the process as a whole is NOT_APPLICABLE. What
 * exceeds THREADS_MAX or memory, or cannot be read, is counted in threads_lost; threads that end meanwhile are
 * not there.
 */
void threads_read(struct threads_source *source, struct snapshot *snapshot);

#endif
