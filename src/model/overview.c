/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/overview.h"

/* More than any machine has, and so little that sums of some do not overflow. */
static const int64_t amount_max = INT64_MAX >> 6;

static int64_t bounded(int64_t bytes)
{
	return bytes < 0 ? 0 : bytes < amount_max ? bytes : amount_max;
}

static int64_t amount(const struct snapshot *snapshot, enum system_metric metric)
{
	struct value value = system_value(snapshot, metric);

	return value_has_amount(value.status) ? bounded(value.amount) : 0;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t kernel_bytes(const struct snapshot *snapshot)
{
	int64_t stacks = amount(snapshot, SYS_KERNEL_STACK) + amount(snapshot, SYS_SHADOW_CALL_STACK);
	int64_t caches = amount(snapshot, SYS_KRECLAIMABLE) - amount(snapshot, SYS_SLAB_RECLAIMABLE), zspages;

	if (__builtin_mul_overflow(amount(snapshot, SYS_VM_NR_ZSPAGES), snapshot->host->page_bytes, &zspages))
		zspages = amount_max;
	zspages = bounded(zspages);
	return larger(amount(snapshot, SYS_VMALLOC_USED), stacks) + amount(snapshot, SYS_PERCPU) +
	       larger(caches, 0) + larger(amount(snapshot, SYS_ZSWAP), zspages) +
	       amount(snapshot, SYS_GPU_ACTIVE) + amount(snapshot, SYS_GPU_RECLAIM);
}

bool overview_split_memory(const struct snapshot *snapshot, struct memory_split *split)
{
	int64_t shmem = amount(snapshot, SYS_SHMEM);
	const int64_t counted[MEMORY_KIND_COUNT] = {
		[MEMORY_ANON] = amount(snapshot, SYS_ANON_PAGES),
		[MEMORY_FILE] = larger(amount(snapshot, SYS_CACHED) + amount(snapshot, SYS_BUFFERS) - shmem, 0),
		[MEMORY_SHMEM] = shmem,
		[MEMORY_HUGE] = amount(snapshot, SYS_HUGETLB),
		[MEMORY_SLAB] = amount(snapshot, SYS_SLAB),
		[MEMORY_PAGETABLES] = amount(snapshot, SYS_PAGE_TABLES) + amount(snapshot, SYS_SEC_PAGE_TABLES),
		[MEMORY_KERNEL] = kernel_bytes(snapshot),
	};
	int64_t total = amount(snapshot, SYS_MEM_TOTAL), left = total,
		free_bytes = amount(snapshot, SYS_MEM_FREE);

	*split = (struct memory_split){ .total_bytes = total };
	if (!total)
		return false;
	split->bytes[MEMORY_FREE] = free_bytes < left ? free_bytes : left;
	left -= split->bytes[MEMORY_FREE];
	for (unsigned i = 0; i < MEMORY_OTHER; i++) {
		split->bytes[i] = counted[i] < left ? counted[i] : left;
		left -= split->bytes[i];
	}
	split->bytes[MEMORY_OTHER] = left;
	return true;
}

bool overview_split_swap(const struct snapshot *snapshot, struct swap_split *split)
{
	struct value total = system_value(snapshot, SYS_SWAP_TOTAL),
		     unused = system_value(snapshot, SYS_SWAP_FREE);
	int64_t used, cached = amount(snapshot, SYS_SWAP_CACHED), size = bounded(total.amount);

	*split = (struct swap_split){ 0 };
	if (!value_has_amount(total.status) || !value_has_amount(unused.status))
		return false;
	used = larger(size - bounded(unused.amount), 0);
	if (cached > used)
		cached = used;
	split->total_bytes = size;
	split->bytes[SWAP_OUT] = used - cached;
	split->bytes[SWAP_CACHED] = cached;
	split->bytes[SWAP_FREE] = size - used;
	return true;
}

int64_t overview_pss_estimated(const struct snapshot *snapshot)
{
	int64_t sum = 0;

	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct process *process = &snapshot->processes[i];

		if (process->status[PROC_PSS] == VALUE_ESTIMATED && process->amount[PROC_PSS] > 0 &&
		    __builtin_add_overflow(sum, process->amount[PROC_PSS], &sum))
			return INT64_MAX;
	}
	return sum;
}

size_t overview_running(const struct snapshot *snapshot)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->process_count; i++) {
		struct value state = process_value(&snapshot->processes[i], PROC_STATE);

		count += state.status == VALUE_OK && state.amount == 'R';
	}
	return count;
}

struct value overview_self_cpu(struct self_cpu *before, const struct snapshot *snapshot)
{
	struct value now = system_value(snapshot, SYS_SELF_CPU), share = value_none(VALUE_PENDING);
	int64_t passed, used;
	double percent;

	if (!value_has_amount(now.status))
		return value_none(now.status);
	if (before->known && !__builtin_sub_overflow(snapshot->boottime_ns, before->boottime_ns, &passed) &&
	    !__builtin_sub_overflow(now.amount, before->cpu_ns, &used) && passed > 0 && used >= 0) {
		percent = 100000.0 * (double)used / (double)passed;
		share = value_ok(percent < (double)amount_max ? (int64_t)percent : amount_max);
	}
	*before = (struct self_cpu){ true, now.amount, snapshot->boottime_ns };
	return share;
}

struct pss_progress overview_pss_progress(const struct snapshot *snapshot)
{
	struct pss_progress progress = { 0 };
	int64_t kept_off = amount(snapshot, SYS_PSS_OVER_LIMIT) + amount(snapshot, SYS_PSS_PROTECTED);

	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct process *process = &snapshot->processes[i];
		enum value_status pss = process->status[PROC_PSS];

		progress.read += value_has_amount(process->status[PROC_PSS_AGE]);
		progress.readable += value_has_amount(pss) || pss == VALUE_PENDING;
	}
	progress.readable -= kept_off < (int64_t)progress.readable ? (size_t)kept_off : progress.readable;
	if (progress.readable < progress.read)
		progress.readable = progress.read;
	return progress;
}
