/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was seen of a fault, as bits, and the class that follows from it. A pure function, so that it can be tested without a
 * kernel. What each bit means was found out on 5.10 to 7.2 (mm/memory.c).
 */
#ifndef BPF_FAULT_CLASS_H
#define BPF_FAULT_CLASS_H

#include <stdbool.h>

#include "fault.h"

enum fault_seen {
	/* of the access */
	FAULT_SEEN_OPEN		= 1 << 0,	/* there is a fault and the kernel has not accounted it yet */
	FAULT_SEEN_WRITE	= 1 << 1,
	FAULT_SEEN_KERNEL	= 1 << 2,	/* not from user mode */
	FAULT_SEEN_UNSHARE	= 1 << 3,	/* a read that wants a page of its own (FAULT_FLAG_UNSHARE, 6.1) */
	FAULT_SEEN_REMOTE	= 1 << 4,	/* in the memory of another process */
	FAULT_SEEN_RETRY	= 1 << 5,	/* it will be entered again */
	FAULT_SEEN_END		= 1 << 6,	/* it is over, as its end_ns says */
	/* of the mapping */
	FAULT_SEEN_MAPPING	= 1 << 8,	/* known at all */
	FAULT_SEEN_ANON		= 1 << 9,	/* no vm_ops */
	FAULT_SEEN_SHARED	= 1 << 10,
	FAULT_SEEN_HUGETLB	= 1 << 11,
	FAULT_SEEN_USERFAULT	= 1 << 12,	/* registered with userfaultfd */
	FAULT_SEEN_GROWN	= 1 << 13,	/* a stack that grew to contain the address */
	/* of what it did: RSS counters that changed in the order of enum task_rss_kind, pages allocated */
	FAULT_SEEN_RSS_FILE	= 1 << 16,
	FAULT_SEEN_RSS_ANON	= 1 << 17,
	FAULT_SEEN_RSS_SWAP	= 1 << 18,
	FAULT_SEEN_RSS_SHMEM	= 1 << 19,
	FAULT_SEEN_PAGE		= 1 << 20,	/* movable ones only: others are page tables */
	FAULT_SEEN_HUGE_PAGE	= 1 << 21,	/* of a page middle directory entry's size or more */
	FAULT_SEEN_NUMA		= 1 << 22,	/* NUMA balancing took note of it */
};

enum {
	FAULT_SEEN_RSS_SHIFT = 16,
	FAULT_SEEN_RSS = FAULT_SEEN_RSS_FILE | FAULT_SEEN_RSS_ANON | FAULT_SEEN_RSS_SWAP | FAULT_SEEN_RSS_SHMEM,
	FAULT_SEEN_RSS_PAGECACHE = FAULT_SEEN_RSS_FILE | FAULT_SEEN_RSS_SHMEM,
	FAULT_SEEN_MEMORY_SHIFT = 24,	/* from here on enum fault_memory + 1, 0 for unknown */
};

/* Nothing became resident that was not before. */
static inline enum fault_class fault_classify_quiet(__u32 seen)
{
	if (!(seen & FAULT_SEEN_MAPPING))
		return FAULT_OTHER;
	/* Up to 6.1 huge pages are not counted in the thread's own counters. */
	if ((seen & FAULT_SEEN_HUGE_PAGE) && (seen & FAULT_SEEN_ANON))
		return FAULT_THP;
	if (seen & FAULT_SEEN_WRITE) {
		if (seen & FAULT_SEEN_SHARED)
			return FAULT_MKWRITE;
		return seen & FAULT_SEEN_PAGE ? FAULT_COW : FAULT_WP_REUSE;
	}
	if (seen & FAULT_SEEN_UNSHARE)
		return FAULT_COW;
	return seen & FAULT_SEEN_ANON ? FAULT_ZERO_PAGE : FAULT_OTHER;
}

static inline enum fault_class fault_classify_anon(__u32 seen)
{
	if (seen & FAULT_SEEN_RSS_PAGECACHE)
		return FAULT_COW_FILE;
	if (seen & FAULT_SEEN_HUGE_PAGE)
		return FAULT_THP;
	if (!(seen & FAULT_SEEN_MAPPING))
		return FAULT_OTHER;
	if (!(seen & FAULT_SEEN_ANON))
		return FAULT_COW_FILE;
	return seen & FAULT_SEEN_GROWN ? FAULT_STACK_GROWTH : FAULT_DEMAND_ZERO;
}

/* The class of a fault that the kernel has accounted, as a major one or not. The first rule that fits counts. */
static inline enum fault_class fault_classify(__u32 seen, bool major)
{
	if (seen & FAULT_SEEN_HUGETLB)
		return FAULT_HUGETLB;
	if (seen & FAULT_SEEN_NUMA)
		return FAULT_NUMA_HINT;
	if (!(seen & FAULT_SEEN_RSS)) {
		/* A page is allocated before the kernel sees that it must ask, so that a copy on write looks the same. */
		if (seen & FAULT_SEEN_USERFAULT)
			return FAULT_USERFAULT;
		return fault_classify_quiet(seen);
	}
	if (seen & FAULT_SEEN_RSS_SWAP)
		return major ? FAULT_SWAP_IN : FAULT_SWAP_CACHE;
	if (seen & FAULT_SEEN_RSS_ANON)
		return fault_classify_anon(seen);
	if ((seen & FAULT_SEEN_WRITE) && (seen & FAULT_SEEN_SHARED))
		return FAULT_SHARED_WRITE;
	return major ? FAULT_FILE_MAJOR : FAULT_FILE_MINOR;
}

#endif
