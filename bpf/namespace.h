/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pids as memtide's own pid namespace sees them. Iterators walk that of the process that reads. */
#ifndef BPF_NAMESPACE_H
#define BPF_NAMESPACE_H

#include "kernel.h"

static __u32 our_level;
static __u64 our_namespace;

static __always_inline void *upid_at(__u64 pid, __u32 level)
{
	struct pid *p = 0;

	return (void *)(pid + kernel_offset(p, numbers) + level * sizeof(struct upid));
}

/* To be called by an iterator, which runs in the process that reads. */
static __always_inline void learn_namespace(void)
{
	struct task_struct *self = (void *)bpf_get_current_task();
	struct pid *pid = BPF_CORE_READ(self, thread_pid);
	struct upid upid = { 0 };

	our_level = BPF_CORE_READ(pid, level);
	bpf_probe_read_kernel(&upid, sizeof(upid), upid_at((__u64)pid, our_level));
	our_namespace = (__u64)upid.ns;
}

/* The number of a struct pid, as far as it can be seen by us; 0 else. */
static __always_inline __s32 pid_within(__u64 pid)
{
	struct upid upid = { 0 };

	if (!pid || bpf_probe_read_kernel(&upid, sizeof(upid), upid_at(pid, our_level)))
		return 0;
	return (__u64)upid.ns == our_namespace ? upid.nr : 0;
}

/* The process's pid as we see it; 0 when we do not. In the initial namespace the task has it at hand; the
 * barrier keeps the compiler from merging the two loads, which are of different kinds to the verifier. */
static __always_inline __s32 visible_tgid(struct task_struct *task)
{
	__s32 initial = task->tgid;
	__u64 pid = 0;

	barrier_var(initial);
	if (!our_level)
		return task->thread_pid ? initial : 0;
	bpf_probe_read_kernel(&pid, sizeof(pid), &task->signal->pids[PIDTYPE_TGID]);
	return pid_within(pid);
}

/* The thread's own number, likewise. */
static __always_inline __s32 visible_tid(struct task_struct *task)
{
	__s32 initial = task->pid;
	__u64 pid = (__u64)task->thread_pid;

	barrier_var(initial);
	if (!our_level)
		return pid ? initial : 0;
	return pid_within(pid);
}

#endif
