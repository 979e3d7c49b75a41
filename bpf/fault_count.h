/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fault's place in the sums. It is counted when the kernel has accounted it, which is when the thread's own counters have grown:
 * whoever sees that first (the fault's end, the thread's next event, its end) settles it.
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

/* Set by userland: the process of each element of fault_watched, 0 for none, and a number that changes with them, 0 when there is none
 * and never the last one there is. */
__s32 watched_pid[FAULT_WATCHED_MAX];
__u32 watch_generation;

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

/* What fault_front.unwatched is to be. */
static __always_inline __u32 unwatched_generation(const struct fault_thread *thread)
{
	__u32 generation = watch_generation;

	for (__u32 i = 0; generation && i < FAULT_WATCHED_MAX; i++)
		if (watched_pid[i] == thread->pid && thread->pid)
			return ~0U;
	return generation;
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
	if (watch_generation)
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

static __always_inline void count_memory(struct fault_thread *thread, __u32 seen, __u32 faults)
{
	__u64 memory = (__u64)(seen >> FAULT_SEEN_MEMORY_SHIFT) - 1;

	barrier_var(memory);
	if (memory < FAULT_MEMORIES)
		thread->sum[FAULT_SLOT_MEMORY + memory] += faults;
	if (seen & FAULT_SEEN_REMOTE)
		thread->sum[FAULT_SLOT_REMOTE] += faults;
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
 * nobody looked. True when the open fault, if there was one, is settled. It is noted first that it is in the sums, for those who read
 * from another CPU: so they miss it for once, but have nothing twice. */
static __always_inline bool thread_settle(struct fault_thread *thread, struct fault_open *open, struct fault_counts counts)
{
	__u64 total = counts.minor + counts.major, grown = total - thread->accounted;
	bool major = counts.major != thread->major;

	if (!grown)
		return false;
	thread->accounted = total;
	thread->major = counts.major;
	open->accounted = (__u32)total;
	open->major = (__u32)counts.major;
	barrier();
	if (open->seen & FAULT_SEEN_OPEN) {
		if ((__u32)counts.numa != open->numa)
			open->seen |= FAULT_SEEN_NUMA;
		count_class(thread, open, class_of(open->seen, major));
		count_memory(thread, open->seen, 1);
		open->seen = 0;
		grown--;
	}
	thread->sum[FAULT_SLOT_COUNT + FAULT_OTHER] += grown;
	return true;
}

/* The open fault, as an unaccounted one. */
static __always_inline void thread_fail(struct fault_thread *thread, struct fault_open *open, __u64 class)
{
	count_class(thread, open, class);
	open->seen = 0;
}

#endif
