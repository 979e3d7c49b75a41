/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selections against a plain scan and insertion sort, over random snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/arrange.h"
#include "rows.h"

enum { ROWS = 300, ROUNDS = 60 };

static uint32_t seed = 1;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static const enum value_status statuses[] = {
	VALUE_OK, VALUE_OK, VALUE_OK, VALUE_ESTIMATED, VALUE_STALE, VALUE_DENIED, VALUE_PENDING,
};

/* Few different values, so that there are many ties; a pid now and then twice. */
static struct snapshot *random_snapshot(void)
{
	static const char *const names[] = { "a", "b", "sshd", "Z", "\xc3\xa9", "" };
	struct snapshot *snapshot = snapshot_new(NULL, ROWS);
	int32_t pid = 0;

	assert_non_null(snapshot);
	for (int i = 0; i < ROWS; i++) {
		pid += (int32_t)any(4);
		struct process *process = rows_add(snapshot, pid, names[any(6)]);

		process_set(process, PROC_START_TIME, value_ok(i));
		process_set(process, PROC_UID, value_ok(any(3)));
		process_set(process, PROC_PSS, (struct value){ (int64_t)any(20) - 5, statuses[any(7)] });
		process_set(process, PROC_FAULT_RATE, (struct value){ any(2), statuses[any(7)] });
		process_set(process, PROC_CPU_PERCENT, (struct value){ any(2), statuses[any(7)] });
		if (any(9) == 0)
			process_set(process, PROC_COMM, value_none(VALUE_GONE));
	}
	return snapshot;
}

/* The rule of select.h, said the slow way: does row A belong after row B? */
static bool belongs_after(const struct snapshot *snapshot, const struct selection *selection, uint32_t a,
			  uint32_t b)
{
	const struct process *x = &snapshot->processes[a], *y = &snapshot->processes[b];
	char unused[16];

	if (selection->sort) {
		unsigned slot = selection->sort->index;
		bool x_known = value_has_amount(process_value(x, slot).status),
		     y_known = value_has_amount(process_value(y, slot).status);

		if (x_known != y_known)
			return y_known;
		if (x_known && selection->sort->unit == UNIT_TEXT) {
			int by = strcmp(process_text(x, slot, unused), process_text(y, slot, unused));

			if (by)
				return selection->ascending ? by > 0 : by < 0;
		} else if (x_known && process_value(x, slot).amount != process_value(y, slot).amount) {
			return selection->ascending == (process_value(x, slot).amount > process_value(y, slot).amount);
		}
	}
	if (x->amount[PROC_PID] != y->amount[PROC_PID])
		return x->amount[PROC_PID] > y->amount[PROC_PID];
	return x->amount[PROC_START_TIME] > y->amount[PROC_START_TIME];
}

static bool selected(const struct selection *selection, const struct process *process)
{
	bool listed = !selection->pids;

	for (size_t i = 0; selection->pids && i < selection->pid_count; i++)
		listed |= selection->pids[i] == process->amount[PROC_PID];
	if (!listed || (selection->by_uid && process->amount[PROC_UID] != selection->uid))
		return false;
	if (selection->hide_idle && value_has_amount(process->status[PROC_FAULT_RATE]) &&
	    value_has_amount(process->status[PROC_CPU_PERCENT]) && !process->amount[PROC_FAULT_RATE] &&
	    !process->amount[PROC_CPU_PERCENT])
		return false;
	return !selection->filter || filter_match(selection->filter, process);
}

static void check(const struct selection *selection, const struct snapshot *snapshot)
{
	struct arrangement arrangement = { 0 };
	struct arrange_config config = { .selection = *selection };
	uint32_t want[ROWS];
	size_t expected = 0;

	assert_int_equal(arrange(&arrangement, snapshot, &config), 0);

	for (uint32_t i = 0; i < snapshot->process_count; i++) {
		if (!selected(selection, &snapshot->processes[i]))
			continue;
		size_t at = expected++;

		for (; at && belongs_after(snapshot, selection, want[at - 1], i); at--)
			want[at] = want[at - 1];
		want[at] = i;
	}
	assert_int_equal(arrangement.row_count, expected);
	for (size_t i = 0; i < expected; i++)
		assert_int_equal(arrangement.rows[i].index, want[i]);
	arrangement_free(&arrangement);
}

static void test_against_plain_scan(void **state)
{
	static const enum process_metric sorts[] = { PROC_PSS, PROC_COMM, PROC_UID, PROC_PID, PROC_USS };
	struct filter *filter = filter_parse("pss > 3 || comm == sshd", NULL);
	(void)state;

	assert_non_null(filter);
	for (int round = 0; round < ROUNDS; round++) {
		struct snapshot *snapshot = random_snapshot();
		int32_t pids[40];

		for (int i = 0; i < 40; i++)
			pids[i] = i * 10 + (int32_t)any(10);
		struct selection selection = {
			.pids = any(3) ? NULL : pids,
			.pid_count = any(41),
			.by_uid = any(3) == 0,
			.uid = any(3),
			.hide_idle = any(2),
			.filter = any(2) ? filter : NULL,
			.sort = any(6) ? metric_get(SCOPE_PROCESS, sorts[any(5)]) : NULL,
			.ascending = any(2),
		};

		check(&selection, snapshot);
		snapshot_unref(snapshot);
	}
	filter_free(filter);
}

static void test_sorted_pids(void **state)
{
	struct snapshot *snapshot = random_snapshot();
	int32_t pids[] = { 3, 5, 5, 200, 201, 202, 400, 100000 };
	struct selection selection = { .pids = pids,
				       .pid_count = 8,
				       .sort = metric_get(SCOPE_PROCESS, PROC_PSS) };
	(void)state;

	check(&selection, snapshot);
	selection.pid_count = 0;
	check(&selection, snapshot);
	snapshot_unref(snapshot);
}

/* A kernel thread has no command line: unknown in a text sort, last in both directions. */
static void test_unknown_last(void **state)
{
	struct snapshot *snapshot = snapshot_new(NULL, 3);
	struct selection selection = { .sort = metric_get(SCOPE_PROCESS, PROC_CMDLINE) };
	struct arrangement arrangement = { 0 };
	(void)state;

	rows_add(snapshot, 1, "kthreadd");
	for (int pid = 2; pid < 4; pid++) {
		struct process *process = rows_add(snapshot, pid, "x");

		process->text[TEXT_CMDLINE] = text_new(pid == 2 ? "b" : "a", 1);
		process_set(process, PROC_CMDLINE, value_ok(0));
	}
	for (int ascending = 0; ascending < 2; ascending++) {
		struct arrange_config config = { .selection = selection };

		config.selection.ascending = ascending;
		assert_int_equal(arrange(&arrangement, snapshot, &config), 0);
		assert_int_equal(arrangement.row_count, 3);
		assert_int_equal(arrangement.rows[0].index, ascending ? 2 : 1);
		assert_int_equal(arrangement.rows[1].index, ascending ? 1 : 2);
		assert_int_equal(arrangement.rows[2].index, 0);
	}
	arrangement_free(&arrangement);
	snapshot_unref(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_plain_scan),
		cmocka_unit_test(test_sorted_pids),
		cmocka_unit_test(test_unknown_last),
	};

	return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
