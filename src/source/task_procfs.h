/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process costs more to be asked than the scan of task.h: the fields of /proc/PID/status, oom_score_adj,
 * the scheduling policy of every thread, and the threads themselves.
 *
 * All take a descriptor of the process's directory, which names the process for good: when it has ended they
 * return -ESRCH (live) or -ENOENT (captured tree), and a successor with the same pid is never read by mistake.
 * 0 or -errno; on an error the sample is unchanged.
 */
#ifndef SOURCE_TASK_PROCFS_H
#define SOURCE_TASK_PROCFS_H

#include "source/task.h"

/* Descriptor of PROC_FD/PID (O_PATH, close-on-exec) or -errno. */
int task_procfs_open_pid(int proc_fd, int32_t pid);

/* Adds TASK_HAVE_KINDS and TASK_HAVE_DETAIL: rss_bytes by kind and in sum, rss_peak, locked, pagetables, swap,
 * effective uid. rss_bytes is replaced by VmRSS, so that it is the sum of its kinds. A bit is added only when
 * every field it stands for was there (RssAnon: 4.5); an ended process's status has none and sets no_mm. */
int task_procfs_read_status(int pid_fd, struct task_sample *sample);

/* Adds TASK_HAVE_OOM_ADJ. */
int task_procfs_read_oom_adj(int pid_fd, struct task_sample *sample);

/* Adds TASK_HAVE_THREAD_POLICY: realtime then covers every thread. Reads task/TID/stat of each thread (about
 * 10 us a thread; stops at the first real-time one), so call it rarely. */
int task_procfs_check_realtime(int pid_fd, struct task_sample *sample);

/* Visits each thread (task/TID/stat, about 15 us a thread); pid and process_start_time are 0 in what is passed,
 * and the uid is unknown unless LIVE. Those that end meanwhile are left out. */
int task_procfs_read_threads(int pid_fd, bool live, uint64_t tick_ns, const struct thread_visitor *visitor);

#endif
