/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads in a changing world, by both tiers: a storm of short-lived ones, every thread of the machine, and a
 * pid that another process has taken over.
 */
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "live_threads.h"
#include "source/threads.h"

/* Threads that stay; shared with their process. */
enum { STEADY = 6 };

static struct shared {
	pid_t tids[STEADY];
	volatile bool ready;
} *shared;

static void *stay(void *arg)
{
	prctl(PR_SET_NAME, "storm-steady");
	*(volatile pid_t *)arg = (pid_t)syscall(SYS_gettid);
	while (poll(NULL, 0, -1) <= 0)
		;
	return NULL;
}

static void start_steady(void)
{
	pthread_t thread;

	for (int i = 0; i < STEADY; i++) {
		if (pthread_create(&thread, NULL, stay, &shared->tids[i]))
			_exit(104);
		while (!shared->tids[i])
			usleep(1000);
	}
}

static void *come_and_go(void *arg)
{
	prctl(PR_SET_NAME, "storm-gone");
	return arg;
}

__attribute__((noreturn)) static void storm(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "storm");
	start_steady();
	shared->ready = true;
	for (;;) {
		pthread_t threads[8];

		for (int i = 0; i < 8; i++)
			if (pthread_create(&threads[i], NULL, come_and_go, NULL))
				_exit(105);
		for (int i = 0; i < 8; i++)
			pthread_join(threads[i], NULL);
	}
}

static pid_t start_storm(void)
{
	pid_t pid;

	memset(shared, 0, sizeof *shared);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (!pid)
		storm();
	return pid;
}

/*
 * Threads of a storm are named as they were started or as they named themselves. The kernel writes a name and then the
 * zeros after it (__set_task_comm(), since 6.14), and a reader may see the one without the other: every name here
 * begins with the one it replaces, so that all that can be seen lies between the two.
 */
static bool from_storm(const struct process *row)
{
	static const char *const names[] = { "storm-gone", "storm-steady" };
	char buf[16];
	const char *name = process_text(row, PROC_COMM, buf);
	size_t len = name ? strlen(name) : 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (len >= strlen("storm") && !strncmp(name, names[i], len))
			return true;
	tap_note("a thread named '%s'", name ? name : "(none)");
	return false;
}

static void check_storm(pid_t pid, struct sampler *sampler)
{
	enum { SAMPLES = 40 };
	const char *tier = sampler_host(sampler)->task_tier;
	int ordered = 0, complete = 0;
	size_t rows = 0, strangers = 0;

	for (int i = 0; i < SAMPLES; i++) {
		struct snapshot *snapshot = sample(sampler);
		int found = find_thread(snapshot, pid, pid) != NULL;

		ordered += rows_in_order(snapshot);
		for (int j = 0; j < STEADY; j++)
			found += find_thread(snapshot, pid, shared->tids[j]) != NULL;
		complete += found == STEADY + 1;
		for (size_t j = 0; j < snapshot->thread_count; j++)
			if (snapshot->threads[j].amount[PROC_PID] == pid) {
				rows++;
				strangers += !from_storm(&snapshot->threads[j]);
			}
		snapshot_unref(snapshot);
	}
	tap_ok(ordered == SAMPLES, "%s: storm: rows in order in each of %d samples", tier, SAMPLES);
	tap_ok(complete == SAMPLES, "%s: storm: those that stay are always there", tier);
	tap_ok(!strangers, "%s: storm: %zu rows, none but its own", tier, rows);
	tap_note("%zu of them are short-lived", rows - SAMPLES * (STEADY + 1));
}

static void test_storm(void)
{
	pid_t pid = start_storm();

	while (!shared->ready)
		usleep(1000);
	for (int i = samplers_first(); i < 2; i++)
		check_storm(pid, samplers[i]);
	child_end(pid);
}

static bool same_thread(const struct process *a, const struct process *b)
{
	char one[16], other[16];

	return b && a->amount[PROC_START_TIME] == b->amount[PROC_START_TIME] &&
	       !strcmp(process_text(a, PROC_COMM, one), process_text(b, PROC_COMM, other));
}

/* Every thread of the machine that /proc shows before and after, of a process where that is so of two. */
static void test_machine(void)
{
	struct snapshot *before, *between, *after;
	size_t present = 0, seen = 0;

	if (!samplers[0] || !samplers[1]) {
		tap_skip("the machine by both tiers", "there is but one");
		return;
	}
	before = sample(samplers[1]);
	between = sample(samplers[0]);
	after = sample(samplers[1]);
	for (size_t i = 0; i + 1 < before->thread_count; i++) {
		const struct process *one = &before->threads[i], *two = one + 1;
		pid_t pid = (pid_t)one->amount[PROC_PID];

		if (two->amount[PROC_PID] != pid ||
		    !same_thread(one, find_thread(after, pid, (pid_t)one->amount[PROC_TID])) ||
		    !same_thread(two, find_thread(after, pid, (pid_t)two->amount[PROC_TID])))
			continue;
		present += 2;
		seen += same_thread(one, find_thread(between, pid, (pid_t)one->amount[PROC_TID]));
		seen += same_thread(two, find_thread(between, pid, (pid_t)two->amount[PROC_TID]));
	}
	tap_ok(seen == present, "the machine: both tiers show the same threads (%zu of %zu)", seen, present);
	snapshot_unref(before);
	snapshot_unref(between);
	snapshot_unref(after);
}

/* Threads that a tier shows for the processes of SNAPSHOT. */
static size_t read_again(enum task_tier tier, struct snapshot *snapshot, pid_t pid)
{
	struct err err;
	struct procfs procfs;
	struct task_source *tasks = tier == TIER_BPF ? task_source_open_bpf(&root, &err) :
						       task_source_open_procfs(&root, &err);
	struct threads_source source = { tasks, &procfs, users };
	struct snapshot *copy = snapshot_new(snapshot->host, snapshot->process_count);
	size_t count;

	if (!tasks || !copy || procfs_open(&procfs, &root))
		tap_bail("no source of threads");
	for (size_t i = 0; i < snapshot->process_count; i++) {
		struct process *row = snapshot_add_process(copy);

		for (enum process_metric m = 0; m < PROC_STORED; m++)
			process_set(row, m, process_value(&snapshot->processes[i], m));
	}
	threads_read(&source, copy);
	count = count_threads(copy, pid);
	snapshot_unref(copy);
	procfs_close(&procfs);
	task_source_close(tasks);
	return count;
}

/* A child with threads, with a pid of choice. -1 when the kernel refuses that. */
static pid_t start_as(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)&pid, .set_tid_size = 1,
	};
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof args);

	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	start_steady();
	shared->ready = true;
	for (;;)
		pause();
}

static void body_steady(void *arg)
{
	(void)arg;
	start_steady();
}

/* The pid is another process's by the time its threads are asked for. */
static void test_taken_over(void)
{
	struct sampler *sampler = samplers[samplers_first()];
	struct snapshot *snapshot;
	pid_t pid, again;

	memset(shared, 0, sizeof *shared);
	pid = child_start(body_steady, NULL);
	snapshot = sample(sampler);
	for (int i = 0; i < 2; i++)
		if (samplers[i])
			tap_ok(read_again(i ? TIER_PROCFS : TIER_BPF, snapshot, pid) == STEADY + 1,
			       "tier %d: a process's threads", i);
	child_end(pid);
	usleep(50000);	/* start times count in ticks of 10 ms */
	memset(shared, 0, sizeof *shared);
	again = start_as(pid);
	if (again < 0) {
		tap_skip("a pid taken over", "clone3 with set_tid: %s", strerror(errno));
	} else {
		struct snapshot *now;

		while (!shared->ready)
			usleep(1000);
		now = sample(sampler);
		tap_ok(count_threads(now, pid) == STEADY + 1, "process %d has threads", (int)pid);
		snapshot_unref(now);
		for (int i = 0; i < 2; i++)
			if (samplers[i])
				tap_ok(!read_again(i ? TIER_PROCFS : TIER_BPF, snapshot, pid),
				       "tier %d: none of them are its predecessor's", i);
		child_end(again);
	}
	snapshot_unref(snapshot);
}

int main(void)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		tap_bail("mmap");
	samplers_open();
	test_storm();
	test_machine();
	test_taken_over();
	samplers_close();
	return tap_done();
}
