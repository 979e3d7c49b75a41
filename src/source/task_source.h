/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two implementations of task.h share with task.c; nobody else includes this. */
#ifndef SOURCE_TASK_SOURCE_H
#define SOURCE_TASK_SOURCE_H

#include "source/task.h"

/* First member of an implementation's own struct. */
struct task_source {
	const char *name;
	int64_t bpf_bytes;
	int (*scan)(struct task_source *source, struct task_table *table);
	/* NULL where threads are to be had only process by process. */
	int (*threads)(struct task_source *source, const struct thread_visitor *visitor);
	void (*close)(struct task_source *source);
};

/* include/uapi/linux/sched.h */
enum { TASK_POLICY_FIFO = 1, TASK_POLICY_RR = 2, TASK_POLICY_DEADLINE = 6 };

/* include/linux/sched.h, unchanged 5.10 to 7.2 */
enum { TASK_PF_KTHREAD = 0x00200000 };

static inline bool task_policy_is_realtime(unsigned policy)
{
	return policy == TASK_POLICY_FIFO || policy == TASK_POLICY_RR || policy == TASK_POLICY_DEADLINE;
}

/* task_sample.image of an address space, never 0: both sources hash the same two addresses the same way. */
uint64_t task_image_hash(uint64_t start_code, uint64_t start_stack);

/* What it takes to read a process through /proc. */
struct task_procfs_host {
	bool live;
	int64_t page_bytes;
	uint64_t tick_ns;	/* length of a clock tick */
};
void task_procfs_host(const struct rootfs *root, struct task_procfs_host *host);

/* The row that the procfs scan makes of the process behind PID_FD; its pid is the caller's to set. -ESRCH or
 * -ENOENT when the process has gone. */
int task_procfs_read_process(const struct task_procfs_host *host, int pid_fd, struct task_sample *sample);

/* Sorts rows by pid; cheap when they are sorted already. */
void task_table_sort(struct task_table *table);

/* The row of PID in a sorted table, or NULL. */
struct task_sample *task_table_find(const struct task_table *table, int32_t pid);

#endif
