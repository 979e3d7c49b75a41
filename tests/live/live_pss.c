/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a cache of PSS values gets wrong: changes that do not show in the counters of the process whose PSS changes.
 * Each scenario is held against smaps_rollup as the kernel gives it to this test at the same moment.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>

#include "actor.h"
#include "sampler/sampler.h"

enum { MIB = 1 << 20, SIZE = 128 * MIB, TOLERANCE = SIZE >> 9 };

static struct rootfs root;
static struct users *users;
static int64_t slowness = 1;	/* how much longer than usual a read takes here: emulated processors */
static int shared_fd;

/* The program's defaults, but for room in budget and limit: what is tested is whom memtide reads, not how long a read takes
 * on a machine that does other things as well. */
static const struct sampler_config usual = {
	.needs = NEED_CORE | NEED_STATUS | NEED_ROLLUP,
	.interval_ns = 1000000000,
	.pss_budget_ppm = 200000,
	.pss_first_budget_ppm = 1000000,
	.stall_limit_ns = 50000000,
	.pss_max_age_ns = 120000000000,
};

static struct sampler *start(struct sampler_config config)
{
	struct err err;
	struct sampler *sampler;

	config.stall_limit_ns *= slowness;
	config.pss_budget_ppm = config.pss_budget_ppm * slowness > 900000 ? 900000 : config.pss_budget_ppm * slowness;
	sampler = sampler_open(&config, &root, users, &err);
	if (!sampler || sampler_prime(sampler, &err))
		tap_bail("%s", err.text);
	while (!sampler_first_pass(sampler, 1000000000))
		;
	return sampler;
}

/* The process's row in a new sample; its snapshot stays alive until the next call. */
static const struct process *look(struct sampler *sampler, pid_t pid)
{
	static struct snapshot *snapshot;
	struct err err;

	snapshot_unref(snapshot);
	snapshot = NULL;
	if (!sampler)
		return NULL;
	snapshot = sampler_sample(sampler, &err);
	if (!snapshot)
		tap_bail("%s", err.text);
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].amount[PROC_PID] == pid)
			return &snapshot->processes[i];
	return NULL;
}

static void stop(struct sampler *sampler)
{
	look(NULL, 0);
	sampler_close(sampler);
}

/* One refresh, a second, another: then the value must be the kernel's. */
static void right_within_two(struct sampler *sampler, pid_t pid, const char *what)
{
	const struct process *row;
	struct value pss;
	int64_t kernel;

	look(sampler, pid);
	sleep(1);
	row = look(sampler, pid);
	kernel = rollup_field(pid, "Pss:");
	if (!row) {
		tap_ok(false, "%s: process is in the sample", what);
		return;
	}
	pss = process_value(row, PROC_PSS);
	tap_ok(value_has_amount(pss.status) && llabs(pss.amount - kernel) <= TOLERANCE,
	       "%s: PSS %lld KiB (%s), kernel %lld KiB", what, (long long)pss.amount / 1024,
	       value_status_name(pss.status), (long long)kernel / 1024);
}

static void act_memory(char letter, void *context)
{
	static char *memory;
	static pid_t child;

	(void)context;
	switch (letter) {
	case 'a': memory = resident(SIZE, -1, 0, 0); break;
	case 'm': memory = resident(SIZE, shared_fd, MAP_SHARED, 0); break;
	case 'r': memory = resident(SIZE, shared_fd, MAP_SHARED, 1); break;
	case 'u': munmap(memory, SIZE); break;
	case 'f':
		child = fork();
		if (!child)
			for (;;)
				pause();
		break;
	case 'x':
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		break;
	default: break;
	}
}

static void test_fork(void)
{
	struct actor parent;
	struct sampler *sampler;

	actor_start(&parent, act_memory, NULL);
	actor_do(&parent, 'a');
	sampler = start(usual);
	right_within_two(sampler, parent.pid, "128 MiB private");
	actor_do(&parent, 'f');
	right_within_two(sampler, parent.pid, "after fork the parent has half");
	actor_do(&parent, 'x');
	right_within_two(sampler, parent.pid, "after the child's exit it has all again");
	actor_end(&parent);
	stop(sampler);
}

static void test_shared(int fd, char how, const char *kind)
{
	struct actor first, second;
	struct sampler *sampler;
	char what[128];

	shared_fd = fd;
	actor_start(&first, act_memory, NULL);
	actor_do(&first, how);
	actor_start(&second, act_memory, NULL);
	sampler = start(usual);
	actor_do(&second, 'r');
	snprintf(what, sizeof what, "%s: a second process maps it", kind);
	right_within_two(sampler, first.pid, what);
	actor_do(&second, 'u');
	snprintf(what, sizeof what, "%s: the second unmaps it", kind);
	right_within_two(sampler, first.pid, what);
	actor_do(&second, 'r');
	snprintf(what, sizeof what, "%s: and maps it again", kind);
	right_within_two(sampler, first.pid, what);
	actor_end(&second);
	snprintf(what, sizeof what, "%s: the second exits", kind);
	right_within_two(sampler, first.pid, what);
	actor_end(&first);
	stop(sampler);
}

/* Both there before memtide: what the sharing table knows comes from reading both. */
static void test_file(void)
{
	static char block[MIB];
	const char *places[] = { "/mnt/disk", "/var/tmp", "." };
	int fd = -1;

	for (size_t i = 0; i < sizeof places / sizeof *places && fd < 0; i++)
		fd = open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) {
		tap_skip("file sharers", "no file system with O_TMPFILE");
		return;
	}
	memset(block, 7, sizeof block);
	for (int i = 0; i < SIZE / MIB; i++)
		if (write(fd, block, sizeof block) != (ssize_t)sizeof block) {
			tap_skip("file sharers", "no room for 128 MiB: %s", strerror(errno));
			close(fd);
			return;
		}
	test_shared(fd, 'r', "file");
	close(fd);
}

/* Too large for the stall limit: never read, followed from RSS, within its bounds. */
static void test_over_limit(void)
{
	struct sampler_config config = usual;
	const struct process *row;
	struct actor actor;
	struct sampler *sampler;
	int64_t kernel;

	config.stall_limit_ns = 500000;
	actor_start(&actor, act_memory, NULL);
	actor_do(&actor, 'a');
	sampler = start(config);
	row = look(sampler, actor.pid);
	tap_ok(row->status[PROC_PSS] == VALUE_ESTIMATED && row->status[PROC_PSS_AGE] == VALUE_SKIPPED &&
	       row->status[PROC_USS] == VALUE_SKIPPED, "over the stall limit: PSS is estimated (%s), USS skipped (%s)",
	       value_status_name(row->status[PROC_PSS]), value_status_name(row->status[PROC_USS]));
	kernel = rollup_field(actor.pid, "Pss:");
	tap_ok(row->bounds[EST_PSS].low <= kernel && kernel <= row->bounds[EST_PSS].high &&
	       row->bounds[EST_PSS].low > SIZE / 2, "the kernel's %lld KiB is within its bounds %lld..%lld KiB",
	       (long long)kernel / 1024, (long long)row->bounds[EST_PSS].low / 1024,
	       (long long)row->bounds[EST_PSS].high / 1024);
	sampler_request_exact(sampler, actor.pid);
	row = look(sampler, actor.pid);
	kernel = rollup_field(actor.pid, "Pss:");
	tap_ok(row->status[PROC_PSS] == VALUE_OK && llabs(row->amount[PROC_PSS] - kernel) <= TOLERANCE,
	       "asked for by pid it is read: PSS %lld KiB (%s), kernel %lld KiB", (long long)row->amount[PROC_PSS] / 1024,
	       value_status_name(row->status[PROC_PSS]), (long long)kernel / 1024);
	actor_end(&actor);
	stop(sampler);
}

static void *idle_thread(void *context)
{
	struct sched_param param = { .sched_priority = 1 };

	*(int *)context = sched_setscheduler(0, SCHED_FIFO, &param);
	for (;;)
		pause();
	return NULL;
}

static void act_realtime(char letter, void *context)
{
	struct sched_param param = { .sched_priority = 1 };
	static char stack[64 << 10] __attribute__((aligned(16)));
	static int result = -2;

	(void)context;
	if (letter == 'p' && sched_setscheduler(0, SCHED_FIFO, &param))
		_exit(1);
	if (letter == 't') {
		if (clone((int (*)(void *))(void *)idle_thread, stack + sizeof stack,
			  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, &result) < 0)
			_exit(1);
		while (*(volatile int *)&result == -2)
			usleep(1000);
		if (result)
			_exit(1);
	}
}

static void test_realtime(char letter, enum task_tier tier, const char *what)
{
	struct sched_param other = { 0 }, fifo = { .sched_priority = 1 };
	struct sampler_config config = usual;
	const struct process *row;
	struct actor actor;
	struct sampler *sampler;

	if (sched_setscheduler(0, SCHED_FIFO, &fifo)) {
		tap_skip(what, "SCHED_FIFO: %s", strerror(errno));
		return;
	}
	sched_setscheduler(0, SCHED_OTHER, &other);
	config.tier = tier;
	actor_start(&actor, act_realtime, NULL);
	actor_do(&actor, letter);
	sampler = start(config);
	/* What was found out about its threads holds for more than the sample it was found out in. */
	look(sampler, actor.pid);
	look(sampler, actor.pid);
	row = look(sampler, actor.pid);
	tap_ok(row->status[PROC_PSS] == VALUE_ESTIMATED && row->status[PROC_USS] == VALUE_SKIPPED,
	       "%s: not read (PSS %s, USS %s)", what, value_status_name(row->status[PROC_PSS]),
	       value_status_name(row->status[PROC_USS]));
	actor_end(&actor);
	stop(sampler);
}

static void act_exec(char letter, void *context)
{
	(void)context;
	if (letter == 'a')
		resident(SIZE, -1, 0, 0);
	else if (!fork())
		_exit(0);
	else if (letter == 'e')
		/* The pipe stays open across exec, so sleeping is enough to be looked at. */
		execl("/bin/sleep", "sleep", "60", (char *)NULL);
}

static void test_exec(void)
{
	struct actor actor;
	struct sampler *sampler;
	char letter = 'e';

	if (access("/bin/sleep", X_OK)) {
		tap_skip("exec", "no /bin/sleep");
		return;
	}
	actor_start(&actor, act_exec, NULL);
	actor_do(&actor, 'a');
	sampler = start(usual);
	look(sampler, actor.pid);
	if (write(actor.to, &letter, 1) != 1)
		tap_bail("write");
	usleep(300000);
	right_within_two(sampler, actor.pid, "after exec nothing of the old image stays");
	actor_end(&actor);
	stop(sampler);
}

/* The same pid for another process, by clone3's set_tid (5.5, needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE). */
static void test_pid_reuse(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	const struct process *row;
	struct sampler *sampler;
	struct actor actor;
	int64_t kernel;
	pid_t pid;
	long again;

	actor_start(&actor, act_memory, NULL);
	actor_do(&actor, 'a');
	sampler = start(usual);
	look(sampler, actor.pid);
	pid = actor.pid;
	actor_end(&actor);
	usleep(50000);
	args.set_tid = (uint64_t)(uintptr_t)&pid;
	args.set_tid_size = 1;
	again = syscall(SYS_clone3, &args, sizeof args);
	if (again == 0)
		for (;;)
			pause();
	if (again < 0) {
		tap_skip("pid reuse", "clone3 with set_tid: %s", strerror(errno));
	} else {
		/* A copy of this program, which may be large itself (built with a sanitizer); not by SIZE more. */
		row = look(sampler, pid);
		kernel = rollup_field(pid, "Pss:");
		tap_ok(row && value_has_amount(row->status[PROC_PSS]) &&
		       llabs(row->amount[PROC_PSS] - kernel) < SIZE / 4,
		       "a reused pid has nothing of its predecessor: PSS %lld KiB, kernel %lld KiB",
		       row ? (long long)row->amount[PROC_PSS] / 1024 : -1, (long long)kernel / 1024);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	stop(sampler);
}

/* The longest of a few reads: what else runs on the machine counts as well. */
static void measure_slowness(void)
{
	char *memory = resident(SIZE, -1, 0, 0);
	int64_t longest = 0;

	for (int i = 0; i < 5; i++) {
		struct timespec begin, end;
		int64_t ns;

		clock_gettime(CLOCK_MONOTONIC, &begin);
		rollup_field(getpid(), "Swap:");
		clock_gettime(CLOCK_MONOTONIC, &end);
		ns = (end.tv_sec - begin.tv_sec) * INT64_C(1000000000) + end.tv_nsec - begin.tv_nsec;
		if (ns > longest)
			longest = ns;
		usleep(50000);
	}
	munmap(memory, SIZE);
	slowness = 1 + longest / 3000000;
	tap_note("a read of 128 MiB takes up to %lld us here: limits and budget times %lld", (long long)longest / 1000,
		 (long long)slowness);
}

int main(void)
{
	int memfd = memfd_create("memtide-test", MFD_CLOEXEC);
	struct err err;

	if (rootfs_open(&root, NULL, &err))
		tap_bail("%s", err.text);
	users = users_open(&root);
	if (rollup_field(getpid(), "Pss:") < 0)
		tap_skip_all("no smaps_rollup");
	measure_slowness();
	test_fork();
	if (memfd < 0 || ftruncate(memfd, SIZE))
		tap_skip("memfd sharers", "memfd_create: %s", strerror(errno));
	else
		test_shared(memfd, 'm', "memfd");
	close(memfd);
	test_file();
	test_over_limit();
	test_realtime('p', TIER_PROCFS, "real-time process, seen through /proc");
	test_realtime('t', TIER_PROCFS, "real-time thread, seen through /proc");
	test_realtime('p', TIER_AUTO, "real-time process");
	test_realtime('t', TIER_AUTO, "real-time thread");
	test_exec();
	test_pid_reuse();
	users_close(users);
	rootfs_close(&root);
	return tap_done();
}
