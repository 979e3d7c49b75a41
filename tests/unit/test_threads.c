/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of threads out of a captured tree, and out of a walk over all threads that shows whatever a test wants:
 * strangers, too many, none of some process, or that breaks off.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "source/task_source.h"
#include "source/threads.h"

/* In the captured tree, as tests/fixtures/x86_64-4k/proc/179 has it. */
enum { PID = 179, START = 390, UID = 7, ALONE = 178, ALONE_START = 390 };
static const int32_t tids[] = { 179, 186, 187, 188, 189 };
enum { TIDS = sizeof tids / sizeof *tids };

/* A walk that shows what it is told. */
struct walk {
	struct task_source base;
	const struct thread_sample *threads;
	size_t count;
	size_t flood;			/* more threads of the first one's process, with falling tids */
	int error;
};

struct bench {
	struct rootfs root;
	struct procfs procfs;
	struct users *users;
	struct walk walk;
	struct threads_source source;
	struct host host;
	struct snapshot *snapshot;
};

static int show(struct task_source *base, const struct thread_visitor *visitor)
{
	const struct walk *walk = (const struct walk *)base;

	for (size_t i = 0; i < walk->count; i++)
		visitor->visit(visitor->context, &walk->threads[i]);
	for (size_t i = 0; i < walk->flood; i++) {
		struct thread_sample thread = walk->threads[0];

		thread.tid = (int32_t)(thread.tid + (int32_t)(walk->flood - i));
		visitor->visit(visitor->context, &thread);
	}
	return walk->error;
}

static void add_process(struct bench *bench, int pid, int start, int threads)
{
	struct process *row = snapshot_add_process(bench->snapshot);

	process_set(row, PROC_PID, value_ok(pid));
	process_set(row, PROC_START_TIME, value_ok(start));
	process_set(row, PROC_THREADS, value_ok(threads));
	process_set(row, PROC_PPID, value_ok(1));
	process_set(row, PROC_UID, value_ok(UID));
	process_set(row, PROC_RSS, value_ok(4096));
	process_set(row, PROC_CGROUP, value_none(VALUE_SKIPPED));
	row->text[TEXT_COMM] = text_new("memtide-load", 12);
	process_set(row, PROC_COMM, value_none(VALUE_OK));
	row->text[TEXT_USER] = text_new("seven", 5);
	process_set(row, PROC_USER, value_none(VALUE_OK));
}

/* A captured tree below DIR, and no walk. */
static void set_up(struct bench *bench, const char *dir)
{
	struct err err;

	*bench = (struct bench){ .host = { .clock_ticks = 100 }, .walk.base.name = "test" };
	assert_int_equal(rootfs_open(&bench->root, dir, &err), 0);
	assert_int_equal(procfs_open(&bench->procfs, &bench->root), 0);
	bench->users = users_open(&bench->root);
	bench->snapshot = snapshot_new(&bench->host, 0);
	assert_true(bench->users && bench->snapshot);
	bench->source = (struct threads_source){ &bench->walk.base, &bench->procfs, bench->users };
}

static void tear_down(struct bench *bench)
{
	snapshot_unref(bench->snapshot);
	users_close(bench->users);
	procfs_close(&bench->procfs);
	rootfs_close(&bench->root);
}

static void set_up_captured(struct bench *bench)
{
	set_up(bench, TEST_DATA_DIR "/fixtures/x86_64-4k");
	add_process(bench, ALONE, ALONE_START, 1);
	add_process(bench, PID, START, TIDS);
}

static void walk_shows(struct bench *bench, const struct thread_sample *threads, size_t count)
{
	bench->walk.base.threads = show;
	bench->walk.threads = threads;
	bench->walk.count = count;
}

static void check_captured(const struct snapshot *snapshot)
{
	assert_int_equal(snapshot->thread_count, TIDS);
	assert_int_equal(snapshot->threads_lost, 0);
	for (int i = 0; i < TIDS; i++) {
		const struct process *row = &snapshot->threads[i];

		assert_true(row->is_thread);
		assert_int_equal(row->owner, 1);
		assert_int_equal(row->amount[PROC_PID], PID);
		assert_int_equal(row->amount[PROC_TID], tids[i]);
	}
}

static void test_captured(void **state)
{
	const struct process *first, *last;
	struct bench bench;
	(void)state;

	set_up_captured(&bench);
	threads_read(&bench.source, bench.snapshot);
	check_captured(bench.snapshot);
	first = &bench.snapshot->threads[0];
	last = first + TIDS - 1;
	/* task/179/stat and task/189/stat: minflt, utime + stime in ticks, starttime */
	assert_int_equal(first->amount[PROC_FAULTS_MINOR], 150);
	assert_int_equal(first->amount[PROC_CPU_SECONDS], INT64_C(70000000));
	assert_int_equal(first->amount[PROC_START_TIME], START);
	assert_int_equal(last->amount[PROC_FAULTS_MINOR], 0);
	assert_int_equal(last->amount[PROC_START_TIME], 423);
	assert_int_equal(last->amount[PROC_STATE], 'S');
	assert_string_equal(last->text[TEXT_COMM]->s, "memtide-load");
	assert_int_equal(last->amount[PROC_PPID], 1);
	assert_int_equal(last->amount[PROC_UID], UID);
	assert_string_equal(last->text[TEXT_USER]->s, "seven");
	assert_int_equal(last->status[PROC_CGROUP], VALUE_SKIPPED);
	assert_int_equal(last->status[PROC_RSS], VALUE_NOT_APPLICABLE);
	assert_int_equal(last->status[PROC_THREADS], VALUE_NOT_APPLICABLE);
	tear_down(&bench);
}

/* Of processes in the snapshot only: not of others, a predecessor or successor, one that was alone. */
static void test_strangers(void **state)
{
	static const struct thread_sample threads[] = {
		{ .pid = PID, .tid = 186, .process_start_time = START, .comm = "own", .uid = 4242 },
		{ .pid = PID, .tid = 11, .process_start_time = START - 1, .comm = "before" },
		{ .pid = PID, .tid = 12, .process_start_time = START + 1, .comm = "after" },
		{ .pid = ALONE, .tid = 13, .process_start_time = ALONE_START, .comm = "new" },
		{ .pid = 5, .tid = 14, .process_start_time = START, .comm = "unknown" },
		{ .pid = 5000, .tid = 15, .process_start_time = START, .comm = "unknown" },
		{ .pid = PID, .tid = PID, .process_start_time = START, .comm = "bell\a", .uid = UID },
	};
	struct bench bench;
	(void)state;

	set_up_captured(&bench);
	walk_shows(&bench, threads, sizeof threads / sizeof *threads);
	threads_read(&bench.source, bench.snapshot);
	assert_int_equal(bench.snapshot->thread_count, 2);
	assert_int_equal(bench.snapshot->threads_lost, 0);
	assert_int_equal(bench.snapshot->threads[0].amount[PROC_TID], PID);
	assert_string_equal(bench.snapshot->threads[0].text[TEXT_COMM]->s, "bell?");
	assert_string_equal(bench.snapshot->threads[0].text[TEXT_USER]->s, "seven");
	assert_int_equal(bench.snapshot->threads[1].amount[PROC_TID], 186);
	assert_int_equal(bench.snapshot->threads[1].amount[PROC_UID], 4242);
	assert_string_equal(bench.snapshot->threads[1].text[TEXT_USER]->s, "4242");
	tear_down(&bench);
}

/* A process that the walk does not show is read, and all are when it breaks off. */
static void test_rest(void **state)
{
	static const struct thread_sample other = { .pid = 200, .tid = 201, .process_start_time = 1 };
	static const struct thread_sample half = { .pid = PID, .tid = 186, .process_start_time = START };
	struct bench bench;
	(void)state;

	set_up_captured(&bench);
	add_process(&bench, 200, 1, 2);
	walk_shows(&bench, &other, 1);
	threads_read(&bench.source, bench.snapshot);
	assert_int_equal(bench.snapshot->thread_count, TIDS + 1);
	assert_int_equal(bench.snapshot->threads[TIDS].amount[PROC_TID], 201);
	assert_int_equal(bench.snapshot->threads[TIDS].owner, 2);
	tear_down(&bench);

	set_up_captured(&bench);
	walk_shows(&bench, &half, 1);
	bench.walk.error = -EPERM;
	threads_read(&bench.source, bench.snapshot);
	check_captured(bench.snapshot);
	tear_down(&bench);
}

static void test_too_many(void **state)
{
	enum { EXTRA = 77 };
	static const struct thread_sample first = { .pid = PID, .tid = 1000, .process_start_time = START };
	struct bench bench;
	(void)state;

	set_up_captured(&bench);
	add_process(&bench, 200, 1, 2);
	walk_shows(&bench, &first, 1);
	bench.walk.flood = THREADS_MAX - 1 + EXTRA;
	threads_read(&bench.source, bench.snapshot);
	assert_int_equal(bench.snapshot->thread_count, THREADS_MAX);
	assert_int_equal(bench.snapshot->threads_lost, EXTRA);
	for (size_t i = 1; i < THREADS_MAX; i++)
		assert_true(bench.snapshot->threads[i - 1].amount[PROC_TID] <
			    bench.snapshot->threads[i].amount[PROC_TID]);
	tear_down(&bench);
}

static void write_stat(const char *dir, const char *path, const char *text)
{
	char name[256];
	int fd;

	snprintf(name, sizeof name, "%s/%s", dir, path);
	for (char *slash = name + strlen(dir) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(!mkdir(name, 0700) || errno == EEXIST);
		*slash = '/';
	}
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* A tree without threads, another process in a pid's place, a thread that cannot be read. */
static void test_missing(void **state)
{
#define STAT(pid, start) pid " (p) S 1 0 0 0 -1 4194304 61 0 0 0 0 0 0 0 20 0 2 0 " start " 2314240 331 " \
	"18446744073709551615 1 1 0 0 0 0 0 4 65538 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
	char dir[] = "/tmp/memtide-threads.XXXXXX", command[64];
	struct bench bench;
	(void)state;

	assert_non_null(mkdtemp(dir));
	write_stat(dir, "proc/10/stat", STAT("10", "5"));
	write_stat(dir, "proc/11/stat", STAT("11", "999"));
	write_stat(dir, "proc/11/task/11/stat", STAT("11", "999"));
	write_stat(dir, "proc/12/stat", STAT("12", "7"));
	write_stat(dir, "proc/12/task/12/stat", STAT("12", "7"));
	write_stat(dir, "proc/12/task/13/stat", "13 (cut S 1");
	write_stat(dir, "proc/12/task/014/stat", STAT("14", "7"));
	set_up(&bench, dir);
	add_process(&bench, 10, 5, 2);
	add_process(&bench, 11, 6, 2);
	add_process(&bench, 12, 7, 2);
	threads_read(&bench.source, bench.snapshot);
	assert_int_equal(bench.snapshot->thread_count, 1);
	assert_int_equal(bench.snapshot->threads[0].amount[PROC_TID], 12);
	assert_int_equal(bench.snapshot->threads_lost, 4);
	tear_down(&bench);
	snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_captured),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
