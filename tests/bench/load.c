/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memtide-load: picks the mode; see load.h. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

static const struct mode {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;
} modes[] = {
	{ "population", population_main,
	  "[population] -n N [--active PERCENT] [--active-big COUNT] [--seed S] [--dir DIR]\n"
	  "                               N processes of which PERCENT (2) change their memory each second" },
	{ "fork-exit", fork_exit_main,
	  "fork-exit [MIB]              private memory; commands: fork, exit" },
	{ "memfd", memfd_main,
	  "memfd [MIB]                  an owner and a peer; commands: map, unmap, exit" },
	{ "file-sharer", file_sharer_main,
	  "file-sharer DIR [MIB]        two processes map a file of DIR; commands: exit" },
	{ "mmap-loop", mmap_loop_main,
	  "mmap-loop [SECONDS [MIB]]    latency of mmap + munmap beside resident MIB; run SECONDS" },
	{ "forkbomb", forkbomb_main,
	  "forkbomb RATE SECONDS        RATE short-lived processes a second" },
	{ "many-threads", many_threads_main,
	  "many-threads N               commands: fault PAGES, end COUNT, start COUNT, usage" },
	{ "faults", faults_main,
	  "faults                       ns per page fault; commands: run anon|cow|file THREADS TURNS" },
	{ "storm", storm_main,
	  "storm                        processes and their faults; commands: run RATE SECONDS, start COUNT, end, faults" },
	{ "hostile", hostile_main,
	  "hostile [FIRST LAST]         processes with hostile names and command lines" },
};

static int usage(void)
{
	fputs("usage: memtide-load MODE ...\n", stderr);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		fprintf(stderr, "  %s\n", modes[i].usage);
	return 2;
}

int main(int argc, char **argv)
{
	const char *hostile = getenv(HOSTILE_ENV);

	if (hostile)
		return hostile_member((unsigned)number_arg(HOSTILE_ENV, hostile, 0, 1000));
	if (argc < 2)
		return usage();
	if (strcmp(argv[1], "member") == 0)
		return population_member(argc - 1, argv + 1);
	end_with_parent(getppid(), SIGTERM);
	if (strcmp(argv[1], "-n") == 0)
		return population_main(argc, argv);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run(argc - 1, argv + 1);
	return usage();
}
