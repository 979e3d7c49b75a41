/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Swap, as the caller has set it up. Only a device without delay (zram) leaves nothing in the swap cache once a
 * page is written; and with readahead (vm.page-cluster) one fault would read what others need.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "faultgen.h"

enum { TRIES = 50, PAUSE_US = 20000 };

#define PAGEMAP_SWAPPED (UINT64_C(1) << 62)	/* Documentation/admin-guide/mm/pagemap.rst */

/* How many items are swapped out, and how many of them the swap cache still has (mincore knows:
 * mincore_swap). */
static size_t swapped_items(const struct faultgen *gen, size_t *cached)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t swapped = 0;

	*cached = 0;
	for (size_t i = 0; fd >= 0 && i < gen->items; i++) {
		char *item = gen->base + i * gen->item_bytes;
		unsigned char in_core = 0;
		uint64_t entry = 0;
		off_t offset = (off_t)((uintptr_t)item / gen->page_bytes * sizeof(entry));

		if (pread(fd, &entry, sizeof(entry), offset) != sizeof(entry) || !(entry & PAGEMAP_SWAPPED))
			continue;
		swapped++;
		if (!mincore(item, 1, &in_core) && (in_core & 1))
			++*cached;
	}
	if (fd >= 0)
		close(fd);
	return swapped;
}

/* Memory that is all on swap. */
static int swap_out(struct faultgen *gen, bool cache_empty)
{
	size_t swapped = 0, cached = 0;

	if (file_number("/proc/meminfo", "SwapTotal:") <= 0)
		return faultgen_skip(gen, "no swap");
	if (file_number("/proc/sys/vm/page-cluster", NULL) != 0)
		return faultgen_skip(gen, "vm.page-cluster is not 0: one fault reads what others need");
	if (anon_setup(gen))
		return -1;
	region_write(gen, 0, gen->items);
	for (int i = 0; i < TRIES; i++) {
		if (i)
			usleep(PAUSE_US);
		if (madvise(gen->base, gen->items * gen->item_bytes, MADV_PAGEOUT))
			return faultgen_skip(gen, "madvise(MADV_PAGEOUT): %s", strerror(errno));
		swapped = swapped_items(gen, &cached);
		if (swapped == gen->items && !(cache_empty && cached))
			return 0;
	}
	if (swapped < gen->items)
		return faultgen_skip(gen, "only %zu of %zu pages went to swap", swapped, gen->items);
	return faultgen_skip(gen, "%zu of %zu pages stay in the swap cache (zram leaves none)", cached,
			     gen->items);
}

int swap_in_setup(struct faultgen *gen)
{
	return swap_out(gen, true);
}

static void read_all(struct faultgen *gen)
{
	region_read(gen, 0, gen->items);
}

/* A child that shares the swap entries reads them in; for the sake of ours the pages stay in the swap cache. */
int swap_cache_setup(struct faultgen *gen)
{
	size_t swapped, cached;

	if (swap_out(gen, false) || child_start(gen, read_all))
		return -1;
	swapped = swapped_items(gen, &cached);
	if (swapped != gen->items || cached != gen->items)
		return faultgen_skip(gen, "the swap cache has %zu of %zu pages", cached, gen->items);
	return 0;
}
