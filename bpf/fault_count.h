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

/* Runs need to know the mapping at no cost. */
static __always_inline bool kernel_has_runs(void)
{
	return kernel_counts_writers();
}

/* Takes a run into the sums, which here are last, too. Who reads from another CPU does it in the other order (fault_tell.h). */
static __always_inline int run_flush(struct fault_thread *thread, struct fault_front *front)
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
	return 0;
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
	if (run_unflushed(front->run, thread->flushed, total - thread->accounted))
		return run_flush(thread, front);
	front->run = thread->flushed;
	front->run_ns = thread->flushed_ns;
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
