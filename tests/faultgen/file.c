/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mapped files. They are written a page at a time, so that the page cache holds pages and not large folios, and
 * are nobody else's: an unnamed file below --dir, or a memfd.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "faultgen.h"

enum { DROP_TRIES = 50, DROP_PAUSE_US = 20000 };

static int file_create(struct faultgen *gen)
{
	char path[4096];

	gen->fd = open(gen->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (gen->fd >= 0)
		return 0;
	/* not every file system knows unnamed files */
	if (snprintf(path, sizeof(path), "%s/faultgen.XXXXXX", gen->dir) >= (int)sizeof(path))
		return faultgen_skip(gen, "the name of the directory is too long");
	gen->fd = mkostemp(path, O_CLOEXEC);
	if (gen->fd < 0)
		return faultgen_skip(gen, "no file can be made in %.100s: %s", gen->dir, strerror(errno));
	unlink(path);
	return 0;
}

/* One page at the start of each of COUNT stretches of STRIDE bytes; what lies between stays a hole. */
static int file_fill(struct faultgen *gen, size_t count, size_t stride)
{
	char *page = malloc(gen->page_bytes);
	bool good = page && !ftruncate(gen->fd, (off_t)(count * stride));

	for (size_t i = 0; good && i < count; i++) {
		memset(page, (int)(i + 1), gen->page_bytes);
		good = pwrite(gen->fd, page, gen->page_bytes, (off_t)(i * stride)) == (ssize_t)gen->page_bytes;
	}
	good = good && !fsync(gen->fd);
	free(page);
	return good ? 0 : faultgen_skip(gen, "cannot write a file in %.100s: %s", gen->dir, strerror(errno));
}

/* A file of cached, clean pages, one an item. */
static int file_make(struct faultgen *gen, size_t stride)
{
	return file_create(gen) || file_fill(gen, gen->items, stride) ? -1 : 0;
}

static long minor_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/*
 * How far a fault on a cached page maps its neighbours too (fault_around_bytes, which only debugfs tells): the
 * first page behind a touched one, at a power of two, that still faults. 0 with the reason when it could not be
 * found out.
 */
static size_t fault_around(struct faultgen *gen)
{
	enum { PAGES = 512 };
	struct faultgen probe = { .fd = -1, .items = 2, .page_bytes = gen->page_bytes, .dir = gen->dir };
	size_t half = PAGES / 2 * gen->page_bytes, reach = gen->page_bytes;

	if (file_create(&probe) || file_fill(&probe, PAGES, gen->page_bytes) ||
	    region_map(&probe, half, PROT_READ, MAP_PRIVATE)) {
		memcpy(gen->reason, probe.reason, sizeof(gen->reason));
		faultgen_release(&probe);
		return 0;
	}
	minor_faults();
	region_read(&probe, 0, 1);
	for (; reach < half; reach *= 2) {
		long before = minor_faults();

		(void)*(volatile char *)(probe.base + reach);
		if (minor_faults() != before)
			break;
	}
	faultgen_release(&probe);
	return reach;
}

int cow_file_unmapped_setup(struct faultgen *gen)
{
	if (file_make(gen, gen->page_bytes))
		return -1;
	return region_map(gen, gen->page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

int cow_file_mapped_setup(struct faultgen *gen)
{
	if (cow_file_unmapped_setup(gen))
		return -1;
	region_read(gen, 0, gen->items);
	return 0;
}

/* What becomes of initialized data: pages of a private file mapping that have been written before a fork. */
int cow_data_setup(struct faultgen *gen)
{
	if (cow_file_unmapped_setup(gen))
		return -1;
	region_write(gen, 0, gen->items);
	frames_note(gen);
	return child_start(gen, NULL);
}

/* Cached pages so far apart that mapping one maps no other. */
int file_minor_setup(struct faultgen *gen)
{
	size_t stride = fault_around(gen);

	if (!stride || file_make(gen, stride))
		return -1;
	return region_map(gen, stride, PROT_READ, MAP_PRIVATE);
}

/* How many items are in the page cache. */
static size_t cached_items(const struct faultgen *gen)
{
	unsigned char in_core;
	size_t cached = 0;

	for (size_t i = 0; i < gen->items; i++)
		if (mincore(gen->base + i * gen->item_bytes, 1, &in_core) || (in_core & 1))
			cached++;
	return cached;
}

/* The same, but dropped from the cache; MADV_RANDOM, for no fault must read what another will need. */
int file_major_setup(struct faultgen *gen)
{
	size_t cached = gen->items;

	if (file_minor_setup(gen))
		return -1;
	if (madvise(gen->base, gen->items * gen->item_bytes, MADV_RANDOM))
		faultgen_die("madvise(MADV_RANDOM)");
	for (int i = 0; cached && i < DROP_TRIES; i++) {
		if (i)
			usleep(DROP_PAUSE_US);
		posix_fadvise(gen->fd, 0, 0, POSIX_FADV_DONTNEED);
		cached = cached_items(gen);
	}
	if (cached)
		return faultgen_skip(gen, "%zu of %zu pages stay in the page cache of %.80s", cached,
				     gen->items, gen->dir);
	return 0;
}

int shared_write_setup(struct faultgen *gen)
{
	if (file_make(gen, gen->page_bytes))
		return -1;
	return region_map(gen, gen->page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED);
}

int shared_write_shm_setup(struct faultgen *gen)
{
	gen->fd = memfd_create("faultgen", MFD_CLOEXEC);
	if (gen->fd < 0)
		return faultgen_skip(gen, "memfd_create: %s", strerror(errno));
	if (file_fill(gen, gen->items, gen->page_bytes))
		return -1;
	return region_map(gen, gen->page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED);
}

/* Clean pages, mapped by reading: the file system is asked before the first write to each. */
int mkwrite_setup(struct faultgen *gen)
{
	struct statfs fs;

	if (statfs(gen->dir, &fs))
		return faultgen_skip(gen, "%.100s: %s", gen->dir, strerror(errno));
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC || fs.f_type == HUGETLBFS_MAGIC)
		return faultgen_skip(gen, "%.100s is in memory: no page_mkwrite there", gen->dir);
	if (shared_write_setup(gen))
		return -1;
	region_read(gen, 0, gen->items);
	return 0;
}
