/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A population like that of a busy server: every process maps a shared file and has touched a part of it, owns
 * 2 to 8 MiB (a few own 256 MiB), and a few percent change their memory every second while the rest sleeps.
 *
 * Each process is executed, not only forked, so that none shares anonymous memory with another. All of it
 * stays within TOTAL_BYTES: with many processes each one's private memory is scaled down.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

#define TOTAL_BYTES ((uint64_t)12 << 30)
#define SHARED_BYTES (32 * MIB)
#define BIG_BYTES (256 * MIB)
#define MEMBER_OVERHEAD_BYTES ((uint64_t)320 << 10)	/* page tables, kernel stack, the program's own pages */

enum { MEMBERS_MAX = 30000, BIG_MAX = 4, BIG_PER = 50, READY_FD = 3, SHARED_FD = 4 };

struct plan {
	long members, active_percent, seed, active_big;
	const char *dir;
	size_t low_bytes, high_bytes;	/* range of a member's private memory */
	long big;			/* the first BIG members own BIG_BYTES; all but ACTIVE_BIG sleep */
};

static void plan_sizes(struct plan *plan)
{
	uint64_t fixed, average;

	plan->big = plan->members / BIG_PER < BIG_MAX ? plan->members / BIG_PER : BIG_MAX;
	plan->low_bytes = 2 * MIB;
	plan->high_bytes = 8 * MIB;
	fixed = SHARED_BYTES + (uint64_t)plan->big * BIG_BYTES +
		(uint64_t)plan->members * MEMBER_OVERHEAD_BYTES;
	average = fixed < TOTAL_BYTES ? (TOTAL_BYTES - fixed) / (uint64_t)plan->members : 0;
	if (average >= (plan->low_bytes + plan->high_bytes) / 2)
		return;
	plan->low_bytes = (size_t)(average * 2 / 5);
	plan->high_bytes = (size_t)(average * 8 / 5);
}

static void plan_read(struct plan *plan, int argc, char **argv)
{
	static const struct option options[] = {
		{ "active", required_argument, NULL, 'a' },
		{ "active-big", required_argument, NULL, 'b' },
		{ "seed", required_argument, NULL, 's' },
		{ "dir", required_argument, NULL, 'd' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*plan = (struct plan){ .active_percent = 2, .seed = 1, .dir = getenv("TMPDIR") };
	if (!plan->dir)
		plan->dir = "/tmp";
	while ((option = getopt_long(argc, argv, "n:", options, NULL)) != -1) {
		switch (option) {
		case 'n': plan->members = number_arg("-n", optarg, 1, MEMBERS_MAX); break;
		case 'a': plan->active_percent = number_arg("--active", optarg, 0, 100); break;
		case 'b': plan->active_big = number_arg("--active-big", optarg, 0, BIG_MAX); break;
		case 's': plan->seed = number_arg("--seed", optarg, 0, 1000000000); break;
		case 'd': plan->dir = optarg; break;
		default: exit(2);
		}
	}
	if (!plan->members || optind != argc) {
		fputs("memtide-load: population: -n N is needed, and no other words\n", stderr);
		exit(2);
	}
	plan_sizes(plan);
}

/* -- one member ----------------------------------------------------------------------------------------- */

/* Frees a random stretch and touches a random part of it again, so that RSS and fault counts both move. */
static void member_step(unsigned char *memory, size_t bytes, uint64_t *random)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t pages = bytes / page, length, from;

	if (pages < 2)
		return;
	length = 1 + random_next(random) % (pages / 8 + 1);
	from = random_next(random) % (pages - length + 1);
	if (madvise(memory + from * page, length * page, MADV_DONTNEED) < 0)
		die("madvise");
	pages_write(memory + from * page, (1 + random_next(random) % length) * page, 2);
	/* And bring some of what earlier steps freed back, so that the process does not shrink for ever. */
	from = random_next(random) % (pages - length + 1);
	pages_write(memory + from * page, length * page, 3);
}

static void member_touch_shared(uint64_t *random)
{
	size_t length = MIB * (1 + random_next(random) % 8);
	size_t from = MIB * (random_next(random) % (SHARED_BYTES / MIB - length / MIB + 1));
	unsigned char *shared = mmap(NULL, SHARED_BYTES, PROT_READ, MAP_SHARED, SHARED_FD, 0);

	if (shared == MAP_FAILED)
		die("mmap of the shared file");
	pages_read(shared + from, length);
	close(SHARED_FD);
}

/* member PARENT STREAM SEED BYTES ACTIVE */
int population_member(int argc, char **argv)
{
	uint64_t random, tick;
	size_t bytes;
	unsigned char *memory;

	if (argc != 6)
		return 2;
	end_with_parent((pid_t)number_arg("member", argv[1], 1, 1L << 30), SIGKILL);
	prctl(PR_SET_NAME, "memtide-load");	/* and not "exe", for how it was executed */
	random = random_seed((uint64_t)atoll(argv[3]), (uint64_t)atoll(argv[2]));
	bytes = strtoull(argv[4], NULL, 10);
	memory = private_map(bytes);
	pages_write(memory, bytes, 1);
	member_touch_shared(&random);
	if (write(READY_FD, "r", 1) != 1)
		return 1;
	close(READY_FD);
	if (argv[5][0] != '1')
		for (;;)
			pause();
	tick = now_ns() + random_next(&random) % 1000000000u;
	for (;;) {
		sleep_until_ns(tick);
		member_step(memory, bytes, &random);
		tick += 1000000000u;
	}
}

/* -- the parent ----------------------------------------------------------------------------------------- */

static pid_t member_start(const struct plan *plan, long number, uint64_t *random, int ready_fd, int shared_fd)
{
	char parent[24], stream[24], seed[24], bytes[24];
	char name[] = "memtide-load", mode[] = "member", yes[] = "1", no[] = "0";
	char *arguments[] = { name, mode, parent, stream, seed, bytes, no, NULL };
	size_t size = plan->low_bytes + random_next(random) % (plan->high_bytes - plan->low_bytes + 1);
	bool big = number < plan->big;
	/* Spread evenly over the numbers. */
	bool moves = number * plan->active_percent / 100 != (number + 1) * plan->active_percent / 100;
	bool active = big ? number < plan->active_big : moves;
	pid_t pid;

	snprintf(parent, sizeof(parent), "%d", (int)getpid());
	snprintf(stream, sizeof(stream), "%ld", number);
	snprintf(seed, sizeof(seed), "%ld", plan->seed);
	snprintf(bytes, sizeof(bytes), "%zu", big ? BIG_BYTES : size);
	if (active)
		arguments[6] = yes;
	pid = vfork();
	if (pid == 0) {
		/* The descriptors above READY_FD are close-on-exec; the copies are not. */
		if (dup2(ready_fd, READY_FD) < 0 || dup2(shared_fd, SHARED_FD) < 0)
			_exit(126);
		execv("/proc/self/exe", arguments);
		_exit(127);
	}
	return pid;
}

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	stopped = number;
}

static bool wait_ready(int fd, long count)
{
	char bytes[4096];

	while (count > 0 && !stopped) {
		ssize_t got = read(fd, bytes, sizeof(bytes));

		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		if (got > 0)
			count -= got;
	}
	return count <= 0;
}

static int population_open(const struct plan *plan, int ready[2])
{
	char path[4096];
	int fd = resident_file(plan->dir, "memtide-load-shared", SHARED_BYTES, path, sizeof(path)), high;

	unlink(path);
	high = fcntl(fd, F_DUPFD_CLOEXEC, SHARED_FD + 1);
	if (high < 0 || pipe2(ready, O_CLOEXEC) < 0)
		die("descriptors");
	close(fd);
	for (int i = 0; i < 2; i++) {
		int moved = fcntl(ready[i], F_DUPFD_CLOEXEC, SHARED_FD + 1);

		if (moved < 0)
			die("descriptors");
		close(ready[i]);
		ready[i] = moved;
	}
	return high;
}

int population_main(int argc, char **argv)
{
	static pid_t pids[MEMBERS_MAX];
	struct plan plan;
	struct sigaction action = { .sa_handler = stop };
	int ready[2], shared;
	uint64_t random;
	long started = 0;
	bool good;

	plan_read(&plan, argc, argv);
	shared = population_open(&plan, ready);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	random = random_seed((uint64_t)plan.seed, UINT32_MAX);
	while (started < plan.members && !stopped) {
		pids[started] = member_start(&plan, started, &random, ready[1], shared);
		if (pids[started] < 0)
			break;
		started++;
	}
	if (started < plan.members && !stopped)
		fprintf(stderr, "memtide-load: fork: %s after %ld processes\n", strerror(errno), started);
	close(ready[1]);
	good = started == plan.members && wait_ready(ready[0], started);
	if (good)
		say("ready processes=%ld big=%ld active_percent=%ld low_bytes=%zu high_bytes=%zu", started,
		    plan.big, plan.active_percent, plan.low_bytes, plan.high_bytes);
	while (good && !stopped)
		sleep(1);	/* a signal ends it early; one that comes just before costs a second at most */
	for (long i = 0; i < started; i++)
		kill(pids[i], SIGKILL);
	for (long i = 0; i < started; i++)
		while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
			;
	return good || stopped ? 0 : 1;
}
