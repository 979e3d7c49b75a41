/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a front is (struct fault_front), and the run of equal faults in it, from its first one until it is in the thread's sums. */
#ifndef BPF_FAULT_FRONT_H
#define BPF_FAULT_FRONT_H

#include "fault_count.h"

/* Runs need to know the mapping at no cost. */
static __always_inline bool kernel_has_runs(void)
{
	return kernel_counts_writers();
}

/* Takes a run into the sums, which here are last, too. Who reads from another CPU does it in the other order (fault_tell.h). */
static __always_inline void run_flush(struct fault_thread *thread, struct fault_front *front)
{
	__u32 seen = (__u32)(front->run >> 32), faults = (__u32)front->run - thread->flushed;
	__u64 class, ns;

	ns = front->run_ns - thread->flushed_ns;
	thread->accounted += faults;
	barrier();
	thread->flushed += faults;
	thread->flushed_ns += ns;
	barrier();
	class = front->class;
	barrier_var(class);
	if (class < FAULT_CLASSES) {
		thread->sum[FAULT_SLOT_COUNT + class] += faults;
		thread->sum[FAULT_SLOT_NS + class] += ns;
	}
	if (front->run_max_ns > thread->sum[FAULT_SLOT_MAX_NS])
		thread->sum[FAULT_SLOT_MAX_NS] = front->run_max_ns;
	count_memory(thread, seen, faults);
}

static __always_inline void run_time(struct fault_front *front, __u64 ns)
{
	__u64 index = front->class * FAULT_BUCKETS + opaque(&front->bucket, log2_bucket(ns));
	__u32 zero = 0;

	front->run_ns += ns;
	if (ns > front->run_max_ns)
		front->run_max_ns = ns;
	count_bucket(bpf_map_lookup_elem(&fault_latency, &zero), index);
}

enum { RUN_MASK = (1 << 20) - 1 };

/* The open fault of FRONT, when it is all that the kernel has accounted since and of the same kind as the run, is one more of it. True
 * as well when there was none and nothing has been accounted. */
static __always_inline bool run_goes_on(struct fault_front *front, struct task_struct *task, struct fault_counts counts)
{
	__u32 grown = (__u32)(counts.minor + counts.major) - front->open.accounted, seen = front->open.seen;

	if (!kernel_has_runs() || front->open.task != (__u64)task)
		return false;
	/* From time to time the sums have it all, so that 32 bits suffice. */
	if (!(front->open.accounted & RUN_MASK))
		return false;
	if (want_latency && front->unwatched != watch_generation)
		return false;
	if (!(seen & FAULT_SEEN_OPEN))
		return !grown;
	if (grown != 1 || (__u32)counts.major != front->open.major || (__u32)counts.numa != front->open.numa || seen != front->run >> 32)
		return false;
	if (want_latency && (seen & FAULT_SEEN_END) && front->open.end_ns > front->open.start_ns)
		run_time(front, front->open.end_ns - front->open.start_ns);
	front->open.seen = 0;
	front->open.accounted++;
	front->run = (__u64)seen << 32 | (__u32)(front->run + 1);
	return true;
}

/* thread_settle() of a fault that may be the first of a run. */
static __always_inline bool thread_settle_run(struct fault_thread *thread, struct fault_front *front, struct fault_open *open,
					      struct fault_counts counts)
{
	bool plain = counts.major == thread->major && (__u32)counts.numa == open->numa;
	__u32 seen = open->seen;

	if (!thread_settle(thread, open, counts))
		return false;
	if (kernel_has_runs() && front && plain && (seen & FAULT_SEEN_OPEN)) {
		front->class = thread->class;
		if (want_latency)
			front->unwatched = unwatched_generation(thread);
		front->run = (__u64)seen << 32 | thread->flushed;
	}
	return true;
}

/* How long RUN is beyond the FLUSHED faults that are in the sums. GROWN, by how much the kernel has accounted more than these have, cannot
 * be less: a front that two threads took at the same moment is worth nothing. */
static __always_inline __u32 run_unflushed(__u64 run, __u32 flushed, __u64 grown)
{
	__u32 faults = (__u32)run - flushed;

	return (__s64)grown < (__s64)faults ? 0 : faults;
}

/* Takes the run of FRONT, which THREAD owns, into its sums. */
static __noinline int front_flush(struct fault_thread *thread, struct fault_front *front, __u64 total)
{
	if (!thread || !front || (__u32)front->run == thread->flushed)
		return 0;
	if (run_unflushed(front->run, thread->flushed, total - thread->accounted)) {
		run_flush(thread, front);
	} else {
		front->run = thread->flushed;
		front->run_ns = thread->flushed_ns;
	}
	return 0;
}

/* The thread had another pid before exec, and another front. */
static __noinline int front_leave(struct fault_thread *thread, __u64 address_of_task, __u64 total)
{
	struct fault_front *front;
	__u32 key;

	if (!thread)
		return 0;
	key = thread->front - 1;
	front = bpf_map_lookup_elem(&fault_fronts, &key);
	if (front && front->open.task == address_of_task) {
		front_flush(thread, front, total);
		thread->open = front->open;
		front->open.task = 0;
	}
	thread->front = 0;
	return 0;
}

/* PLACE, when that is the front of THREAD, its run taken into the sums; else NULL. For the thread itself, or who ends it. */
static __always_inline struct fault_front *front_of(struct fault_thread *thread, struct fault_front *place, struct task_struct *task)
{
	__u64 total;

	if (!thread->front)
		return 0;
	total = TASK_MEMBER(task, min_flt) + TASK_MEMBER(task, maj_flt);
	if (thread->front != front_key(task) + 1) {
		front_leave(thread, (__u64)task, total);
		return 0;
	}
	if (place->open.task != (__u64)task)
		return 0;
	front_flush(thread, place, total);
	return place;
}

/* The front of THREAD, which may be at work on another CPU, or has just got another pid; NULL for none. */
static __always_inline const struct fault_front *front_seen(const struct fault_thread *thread, struct task_struct *task)
{
	__u32 key = thread->front - 1;
	const struct fault_front *front = bpf_map_lookup_elem(&fault_fronts, &key);

	return front && front->open.task == (__u64)task ? front : 0;
}

enum { EXIT_DEAD = 0x10 };	/* include/linux/sched.h */

/* Whether PLACE is nobody's. The end of its owner may have been told to nobody: then what was its task is dead, or is another by now. */
static __always_inline bool front_is_free(const struct fault_front *place, __u64 task, __u32 key)
{
	struct task_struct *owner = (void *)place->open.task;

	if (!owner || (__u64)owner == task)
		return true;
	return (BPF_CORE_READ(owner, pid) & (FAULT_FRONTS - 1)) != key || (BPF_CORE_READ(owner, exit_state) & EXIT_DEAD);
}

/* That of the running thread, which takes PLACE when it can. */
static __always_inline struct fault_front *front_claim(struct fault_thread *thread, struct fault_front *place, struct task_struct *task)
{
	struct fault_front *front = front_of(thread, place, task);

	if (front || !front_is_free(place, (__u64)task, front_key(task)))
		return front;
	place->open = thread->open;
	place->open.task = (__u64)task;
	place->mapping.seen = 0;
	place->run = thread->flushed;
	place->run_ns = thread->flushed_ns;
	place->run_max_ns = 0;
	thread->open.seen = 0;
	thread->front = front_key(task) + 1;
	return place;
}

/* Where the fault is that THREAD is in. */
static __always_inline struct fault_open *thread_open(struct fault_thread *thread, struct task_struct *task)
{
	struct fault_front *place = front_place(task), *front = place ? front_of(thread, place, task) : 0;

	return front ? &front->open : &thread->open;
}

#endif
