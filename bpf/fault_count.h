/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the entry of a fault to its place in the sums. A fault is counted when the kernel has accounted it, which is when the
 * thread's own counters have grown: whoever sees that first (the fault's end, the thread's next event, its end) settles it.
 */
#ifndef BPF_FAULT_COUNT_H
#define BPF_FAULT_COUNT_H

#include "fault_mapping.h"

struct fault_buckets {
	__u64 count[FAULT_CLASSES * FAULT_BUCKETS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct fault_buckets);
} fault_latency SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FAULT_WATCHED_MAX);
	__type(key, __u32);
	__type(value, struct fault_buckets);
} fault_watched SEC(".maps");

/* Set by userland: the process of each element of fault_watched, 0 for none. */
__s32 watched_pid[FAULT_WATCHED_MAX];
bool watching;

/* VALUE by way of PLACE, in a map. The verifier follows every path with the value that it has there, but knows nothing of what is
 * in a map: where many paths meet this makes them one. */
static __always_inline __u64 opaque(__u32 *place, __u32 value)
{
	*(volatile __u32 *)place = value;
	return *(volatile __u32 *)place;
}

static __always_inline __u32 log2_bucket(__u64 ns)
{
	__u32 high = (__u32)(ns >> 32), rest = high ? high : (__u32)ns, bucket = high ? 32 : 0;

	if (rest >> 16) {
		bucket += 16;
		rest >>= 16;
	}
	if (rest >> 8) {
		bucket += 8;
		rest >>= 8;
	}
	if (rest >> 4) {
		bucket += 4;
		rest >>= 4;
	}
	if (rest >> 2) {
		bucket += 2;
		rest >>= 2;
	}
	bucket += rest >> 1;
	return bucket < FAULT_BUCKETS ? bucket : FAULT_BUCKETS - 1;
}

static __always_inline void count_bucket(struct fault_buckets *buckets, __u64 index)
{
	barrier_var(index);
	/* Atomic: in a trampoline another thread may run in between, and a process has several. */
	if (buckets && index < FAULT_CLASSES * FAULT_BUCKETS)
		__sync_fetch_and_add(&buckets->count[index], 1);
}

static __always_inline void count_watched(const struct fault_thread *thread, __u64 index)
{
	for (__u32 i = 0; i < FAULT_WATCHED_MAX; i++) {
		__u32 key = i;

		if (watched_pid[i] == thread->pid && thread->pid)
			count_bucket(bpf_map_lookup_elem(&fault_watched, &key), index);
	}
}

static __always_inline void count_time(struct fault_thread *thread, __u64 class, __u64 ns)
{
	__u64 index = class * FAULT_BUCKETS + opaque(&thread->bucket, log2_bucket(ns));
	__u32 zero = 0;

	thread->sum[FAULT_SLOT_NS + class] += ns;
	if (ns > thread->sum[FAULT_SLOT_MAX_NS])
		thread->sum[FAULT_SLOT_MAX_NS] = ns;
	count_bucket(bpf_map_lookup_elem(&fault_latency, &zero), index);
	if (watching)
		count_watched(thread, index);
}

/* An index is kept in 64 bits behind a barrier, so that what is compared is what is used, for the verifier to see. */
static __always_inline void count_class(struct fault_thread *thread, const struct fault_open *open, __u64 class)
{
	class = opaque(&thread->class, (__u32)class);
	barrier_var(class);
	if (class >= FAULT_CLASSES)
		return;
	thread->sum[FAULT_SLOT_COUNT + class]++;
	if (want_latency && (open->seen & FAULT_SEEN_END) && open->end_ns > open->start_ns)
		count_time(thread, class, open->end_ns - open->start_ns);
}

static __always_inline void count_memory(struct fault_thread *thread, __u32 seen)
{
	__u64 memory = (__u64)(seen >> FAULT_SEEN_MEMORY_SHIFT) - 1;

	barrier_var(memory);
	if (memory < FAULT_MEMORIES)
		thread->sum[FAULT_SLOT_MEMORY + memory]++;
	if (seen & FAULT_SEEN_REMOTE)
		thread->sum[FAULT_SLOT_REMOTE]++;
}

static __always_inline bool kernel_has_own_rss(void)
{
	return bpf_core_field_exists(((struct task_struct___v61 *)0)->rss_stat.count);
}

/* The class of the open fault. Where each thread has RSS counters of its own these tell only when the fault's end was seen. */
static __always_inline __u32 class_of(__u32 seen, bool major)
{
	if (kernel_has_own_rss() && !(seen & FAULT_SEEN_END))
		return FAULT_OTHER;
	return fault_classify(seen, major);
}

/* Takes what the kernel has accounted since the last time into the sums; what cannot have been the open fault was taken where
 * nobody looked. True when the open fault, if there was one, is settled. */
static __always_inline bool thread_settle(struct fault_thread *thread, struct fault_open *open, struct fault_counts counts)
{
	__u64 total = counts.minor + counts.major, grown = total - thread->accounted;

	if (!grown)
		return false;
	if (open->seen & FAULT_SEEN_OPEN) {
		if (counts.numa != thread->numa)
			open->seen |= FAULT_SEEN_NUMA;
		count_class(thread, open, class_of(open->seen, counts.major != thread->major));
		count_memory(thread, open->seen);
		open->seen = 0;
		grown--;
	}
	thread->sum[FAULT_SLOT_COUNT + FAULT_OTHER] += grown;
	thread->accounted = total;
	thread->major = counts.major;
	return true;
}

/* The open fault, as an unaccounted one. */
static __always_inline void thread_fail(struct fault_thread *thread, struct fault_open *open, __u64 class)
{
	count_class(thread, open, class);
	open->seen = 0;
}

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

/* A fault is entered, SEEN says by what access; vma 0 when only the address is known. */
static __always_inline void fault_enter(struct task_struct *task, const struct current_mm *current, __u64 vma,
					__u64 address, __u32 seen)
{
	struct fault_thread *thread = thread_get(task);
	struct fault_counts counts;
	struct fault_open *open;

	if (!thread)
		return;
	open = open_slot(task);
	if (!open)
		return;
	barrier_var(open);	/* or the compiler adds to it before it is checked */
	if (!open->task)
		open->task = (__u64)task;
	if (open->task != (__u64)task)
		open = &thread->open;
	counts = counts_of(task);
	if (!thread_settle(thread, open, counts) && (open->seen & FAULT_SEEN_OPEN)) {
		/* A fault that is entered again is still the same one, but the kernel may hand its RSS over now. */
		if (vma && thread->address == address) {
			take_own_rss(thread, open, task);
			note_own_rss(thread, task);
			return;
		}
		if (vma || !(open->seen & FAULT_SEEN_KERNEL))
			thread_fail(thread, open, FAULT_ABANDONED);
	}
	thread->address = address;
	thread->numa = counts.numa;
	open->accounted = (__u32)thread->accounted;
	open->seen = seen | FAULT_SEEN_OPEN | mapping_seen(thread, current, vma, seen & FAULT_SEEN_REMOTE, address);
	note_own_rss(thread, task);
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

/* SEEN of the running thread, when a fault of it is open and not accounted yet. */
static __always_inline void fault_see(__u32 seen)
{
	struct task_struct *task = current_task();
	struct fault_open *open = open_slot(task);
	struct fault_counts counts;

	if (!open)
		return;
	barrier_var(open);	/* or the compiler adds to it before it is checked */
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
