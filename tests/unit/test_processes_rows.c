/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The screen of processes on samples made by hand: what the cursor does, tags, marks of each status, threads,
 * processes that ended, cgroups, what is asked of the feed; and at any size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "processes_screen.h"
#include "rows.h"
#include "tui/processes.h"

#define SECOND INT64_C(1000000000)

/* -- hand-made samples: cursor, tags, statuses, threads, exited ------------------------------------------- */

static struct process *add(struct snapshot *snapshot, int32_t pid, const char *comm, int64_t pss)
{
	struct process *process = rows_add(snapshot, pid, comm);

	process_set(process, PROC_START_TIME, value_ok(pid * 10));
	process_set(process, PROC_PPID, value_ok(pid == 1 ? 0 : 1));
	process_set(process, PROC_PSS, value_ok(pss));
	process_set(process, PROC_STATE, value_ok('S'));
	return process;
}

/* Processes 1 to COUNT; the PSS of each is PSS[PID - 1] MiB, 0 for one that is not there. */
static void show_sample(struct rig *rig, int64_t second, const int *pss, int count)
{
	struct snapshot *snapshot = rig_snapshot(rig, second * SECOND);

	for (int i = 0; i < count; i++)
		if (pss[i])
			add(snapshot, i + 1, "worker", (int64_t)pss[i] << 20);
	rig_show(rig, snapshot);
	rig_draw(rig, SCREEN_ROWS, SCREEN_COLUMNS);
}

static void open_handmade(struct rig *rig)
{
	rig_open(rig, NULL, NULL);
	rig->app->settings.header = HEADER_NONE;
	rig->app->settings.unit = CELL_MIB;
	screen_set_fields(rig, "pid s pss comm");
}

static void test_cursor(void **state)
{
	static const int before[] = { 50, 40, 30, 20, 10 }, after[] = { 5, 40, 30, 20, 60 },
			 ended[] = { 5, 40, 0, 20, 60 };
	struct rig rig;

	(void)state;
	open_handmade(&rig);
	show_sample(&rig, 1, before, 5);
	assert_int_equal(screen_cursor(&rig), 1);
	show_sample(&rig, 2, after, 5);
	assert_int_equal(screen_cursor(&rig), 5); /* the first row stays the first */
	show_sample(&rig, 3, before, 5);
	rig_key(&rig, "Down");
	show_sample(&rig, 4, after, 5);
	assert_int_equal(screen_cursor(&rig), 2);
	rig_key(&rig, "Down");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_cursor(&rig), 3); /* the third line */
	show_sample(&rig, 5, ended, 5);
	assert_int_equal(screen_cursor(&rig), 4); /* and still */
	rig_key(&rig, "F");
	show_sample(&rig, 6, before, 5);
	assert_int_equal(screen_cursor(&rig), 4);
	rig_key(&rig, "I");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_cursor(&rig), 4); /* follows wherever it goes */
	rig_key(&rig, "F");
	rig_key(&rig, "I");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_cursor(&rig), 2);
	rig_close(&rig);
}

static void test_tags(void **state)
{
	static const int before[] = { 50, 40, 30, 20, 10 }, after[] = { 51, 0, 31, 20, 10 };
	const struct header_scope *scope;
	struct rig rig;

	(void)state;
	open_handmade(&rig);
	show_sample(&rig, 1, before, 5);
	scope = rig.app->screens[0]->ops->scope(rig.app->screens[0]);
	rig_type(&rig, "   "); /* the first three */
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_cursor(&rig), 4);
	assert_int_equal(scope->tagged, 3);
	assert_int_equal(scope->tagged_pss.amount, INT64_C(120) << 20);
	assert_int_equal(*rig_line(&rig, screen_row(&rig, 2)), '*');
	assert_int_equal(*rig_line(&rig, screen_row(&rig, 4)), ' ');
	show_sample(&rig, 2, after, 5); /* one of them has ended */
	assert_int_equal(scope->tagged, 2);
	assert_int_equal(scope->tagged_pss.amount, INT64_C(82) << 20);
	show_sample(&rig, 3, before, 5); /* its tag is gone for good */
	assert_int_equal(scope->tagged, 2);
	rig_key(&rig, "Home");
	rig_key(&rig, "Space");
	assert_int_equal(scope->tagged_pss.amount, INT64_C(30) << 20);
	rig_key(&rig, "Esc");
	assert_int_equal(scope->tagged, 0);
	assert_int_equal(scope->tagged_pss.status, VALUE_NOT_APPLICABLE);
	rig_close(&rig);
}

/* Each status shows differently, without colour. */
static void test_statuses(void **state)
{
	struct rig rig;
	struct snapshot *snapshot;
	char seen[VALUE_STATUS_COUNT][32];

	(void)state;
	open_handmade(&rig);
	snapshot = rig_snapshot(&rig, SECOND);
	for (int s = 0; s < VALUE_STATUS_COUNT; s++) {
		struct process *process = add(snapshot, s + 1, "worker", 0);

		process_set(process, PROC_PSS, (struct value){ value_has_amount(s) ? 7 << 20 : 0, s });
	}
	rig_show(&rig, snapshot);
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	for (int s = 0; s < VALUE_STATUS_COUNT; s++) {
		snprintf(seen[s], sizeof seen[s], "%s",
			 rig_cell(&rig, screen_titles(&rig), screen_row(&rig, s + 1), "PSS"));
		assert_true(*seen[s]);
		for (int other = 0; other < s; other++)
			assert_string_not_equal(seen[s], seen[other]);
	}
	assert_string_equal(seen[VALUE_OK], "7.0");
	assert_string_equal(seen[VALUE_DENIED], "deny");
	/* The total says that parts of it are missing: three of them have an amount. */
	assert_string_equal(rig_cell(&rig, screen_titles(&rig), screen_totals(&rig), "PSS"), ">21.0");
	rig_close(&rig);
}

static void test_threads_and_exited(void **state)
{
	struct rig rig;
	struct snapshot *snapshot;
	struct process *thread, *exited;
	int row;

	(void)state;
	open_handmade(&rig);
	rig.app->settings.threads = true;
	snapshot = rig_snapshot(&rig, SECOND);
	add(snapshot, 1, "alone", 3 << 20);
	add(snapshot, 7, "several", 5 << 20);
	thread = snapshot_add_thread(snapshot);
	process_set(thread, PROC_PID, value_ok(7));
	process_set(thread, PROC_TID, value_ok(8));
	process_set(thread, PROC_START_TIME, value_ok(80));
	process_set(thread, PROC_COMM, value_ok(0));
	process_set(thread, PROC_PSS, value_none(VALUE_NOT_APPLICABLE));
	process_set(thread, PROC_STATE, value_ok('R'));
	thread->text[TEXT_COMM] = text_new("helper", 6);
	thread->is_thread = true;
	thread->owner = 1;
	exited = snapshot_add_exited(snapshot);
	process_set(exited, PROC_PID, value_ok(4));
	process_set(exited, PROC_START_TIME, value_ok(40));
	process_set(exited, PROC_PSS, value_ok(4 << 20));
	process_set(exited, PROC_STATE, value_ok('S'));
	process_set(exited, PROC_COMM, value_ok(0));
	exited->text[TEXT_COMM] = text_new("ended", 5);
	exited->exited_samples = 1;
	rig_show(&rig, snapshot);
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	row = rig_find(&rig, 0, "several");
	assert_non_null(strstr(rig_line(&rig, row + 1), "helper"));
	assert_int_equal(canvas_cell(rig.canvas, row + 1,
				     (int)(strstr(rig_line(&rig, row + 1), "helper") - rig_line(&rig, row + 1)))
				 ->style,
			 STYLE_THREAD);
	assert_string_equal(rig_cell(&rig, screen_titles(&rig), row + 1, "PSS"), "-");
	row = rig_find(&rig, 0, "ended");
	assert_non_null(strstr(rig_line(&rig, row), "gone: ended"));
	assert_int_equal(*rig_line(&rig, row), 'x');
	assert_string_equal(rig_cell(&rig, screen_titles(&rig), row, "S"), "X");
	/* Neither is part of the totals. */
	assert_string_equal(rig_cell(&rig, screen_titles(&rig), screen_totals(&rig), "PSS"), "8.0");
	assert_int_equal(rig.request.needs & NEED_THREADS, NEED_THREADS);
	rig_close(&rig);
}

static void test_slope(void **state)
{
	static const struct {
		int64_t pss, growth;
		enum style style;
	} cases[] = { { 100 << 20, 0, STYLE_NORMAL },
		      { 100 << 20, 50 << 10, STYLE_NORMAL },
		      { 100 << 20, 200 << 10, STYLE_RISE },
		      { 100 << 20, 2 << 20, STYLE_RISE_FAST },
		      { 100 << 20, -(2 << 20), STYLE_FALL },
		      { INT64_C(100) << 30, 2 << 20, STYLE_RISE },
		      { INT64_C(100) << 30, 11 << 20, STYLE_RISE_FAST } };
	struct rig rig;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct snapshot *snapshot;
		const char *line;
		int row, column;

		open_handmade(&rig);
		snapshot = rig_snapshot(&rig, SECOND);
		process_set(add(snapshot, 1, "grower", cases[i].pss), PROC_PSS_GROWTH,
			    value_ok(cases[i].growth));
		rig_show(&rig, snapshot);
		rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
		row = screen_first(&rig);
		line = rig_line(&rig, row);
		column = (int)(strstr(line, ".0") - line);
		assert_int_equal(canvas_cell(rig.canvas, row, column)->style, cases[i].style);
		rig_close(&rig);
	}
}

/* -- cgroups ---------------------------------------------------------------------------------------------- */

static void add_cgroup(struct snapshot *snapshot, const char *path, int64_t current, int64_t max)
{
	struct cgroup *cgroup = snapshot_add_cgroup(snapshot);

	assert_non_null(cgroup);
	cgroup->path = text_new(path, strlen(path));
	cgroup_set(cgroup, CG_CURRENT, value_ok(current));
	cgroup_set(cgroup, CG_MAX, max ? value_ok(max) : value_none(VALUE_NOT_APPLICABLE));
}

static void test_cgroups(void **state)
{
	struct rig rig;
	struct snapshot *snapshot;
	int row;

	(void)state;
	open_handmade(&rig);
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	snapshot = rig_snapshot(&rig, SECOND);
	for (int pid = 1; pid <= 5; pid++) {
		struct process *process = add(snapshot, pid, "worker", (int64_t)pid << 20);
		const char *path = pid < 3 ? "/small" : "/system.slice/large.service";

		process->text[TEXT_CGROUP] = text_new(path, strlen(path));
		process_set(process, PROC_CGROUP, value_ok(0));
	}
	add_cgroup(snapshot, "/small", 9 << 20, 0);
	add_cgroup(snapshot, "/system.slice/large.service", 31 << 20, 32 << 20);
	rig_show(&rig, snapshot);
	rig_key(&rig, "C");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(rig.request.needs & (NEED_CGROUP | NEED_CGROUPS), NEED_CGROUP | NEED_CGROUPS);
	row = screen_first(&rig);
	assert_non_null(strstr(rig_line(&rig, row), "/system.slice/large.service 31.0 of 32.0"));
	assert_non_null(strstr(rig_line(&rig, row), "3 proces"));
	assert_string_equal(rig_cell(&rig, screen_titles(&rig), row, "PSS"), "12.0");
	assert_int_equal(screen_row(&rig, 5), row + 1);
	rig_key(&rig, "Enter"); /* folds it */
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_row(&rig, 5), -1);
	assert_non_null(strstr(rig_line(&rig, row + 1), "/small 9.0"));
	assert_string_equal(rig_cell(&rig, screen_titles(&rig), row + 1, "PSS"), "3.0");
	rig_draw(&rig, SCREEN_ROWS, 60); /* the end of a path is what counts */
	assert_non_null(strstr(rig_line(&rig, row), "large.service 31.0 of 32.0"));
	rig_close(&rig);
}

/* -- one at a time ---------------------------------------------------------------------------------------- */

/* Esc drops search, filter, user and tags, in that order. */
static void test_back(void **state)
{
	struct rig rig;
	const struct view *view;
	int32_t pids[SCREEN_ROWS];

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid user pss comm");
	view = rig.app->screens[0];
	rig_key(&rig, "Space");
	rig_key(&rig, "u");
	rig_key(&rig, "Down");
	rig_key(&rig, "Enter");
	rig_type(&rig, "\\pss>1M");
	rig_key(&rig, "Enter");
	rig_type(&rig, "/load");
	rig_key(&rig, "Enter");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(canvas_cell(rig.canvas, screen_first(&rig), 0)->flags & CELL_CURSOR, CELL_CURSOR);
	assert_string_equal(view->ops->scope(view)->filter, "user root, pss>1M");
	rig_key(&rig, "Esc");
	assert_string_equal(view->ops->scope(view)->filter, "user root, pss>1M");
	rig_key(&rig, "Esc");
	assert_string_equal(view->ops->scope(view)->filter, "user root");
	assert_int_equal(view->ops->scope(view)->tagged, 1);
	rig_key(&rig, "Esc");
	assert_string_equal(view->ops->scope(view)->filter, "");
	assert_int_equal(view->ops->scope(view)->tagged, 1);
	rig_key(&rig, "Esc");
	assert_int_equal(view->ops->scope(view)->tagged, 0);
	rig_key(&rig, "Esc");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_pids(&rig, pids, SCREEN_ROWS), 23);
	rig_close(&rig);
}

/* Users that nobody has read yet are asked for; the list opens with the sample that has them. */
static void test_user_unknown(void **state)
{
	static const int pss[] = { 5, 4, 3 };
	struct rig rig;
	struct snapshot *snapshot;

	(void)state;
	open_handmade(&rig);
	show_sample(&rig, 1, pss, 3);
	assert_int_equal(rig.request.needs & NEED_USER, 0);
	rig_key(&rig, "u");
	assert_int_equal(rig.app->depth, 0);
	assert_int_equal(rig.request.needs & NEED_USER, NEED_USER);
	show_sample(&rig, 2, pss, 3);
	assert_int_equal(rig.app->depth, 0);
	snapshot = rig_snapshot(&rig, 3 * SECOND);
	process_set(add(snapshot, 1, "worker", 6 << 20), PROC_UID, value_ok(1234));
	rig_show(&rig, snapshot);
	assert_int_equal(rig.app->depth, 1);
	rig_draw(&rig, 24, 80);
	assert_true(rig_find(&rig, 0, "1234") > 0);
	rig_close(&rig);
}

static void test_mouse(void **state)
{
	static const int pss[] = { 50, 40, 30, 20, 10 };
	struct rig rig;
	int row;

	(void)state;
	open_handmade(&rig);
	show_sample(&rig, 1, pss, 5);
	row = screen_row(&rig, 4);
	rig_event(&rig, EVENT_CLICK, row, 20);
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_cursor(&rig), 4);
	rig_event(&rig, EVENT_CLICK, row + 3, 20); /* below the last one */
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_cursor(&rig), 4);
	/* Two lines of list: the wheel scrolls, and the cursor stays in sight. */
	rig_draw(&rig, 5 + 2, SCREEN_COLUMNS);
	rig_event(&rig, EVENT_WHEEL_UP, 4, 4);
	rig_draw(&rig, 5 + 2, SCREEN_COLUMNS);
	assert_true(screen_row(&rig, 1) > 0);
	assert_true(screen_cursor(&rig) > 0);
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	rig_event(&rig, EVENT_DOUBLE_CLICK, screen_row(&rig, 3), 20);
	assert_int_equal(rig.app->depth, 1);
	assert_int_equal(rig.request.watch_pid, 3);
	rig_close(&rig);
}

/* What is on the screen has a past when it is looked at later. */
static void test_history(void **state)
{
	static const int pss[] = { 50, 40, 30 };
	struct rig rig;

	(void)state;
	open_handmade(&rig);
	show_sample(&rig, 1, pss, 3);
	show_sample(&rig, 2, pss, 3);
	for (int32_t pid = 1; pid <= 3; pid++) {
		double value =
			history_value(rig.app->history, SCOPE_PROCESS, process_key(screen_process(&rig, pid)),
				      metric_get(SCOPE_PROCESS, PROC_PSS), 0);

		assert_true(value == (double)pss[pid - 1] * (1 << 20));
	}
	rig_close(&rig);
}

/* -- keys and clicks that sort ---------------------------------------------------------------------------- */

static void expect_sort(const struct rig *rig, enum process_metric metric, bool ascending)
{
	assert_int_equal(rig->app->settings.processes.sort->index, metric);
	assert_int_equal(rig->app->settings.processes.ascending, ascending);
}

static void test_sort_keys(void **state)
{
	struct rig rig;
	int titles;

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid pss uss minflt comm");
	titles = screen_titles(&rig);
	rig_key(&rig, "N");
	expect_sort(&rig, PROC_PID, true);
	rig_key(&rig, ">");
	expect_sort(&rig, PROC_PSS, false);
	rig_key(&rig, ">");
	expect_sort(&rig, PROC_USS, false);
	rig_key(&rig, "<");
	rig_key(&rig, "<");
	rig_key(&rig, "<");
	expect_sort(&rig, PROC_PID, true);
	rig_key(&rig, "P");
	expect_sort(&rig, PROC_CPU_PERCENT, false);
	rig_key(&rig, "T");
	expect_sort(&rig, PROC_CPU_SECONDS, false);
	rig_key(&rig, "G");
	expect_sort(&rig, PROC_PSS_GROWN_MINUTE, false);
	rig_key(&rig, "M");
	expect_sort(&rig, PROC_PSS, false);
	/* A click on a title; another inverts. */
	rig_event(&rig, EVENT_CLICK, titles,
		  (int)(strstr(rig_line(&rig, titles), "USS") - rig_line(&rig, titles)));
	expect_sort(&rig, PROC_USS, false);
	rig_event(&rig, EVENT_CLICK, titles,
		  (int)(strstr(rig_line(&rig, titles), "USS") - rig_line(&rig, titles)));
	expect_sort(&rig, PROC_USS, true);
	/* The list of all: the entry behind USS in the table. */
	rig_key(&rig, "F6");
	rig_key(&rig, "Down");
	rig_key(&rig, "Enter");
	expect_sort(&rig, PROC_USS + 1, false);
	rig_close(&rig);
}

/* -- what is read ----------------------------------------------------------------------------------------- */

/* What the view itself asks for; the app adds what the header shows. */
static unsigned view_needs(const struct rig *rig)
{
	const struct view *view = rig->app->screens[rig->app->screen];
	unsigned needs = view->ops->needs(view, rig->app);

	assert_int_equal(rig->request.needs & needs, needs);
	return needs;
}

static void test_needs(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, SCREEN_TREE, NULL);
	rig_sample(&rig);
	rig_key(&rig, "N");
	screen_set_fields(&rig, "pid minflt comm");
	assert_int_equal(view_needs(&rig), NEED_CORE);
	rig_key(&rig, "M");
	assert_int_equal(view_needs(&rig), NEED_CORE | NEED_STATUS | NEED_ROLLUP);
	rig_key(&rig, "N");
	assert_int_equal(view_needs(&rig), NEED_CORE);
	processes_filter(rig.app, "oom_score>5");
	assert_int_equal(view_needs(&rig), NEED_CORE | NEED_OOM);
	rig_key(&rig, "Esc");
	assert_int_equal(view_needs(&rig), NEED_CORE);
	rig_key(&rig, "c");
	assert_int_equal(view_needs(&rig), NEED_CORE | NEED_CMDLINE);
	rig_key(&rig, "c");
	rig_key(&rig, "H");
	assert_int_equal(view_needs(&rig), NEED_CORE | NEED_THREADS);
	rig_key(&rig, "H");
	rig_key(&rig, "C");
	assert_int_equal(view_needs(&rig), NEED_CORE | NEED_CGROUP | NEED_CGROUPS);
	rig_key(&rig, "t");
	assert_int_equal(view_needs(&rig), NEED_CORE);
	screen_set_fields(&rig, "pid user comm");
	assert_int_equal(view_needs(&rig), NEED_CORE | NEED_USER);
	rig_close(&rig);
}

static void test_exact(void **state)
{
	struct rig rig;

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid pss comm");
	rig_type(&rig, "/183");
	rig_key(&rig, "Enter");
	rig_key(&rig, "x");
	assert_int_equal(rig.exact_pid, 183);
	assert_non_null(strstr(rig.app->message, "183 memtide-load"));
	rig_close(&rig);
}

/* -- any size --------------------------------------------------------------------------------------------- */

/* A number is shown whole or not at all, and the cursor is seen wherever there is a line for it. */
static void check_size(struct rig *rig, const char *wide, int rows, int columns)
{
	const char *cell;
	int titles, cursors = 0;

	rig_draw(rig, rows, columns);
	for (int row = 0; row < rows; row++)
		cursors += (canvas_cell(rig->canvas, row, 0)->flags & CELL_CURSOR) != 0;
	assert_int_equal(cursors, 1);
	titles = rig_find(rig, 0, "PSS");
	if (titles < 0 || rows < 8)
		return;
	cell = rig_cell(rig, titles, titles + 2, "PSS");
	if (*cell)
		assert_string_equal(cell, wide);
}

static void test_sizes(void **state)
{
	static const char *const modes[] = { "", "t", "C", "c", "H" };
	static const char *const trees[] = { SCREEN_TREE, "hostile" };

	(void)state;
	for (size_t t = 0; t < sizeof trees / sizeof *trees; t++) {
		for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
			struct rig rig;
			char wide[64];

			screen_open_tree(&rig, trees[t], "pid user pss uss swpss minflt cgroup comm");
			rig_type(&rig, modes[m]);
			rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
			snprintf(wide, sizeof wide, "%s",
				 rig_cell(&rig, screen_titles(&rig), screen_first(&rig), "PSS"));
			assert_true(*wide);
			for (int rows = 1; rows < 14; rows++)
				for (int columns = 1; columns < 100; columns += 1 + columns / 40)
					check_size(&rig, wide, rows, columns);
			rig_close(&rig);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cursor),    cmocka_unit_test(test_tags),
		cmocka_unit_test(test_statuses),  cmocka_unit_test(test_threads_and_exited),
		cmocka_unit_test(test_slope),     cmocka_unit_test(test_cgroups),
		cmocka_unit_test(test_back),      cmocka_unit_test(test_user_unknown),
		cmocka_unit_test(test_mouse),     cmocka_unit_test(test_history),
		cmocka_unit_test(test_sort_keys), cmocka_unit_test(test_needs),
		cmocka_unit_test(test_exact),     cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
