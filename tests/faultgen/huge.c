/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Huge pages, transparent and reserved: an item is a whole one. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "faultgen.h"

#define TRANSPARENT "/sys/kernel/mm/transparent_hugepage/"
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)	/* Documentation/admin-guide/mm/pagemap.rst */

int thp_setup(struct faultgen *gen)
{
	long long bytes = file_number(TRANSPARENT "hpage_pmd_size", NULL);
	char enabled[64] = "";
	int fd = open(TRANSPARENT "enabled", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || bytes <= 0)
		return faultgen_skip(gen, "no transparent huge pages in this kernel");
	if (read(fd, enabled, sizeof(enabled) - 1) < 0)
		enabled[0] = '\0';
	close(fd);
	if (strstr(enabled, "[never]"))
		return faultgen_skip(gen, "transparent huge pages are turned off");
	if (region_map(gen, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE))
		return -1;
	if (madvise(gen->base, gen->items * gen->item_bytes, MADV_HUGEPAGE))
		return faultgen_skip(gen, "madvise(MADV_HUGEPAGE): %s", strerror(errno));
	return 0;
}

/* Only the first byte of an item was touched: when the last page of its BYTES is there too, the page is huge. */
static int ends_check(struct faultgen *gen, size_t first, size_t count, size_t bytes)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t huge = 0;

	if (fd < 0)
		return faultgen_skip(gen, "/proc/self/pagemap: %s", strerror(errno));
	for (size_t i = first; i < first + count; i++) {
		uintptr_t last = (uintptr_t)gen->base + i * gen->item_bytes + bytes - 1;
		off_t offset = (off_t)(last / gen->page_bytes * sizeof(uint64_t));
		uint64_t entry;

		if (pread(fd, &entry, sizeof(entry), offset) == sizeof(entry) && (entry & PAGEMAP_PRESENT))
			huge++;
	}
	close(fd);
	if (huge != count)
		return faultgen_skip(gen, "%zu of %zu huge pages could be had", huge, count);
	return 0;
}

int thp_check(struct faultgen *gen, size_t first, size_t count)
{
	return ends_check(gen, first, count, gen->item_bytes);
}

enum { MTHP_BYTES = 64 * 1024 };

/* Each item is half a mapping of its own, so that no larger page has room; the rest cannot be touched. */
int mthp_setup(struct faultgen *gen)
{
	char enabled[64] = "";
	int fd = open(TRANSPARENT "hugepages-64kB/enabled", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return faultgen_skip(gen, "no transparent huge pages of 64 KiB in this kernel");
	if (read(fd, enabled, sizeof(enabled) - 1) < 0)
		enabled[0] = '\0';
	close(fd);
	if (!strstr(enabled, "[always]") && !strstr(enabled, "[madvise]"))
		return faultgen_skip(gen, "transparent huge pages of 64 KiB are turned off");
	if (region_map(gen, 2 * MTHP_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE))
		return -1;
	for (size_t i = 0; i < gen->items; i++) {
		char *item = gen->base + i * gen->item_bytes;

		if (mprotect(item, MTHP_BYTES, PROT_READ | PROT_WRITE) || madvise(item, MTHP_BYTES, MADV_HUGEPAGE))
			return faultgen_skip(gen, "mprotect or madvise(MADV_HUGEPAGE): %s", strerror(errno));
	}
	return 0;
}

int mthp_check(struct faultgen *gen, size_t first, size_t count)
{
	return ends_check(gen, first, count, MTHP_BYTES);
}

int hugetlb_setup(struct faultgen *gen)
{
	long long kib = file_number("/proc/meminfo", "Hugepagesize:");
	long long unused = file_number("/proc/meminfo", "HugePages_Free:");

	if (kib <= 0)
		return faultgen_skip(gen, "no hugetlb in this kernel");
	if (unused < (long long)gen->items)
		return faultgen_skip(gen, "%lld huge pages are free, %zu needed (vm.nr_hugepages)", unused,
				     gen->items);
	return region_map(gen, (size_t)kib * 1024, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB);
}
