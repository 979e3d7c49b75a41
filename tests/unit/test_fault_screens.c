/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of page faults and the page of a process's, by keys, on snapshots made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/faults.h"
#include "model/find.h"
#include "rows.h"
#include "tui_rig.h"

enum { ROWS = 40, COLUMNS = 100, WIDE = 180, SHELL = 100, COMPILER = 200, IDLE = 300 };

static const struct probe_status by_tracepoint = {
	.name = "faults", .wanted = true, .active = 1, .tier_count = 3, .completion = "memcg event",
	.tiers = { { "fentry", TIER_FAILED, "loading: Operation not permitted", "unlock the kernel" },
		   { "tracepoint", TIER_ACTIVE, "", "" },
		   { "perf", TIER_UNTRIED, "", "" } },
	.attached_real_ns = INT64_C(1767312000000000000),
};

static const struct probe_status by_perf = {
	.name = "faults", .wanted = true, .active = 1, .tier_count = 2, .completion = "perf event",
	.tiers = { { "tracepoint", TIER_FAILED, "no BTF", "a kernel with CONFIG_DEBUG_INFO_BTF" },
		   { "perf", TIER_ACTIVE, "", "" } },
};

static const struct probe_status by_nothing = {
	.name = "faults", .wanted = true, .active = -1, .tier_count = 2,
	.tiers = { { "tracepoint", TIER_FAILED, "no BTF", "a kernel with CONFIG_DEBUG_INFO_BTF" },
		   { "perf", TIER_FAILED, "perf_event_open: Permission denied", "" } },
};

/* -- snapshots -------------------------------------------------------------------------------------------- */

static void set_class(struct fault_machine *machine, enum fault_class class, int64_t count, int64_t rate, int64_t ns)
{
	machine->class[class].count = value_ok(count);
	machine->class[class].rate = value_ok(rate * 1000);
	machine->class[class].ns = value_ok(ns);
	machine->class[class].percent = value_ok(0);
}

/* 1000 copies on write of 3 us each, 3000 zeroed pages of 1 us, 2 that waited 10 ms; OOM is not told. */
static struct fault_machine *machine_new(void)
{
	struct fault_machine *machine = calloc(1, sizeof *machine);

	assert_non_null(machine);
	for (enum fault_class c = 0; c < FAULT_CLASSES; c++)
		set_class(machine, c, 0, 0, 0);
	set_class(machine, FAULT_DEMAND_ZERO, 3000, 10, 3000000);
	set_class(machine, FAULT_COW, 1000, 50, 3000000);
	set_class(machine, FAULT_FILE_MAJOR, 2, 0, 20000000);
	set_class(machine, FAULT_SIGBUS, 7, 1, 700);
	machine->class[FAULT_OOM].count = machine->class[FAULT_OOM].rate = machine->class[FAULT_OOM].ns =
		value_none(VALUE_UNSUPPORTED);
	machine->total = value_ok(4002);
	machine->total_rate = value_ok(60000);
	machine->max_ns = value_ok(12000000);
	machine->memory[FAULT_IN_ANON] = value_ok(3500);
	machine->memory[FAULT_IN_HEAP] = value_ok(502);
	machine->lost = value_ok(0);
	machine->has_buckets = true;
	machine->buckets[FAULT_DEMAND_ZERO][9] = 3000;	/* 512 to 1024 ns */
	machine->buckets[FAULT_COW][11] = 1000;		/* 2 to 4 us */
	machine->buckets[FAULT_FILE_MAJOR][23] = 2;	/* 8 to 17 ms */
	return machine;
}

static struct process *add_process(struct snapshot *snapshot, int pid, const char *comm)
{
	struct process *process = rows_add(snapshot, pid, comm);

	process_set(process, PROC_START_TIME, value_ok(pid));
	process->faults = fault_values_new(NULL);
	assert_non_null(process->faults);
	for (unsigned i = PROC_STORED; i < PROC_COUNT; i++)
		fault_values_set(process->faults, i, value_ok(0));
	return process;
}

static void set_taken(struct process *process, enum fault_class class, int64_t count, int64_t rate, int64_t ns)
{
	struct value seen = process_value(process, PROC_FAULTS_SEEN), times = process_value(process, PROC_FAULT_SECONDS);

	fault_values_set(process->faults, fault_metric_count(class), value_ok(count));
	fault_values_set(process->faults, fault_metric_rate(class), value_ok(rate * 1000));
	fault_values_set(process->faults, fault_metric_seconds(class), value_ok(ns));
	fault_values_set(process->faults, PROC_FAULTS_SEEN, value_ok(seen.amount + count));
	fault_values_set(process->faults, PROC_FAULT_SECONDS, value_ok(times.amount + ns));
	fault_values_set(process->faults, PROC_FAULTS_SEEN_RATE, value_ok(rate * 1000));
}

static struct snapshot *snapshot_of(struct rig *rig, const struct probe_status *status)
{
	struct snapshot *snapshot = rig_snapshot(rig, INT64_C(1000000000000));

	snapshot->real_ns = INT64_C(1767312060000000000);
	snapshot->probes[PROBE_FAULTS] = status;
	return snapshot;
}

/* The shell copies, the compiler gets zeroed pages and took more copies before; the idle one took none. */
static struct snapshot *usual(struct rig *rig)
{
	struct snapshot *snapshot = snapshot_of(rig, &by_tracepoint);
	struct process *process;

	snapshot->faults = machine_new();
	process = add_process(snapshot, SHELL, "shell");
	set_taken(process, FAULT_COW, 400, 50, 1200000);
	process = add_process(snapshot, COMPILER, "compiler");
	set_taken(process, FAULT_COW, 600, 0, 1800000);
	set_taken(process, FAULT_DEMAND_ZERO, 3000, 10, 3000000);
	fault_values_set(process->faults, PROC_FAULTS_IN_ANON, value_ok(2700));
	fault_values_set(process->faults, PROC_FAULTS_IN_HEAP, value_ok(900));
	fault_values_set(process->faults, PROC_FAULTS_REMOTE, value_ok(77));
	fault_values_set(process->faults, PROC_FAULT_MAX, value_ok(5000));
	fault_values_set(process->faults, PROC_FAULTS_OOM, value_none(VALUE_UNSUPPORTED));
	add_process(snapshot, IDLE, "idle");
	return snapshot;
}

static struct rig rig;

static int set_up(void **state)
{
	(void)state;
	rig_open(&rig, NULL, NULL);
	rig.app->settings.header = HEADER_NONE;
	rig_show(&rig, usual(&rig));
	rig_key(&rig, "p");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rig_close(&rig);
	return 0;
}

static int row_of(const char *text)
{
	int row = rig_find(&rig, 0, text);

	if (row < 0)
		fail_msg("\"%s\" is not in:\n%s", text, rig.text.data);
	return row;
}

static void has_not(const char *text)
{
	if (rig_find(&rig, 0, text) >= 0)
		fail_msg("\"%s\" is in:\n%s", text, rig.text.data);
}

static void cell_is(const char *titles, const char *row, const char *title, const char *value)
{
	assert_string_equal(rig_cell(&rig, row_of(titles), row_of(row), title), value);
}

/* -- the screen ------------------------------------------------------------------------------------------- */

static void test_needs(void **state)
{
	(void)state;
	assert_true(rig.request.needs & NEED_FAULTS);
	rig_key(&rig, "Tab");
	assert_false(rig.request.needs & NEED_FAULTS);
}

static void test_classes(void **state)
{
	(void)state;
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("tier tracepoint");
	row_of("ends by memcg event");
	cell_is("CLASS", "cow   ", "COUNT", "1000");
	cell_is("CLASS", "cow   ", "RATE/s", "50.0");
	cell_is("CLASS", "cow   ", "SHARE%", "25.0");
	cell_is("CLASS", "cow   ", "TIME", "3.0ms");
	cell_is("CLASS", "cow   ", "MEAN", "3.0us");
	cell_is("CLASS", "file_major", "MEAN", "10ms");
	cell_is("CLASS", "file_major", "MAX", "<17ms");	/* 2^24 ns */
	cell_is("CLASS", "all   ", "COUNT", "4002");
	cell_is("CLASS", "all   ", "TIME", "26ms");	/* without SIGBUS, which is not accounted */
	cell_is("CLASS", "all   ", "MAX", "12ms");
	cell_is("CLASS", "sigbus", "SHARE%", "-");
	/* By rate, and where that is the same by count. */
	assert_true(row_of("all   ") < row_of("cow   ") && row_of("cow   ") < row_of("demand_zero"));
	assert_true(row_of("demand_zero") < row_of("sigbus") && row_of("sigbus") < row_of("file_major"));
	assert_true(row_of("file_major") < row_of("hugetlb"));
	assert_true(strstr(rig_line(&rig, 1), "anon 3500  heap 502") != NULL);
}

/* Half of 3000 faults in 512 to 1024 ns: in the middle of them. */
static void test_quantiles(void **state)
{
	(void)state;
	rig_draw(&rig, ROWS, COLUMNS);
	cell_is("CLASS", "demand_zero", "P50", "~768ns");
	cell_is("CLASS", "mkwrite", "P50", "-");
}

static void test_sort(void **state)
{
	(void)state;
	rig_key(&rig, "<");	/* by count */
	rig_draw(&rig, ROWS, COLUMNS);
	assert_true(row_of("demand_zero") < row_of("cow   "));
	rig_key(&rig, "I");
	rig_draw(&rig, ROWS, COLUMNS);
	assert_true(row_of("cow   ") < row_of("demand_zero"));
	assert_true(row_of("all   ") < row_of("mkwrite"));	/* always first */
	/* A click on the title of the means. */
	rig_event(&rig, EVENT_CLICK, row_of("CLASS"), (int)(strstr(rig_line(&rig, row_of("CLASS")), "MEAN") -
							    rig_line(&rig, row_of("CLASS"))));
	rig_draw(&rig, ROWS, COLUMNS);
	assert_true(row_of("file_major") < row_of("cow   ") && row_of("cow   ") < row_of("demand_zero"));
	rig_key(&rig, "F6");
	rig_key(&rig, "Home");
	rig_key(&rig, "Enter");	/* by name */
	rig_draw(&rig, ROWS, COLUMNS);
	assert_true(row_of("abandoned") < row_of("cow   ") && row_of("cow   ") < row_of("zero_page"));
}

static void test_untold(void **state)
{
	(void)state;
	rig_type(&rig, "/oom");
	rig_key(&rig, "Enter");
	rig_draw(&rig, ROWS, COLUMNS);
	cell_is("CLASS", "oom   ", "COUNT", "none");
	cell_is("CLASS", "oom   ", "MEAN", "none");
	row_of("oom: the tracepoint tier cannot tell; fentry: loading: Operation not permitted (unlock the kernel)");
	rig_key(&rig, "Home");
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("all: all faults that the kernel accounts");
}

static void test_takers(void **state)
{
	(void)state;
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("COMMAND (all)");
	rig_key(&rig, "Down");
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("COMMAND (cow)");
	/* By rate before count; who took none is not there. */
	assert_true(row_of("shell") < row_of("compiler"));
	has_not("idle");
	cell_is("COMMAND (cow)", "compiler", "COUNT", "600");
	cell_is("COMMAND (cow)", "compiler", "TIME", "1.8ms");
	rig_key(&rig, "Down");
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("COMMAND (demand_zero)");
	has_not("shell");
	/* Side by side where there is room. */
	rig_draw(&rig, ROWS, WIDE);
	assert_int_equal(row_of("COMMAND (demand_zero)"), row_of("CLASS"));
}

static void test_open_process(void **state)
{
	(void)state;
	rig_draw(&rig, ROWS, COLUMNS);
	rig_key(&rig, "Down");
	rig_key(&rig, "Right");
	rig_key(&rig, "Down");
	rig_key(&rig, "Enter");
	assert_int_equal(rig.request.watch_pid, COMPILER);
	rig_key(&rig, "Esc");
	rig_key(&rig, "g");
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("COW/s");
	rig_key(&rig, "Esc");
	rig_key(&rig, "Left");
	rig_key(&rig, "g");	/* of a class none is kept */
	assert_int_equal(rig.app->depth, 0);
}

static void test_cursor_stays_on_process(void **state)
{
	struct snapshot *snapshot;

	(void)state;
	rig_draw(&rig, ROWS, COLUMNS);
	rig_key(&rig, "Down");
	rig_key(&rig, "Right");
	rig_key(&rig, "Down");
	/* It is the faster one now. */
	snapshot = usual(&rig);
	fault_values_set(snapshot->processes[1].faults, PROC_FAULT_RATE_COW, value_ok(99000));
	rig_show(&rig, snapshot);
	rig_draw(&rig, ROWS, COLUMNS);
	assert_true(row_of("compiler") < row_of("shell"));
	rig_key(&rig, "Enter");
	assert_int_equal(rig.request.watch_pid, COMPILER);
}

static void test_open_class(void **state)
{
	(void)state;
	rig_key(&rig, "Down");
	rig_key(&rig, "Down");
	rig_key(&rig, "Enter");	/* demand_zero */
	rig_draw(&rig, ROWS, COLUMNS);
	assert_int_equal(rig.app->screen, 0);
	row_of("compiler");
	has_not("shell");
	row_of("DZERO/s");
	assert_true(rig.request.needs & NEED_FAULTS);
}

static void test_filter(void **state)
{
	(void)state;
	rig_type(&rig, "\\copy on write");
	rig_key(&rig, "Enter");
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("cow_file");
	has_not("hugetlb");
	rig_key(&rig, "Esc");
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("hugetlb");
}

static void test_lost(void **state)
{
	struct snapshot *snapshot = usual(&rig);

	(void)state;
	snapshot->faults->lost = value_ok(12345);
	snapshot->faults->lost_processes = value_ok(6);
	rig_show(&rig, snapshot);
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("12345 faults lost  6 processes left out");
	rig.app->settings.header = HEADER_FULL;
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("faults by tracepoint  12345 faults lost");
	rig_key(&rig, "v");
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("12345       Page faults that are in no sum");
	row_of("not fentry: loading: Operation not permitted");
	row_of("Remedy: unlock the kernel");
}

/* -- other tiers ------------------------------------------------------------------------------------------ */

static void test_totals(void **state)
{
	struct snapshot *snapshot = snapshot_of(&rig, &by_perf);

	(void)state;
	snapshot->faults = calloc(1, sizeof *snapshot->faults);
	assert_non_null(snapshot->faults);
	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		snapshot->faults->class[c].count = value_none(VALUE_UNSUPPORTED);
	snapshot->faults->total = value_ok(4321);
	snapshot->faults->minor = value_ok(4300);
	snapshot->faults->major = value_ok(21);
	rows_add(snapshot, SHELL, "shell");
	rig_show(&rig, snapshot);
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("4321 page faults");
	row_of("minor      4300");
	row_of("major      21");
	row_of("rate       ... per second");
	row_of("the perf tier tells the totals");
	row_of("tracepoint no BTF");
	row_of("Remedy: a kernel with CONFIG_DEBUG_INFO_BTF");
	has_not("CLASS");
	rig_key(&rig, "Down");
	rig_key(&rig, "Right");
	rig_key(&rig, "Enter");
	assert_int_equal(rig.app->depth, 0);
	/* It scrolls where it does not fit. */
	rig_draw(&rig, 6, COLUMNS);
	has_not("Remedy");
	for (int i = 0; i < 5; i++)
		rig_key(&rig, "PgDn");
	rig_draw(&rig, 6, COLUMNS);
	row_of("Remedy: a kernel with CONFIG_DEBUG_INFO_BTF");
	rig_key(&rig, "PgUp");
	rig_key(&rig, "PgUp");
	rig_key(&rig, "PgUp");
	rig_draw(&rig, 6, COLUMNS);
	row_of("4321 page faults");
}

static void test_nothing(void **state)
{
	(void)state;
	rig_show(&rig, snapshot_of(&rig, &by_nothing));
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("tier none");
	row_of("page faults cannot be probed here");
	row_of("Remedy: a kernel with CONFIG_DEBUG_INFO_BTF");
	row_of("perf       perf_event_open: Permission denied");
	has_not(" 0");
	rig_show(&rig, snapshot_of(&rig, probe_unwanted(PROBE_FAULTS)));
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("the probe is not attached");
}

/* -- the page of a process -------------------------------------------------------------------------------- */

static void open_page(void)
{
	rig_draw(&rig, ROWS, COLUMNS);
	rig_key(&rig, "Down");
	rig_key(&rig, "Down");
	rig_key(&rig, "Right");
	rig_key(&rig, "Enter");	/* the compiler */
	rig_key(&rig, "5");
	assert_true(rig.request.needs & NEED_FAULTS);
}

static void test_page(void **state)
{
	(void)state;
	open_page();
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("[5 Faults]");
	row_of("Longest    5.0us");
	row_of("Remote     77 of them");
	cell_is("CLASS", "all   ", "COUNT", "3600");
	cell_is("CLASS", "all   ", "MEAN", "1.3us");
	cell_is("CLASS", "cow   ", "COUNT", "600");
	cell_is("CLASS", "cow   ", "MEAN", "3.0us");
	cell_is("CLASS", "demand_zero", "RATE/s", "10.0");
	assert_true(row_of("demand_zero") < row_of("cow   "));
	has_not("hugetlb");	/* it took none */
	row_of("Not told   oom");
	row_of("anon               2700  75.0% ###");
	assert_true(row_of("anon     ") < row_of("heap                900  25.0% ###"));
}

/* The machine has a histogram, the process has none: nothing of the machine's may be taken for its own. */
static void test_no_histogram(void **state)
{
	(void)state;
	open_page();
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("with the next sample");
	cell_is("CLASS", "cow   ", "P99", "...");
	has_not("512ns to");
	has_not("2.0us to");
}

static void test_histogram(void **state)
{
	struct snapshot *snapshot = usual(&rig);
	uint64_t buckets[FAULT_CLASSES][FAULT_BUCKETS] = { { 0 } };
	int row;

	(void)state;
	open_page();
	buckets[FAULT_COW][11] = 600;
	buckets[FAULT_DEMAND_ZERO][10] = 3000;
	buckets[FAULT_SIGBUS][5] = 9;	/* not accounted: not among all */
	assert_int_equal(fault_values_watch(find_pid(snapshot, COMPILER)->faults, buckets, false), 0);
	rig_show(&rig, snapshot);
	rig_draw(&rig, 60, 86);
	row = row_of("How long 3600 of them took, since this process is looked at");
	/* 16 columns of range and 10 of count leave 60 for the longest bar. */
	assert_string_equal(rig_line(&rig, row + 1), " 1.0us to  2.0us     3000 "
						     "############################################################");
	assert_string_equal(rig_line(&rig, row + 2), " 2.0us to  4.1us      600 ############");
	assert_string_equal(rig_line(&rig, row + 3), "");
	assert_string_equal(rig_line(&rig, row + 4), "demand_zero");
	cell_is("CLASS", "cow   ", "MAX", "<4.1us");
}

static void test_page_unprobed(void **state)
{
	struct snapshot *snapshot;

	(void)state;
	open_page();
	snapshot = snapshot_of(&rig, &by_perf);
	process_set(rows_add(snapshot, COMPILER, "compiler"), PROC_START_TIME, value_ok(COMPILER));
	rig_show(&rig, snapshot);
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("Faults     not asked for");
	row_of("tracepoint no BTF");
	has_not("CLASS");
	snapshot = snapshot_of(&rig, &by_nothing);
	process_set(rows_add(snapshot, COMPILER, "compiler"), PROC_START_TIME, value_ok(COMPILER));
	rig_show(&rig, snapshot);
	rig_draw(&rig, ROWS, COLUMNS);
	row_of("page faults cannot be probed here");
}

/* -- any size --------------------------------------------------------------------------------------------- */

static void draw_sizes(void)
{
	for (int rows = 1; rows <= 30; rows++)
		for (int columns = 1; columns <= 100; columns++)
			rig_draw(&rig, rows, columns);
	rig_draw(&rig, 50, 200);
}

static void test_sizes(void **state)
{
	(void)state;
	draw_sizes();
	rig_key(&rig, "Down");
	rig_key(&rig, "Right");
	draw_sizes();
	rig_key(&rig, "Enter");
	rig_key(&rig, "5");
	draw_sizes();
	rig_show(&rig, snapshot_of(&rig, &by_nothing));
	draw_sizes();
	rig_key(&rig, "Esc");
	draw_sizes();
	rig_event(&rig, EVENT_CLICK, 3, 3);
	rig_event(&rig, EVENT_DOUBLE_CLICK, 40, 150);
	rig_event(&rig, EVENT_WHEEL_DOWN, 1, 1);
}

/* At 24 x 80, the smallest terminal, both lists and the reason are there. */
static void test_small_terminal(void **state)
{
	(void)state;
	rig.app->settings.header = HEADER_FULL;
	rig_draw(&rig, 24, 80);
	row_of("tier tracepoint");
	row_of("COMMAND (all)");
	row_of("shell");
	row_of("all: all faults");
	cell_is("CLASS", "cow   ", "P99", "~4.1us");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_needs), TEST(test_classes), TEST(test_quantiles), TEST(test_sort), TEST(test_untold),
		TEST(test_takers), TEST(test_open_process), TEST(test_cursor_stays_on_process), TEST(test_open_class),
		TEST(test_filter), TEST(test_lost), TEST(test_totals), TEST(test_nothing), TEST(test_page),
		TEST(test_no_histogram), TEST(test_histogram), TEST(test_page_unprobed), TEST(test_sizes),
		TEST(test_small_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
