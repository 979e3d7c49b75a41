/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ABI between the programs of the fault probe and userland.
 *
 * Each thread adds up its own faults in a struct that nobody else writes to. Userland learns by how much the sums have grown
 * since it heard of them last: from an iterator over all threads, and when a thread ends from the ring buffer. Every fault
 * is told once.
 */
#ifndef BPF_FAULT_H
#define BPF_FAULT_H

#ifndef __bpf__
#include <linux/types.h>
#endif

enum fault_class {
#define FAULT_CLASS(id, ...) FAULT_##id,
#include "fault_classes.def"
#undef FAULT_CLASS
	FAULT_CLASSES
};

enum fault_memory {
#define FAULT_MEMORY(id, ...) FAULT_IN_##id,
#include "fault_memory.def"
#undef FAULT_MEMORY
	FAULT_MEMORIES
};

/* Bucket b of a latency histogram counts what took less than 2^(b+1) ns and, but for b = 0, not less than 2^b; the last one
 * (2^35 ns are 34 s) counts everything longer too. */
enum { FAULT_BUCKETS = 36 };

/* Processes that have latency histograms of their own. */
enum { FAULT_WATCHED_MAX = 8 };

/* What a thread adds up. */
enum fault_slot {
	FAULT_SLOT_COUNT,					/* + class */
	FAULT_SLOT_MEMORY = FAULT_SLOT_COUNT + FAULT_CLASSES,	/* + kind of memory: accounted faults */
	FAULT_SLOT_REMOTE = FAULT_SLOT_MEMORY + FAULT_MEMORIES,	/* accounted faults in the memory of another process */
	FAULT_SLOT_NS,						/* + class: their time together */
	FAULT_SLOT_MAX_NS = FAULT_SLOT_NS + FAULT_CLASSES,	/* longest; not a sum */
	FAULT_SLOTS
};

enum fault_record_flags {
	FAULT_RECORD_ENDED	= 1 << 0,	/* the thread has ended: its last record */
	FAULT_RECORD_LEADER	= 1 << 1,	/* it was the process's first one: the process has ended */
};

/* Followed by `values` times __u64: the slot in the upper 8 bits, in the lower 56 by how much it has grown, or of MAX_NS the
 * value. */
struct fault_record {
	__u64 start_time_ns;	/* of the process, since boot */
	__s32 pid, tid;		/* in our pid namespace; 0 when outside of it */
	__u16 flags;		/* enum fault_record_flags */
	__u16 values;
	/* Accounted by the kernel, but not yet by the thread, which alone may: added to what is shown, not to the sums. */
	__u8 pending_class;	/* enum fault_class + 1, 0 for none */
	__u8 pending_memory;	/* enum fault_memory + 1, 0 for unknown */
	__u16 padding;
	__u32 pending_other;	/* faults of class OTHER beside that one */
	__u32 padding2;
	char comm[16];		/* of the thread */
};

enum { FAULT_VALUE_SHIFT = 56 };

_Static_assert(sizeof(struct fault_record) == 48, "ABI");

#endif
