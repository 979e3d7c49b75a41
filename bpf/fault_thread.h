/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fault probe keeps of each thread that has faulted. Only that thread writes to it, or who finds it at its end, but for
 * `told`, which belongs to who tells userland. With `all_threads` it is the iterator's, until the thread ends. */
#ifndef BPF_FAULT_THREAD_H
#define BPF_FAULT_THREAD_H

#include "kernel.h"

#include "fault_class.h"
#include "namespace.h"

/* Set by userland before loading. */
const volatile bool use_storage = true;		/* task storage for tracing: 5.12; else a hash */
const volatile bool want_latency = false;
const volatile bool all_threads = false;	/* no fault is looked at: every thread is kept, and the iterator takes what it has accounted */
const volatile __u32 page_bytes = 4096;
const volatile __u32 huge_order = 9;		/* of a page that a page middle directory entry maps */
const volatile __u32 max_threads = 1;		/* that are kept */
const volatile __u64 attached_ns = 0;		/* CLOCK_BOOTTIME: who starts later is counted from birth */

struct fault_mapping {
	__u64 start, end;
	__u64 mm;		/* whose: its address. That is used again after two execs at most, and between them the thread faults elsewhere */
	__u32 sequence;		/* of the mm's lock when it was read */
	__u32 seen;		/* bits of the mapping and its kind of memory; 0: nothing is kept */
};

/* The fault that a thread is in. */
struct fault_open {
	__u64 task;		/* whose; 0: nobody's */
	__u32 seen;
	__u32 accounted, major;	/* low halves of the kernel's counts, at entry or when the last one was settled */
	__u32 numa;		/* at entry, likewise */
	__u64 address;		/* where the mapping is known */
	__u64 start_ns, end_ns;	/* CLOCK_MONOTONIC */
};

/*
 * What a thread needs for most of its faults, by pid, since finding its storage would be dear. A thread whose place is another's does
 * without. Faults of one kind that follow each other are a run, which is counted here and taken into the sums when it has ended.
 */
struct fault_front {
	struct fault_open open;
	__u64 run;		/* what was seen of each of them << 32 | how many, of all runs since the thread began, modulo 2^32 */
	struct fault_mapping mapping;		/* the last one */
	__u64 run_ns;		/* likewise since the thread began */
	__u64 run_max_ns;
	__u32 class;		/* of the run */
	__u32 bucket;		/* see opaque() */
	__u32 unwatched;	/* the watch_generation of which its process was none; no generation when it is watched */
	__u32 padding;
};

struct fault_thread {
	struct fault_open open;			/* used when there is no front */
	__u64 accounted, major;			/* the kernel's counts (both, and major alone) as far as they are in the sums */
	__u64 process_start_ns;			/* 0: not filled yet */
	__u64 task_start_ns;
	__u64 stack_start, stack_end;		/* of the last mapping that grows down */
	struct fault_mapping mapping;		/* likewise */
	__u64 flushed_ns;			/* run_ns as far as it is in the sums */
	__u32 flushed;				/* likewise how many */
	__u32 front;				/* key of its front + 1, 0 for none */
	__s32 rss[TASK_RSS_KINDS];		/* up to 6.1: at entry */
	__s32 pid, tid;
	__u32 class, bucket;			/* see opaque() */
	__u32 collecting;			/* the iterator is about to tell it */
	__u32 ended;				/* its end has been told */
	__u64 sum[FAULT_SLOTS];
	__u64 told_ns[FAULT_CLASSES];
	__u32 told[FAULT_SLOT_NS];		/* low half: growth is what counts */
};

/* With the element's own header it must fit into 1 KiB: the kernel rounds up to powers of two. */
_Static_assert(sizeof(struct fault_thread) <= 936, "fits a slab object");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);	/* the only way there is */
	__type(key, int);
	__type(value, struct fault_thread);
} fault_storage SEC(".maps");

/* By the address of the task: a pid may be used again before the last fault of its owner has been told. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct fault_thread);
} fault_hash SEC(".maps");

enum { FAULT_FRONTS = 1 << 15 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FAULT_FRONTS);
	__type(key, __u32);
	__type(value, struct fault_front);
} fault_fronts SEC(".maps");

/* Read by userland. */
__s64 fault_threads;	/* that are kept now, give or take those that begin or end while they are counted anew */
__u64 fault_left_out;	/* threads that the last reading saw and that there was no room for */
__u64 fault_lost;	/* faults that are in no sum */

struct fault_counts {
	__u64 minor, major;
	__u64 numa;		/* another number after each fault that NUMA balancing provoked: pages since the last scan, and its number */
};

/* Whether bpf_get_current_task_btf is there (5.11). Constant at load time. */
static __always_inline bool kernel_trusts_tasks(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id___x, BPF_FUNC_get_current_task_btf___x);
}

/* The running thread. Each helper call costs 8 ns on the machine where this was measured, a probe read 27, a direct load next
 * to nothing: so a handler asks for the thread once, and loads directly where there is a pointer that the verifier trusts. */
static __always_inline struct task_struct *current_task(void)
{
	return kernel_trusts_tasks() ? bpf_get_current_task_btf() : (struct task_struct *)bpf_get_current_task();
}

/* Members of a task that current_task() has returned, or a program was given. */
#define TASK_MEMBER(task, member) (kernel_trusts_tasks() ? (task)->member : BPF_CORE_READ(task, member))

static __always_inline struct fault_counts counts_of(struct task_struct *task)
{
	struct fault_counts counts;

	counts.minor = TASK_MEMBER(task, min_flt);
	counts.major = TASK_MEMBER(task, maj_flt);
	counts.numa = 0;
	if (bpf_core_field_exists(task->numa_faults_locality))
		counts.numa = TASK_MEMBER(task, numa_faults_locality[0]) + TASK_MEMBER(task, numa_faults_locality[1]) +
			      ((__u64)TASK_MEMBER(task, numa_scan_seq) << 16);
	return counts;
}

/* The running thread's address space. */
struct current_mm {
	__u64 mm;			/* its address */
	struct mm_struct *trusted;	/* to load from; NULL where the verifier trusts no task */
	__u32 sequence;			/* of its lock, 6.4 */
};

static __always_inline bool kernel_counts_writers(void)
{
	return bpf_core_field_exists(((struct mm_struct___v64 *)0)->mm_lock_seq) ||
	       bpf_core_field_exists(((struct mm_struct___v613 *)0)->mm_lock_seq.sequence);
}

static __always_inline struct current_mm current_mm(struct task_struct *task)
{
	struct current_mm current = { 0 };

	if (kernel_trusts_tasks()) {
		struct mm_struct *mm = task->mm;
		struct mm_struct___v613 *v613 = (void *)mm;
		struct mm_struct___v64 *v64 = (void *)mm;

		current.mm = (__u64)mm;
		current.trusted = mm;
		if (!mm)
			return current;
		if (bpf_core_field_exists(v613->mm_lock_seq.sequence))
			current.sequence = v613->mm_lock_seq.sequence;
		else if (bpf_core_field_exists(v64->mm_lock_seq))
			current.sequence = (__u32)v64->mm_lock_seq;
	} else {
		current.mm = (__u64)BPF_CORE_READ(task, mm);
	}
	return current;
}

/* What is kept of TASK; NULL when there is nothing yet. */
static __always_inline struct fault_thread *thread_find(struct task_struct *task)
{
	__u64 key = (__u64)task, start_ns;
	struct fault_thread *thread;

	if (use_storage)
		return bpf_task_storage_get(&fault_storage, task, 0, 0);
	thread = bpf_map_lookup_elem(&fault_hash, &key);
	if (!thread)
		return 0;
	/* Who execs without being the first thread takes over its time, too. */
	start_ns = BPF_CORE_READ(task, start_boottime);
	if (thread->task_start_ns == start_ns || thread->process_start_ns == start_ns)
		return thread;
	/* Of a task that was here before, whose end was not told. */
	if (!bpf_map_delete_elem(&fault_hash, &key))
		__sync_fetch_and_add(&fault_threads, -1);
	return 0;
}

static __always_inline __u32 front_key(struct task_struct *task)
{
	return TASK_MEMBER(task, pid) & (FAULT_FRONTS - 1);
}

/* The place of TASK's front, which may be another's. */
static __always_inline struct fault_front *front_place(struct task_struct *task)
{
	__u32 key = front_key(task);

	return bpf_map_lookup_elem(&fault_fronts, &key);
}

/* Who was born after the probe was attached has no faults that others count. */
static __noinline int thread_begin(struct fault_thread *thread, __u64 address_of_task)
{
	struct task_struct *task = (void *)address_of_task;
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	if (!thread)
		return 0;
	thread->task_start_ns = BPF_CORE_READ(task, start_boottime);
	if (thread->task_start_ns < attached_ns) {
		thread->major = BPF_CORE_READ(task, maj_flt);
		thread->accounted = BPF_CORE_READ(task, min_flt) + thread->major;
	}
	if (!our_level) {
		thread->pid = BPF_CORE_READ(task, tgid);
		thread->tid = BPF_CORE_READ(task, pid);
	} else {
		thread->pid = pid_within((__u64)BPF_CORE_READ(leader, thread_pid));
		thread->tid = pid_within((__u64)BPF_CORE_READ(task, thread_pid));
	}
	__sync_fetch_and_add(&fault_threads, 1);
	barrier();
	thread->process_start_ns = BPF_CORE_READ(leader, start_boottime);
	return 0;
}

static __always_inline struct fault_thread *thread_make(struct task_struct *task)
{
	struct fault_thread *thread;
	__u64 key = (__u64)task;

	if (use_storage) {
		if (fault_threads >= (__s64)max_threads)
			return 0;
		thread = bpf_task_storage_get(&fault_storage, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	} else {
		static struct fault_thread empty;

		bpf_map_update_elem(&fault_hash, &key, &empty, BPF_NOEXIST);
		thread = bpf_map_lookup_elem(&fault_hash, &key);
	}
	if (thread)
		thread_begin(thread, key);
	return thread;
}

/* Whether TASK, of which nothing is kept yet, has faults that nobody saw: those of a thread born before are not known from others. */
static __always_inline bool thread_is_missing(struct task_struct *task)
{
	if (task->start_boottime < attached_ns)
		return all_threads && task->mm;
	return task->min_flt + task->maj_flt;
}

/* That of TASK, which has it or lacks it wrongly. */
static __always_inline struct fault_thread *thread_find_missing(struct task_struct *task)
{
	struct fault_thread *thread = thread_find(task);

	return thread || !thread_is_missing(task) ? thread : thread_make(task);
}

/* That of the running thread TASK, made when there is none; NULL when there is no room. Of a thread born before this fault is lost
 * then; one born since makes up for it when there is room, or is lost as a whole at its end. */
static __always_inline struct fault_thread *thread_get(struct task_struct *task)
{
	struct fault_thread *thread = thread_find(task);

	if (thread)
		return thread;
	thread = thread_make(task);
	if (!thread && BPF_CORE_READ(task, start_boottime) < attached_ns)
		__sync_fetch_and_add(&fault_lost, 1);
	return thread;
}

#endif
