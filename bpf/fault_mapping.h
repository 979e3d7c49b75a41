/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In what mapping a fault was taken. What was found out is kept for the thread's next fault, and is still true while the
 * number of writers of the mm's lock is the same. Tracepoints have only the address: then the mapping is looked up in the mm's
 * maple tree, without its lock, as the kernel does for faults under the lock of a mapping (6.4); nodes are freed by RCU.
 */
#ifndef BPF_FAULT_MAPPING_H
#define BPF_FAULT_MAPPING_H

#include "fault_thread.h"

/* include/linux/mm.h, 5.10 to 7.2 */
enum {
	VM_WRITE = 0x2,
	VM_EXEC = 0x4,
	VM_SHARED = 0x8,
	VM_GROWSDOWN = 0x100,
	VM_PFNMAP = 0x400,
	VM_IO = 0x4000,
	VM_HUGETLB = 0x400000,
	VM_MIXEDMAP = 0x10000000,
};

enum {
	TMPFS_MAGIC = 0x01021994,	/* include/uapi/linux/magic.h */
	S_IFMT = 0170000,
	S_IFCHR = 0020000,
};

enum {
	MAPLE_NODE_MASK = 255,
	MAPLE_LEAF = 1,			/* enum maple_type: up to this one a leaf */
	MAPLE_ARANGE = 3,
	MAPLE_TYPE_SHIFT = 3,
	MAPLE_TYPE_MASK = 15,
	MAPLE_DEPTH_MAX = 8,
	MAPLE_PIVOTS = 15, MAPLE_ARANGE_PIVOTS = 9,
};

/* A node of either kind (include/linux/maple_tree.h, 6.1 to 7.2, 64 bits). */
struct maple_words {
	__u64 parent;
	union {
		struct {
			__u64 pivot[MAPLE_PIVOTS];
			__u64 slot[MAPLE_PIVOTS + 1];
		} range;
		struct {
			__u64 pivot[MAPLE_ARANGE_PIVOTS];
			__u64 slot[MAPLE_ARANGE_PIVOTS + 1];
			__u64 gap[MAPLE_ARANGE_PIVOTS + 1];
			__u8 end;
		} arange;
	};
};

_Static_assert(sizeof(struct maple_words) == 256, "as in the kernel");

/* enum fault_memory of a mapping without a file. */
static __always_inline __u32 memory_without_file(__u64 start, __u64 end, struct mm_struct *mm)
{
	__u64 start_brk = BPF_CORE_READ(mm, start_brk);

	if (start < BPF_CORE_READ(mm, brk) && end > start_brk)
		return FAULT_IN_HEAP;
	if (start > BPF_CORE_READ(mm, start_data) && end <= start_brk)
		return FAULT_IN_DATA;		/* bss */
	return FAULT_IN_ANON;
}

static __always_inline __u32 memory_of_file(struct file *file, __u64 flags)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	if ((flags & (VM_PFNMAP | VM_IO | VM_MIXEDMAP)) || (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFCHR)
		return FAULT_IN_DEVICE;
	if (flags & VM_EXEC)
		return FAULT_IN_TEXT;
	if ((flags & VM_WRITE) && !(flags & VM_SHARED))
		return FAULT_IN_DATA;
	if (BPF_CORE_READ(inode, i_sb, s_magic) == TMPFS_MAGIC)
		return FAULT_IN_SHMEM;
	return flags & VM_SHARED ? FAULT_IN_FILE_SHARED : FAULT_IN_FILE_PRIVATE;
}

static __always_inline bool has_userfaultfd(struct vm_area_struct *vma)
{
	return bpf_core_field_exists(vma->vm_userfaultfd_ctx.ctx) && BPF_CORE_READ(vma, vm_userfaultfd_ctx.ctx);
}

/* Fills MAPPING from a vma that may be no longer true. */
static __noinline int mapping_describe(struct fault_mapping *mapping, __u64 address_of_vma)
{
	struct vm_area_struct *vma = (void *)address_of_vma;
	struct mm_struct *mm;
	struct file *file;
	__u32 seen = FAULT_SEEN_MAPPING, memory;
	__u64 flags;

	if (!mapping)
		return 0;
	mm = BPF_CORE_READ(vma, vm_mm);
	file = BPF_CORE_READ(vma, vm_file);
	flags = BPF_CORE_READ(vma, vm_flags);
	mapping->start = BPF_CORE_READ(vma, vm_start);
	mapping->end = BPF_CORE_READ(vma, vm_end);
	if (!BPF_CORE_READ(vma, vm_ops))
		seen |= FAULT_SEEN_ANON;
	if (flags & VM_SHARED)
		seen |= FAULT_SEEN_SHARED;
	if (has_userfaultfd(vma))
		seen |= FAULT_SEEN_USERFAULT;
	if (flags & VM_HUGETLB) {
		seen |= FAULT_SEEN_HUGETLB;
		memory = FAULT_IN_HUGETLB;
	} else if (flags & VM_GROWSDOWN) {
		memory = FAULT_IN_STACK;
	} else if (file) {
		memory = memory_of_file(file, flags);
	} else if (flags & (VM_PFNMAP | VM_IO)) {
		memory = FAULT_IN_DEVICE;
	} else {
		memory = memory_without_file(mapping->start, mapping->end, mm);
	}
	mapping->seen = seen | (memory + 1) << FAULT_SEEN_MEMORY_SHIFT;
	return 0;
}

/* 1 when PIVOT is one of the END first ones of its node, at INDEX, and below ADDRESS, which has no top bit; else 0. Without
 * branches, of which the verifier would follow every combination. */
static __always_inline __u64 maple_is_below(__u64 pivot, __u64 address, __u64 index, __u64 end)
{
	return ((pivot - address) & ~pivot & (index - end)) >> 63;
}

/* The slot of NODE that has ADDRESS; PIVOT is a copy of its first words behind the parent. */
static __always_inline __u64 maple_slot(__u64 node, const __u64 *pivot, bool arange, __u64 address)
{
	const struct maple_words *words = (void *)node;
	__u64 slot = 0, pivots = arange ? MAPLE_ARANGE_PIVOTS : MAPLE_PIVOTS;
	__u8 end = MAPLE_PIVOTS;

	/* A full node of the other kind has a last pivot in place of the number of its last slot. */
	if (arange)
		bpf_probe_read_kernel(&end, sizeof(end), &words->arange.end);
	else if (!pivot[MAPLE_PIVOTS - 1])
		bpf_probe_read_kernel(&end, sizeof(end), &words->range.slot[MAPLE_PIVOTS]);
	if (end < pivots)
		pivots = end;
	for (__u64 i = 0; i < MAPLE_PIVOTS; i++)
		slot += maple_is_below(pivot[i], address, i, pivots);
	return slot;
}

static __always_inline __u64 maple_entry(__u64 node, bool arange, __u64 slot)
{
	const struct maple_words *words = (void *)node;
	__u64 first = arange ? (__u64)words->arange.slot : (__u64)words->range.slot, entry = 0;

	bpf_probe_read_kernel(&entry, sizeof(entry), (void *)(first + slot * sizeof(entry)));
	return entry;
}

/* The vma that has ADDRESS or, in a gap, the one right behind it, for a stack that will grow; 0 when there is none. */
static __noinline __u64 maple_find(__u64 root, __u64 address)
{
	__u64 pivot[MAPLE_PIVOTS], entry = root;

	/* xa_is_node(): a tree with a single entry has no node, a process always more. */
	if ((root & 3) != 2 || root <= 4096)
		return 0;
	for (int depth = 0; depth < MAPLE_DEPTH_MAX; depth++) {
		__u32 type = (entry >> MAPLE_TYPE_SHIFT) & MAPLE_TYPE_MASK;
		bool arange = type == MAPLE_ARANGE, leaf = type <= MAPLE_LEAF;
		__u64 node = entry & ~(__u64)MAPLE_NODE_MASK;
		__u64 slot;

		if (bpf_probe_read_kernel(pivot, sizeof(pivot), ((const struct maple_words *)node)->range.pivot))
			return 0;
		slot = maple_slot(node, pivot, arange, address);
		entry = maple_entry(node, arange, slot);
		if (leaf)
			return entry ?: slot < MAPLE_PIVOTS ? maple_entry(node, false, slot + 1) : 0;
		if (!entry)
			return 0;
	}
	return 0;
}

/* A fault in a stack is its growth when the stack is made to contain the address. BEFORE: it has yet to grow. Else it has
 * grown just now when the address is in its lowest page, which was not there the last time. */
static __always_inline __u32 stack_seen(struct fault_thread *thread, const struct fault_mapping *mapping, __u64 address, bool before)
{
	bool grown;

	if (mapping->seen >> FAULT_SEEN_MEMORY_SHIFT != FAULT_IN_STACK + 1)
		return 0;
	if (before)
		return address < mapping->start ? FAULT_SEEN_GROWN : 0;
	grown = address - mapping->start < page_bytes;
	if (thread->stack_end == mapping->end)
		grown = grown && mapping->start < thread->stack_start;
	thread->stack_start = mapping->start;
	thread->stack_end = mapping->end;
	return grown ? FAULT_SEEN_GROWN : 0;
}

/* Whether what is kept in MAPPING is still true, and has ADDRESS. */
static __always_inline bool mapping_has(const struct fault_mapping *mapping, const struct current_mm *current, __u64 address)
{
	return kernel_counts_writers() && mapping->seen && address >= mapping->start && address < mapping->end &&
	       mapping->sequence == current->sequence && mapping->mm == current->mm;
}

/* The bits of the mapping that has ADDRESS: VMA, or when that is 0 the one that is found. 0 for none. It is kept in MAPPING when it
 * is of our own address space: only its lock's sequence is known. */
static __always_inline __u32 mapping_seen(struct fault_thread *thread, struct fault_mapping *mapping, const struct current_mm *current,
					  __u64 vma, bool remote, __u64 address)
{
	bool before = !vma;

	if (!remote && mapping_has(mapping, current, address))
		return mapping->seen | stack_seen(thread, mapping, address, before);
	if (!vma && current->trusted && bpf_core_field_exists(current->trusted->mm_mt.ma_root))
		vma = maple_find((__u64)current->trusted->mm_mt.ma_root, address);
	mapping->seen = 0;
	if (!vma)
		return 0;
	mapping_describe(mapping, vma);
	mapping->mm = remote ? 0 : current->mm;
	mapping->sequence = current->sequence;
	if (address >= mapping->end)
		mapping->seen = 0;
	else if (address < mapping->start && mapping->seen >> FAULT_SEEN_MEMORY_SHIFT != FAULT_IN_STACK + 1)
		mapping->seen = 0;
	return mapping->seen | stack_seen(thread, mapping, address, before);
}

#endif
