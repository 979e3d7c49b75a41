/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a snapshot says of the machine as a whole, beyond its single metrics. Pure. */
#ifndef MODEL_OVERVIEW_H
#define MODEL_OVERVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot.h"

/*
 * RAM by kind, without overlap: the kinds add up to MemTotal. From /proc/meminfo (fs/proc/meminfo.c, 5.10 to
 * 7.2):
 *
 *	ANON	AnonPages: anonymous pages that processes map, transparent huge ones included
 *	FILE	Cached + Buffers - Shmem. Cached is the page cache less buffers and swap cache, and holds
 *		Shmem; a file's pages are here once, mapped or not
 *	SHMEM	Shmem: tmpfs, memfd, System V, shared anonymous
 *	HUGE	Hugetlb: the hugetlb pools of all sizes, pages in use and free ones; in no other counter
 *	SLAB	Slab
 *	PAGETABLES  PageTables + SecPageTables
 *	KERNEL	what else the kernel counts as its own: the larger of VmallocUsed and KernelStack +
 *		ShadowCallStack (where stacks are vmalloc memory, which no file tells, the first holds the
 *		second), Percpu, KReclaimable - SReclaimable, the larger of Zswap and vmstat's nr_zspages
 *		(zswap's pool may be one of zsmalloc), GPUActive, GPUReclaim
 *	OTHER	the remainder: pages that the kernel counts nowhere. Buffers of drivers and network cards,
 *		free pages on per-CPU lists, swap cache that no process maps, a balloon
 *	FREE	MemFree
 *
 * A field that the kernel lacks or that could not be read counts as 0, and its memory is in OTHER. The counters
 * are not read at one moment: should they exceed the total, FREE keeps its amount, and of the others the last
 * lose first.
 */
enum memory_kind {
	MEMORY_ANON,
	MEMORY_FILE,
	MEMORY_SHMEM,
	MEMORY_HUGE,
	MEMORY_SLAB,
	MEMORY_PAGETABLES,
	MEMORY_KERNEL,
	MEMORY_OTHER,
	MEMORY_FREE,
	MEMORY_KIND_COUNT
};

struct memory_split {
	int64_t total_bytes;
	int64_t bytes[MEMORY_KIND_COUNT];
};

/* False when the snapshot has no MemTotal. */
bool overview_split_memory(const struct snapshot *snapshot, struct memory_split *split);

/* Swap space: what is only there, what is also in RAM (SwapCached, as far as it is known), what is free. */
enum swap_kind { SWAP_OUT, SWAP_CACHED, SWAP_FREE, SWAP_KIND_COUNT };

struct swap_split {
	int64_t total_bytes;		/* 0: the machine has no swap */
	int64_t bytes[SWAP_KIND_COUNT];
};

/* False when the snapshot has no SwapTotal or SwapFree. */
bool overview_split_swap(const struct snapshot *snapshot, struct swap_split *split);

/* How much of SYS_PSS_TOTAL comes from processes whose PSS is ESTIMATED. */
int64_t overview_pss_estimated(const struct snapshot *snapshot);

/* How far the first pass over everybody's PSS is: processes read at least once, of those that may be read. */
struct pss_progress {
	size_t read, readable;
};

struct pss_progress overview_pss_progress(const struct snapshot *snapshot);

/* Processes that run or could (state R). */
size_t overview_running(const struct snapshot *snapshot);

/* memtide's own CPU time as of one sample; starts zeroed. */
struct self_cpu {
	bool known;
	int64_t cpu_ns, boottime_ns;
};

/* memtide's CPU time per wall time since the sample BEFORE is of, in 1/1000 percent, and moves BEFORE on to
 * this one. PENDING when there was none, or none earlier. */
struct value overview_self_cpu(struct self_cpu *before, const struct snapshot *snapshot);

#endif
