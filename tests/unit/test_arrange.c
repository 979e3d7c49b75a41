/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees and groups of random snapshots, against sums and ancestors worked out one process at a time. */
#include <errno.h>
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
#include "util/keyset.h"

enum { ROWS = 200, ROUNDS = 200 };

static uint32_t seed = 7;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void set_text(struct process *process, enum process_metric metric, enum process_text slot, const char *s)
{
	process->text[slot] = text_new(s, strlen(s));
	assert_non_null(process->text[slot]);
	process_set(process, metric, value_ok(0));
}

static void fill_row(struct process *process, int i, int64_t ppid)
{
	static const char *const groups[] = { "/", "/a", "/a/b", "/c.slice" };
	static const enum value_status statuses[] = {
		VALUE_OK, VALUE_OK, VALUE_ESTIMATED, VALUE_STALE, VALUE_DENIED, VALUE_NOT_APPLICABLE,
	};

	process_set(process, PROC_START_TIME, value_ok(i));
	process_set(process, PROC_PPID, value_ok(ppid));
	process_set(process, PROC_RSS, value_ok(any(100)));
	process_set(process, PROC_PSS, (struct value){ any(1000), statuses[any(6)] });
	process_set(process, PROC_UID, value_ok(any(3)));
	if (any(8))
		set_text(process, PROC_CGROUP, TEXT_CGROUP, groups[any(4)]);
}

/* Parents anywhere, missing ones, oneself, and so cycles; threads of some; some that exited. */
static struct snapshot *random_snapshot(void)
{
	struct snapshot *snapshot = snapshot_new(NULL, ROWS);

	assert_non_null(snapshot);
	for (int i = 0; i < ROWS; i++)
		fill_row(rows_add(snapshot, 2 * i + 1, "p"), i, any(4) ? 2 * any(ROWS) + 1 : any(2 * ROWS));
	for (uint32_t i = 0; i < ROWS; i++)
		for (uint32_t t = any(4) ? 0 : any(4); t; t--) {
			struct process *thread = snapshot_add_thread(snapshot);

			assert_non_null(thread);
			thread->is_thread = true;
			thread->owner = i;
			process_set(thread, PROC_PID, value_ok(2 * i + 1));
			process_set(thread, PROC_TID, value_ok(100000 + 10 * i + t));
			process_set(thread, PROC_START_TIME, value_ok(i));
		}
	for (int i = 0; i < 5; i++) {
		struct process *gone = snapshot_add_exited(snapshot);

		assert_non_null(gone);
		fill_row(gone, ROWS + i, 1);
		process_set(gone, PROC_PID, value_ok(1000 + i));
	}
	return snapshot;
}

static const struct process *process_by_pid(const struct snapshot *snapshot, int64_t pid)
{
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].amount[PROC_PID] == pid)
			return &snapshot->processes[i];
	return NULL;
}

/* Whether going up from PROCESS leads to ANCESTOR within as many steps as there are processes. */
static bool descends(const struct snapshot *snapshot, const struct process *process, const struct process *ancestor)
{
	for (size_t i = 0; process && i <= snapshot->process_count; i++) {
		process = process_by_pid(snapshot, process->amount[PROC_PPID]);
		if (process == ancestor)
			return true;
	}
	return false;
}

static void expect_sum(const struct arrangement *arrangement, const struct total *total, int64_t sum, uint32_t missing,
		       bool estimated, uint32_t processes)
{
	const struct metric *pss = metric_get(SCOPE_PROCESS, PROC_PSS);
	struct value value = arrange_total(total, pss);
	(void)arrangement;

	assert_int_equal(total->processes, processes);
	assert_int_equal(total->missing[arrange_total_slot(pss)], missing);
	if (!value_has_amount(value.status))
		return;
	assert_int_equal(value.amount, sum);
	assert_int_equal(value.status, estimated ? VALUE_ESTIMATED : VALUE_OK);
}

struct sum {
	int64_t amount;
	uint32_t missing, processes;
	bool estimated;
};

static void add(struct sum *sum, const struct process *process)
{
	uint8_t status = process->status[PROC_PSS];

	sum->processes++;
	if (value_has_amount(status))
		sum->amount += process->amount[PROC_PSS];
	else if (status != VALUE_NOT_APPLICABLE)
		sum->missing++;
	sum->estimated |= status == VALUE_ESTIMATED || status == VALUE_STALE;
}

/* The rows from FIRST on that are deeper, which are all that is below it, unfolded. */
static size_t below_end(const struct arrangement *arrangement, size_t first)
{
	size_t end = first + 1;

	while (end < arrangement->row_count && arrangement->rows[end].depth > arrangement->rows[first].depth)
		end++;
	return end;
}

static void check_totals(const struct snapshot *snapshot, const struct arrangement *arrangement)
{
	struct sum all = { 0 };

	for (size_t i = 0; i < arrangement->row_count; i++) {
		const struct row *row = &arrangement->rows[i];
		struct sum sum = { 0 };

		if (row->kind == ROW_PROCESS)
			add(&all, snapshot_row(snapshot, row->index));
		if (row->total == ROW_NO_TOTAL)
			continue;
		for (size_t r = i; r < below_end(arrangement, i); r++)
			if (arrangement->rows[r].kind == ROW_PROCESS)
				add(&sum, snapshot_row(snapshot, arrangement->rows[r].index));
		expect_sum(arrangement, &arrangement->totals[row->total], sum.amount, sum.missing, sum.estimated,
			   sum.processes);
	}
	expect_sum(arrangement, &arrangement->shown, all.amount, all.missing, all.estimated, all.processes);
}

/* Each selected process once, each right below its parent's rows; threads behind their process. */
static void check_structure(const struct snapshot *snapshot, const struct arrangement *arrangement,
			    const struct arrange_config *config)
{
	unsigned seen[2 * ROWS + 10 * ROWS] = { 0 };
	const struct row *path[ROWS + 2] = { NULL };

	for (size_t i = 0; i < arrangement->row_count; i++) {
		const struct row *row = &arrangement->rows[i], *parent = row->depth ? path[row->depth - 1] : NULL;

		assert_true(i ? row->depth <= arrangement->rows[i - 1].depth + 1 : row->depth == 0);
		path[row->depth] = row;
		if (row->kind == ROW_CGROUP) {
			assert_int_equal(row->depth, 0);
			continue;
		}
		assert_int_equal(seen[row->index]++, 0);
		if (row->kind == ROW_EXITED && config->grouping != GROUPING_CGROUP)
			assert_int_equal(row->depth, 0);
		if (row->kind == ROW_THREAD)
			assert_int_equal(snapshot_row(snapshot, row->index)->owner, parent->index);
		else if (config->grouping == GROUPING_TREE && parent)
			assert_true(descends(snapshot, snapshot_row(snapshot, row->index),
					     snapshot_row(snapshot, parent->index)));
		else if (config->grouping == GROUPING_CGROUP)
			assert_string_equal(arrange_cgroup_path(snapshot, parent),
					    snapshot_row(snapshot, row->index)->text[TEXT_CGROUP] ?
					    snapshot_row(snapshot, row->index)->text[TEXT_CGROUP]->s : "");
	}
	for (size_t i = 0; i < snapshot->process_count; i++)
		assert_int_equal(seen[i], selection_match(&config->selection, &snapshot->processes[i]));
	for (size_t i = 0; i < snapshot->thread_count; i++)
		assert_int_equal(seen[snapshot->process_count + i], config->threads && seen[snapshot->threads[i].owner]);
	for (size_t i = 0; i < snapshot->exited_count; i++)
		assert_int_equal(seen[snapshot->process_count + snapshot->thread_count + i],
				 config->exited && selection_match(&config->selection, &snapshot->exited[i]));
}

/* A bit of `branches` says whether a later row has that depth before a shallower one comes. */
static void check_branches(const struct arrangement *arrangement)
{
	for (size_t i = 0; i < arrangement->row_count; i++) {
		const struct row *row = &arrangement->rows[i];

		for (unsigned d = 0; d <= row->depth && d < 31; d++) {
			bool more = false;

			for (size_t r = i + 1; r < arrangement->row_count && arrangement->rows[r].depth >= d && !more; r++)
				more = arrangement->rows[r].depth == d;
			assert_int_equal(row->branches >> d & 1, more);
		}
	}
}

/* Siblings in the order of their totals. */
static void check_order(const struct snapshot *snapshot, const struct arrangement *arrangement)
{
	const struct metric *pss = metric_get(SCOPE_PROCESS, PROC_PSS);

	for (size_t i = 0; i < arrangement->row_count; i++) {
		const struct row *a = &arrangement->rows[i], *b;
		struct value x, y;
		size_t next = below_end(arrangement, i);

		if (a->kind == ROW_THREAD || next >= arrangement->row_count || arrangement->rows[next].depth < a->depth)
			continue;
		b = &arrangement->rows[next];
		x = a->total == ROW_NO_TOTAL ? process_value(snapshot_row(snapshot, a->index), PROC_PSS) :
					       arrange_total(&arrangement->totals[a->total], pss);
		y = b->total == ROW_NO_TOTAL ? process_value(snapshot_row(snapshot, b->index), PROC_PSS) :
					       arrange_total(&arrangement->totals[b->total], pss);
		if (value_has_amount(y.status))
			assert_true(value_has_amount(x.status) && x.amount >= y.amount);
	}
}

/* What is at the top adds up to what is shown. */
static void check_top(const struct snapshot *snapshot, const struct arrangement *arrangement)
{
	const struct metric *pss = metric_get(SCOPE_PROCESS, PROC_PSS);
	int64_t amount = 0;
	uint32_t processes = 0;

	for (size_t i = 0; i < arrangement->row_count; i++) {
		const struct row *row = &arrangement->rows[i];
		const struct total *total = row->total == ROW_NO_TOTAL ? NULL : &arrangement->totals[row->total];

		if (row->depth || (!total && row->kind == ROW_EXITED))
			continue;
		processes += total ? total->processes : 1;
		if (total)
			amount += arrange_total(total, pss).amount;
		else if (value_has_amount(snapshot_row(snapshot, row->index)->status[PROC_PSS]))
			amount += snapshot_row(snapshot, row->index)->amount[PROC_PSS];
	}
	assert_int_equal(arrangement->shown.processes, processes);
	assert_int_equal(arrange_total(&arrangement->shown, pss).amount, amount);
}

static void test_random(void **state)
{
	struct arrangement arrangement = { 0 };
	struct filter *filter = filter_parse("rss > 40", NULL);
	(void)state;

	assert_non_null(filter);
	for (int round = 0; round < ROUNDS; round++) {
		struct snapshot *snapshot = random_snapshot();
		struct arrange_config config = {
			.selection = { .sort = metric_get(SCOPE_PROCESS, PROC_PSS), .filter = any(2) ? filter : NULL,
				       .by_uid = any(3) == 0, .uid = any(3) },
			.grouping = any(GROUPING_COUNT), .threads = any(2), .exited = any(2),
		};

		assert_int_equal(arrange(&arrangement, snapshot, &config), 0);
		check_structure(snapshot, &arrangement, &config);
		check_totals(snapshot, &arrangement);
		check_branches(&arrangement);
		check_order(snapshot, &arrangement);
		assert_int_equal(arrangement.all.processes, ROWS);
		check_top(snapshot, &arrangement);
		snapshot_unref(snapshot);
	}
	filter_free(filter);
	arrangement_free(&arrangement);
}

/* What is folded leaves the rows and stays in the totals. */
static void test_folding(void **state)
{
	struct arrangement open = { 0 }, folded = { 0 };
	(void)state;

	for (int round = 0; round < ROUNDS; round++) {
		struct snapshot *snapshot = random_snapshot();
		struct arrange_config config = { .grouping = 1 + any(2), .threads = any(2),
						 .selection = { .sort = metric_get(SCOPE_PROCESS, PROC_PSS) } };
		struct keyset set = { 0 };
		size_t at = 0;

		assert_int_equal(arrange(&open, snapshot, &config), 0);
		for (size_t i = 0; i < open.row_count; i++)
			if (any(3) == 0)
				assert_int_equal(keyset_add(&set, open.rows[i].key), 0);
		config.folded = &set;
		config.fold_all = any(2);
		assert_int_equal(arrange(&folded, snapshot, &config), 0);
		for (size_t i = 0; i < open.row_count; at++) {
			bool fold = keyset_has(&set, open.rows[i].key) != config.fold_all;
			size_t end = below_end(&open, i);

			assert_true(at < folded.row_count);
			assert_int_equal(folded.rows[at].key, open.rows[i].key);
			assert_int_equal(folded.rows[at].folded, fold && end > i + 1);
			i = fold ? end : i + 1;
		}
		assert_int_equal(at, folded.row_count);
		assert_memory_equal(&open.shown, &folded.shown, sizeof open.shown);
		keyset_free(&set);
		snapshot_unref(snapshot);
	}
	arrangement_free(&open);
	arrangement_free(&folded);
}

/* A chain of 100,000, deeper than any stack or field would bear. */
static void test_deep(void **state)
{
	enum { DEEP = 100000 };
	struct snapshot *snapshot = snapshot_new(NULL, DEEP);
	struct arrangement arrangement = { 0 };
	struct arrange_config config = { .grouping = GROUPING_TREE };
	(void)state;

	for (int pid = 1; pid <= DEEP; pid++) {
		struct process *process = snapshot_add_process(snapshot);

		process_set(process, PROC_PID, value_ok(pid));
		process_set(process, PROC_PPID, value_ok(pid - 1));
		process_set(process, PROC_PSS, value_ok(1));
	}
	assert_int_equal(arrange(&arrangement, snapshot, &config), 0);
	assert_int_equal(arrangement.row_count, DEEP);
	assert_int_equal(arrange_total(&arrangement.totals[arrangement.rows[0].total],
				       metric_get(SCOPE_PROCESS, PROC_PSS)).amount, DEEP);
	assert_int_equal(arrangement.rows[DEEP - 1].depth, UINT16_MAX);
	arrangement_free(&arrangement);
	snapshot_unref(snapshot);
}

/* -- statuses of sums ------------------------------------------------------------------------------------- */

/* Processes with these statuses of PSS, each of 1 byte, alone in the world. */
static struct value sum_of(const enum value_status *statuses, int count, uint32_t *missing)
{
	const struct metric *pss = metric_get(SCOPE_PROCESS, PROC_PSS);
	struct snapshot *snapshot = snapshot_new(NULL, 0);
	struct arrangement arrangement = { 0 };
	struct arrange_config config = { .grouping = GROUPING_TREE };
	struct value sum;

	for (int i = 0; i < count; i++) {
		struct process *process = rows_add(snapshot, i + 1, "p");

		process_set(process, PROC_PPID, value_ok(i));
		process_set(process, PROC_PSS, (struct value){ value_has_amount(statuses[i]), statuses[i] });
	}
	assert_int_equal(arrange(&arrangement, snapshot, &config), 0);
	sum = arrange_total(&arrangement.shown, pss);
	*missing = arrangement.shown.missing[arrange_total_slot(pss)];
	arrangement_free(&arrangement);
	snapshot_unref(snapshot);
	return sum;
}

static bool among(const enum value_status *statuses, int count, enum value_status wanted)
{
	for (int i = 0; i < count; i++)
		if (statuses[i] == wanted)
			return true;
	return false;
}

/* Every three statuses there are, in every order, by the words of arrange.h. */
static void test_every_status(void **state)
{
	(void)state;
	for (int mix = 0; mix < VALUE_STATUS_COUNT * VALUE_STATUS_COUNT * VALUE_STATUS_COUNT; mix++) {
		const enum value_status s[3] = { mix % VALUE_STATUS_COUNT, mix / VALUE_STATUS_COUNT % VALUE_STATUS_COUNT,
						 mix / VALUE_STATUS_COUNT / VALUE_STATUS_COUNT };
		uint32_t missing, known = 0, none = 0;
		struct value sum = sum_of(s, 3, &missing);

		for (int i = 0; i < 3; i++) {
			known += value_has_amount(s[i]);
			none += s[i] == VALUE_NOT_APPLICABLE;
		}
		assert_int_equal(sum.amount, known);
		assert_int_equal(missing, 3 - known - none);
		if (known)
			assert_int_equal(sum.status, among(s, 3, VALUE_ESTIMATED) || among(s, 3, VALUE_STALE) ?
							 VALUE_ESTIMATED : VALUE_OK);
		else if (none == 3)
			assert_int_equal(sum.status, VALUE_NOT_APPLICABLE);
		else if (among(s, 3, VALUE_PENDING))
			assert_int_equal(sum.status, VALUE_PENDING);
		else if (among(s, 3, VALUE_LOST))
			assert_true(!value_has_amount(sum.status));
		else
			assert_true(among(s, 3, sum.status) && sum.status != VALUE_NOT_APPLICABLE);
	}
}

/* A sum beyond 64 bits is no number any more, and does not become one again further up. */
static void test_overflow(void **state)
{
	struct snapshot *snapshot = snapshot_new(NULL, 0);
	struct arrangement arrangement = { 0 };
	struct arrange_config config = { .grouping = GROUPING_TREE };
	(void)state;

	for (int pid = 1; pid <= 4; pid++) {
		struct process *process = rows_add(snapshot, pid, "p");

		process_set(process, PROC_PPID, value_ok(pid - 1));
		process_set(process, PROC_PSS, value_ok(pid > 2 ? INT64_MAX : 1));
	}
	assert_int_equal(arrange(&arrangement, snapshot, &config), 0);
	assert_int_equal(arrange_total(&arrangement.shown, metric_get(SCOPE_PROCESS, PROC_PSS)).status, VALUE_LOST);
	assert_int_equal(arrangement.row_count, 4);
	arrangement_free(&arrangement);
	snapshot_unref(snapshot);
}

/* -- order of cgroups ------------------------------------------------------------------------------------- */

static void expect_paths(const struct snapshot *snapshot, const struct metric *sort, bool ascending, const char *wanted)
{
	struct arrangement arrangement = { 0 };
	struct arrange_config config = { .grouping = GROUPING_CGROUP, .fold_all = true,
					 .selection = { .sort = sort, .ascending = ascending } };
	char paths[64] = "";

	assert_int_equal(arrange(&arrangement, snapshot, &config), 0);
	for (size_t i = 0; i < arrangement.row_count; i++) {
		assert_int_equal(arrangement.rows[i].kind, ROW_CGROUP);
		assert_int_equal(arrangement.rows[i].key,
				 arrange_cgroup_key(arrange_cgroup_path(snapshot, &arrangement.rows[i])));
		strcat(paths, arrange_cgroup_path(snapshot, &arrangement.rows[i]));
		strcat(paths, " ");
	}
	assert_string_equal(paths, wanted);
	arrangement_free(&arrangement);
}

static void test_cgroup_order(void **state)
{
	static const char *const paths[] = { "/c", "/a", "/b", "/a" };
	static const int64_t pss[] = { 5, 4, 5, 4 };
	struct snapshot *snapshot = snapshot_new(NULL, 0);
	(void)state;

	for (int i = 0; i < 4; i++) {
		struct process *process = rows_add(snapshot, i + 1, "p");

		set_text(process, PROC_CGROUP, TEXT_CGROUP, paths[i]);
		process_set(process, PROC_PSS, value_ok(pss[i]));
		process_set(process, PROC_RSS, value_ok(10 - i));
	}
	expect_paths(snapshot, NULL, true, "/c /a /b ");	/* by their first process */
	expect_paths(snapshot, metric_get(SCOPE_PROCESS, PROC_PSS), false, "/a /b /c ");	/* 8, 5, 5 */
	expect_paths(snapshot, metric_get(SCOPE_PROCESS, PROC_PSS), true, "/b /c /a ");
	/* What does not add up tells no cgroups apart. */
	expect_paths(snapshot, metric_get(SCOPE_PROCESS, PROC_RSS), false, "/a /b /c ");
	expect_paths(snapshot, metric_get(SCOPE_PROCESS, PROC_COMM), true, "/a /b /c ");
	expect_paths(snapshot, metric_get(SCOPE_PROCESS, PROC_CGROUP), true, "/a /b /c ");
	expect_paths(snapshot, metric_get(SCOPE_PROCESS, PROC_CGROUP), false, "/c /b /a ");
	snapshot_unref(snapshot);
}

/* -- many ------------------------------------------------------------------------------------------------- */

static void test_many(void **state)
{
	enum { MANY = 10000 };
	const struct metric *pss = metric_get(SCOPE_PROCESS, PROC_PSS);
	struct snapshot *snapshot = snapshot_new(NULL, MANY);
	struct arrangement arrangement = { 0 };
	int64_t sum = 0;
	(void)state;

	for (int i = 0; i < MANY; i++) {
		struct process *process = rows_add(snapshot, i + 1, "p");
		char path[16];

		snprintf(path, sizeof path, "/%d", i % 700);
		set_text(process, PROC_CGROUP, TEXT_CGROUP, path);
		process_set(process, PROC_PPID, value_ok(any((uint32_t)i + 1)));
		process_set(process, PROC_PSS, value_ok(any(1000000)));
		sum += process->amount[PROC_PSS];
	}
	for (int grouping = 0; grouping < GROUPING_COUNT; grouping++) {
		struct arrange_config config = { .grouping = grouping, .selection = { .sort = pss } };

		assert_int_equal(arrange(&arrangement, snapshot, &config), 0);
		assert_int_equal(arrangement.row_count, grouping == GROUPING_CGROUP ? MANY + 700 : MANY);
		assert_int_equal(arrange_total(&arrangement.shown, pss).amount, sum);
		check_top(snapshot, &arrangement);
		for (size_t i = 0; i < arrangement.row_count; i += 97)
			assert_int_equal(arrange_find(&arrangement, arrangement.rows[i].key), i);
		for (size_t i = 1; grouping == GROUPING_NONE && i < MANY; i++)
			assert_true(snapshot->processes[arrangement.rows[i - 1].index].amount[PROC_PSS] >=
				    snapshot->processes[arrangement.rows[i].index].amount[PROC_PSS]);
	}
	assert_int_equal(arrange_find(&arrangement, UINT64_MAX), SIZE_MAX);
	arrangement_free(&arrangement);
	snapshot_unref(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_every_status),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_cgroup_order),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
