/* SPDX-License-Identifier: GPL-2.0-or-later */
/* History against the list of what was put into it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/arrange.h"
#include "rows.h"
#include "tui/history.h"

static const int64_t second_ns = 1000000000;

static const struct metric *pss(void)
{
	return metric_get(SCOPE_PROCESS, PROC_PSS);
}

static struct snapshot *snapshot_at(int64_t seconds)
{
	struct snapshot *snapshot = snapshot_new(NULL, 4);

	assert_non_null(snapshot);
	snapshot->boottime_ns = seconds * second_ns;
	return snapshot;
}

static struct process *add(struct snapshot *snapshot, int32_t pid, int64_t start, struct value value)
{
	struct process *process = rows_add(snapshot, pid, "p");

	process_set(process, PROC_START_TIME, value_ok(start));
	process_set(process, PROC_PSS, value);
	return process;
}

static uint64_t key_of(int32_t pid, int64_t start)
{
	struct process process = { 0 };

	process.amount[PROC_PID] = pid;
	process.amount[PROC_START_TIME] = start;
	return process_key(&process);
}

/* One process with one value in a snapshot of its own. */
static void feed(struct history *history, int64_t seconds, int32_t pid, int64_t start, struct value value)
{
	struct snapshot *snapshot = snapshot_at(seconds);

	add(snapshot, pid, start, value);
	history_add(history, snapshot);
	snapshot_unref(snapshot);
}

static double at(const struct history *history, uint64_t key, size_t i)
{
	return history_value(history, SCOPE_PROCESS, key, pss(), i);
}

static void test_begins_when_wanted(void **state)
{
	struct history *history = history_new();
	uint64_t key = key_of(10, 5);
	double values[HISTORY_SAMPLES];

	(void)state;
	assert_non_null(history);
	assert_int_equal(history_count(history), 0);
	feed(history, 1, 10, 5, value_ok(100));
	history_want(history, SCOPE_PROCESS, key, pss());
	assert_int_equal(history_length(history, SCOPE_PROCESS, key, pss()), 0);
	assert_true(isnan(at(history, key, 0)));
	feed(history, 2, 10, 5, value_ok(200));
	feed(history, 3, 10, 5, value_ok(50));
	assert_int_equal(history_count(history), 3);
	assert_int_equal(history_length(history, SCOPE_PROCESS, key, pss()), 2);
	assert_int_equal(history_boottime_ns(history, 0), 3 * second_ns);
	assert_int_equal(history_boottime_ns(history, 2), 1 * second_ns);
	assert_true(at(history, key, 0) == 50);
	assert_true(at(history, key, 1) == 200);
	assert_true(isnan(at(history, key, 2)));
	assert_true(isnan(at(history, key, 3)));
	assert_true(isnan(history_value(history, SCOPE_PROCESS, key, metric_get(SCOPE_PROCESS, PROC_RSS), 0)));
	assert_int_equal(history_values(history, SCOPE_PROCESS, key, pss(), values), 3);
	assert_true(values[0] == 50 && values[1] == 200 && isnan(values[2]));
	history_free(history);
}

static void test_absent_is_absent(void **state)
{
	struct history *history = history_new();
	uint64_t key = key_of(10, 5);

	(void)state;
	history_want(history, SCOPE_PROCESS, key, pss());
	feed(history, 1, 10, 5, value_none(VALUE_PENDING));
	feed(history, 2, 10, 5, value_ok(7));
	feed(history, 3, 10, 5, value_none(VALUE_DENIED));
	feed(history, 4, 11, 5, value_ok(9));	/* it is not there */
	feed(history, 5, 10, 5, (struct value){ 8, VALUE_ESTIMATED });
	assert_true(isnan(at(history, key, 4)));
	assert_true(at(history, key, 3) == 7);
	assert_true(isnan(at(history, key, 2)));
	assert_true(isnan(at(history, key, 1)));
	assert_true(at(history, key, 0) == 8);
	assert_int_equal(history_length(history, SCOPE_PROCESS, key, pss()), 5);
	history_free(history);
}

static void test_pid_reuse(void **state)
{
	struct history *history = history_new();
	uint64_t old = key_of(10, 5), new = key_of(10, 900);

	(void)state;
	history_want(history, SCOPE_PROCESS, old, pss());
	history_want(history, SCOPE_PROCESS, new, pss());
	feed(history, 1, 10, 5, value_ok(1000));
	feed(history, 2, 10, 900, value_ok(3));
	assert_true(at(history, old, 1) == 1000);
	assert_true(isnan(at(history, old, 0)));
	assert_true(isnan(at(history, new, 1)));
	assert_true(at(history, new, 0) == 3);
	history_free(history);
}

static void test_wraps_around(void **state)
{
	struct history *history = history_new();
	uint64_t key = key_of(10, 5);
	int64_t last = HISTORY_SAMPLES * 2 + 77;

	(void)state;
	history_want(history, SCOPE_PROCESS, key, pss());
	for (int64_t i = 1; i <= last; i++)
		feed(history, i, 10, 5, i % 5 ? value_ok(i * 4096) : value_none(VALUE_PENDING));
	assert_int_equal(history_count(history), HISTORY_SAMPLES);
	assert_int_equal(history_length(history, SCOPE_PROCESS, key, pss()), HISTORY_SAMPLES);
	for (size_t i = 0; i < HISTORY_SAMPLES; i++) {
		int64_t n = last - (int64_t)i;

		assert_int_equal(history_boottime_ns(history, i), n * second_ns);
		if (n % 5)
			assert_true(at(history, key, i) == (double)(n * 4096));
		else
			assert_true(isnan(at(history, key, i)));
	}
	assert_true(isnan(at(history, key, HISTORY_SAMPLES)));
	history_free(history);
}

/* A float holds 24 bits: a page more or less in a terabyte shows all the same. */
static void test_small_changes_of_large_amounts(void **state)
{
	struct history *history = history_new();
	uint64_t key = key_of(10, 5);
	int64_t base = (INT64_C(1) << 40) + 12345;

	(void)state;
	history_want(history, SCOPE_PROCESS, key, pss());
	feed(history, 1, 10, 5, value_ok(base));
	feed(history, 2, 10, 5, value_ok(base + 4096));
	feed(history, 3, 10, 5, value_ok(base - 1));
	assert_true(at(history, key, 2) == (double)base);
	assert_true(at(history, key, 1) == (double)(base + 4096));
	assert_true(at(history, key, 0) == (double)(base - 1));
	history_free(history);
}

static void test_same_time_is_one_sample(void **state)
{
	struct history *history = history_new();
	uint64_t first = key_of(10, 5), second = key_of(10, 6);

	(void)state;
	history_want(history, SCOPE_PROCESS, first, pss());
	feed(history, 1, 10, 5, value_ok(1));
	feed(history, 2, 10, 5, value_ok(2));
	history_want(history, SCOPE_PROCESS, second, pss());
	feed(history, 2, 10, 6, value_ok(5));	/* instead of the last */
	assert_int_equal(history_count(history), 2);
	assert_true(isnan(at(history, first, 0)));
	assert_true(at(history, first, 1) == 1);
	assert_true(at(history, second, 0) == 5);
	assert_int_equal(history_length(history, SCOPE_PROCESS, second, pss()), 1);
	/* Back in time: begun anew. */
	feed(history, 1, 10, 5, value_ok(11));
	assert_int_equal(history_count(history), 1);
	assert_true(at(history, first, 0) == 11);
	assert_true(isnan(at(history, first, 1)));
	history_free(history);
}

static void test_evicts_the_longest_unwanted(void **state)
{
	struct history *history = history_new();
	struct snapshot *snapshot;

	(void)state;
	for (int32_t pid = 1; pid <= HISTORY_SERIES; pid++)
		history_want(history, SCOPE_PROCESS, key_of(pid, 0), pss());
	snapshot = snapshot_at(1);
	for (int32_t pid = 1; pid <= HISTORY_SERIES + 2; pid++)
		add(snapshot, pid, 0, value_ok(pid * 10));
	history_add(history, snapshot);
	/* 1 is wanted again, so 2 and 3 go for two new ones. */
	history_want(history, SCOPE_PROCESS, key_of(1, 0), pss());
	history_want(history, SCOPE_PROCESS, key_of(HISTORY_SERIES + 1, 0), pss());
	history_want(history, SCOPE_PROCESS, key_of(HISTORY_SERIES + 2, 0), pss());
	snapshot->boottime_ns = 2 * second_ns;
	history_add(history, snapshot);
	for (int32_t pid = 1; pid <= HISTORY_SERIES + 2; pid++) {
		bool evicted = pid == 2 || pid == 3, fresh = pid > HISTORY_SERIES;

		if (evicted)
			assert_true(isnan(at(history, key_of(pid, 0), 0)));
		else
			assert_true(at(history, key_of(pid, 0), 0) == pid * 10);
		if (evicted || fresh)
			assert_true(isnan(at(history, key_of(pid, 0), 1)));
		else
			assert_true(at(history, key_of(pid, 0), 1) == pid * 10);
	}
	snapshot_unref(snapshot);
	history_free(history);
}

static void test_every_scope(void **state)
{
	struct history *history = history_new();
	struct snapshot *snapshot = snapshot_at(1);
	const struct metric *free_ram = metric_get(SCOPE_SYSTEM, SYS_MEM_FREE),
			    *held = metric_get(SCOPE_CGROUP, CG_CURRENT);
	const struct metric *cpu = metric_get(SCOPE_PROCESS, PROC_CPU_PERCENT);
	struct process *owner = add(snapshot, 10, 5, value_ok(1)), *thread = snapshot_add_thread(snapshot);
	struct cgroup *cgroup = snapshot_add_cgroup(snapshot);
	uint64_t thread_key;

	(void)state;
	assert_non_null(thread);
	thread->is_thread = true;
	process_set(thread, PROC_PID, value_ok(10));
	process_set(thread, PROC_TID, value_ok(11));
	process_set(thread, PROC_START_TIME, value_ok(6));
	process_set(thread, PROC_CPU_PERCENT, value_ok(33000));
	process_set(owner, PROC_CPU_PERCENT, value_ok(66000));
	system_set(snapshot, SYS_MEM_FREE, value_ok(4096));
	cgroup->path = text_new("/a/b", 4);
	cgroup_set(cgroup, CG_CURRENT, value_ok(77));
	thread_key = process_key(thread);
	history_want(history, SCOPE_SYSTEM, 0, free_ram);
	history_want(history, SCOPE_CGROUP, arrange_cgroup_key("/a/b"), held);
	history_want(history, SCOPE_CGROUP, arrange_cgroup_key("/a"), held);
	history_want(history, SCOPE_PROCESS, thread_key, cpu);
	history_want(history, SCOPE_PROCESS, process_key(owner), cpu);
	history_add(history, snapshot);
	assert_true(history_value(history, SCOPE_SYSTEM, 0, free_ram, 0) == 4096);
	assert_true(history_value(history, SCOPE_CGROUP, arrange_cgroup_key("/a/b"), held, 0) == 77);
	assert_true(isnan(history_value(history, SCOPE_CGROUP, arrange_cgroup_key("/a"), held, 0)));
	assert_true(history_value(history, SCOPE_PROCESS, thread_key, cpu, 0) == 33000);
	assert_true(history_value(history, SCOPE_PROCESS, process_key(owner), cpu, 0) == 66000);
	snapshot_unref(snapshot);
	history_free(history);
}

/* Random wants, values and evictions against everything that was ever fed. */
static void test_against_a_list(void **state)
{
	enum { PIDS = 500, STEPS = 900 };
	static int64_t fed[STEPS][PIDS]; /* -1: absent */
	static int32_t since[PIDS],
		wanted[PIDS]; /* the step a series began with, when it was last wanted; -1 never */
	struct history *history = history_new();
	uint32_t seed = 7;
	int32_t wants = 0, live = 0;

	(void)state;
	memset(since, 0xff, sizeof since);
	for (int32_t step = 0; step < STEPS; step++) {
		struct snapshot *snapshot = snapshot_at(step + 1);

		for (int i = 0; i < 5; i++) {
			int32_t pid = (int32_t)((seed = seed * 1664525 + 1013904223) >> 8) % PIDS, oldest = -1;

			history_want(history, SCOPE_PROCESS, key_of(pid, 0), pss());
			wanted[pid] = ++wants;
			if (since[pid] >= 0)
				continue;
			for (int32_t p = 0; p < PIDS && live == HISTORY_SERIES; p++)
				if (since[p] >= 0 && (oldest < 0 || wanted[p] < wanted[oldest]))
					oldest = p;
			if (oldest >= 0)
				since[oldest] = -1;
			else
				live++;
			since[pid] = step;
		}
		for (int32_t pid = 0; pid < PIDS; pid++) {
			seed = seed * 1664525 + 1013904223;
			fed[step][pid] = (seed >> 8) % 8 ? (int64_t)(seed >> 10) : -1;
			add(snapshot, pid, 0,
			    fed[step][pid] < 0 ? value_none(VALUE_SKIPPED) : value_ok(fed[step][pid]));
		}
		history_add(history, snapshot);
		snapshot_unref(snapshot);
	}
	assert_int_equal(live, HISTORY_SERIES);
	for (int32_t pid = 0; pid < PIDS; pid++) {
		for (int32_t i = 0; i < HISTORY_SAMPLES; i++) {
			int32_t step = STEPS - 1 - i;
			double value = at(history, key_of(pid, 0), (size_t)i);

			if (since[pid] < 0 || step < since[pid] || fed[step][pid] < 0)
				assert_true(isnan(value));
			else
				assert_true(value == (double)fed[step][pid]);
		}
	}
	history_free(history);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begins_when_wanted),
		cmocka_unit_test(test_absent_is_absent),
		cmocka_unit_test(test_pid_reuse),
		cmocka_unit_test(test_wraps_around),
		cmocka_unit_test(test_small_changes_of_large_amounts),
		cmocka_unit_test(test_same_time_is_one_sample),
		cmocka_unit_test(test_evicts_the_longest_unwanted),
		cmocka_unit_test(test_every_scope),
		cmocka_unit_test(test_against_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
