/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How numbers, times and tables read. The machine formats are held against other parsers by out_formats.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "config.h"
#include "out/cell.h"
#include "out/number.h"
#include "model/total.h"
#include "out/writer.h"
#include "rows.h"

#define MIB INT64_C(1048576)

static void expect_time(int64_t ns)
{
	int64_t seconds = ns / 1000000000 - (ns % 1000000000 < 0);
	time_t clock = (time_t)seconds;
	struct buf out = { 0 };
	char want[64], day[40];
	struct tm tm;

	assert_non_null(gmtime_r(&clock, &tm));
	assert_true(strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm) > 0);
	snprintf(want, sizeof want, "%s.%09dZ", day, (int)(ns - seconds * 1000000000));
	number_time(&out, ns);
	assert_string_equal(out.data, want);
	buf_free(&out);
}

/* The C library's calendar agrees on every day that an int64_t of nanoseconds reaches, and on its ends. */
static void test_time(void **state)
{
	const int64_t day = INT64_C(86400000000000);

	for (int64_t n = -106751; n <= 106751; n++) {
		expect_time(n * day);
		expect_time(n * day - 1);
	}
	expect_time(INT64_MIN + 1000000000);	/* below, the test's own arithmetic would overflow */
	expect_time(INT64_MAX);
}

static void test_decimal(void **state)
{
	static const struct {
		int64_t amount;
		unsigned digits;
		const char *want;
	} cases[] = {
		{ 0, 9, "0" }, { 1, 9, "0.000000001" }, { -1, 9, "-0.000000001" }, { 1500000000, 9, "1.5" },
		{ 1000000000, 9, "1" }, { 10, 3, "0.01" }, { -12345, 3, "-12.345" }, { 100, 1, "10" },
		{ INT64_MAX, 9, "9223372036.854775807" }, { INT64_MIN, 9, "-9223372036.854775808" },
		{ INT64_MIN, 18, "-9.223372036854775808" }, { INT64_MIN, 3, "-9223372036854775.808" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = { 0 };

		number_decimal(&out, cases[i].amount, cases[i].digits);
		assert_string_equal(out.data, cases[i].want);
		buf_free(&out);
	}
}

static const struct metric *metric(const char *key)
{
	const struct metric *found = metric_find(SCOPE_PROCESS, key, strlen(key));

	assert_non_null(found);
	return found;
}

static void test_cell(void **state)
{
	static const struct {
		const char *key, *want;
		struct value value;
	} cases[] = {
		{ "pss_bytes", "123M", { 123 * MIB, VALUE_OK } },
		{ "pss_bytes", "~123M", { 123 * MIB, VALUE_ESTIMATED } },
		{ "pss_bytes", "123M'", { 123 * MIB, VALUE_STALE } },
		{ "pss_bytes", "0", { 0, VALUE_OK } },
		{ "pss_bytes", "...", { 0, VALUE_PENDING } },
		{ "pss_bytes", "skip", { 0, VALUE_SKIPPED } },
		{ "pss_bytes", "deny", { 0, VALUE_DENIED } },
		{ "pss_bytes", "none", { 0, VALUE_UNSUPPORTED } },
		{ "pss_bytes", "-", { 0, VALUE_NOT_APPLICABLE } },
		{ "pss_bytes", "gone", { 0, VALUE_GONE } },
		{ "pss_bytes", "lost", { 0, VALUE_LOST } },
		{ "pid", "4194304", { 4194304, VALUE_OK } },
		{ "start_time", "123456789012", { 123456789012, VALUE_OK } },
		{ "faults_minor_total", "12345678", { 12345678, VALUE_OK } },
		{ "faults_minor_total", "123M", { 123456789, VALUE_OK } },
		{ "cpu_percent", "0.0", { -49, VALUE_OK } },
		{ "cpu_percent", "12.4", { 12350, VALUE_OK } },
		{ "cpu_percent", "100.0", { 99950, VALUE_OK } },
		{ "cpu_percent", "6400", { 6400000, VALUE_OK } },
		{ "faults_per_second", "0.5", { 500, VALUE_OK } },
		{ "faults_per_second", "1500", { 1500000, VALUE_OK } },
		{ "pss_growth_bytes_per_second", "+1.0M", { MIB, VALUE_OK } },
		{ "pss_growth_bytes_per_second", "-1.0M", { -MIB, VALUE_OK } },
		{ "pss_growth_bytes_per_second", "0", { 0, VALUE_OK } },
		{ "pss_age_seconds", "1:02", { 62000000000, VALUE_OK } },
		{ "oom_score_adj", "-1000", { -1000, VALUE_OK } },
		{ "uid", "-9223372036854775808", { INT64_MIN, VALUE_OK } },
	};
	char cell[CELL_MAX];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(cell_number(cell, metric(cases[i].key), cases[i].value), cases[i].want);
}

/* 1 GiB is 1024 MiB is 1048576 KiB; marks and signs stay, what is not bytes does not change. */
static void test_cell_units(void **state)
{
	static const struct {
		const char *key;
		struct value value;
		const char *want[CELL_UNIT_COUNT];
	} cases[] = {
		{ "pss_bytes", { 1 << 30, VALUE_OK }, { "1.0G", "1048576", "1024.0", "1.0" } },
		{ "pss_bytes", { 3 * MIB / 2, VALUE_ESTIMATED }, { "~1.5M", "~1536", "~1.5", "~0.0" } },
		{ "pss_bytes", { 123 * MIB, VALUE_STALE }, { "123M'", "125952'", "123.0'", "0.1'" } },
		{ "pss_bytes", { 1535, VALUE_OK }, { "1.5K", "1", "0.0", "0.0" } },
		{ "pss_bytes", { 1536, VALUE_OK }, { "1.5K", "2", "0.0", "0.0" } },
		{ "pss_bytes", { 0, VALUE_DENIED }, { "deny", "deny", "deny", "deny" } },
		{ "pss_growth_bytes_per_second", { -5 * MIB, VALUE_OK }, { "-5.0M", "-5120", "-5.0", "0.0" } },
		{ "pss_growth_bytes_per_second", { 5 * MIB, VALUE_OK }, { "+5.0M", "+5120", "+5.0", "+0.0" } },
		{ "virtual_bytes", { INT64_MAX, VALUE_OK }, { "8.0E", "9007199254740992", "8796093022208.0", "8589934592.0" } },
		{ "virtual_bytes", { INT64_MIN, VALUE_OK }, { "-8.0E", "-9007199254740992", "-8796093022208.0", "-8589934592.0" } },
		{ "faults_minor_total", { 2048, VALUE_OK }, { "2048", "2048", "2048", "2048" } },
	};
	static const char *const names[CELL_UNIT_COUNT] = { "auto", "KiB", "MiB", "GiB" };
	char cell[CELL_MAX];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int unit = 0; unit < CELL_UNIT_COUNT; unit++)
			assert_string_equal(cell_number_in(cell, metric(cases[i].key), cases[i].value, (enum cell_unit)unit),
					    cases[i].want[unit]);
	for (int unit = 0; unit < CELL_UNIT_COUNT; unit++)
		assert_string_equal(cell_unit_name((enum cell_unit)unit), names[unit]);
}

/* No amount, whatever its metric and status, is longer than a cell or reads as something else than it is. */
static void test_cell_extremes(void **state)
{
	static const int64_t amounts[] = { INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX };
	char cell[CELL_MAX];

	for (unsigned scope = 0; scope < SCOPE_COUNT; scope++)
		for (unsigned i = 0; i < metric_count(scope); i++)
			for (size_t n = 0; n < sizeof amounts / sizeof *amounts; n++) {
				struct value value = { amounts[n], VALUE_ESTIMATED };
				const char *s = cell_number(cell, metric_get(scope, i), value);

				assert_true(s[0] == '~' && strlen(s) < CELL_MAX - 1);
				assert_int_equal(strchr(s, '-') != NULL, amounts[n] < -1 ||
						 (amounts[n] == -1 && strpbrk(s, "123456789")));
			}
}

static const struct host host = { .hostname = "box", .cpus = 2, .clock_ticks = 100, .page_bytes = 4096 };

static void set_system(struct snapshot *snapshot, const char *key, int64_t amount)
{
	const struct metric *found = metric_find(SCOPE_SYSTEM, key, strlen(key));

	assert_non_null(found);
	system_set(snapshot, found->index, value_ok(amount));
}

static struct snapshot *small_snapshot(int64_t second)
{
	struct snapshot *snapshot = snapshot_new(&host, 4);
	struct process *process;

	assert_non_null(snapshot);
	snapshot->real_ns = (1763697420 + second) * INT64_C(1000000000);
	snapshot->boottime_ns = (7300 + second) * INT64_C(1000000000);
	process = rows_add(snapshot, 1, "init");
	process_set(process, PROC_PSS, value_ok(10 * MIB));
	process_set(process, PROC_STATE, value_ok('S'));
	process = rows_add(snapshot, 20, "kthreadd");
	process_set(process, PROC_PSS, value_none(VALUE_NOT_APPLICABLE));
	process_set(process, PROC_STATE, value_ok('I'));
	process = rows_add(snapshot, 300, "\xe6\xbc\xa2\xe5\xad\x97");
	process_set(process, PROC_PSS, (struct value){ 30 * MIB, VALUE_ESTIMATED });
	process_set(process, PROC_STATE, value_ok('R'));
	set_system(snapshot, "self_cpu_seconds_total", 100000000 + second * 20000000);
	return snapshot;
}

/* What the table writer makes of one more sample of PICK. The caller frees it. */
static char *write_small(struct writer *writer, struct snapshot *snapshot, size_t picked)
{
	static const uint32_t pick[] = { 2, 0, 1 };
	struct arrangement arrangement = { 0 };
	struct arrange_config everything = { .grouping = GROUPING_NONE };
	struct buf out = { 0 };

	assert_int_equal(arrange(&arrangement, snapshot, &everything), 0);
	total_clear(&arrangement.shown);
	arrangement.row_count = picked;
	for (size_t i = 0; i < picked; i++) {
		arrangement.rows[i].index = pick[i];
		total_add_process(&arrangement.shown, &snapshot->processes[pick[i]]);
	}
	writer_sample(writer, snapshot, &arrangement, &out);
	arrangement_free(&arrangement);
	assert_false(out.failed);
	snapshot_unref(snapshot);
	return out.data;
}

static struct writer *small_writer(unsigned columns, bool emphasis)
{
	static const struct metric *fields[4];
	struct writer_config config = {
		.format = FORMAT_TABLE, .fields = fields, .field_count = 4, .columns = columns,
		.emphasis = emphasis,
	};

	fields[0] = metric("pid");
	fields[1] = metric("state");
	fields[2] = metric("pss");
	fields[3] = metric("comm");

	struct writer *writer = writer_new(&config);

	assert_non_null(writer);
	return writer;
}

#define TITLE "memtide " PACKAGE_VERSION "  box  2025-11-21 "

static void test_table(void **state)
{
	struct writer *writer = small_writer(0, false);
	struct snapshot *snapshot = small_snapshot(0);
	char *text;

	set_system(snapshot, "mem_total_bytes", 1024 * MIB);
	set_system(snapshot, "mem_available_bytes", 768 * MIB);
	set_system(snapshot, "swap_total_bytes", 0);
	set_system(snapshot, "pss_sum_bytes", 40 * MIB);
	snapshot_add_notice(snapshot, "pss", "denied for 1 of 2 processes", "run as root");
	text = write_small(writer, snapshot, 3);
	assert_string_equal(text,
			    TITLE "03:57:00 UTC  up 2h01m  2 CPUs\n"
				  "memory  1.0G total  256M used  768M available  no swap\n"
				  "processes  3 shown of 3  PSS 40M (75% estimated)\n"
				  "memtide  100ms CPU so far\n"
				  "pss: denied for 1 of 2 processes (run as root)\n"
				  "\n"
				  "    PID S     PSS COMMAND\n"
				  "             ~40M total of 3\n"
				  "    300 R    ~30M \xe6\xbc\xa2\xe5\xad\x97\n"
				  "      1 S     10M init\n"
				  "     20 I       - kthreadd\n");
	free(text);
	writer_free(writer);
}

/* A later sample follows after an empty line, and has memtide's share of a CPU since the one before. */
static void test_table_again(void **state)
{
	struct writer *writer = small_writer(0, false);
	char *text = write_small(writer, small_snapshot(0), 0);

	free(text);
	text = write_small(writer, small_snapshot(2), 0);
	assert_string_equal(text, "\n" TITLE "03:57:02 UTC  up 2h01m  2 CPUs\n"
				  "processes  0 shown of 3\n"
				  "memtide  2.0% CPU\n"
				  "\n"
				  "    PID S     PSS COMMAND\n"
				  "                - total of 0\n");
	free(text);
	writer_free(writer);
}

/* Lines end at the width of the terminal, between characters; only the heading is emphasized. */
static void test_table_cut(void **state)
{
	struct writer *writer = small_writer(21, true);
	char *text = write_small(writer, small_snapshot(0), 2);

	assert_non_null(strstr(text, "\nprocesses  2 shown of\n"));
	assert_non_null(strstr(text, "\n\033[1m    PID S     PSS COM\033[0m\n"));
	assert_non_null(strstr(text, "\n             ~40M tot\n"));
	assert_non_null(strstr(text, "\n    300 R    ~30M \xe6\xbc\xa2\n"));
	assert_int_equal(strcspn(text, "\033"), strstr(text, "\033[1m") - text);
	free(text);
	writer_free(writer);
}

/* What is missing makes a sum a lower bound, not a smaller number. */
static void test_table_partial_sum(void **state)
{
	struct writer *writer = small_writer(0, false);
	struct snapshot *snapshot = small_snapshot(0);
	char *text;

	process_set(&snapshot->processes[2], PROC_PSS, value_none(VALUE_DENIED));
	text = write_small(writer, snapshot, 2);
	assert_non_null(strstr(text, "\n             >10M total of 2\n"));
	free(text);
	snapshot = small_snapshot(1);
	process_set(&snapshot->processes[2], PROC_PSS, value_none(VALUE_DENIED));
	text = write_small(writer, snapshot, 1);
	assert_non_null(strstr(text, "\n             deny total of 1\n"));
	free(text);
	writer_free(writer);
}

static void test_names(void **state)
{
	for (int i = 0; i < FORMAT_COUNT; i++)
		assert_int_equal(writer_format_find(writer_format_name((enum format)i)), i);
	assert_int_equal(writer_format_find("xml"), -1);
	assert_int_equal(writer_format_find(""), -1);
}

/* A field named twice is one key of a JSON object. */
static void test_field_twice(void **state)
{
	const struct metric *fields[] = { metric("pss"), metric("uss"), metric("pss") };
	struct writer_config config = { .format = FORMAT_CSV, .fields = fields, .field_count = 3 };
	struct writer *writer = writer_new(&config);

	assert_non_null(writer);
	fields[0] = fields[1] = fields[2] = NULL;	/* the writer has its own */

	char *text = write_small(writer, small_snapshot(0), 1);

	assert_string_equal(text, "record,time,pss_bytes,uss_bytes,na,est,stale\n"
				  "process,2025-11-21T03:57:00.000000000Z,31457280,,uss_bytes=pending,"
				  "pss_bytes=0..0,\n");
	free(text);
	writer_free(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_decimal),
		cmocka_unit_test(test_cell),
		cmocka_unit_test(test_cell_units),
		cmocka_unit_test(test_cell_extremes),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_table_again),
		cmocka_unit_test(test_table_cut),
		cmocka_unit_test(test_table_partial_sum),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_field_twice),
	};

	return cmocka_run_group_tests_name("out", tests, NULL, NULL);
}
