/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Anonymous private memory: demand-zero, the zero page, copy-on-write, reuse, population, locking, the stack. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faultgen.h"

/* Untouched memory; the class decides whether it is read (zero page) or written (demand-zero). */
int anon_setup(struct faultgen *gen)
{
	return region_map(gen, gen->page_bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
}

int zero_page_write_setup(struct faultgen *gen)
{
	if (anon_setup(gen))
		return -1;
	region_read(gen, 0, gen->items);
	return 0;
}

int refault_setup(struct faultgen *gen)
{
	if (anon_setup(gen))
		return -1;
	region_write(gen, 0, gen->items);
	if (madvise(gen->base, gen->items * gen->item_bytes, MADV_DONTNEED))
		faultgen_die("madvise(MADV_DONTNEED)");
	return 0;
}

#define PAGEMAP_FRAME ((UINT64_C(1) << 55) - 1)	/* Documentation/admin-guide/mm/pagemap.rst */

/* The page frames that the items had before the faults, which tell a copy from a reuse. */
static uint64_t *frames;

/* 0 without CAP_SYS_ADMIN. */
static uint64_t item_frame(const struct faultgen *gen, int pagemap, size_t i)
{
	uintptr_t page = (uintptr_t)(gen->base + i * gen->item_bytes) / gen->page_bytes;
	uint64_t entry;

	if (pread(pagemap, &entry, sizeof(entry), (off_t)(page * sizeof(entry))) != sizeof(entry))
		return 0;
	return entry & PAGEMAP_FRAME;
}

static int pagemap_open(void)
{
	return open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
}

void frames_note(struct faultgen *gen)
{
	int pagemap = pagemap_open();

	frames = calloc(gen->items, sizeof(*frames));
	if (!frames)
		faultgen_die("memory");
	for (size_t i = 0; pagemap >= 0 && i < gen->items; i++)
		frames[i] = item_frame(gen, pagemap, i);
	if (pagemap >= 0)
		close(pagemap);
}

/* Whether the items changed their frames (MOVED) or kept them; where frames are hidden, all is well. */
static int frames_check(struct faultgen *gen, size_t first, size_t count, bool moved)
{
	int pagemap = pagemap_open();
	size_t wrong = 0;

	for (size_t i = first; pagemap >= 0 && i < first + count; i++)
		if (frames[i] && (item_frame(gen, pagemap, i) != frames[i]) != moved)
			wrong++;
	if (pagemap >= 0)
		close(pagemap);
	if (wrong)
		return faultgen_skip(gen, "%zu of %zu pages were %s", wrong, count,
				     moved ? "reused" : "copied");
	return 0;
}

/* Pages shared with a child: written here, they are copied. */
int cow_setup(struct faultgen *gen)
{
	if (anon_setup(gen))
		return -1;
	region_write(gen, 0, gen->items);
	frames_note(gen);
	return child_start(gen, NULL);
}

int cow_check(struct faultgen *gen, size_t first, size_t count)
{
	return frames_check(gen, first, count, true);
}

/*
 * Pages that were shared with a child which is gone: written here, they are only made writable again. Before
 * 5.18 a page that a processor still has on its way to the LRU lists has a reference more and is copied
 * instead; MADV_COLD takes them off that way (lru_add_drain, 5.4+), on the processor it runs on.
 */
int wp_reuse_setup(struct faultgen *gen)
{
	cpu_set_t all, one;
	bool bound;
	pid_t child;
	char *other;
	int cpu = sched_getcpu();

	CPU_ZERO(&one);
	if (cpu >= 0 && cpu < CPU_SETSIZE)
		CPU_SET(cpu, &one);
	bound = !sched_getaffinity(0, sizeof(all), &all) && !sched_setaffinity(0, sizeof(one), &one);
	if (anon_setup(gen))
		return -1;
	region_write(gen, 0, gen->items);
	frames_note(gen);
	child = fork();
	if (child < 0)
		faultgen_die("fork");
	if (!child)
		_exit(0);
	if (waitpid(child, NULL, 0) != child)
		faultgen_die("waitpid");
	other = mmap(NULL, gen->page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (other == MAP_FAILED)
		faultgen_die("mmap");
	madvise(other, gen->page_bytes, MADV_COLD);
	munmap(other, gen->page_bytes);
	if (bound)
		sched_setaffinity(0, sizeof(all), &all);
	return 0;
}

int wp_reuse_check(struct faultgen *gen, size_t first, size_t count)
{
	return frames_check(gen, first, count, false);
}

/* A place only: the phase itself maps over it. */
int populate_setup(struct faultgen *gen)
{
	return region_map(gen, gen->page_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
}

void populate_run(struct faultgen *gen, size_t first, size_t count)
{
	if (!count)
		return;
	if (mmap(gen->base + first * gen->item_bytes, count * gen->item_bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0) == MAP_FAILED)
		faultgen_die("mmap with MAP_POPULATE");
}

int mlock_setup(struct faultgen *gen)
{
	char *other;

	if (anon_setup(gen))
		return -1;
	/* As much as the phase will lock, before it is touched: that takes no pages. */
	other = mmap(NULL, gen->items * gen->item_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (other == MAP_FAILED)
		faultgen_die("mmap");
	if (mlock2(other, gen->items * gen->item_bytes, MLOCK_ONFAULT)) {
		munmap(other, gen->items * gen->item_bytes);
		return faultgen_skip(gen, "%zu bytes cannot be locked: %s", gen->items * gen->item_bytes, strerror(errno));
	}
	munmap(other, gen->items * gen->item_bytes);
	return 0;
}

void mlock_run(struct faultgen *gen, size_t first, size_t count)
{
	if (count && mlock(gen->base + first * gen->item_bytes, count * gen->item_bytes))
		faultgen_die("mlock");
}

/* Where the stack of the main thread ends now; below it, it grows. */
static char *stack_low;

/* Below the present end of the stack, an item after the other downwards. A locked stack (mlockall) would be
 * another case. */
int stack_setup(struct faultgen *gen)
{
	unsigned long low = 0, high = 0;
	struct rlimit limit;
	char line[512];
	FILE *maps;

	image_touch();	/* what the phase uses itself lies above */
	maps = fopen("/proc/self/maps", "re");
	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[stack]") && sscanf(line, "%lx-%lx", &low, &high) != 2)
			low = 0;
	if (maps)
		fclose(maps);
	if (!low)
		return faultgen_skip(gen, "/proc/self/maps shows no stack");
	munlock((void *)low, high - low);
	if (getrlimit(RLIMIT_STACK, &limit))
		faultgen_die("getrlimit");
	gen->item_bytes = gen->page_bytes;
	if (limit.rlim_cur != RLIM_INFINITY &&
	    high - low + (gen->items + 1) * gen->page_bytes > limit.rlim_cur)
		return faultgen_skip(gen, "RLIMIT_STACK is %llu bytes", (unsigned long long)limit.rlim_cur);
	stack_low = (char *)low;
	return 0;
}

/* The item to warm up with has the last number, but must be the first below. */
void stack_run(struct faultgen *gen, size_t first, size_t count)
{
	size_t below = first == gen->count ? 1 : first + 2;

	for (; count; count--, below++)
		*(volatile char *)(stack_low - below * gen->item_bytes) = 1;
}
