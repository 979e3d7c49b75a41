/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lists of arranged rows write in front of names, about cgroups and as totals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "out/rows.h"
#include "rows.h"

#define MIB INT64_C(1048576)

/* -- tree lines ------------------------------------------------------------------------------------------- */

static void expect_lines(uint16_t depth, uint32_t branches, bool ascii, const char *want)
{
	struct row row = { .depth = depth, .branches = branches };
	struct buf out = { 0 };

	buf_putc(&out, '"');
	rows_tree_lines(&out, &row, ascii);
	buf_putc(&out, '\0');
	assert_false(out.failed);
	assert_string_equal(out.data + 1, want);
	buf_free(&out);
}

static void test_tree_lines(void **state)
{
	(void)state;
	expect_lines(0, 0, true, "");
	expect_lines(0, 1, true, "");
	expect_lines(1, 3, true, "|-");
	expect_lines(1, 1, true, "`-");
	expect_lines(3, 1 << 1 | 1 << 3, true, "|   |-");
	expect_lines(3, 1 << 2, true, "  | `-");
	expect_lines(2, 1 << 1, false, "\xe2\x94\x82 \xe2\x94\x94\xe2\x94\x80");
	expect_lines(1, 1 << 1, false, "\xe2\x94\x9c\xe2\x94\x80");
}

/* However deep, the lines have an end. */
static void test_deep_lines(void **state)
{
	struct row row = { .depth = UINT16_MAX, .branches = UINT32_MAX };
	struct buf out = { 0 };

	(void)state;
	rows_tree_lines(&out, &row, true);
	assert_int_equal(out.len, 2 * 31);
	buf_free(&out);
}

/* -- cgroups ---------------------------------------------------------------------------------------------- */

struct limits {
	struct value current, high, max, swap, swap_high, swap_max;
};

/* The label of the cgroup /a with two processes and these uses and limits. */
static void expect_label(const struct limits *limits, const char *want)
{
	struct snapshot *snapshot = snapshot_new(NULL, 2);
	struct arrangement arrangement = { 0 };
	struct arrange_config config = { .grouping = GROUPING_CGROUP };
	struct buf out = { 0 };

	for (int pid = 1; pid <= 2; pid++) {
		struct process *process = rows_add(snapshot, pid, "p");

		process->text[TEXT_CGROUP] = text_new("/a", 2);
		process_set(process, PROC_CGROUP, value_ok(0));
	}
	if (limits) {
		struct cgroup *cgroup = snapshot_add_cgroup(snapshot);

		cgroup->path = text_new("/a", 2);
		cgroup_set(cgroup, CG_CURRENT, limits->current);
		cgroup_set(cgroup, CG_HIGH, limits->high);
		cgroup_set(cgroup, CG_MAX, limits->max);
		cgroup_set(cgroup, CG_SWAP_CURRENT, limits->swap);
		cgroup_set(cgroup, CG_SWAP_HIGH, limits->swap_high);
		cgroup_set(cgroup, CG_SWAP_MAX, limits->swap_max);
	}
	assert_int_equal(arrange(&arrangement, snapshot, &config), 0);
	assert_int_equal(arrangement.rows[0].kind, ROW_CGROUP);
	rows_cgroup_label(&out, snapshot, &arrangement, &arrangement.rows[0], CELL_AUTO);
	buf_putc(&out, '\0');
	assert_false(out.failed);
	assert_string_equal(out.data, want);
	buf_free(&out);
	arrangement_free(&arrangement);
	snapshot_unref(snapshot);
}

static void test_limits(void **state)
{
	static const struct value none = { 0, VALUE_NOT_APPLICABLE }, no_such = { 0, VALUE_UNSUPPORTED };
	static const struct value denied = { 0, VALUE_DENIED }, four = { 4 * MIB, VALUE_OK }, eight = { 8 * MIB, VALUE_OK };
	const struct {
		struct limits limits;
		const char *use, *swap;
	} cases[] = {
		{ { four, none, none, four, none, none }, "  4.0M of no limit", "  swap 4.0M of no limit" },
		{ { four, none, eight, four, none, eight }, "  4.0M of 8.0M (50%)", "  swap 4.0M of 8.0M (50%)" },
		/* the tighter one, whichever it is */
		{ { four, four, eight, four, eight, four }, "  4.0M of 4.0M (100%)", "  swap 4.0M of 4.0M (100%)" },
		{ { eight, eight, four, four, none, none }, "  8.0M of 4.0M (200%)", "  swap 4.0M of no limit" },
		/* v1 has neither memory.high nor a limit of swap alone */
		{ { four, no_such, none, four, no_such, no_such }, "  4.0M of no limit", "  swap 4.0M" },
		{ { four, no_such, eight, four, no_such, none }, "  4.0M of 8.0M (50%)", "  swap 4.0M of no limit" },
		/* what could not be read is not "no limit" */
		{ { four, none, denied, four, denied, none }, "  4.0M of a limit not known", "  swap 4.0M of a limit not known" },
		{ { four, eight, denied, four, no_such, denied }, "  4.0M of 8.0M (50%)", "  swap 4.0M of a limit not known" },
		/* a limit of 0, and no use known */
		{ { denied, none, none, four, none, value_ok(0) }, "", "  swap 4.0M of 0" },
		{ { no_such, no_such, no_such, no_such, no_such, no_such }, "", "" },
	};

	(void)state;
	expect_label(NULL, "/a  2 processes");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char want[128];

		snprintf(want, sizeof want, "/a  2 processes%s%s", cases[i].use, cases[i].swap);
		expect_label(&cases[i].limits, want);
	}
}

/* A cgroup nobody knows, with one process. */
static void test_unknown_cgroup(void **state)
{
	struct snapshot *snapshot = snapshot_new(NULL, 1);
	struct arrangement arrangement = { 0 };
	struct arrange_config config = { .grouping = GROUPING_CGROUP };
	struct buf out = { 0 };

	(void)state;
	rows_add(snapshot, 1, "p");
	assert_int_equal(arrange(&arrangement, snapshot, &config), 0);
	rows_cgroup_label(&out, snapshot, &arrangement, &arrangement.rows[0], CELL_AUTO);
	buf_putc(&out, '\0');
	assert_string_equal(out.data, "(cgroup not known)  1 process");
	buf_free(&out);
	arrangement_free(&arrangement);
	snapshot_unref(snapshot);
}

/* -- totals ----------------------------------------------------------------------------------------------- */

static void expect_total(struct value value, uint32_t missing, const char *want)
{
	const struct metric *pss = metric_get(SCOPE_PROCESS, PROC_PSS);
	int slot = arrange_total_slot(pss);
	struct total total = { 0 };
	char buf[CELL_MAX];

	total.amount[slot] = value.amount;
	total.status[slot] = (uint8_t)value.status;
	total.missing[slot] = missing;
	assert_string_equal(rows_total(buf, &total, pss, CELL_AUTO), want);
	assert_string_equal(rows_total(buf, &total, metric_get(SCOPE_PROCESS, PROC_RSS), CELL_AUTO), "");
}

static void test_totals(void **state)
{
	(void)state;
	expect_total(value_ok(8 * MIB), 0, "8.0M");
	expect_total(value_ok(0), 0, "0");
	expect_total(value_ok(8 * MIB), 3, ">8.0M");
	expect_total((struct value){ 8 * MIB, VALUE_ESTIMATED }, 0, "~8.0M");
	expect_total(value_none(VALUE_DENIED), 2, "deny");
	expect_total(value_none(VALUE_PENDING), 2, "...");
	expect_total(value_none(VALUE_NOT_APPLICABLE), 0, "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree_lines),
		cmocka_unit_test(test_deep_lines),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_unknown_cgroup),
		cmocka_unit_test(test_totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
