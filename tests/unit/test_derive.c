/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates from two snapshots. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_absence_stays_absence),
		cmocka_unit_test(test_first_reading_is_no_growth),
		cmocka_unit_test(test_no_time_no_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
