/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmap-loop: what a reader of smaps_rollup does to its target. The process holds resident memory in 4 KiB
 * pages (or whatever the page size is) and maps, touches and unmaps 64 KiB in a loop; mmap and munmap want the
 * mmap lock for writing, which the reader holds for reading.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "histogram.h"
#include "load.h"

enum { RESIDENT_MIB = 1024, RESIDENT_MIB_MAX = 65536, SECONDS_MAX = 3600, LOOP_BYTES = 65536 };

/* One turn of the loop: nanoseconds in mmap and munmap. */
static uint64_t loop_once(void)
{
	uint64_t before = now_ns(), mapped, touched;
	unsigned char *memory = mmap(NULL, LOOP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
				     0);

	mapped = now_ns();
	if (memory == MAP_FAILED)
		die("mmap");
	/* Touching takes no mmap lock on kernels with per-VMA locks: it is not what is measured. */
	pages_write(memory, LOOP_BYTES, 1);
	touched = now_ns();
	if (munmap(memory, LOOP_BYTES) < 0)
		die("munmap");
	return mapped - before + now_ns() - touched;
}

static long preemptions(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

static unsigned long long quantile(const struct histogram *histogram, unsigned per_mille)
{
	return histogram_quantile(histogram, per_mille);
}

/* Turns in which the scheduler took the CPU away say more about the machine's other work than about the lock,
 * for which one waits by sleeping: they are in the numbers all_*, but not in the others. */
static void loop_run(long seconds)
{
	static struct histogram all, own;
	uint64_t end = now_ns() + (uint64_t)seconds * 1000000000u;
	long before = preemptions();

	memset(&all, 0, sizeof(all));
	memset(&own, 0, sizeof(own));
	while (now_ns() < end) {
		uint64_t took = loop_once();
		long after = preemptions();

		histogram_add(&all, took);
		if (after == before)
			histogram_add(&own, took);
		before = after;
	}
	say("ok count=%llu preempted=%llu p50_ns=%llu p99_ns=%llu p999_ns=%llu max_ns=%llu all_p999_ns=%llu "
	    "all_max_ns=%llu", (unsigned long long)all.count, (unsigned long long)(all.count - own.count),
	    quantile(&own, 500), quantile(&own, 990), quantile(&own, 999), (unsigned long long)own.max,
	    quantile(&all, 999), (unsigned long long)all.max);
}

static void loop_command(const char *line, void *context)
{
	long seconds;

	(void)context;
	if (sscanf(line, "run %ld", &seconds) == 1 && seconds >= 1 && seconds <= SECONDS_MAX)
		loop_run(seconds);
	else
		say("error run SECONDS");
}

int mmap_loop_main(int argc, char **argv)
{
	long seconds = argc > 1 ? number_arg("SECONDS", argv[1], 0, SECONDS_MAX) : 0;
	long mib = argc > 2 ? number_arg("MIB", argv[2], 1, RESIDENT_MIB_MAX) : RESIDENT_MIB;
	size_t bytes = MIB * (size_t)mib;

	pages_write(private_map(bytes), bytes, 1);
	say("ready pid=%d bytes=%zu", (int)getpid(), bytes);
	if (seconds)
		loop_run(seconds);
	else
		command_loop(loop_command, NULL);
	return 0;
}
