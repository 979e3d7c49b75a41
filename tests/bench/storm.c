/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * storm: more processes than one can look at, whose page faults are known all the same: each is waited for, and the kernel
 * adds its faults to those of its parent's children. All are named STORM_COMM, this one too.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

#define STORM_COMM "memtide-storm"

enum { STORM_RATE_MAX = 100000, STORM_SECONDS_MAX = 600, STORM_PAGES = 4, LIVE_MAX = 200000, ALIVE_MAX = 200 };

struct storm {
	unsigned char *memory;		/* STORM_PAGES that each child writes to */
	size_t bytes;
	pid_t *live;
	long live_count;
};

/* Accounted faults of this process and of all children that were waited for. */
static unsigned long long all_faults(void)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return (unsigned long long)(self.ru_minflt + self.ru_majflt + children.ru_minflt + children.ru_majflt);
}

static pid_t child_start(const struct storm *storm, bool stays)
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	end_with_parent(parent, SIGKILL);
	pages_write(storm->memory, storm->bytes, 1);
	while (stays)
		pause();
	_exit(0);
}

/* RATE children a second, or as many as the machine makes. */
static void storm_run(const struct storm *storm, long rate, long seconds)
{
	uint64_t start = now_ns(), end = start + (uint64_t)seconds * 1000000000u;
	long made = 0, failed = 0, alive = 0;

	while (now_ns() < end) {
		sleep_until_ns(start + (uint64_t)(made + failed) * 1000000000u / (uint64_t)rate);
		while (alive && waitpid(-1, NULL, alive < ALIVE_MAX ? WNOHANG : 0) > 0)
			alive--;
		if (child_start(storm, false) > 0) {
			alive++;
			made++;
		} else {
			failed++;
		}
	}
	while (alive && waitpid(-1, NULL, 0) > 0)
		alive--;
	say("ok made=%ld failed=%ld seconds=%.2f", made, failed, (double)(now_ns() - start) / 1e9);
}

static void live_start(struct storm *storm, long count)
{
	storm->live = reallocarray(storm->live, (size_t)(storm->live_count + count), sizeof(*storm->live));
	if (!storm->live)
		die("memory");
	for (long i = 0; i < count; i++) {
		pid_t pid = child_start(storm, true);

		if (pid < 0) {
			say("error fork after %ld: %s", storm->live_count, strerror(errno));
			return;
		}
		storm->live[storm->live_count++] = pid;
	}
	say("ok live=%ld first=%d last=%d", storm->live_count, (int)storm->live[0],
	    (int)storm->live[storm->live_count - 1]);
}

static void live_end(struct storm *storm)
{
	for (long i = 0; i < storm->live_count; i++)
		kill(storm->live[i], SIGKILL);
	for (long i = 0; i < storm->live_count; i++)
		waitpid(storm->live[i], NULL, 0);
	say("ok ended=%ld", storm->live_count);
	storm->live_count = 0;
}

static void storm_command(const char *line, void *context)
{
	struct storm *storm = context;
	long first, second;

	if (sscanf(line, "run %ld %ld", &first, &second) == 2 && first >= 1 && first <= STORM_RATE_MAX && second >= 1 &&
	    second <= STORM_SECONDS_MAX && !storm->live_count)
		storm_run(storm, first, second);
	else if (sscanf(line, "start %ld", &first) == 1 && first >= 1 && first <= LIVE_MAX - storm->live_count)
		live_start(storm, first);
	else if (strcmp(line, "end") == 0)
		live_end(storm);
	else if (strcmp(line, "faults") == 0)
		say("ok faults=%llu", all_faults());
	else
		say("error run RATE SECONDS, start COUNT, end, faults");
}

int storm_main(int argc, char **argv)
{
	struct storm storm = { .bytes = STORM_PAGES * (size_t)sysconf(_SC_PAGESIZE) };

	(void)argc;
	(void)argv;
	prctl(PR_SET_NAME, STORM_COMM);
	storm.memory = private_map(storm.bytes);
	pages_write(storm.memory, storm.bytes, 1);
	say("ready pid=%d comm=%s", (int)getpid(), STORM_COMM);
	command_loop(storm_command, &storm);
	live_end(&storm);
	free(storm.live);
	return 0;
}
