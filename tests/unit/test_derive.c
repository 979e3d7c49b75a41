/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates from two snapshots, growth over many, and who exited in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/derive.h"

static const struct host host;
static const int64_t second = 1000000000;

static struct process *add(struct snapshot *snapshot, int64_t pid, int64_t start, int64_t cpu_ns, int64_t faults, int64_t pss)
{
	struct process *process = snapshot_add_process(snapshot);

	process_set(process, PROC_PID, value_ok(pid));
	process_set(process, PROC_START_TIME, value_ok(start));
	process_set(process, PROC_CPU_SECONDS, value_ok(cpu_ns));
	process_set(process, PROC_FAULTS_MINOR, value_ok(faults));
	process_set(process, PROC_FAULTS_MAJOR, value_ok(0));
	process_set(process, PROC_PSS, value_ok(pss));
	process_set(process, PROC_PSS_AGE, value_ok(0));
	return process;
}

static struct snapshot *at(int64_t boottime_ns)
{
	struct snapshot *snapshot = snapshot_new(&host, 0);

	snapshot->boottime_ns = boottime_ns;
	return snapshot;
}

static void test_rates(void **state)
{
	struct snapshot *then = at(10 * second), *now = at(12 * second);
	struct process *row;

	(void)state;
	add(then, 5, 1, second, 100, 1000);
	add(then, 7, 1, 0, 0, 0);
	add(now, 5, 1, 2 * second, 300, 3000);
	add(now, 7, 2, second, 50, 50);
	derive(NULL, then);
	assert_int_equal(then->processes[0].status[PROC_CPU_PERCENT], VALUE_PENDING);
	assert_int_equal(then->processes[0].status[PROC_FAULT_RATE], VALUE_PENDING);
	derive(then, now);
	row = &now->processes[0];
	assert_int_equal(row->previous, 0);
	assert_int_equal(row->amount[PROC_CPU_PERCENT], 50 * 1000);
	assert_int_equal(row->amount[PROC_FAULT_RATE], 100 * 1000);
	assert_int_equal(row->amount[PROC_PSS_GROWTH], 1000);
	/* The same pid, another process. */
	row = &now->processes[1];
	assert_int_equal(row->previous, -1);
	assert_int_equal(row->status[PROC_CPU_PERCENT], VALUE_PENDING);
	snapshot_unref(then);
	snapshot_unref(now);
}

static void test_absence_stays_absence(void **state)
{
	struct snapshot *then = at(1 * second), *now = at(2 * second);
	struct process *row;

	(void)state;
	add(then, 5, 1, second, 100, 1000);
	row = add(now, 5, 1, 0, 100, 1000);
	process_set(row, PROC_PSS, value_none(VALUE_DENIED));
	process_set(row, PROC_FAULTS_MAJOR, value_none(VALUE_UNSUPPORTED));
	derive(then, now);
	assert_int_equal(row->status[PROC_PSS_GROWTH], VALUE_DENIED);
	assert_int_equal(row->status[PROC_FAULT_RATE], VALUE_UNSUPPORTED);
	/* A counter that went backwards has no rate. */
	assert_int_equal(row->status[PROC_CPU_PERCENT], VALUE_PENDING);
	snapshot_unref(then);
	snapshot_unref(now);
}

/* An estimate out of RSS is followed by the first reading: that step is no growth. */
static void test_first_reading_is_no_growth(void **state)
{
	struct snapshot *then = at(1 * second), *now = at(2 * second);
	struct process *row;

	(void)state;
	row = add(then, 5, 1, 0, 0, 1000000);
	process_set(row, PROC_PSS, (struct value){ 1000000, VALUE_ESTIMATED });
	process_set(row, PROC_PSS_AGE, value_none(VALUE_PENDING));
	row = add(now, 5, 1, 0, 0, 1000);
	derive(then, now);
	assert_int_equal(row->status[PROC_PSS_GROWTH], VALUE_PENDING);
	snapshot_unref(then);
	snapshot_unref(now);
}

/* The boot clock cannot stand still or run backwards; if it does there is no rate, and no division by 0. */
static void test_no_time_no_rate(void **state)
{
	struct snapshot *then = at(second), *now = at(second);
	struct process *row;

	(void)state;
	add(then, 5, 1, 0, 0, 0);
	row = add(now, 5, 1, INT64_MAX, INT64_MAX, INT64_MAX);
	derive(then, now);
	assert_int_equal(row->status[PROC_CPU_PERCENT], VALUE_PENDING);
	now->boottime_ns++;
	derive(then, now);
	assert_int_equal(row->amount[PROC_FAULT_RATE], INT64_MAX);
	snapshot_unref(then);
	snapshot_unref(now);
}

/* -- growth ----------------------------------------------------------------------------------------------- */

struct reading {
	enum value_status status;
	bool read;			/* there is an age: smaps_rollup was read once */
	int64_t pss;
	enum value_status want_status;
	int64_t want_grown;
};

/* One process a second, with these readings. */
static void check_growth(const struct reading *readings, int count)
{
	struct snapshot *before = NULL;

	for (int i = 0; i < count; i++) {
		const struct reading *reading = &readings[i];
		struct snapshot *now = at((i + 1) * second);
		struct process *row = add(now, 5, 1, 0, 0, 0);
		struct value grown;

		process_set(row, PROC_PSS, (struct value){ reading->pss, reading->status });
		process_set(row, PROC_PSS_AGE, reading->read ? value_ok(0) : value_none(VALUE_PENDING));
		derive(before, now);
		grown = process_value(row, PROC_PSS_GROWN);
		assert_int_equal(grown.status, reading->want_status);
		assert_int_equal(row->status[PROC_PSS_GROWN_MINUTE], reading->want_status);
		if (value_has_amount(grown.status)) {
			assert_int_equal(grown.amount, reading->want_grown);
			assert_int_equal(row->amount[PROC_PSS_GROWN_MINUTE], reading->want_grown);
		}
		snapshot_unref(before);
		before = now;
	}
	snapshot_unref(before);
}

static void test_growth(void **state)
{
	static const struct reading first_read_later[] = {
		{ VALUE_PENDING, false, 0, VALUE_PENDING, 0 },
		{ VALUE_ESTIMATED, false, 1000, VALUE_ESTIMATED, 0 },
		{ VALUE_ESTIMATED, false, 1200, VALUE_ESTIMATED, 200 },
		{ VALUE_OK, true, 500, VALUE_OK, 200 },		/* the estimate was 700 too high */
		{ VALUE_OK, true, 400, VALUE_OK, 100 },
		{ VALUE_ESTIMATED, true, 450, VALUE_ESTIMATED, 150 },
		{ VALUE_DENIED, true, 0, VALUE_DENIED, 0 },
		{ VALUE_OK, true, 250, VALUE_OK, -50 },
	};
	/* Nobody knows how far off the estimate was when it was last made: counting begins anew. */
	static const struct reading unknown_between[] = {
		{ VALUE_ESTIMATED, false, 1000, VALUE_ESTIMATED, 0 },
		{ VALUE_SKIPPED, false, 0, VALUE_SKIPPED, 0 },
		{ VALUE_OK, true, 300, VALUE_OK, 0 },
		{ VALUE_STALE, true, 310, VALUE_OK, 10 },
	};

	(void)state;
	check_growth(first_read_later, sizeof first_read_later / sizeof *first_read_later);
	check_growth(unknown_between, sizeof unknown_between / sizeof *unknown_between);
}

/* PSS is the number of seconds gone by, so growth says since when it is counted: from the sample that was the last one at some
 * moment 50 to 60 s ago, whatever the time between samples. */
static void test_growth_over_a_minute(void **state)
{
	static const int intervals[] = { 1, 3, 7, 10, 15, 25, 30, 60, 61, 300 };

	(void)state;
	for (unsigned i = 0; i < sizeof intervals / sizeof *intervals; i++) {
		struct snapshot *before = NULL;

		for (int64_t t = 0; t <= 400 + 3 * intervals[i]; t += intervals[i]) {
			struct snapshot *now = at((1000 + t) * second);
			struct process *row = add(now, 5, 1, 0, 0, t);
			int64_t since;

			derive(before, now);
			assert_int_equal(row->amount[PROC_PSS_GROWN], t);
			since = t - row->amount[PROC_PSS_GROWN_MINUTE];
			assert_int_equal(since % intervals[i], 0);
			assert_true(since <= (t > 50 ? t - 50 : 0));
			assert_true(since + intervals[i] > t - 60);
			snapshot_unref(before);
			before = now;
		}
		snapshot_unref(before);
	}
}

/* -- exited processes ------------------------------------------------------------------------------------- */

static void test_exited(void **state)
{
	struct snapshot *before = at(second), *now;
	struct process *row = add(before, 5, 1, 0, 0, 4000);

	(void)state;
	row->text[TEXT_COMM] = text_new("ended", 5);
	process_set(row, PROC_COMM, value_ok(0));
	add(before, 7, 1, 0, 0, 0);
	add(before, 9, 1, 0, 0, 0);
	derive(NULL, before);
	assert_int_equal(before->exited_count, 0);
	for (int sample = 1; sample <= EXITED_SAMPLES + 1; sample++) {
		now = at((sample + 1) * second);
		/* The pid 7 goes to another process. */
		add(now, 7, 2, 0, 0, 0);
		add(now, 9, 1, 0, 0, 0);
		derive(before, now);
		snapshot_unref(before);
		before = now;
		if (sample > EXITED_SAMPLES)
			break;
		assert_int_equal(now->exited_count, 2);
		assert_int_equal(now->exited[0].amount[PROC_PID], 5);
		assert_int_equal(now->exited[0].amount[PROC_PSS], 4000);
		assert_string_equal(now->exited[0].text[TEXT_COMM]->s, "ended");
		assert_int_equal(now->exited[0].exited_samples, sample);
		assert_int_equal(now->exited[1].amount[PROC_PID], 7);
		assert_int_equal(now->exited[1].amount[PROC_START_TIME], 1);
		assert_int_equal(now->processes[0].previous, sample == 1 ? -1 : 0);
		assert_int_equal(now->exited_lost, 0);
	}
	assert_int_equal(now->exited_count, 0);
	snapshot_unref(now);
}

/* A process that a scan missed has not ended, and no row is there twice. */
static void test_exited_is_back(void **state)
{
	struct snapshot *first = at(second), *second_one = at(2 * second), *third = at(3 * second);

	(void)state;
	for (int64_t pid = 1; pid < 10; pid++) {
		add(first, pid, 1, 0, 0, 0);
		if (pid != 4)
			add(second_one, pid, 1, 0, 0, 0);
		add(third, pid, 1, 0, 0, 0);
	}
	derive(NULL, first);
	derive(first, second_one);
	assert_int_equal(second_one->exited_count, 1);
	assert_int_equal(second_one->exited[0].amount[PROC_PID], 4);
	derive(second_one, third);
	assert_int_equal(third->exited_count, 0);
	assert_int_equal(third->exited_lost, 0);
	snapshot_unref(first);
	snapshot_unref(second_one);
	snapshot_unref(third);
}

/* More than there is room for: the largest stay, the others are counted once. */
static void test_exited_too_many(void **state)
{
	enum { MORE = 44, COUNT = EXITED_MAX + MORE };
	struct snapshot *then = at(second), *now = at(2 * second), *later = at(3 * second);

	(void)state;
	for (int i = 0; i < COUNT; i++)
		process_set(add(then, i + 1, 1, 0, 0, 0), PROC_RSS, value_ok(i * 7919 % COUNT));
	derive(NULL, then);
	derive(then, now);
	assert_int_equal(now->exited_count, EXITED_MAX);
	assert_int_equal(now->exited_lost, MORE);
	for (size_t i = 0; i < now->exited_count; i++) {
		assert_true(now->exited[i].amount[PROC_RSS] >= MORE);
		assert_true(!i || now->exited[i].amount[PROC_PID] > now->exited[i - 1].amount[PROC_PID]);
	}
	derive(now, later);
	assert_int_equal(later->exited_count, EXITED_MAX);
	assert_int_equal(later->exited_lost, MORE);
	snapshot_unref(then);
	snapshot_unref(now);
	snapshot_unref(later);
}

/* -- threads ---------------------------------------------------------------------------------------------- */

static void add_thread(struct snapshot *snapshot, int64_t tid, int64_t start, int64_t cpu_ns, int64_t faults)
{
	struct process *thread = snapshot_add_thread(snapshot);

	thread->is_thread = true;
	process_set(thread, PROC_PID, value_ok(5));
	process_set(thread, PROC_TID, value_ok(tid));
	process_set(thread, PROC_START_TIME, value_ok(start));
	process_set(thread, PROC_CPU_SECONDS, value_ok(cpu_ns));
	process_set(thread, PROC_FAULTS_MINOR, value_ok(faults));
	process_set(thread, PROC_FAULTS_MAJOR, value_ok(1));
	process_set(thread, PROC_PSS, value_none(VALUE_NOT_APPLICABLE));
}

static void test_threads(void **state)
{
	struct snapshot *then = at(second), *now = at(3 * second);
	const struct process *thread;

	(void)state;
	add(then, 5, 1, 0, 0, 0);
	add(now, 5, 1, 0, 0, 0);
	add_thread(then, 5, 1, second, 10);
	add_thread(then, 6, 20, 0, 0);
	add_thread(then, 7, 20, 0, 0);
	add_thread(now, 5, 1, second, 10);
	add_thread(now, 7, 20, second, 30);
	add_thread(now, 8, 20, 0, 0);
	add_thread(now, 9, 20, 0, 0);
	derive(NULL, then);
	derive(then, now);
	assert_int_equal(now->processes[0].amount[PROC_TID], 5);
	assert_int_equal(now->threads[0].previous, 0);
	assert_int_equal(now->threads[0].amount[PROC_CPU_PERCENT], 0);
	thread = &now->threads[1];
	assert_int_equal(thread->previous, 2);
	assert_int_equal(thread->amount[PROC_CPU_PERCENT], 50 * 1000);
	assert_int_equal(thread->amount[PROC_FAULT_RATE], 15 * 1000);
	assert_int_equal(thread->status[PROC_PSS_GROWN], VALUE_NOT_APPLICABLE);
	assert_int_equal(thread->status[PROC_PSS_GROWN_MINUTE], VALUE_NOT_APPLICABLE);
	assert_int_equal(thread->status[PROC_PSS_GROWTH], VALUE_NOT_APPLICABLE);
	assert_int_equal(now->threads[2].previous, -1);
	assert_int_equal(now->threads[2].status[PROC_CPU_PERCENT], VALUE_PENDING);
	/* A thread ends without being an exited process. */
	assert_int_equal(now->exited_count, 0);
	snapshot_unref(then);
	snapshot_unref(now);
}

/* The tid of a process that is no thread, of one that is, and start times up to the bounds of the key: all apart. */
static void test_keys_differ(void **state)
{
	static const int64_t ids[] = { 1, 2, 4194303 }, starts[] = { 0, 1, (INT64_C(1) << 41) - 1 };
	uint64_t keys[18];
	int count = 0;

	(void)state;
	for (int i = 0; i < 18; i++) {
		struct process process = { .is_thread = i % 2 };

		process_set(&process, PROC_PID, value_ok(process.is_thread ? 1 : ids[i / 2 % 3]));
		process_set(&process, PROC_TID, value_ok(ids[i / 2 % 3]));
		process_set(&process, PROC_START_TIME, value_ok(starts[i / 6]));
		keys[count++] = process_key(&process);
		for (int k = 0; k < i; k++)
			assert_true(keys[k] != keys[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_absence_stays_absence),
		cmocka_unit_test(test_first_reading_is_no_growth),
		cmocka_unit_test(test_no_time_no_rate),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_growth_over_a_minute),
		cmocka_unit_test(test_exited),
		cmocka_unit_test(test_exited_is_back),
		cmocka_unit_test(test_exited_too_many),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_keys_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
