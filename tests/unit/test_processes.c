/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The screen of processes against facts: captured trees as worked out by other code
 * (tests/fixtures/NAME.expect), the filter's own word, and plain comparisons over the snapshot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/filter.h"
#include "processes_screen.h"
#include "tui/processes.h"
#include "tui/sort.h"

/* -- what is expected ------------------------------------------------------------------------------------- */

static char *expected;

static int load_expected(void **state)
{
	static char path[4096];
	FILE *file;
	long size;

	(void)state;
	snprintf(path, sizeof path, "%s/fixtures/%s.expect", TEST_DATA_DIR, SCREEN_TREE);
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

/* -- values and totals ------------------------------------------------------------------------------------ */

static void test_values(void **state)
{
	static const struct {
		const char *key, *title;
		int64_t unit;
	} columns[] = { { "pss_bytes", "PSS", 1024 },
			{ "uss_bytes", "USS", 1024 },
			{ "swap_pss_bytes", "SWPSS", 1024 },
			{ "ppid", "PPID", 1 },
			{ "faults_minor_total", "MINFLT", 1 } };
	struct rig rig;
	int32_t pid;
	unsigned count = 0;

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid ppid pss uss swpss minflt comm");
	for (const char *at = expected; (at = next_process(at, &pid)); count++) {
		int row = screen_row(&rig, pid);

		if (row < 0)
			fail_msg("process %d is not shown", (int)pid);
		for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
			char number[32] = "-"; /* kernel threads */
			int64_t amount;

			if (expect_number(pid, columns[i].key, &amount))
				snprintf(number, sizeof number, "%lld", (long long)(amount / columns[i].unit));
			assert_string_equal(rig_cell(&rig, screen_titles(&rig), row, columns[i].title), number);
		}
	}
	assert_true(count > 20);
	assert_string_equal(rig_line(&rig, screen_first(&rig) + (int)count), "");
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
	} columns[] = { { "pss_bytes", "PSS", 1024 },
			{ "uss_bytes", "USS", 1024 },
			{ "swap_pss_bytes", "SWPSS", 1024 },
			{ "faults_minor_total", "MINFLT", 1 } };
	unsigned count, all;

	expect_sum("pid", NULL, &all);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		char number[32], text[64];
		int64_t sum = expect_sum(columns[i].key, wanted, &count);

		snprintf(number, sizeof number, "%lld", (long long)(sum / columns[i].unit));
		assert_string_equal(rig_cell(rig, screen_titles(rig), screen_totals(rig), columns[i].title),
				    number);
		snprintf(text, sizeof text, count == all ? "%u processes" : "%u of %u", count, all);
		assert_non_null(strstr(rig_line(rig, screen_totals(rig)), text));
	}
	/* What does not add up has no total. */
	assert_string_equal(rig_cell(rig, screen_titles(rig), screen_totals(rig), "RSS"), "");
}

static void test_totals(void **state)
{
	struct rig rig;

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid user pss uss swpss minflt rss comm");
	check_totals(&rig, NULL);
	rig_key(&rig, "t");
	rig_key(&rig, "*"); /* everything folded: the sums are the same */
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(rig_find(&rig, screen_first(&rig), "+") >= 0, 1);
	check_totals(&rig, NULL);
	rig_key(&rig, "*");
	processes_filter(rig.app, "uid==0");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	check_totals(&rig, is_root);
	processes_filter(rig.app, "pss>1M");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
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
		screen_open_tree(&rig, SCREEN_TREE, "pid pss minflt comm");
		rig_key(&rig, "t");
		rig_key(&rig, "N");
		rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
		for (int down = 0; screen_cursor(&rig) != fold_root; down++) {
			assert_true(down < SCREEN_ROWS);
			rig_key(&rig, "Down");
			rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
		}
		rig_key(&rig, "-");
		rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
		row = screen_row(&rig, fold_root);
		snprintf(text, sizeof text, "+%u ", count);
		assert_non_null(strstr(rig_line(&rig, row), text));
		snprintf(text, sizeof text, "%lld", (long long)sum);
		assert_string_equal(rig_cell(&rig, screen_titles(&rig), row, "MINFLT"), text);
		assert_int_equal(screen_cursor(&rig), fold_root);
		rig_close(&rig);
	}
}

/* Folding a leaf folds what it is in. */
static void test_fold_parent(void **state)
{
	struct rig rig;

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid pss comm");
	rig_key(&rig, "t");
	rig_type(&rig, "/185");
	rig_key(&rig, "Enter");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_cursor(&rig), 185);
	rig_key(&rig, "-");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_cursor(&rig), 172);
	assert_int_equal(screen_row(&rig, 185), -1);
	rig_key(&rig, "+");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_true(screen_row(&rig, 185) > 0);
	rig_close(&rig);
}

/* -- order ------------------------------------------------------------------------------------------------ */

static int compare_values(const struct process *a, const struct process *b, const struct metric *metric)
{
	char buf[16];
	const char *x, *y;

	if (metric->unit != UNIT_TEXT)
		return (process_value(a, metric->index).amount > process_value(b, metric->index).amount) -
		       (process_value(a, metric->index).amount < process_value(b, metric->index).amount);
	x = process_text(a, metric->index, buf);
	y = process_text(b, metric->index, buf);
	return strcmp(x ? x : "", y ? y : "");
}

static bool is_known(const struct process *process, const struct metric *metric)
{
	char buf[16];

	if (metric->unit == UNIT_TEXT && !process_text(process, metric->index, buf))
		return false;
	return value_has_amount(process_value(process, metric->index).status);
}

static void check_order(const struct rig *rig, const struct metric *metric, bool ascending)
{
	int32_t pids[SCREEN_ROWS];
	size_t count = screen_pids(rig, pids, SCREEN_ROWS);

	assert_int_equal(count, rig->app->snapshot->process_count);
	for (size_t i = 1; i < count; i++) {
		const struct process *a = screen_process(rig, pids[i - 1]), *b = screen_process(rig, pids[i]);
		int by = is_known(a, metric) && is_known(b, metric) ? compare_values(a, b, metric) : 0;

		if (is_known(b, metric) && !is_known(a, metric))
			fail_msg("%s: %d is unknown and not at the end", metric->key, (int)pids[i - 1]);
		if (ascending ? by > 0 : by < 0)
			fail_msg("%s: %d and %d are in the wrong order", metric->key, (int)pids[i - 1],
				 (int)pids[i]);
	}
}

static void test_order(void **state)
{
	struct rig rig;

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid pss comm");
	for (unsigned i = 0; i < PROC_COUNT; i++) {
		const struct metric *metric = metric_get(SCOPE_PROCESS, i);
		bool ascending;

		sort_by(rig.app, &rig.app->settings.processes, metric);
		ascending = rig.app->settings.processes.ascending;
		rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
		check_order(&rig, metric, ascending);
		rig_key(&rig, "I");
		rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
		check_order(&rig, metric, !ascending);
	}
	rig_close(&rig);
}

/* -- which rows ------------------------------------------------------------------------------------------- */

static void test_filter(void **state)
{
	static const char *const expressions[] = {
		"pss>1M",        "uid==1000",         "comm~\"^memtide\" && pss<3M",
		"!(state==S)",   "ppid==2 || pid==1", "user!=root",
		"cmdline~sleep", "threads>1",         "rss_bytes>=1M",
		"pid>100000"
	};
	struct rig rig;
	size_t matched = 0;

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid pss comm");
	for (size_t e = 0; e < sizeof expressions / sizeof *expressions; e++) {
		const struct snapshot *snapshot = rig.app->snapshot;
		struct filter *filter = filter_parse(expressions[e], NULL);
		size_t count = 0;
		int32_t pids[SCREEN_ROWS];

		assert_non_null(filter);
		rig_key(&rig, "F4");
		rig_key(&rig, "Ctrl-U");
		rig_type(&rig, expressions[e]);
		rig_key(&rig, "Enter");
		rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
		for (size_t i = 0; i < snapshot->process_count; i++) {
			bool match = filter_match(filter, &snapshot->processes[i]);

			count += match;
			if (match != (screen_row(&rig, (int32_t)snapshot->processes[i].amount[PROC_PID]) >= 0))
				fail_msg("%s: %lld", expressions[e],
					 (long long)snapshot->processes[i].amount[PROC_PID]);
		}
		if (count)
			assert_int_equal(screen_pids(&rig, pids, SCREEN_ROWS), count);
		else
			assert_non_null(strstr(rig_line(&rig, screen_first(&rig)),
					       "no process matches the filter pid>100000"));
		matched += count;
		filter_free(filter);
	}
	assert_true(matched > 20);
	rig_key(&rig, "Esc");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_pids(&rig, (int32_t[SCREEN_ROWS]){ 0 }, SCREEN_ROWS), 23);
	rig_close(&rig);
}

/* What is not valid yet says so, and what was valid before holds. */
static void test_filter_wrong(void **state)
{
	struct rig rig;
	int32_t pids[SCREEN_ROWS];

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid pss comm");
	rig_type(&rig, "\\pid==172");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_pids(&rig, pids, SCREEN_ROWS), 1);
	assert_string_equal(rig.app->prompt.problem, "");
	rig_type(&rig, " && pss>");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_string_not_equal(rig.app->prompt.problem, "");
	assert_int_equal(screen_pids(&rig, pids, SCREEN_ROWS), 1);
	rig_key(&rig, "Enter"); /* not accepted */
	assert_true(rig.app->prompt.active);
	rig_type(&rig, "1K");
	assert_string_equal(rig.app->prompt.problem, "");
	rig_key(&rig, "Esc"); /* given up: as before */
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_pids(&rig, pids, SCREEN_ROWS), 23);
	processes_filter(rig.app, "pss>>1");
	assert_true(rig.app->message_is_error);
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_pids(&rig, pids, SCREEN_ROWS), 23);
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
	screen_open_tree(&rig, SCREEN_TREE, "pid pss comm");
	for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
		int32_t pid;
		unsigned shown = 0;

		processes_filter(rig.app, texts[t]);
		rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
		for (const char *at = expected; (at = next_process(at, &pid));) {
			bool match = expect_contains(pid, texts[t]);

			shown += match;
			if (match != (screen_row(&rig, pid) >= 0))
				fail_msg("%s: process %d", texts[t], (int)pid);
		}
		assert_true(shown && shown < 23);
	}
	processes_filter(rig.app, "nothing is called so");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_non_null(strstr(rig_line(&rig, screen_first(&rig)),
			       "no process matches the filter \"nothing is called so\"; Esc"));
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
	int32_t pids[SCREEN_ROWS];
	char text[128];
	unsigned count;
	int64_t sum = expect_sum("pss_bytes", is_root, &count);

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid pss comm");
	rig_key(&rig, "u");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	snprintf(text, sizeof text, "%u processes  %lld", count, (long long)(sum / 1024));
	assert_true(rig_find(&rig, 0, text) > rig_find(&rig, 0, "all users"));
	rig_key(&rig, "Down"); /* the largest */
	rig_key(&rig, "Enter");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_pids(&rig, pids, SCREEN_ROWS), count);
	assert_non_null(strstr(rig_line(&rig, screen_totals(&rig)), "user root"));
	assert_int_equal(rig.request.needs & NEED_USER, NEED_USER);
	rig_key(&rig, "u");
	rig_key(&rig, "Home");
	rig_key(&rig, "Enter");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_pids(&rig, pids, SCREEN_ROWS), 23);
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
	int32_t pids[SCREEN_ROWS], first;
	size_t count, matches = 0;

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid pss comm");
	rig_key(&rig, "N");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	count = screen_pids(&rig, pids, SCREEN_ROWS);
	rig_type(&rig, "/SLEEP");
	rig_key(&rig, "Enter");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	first = screen_cursor(&rig);
	assert_int_equal(first, 168); /* the lowest PID of a sleep */
	for (size_t i = 0; i < count; i++) {
		char comm[16];

		matches +=
			sscanf(expect_text(pids[i], "comm"), "\"%15[^\"]", comm) == 1 && !strcmp(comm, "sleep");
		assert_int_equal(marked(&rig, screen_first(&rig) + (int)i), strcmp(comm, "sleep") ? 0 : 5);
	}
	/* Round all of them and back. */
	for (size_t i = 0; i < matches; i++) {
		assert_string_equal(
			process_text(screen_process(&rig, screen_cursor(&rig)), PROC_COMM, (char[16]){ "" }),
			"sleep");
		rig_key(&rig, "n");
		rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
		assert_int_equal(screen_cursor(&rig) == first, i + 1 == matches);
	}
	/* A search given up leaves the cursor where it was, and the one before in force. */
	rig_type(&rig, "/nowhere");
	assert_string_not_equal(rig.app->prompt.problem, "");
	rig_key(&rig, "Esc");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(screen_cursor(&rig), first);
	rig_key(&rig, "Esc");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(marked(&rig, screen_row(&rig, first)), 0);
	rig_close(&rig);
}

static void test_command_lines(void **state)
{
	struct rig rig;
	char line[256];

	(void)state;
	screen_open_tree(&rig, SCREEN_TREE, "pid pss comm");
	rig_key(&rig, "c");
	rig_draw(&rig, SCREEN_ROWS, SCREEN_COLUMNS);
	assert_int_equal(sscanf(expect_text(1, "cmdline"), "\"%255[^\"]", line), 1);
	assert_non_null(strstr(rig_line(&rig, screen_row(&rig, 1)), line));
	assert_non_null(strstr(rig_line(&rig, screen_row(&rig, 2)), "[kthreadd]"));
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),        cmocka_unit_test(test_totals),
		cmocka_unit_test(test_fold),          cmocka_unit_test(test_fold_parent),
		cmocka_unit_test(test_order),         cmocka_unit_test(test_filter),
		cmocka_unit_test(test_filter_wrong),  cmocka_unit_test(test_filter_text),
		cmocka_unit_test(test_user),          cmocka_unit_test(test_search),
		cmocka_unit_test(test_command_lines),
	};

	return cmocka_run_group_tests(tests, load_expected, free_expected);
}
