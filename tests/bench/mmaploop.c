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
#include <unistd.h>

#include "histogram.h"
#include "load.h"

enum { RESIDENT_MIB = 1024, RESIDENT_MIB_MAX = 65536, SECONDS_MAX = 3600, LOOP_BYTES = 65536 };

static void loop_run(long seconds)
{
	static struct histogram histogram;
	uint64_t end = now_ns() + (uint64_t)seconds * 1000000000u;

	memset(&histogram, 0, sizeof(histogram));
	for (;;) {
		uint64_t before = now_ns(), mapped, touched, after;
		unsigned char *memory = mmap(NULL, LOOP_BYTES, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		mapped = now_ns();
		if (memory == MAP_FAILED)
			die("mmap");
		pages_write(memory, LOOP_BYTES, 1);
		touched = now_ns();
		if (munmap(memory, LOOP_BYTES) < 0)
			die("munmap");
		after = now_ns();
		/* Touching takes no mmap lock on kernels with per-VMA locks: it is not what is measured. */
		histogram_add(&histogram, mapped - before + after - touched);
		if (after >= end)
			break;
	}
	say("ok count=%llu p50_ns=%llu p99_ns=%llu p999_ns=%llu max_ns=%llu",
	    (unsigned long long)histogram.count,
	    (unsigned long long)histogram_quantile(&histogram, 500),
	    (unsigned long long)histogram_quantile(&histogram, 990),
	    (unsigned long long)histogram_quantile(&histogram, 999), (unsigned long long)histogram.max);
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
