/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What userland is told of a thread: by how much its sums have grown since it was told last. */
#ifndef BPF_FAULT_TELL_H
#define BPF_FAULT_TELL_H

#include "fault_front.h"

/* Of threads that have ended; userland sets its size. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} fault_ended SEC(".maps");

/* Room for a power of two of values, which a mask keeps an index within. */
enum { TOLD_MAX = 64 };

struct fault_told {
	struct fault_record record;
	__u64 value[TOLD_MAX];
	__u64 sum[FAULT_SLOTS];		/* of the thread, from which the values are made */
	__u32 class, padding;		/* see opaque() */
};

_Static_assert((int)FAULT_SLOTS < (int)TOLD_MAX, "room for all slots");

enum tell_from { TELL_FROM_ITERATOR, TELL_FROM_FREE, TELL_FROM_EXIT, TELL_FROM_SIGNAL, TELL_FROMS };

/* A record is made here: it is too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TELL_FROMS);	/* one may interrupt or preempt another */
	__type(key, __u32);
	__type(value, struct fault_told);
} fault_scratch SEC(".maps");

static __always_inline void tell_value(struct fault_told *told, __u32 slot, __u64 amount)
{
	__u64 at = told->record.values & (TOLD_MAX - 1);

	if (!amount)
		return;
	told->value[at] = (__u64)slot << FAULT_VALUE_SHIFT | (amount & ((1ULL << FAULT_VALUE_SHIFT) - 1));
	told->record.values = (__u16)(at + 1);
}

/* The sums of THREAD into TOLD, with the run that FRONT, NULL for none, still has; returns how many faults those are. The thread may be
 * at work on another CPU: first the run is read, then the sums, last how much of it is in them, so that what is flushed in between is
 * for once in neither, but never in both. */
static __always_inline __u32 tell_sums(struct fault_told *told, const struct fault_thread *thread, const struct fault_front *front,
				       struct task_struct *task)
{
	__u64 run = 0, again = 0, run_ns = 0, max_ns = 0, accounted, class, memory;
	__u32 seen, flushed, faults;
	__s64 ns;

	if (front) {
		run = *(const volatile __u64 *)&front->run;
		run_ns = *(const volatile __u64 *)&front->run_ns;
		max_ns = *(const volatile __u64 *)&front->run_max_ns;
		again = *(const volatile __u64 *)&front->run;
	}
	barrier();
	__builtin_memcpy(told->sum, thread->sum, sizeof(told->sum));
	barrier();
	flushed = *(const volatile __u32 *)&thread->flushed;
	accounted = *(const volatile __u64 *)&thread->accounted;
	barrier();
	faults = run_unflushed(run, flushed, task->min_flt + task->maj_flt - accounted);
	ns = (__s64)(run_ns - *(const volatile __u64 *)&thread->flushed_ns);
	seen = (__u32)(run >> 32);
	if (!front || !faults)
		return 0;
	class = opaque(&told->class, class_of(seen, false));
	barrier_var(class);
	if (class < FAULT_CLASSES) {
		told->sum[FAULT_SLOT_COUNT + class] += faults;
		if (ns > 0 && again >> 32 == seen)
			told->sum[FAULT_SLOT_NS + class] += (__u64)ns;
	}
	memory = (__u64)(seen >> FAULT_SEEN_MEMORY_SHIFT) - 1;
	barrier_var(memory);
	if (memory < FAULT_MEMORIES)
		told->sum[FAULT_SLOT_MEMORY + memory] += faults;
	if (seen & FAULT_SEEN_REMOTE)
		told->sum[FAULT_SLOT_REMOTE] += faults;
	if (max_ns > told->sum[FAULT_SLOT_MAX_NS])
		told->sum[FAULT_SLOT_MAX_NS] = max_ns;
	return faults;
}

/* By how much the sums have grown. What was flushed while they were read seems to have shrunk. */
static __always_inline void tell_collect(const struct fault_thread *thread, struct fault_told *told)
{
	for (__u32 slot = 0; slot < FAULT_SLOT_NS; slot++) {
		__s32 grown = (__s32)((__u32)told->sum[slot] - thread->told[slot]);

		tell_value(told, slot, grown > 0 ? (__u64)grown : 0);
	}
	for (__u32 class = 0; class < FAULT_CLASSES; class++) {
		__s64 grown = (__s64)(told->sum[FAULT_SLOT_NS + class] - thread->told_ns[class]);

		tell_value(told, FAULT_SLOT_NS + class, grown > 0 ? (__u64)grown : 0);
	}
}

/* What is in TOLD has been told. */
static __always_inline void tell_note(struct fault_thread *thread, const struct fault_told *told)
{
	for (__u32 i = 0; i < FAULT_SLOTS; i++) {
		__u64 slot = told->value[i] >> FAULT_VALUE_SHIFT, class = slot - FAULT_SLOT_NS;
		__u64 amount = told->value[i] & ((1ULL << FAULT_VALUE_SHIFT) - 1);

		if (i >= told->record.values)
			break;
		barrier_var(slot);
		barrier_var(class);
		if (slot < FAULT_SLOT_NS)
			thread->told[slot] += (__u32)amount;
		else if (class < FAULT_CLASSES)
			thread->told_ns[class] += amount;
	}
}

static __always_inline void tell_begin(struct fault_told *told, const struct fault_thread *thread, struct task_struct *task)
{
	__builtin_memset(&told->record, 0, sizeof(told->record));
	told->record.start_time_ns = thread->process_start_ns;
	told->record.pid = thread->pid;
	told->record.tid = thread->tid;
	bpf_probe_read_kernel(told->record.comm, sizeof(told->record.comm), task->comm);
}

/* Only with growth, so that a record without any is none. */
static __always_inline void tell_max(struct fault_told *told)
{
	if (told->record.values)
		tell_value(told, FAULT_SLOT_MAX_NS, told->sum[FAULT_SLOT_MAX_NS]);
}

static __always_inline __u32 tell_size(const struct fault_told *told)
{
	return sizeof(told->record) + (told->record.values & (TOLD_MAX - 1)) * sizeof(told->value[0]);
}

/* What the kernel has accounted and the thread, which is in the fault OPEN, has not settled, but for a run of UNFLUSHED faults. */
static __always_inline void tell_pending(struct fault_told *told, const struct fault_thread *thread, const struct fault_open *open,
					 struct task_struct *task, __u32 unflushed)
{
	struct fault_counts counts = counts_of(task);
	__u64 grown = counts.minor + counts.major - thread->accounted - unflushed;
	__u32 seen = open->seen;

	if (!grown || grown > 0xffffffff)
		return;
	if (seen & FAULT_SEEN_OPEN) {
		if ((__u32)counts.numa != open->numa)
			seen |= FAULT_SEEN_NUMA;
		told->record.pending_class = (__u8)(class_of(seen, counts.major != thread->major) + 1);
		told->record.pending_memory = (__u8)(seen >> FAULT_SEEN_MEMORY_SHIFT);
		grown--;
	}
	told->record.pending_other = (__u32)grown;
}

/* The faults that TOLD has, all of which the ring has no room for. */
static __always_inline void tell_lost(const struct fault_told *told)
{
	for (__u32 i = 0; i < FAULT_SLOTS; i++) {
		if (i >= told->record.values)
			break;
		if (told->value[i] >> FAULT_VALUE_SHIFT < FAULT_CLASSES)
			__sync_fetch_and_add(&fault_lost, told->value[i] & ((1ULL << FAULT_VALUE_SHIFT) - 1));
	}
}

/*
 * What an ending thread has to tell, by itself before it ends and once more when its task is freed, where nothing can happen to it
 * any more: for both a kernel may fail to run a program. FLAGS: FAULT_RECORD_LEADER with the last of it. When the ring has no room
 * the second one tells all.
 */
static __always_inline void tell_end(struct fault_thread *thread, struct task_struct *task, __u32 from, __u16 flags)
{
	struct fault_told *told = bpf_map_lookup_elem(&fault_scratch, &from);

	if (!told)
		return;
	tell_begin(told, thread, task);
	tell_sums(told, thread, 0, task);
	tell_collect(thread, told);
	tell_max(told);
	told->record.flags = FAULT_RECORD_ENDED | flags;
	if (!told->record.values && (thread->ended || !flags))
		return;
	if (!bpf_ringbuf_output(&fault_ended, told, tell_size(told), 0)) {
		tell_note(thread, told);
		thread->ended = thread->ended || flags;
	} else if (from == TELL_FROM_FREE) {
		tell_lost(told);
	}
}

/* Of a thread that is EXITING, and will tell its growth itself, only what is pending. */
static __always_inline void tell_growth(struct fault_thread *thread, struct task_struct *task, struct seq_file *seq, bool exiting)
{
	__u32 key = TELL_FROM_ITERATOR;
	struct fault_told *told = bpf_map_lookup_elem(&fault_scratch, &key);
	const struct fault_front *front = front_seen(thread, task);
	__u64 accounted = thread->accounted, run = front ? front->run : 0;
	__u32 unflushed;

	if (!told)
		return;
	tell_begin(told, thread, task);
	unflushed = tell_sums(told, thread, front, task);
	if (!exiting)
		tell_collect(thread, told);
	tell_pending(told, thread, front ? &front->open : &thread->open, task, unflushed);
	barrier();
	if (accounted != thread->accounted || (front && run != front->run)) {
		/* It has settled meanwhile: what was pending may be in what was collected. */
		told->record.pending_class = 0;
		told->record.pending_other = 0;
	}
	tell_max(told);
	if (!told->record.values && !told->record.pending_class && !told->record.pending_other)
		return;
	if (!bpf_seq_write(seq, told, tell_size(told)))
		tell_note(thread, told);
}

#endif
