/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The screen of processes against facts: captured trees as worked out by other code (tests/fixtures/NAME.expect), the filter's own
 * word, plain sums and comparisons over the snapshot, and a real child that gets a signal.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/filter.h"
#include "out/cell.h"
#include "rows.h"
#include "tui_rig.h"
#include "tui/processes.h"
#include "tui/sort.h"

#define TREE "x86_64-4k"

enum { ROWS = 70, COLUMNS = 150 };

#define SECOND INT64_C(1000000000)

/* -- what is expected ------------------------------------------------------------------------------------- */

static char *expected;

static int load_expected(void **state)
{
	static char path[4096];
	FILE *file;
	long size;

	(void)state;
	snprintf(path, sizeof path, "%s/fixtures/%s.expect", TEST_DATA_DIR, TREE);
	file = fopen(path, "r");
	if (!file || fseek(file, 0, SEEK_END))
		return -1;
	size = ftell(file);
	rewind(file);
	expected = calloc(1, (size_t)size + 2);
	if (!expected || fread(expected + 1, 1, (size_t)size, file) != (size_t)size)
		return -1;
	*expected = '\n';
	fclose(file);
	return 0;
}

static int free_expected(void **state)
{
	(void)state;
	free(expected);
	return 0;
}

/* The JSON behind "process PID KEY"; NULL when there is no such line. */
static const char *expect_text(int32_t pid, const char *key)
{
	char start[128];
	const char *line;

	snprintf(start, sizeof start, "\nprocess %d %s ", (int)pid, key);
	line = strstr(expected, start);
	return line ? line + strlen(start) : NULL;
}

/* False for null. */
static bool expect_number(int32_t pid, const char *key, int64_t *number)
{
	const char *text = expect_text(pid, key);

	assert_non_null(text);
	*number = strtoll(text, NULL, 10);
	return strncmp(text, "null", 4) != 0;
}

/* Calls for each process, in no order that matters. */
static const char *next_process(const char *at, int32_t *pid)
{
	at = strstr(at, "\nprocess ");
	for (; at; at = strstr(at + 1, "\nprocess ")) {
		int end = 0;

		if (sscanf(at, "\nprocess %d pid %*d%n", pid, &end) == 1 && end)
			return at + 1;
	}
	return NULL;
}

static int64_t expect_sum(const char *key, bool (*wanted)(int32_t pid), unsigned *count)
{
	int64_t sum = 0, number;
	int32_t pid;

	*count = 0;
	for (const char *at = expected; (at = next_process(at, &pid));) {
		if (wanted && !wanted(pid))
			continue;
		(*count)++;
		if (expect_number(pid, key, &number))
			sum += number;
	}
	return sum;
}

/* -- the screen ------------------------------------------------------------------------------------------- */

static void set_fields(struct rig *rig, const char *names)
{
	struct table_settings *table = &rig->app->settings.processes;

	table->field_count = 0;
	while (*names) {
		size_t len = strcspn(names, " ");
		const struct metric *metric = metric_find(SCOPE_PROCESS, names, len);

		assert_non_null(metric);
		table->fields[table->field_count++] = metric;
		names += len + (names[len] == ' ');
	}
	app_changed(rig->app);
}

/* A tree on the screen, in KiB, without a header. */
static void open_tree(struct rig *rig, const char *tree, const char *fields)
{
	rig_open(rig, tree, NULL);
	rig->app->settings.unit = CELL_KIB;
	rig->app->settings.header = HEADER_NONE;
	set_fields(rig, fields);
	rig_sample(rig);
	rig_draw(rig, ROWS, COLUMNS);
}

static int titles_row(const struct rig *rig)
{
	int row = rig_find(rig, 0, "PID");

	assert_true(row >= 0);
	return row;
}

static int totals_row(const struct rig *rig)
{
	return titles_row(rig) + 1;
}

static int first_row(const struct rig *rig)
{
	return titles_row(rig) + 2;
}

/* The PIDs on the screen, from top to bottom; 0 for rows without one. */
static size_t screen_pids(const struct rig *rig, int32_t *pids, size_t cap)
{
	size_t count = 0;

	for (int row = first_row(rig); row < ROWS - 1 && count < cap && *rig_line(rig, row); row++)
		pids[count++] = atoi(rig_cell(rig, titles_row(rig), row, "PID"));
	return count;
}

static const struct process *find_process(const struct rig *rig, int32_t pid)
{
	const struct snapshot *snapshot = rig->app->snapshot;

	for (size_t i = 0; i < snapshot_row_count(snapshot); i++)
		if (snapshot_row(snapshot, i)->amount[PROC_PID] == pid)
			return snapshot_row(snapshot, i);
	fail_msg("process %d is not in the snapshot", (int)pid);
	return NULL;
}

static int row_of_pid(const struct rig *rig, int32_t pid)
{
	int32_t pids[ROWS];
	size_t count = screen_pids(rig, pids, ROWS);

	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return first_row(rig) + (int)i;
	return -1;
}

static int32_t cursor_pid(const struct rig *rig)
{
	for (int row = 0; row < canvas_rows(rig->canvas); row++)
		if (canvas_cell(rig->canvas, row, 0)->flags & CELL_CURSOR)
			return atoi(rig_cell(rig, titles_row(rig), row, "PID"));
	return -1;
}

/* -- values and totals ------------------------------------------------------------------------------------ */

static void test_values(void **state)
{
	static const struct {
		const char *key, *title;
		int64_t unit;
	} columns[] = { { "pss_bytes", "PSS", 1024 }, { "uss_bytes", "USS", 1024 }, { "swap_pss_bytes", "SWPSS", 1024 },
			{ "ppid", "PPID", 1 }, { "faults_minor_total", "MINFLT", 1 } };
	struct rig rig;
	int32_t pid;
	unsigned count = 0;

	(void)state;
	open_tree(&rig, TREE, "pid ppid pss uss swpss minflt comm");
	for (const char *at = expected; (at = next_process(at, &pid)); count++) {
		int row = row_of_pid(&rig, pid);

		if (row < 0)
			fail_msg("process %d is not shown", (int)pid);
		for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
			char number[32] = "-";	/* kernel threads */
			int64_t amount;

			if (expect_number(pid, columns[i].key, &amount))
				snprintf(number, sizeof number, "%lld", (long long)(amount / columns[i].unit));
			assert_string_equal(rig_cell(&rig, titles_row(&rig), row, columns[i].title), number);
		}
	}
	assert_true(count > 20);
	assert_string_equal(rig_line(&rig, first_row(&rig) + (int)count), "");
	rig_close(&rig);
}

static bool is_root(int32_t pid)
{
	int64_t uid;

	return expect_number(pid, "uid", &uid) && uid == 0;
}

static bool is_large(int32_t pid)
{
	int64_t pss;

	return expect_number(pid, "pss_bytes", &pss) && pss > 1 << 20;
}

static void check_totals(const struct rig *rig, bool (*wanted)(int32_t pid))
{
	static const struct {
		const char *key, *title;
		int64_t unit;
	} columns[] = { { "pss_bytes", "PSS", 1024 }, { "uss_bytes", "USS", 1024 }, { "swap_pss_bytes", "SWPSS", 1024 },
			{ "faults_minor_total", "MINFLT", 1 } };
	unsigned count, all;

	expect_sum("pid", NULL, &all);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		char number[32], text[64];
		int64_t sum = expect_sum(columns[i].key, wanted, &count);

		snprintf(number, sizeof number, "%lld", (long long)(sum / columns[i].unit));
		assert_string_equal(rig_cell(rig, titles_row(rig), totals_row(rig), columns[i].title), number);
		snprintf(text, sizeof text, count == all ? "%u processes" : "%u of %u", count, all);
		assert_non_null(strstr(rig_line(rig, totals_row(rig)), text));
	}
	/* What does not add up has no total. */
	assert_string_equal(rig_cell(rig, titles_row(rig), totals_row(rig), "RSS"), "");
}

static void test_totals(void **state)
{
	struct rig rig;

	(void)state;
	open_tree(&rig, TREE, "pid user pss uss swpss minflt rss comm");
	check_totals(&rig, NULL);
	rig_key(&rig, "t");
	rig_key(&rig, "*");		/* everything folded: the sums are the same */
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(rig_find(&rig, first_row(&rig), "+") >= 0, 1);
	check_totals(&rig, NULL);
	rig_key(&rig, "*");
	processes_filter(rig.app, "uid==0");
	rig_draw(&rig, ROWS, COLUMNS);
	check_totals(&rig, is_root);
	processes_filter(rig.app, "pss>1M");
	rig_draw(&rig, ROWS, COLUMNS);
	check_totals(&rig, is_large);
	rig_close(&rig);
}

/* A folded row: itself and all that descend from it. */
static int32_t fold_root;

static bool descends(int32_t pid)
{
	int64_t parent = pid;

	while (parent && parent != fold_root)
		assert_true(expect_number((int32_t)parent, "ppid", &parent));
	return parent == fold_root;
}

static void test_fold(void **state)
{
	static const int32_t roots[] = { 1, 2, 172 };
	struct rig rig;
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		unsigned count;
		int64_t sum;
		int row;

		fold_root = roots[i];
		sum = expect_sum("faults_minor_total", descends, &count);
		assert_true(count > 1);
		open_tree(&rig, TREE, "pid pss minflt comm");
		rig_key(&rig, "t");
		rig_key(&rig, "N");
		rig_draw(&rig, ROWS, COLUMNS);
		for (int down = 0; cursor_pid(&rig) != fold_root; down++) {
			assert_true(down < ROWS);
			rig_key(&rig, "Down");
			rig_draw(&rig, ROWS, COLUMNS);
		}
		rig_key(&rig, "-");
		rig_draw(&rig, ROWS, COLUMNS);
		row = row_of_pid(&rig, fold_root);
		snprintf(text, sizeof text, "+%u ", count);
		assert_non_null(strstr(rig_line(&rig, row), text));
		snprintf(text, sizeof text, "%lld", (long long)sum);
		assert_string_equal(rig_cell(&rig, titles_row(&rig), row, "MINFLT"), text);
		assert_int_equal(cursor_pid(&rig), fold_root);
		rig_close(&rig);
	}
}

/* Folding a leaf folds what it is in. */
static void test_fold_parent(void **state)
{
	struct rig rig;

	(void)state;
	open_tree(&rig, TREE, "pid pss comm");
	rig_key(&rig, "t");
	rig_type(&rig, "/185");
	rig_key(&rig, "Enter");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(cursor_pid(&rig), 185);
	rig_key(&rig, "-");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(cursor_pid(&rig), 172);
	assert_int_equal(row_of_pid(&rig, 185), -1);
	rig_key(&rig, "+");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_true(row_of_pid(&rig, 185) > 0);
	rig_close(&rig);
}

/* -- order ------------------------------------------------------------------------------------------------ */

static int compare_values(const struct process *a, const struct process *b, const struct metric *metric)
{
	char buf[16];
	const char *x, *y;

	if (metric->unit != UNIT_TEXT)
		return (a->amount[metric->index] > b->amount[metric->index]) -
		       (a->amount[metric->index] < b->amount[metric->index]);
	x = process_text(a, metric->index, buf);
	y = process_text(b, metric->index, buf);
	return strcmp(x ? x : "", y ? y : "");
}

static bool is_known(const struct process *process, const struct metric *metric)
{
	char buf[16];

	if (metric->unit == UNIT_TEXT && !process_text(process, metric->index, buf))
		return false;
	return value_has_amount(process->status[metric->index]);
}

static void check_order(const struct rig *rig, const struct metric *metric, bool ascending)
{
	int32_t pids[ROWS];
	size_t count = screen_pids(rig, pids, ROWS);

	assert_int_equal(count, rig->app->snapshot->process_count);
	for (size_t i = 1; i < count; i++) {
		const struct process *a = find_process(rig, pids[i - 1]), *b = find_process(rig, pids[i]);
		int by = is_known(a, metric) && is_known(b, metric) ? compare_values(a, b, metric) : 0;

		if (is_known(b, metric) && !is_known(a, metric))
			fail_msg("%s: %d is unknown and not at the end", metric->key, (int)pids[i - 1]);
		if (ascending ? by > 0 : by < 0)
			fail_msg("%s: %d and %d are in the wrong order", metric->key, (int)pids[i - 1], (int)pids[i]);
	}
}

static void test_order(void **state)
{
	struct rig rig;

	(void)state;
	open_tree(&rig, TREE, "pid pss comm");
	for (unsigned i = 0; i < PROC_COUNT; i++) {
		const struct metric *metric = metric_get(SCOPE_PROCESS, i);
		bool ascending;

		sort_by(rig.app, &rig.app->settings.processes, metric);
		ascending = rig.app->settings.processes.ascending;
		rig_draw(&rig, ROWS, COLUMNS);
		check_order(&rig, metric, ascending);
		rig_key(&rig, "I");
		rig_draw(&rig, ROWS, COLUMNS);
		check_order(&rig, metric, !ascending);
	}
	rig_close(&rig);
}

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
	open_tree(&rig, TREE, "pid pss uss minflt comm");
	titles = titles_row(&rig);
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
	rig_event(&rig, EVENT_CLICK, titles, (int)(strstr(rig_line(&rig, titles), "USS") - rig_line(&rig, titles)));
	expect_sort(&rig, PROC_USS, false);
	rig_event(&rig, EVENT_CLICK, titles, (int)(strstr(rig_line(&rig, titles), "USS") - rig_line(&rig, titles)));
	expect_sort(&rig, PROC_USS, true);
	/* The list of all: the entry behind USS in the table. */
	rig_key(&rig, "F6");
	rig_key(&rig, "Down");
	rig_key(&rig, "Enter");
	expect_sort(&rig, PROC_USS + 1, false);
	rig_close(&rig);
}

/* -- which rows ------------------------------------------------------------------------------------------- */

static void test_filter(void **state)
{
	static const char *const expressions[] = { "pss>1M", "uid==1000", "comm~\"^memtide\" && pss<3M", "!(state==S)",
						   "ppid==2 || pid==1", "user!=root", "cmdline~sleep", "threads>1",
						   "rss_bytes>=1M", "pid>100000" };
	struct rig rig;
	size_t matched = 0;

	(void)state;
	open_tree(&rig, TREE, "pid pss comm");
	for (size_t e = 0; e < sizeof expressions / sizeof *expressions; e++) {
		const struct snapshot *snapshot = rig.app->snapshot;
		struct filter *filter = filter_parse(expressions[e], NULL);
		size_t count = 0;
		int32_t pids[ROWS];

		assert_non_null(filter);
		rig_key(&rig, "F4");
		rig_key(&rig, "Ctrl-U");
		rig_type(&rig, expressions[e]);
		rig_key(&rig, "Enter");
		rig_draw(&rig, ROWS, COLUMNS);
		for (size_t i = 0; i < snapshot->process_count; i++) {
			bool match = filter_match(filter, &snapshot->processes[i]);

			count += match;
			if (match != (row_of_pid(&rig, (int32_t)snapshot->processes[i].amount[PROC_PID]) >= 0))
				fail_msg("%s: %lld", expressions[e], (long long)snapshot->processes[i].amount[PROC_PID]);
		}
		if (count)
			assert_int_equal(screen_pids(&rig, pids, ROWS), count);
		else
			assert_non_null(strstr(rig_line(&rig, first_row(&rig)), "no process matches the filter pid>100000"));
		matched += count;
		filter_free(filter);
	}
	assert_true(matched > 20);
	rig_key(&rig, "Esc");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(screen_pids(&rig, (int32_t[ROWS]){ 0 }, ROWS), 23);
	rig_close(&rig);
}

/* What is not valid yet says so, and what was valid before holds. */
static void test_filter_wrong(void **state)
{
	struct rig rig;
	int32_t pids[ROWS];

	(void)state;
	open_tree(&rig, TREE, "pid pss comm");
	rig_type(&rig, "\\pid==172");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(screen_pids(&rig, pids, ROWS), 1);
	assert_string_equal(rig.app->prompt.problem, "");
	rig_type(&rig, " && pss>");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_string_not_equal(rig.app->prompt.problem, "");
	assert_int_equal(screen_pids(&rig, pids, ROWS), 1);
	rig_key(&rig, "Enter");		/* not accepted */
	assert_true(rig.app->prompt.active);
	rig_type(&rig, "1K");
	assert_string_equal(rig.app->prompt.problem, "");
	rig_key(&rig, "Esc");		/* given up: as before */
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(screen_pids(&rig, pids, ROWS), 23);
	processes_filter(rig.app, "pss>>1");
	assert_true(rig.app->message_is_error);
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(screen_pids(&rig, pids, ROWS), 23);
	rig_close(&rig);
}

static bool expect_contains(int32_t pid, const char *text)
{
	static const char *const keys[] = { "comm", "cmdline", "user", "pid" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *value = expect_text(pid, keys[i]);
		char copy[8192];

		snprintf(copy, sizeof copy, "%.*s", (int)strcspn(value, "\n"), value);
		if (strcasestr(copy, text))
			return true;
	}
	return false;
}

static void test_filter_text(void **state)
{
	static const char *const texts[] = { "SLEEP", "17", "user1", "wddb", "kworker" };
	struct rig rig;

	(void)state;
	open_tree(&rig, TREE, "pid pss comm");
	for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
		int32_t pid;
		unsigned shown = 0;

		processes_filter(rig.app, texts[t]);
		rig_draw(&rig, ROWS, COLUMNS);
		for (const char *at = expected; (at = next_process(at, &pid));) {
			bool match = expect_contains(pid, texts[t]);

			shown += match;
			if (match != (row_of_pid(&rig, pid) >= 0))
				fail_msg("%s: process %d", texts[t], (int)pid);
		}
		assert_true(shown && shown < 23);
	}
	processes_filter(rig.app, "nothing is called so");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_non_null(strstr(rig_line(&rig, first_row(&rig)), "no process matches the filter \"nothing is called so\"; Esc"));
	rig_key(&rig, "Down");
	rig_key(&rig, "Enter");
	rig_key(&rig, "x");
	rig_key(&rig, "Space");
	assert_int_equal(rig.exact_pid, 0);
	rig_close(&rig);
}

static void test_user(void **state)
{
	struct rig rig;
	int32_t pids[ROWS];
	char text[128];
	unsigned count;
	int64_t sum = expect_sum("pss_bytes", is_root, &count);

	(void)state;
	open_tree(&rig, TREE, "pid pss comm");
	rig_key(&rig, "u");
	rig_draw(&rig, ROWS, COLUMNS);
	snprintf(text, sizeof text, "%u processes  %lld", count, (long long)(sum / 1024));
	assert_true(rig_find(&rig, 0, text) > rig_find(&rig, 0, "all users"));
	rig_key(&rig, "Down");		/* the largest */
	rig_key(&rig, "Enter");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(screen_pids(&rig, pids, ROWS), count);
	assert_non_null(strstr(rig_line(&rig, totals_row(&rig)), "user root"));
	assert_int_equal(rig.request.needs & NEED_USER, NEED_USER);
	rig_key(&rig, "u");
	rig_key(&rig, "Home");
	rig_key(&rig, "Enter");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(screen_pids(&rig, pids, ROWS), 23);
	rig_close(&rig);
}

/* -- search ----------------------------------------------------------------------------------------------- */

/* How many cells of the row are marked as found. */
static int marked(const struct rig *rig, int row)
{
	int count = 0;

	for (int column = 0; column < canvas_columns(rig->canvas); column++)
		count += canvas_cell(rig->canvas, row, column)->style == STYLE_MATCH;
	return count;
}

static void test_search(void **state)
{
	struct rig rig;
	int32_t pids[ROWS], first;
	size_t count, matches = 0;

	(void)state;
	open_tree(&rig, TREE, "pid pss comm");
	rig_key(&rig, "N");
	rig_draw(&rig, ROWS, COLUMNS);
	count = screen_pids(&rig, pids, ROWS);
	rig_type(&rig, "/SLEEP");
	rig_key(&rig, "Enter");
	rig_draw(&rig, ROWS, COLUMNS);
	first = cursor_pid(&rig);
	assert_int_equal(first, 168);	/* the lowest PID of a sleep */
	for (size_t i = 0; i < count; i++) {
		char comm[16];

		matches += sscanf(expect_text(pids[i], "comm"), "\"%15[^\"]", comm) == 1 && !strcmp(comm, "sleep");
		assert_int_equal(marked(&rig, first_row(&rig) + (int)i), strcmp(comm, "sleep") ? 0 : 5);
	}
	/* Round all of them and back. */
	for (size_t i = 0; i < matches; i++) {
		assert_string_equal(process_text(find_process(&rig, cursor_pid(&rig)), PROC_COMM, (char[16]){ "" }), "sleep");
		rig_key(&rig, "n");
		rig_draw(&rig, ROWS, COLUMNS);
		assert_int_equal(cursor_pid(&rig) == first, i + 1 == matches);
	}
	/* A search given up leaves the cursor where it was, and the one before in force. */
	rig_type(&rig, "/nowhere");
	assert_string_not_equal(rig.app->prompt.problem, "");
	rig_key(&rig, "Esc");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(cursor_pid(&rig), first);
	rig_key(&rig, "Esc");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(marked(&rig, row_of_pid(&rig, first)), 0);
	rig_close(&rig);
}

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
	rig_draw(rig, ROWS, COLUMNS);
}

static void open_handmade(struct rig *rig)
{
	rig_open(rig, NULL, NULL);
	rig->app->settings.header = HEADER_NONE;
	rig->app->settings.unit = CELL_MIB;
	set_fields(rig, "pid s pss comm");
}

static void test_cursor(void **state)
{
	static const int before[] = { 50, 40, 30, 20, 10 }, after[] = { 5, 40, 30, 20, 60 }, ended[] = { 5, 40, 0, 20, 60 };
	struct rig rig;

	(void)state;
	open_handmade(&rig);
	show_sample(&rig, 1, before, 5);
	assert_int_equal(cursor_pid(&rig), 1);
	show_sample(&rig, 2, after, 5);
	assert_int_equal(cursor_pid(&rig), 5);		/* the first row stays the first */
	show_sample(&rig, 3, before, 5);
	rig_key(&rig, "Down");
	show_sample(&rig, 4, after, 5);
	assert_int_equal(cursor_pid(&rig), 2);
	rig_key(&rig, "Down");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(cursor_pid(&rig), 3);		/* the third line */
	show_sample(&rig, 5, ended, 5);
	assert_int_equal(cursor_pid(&rig), 4);		/* and still */
	rig_key(&rig, "F");
	show_sample(&rig, 6, before, 5);
	assert_int_equal(cursor_pid(&rig), 4);
	rig_key(&rig, "I");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(cursor_pid(&rig), 4);		/* follows wherever it goes */
	rig_key(&rig, "F");
	rig_key(&rig, "I");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(cursor_pid(&rig), 2);
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
	rig_type(&rig, "   ");		/* the first three */
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(cursor_pid(&rig), 4);
	assert_int_equal(scope->tagged, 3);
	assert_int_equal(scope->tagged_pss.amount, INT64_C(120) << 20);
	assert_int_equal(*rig_line(&rig, row_of_pid(&rig, 2)), '*');
	assert_int_equal(*rig_line(&rig, row_of_pid(&rig, 4)), ' ');
	show_sample(&rig, 2, after, 5);	/* one of them has ended */
	assert_int_equal(scope->tagged, 2);
	assert_int_equal(scope->tagged_pss.amount, INT64_C(82) << 20);
	show_sample(&rig, 3, before, 5);	/* its tag is gone for good */
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
	rig_draw(&rig, ROWS, COLUMNS);
	for (int s = 0; s < VALUE_STATUS_COUNT; s++) {
		snprintf(seen[s], sizeof seen[s], "%s", rig_cell(&rig, titles_row(&rig), row_of_pid(&rig, s + 1), "PSS"));
		assert_true(*seen[s]);
		for (int other = 0; other < s; other++)
			assert_string_not_equal(seen[s], seen[other]);
	}
	assert_string_equal(seen[VALUE_OK], "7.0");
	assert_string_equal(seen[VALUE_DENIED], "deny");
	/* The total says that parts of it are missing: three of them have an amount. */
	assert_string_equal(rig_cell(&rig, titles_row(&rig), totals_row(&rig), "PSS"), ">21.0");
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
	rig_draw(&rig, ROWS, COLUMNS);
	row = rig_find(&rig, 0, "several");
	assert_non_null(strstr(rig_line(&rig, row + 1), "helper"));
	assert_int_equal(canvas_cell(rig.canvas, row + 1, (int)(strstr(rig_line(&rig, row + 1), "helper") -
							      rig_line(&rig, row + 1)))->style, STYLE_THREAD);
	assert_string_equal(rig_cell(&rig, titles_row(&rig), row + 1, "PSS"), "-");
	row = rig_find(&rig, 0, "ended");
	assert_non_null(strstr(rig_line(&rig, row), "gone: ended"));
	assert_int_equal(*rig_line(&rig, row), 'x');
	assert_string_equal(rig_cell(&rig, titles_row(&rig), row, "S"), "X");
	/* Neither is part of the totals. */
	assert_string_equal(rig_cell(&rig, titles_row(&rig), totals_row(&rig), "PSS"), "8.0");
	assert_int_equal(rig.request.needs & NEED_THREADS, NEED_THREADS);
	rig_close(&rig);
}

static void test_slope(void **state)
{
	static const struct {
		int64_t pss, growth;
		enum style style;
	} cases[] = { { 100 << 20, 0, STYLE_NORMAL }, { 100 << 20, 50 << 10, STYLE_NORMAL }, { 100 << 20, 200 << 10, STYLE_RISE },
		      { 100 << 20, 2 << 20, STYLE_RISE_FAST }, { 100 << 20, -(2 << 20), STYLE_FALL },
		      { INT64_C(100) << 30, 2 << 20, STYLE_RISE }, { INT64_C(100) << 30, 11 << 20, STYLE_RISE_FAST } };
	struct rig rig;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct snapshot *snapshot;
		const char *line;

		open_handmade(&rig);
		snapshot = rig_snapshot(&rig, SECOND);
		process_set(add(snapshot, 1, "grower", cases[i].pss), PROC_PSS_GROWTH, value_ok(cases[i].growth));
		rig_show(&rig, snapshot);
		rig_draw(&rig, ROWS, COLUMNS);
		line = rig_line(&rig, first_row(&rig));
		assert_int_equal(canvas_cell(rig.canvas, first_row(&rig), (int)(strstr(line, ".0") - line))->style, cases[i].style);
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
	rig_draw(&rig, ROWS, COLUMNS);
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
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(rig.request.needs & (NEED_CGROUP | NEED_CGROUPS), NEED_CGROUP | NEED_CGROUPS);
	row = first_row(&rig);
	assert_non_null(strstr(rig_line(&rig, row), "/system.slice/large.service 31.0 of 32.0"));
	assert_non_null(strstr(rig_line(&rig, row), "3 proces"));
	assert_string_equal(rig_cell(&rig, titles_row(&rig), row, "PSS"), "12.0");
	assert_int_equal(row_of_pid(&rig, 5), row + 1);
	rig_key(&rig, "Enter");		/* folds it */
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(row_of_pid(&rig, 5), -1);
	assert_non_null(strstr(rig_line(&rig, row + 1), "/small 9.0"));
	assert_string_equal(rig_cell(&rig, titles_row(&rig), row + 1, "PSS"), "3.0");
	rig_draw(&rig, ROWS, 60);	/* the end of a path is what counts */
	assert_non_null(strstr(rig_line(&rig, row), "large.service 31.0 of 32.0"));
	rig_close(&rig);
}

/* -- what is read ----------------------------------------------------------------------------------------- */

static void test_needs(void **state)
{
	struct rig rig;
	unsigned always = NEED_CORE | NEED_SYSTEM;

	(void)state;
	rig_open(&rig, TREE, NULL);
	rig_sample(&rig);
	rig_key(&rig, "N");
	set_fields(&rig, "pid minflt comm");
	assert_int_equal(rig.request.needs, always);
	rig_key(&rig, "M");
	assert_int_equal(rig.request.needs, always | NEED_STATUS | NEED_ROLLUP);
	rig_key(&rig, "N");
	assert_int_equal(rig.request.needs, always);
	processes_filter(rig.app, "oom_score>5");
	assert_int_equal(rig.request.needs, always | NEED_OOM);
	rig_key(&rig, "Esc");
	assert_int_equal(rig.request.needs, always);
	rig_key(&rig, "c");
	assert_int_equal(rig.request.needs, always | NEED_CMDLINE);
	rig_key(&rig, "c");
	rig_key(&rig, "H");
	assert_int_equal(rig.request.needs, always | NEED_THREADS);
	rig_key(&rig, "H");
	rig_key(&rig, "C");
	assert_int_equal(rig.request.needs, always | NEED_CGROUP | NEED_CGROUPS);
	rig_key(&rig, "t");
	assert_int_equal(rig.request.needs, always);
	set_fields(&rig, "pid user comm");
	assert_int_equal(rig.request.needs, always | NEED_USER);
	rig_close(&rig);
}

static void test_command_lines(void **state)
{
	struct rig rig;
	char line[256];

	(void)state;
	open_tree(&rig, TREE, "pid pss comm");
	rig_key(&rig, "c");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(sscanf(expect_text(1, "cmdline"), "\"%255[^\"]", line), 1);
	assert_non_null(strstr(rig_line(&rig, row_of_pid(&rig, 1)), line));
	assert_non_null(strstr(rig_line(&rig, row_of_pid(&rig, 2)), "[kthreadd]"));
	rig_close(&rig);
}

static void test_exact(void **state)
{
	struct rig rig;

	(void)state;
	open_tree(&rig, TREE, "pid pss comm");
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
	static const char *const trees[] = { TREE, "hostile" };

	(void)state;
	for (size_t t = 0; t < sizeof trees / sizeof *trees; t++) {
		for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
			struct rig rig;
			char wide[64];

			open_tree(&rig, trees[t], "pid user pss uss swpss minflt cgroup comm");
			rig_type(&rig, modes[m]);
			rig_draw(&rig, ROWS, COLUMNS);
			snprintf(wide, sizeof wide, "%s", rig_cell(&rig, titles_row(&rig), first_row(&rig), "PSS"));
			assert_true(*wide);
			for (int rows = 1; rows < 14; rows++)
				for (int columns = 1; columns < 100; columns += 1 + columns / 40)
					check_size(&rig, wide, rows, columns);
			rig_close(&rig);
		}
	}
}

/* -- signals ---------------------------------------------------------------------------------------------- */

static pid_t make_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	return pid;
}

static void choose_child(struct rig *rig, pid_t pid)
{
	char filter[32];

	rig_open(rig, "/", NULL);
	snprintf(filter, sizeof filter, "pid==%d", (int)pid);
	rig_sample(rig);
	processes_filter(rig->app, filter);
}

static void test_kill(void **state)
{
	struct rig rig;
	pid_t pid = make_child();
	char text[64];
	int status;

	(void)state;
	choose_child(&rig, pid);
	rig_key(&rig, "k");
	rig_key(&rig, "Enter");
	assert_true(rig.app->prompt.confirm);
	snprintf(text, sizeof text, "(15) to %d %.15s?", (int)pid, program_invocation_short_name);
	assert_non_null(strstr(rig.app->prompt.label, text));
	rig_key(&rig, "n");
	assert_int_equal(rig.app->depth, 0);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	rig_key(&rig, "k");
	rig_type(&rig, "USR1");
	rig_key(&rig, "Enter");
	rig_draw(&rig, 24, 80);
	rig_key(&rig, "y");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGUSR1);
	assert_false(rig.app->message_is_error);
	assert_int_equal(rig.app->depth, 0);
	/* It has ended: the same again says so. */
	rig_key(&rig, "k");
	rig_key(&rig, "Enter");
	rig_key(&rig, "y");
	assert_true(rig.app->message_is_error);
	rig_close(&rig);
}

static void test_kill_tagged(void **state)
{
	pid_t pids[3] = { make_child(), make_child(), make_child() };
	char filter[96];
	struct rig rig;
	int status;

	(void)state;
	rig_open(&rig, "/", NULL);
	rig_sample(&rig);
	snprintf(filter, sizeof filter, "pid==%d || pid==%d || pid==%d", (int)pids[0], (int)pids[1], (int)pids[2]);
	processes_filter(rig.app, filter);
	rig_key(&rig, "N");
	rig_key(&rig, "Home");
	rig_type(&rig, "  k");		/* the first two */
	rig_key(&rig, "Enter");
	assert_non_null(strstr(rig.app->prompt.label, "these 2 processes"));
	rig_key(&rig, "y");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	}
	assert_int_equal(waitpid(pids[2], &status, WNOHANG), 0);
	kill(pids[2], SIGKILL);
	waitpid(pids[2], &status, 0);
	rig_close(&rig);
}

/* Not with --read-only, and not what is no running machine. */
static void test_kill_refused(void **state)
{
	struct app_config config = { .read_only = true };
	struct rig rig;

	(void)state;
	rig_open(&rig, "/", &config);
	rig_sample(&rig);
	rig_key(&rig, "k");
	assert_int_equal(rig.app->depth, 0);
	rig_close(&rig);
	open_tree(&rig, TREE, "pid pss comm");
	rig_key(&rig, "k");
	assert_int_equal(rig.app->depth, 0);
	assert_true(rig.app->message_is_error);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_fold_parent),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_sort_keys),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_filter_wrong),
		cmocka_unit_test(test_filter_text),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_threads_and_exited),
		cmocka_unit_test(test_slope),
		cmocka_unit_test(test_cgroups),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_command_lines),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_kill_tagged),
		cmocka_unit_test(test_kill_refused),
	};

	return cmocka_run_group_tests(tests, load_expected, free_expected);
}
