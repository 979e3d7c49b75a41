/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child process that does what it is told, one letter at a time, and answers when it has done it. */
#ifndef MEMTIDE_TESTS_ACTOR_H
#define MEMTIDE_TESTS_ACTOR_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

struct actor {
	pid_t pid;
	int to, from;
};

/* Runs ACT(letter, context) in a child for each letter, until the parent closes the pipe. */
static inline void actor_start(struct actor *actor, void (*act)(char letter, void *context), void *context)
{
	int to[2], from[2];
	char letter;

	if (pipe(to) || pipe(from))
		tap_bail("pipe");
	fflush(stdout);
	actor->pid = fork();
	if (actor->pid < 0)
		tap_bail("fork");
	if (actor->pid) {
		close(to[0]);
		close(from[1]);
		actor->to = to[1];
		actor->from = from[0];
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(to[1]);
	close(from[0]);
	while (read(to[0], &letter, 1) == 1) {
		act(letter, context);
		if (write(from[1], &letter, 1) != 1)
			break;
	}
	_exit(0);
}

static inline void actor_do(struct actor *actor, char letter)
{
	char answer;

	if (write(actor->to, &letter, 1) != 1 || read(actor->from, &answer, 1) != 1)
		tap_bail("a child ended before its time");
}

static inline void actor_end(struct actor *actor)
{
	close(actor->to);
	close(actor->from);
	kill(actor->pid, SIGKILL);
	waitpid(actor->pid, NULL, 0);
}

/* SIZE bytes of FD (or anonymous private memory with -1), every base page written or, for READ_ONLY, read. */
static inline char *resident(size_t size, int fd, int flags, int read_only)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, size, read_only ? PROT_READ : PROT_READ | PROT_WRITE,
			    fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : flags, fd, 0);

	if (memory == MAP_FAILED)
		tap_bail("mmap of %zu bytes", size);
	madvise(memory, size, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < size; i += page) {
		if (read_only)
			(void)*(volatile char *)&memory[i];
		else
			memory[i] = (char)(i / page + 1);
	}
	return memory;
}

/* KEY ("Pss:") of /proc/PID/smaps_rollup in bytes, read by other means than memtide's; -1 when absent. */
static inline int64_t rollup_field(pid_t pid, const char *key)
{
	char path[64], line[256];
	long long kib = -1;
	size_t len = strlen(key);
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	while (kib < 0 && fgets(line, sizeof line, file))
		if (!strncmp(line, key, len))
			kib = atoll(line + len);
	fclose(file);
	return kib < 0 ? -1 : kib * 1024;
}

#endif
