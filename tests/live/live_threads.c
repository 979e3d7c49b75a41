/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of threads by both tiers, against what the threads themselves were told by getrusage(RUSAGE_THREAD), the
 * text of task/TID/stat read by other code, and `ps -L`.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "live_threads.h"

/* What each thread does. */
static const struct role {
	const char *name;
	int policy, priority;
	int pages;		/* of its own memory, touched */
	int burn_ms;		/* of CPU time */
	enum { PLAIN, READER, OTHER_USER } kind;
} roles[] = {
	{ "burner", SCHED_OTHER, 0, 3, 60, PLAIN },
	{ "toucher", SCHED_BATCH, 0, 1000, 0, PLAIN },
	{ "fifo", SCHED_FIFO, 7, 100, 5, PLAIN },
	{ "round robin", SCHED_RR, 3, 1, 20, PLAIN },
	{ "idle) R (\n", SCHED_IDLE, 0, 50, 1, PLAIN },
	{ "reader", SCHED_OTHER, 0, 1, 0, READER },
	{ "other user", SCHED_OTHER, 0, 20, 0, OTHER_USER },
};

enum { ROLES = sizeof roles / sizeof *roles, OTHER_UID = 1001, FILE_BYTES = 1 << 20 };
enum { TMPFS = 0x01021994, RAMFS = (int)0x858458f6 };	/* f_type of those without a disk */

/* What a thread knows of itself; shared with the test. */
static struct own {
	pid_t tid;
	int policy;
	struct sched_param param;
	uid_t euid;
	struct rusage usage;
	volatile int done;
} *own;

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

/* A file of FILE_BYTES that is not in the page cache; -1 when there is no disk to write to. */
static int uncached_file(void)
{
	static const char *const dirs[] = { "/mnt/disk", "/var/tmp", "/tmp", "." };
	static char bytes[FILE_BYTES];

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		char path[64];
		struct statfs fs;
		int fd;

		if (statfs(dirs[i], &fs) || (int)fs.f_type == TMPFS || (int)fs.f_type == RAMFS)
			continue;
		snprintf(path, sizeof path, "%s/live_threads.XXXXXX", dirs[i]);
		fd = mkostemp(path, O_CLOEXEC);
		if (fd < 0)
			continue;
		unlink(path);
		if (write(fd, bytes, sizeof bytes) == sizeof bytes && !fsync(fd) &&
		    !posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
			return fd;
		close(fd);
	}
	return -1;
}

/* Major faults, as many as the kernel's read-ahead leaves. */
static void read_file(int fd)
{
	volatile char *memory = mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		return;
	madvise((void *)(uintptr_t)memory, FILE_BYTES, MADV_RANDOM);
	for (int i = 0; i < FILE_BYTES; i += (int)sysconf(_SC_PAGESIZE))
		(void)memory[i];
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
	if (role->kind == READER)
		read_file(uncached_file());
	if (role->kind == OTHER_USER)
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
			const struct stat_text *stat, const struct role *role)
{
	long long minor = row->amount[PROC_FAULTS_MINOR], major = row->amount[PROC_FAULTS_MAJOR];
	long long tick_ns = 1000000000 / sysconf(_SC_CLK_TCK), cpu = row->amount[PROC_CPU_SECONDS];

	tap_ok(minor == stat->field[10] && minor == it->usage.ru_minflt,
	       "%s: %lld minor faults are %lld, getrusage said %ld", what, minor, stat->field[10],
	       it->usage.ru_minflt);
	tap_ok(major == stat->field[12] && major == it->usage.ru_majflt,
	       "%s: %lld major faults are %lld, getrusage said %ld", what, major, stat->field[12],
	       it->usage.ru_majflt);
	if (role->kind == READER && !major)
		tap_skip("major faults", "no file could be read from a disk");
	tap_ok(minor >= role->pages, "%s: it touched %d pages", what, role->pages);
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
	check_usage(what, row, &own[i], &stat, &roles[i]);
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

	tap_ok(rows_in_order(snapshot), "%s: %zu rows in order", tier, snapshot->thread_count);
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
	struct sampler *sampler = samplers[samplers_first()];
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

	for (int i = samplers_first(); i < 2; i++)
		check_roles(pid, samplers[i]);
	check_ps(pid);
	child_end(pid);
}

int main(void)
{
	own = mmap(NULL, ROLES * sizeof *own, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (own == MAP_FAILED)
		tap_bail("mmap");
	samplers_open();
	test_roles();
	samplers_close();
	return tap_done();
}
