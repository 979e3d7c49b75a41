/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of threads by both tiers, against what the threads themselves were told by getrusage(RUSAGE_THREAD), the
 * text of task/TID/stat read by other code, and `ps -L`; in a storm of short-lived threads; and of a pid that
 * was taken over by another process.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "live_task.h"
#include "sampler/sampler.h"
#include "source/threads.h"

/* What each thread does. */
static const struct role {
	const char *name;
	int policy, priority;
	int pages;		/* of its own memory, touched */
	int burn_ms;		/* of CPU time */
	bool other_user;
} roles[] = {
	{ "burner", SCHED_OTHER, 0, 3, 60, false },
	{ "toucher", SCHED_BATCH, 0, 1000, 0, false },
	{ "fifo", SCHED_FIFO, 7, 100, 5, false },
	{ "round robin", SCHED_RR, 3, 1, 20, false },
	{ "idle) R (\n", SCHED_IDLE, 0, 50, 1, false },
	{ "other user", SCHED_OTHER, 0, 20, 0, true },
};

enum { ROLES = sizeof roles / sizeof *roles, OTHER_UID = 1001 };

/* What a thread knows of itself; shared with the test. */
static struct own {
	pid_t tid;
	int policy;
	struct sched_param param;
	uid_t euid;
	struct rusage usage;
	volatile int done;
} *own;

static struct sampler *samplers[2];	/* by tier; NULL when it cannot be had */
static struct users *users;
static struct rootfs root;

static long long cpu_ns(const struct rusage *usage)
{
	return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000000LL +
	       (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1000LL;
}

static void burn(int ms)
{
	struct timespec used;

	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < ms);
}

/* Last of all it looks at its usage; what it calls then has been called before, so that this costs no fault. */
static void *play(void *arg)
{
	const struct role *role = arg;
	struct own *me = &own[role - roles];
	struct sched_param param = { .sched_priority = role->priority };
	size_t bytes = (size_t)role->pages * (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(101);
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	prctl(PR_SET_NAME, role->name);
	me->tid = (pid_t)syscall(SYS_gettid);
	syscall(SYS_sched_setscheduler, 0, role->policy, &param);
	if (role->other_user)
		syscall(SYS_setresuid, 1000, OTHER_UID, 1002);	/* of this thread alone, unlike setresuid() */
	touch(memory, bytes);
	me->policy = (int)syscall(SYS_sched_getscheduler, 0);
	syscall(SYS_sched_getparam, 0, &me->param);
	me->euid = (uid_t)syscall(SYS_geteuid);
	poll(NULL, 0, 0);
	burn(role->burn_ms);
	getrusage(RUSAGE_THREAD, &me->usage);
	getrusage(RUSAGE_THREAD, &me->usage);
	me->done = 1;
	for (;;)
		poll(NULL, 0, -1);
}

static void *come_and_go(void *arg)
{
	prctl(PR_SET_NAME, "gone");
	return arg;
}

/* Before all others one that ends: it must not be seen. */
static void body_roles(void *arg)
{
	pthread_t thread;

	(void)arg;
	if (pthread_create(&thread, NULL, come_and_go, NULL) || pthread_join(thread, NULL))
		_exit(102);
	for (int i = 0; i < ROLES; i++) {
		if (pthread_create(&thread, NULL, play, (void *)(uintptr_t)&roles[i]))
			_exit(103);
		while (!own[i].done)
			usleep(1000);
	}
}

/* A thread's stat, by proc(5)'s numbers of its fields from 3 on. False when it has gone. */
struct stat_text {
	char state;
	long long field[53];
};

static bool read_thread_stat(pid_t pid, pid_t tid, struct stat_text *stat)
{
	char path[64], text[1024], *at;
	ssize_t len;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	at = strrchr(text, ')');
	if (!at)
		tap_bail("%s: %s", path, text);
	stat->state = at[2];
	at += 3;
	for (int i = 4; i < 53; i++)
		stat->field[i] = (long long)strtoull(at, &at, 10);
	return true;
}

static struct snapshot *sample(struct sampler *sampler)
{
	struct err err = { "" };
	struct snapshot *snapshot = sampler_sample(sampler, &err);

	if (!snapshot)
		tap_bail("sample: %s", err.text);
	return snapshot;
}

static const struct process *find_thread(const struct snapshot *snapshot, pid_t pid, pid_t tid)
{
	for (size_t i = 0; i < snapshot->thread_count; i++) {
		const struct process *row = &snapshot->threads[i];

		if (row->amount[PROC_PID] == pid && row->amount[PROC_TID] == tid)
			return row;
	}
	return NULL;
}

static size_t count_threads(const struct snapshot *snapshot, pid_t pid)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->thread_count; i++)
		count += snapshot->threads[i].amount[PROC_PID] == pid;
	return count;
}

/* Sorted, without doubles, each under a process that has several. */
static bool in_order(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->thread_count; i++) {
		const struct process *row = &snapshot->threads[i], *before = i ? row - 1 : NULL;
		const struct process *owner = &snapshot->processes[row->owner];

		if (!row->is_thread || row->owner >= snapshot->process_count ||
		    owner->amount[PROC_PID] != row->amount[PROC_PID] || owner->amount[PROC_THREADS] < 2)
			return false;
		if (before && (before->amount[PROC_PID] > row->amount[PROC_PID] ||
			       (before->amount[PROC_PID] == row->amount[PROC_PID] &&
				before->amount[PROC_TID] >= row->amount[PROC_TID])))
			return false;
	}
	return true;
}

/* What is left of each in a text that was cleaned. */
static const char *clean_name(const struct role *role)
{
	return strchr(role->name, '\n') ? "idle) R (?" : role->name;
}

static void check_identity(const char *what, const struct process *row, const struct own *it,
			   const struct stat_text *stat)
{
	long long start = row->amount[PROC_START_TIME];

	tap_ok(start == stat->field[22], "%s: start %lld is %lld", what, start, stat->field[22]);
	tap_ok(row->amount[PROC_PPID] == getpid(), "%s: its process's parent", what);
	tap_ok(row->amount[PROC_STATE] == stat->state && stat->state == 'T', "%s: state %c", what, stat->state);
	tap_ok(row->amount[PROC_SCHED_POLICY] == it->policy && stat->field[41] == it->policy &&
	       row->amount[PROC_RT_PRIORITY] == it->param.sched_priority, "%s: policy %d, priority %d", what,
	       it->policy, it->param.sched_priority);
	tap_ok(row->amount[PROC_UID] == it->euid, "%s: uid %d", what, (int)it->euid);
}

/* Whatever the thread was told, the kernel's text says the same, and the row too. */
static void check_usage(const char *what, const struct process *row, const struct own *it,
			const struct stat_text *stat, int pages)
{
	long long minor = row->amount[PROC_FAULTS_MINOR], major = row->amount[PROC_FAULTS_MAJOR];
	long long tick_ns = 1000000000 / sysconf(_SC_CLK_TCK), cpu = row->amount[PROC_CPU_SECONDS];

	tap_ok(minor == stat->field[10] && minor == it->usage.ru_minflt,
	       "%s: %lld minor faults are %lld, getrusage said %ld", what, minor, stat->field[10],
	       it->usage.ru_minflt);
	tap_ok(major == stat->field[12] && major == it->usage.ru_majflt,
	       "%s: %lld major faults are %lld, getrusage said %ld", what, major, stat->field[12],
	       it->usage.ru_majflt);
	tap_ok(minor >= pages, "%s: it touched %d pages", what, pages);
	/* /proc rounds two numbers down to ticks; after getrusage() the thread has only gone to sleep. */
	tap_ok(cpu >= cpu_ns(&it->usage) - 2 * tick_ns &&
	       cpu <= (stat->field[14] + stat->field[15] + 2) * tick_ns, "%s: cpu %lld ns, getrusage said %lld",
	       what, cpu, cpu_ns(&it->usage));
}

static void check_row(const char *tier, const struct process *row, pid_t pid, int i)
{
	static const enum process_metric of_process[] = {
		PROC_RSS, PROC_PSS, PROC_VIRTUAL, PROC_THREADS, PROC_CMDLINE,
	};
	const char *name = clean_name(&roles[i]);
	char what[64], buf[16];
	struct stat_text stat;
	bool none = true;

	if (!read_thread_stat(pid, own[i].tid, &stat))
		tap_bail("thread %d has gone", (int)own[i].tid);
	snprintf(what, sizeof what, "%s: %s", tier, name);
	tap_ok(!strcmp(process_text(row, PROC_COMM, buf), name), "%s: its name", what);
	check_identity(what, row, &own[i], &stat);
	check_usage(what, row, &own[i], &stat, roles[i].pages);
	for (size_t m = 0; m < sizeof of_process / sizeof *of_process; m++)
		none = none && row->status[of_process[m]] == VALUE_NOT_APPLICABLE;
	tap_ok(none, "%s: what is the process's is not repeated", what);
}

static void check_roles(pid_t pid, struct sampler *sampler)
{
	const char *tier = sampler_host(sampler)->task_tier;
	struct snapshot *snapshot = sample(sampler);
	const struct process *leader = find_thread(snapshot, pid, pid);
	struct stat_text stat;

	tap_ok(in_order(snapshot), "%s: %zu rows in order", tier, snapshot->thread_count);
	tap_ok(!snapshot->threads_lost, "%s: none is lost", tier);
	tap_ok(count_threads(snapshot, pid) == ROLES + 1, "%s: %d threads and the first, none that ended", tier,
	       ROLES);
	if (tap_ok(leader && read_thread_stat(pid, pid, &stat), "%s: the first thread has a row", tier))
		tap_ok(leader->amount[PROC_FAULTS_MINOR] == stat.field[10], "%s: %lld faults are its own",
		       tier, stat.field[10]);
	for (int i = 0; i < ROLES; i++) {
		const struct process *row = find_thread(snapshot, pid, own[i].tid);

		if (tap_ok(row, "%s: thread %d has a row", tier, (int)own[i].tid))
			check_row(tier, row, pid, i);
	}
	snapshot_unref(snapshot);
}

/* The columns of ps: thread, class, priority ("-" for none). */
static void check_ps(pid_t pid)
{
	static const char *const classes[] = { "TS", "FF", "RR", "B", "?", "IDL" };
	struct sampler *sampler = samplers[samplers[0] ? 0 : 1];
	struct snapshot *snapshot = sample(sampler);
	char command[96], class[16], priority[16];
	int lines = 0, good = 0, tid;
	FILE *ps;

	snprintf(command, sizeof command, "ps -L -o lwp=,cls=,rtprio= -p %d 2>/dev/null", (int)pid);
	ps = popen(command, "r");
	while (ps && fscanf(ps, "%d %15s %15s", &tid, class, priority) == 3) {
		const struct process *row = find_thread(snapshot, pid, tid);

		lines++;
		good += row && row->amount[PROC_SCHED_POLICY] < 6 &&
			row->amount[PROC_RT_PRIORITY] == atoi(priority) &&
			!strcmp(classes[row->amount[PROC_SCHED_POLICY]], class);
	}
	if (ps)
		pclose(ps);
	if (lines)
		tap_ok(lines == ROLES + 1 && good == lines, "ps -L: the same %d threads, classes, priorities",
		       good);
	else
		tap_skip("ps -L", "there is none here");
	snapshot_unref(snapshot);
}

static void test_roles(void)
{
	pid_t pid = child_start(body_roles, NULL);

	for (int i = 0; i < 2; i++)
		if (samplers[i])
			check_roles(pid, samplers[i]);
	check_ps(pid);
	child_end(pid);
}

static void *stay(void *arg)
{
	prctl(PR_SET_NAME, "steady");
	*(volatile pid_t *)arg = (pid_t)syscall(SYS_gettid);
	while (poll(NULL, 0, -1) <= 0)
		;
	return NULL;
}

static void start_steady(void)
{
	pthread_t thread;

	for (int i = 0; i < ROLES; i++) {
		if (pthread_create(&thread, NULL, stay, &own[i].tid))
			_exit(104);
		while (!own[i].tid)
			usleep(1000);
	}
}

__attribute__((noreturn)) static void storm(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "storm");
	start_steady();
	own[0].done = 1;
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

	memset(own, 0, ROLES * sizeof *own);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (!pid)
		storm();
	return pid;
}

/* Threads of a storm are named as they were started or as they named themselves, and nothing else. */
static bool from_storm(const struct process *row)
{
	char buf[16];
	const char *name = process_text(row, PROC_COMM, buf);

	return name && (!strcmp(name, "storm") || !strcmp(name, "gone") || !strcmp(name, "steady"));
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

		ordered += in_order(snapshot);
		for (int j = 0; j < ROLES; j++)
			found += find_thread(snapshot, pid, own[j].tid) != NULL;
		complete += found == ROLES + 1;
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
	tap_note("%zu of them are short-lived", rows - SAMPLES * (ROLES + 1));
}

static void test_storm(void)
{
	pid_t pid = start_storm();

	while (!own[0].done)
		usleep(1000);
	for (int i = 0; i < 2; i++)
		if (samplers[i])
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

		for (enum process_metric m = 0; m < PROC_COUNT; m++)
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
	own[0].done = 1;
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
	struct sampler *sampler = samplers[samplers[0] ? 0 : 1];
	struct snapshot *snapshot;
	pid_t pid, again;

	memset(own, 0, ROLES * sizeof *own);
	pid = child_start(body_steady, NULL);
	snapshot = sample(sampler);
	for (int i = 0; i < 2; i++)
		if (samplers[i])
			tap_ok(read_again(i ? TIER_PROCFS : TIER_BPF, snapshot, pid) == ROLES + 1,
			       "tier %d: a process's threads", i);
	child_end(pid);
	usleep(50000);	/* start times count in ticks of 10 ms */
	memset(own, 0, ROLES * sizeof *own);
	again = start_as(pid);
	if (again < 0) {
		tap_skip("a pid taken over", "clone3 with set_tid: %s", strerror(errno));
	} else {
		struct snapshot *now;

		while (!own[0].done)
			usleep(1000);
		now = sample(sampler);
		tap_ok(count_threads(now, pid) == ROLES + 1, "process %d has threads", (int)pid);
		snapshot_unref(now);
		for (int i = 0; i < 2; i++)
			if (samplers[i])
				tap_ok(!read_again(i ? TIER_PROCFS : TIER_BPF, snapshot, pid),
				       "tier %d: none of them are its predecessor's", i);
		child_end(again);
	}
	snapshot_unref(snapshot);
}

static void open_samplers(void)
{
	struct sampler_config config = {
		.needs = NEED_CORE | NEED_USER | NEED_THREADS, .no_pss = true, .interval_ns = 1000000000,
	};
	struct err err = { "" };

	if (rootfs_open(&root, NULL, &err))
		tap_bail("%s", err.text);
	users = users_open(&root);
	for (int i = 0; i < 2; i++) {
		config.tier = i ? TIER_PROCFS : TIER_BPF;
		samplers[i] = sampler_open(&config, &root, users, &err);
		if (samplers[i])
			tap_ok(true, "there is tier %s", sampler_host(samplers[i])->task_tier);
		else if (i || bpf_expected())
			tap_ok(false, "%s", err.text);
		else
			tap_skip("the iterator", "%s", err.text);
	}
	if (!samplers[1])
		tap_bail("no tier at all");
}

int main(void)
{
	own = mmap(NULL, ROLES * sizeof *own, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (own == MAP_FAILED)
		tap_bail("mmap");
	open_samplers();
	test_roles();
	test_storm();
	test_machine();
	test_taken_over();
	for (int i = 0; i < 2; i++)
		sampler_close(samplers[i]);
	users_close(users);
	rootfs_close(&root);
	return tap_done();
}
