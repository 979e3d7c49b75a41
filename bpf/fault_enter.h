/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen of a fault, from its entry to its end. */
#ifndef BPF_FAULT_ENTER_H
#define BPF_FAULT_ENTER_H

#include "fault_front.h"

/* RSS counters that changed since entry, where each thread has its own (up to 6.1). */
static __always_inline void take_own_rss(const struct fault_thread *thread, struct fault_open *open,
					 struct task_struct *task)
{
	struct task_struct___v61 *v61 = (void *)task;
	int rss[TASK_RSS_KINDS] = { 0 };

	if (!kernel_has_own_rss())
		return;
	BPF_CORE_READ_INTO(&rss, v61, rss_stat.count);
	for (int i = 0; i < TASK_RSS_KINDS; i++)
		if (rss[i] != thread->rss[i])
			open->seen |= FAULT_SEEN_RSS_FILE << i;
}

/* At entry. The kernel hands over what there is when it has counted more than 64 events. */
static __always_inline void note_own_rss(struct fault_thread *thread, struct task_struct *task)
{
	struct task_struct___v61 *v61 = (void *)task;

	if (!kernel_has_own_rss())
		return;
	BPF_CORE_READ_INTO(&thread->rss, v61, rss_stat.count);
	if (BPF_CORE_READ(v61, rss_stat.events) > 64)
		__builtin_memset(thread->rss, 0, sizeof(thread->rss));
}

static __always_inline void open_begin(struct fault_open *open, struct fault_counts counts, __u64 address, __u32 seen)
{
	open->seen = seen | FAULT_SEEN_OPEN;
	open->accounted = (__u32)(counts.minor + counts.major);
	open->major = (__u32)counts.major;
	open->numa = (__u32)counts.numa;
	open->address = address;
	if (want_latency)
		open->start_ns = bpf_ktime_get_ns();
}

static __always_inline void fault_end(struct fault_open *open)
{
	if (open->seen & FAULT_SEEN_END)
		return;
	open->seen |= FAULT_SEEN_END;
	if (want_latency)
		open->end_ns = bpf_ktime_get_ns();
}

/* A fault is entered by an access that SEEN tells of: the common way, for one that follows others of its kind in the same mapping. */
static __always_inline bool enter_quickly(struct task_struct *task, __u64 address, __u32 seen)
{
	struct fault_front *front;
	struct fault_counts counts;
	struct current_mm current;

	if (!kernel_has_runs() || (seen & FAULT_SEEN_REMOTE))
		return false;
	front = front_place(task);
	if (!front)
		return false;
	barrier_var(front);	/* or the compiler adds to it before it is checked */
	counts = counts_of(task);
	if (!run_goes_on(front, task, counts))
		return false;
	current = current_mm(task);
	if (!mapping_has(&front->mapping, &current, address) || front->mapping.seen >> FAULT_SEEN_MEMORY_SHIFT == FAULT_IN_STACK + 1)
		return false;
	open_begin(&front->open, counts, address, seen | front->mapping.seen);
	return true;
}

static __noinline int enter_slowly(__u64 vma, __u64 address, __u32 seen)
{
	struct task_struct *task = current_task();
	struct current_mm current = current_mm(task);
	struct fault_front *front = front_place(task);
	struct fault_mapping *mapping;
	struct fault_counts counts;
	struct fault_thread *thread;
	struct fault_open *open;

	if (!current.mm || !front)
		return 0;
	thread = thread_get(task);
	if (!thread)
		return 0;
	front = front_claim(thread, front, task);
	open = front ? &front->open : &thread->open;
	mapping = front ? &front->mapping : &thread->mapping;
	counts = counts_of(task);
	if (!thread_settle_run(thread, front, open, counts) && (open->seen & FAULT_SEEN_OPEN)) {
		/* A fault that is entered again is still the same one, but the kernel may hand its RSS over now. */
		if (vma && open->address == address) {
			take_own_rss(thread, open, task);
			note_own_rss(thread, task);
			return 0;
		}
		if (vma || !(open->seen & FAULT_SEEN_KERNEL))
			thread_fail(thread, open, FAULT_ABANDONED);
	}
	note_own_rss(thread, task);
	open_begin(open, counts, address,
		   seen | mapping_seen(thread, mapping, &current, vma, seen & FAULT_SEEN_REMOTE, address));
	return 0;
}

/* VMA is 0 when only the address is known. */
static __always_inline void fault_enter(struct task_struct *task, __u64 vma, __u64 address, __u32 seen)
{
	if (!enter_quickly(task, address, seen))
		enter_slowly(vma, address, seen);
}

/* SEEN of the running thread, when a fault of it is open and not accounted yet. */
static __always_inline void fault_see(__u32 seen)
{
	struct task_struct *task = current_task();
	struct fault_front *front = front_place(task);
	struct fault_counts counts;
	struct fault_open *open;

	if (!front)
		return;
	barrier_var(front);	/* or the compiler adds to it before it is checked */
	open = &front->open;
	if (open->task != (__u64)task) {
		struct fault_thread *thread = thread_find(task);

		if (!thread)
			return;
		barrier_var(thread);
		open = &thread->open;
	}
	if (!(open->seen & FAULT_SEEN_OPEN))
		return;
	counts = counts_of(task);
	if ((__u32)(counts.minor + counts.major) != open->accounted)
		return;
	if (seen & FAULT_SEEN_END)
		fault_end(open);
	else
		open->seen |= seen;
}

#endif
