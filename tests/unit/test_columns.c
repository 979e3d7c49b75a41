/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Columns: at every width and scroll position nothing overlaps, nothing leaves the area, and every column
 * can be reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/columns.h"

enum { AT = 3, WIDEST = 220 };

static void set_table(struct table_settings *table, enum scope scope, const char *names)
{
	*table = (struct table_settings){ 0 };
	while (*names) {
		size_t len = strcspn(names, " ");
		const struct metric *metric = metric_find(scope, names, len);

		assert_non_null(metric);
		table->fields[table->field_count++] = metric;
		names += len + (names[len] == ' ');
	}
	table->sort = table->fields[0];
}

static void check_places(const struct columns *columns, int width)
{
	int end = AT;

	for (size_t i = 0; i < columns->count; i++) {
		const struct column_place *place = &columns->places[i];
		bool text = !place->metric || place->metric->unit == UNIT_TEXT;

		if (place->at < 0)
			continue;
		assert_true(place->at >= end); /* in order, a gap after each */
		assert_true(place->width > 0);
		assert_true(place->at + place->width <= AT + width);
		if (!text)
			assert_true(place->width >= (int)place->metric->width);
		for (int c = place->at; c < place->at + place->width; c++)
			assert_ptr_equal(columns_at(columns, c), place->metric);
		end = place->at + place->width + 1;
	}
	assert_null(columns_at(columns, AT - 1));
	assert_null(columns_at(columns, AT + width));
}

static const char *const tables[] = {
	"pid user pss anon file shmem uss swpss grown comm", "pss pid comm uss",   "comm", "pss uss",
	"pid ppid user state cmdline cgroup comm",           "cgroup pss cmdline",
};

static void test_widths(void **state)
{
	(void)state;
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
		struct table_settings table;

		set_table(&table, SCOPE_PROCESS, tables[t]);
		for (int width = 0; width < WIDEST; width++) {
			struct columns columns = { 0 };
			bool seen[COLUMNS_MAX] = { false };
			size_t missing = 0;

			/* To the right until nothing moves. */
			for (size_t scroll = SIZE_MAX; scroll != columns.scroll;) {
				columns_layout(&columns, &table, NULL, AT, width);
				check_places(&columns, width);
				for (size_t i = 0; i < columns.count; i++)
					seen[i] |= columns.places[i].at >= 0;
				scroll = columns.scroll;
				columns_command(&columns, COMMAND_RIGHT);
				columns_layout(&columns, &table, NULL, AT, width);
			}
			for (size_t i = 0; i < columns.count; i++)
				missing += !seen[i];
			if (width >= 48) /* the widest free text, a gap, and the last with its least */
				if (missing)
					fail_msg("%zu of \"%s\" are never shown at width %d", missing,
						 tables[t], width);
			/* And all the way back. */
			while (columns.scroll) {
				size_t before = columns.scroll;

				columns_command(&columns, COMMAND_LEFT);
				columns_layout(&columns, &table, NULL, AT, width);
				assert_true(columns.scroll < before);
			}
			assert_false(columns.more_left);
		}
	}
}

/* The edges: labels stay at the left, the last text at the right with what remains. */
static void test_edges(void **state)
{
	struct table_settings table;
	struct columns columns = { 0 };

	(void)state;
	set_table(&table, SCOPE_PROCESS, tables[0]);
	columns_layout(&columns, &table, NULL, AT, 60);
	columns_command(&columns, COMMAND_RIGHT);
	columns_layout(&columns, &table, NULL, AT, 60);
	assert_true(columns.more_left && columns.more_right);
	assert_int_equal(columns.places[0].at, AT);
	assert_true(columns.places[1].at > AT);
	assert_int_equal(columns.places[2].at, -1);
	assert_true(columns.places[9].width >= COLUMNS_LAST_MIN);
	assert_int_equal(columns.places[9].at + columns.places[9].width, AT + 60);
	/* A column that is sorted by comes into sight. */
	table.sort = table.fields[8];
	columns_layout(&columns, &table, NULL, AT, 60);
	assert_true(columns.places[8].at > 0);
	table.sort = table.fields[2];
	columns_layout(&columns, &table, NULL, AT, 60);
	assert_true(columns.places[2].at > 0);
}

static const char *drawn(const struct canvas *canvas, struct buf *buf)
{
	buf_clear(buf);
	canvas_text(canvas, false, buf);
	assert_false(buf->failed);
	return buf->data;
}

static void test_widen(void **state)
{
	static const char number[] = "1234567890123";
	struct table_settings table;
	struct columns columns = { 0 };
	struct canvas *canvas = canvas_new(1, 60, true);
	struct buf buf = { 0 };

	(void)state;
	set_table(&table, SCOPE_PROCESS, "pid pss uss comm");
	columns_layout(&columns, &table, NULL, 0, 60);
	columns_put(&columns, canvas, 0, 1, STYLE_NORMAL, number);
	assert_true(columns.widened);
	columns_layout(&columns, &table, NULL, 0, 60);
	canvas_clear(canvas);
	columns_put(&columns, canvas, 0, 1, STYLE_NORMAL, number);
	assert_false(columns.widened);
	assert_non_null(strstr(drawn(canvas, &buf), number));
	/* It stays as wide, and is as before when another column takes its place. */
	columns_put(&columns, canvas, 0, 1, STYLE_NORMAL, "1");
	columns_layout(&columns, &table, NULL, 0, 60);
	assert_int_equal(columns.places[1].width, strlen(number));
	set_table(&table, SCOPE_PROCESS, "pid anon uss comm");
	columns_layout(&columns, &table, NULL, 0, 60);
	assert_true(columns.places[1].width < (int)strlen(number));
	/* Texts are cut, with a mark. */
	canvas_clear(canvas);
	columns_put(&columns, canvas, 0, 3, STYLE_NORMAL,
		    "a name that is much longer than whatever there is room for");
	assert_non_null(strstr(drawn(canvas, &buf), "a name that is"));
	assert_int_equal(*canvas_cell(canvas, 0, 59)->utf8, '+');
	buf_free(&buf);
	canvas_free(canvas);
}

static void test_titles(void **state)
{
	struct table_settings table;
	struct columns columns = { 0 };
	struct canvas *canvas = canvas_new(1, 60, true);
	struct buf buf = { 0 };

	(void)state;
	set_table(&table, SCOPE_CGROUP, "current max swap_current");
	table.sort = table.fields[1];
	columns_layout(&columns, &table, "CGROUP", 0, 60);
	columns_draw_titles(&columns, canvas, 0, &table, "CGROUP");
	assert_non_null(strstr(drawn(canvas, &buf), "vMAX"));
	assert_non_null(strstr(drawn(canvas, &buf), "CGROUP"));
	assert_null(columns_at(&columns, columns.places[3].at));
	table.ascending = true;
	columns_draw_titles(&columns, canvas, 0, &table, "CGROUP");
	assert_non_null(strstr(drawn(canvas, &buf), "^MAX"));
	buf_free(&buf);
	canvas_free(canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_widen),
		cmocka_unit_test(test_titles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
