/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "faultgen.h"

int faultgen_skip(struct faultgen *gen, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(gen->reason, sizeof(gen->reason), fmt, args);
	va_end(args);
	return -1;
}

void faultgen_die(const char *what)
{
	fprintf(stderr, "faultgen: %s: %s\n", what, strerror(errno));
	exit(1);
}

void pause_for(double seconds)
{
	struct timespec left = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

int region_map(struct faultgen *gen, size_t item_bytes, int prot, int flags)
{
	size_t size, slack, bytes;
	uintptr_t start, from;
	char *memory;

	if (__builtin_mul_overflow(gen->items, item_bytes, &size) || size > SIZE_MAX / 4)
		return faultgen_skip(gen, "%zu items of %zu bytes are too many", gen->items, item_bytes);
	/* Room to align in; then the real thing over it, and the rest goes back. */
	bytes = size + item_bytes;
	memory = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return faultgen_skip(gen, "no room for %zu bytes: %s", bytes, strerror(errno));
	from = (uintptr_t)memory;
	start = (from + item_bytes - 1) / item_bytes * item_bytes;
	slack = start - from;
	if (slack)
		munmap(memory, slack);
	munmap((char *)start + size, bytes - slack - size);
	memory = mmap((char *)start, size, prot, flags | MAP_FIXED, gen->fd, 0);
	if (memory == MAP_FAILED) {
		munmap((char *)start, size);
		return faultgen_skip(gen, "cannot map %zu bytes: %s", size, strerror(errno));
	}
	gen->base = memory;
	gen->item_bytes = item_bytes;
	return 0;
}

void region_read(struct faultgen *gen, size_t first, size_t count)
{
	const volatile char *item = gen->base + first * gen->item_bytes;

	for (; count; count--, item += gen->item_bytes)
		(void)*item;
}

void region_write(struct faultgen *gen, size_t first, size_t count)
{
	volatile char *item = gen->base + first * gen->item_bytes;

	for (; count; count--, item += gen->item_bytes)
		*item = 1;
}

int child_start(struct faultgen *gen, void (*act)(struct faultgen *gen))
{
	int ready[2];
	char done;

	if (pipe2(ready, O_CLOEXEC))
		faultgen_die("pipe");
	gen->child = fork();
	if (gen->child < 0)
		faultgen_die("fork");
	if (!gen->child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* whoever waits for the end of faultgen's output must not wait for the child */
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(ready[0]);
		if (act)
			act(gen);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &done, 1) != 1)
		faultgen_die("a child ended before its time");
	close(ready[0]);
	return 0;
}

void faultgen_release(struct faultgen *gen)
{
	if (gen->child > 0) {
		kill(gen->child, SIGKILL);
		waitpid(gen->child, NULL, __WALL);
	}
	if (gen->base)
		munmap(gen->base, gen->items * gen->item_bytes);
	if (gen->fd >= 0)
		close(gen->fd);
	gen->child = 0;
	gen->base = NULL;
	gen->fd = -1;
}

long long file_number(const char *path, const char *key)
{
	char text[4096];
	const char *at = text;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (got <= 0)
		return -1;
	text[got] = '\0';
	if (key) {
		at = strstr(text, key);
		if (!at)
			return -1;
		at += strlen(key);
	}
	return atoll(at);
}
