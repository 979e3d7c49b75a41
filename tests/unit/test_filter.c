/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filter expressions: numbers, texts, three-valued logic, error positions, bounds. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/filter.h"
#include "model/quantity.h"
#include "model/suggest.h"
#include "rows.h"

#define MIB (INT64_C(1) << 20)

struct row {
	struct snapshot *snapshot;
	struct process *process;
};

static int setup(void **state)
{
	static struct row row;
	struct process *process;

	row.snapshot = snapshot_new(NULL, 1);
	row.process = process = rows_add(row.snapshot, 42, "python3.11");
	process->text[TEXT_USER] = text_new("ml", 2);
	process_set(process, PROC_USER, value_ok(0));
	process_set(process, PROC_UID, value_ok(1001));
	process_set(process, PROC_STATE, value_ok('S'));
	process_set(process, PROC_SCHED_POLICY, value_ok(1));	/* SCHED_FIFO */
	process_set(process, PROC_PSS, (struct value){ 150 * MIB, VALUE_ESTIMATED });
	process_set(process, PROC_RSS, value_ok(200 * MIB));
	process_set(process, PROC_SWAP, value_none(VALUE_DENIED));
	process_set(process, PROC_CMDLINE, value_none(VALUE_NOT_APPLICABLE));
	process_set(process, PROC_PSS_AGE, value_ok(INT64_C(1500000000)));	/* 1.5 s */
	process_set(process, PROC_CPU_PERCENT, value_ok(12500));		/* 12.5 % */
	process_set(process, PROC_FAULT_RATE, value_ok(2500));			/* 2.5 per second */
	process_set(process, PROC_OOM_SCORE_ADJ, value_ok(-500));
	*state = &row;
	return 0;
}

static int teardown(void **state)
{
	struct row *row = *state;

	snapshot_unref(row->snapshot);
	return 0;
}

static bool matches(const struct row *row, const char *expression)
{
	struct err err = { "" };
	struct filter *filter = filter_parse(expression, &err);

	if (!filter)
		fail_msg("%s: %s", expression, err.text);
	bool match = filter_match(filter, row->process);

	filter_free(filter);
	return match;
}

static void test_matches(void **state)
{
	static const struct {
		const char *expression;
		bool match;
	} cases[] = {
		/* numbers, and every way to name a field */
		{ "pid == 42", true }, { "pid==43", false }, { "PID != 43", true },
		{ "pss_bytes > 149M", true }, { "pss>150M", false }, { "PSS >= 150MiB", true },
		{ "pss<=0.15G", true },
		{ "pss < 153600K", false }, { "pss == 157286400", true }, { "pss == 157286400b", true },
		{ "age == 1.5", true }, { "age > 1499ms", true }, { "pss_age < 1m", true },
		{ "age>=1500000us", true },
		{ "CPU% > 12.4%", true }, { "cpu_percent > 12.5", false }, { "FLT/s == 2.5", true },
		{ "oom_score_adj < -499", true }, { "oom_score_adj < -500", false }, { "oomadj == -500", true },
		/* texts */
		{ "user == ml", true }, { "user==\"ml\"", true }, { "user == 'ml'", true },
		{ "user == m", false },
		{ "user != root", true }, { "comm ~ ^py", true }, { "comm ~ \"^py(thon)?[0-9.]+$\"", true },
		{ "comm ~ on3", true }, { "comm ~ ^on3", false }, { "comm !~ perl", true },
		{ "comm !~ \"py\"", false },
		{ "comm ~ \"^[[:alpha:]]+3\\.11$\"", true }, { "S == S", true }, { "state != R", true },
		{ "state ~ \"[RS]\"", true }, { "policy == fifo", true }, { "sched_policy == 1", false },
		/* logic: && binds closer than ||, ! closest */
		{ "pid==1 || pid==42", true }, { "pid==42 && user==root", false },
		{ "pid==42 || pid==1 && user==root", true }, { "(pid==42 || pid==1) && user==root", false },
		{ "!pid==1", true }, { "!!pid==42", true }, { "!(pid==42&&user==ml)", false },
		{ "!pid==1&&!user==root", true }, { "  ( ( pid == 42 ) )  ", true }, { "pid\t==\n42", true },
		/* unknown is neither true nor false, however it is negated */
		{ "swap > 0", false }, { "swap == 0", false }, { "swap != 0", false }, { "!swap == 0", false },
		{ "!(swap > 0)", false }, { "!!(swap > 0)", false }, { "cmdline ~ x", false },
		{ "cmdline !~ x", false },
		{ "cmdline == \"\"", false }, { "!cmdline == x", false }, { "!(cmdline !~ x)", false },
		{ "swap>0 || pid==42", true }, { "pid==42 || swap>0", true },
		{ "swap>0 && pid==42", false }, { "!(swap>0 && pid==1)", true },
		{ "!(swap>0 || pid==42)", false },
		{ "!(swap>0 || pid==1)", false },
		/* never read at all */
		{ "uss >= 0", false }, { "!uss >= 0", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (matches(*state, cases[i].expression) != cases[i].match)
			fail_msg("%s: not %d", cases[i].expression, cases[i].match);
}

static void test_errors(void **state)
{
	static const struct {
		const char *expression;
		int column;
		const char *says;
	} cases[] = {
		{ "", 1, "a field" }, { "   ", 4, "a field" }, { "pid", 4, "==" }, { "pid = 1", 5, "==" },
		{ "pid ==", 7, "a value" }, { "pid == ", 8, "a value" }, { "pss>>1", 5, "a value" },
		{ "pid == 1 &", 10, "&& or ||" }, { "pid == 1 &&", 12, "a field" },
		{ "pid == 1 && )", 13, "a field" },
		{ "(pid == 1", 10, ")" }, { "pid == 1)", 9, "&& or ||" },
		{ "pid == 1 user == x", 10, "&& or ||" },
		{ "usr == x", 1, "did you mean user?" }, { "pid==1 && pzs > 1", 11, "did you mean pss_bytes?" },
		{ "zzzzzzzz > 1", 1, "-O lists" }, { "pss > abc", 7, "bytes" }, { "pss > 1.5", 7, "bytes" },
		{ "pss > 1X", 7, "bytes" }, { "pss > 1ms", 7, "bytes" }, { "age > 1M", 7, "time" },
		{ "pid > 1.5", 7, "whole" }, { "pid > 1k", 7, "whole" },
		{ "pid > 99999999999999999999", 7, "too large" },
		{ "pss > 9999999999P", 7, "too large" }, { "pss ~ 1", 7, "number" },
		{ "comm < x", 8, "no order" },
		{ "comm == \"x", 9, "never closed" }, { "comm == 'x", 9, "never closed" },
		{ "comm ~ \"(\"", 8, "regular expression" }, { "comm ~ \"[\"", 8, "regular expression" },
		{ "comm ~ \"(a)\\1\"", 8, "back-references" },
		{ "comm ~ \"((a{255}){255}){255}\"", 8, "repetitions" },
		{ "comm ~ \"((((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+\"", 8, "repetitions" },
		{ "\x1b[31m", 1, "a field" }, { "comm\xff == x", 5, "==" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = { "" };
		char column[32];

		assert_null(filter_parse(cases[i].expression, &err));
		snprintf(column, sizeof column, "column %d: ", cases[i].column);
		if (strncmp(err.text, column, strlen(column)) != 0 || !strstr(err.text, cases[i].says))
			fail_msg("%s: '%s' lacks '%s' or '%s'", cases[i].expression, err.text, column,
				 cases[i].says);
		assert_null(strchr(err.text, '\n'));
		assert_null(strchr(err.text, '\x1b'));
	}
}

/* Repeats PIECE before and END after, COUNT times each around MIDDLE. */
static char *nested(const char *piece, const char *middle, const char *end, size_t count)
{
	char *text = calloc(1, count * (strlen(piece) + strlen(end)) + strlen(middle) + 1);

	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		strcat(text, piece);
	strcat(text, middle);
	for (size_t i = 0; i < count; i++)
		strcat(text, end);
	return text;
}

static void check_bound(char *expression, bool accepted, const char *says)
{
	struct err err = { "" };
	struct filter *filter = filter_parse(expression, &err);

	assert_int_equal(filter != NULL, accepted);
	if (!accepted)
		assert_non_null(strstr(err.text, says));
	filter_free(filter);
	free(expression);
}

static void test_bounds(void **state)
{
	(void)state;
	check_bound(nested("(", "pid==1", ")", 64), true, "");
	check_bound(nested("(", "pid==1", ")", 65), false, "nested");
	check_bound(nested("!", "pid==1", "", 65), false, "nested");
	check_bound(nested("(pid==1)||", "pid==1", "", 100), true, "");
	/* 128 tests and 127 operators are 255 nodes */
	check_bound(nested("pid==1||", "pid==1", "", 127), true, "");
	check_bound(nested("pid==1||", "pid==1", "", 128), false, "too many");
	check_bound(nested(" ", "pid==1", "", 4090), true, "");
	check_bound(nested(" ", "pid==1", "", 4091), false, "longer than 4096");
	check_bound(nested("(", "pid==1", ")", 100000), false, "longer than 4096");
}

static void test_needs(void **state)
{
	struct filter *filter = filter_parse("ppid==0 && (swap>1 || !cgroup~x)", NULL);
	(void)state;

	assert_non_null(filter);
	assert_int_equal(filter_needs(filter), NEED_CORE | NEED_ROLLUP | NEED_CGROUP);
	filter_free(filter);
}

/* Amounts as numfmt(1) --from=iec and plain arithmetic give them. */
static void test_quantities(void **state)
{
	static const struct {
		const char *text;
		enum unit unit;
		int64_t amount;
	} good[] = {
		{ "0", UNIT_BYTES, 0 }, { "1K", UNIT_BYTES, 1024 }, { "1.5k", UNIT_BYTES, 1536 },
		{ "1P", UNIT_BYTES, INT64_C(1125899906842624) },
		{ "8191P", UNIT_BYTES, INT64_C(9222246136947933184) },
		{ "0.001G", UNIT_BYTES, 1073741 }, { "-1M", UNIT_BYTES_PER_SECOND, -1048576 },
		{ "+2", UNIT_NONE, 2 },
		{ "2.25GiB", UNIT_BYTES, INT64_C(2415919104) }, { "9223372036854775807", UNIT_NONE, INT64_MAX },
		{ "1d", UNIT_SECONDS, INT64_C(86400000000000) }, { "0.000000001", UNIT_SECONDS, 1 },
		{ "0.05", UNIT_SECONDS, 50000000 }, { "1.5h", UNIT_SECONDS, INT64_C(5400000000000) },
		{ "7ns", UNIT_SECONDS, 7 }, { "0.01%", UNIT_PERCENT, 10 }, { "100", UNIT_PERCENT, 100000 },
		{ "2.5", UNIT_RATIO, 2500 }, { "0.5", UNIT_PER_SECOND, 500 },
	};
	static const struct {
		const char *text;
		enum unit unit;
		int rc;
	} bad[] = {
		{ "", UNIT_BYTES, -EINVAL }, { "-", UNIT_BYTES, -EINVAL }, { "K", UNIT_BYTES, -EINVAL },
		{ ".5", UNIT_PERCENT, -EINVAL }, { "1.", UNIT_PERCENT, -EINVAL },
		{ "1.K", UNIT_BYTES, -EINVAL },
		{ "1e3", UNIT_BYTES, -EINVAL }, { "0x10", UNIT_NONE, -EINVAL }, { " 1", UNIT_NONE, -EINVAL },
		{ "1 ", UNIT_NONE, -EINVAL }, { "1KB", UNIT_BYTES, -EINVAL }, { "1,5", UNIT_PERCENT, -EINVAL },
		{ "1M", UNIT_SECONDS, -EINVAL }, { "1.5ns", UNIT_SECONDS, -EINVAL },
		{ "nan", UNIT_PERCENT, -EINVAL },
		{ "inf", UNIT_PERCENT, -EINVAL }, { "1", UNIT_TEXT, -EINVAL }, { "--1", UNIT_NONE, -EINVAL },
		{ "9223372036854775808", UNIT_NONE, -ERANGE }, { "8192P", UNIT_BYTES, -ERANGE },
		{ "99999999999999999999999999", UNIT_SECONDS, -ERANGE },
		{ "184467440737095516160", UNIT_NONE, -ERANGE },	/* ten times 2 to the 64th */
		{ "9223372037", UNIT_SECONDS, -ERANGE },
	};
	int64_t amount;
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		if (quantity_parse(good[i].text, strlen(good[i].text), good[i].unit, &amount))
			fail_msg("%s: refused", good[i].text);
		if (amount != good[i].amount)
			fail_msg("%s: %lld", good[i].text, (long long)amount);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (quantity_parse(bad[i].text, strlen(bad[i].text), bad[i].unit, &amount) != bad[i].rc)
			fail_msg("%s: not %d", bad[i].text, bad[i].rc);
}

static void test_suggestions(void **state)
{
	static const struct {
		const char *name, *key;
	} cases[] = {
		{ "pzs", "pss_bytes" }, { "psss", "pss_bytes" }, { "usr", "user" }, { "uesr", "user" },
		{ "rss_byte", "rss_bytes" },
		{ "rss_bytse", "rss_bytes" }, { "COMAND", "comm" }, { "threds", "threads" },
		{ "faults_minr_total",
		"faults_minor_total" }, { "xyzzy", NULL }, { "", NULL }, { "qq", NULL },
	};
	char longest[5000];
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *key = metric_suggest(SCOPE_PROCESS, cases[i].name, strlen(cases[i].name));

		if (!key != !cases[i].key || (key && strcmp(key, cases[i].key) != 0))
			fail_msg("%s: %s", cases[i].name, key ? key : "nothing");
	}
	memset(longest, 'p', sizeof longest);
	assert_null(metric_suggest(SCOPE_PROCESS, longest, sizeof longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_matches, setup, teardown),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_quantities),
		cmocka_unit_test(test_suggestions),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
