/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the modes of memtide-load share. */
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

#include "load.h"

void die(const char *what)
{
	fprintf(stderr, "memtide-load: %s: %s\n", what, strerror(errno));
	exit(1);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	if (fflush(stdout) != 0)
		exit(1);
}

long number_arg(const char *what, const char *text, long min, long max)
{
	char *end = NULL;
	long number;

	errno = 0;
	number = text ? strtol(text, &end, 10) : 0;
	if (!text || end == text || *end != '\0' || errno || number < min || number > max) {
		fprintf(stderr, "memtide-load: %s: a number from %ld to %ld is needed\n", what, min, max);
		exit(2);
	}
	return number;
}

void end_with_parent(pid_t parent, int signal)
{
	if (prctl(PR_SET_PDEATHSIG, signal) < 0)
		die("PR_SET_PDEATHSIG");
	if (getppid() != parent)
		_exit(0);
}

unsigned char *private_map(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	/* Fails where the kernel has no huge pages, which is as good. */
	(void)madvise(memory, bytes, MADV_NOHUGEPAGE);
	return memory;
}

void pages_write(unsigned char *memory, size_t bytes, unsigned char value)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t at = 0; at < bytes; at += page)
		((volatile unsigned char *)memory)[at] = value;
}

void pages_read(const unsigned char *memory, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t at = 0; at < bytes; at += page)
		(void)((const volatile unsigned char *)memory)[at];
}

int resident_file(const char *dir, const char *name, size_t bytes, char *path, size_t cap)
{
	static unsigned char block[1 << 16];
	int fd;

	if ((size_t)snprintf(path, cap, "%s/%s.%d", dir, name, (int)getpid()) >= cap) {
		errno = ENAMETOOLONG;
		die(dir);
	}
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		die(path);
	memset(block, 'm', sizeof(block));
	for (size_t done = 0; done < bytes; ) {
		size_t want = bytes - done < sizeof(block) ? bytes - done : sizeof(block);
		ssize_t wrote = write(fd, block, want);

		if (wrote < 0) {
			int saved = errno;

			unlink(path);
			errno = saved;
			die(path);
		}
		done += (size_t)wrote;
	}
	return fd;
}

uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545F4914F6CDD1D);
}

uint64_t random_seed(uint64_t seed, uint64_t stream)
{
	uint64_t state = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15) ^
			 (stream + 1) * UINT64_C(0xD1B54A32D192ED03);

	if (!state)
		state = 1;
	for (int i = 0; i < 4; i++)
		random_next(&state);
	return state;
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void sleep_until_ns(uint64_t deadline)
{
	struct timespec when = {
		.tv_sec = (time_t)(deadline / 1000000000u),
		.tv_nsec = (long)(deadline % 1000000000u),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
		;
}

void worker_start(struct worker *worker, void (*act)(char command, void *context), void *context)
{
	int command[2], answer[2];
	pid_t parent = getpid();
	char byte;

	if (pipe(command) < 0 || pipe(answer) < 0)
		die("pipe");
	worker->pid = fork();
	if (worker->pid < 0)
		die("fork");
	if (worker->pid > 0) {
		close(command[0]);
		close(answer[1]);
		worker->command_fd = command[1];
		worker->answer_fd = answer[0];
		return;
	}
	end_with_parent(parent, SIGKILL);
	close(command[1]);
	close(answer[0]);
	while (read(command[0], &byte, 1) == 1) {
		act(byte, context);
		if (write(answer[1], &byte, 1) != 1)
			break;
	}
	_exit(0);
}

bool worker_do(struct worker *worker, char command)
{
	char answer;

	return worker->pid > 0 && write(worker->command_fd, &command, 1) == 1 &&
	       read(worker->answer_fd, &answer, 1) == 1;
}

void worker_end(struct worker *worker)
{
	if (worker->pid <= 0)
		return;
	close(worker->command_fd);
	close(worker->answer_fd);
	while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR)
		;
	worker->pid = 0;
}

static void stop(int number)
{
	(void)number;	/* interrupts the read of command_loop */
}

void command_loop(void (*run)(const char *line, void *context), void *context)
{
	struct sigaction action = { .sa_handler = stop };	/* no SA_RESTART: read() is to return */
	char line[128];

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "quit") == 0)
			break;
		run(line, context);
	}
}
