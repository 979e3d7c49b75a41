/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bar, the prompt, choosers, the page of fields, pages of text: driven by keys, read off the canvas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/bar.h"
#include "tui/chooser.h"
#include "tui/fields.h"
#include "tui/text.h"
#include "tui/wrap.h"
#include "tui_stage.h"

/* -- bar -------------------------------------------------------------------------------------------------- */

static const char *last_line(const char *text)
{
	size_t len = strlen(text);

	while (len > 1 && text[len - 2] != '\n')
		len--;
	return text + len - 1;
}

static void test_bar(void **state)
{
	struct stage stage;
	const char *line;

	stage_open(&stage, 5, 100);
	line = last_line(stage_draw(&stage));
	stage_has(line, "F1Help F2Fields F3Search F4Filter");
	stage_has(line, "F9Kill F10Quit");
	stage.app.read_only = true;
	assert_null(strstr(last_line(stage_draw(&stage)), "Kill"));
	stage_close(&stage);
}

static void test_bar_narrow_and_clicked(void **state)
{
	struct stage stage;

	stage_open(&stage, 5, 15);
	/* "F1Help F2Fields" takes all of 15; one column less leaves the first. */
	assert_string_equal(last_line(stage_draw(&stage)), "F1Help F2Fields\n");
	assert_int_equal(canvas_resize(stage.canvas, 5, 14), 0);
	assert_string_equal(last_line(stage_draw(&stage)), "F1Help\n");
	assert_int_equal(bar_command_at(&stage.app, 15, 0), COMMAND_HELP);
	assert_int_equal(bar_command_at(&stage.app, 15, 5), COMMAND_HELP);
	assert_int_equal(bar_command_at(&stage.app, 15, 6), COMMAND_NONE);
	assert_int_equal(bar_command_at(&stage.app, 15, 7), COMMAND_FIELDS);
	assert_int_equal(bar_command_at(&stage.app, 14, 7), COMMAND_NONE);
	assert_int_equal(bar_command_at(&stage.app, 100, 99), COMMAND_NONE);
	stage_close(&stage);
}

static void ignore_done(struct app *app, struct view *view, const char *text)
{
}

static void test_prompt(void **state)
{
	struct stage stage;
	const char *text;

	stage_open(&stage, 2, 20);
	app_prompt(&stage.app, "Go: ", "abc", NULL, ignore_done);
	text = last_line(stage_draw(&stage));
	assert_string_equal(text, "Go: abc\n");
	/* The cursor is the blank behind it. */
	assert_true(canvas_cell(stage.canvas, 1, 7)->flags & CELL_CURSOR);
	stage_keys(&stage, "Home Right");
	stage_draw(&stage);
	assert_true(canvas_cell(stage.canvas, 1, 5)->flags & CELL_CURSOR);
	assert_false(canvas_cell(stage.canvas, 1, 7)->flags & CELL_CURSOR);
	stage_keys(&stage, "End d e f g h i j k l m n o p q r s");
	/* 16 columns for 19 letters and the cursor: 4 and one for the mark have gone. */
	assert_string_equal(last_line(stage_draw(&stage)), "Go: \xc2\xab"
							   "fghijklmnopqrs\n");
	assert_true(canvas_cell(stage.canvas, 1, 19)->flags & CELL_CURSOR);
	app_prompt_problem(&stage.app, "bad");
	stage_has(last_line(stage_draw(&stage)), " bad");
	assert_int_equal(canvas_cell(stage.canvas, 1, 19)->style, STYLE_ERROR);
	assert_int_equal(bar_command_at(&stage.app, 20, 0), COMMAND_NONE);
	stage_draw_sizes(&stage, 3, 30);
	stage_close(&stage);
}

static void test_messages(void **state)
{
	struct stage stage;

	stage_open(&stage, 2, 40);
	app_error(&stage.app, "no such thing");
	assert_string_equal(last_line(stage_draw(&stage)), "no such thing\n");
	assert_int_equal(canvas_cell(stage.canvas, 1, 0)->style, STYLE_ERROR);
	app_confirm(&stage.app, "Really?", ignore_done);
	assert_string_equal(last_line(stage_draw(&stage)), "Really? (y/n)\n");
	stage_keys(&stage, "n");
	stage_has(last_line(stage_draw(&stage)), "F1Help");
	stage_close(&stage);
}

/* -- chooser ---------------------------------------------------------------------------------------------- */

struct outcome {
	int calls, frees;
	int64_t value;
	struct view *view;
};

static void chosen(struct app *app, struct view *view, void *context, int64_t value)
{
	struct outcome *outcome = context;

	assert_int_equal(outcome->frees, 0);
	outcome->calls++;
	outcome->value = value;
	outcome->view = view;
}

static void freed(void *context)
{
	((struct outcome *)context)->frees++;
}

static void open_chooser(struct stage *stage, struct outcome *outcome)
{
	static const struct choice choices[] = {
		{ "alpha", 10 }, { "beta", 20 }, { "gamma", 30 }, { "bravo", 40 }, { "delta", 50 },
	};

	*outcome = (struct outcome){ 0 };
	app_push(&stage->app, chooser_new("Letters", choices, 5, 1, chosen, outcome, freed));
}

static void test_chooser_looks(void **state)
{
	struct stage stage;
	struct outcome outcome;

	stage_open(&stage, 9, 16);
	stage.app.settings.header = HEADER_NONE;
	open_chooser(&stage, &outcome);
	canvas_set_ascii(stage.canvas, true);
	assert_string_equal(stage_draw(&stage), " +- Letters -+\n"
						" | alpha     |\n"
						" | beta      |\n"
						" | gamma     |\n"
						" | bravo     |\n"
						" | delta     |\n"
						" +-----------+\n"
						"\n"
						"F1Help\n");
	assert_true(canvas_cell(stage.canvas, 2, 4)->flags & CELL_CURSOR);
	assert_false(canvas_cell(stage.canvas, 1, 4)->flags & CELL_CURSOR);
	stage_draw_sizes(&stage, 10, 30);
	stage_close(&stage);
	assert_int_equal(outcome.frees, 1);
	assert_int_equal(outcome.calls, 0);
}

static void test_chooser_keys(void **state)
{
	struct stage stage;
	struct outcome outcome;

	stage_open(&stage, 24, 80);
	open_chooser(&stage, &outcome);
	stage_draw(&stage);
	/* From beta: "b" is beta itself, "br" is bravo. */
	stage_keys(&stage, "b r Enter");
	assert_int_equal(outcome.calls, 1);
	assert_int_equal(outcome.frees, 1);
	assert_int_equal(outcome.value, 40);
	assert_ptr_equal(outcome.view, &stage.screen);
	assert_int_equal(stage.app.depth, 0);
	open_chooser(&stage, &outcome);
	/* 'd' goes to delta; nothing begins with "dg", so 'g' begins anew. */
	stage_keys(&stage, "d g Up Enter");
	assert_int_equal(outcome.value, 20);
	/* Nothing begins with "mm": gamma has it. */
	open_chooser(&stage, &outcome);
	stage_keys(&stage, "m m Enter");
	assert_int_equal(outcome.value, 30);
	open_chooser(&stage, &outcome);
	stage_keys(&stage, "q");
	assert_int_equal(stage.app.depth, 0);
	assert_int_equal(outcome.calls, 0);
	assert_int_equal(outcome.frees, 1);
	open_chooser(&stage, &outcome);
	stage_keys(&stage, "Esc");
	assert_int_equal(stage.app.depth, 0);
	stage_close(&stage);
}

static void test_chooser_scrolls_and_clicks(void **state)
{
	struct stage stage;
	struct outcome outcome;

	stage_open(&stage, 6, 16);
	stage.app.settings.header = HEADER_NONE;
	open_chooser(&stage, &outcome);
	stage_keys(&stage, "End");
	canvas_set_ascii(stage.canvas, true);
	assert_string_equal(stage_draw(&stage), " +- Letters -+\n"
						" | gamma     |\n"
						" | bravo     |\n"
						" | delta     |\n"
						" +- 5 of 5 --+\n"
						"F1Help\n");
	stage_click(&stage, EVENT_DOUBLE_CLICK, 0, 5);
	assert_int_equal(outcome.calls, 0);
	stage_click(&stage, EVENT_CLICK, 1, 5);
	stage_click(&stage, EVENT_DOUBLE_CLICK, 2, 5);
	assert_int_equal(outcome.value, 40);
	stage_close(&stage);
}

static void test_empty_chooser(void **state)
{
	struct stage stage;
	struct outcome outcome = { 0 };

	stage_open(&stage, 8, 40);
	app_push(&stage.app, chooser_new("None", NULL, 0, 0, chosen, &outcome, freed));
	stage_draw_sizes(&stage, 10, 30);
	stage_keys(&stage, "Down x Enter");
	assert_int_equal(outcome.calls, 0);
	assert_int_equal(stage.app.depth, 1);
	stage_close(&stage);
}

/* -- fields ----------------------------------------------------------------------------------------------- */

static void open_fields(struct stage *stage)
{
	struct table_settings *table = &stage->app.settings.processes;

	table->fields[0] = metric_get(SCOPE_PROCESS, PROC_PID);
	table->fields[1] = metric_get(SCOPE_PROCESS, PROC_PSS);
	table->fields[2] = metric_get(SCOPE_PROCESS, PROC_COMM);
	table->field_count = 3;
	app_push(&stage->app, fields_new(&stage->app, table, SCOPE_PROCESS));
}

/* The keys of the fields, with a blank behind each. */
static const char *fields_now(const struct stage *stage)
{
	static char keys[1024];
	size_t len = 0;

	keys[0] = '\0';
	for (size_t i = 0; i < stage->app.settings.processes.field_count; i++)
		len += (size_t)snprintf(keys + len, sizeof keys - len, "%s ",
					stage->app.settings.processes.fields[i]->key);
	return keys;
}

static void test_fields_looks(void **state)
{
	struct stage stage;
	const char *text;

	stage_open(&stage, 24, 100);
	stage.app.settings.header = HEADER_NONE;
	open_fields(&stage);
	stage_draw(&stage);
	stage_keys(&stage, "Down");
	text = stage_draw(&stage);
	stage_has(text, "Fields of process records: 3 of ");
	stage_has(text, "[x]   1 PID      pid ");
	stage_has(text, "[x]   2 PSS      pss_bytes ");
	stage_has(text, "[x]   3 COMMAND  comm ");
	/* The first of the others is the first of the table that is not shown. */
	stage_has(text, "comm                              Command name");
	stage_has(text, "[ ]     START    start_time ");
	stage_has(text, "bytes, from smaps_rollup: Pss\n");
	stage_draw_sizes(&stage, 14, 130);
	stage_close(&stage);
}

static void test_fields_change(void **state)
{
	struct stage stage;

	stage_open(&stage, 24, 100);
	open_fields(&stage);
	stage_draw(&stage);
	/* START, on: before the free text, which stays last; and off. */
	stage_keys(&stage, "Down Down Down Space");
	assert_string_equal(fields_now(&stage), "pid pss_bytes start_time comm ");
	stage_keys(&stage, "[ [");
	assert_string_equal(fields_now(&stage), "start_time pid pss_bytes comm ");
	stage_keys(&stage, "[");
	assert_string_equal(fields_now(&stage), "start_time pid pss_bytes comm ");
	stage_keys(&stage, "] ] ] ]");
	assert_string_equal(fields_now(&stage), "pid pss_bytes comm start_time ");
	stage_keys(&stage, "Space");
	assert_string_equal(fields_now(&stage), "pid pss_bytes comm ");
	/* What is not shown cannot be moved. */
	stage_keys(&stage, "[");
	assert_string_equal(fields_now(&stage), "pid pss_bytes comm ");
	stage_keys(&stage, "Home Space Down Space Down Space");
	assert_int_equal(stage.app.settings.processes.field_count, 1);
	stage_has(last_line(stage_draw(&stage)), "one field at least");
	stage_keys(&stage, "D");
	assert_true(stage.app.settings.processes.field_count > 5);
	stage_close(&stage);
}

static void test_fields_all(void **state)
{
	struct stage stage;
	unsigned count = metric_count(SCOPE_PROCESS);

	stage_open(&stage, 24, 100);
	open_fields(&stage);
	stage_keys(&stage, "Down Down");
	for (unsigned i = 3; i < count; i++)
		stage_keys(&stage, "Down Space");
	assert_int_equal(stage.app.settings.processes.field_count, count);
	for (unsigned i = 0; i < count; i++)
		for (unsigned k = 0; k < i; k++)
			assert_ptr_not_equal(stage.app.settings.processes.fields[i],
					     stage.app.settings.processes.fields[k]);
	stage_close(&stage);
}

static void test_fields_filter(void **state)
{
	struct stage stage;

	stage_open(&stage, 24, 100);
	open_fields(&stage);
	stage_keys(&stage, "F4 c o w _ f i l e Enter");
	/* Its count, its rate, its time. */
	stage_has(stage_draw(&stage), "filter: \"cow_file\" has 3");
	assert_null(strstr(stage_draw(&stage), "pss_bytes"));
	stage_keys(&stage, "Space Down Down Space");
	assert_string_equal(fields_now(&stage), "pid pss_bytes faults_cow_file_total fault_cow_file_seconds_total comm ");
	/* What nothing contains leaves nothing to act on; Esc brings back what was there. */
	stage_keys(&stage, "F4 z z z");
	stage_has(stage_draw(&stage), "no field has it");
	stage_keys(&stage, "Enter Space Enter D ]");
	assert_string_equal(fields_now(&stage), "pid pss_bytes faults_cow_file_total fault_cow_file_seconds_total comm ");
	stage_draw_sizes(&stage, 12, 60);
	assert_int_equal(canvas_resize(stage.canvas, 24, 100), 0);
	stage_keys(&stage, "F4 Ctrl-U p s s");
	stage_has(stage_draw(&stage), "pss_bytes");
	stage_keys(&stage, "Esc");
	stage_has(stage_draw(&stage), "has 0");
	stage_keys(&stage, "F4 Ctrl-U Enter");
	stage_has(stage_draw(&stage), "start_time");
	stage_close(&stage);
}

static void test_fields_search_and_sort(void **state)
{
	struct stage stage;

	stage_open(&stage, 24, 100);
	open_fields(&stage);
	stage_keys(&stage, "/ h u g e t l b Enter Enter");
	assert_ptr_equal(stage.app.settings.processes.sort, metric_get(SCOPE_PROCESS, PROC_HUGETLB));
	assert_false(stage.app.settings.processes.ascending);
	stage_keys(&stage, "u s e r Enter");
	assert_ptr_equal(stage.app.settings.processes.sort, metric_get(SCOPE_PROCESS, PROC_USER));
	assert_true(stage.app.settings.processes.ascending);
	stage_keys(&stage, "/ z z z");
	stage_has(last_line(stage_draw(&stage)), "no field has it");
	stage_keys(&stage, "Esc Esc");
	assert_int_equal(stage.app.depth, 0);
	stage_close(&stage);
}

/* -- text ------------------------------------------------------------------------------------------------- */

/* TEXT wrapped to WIDTH, as lines. */
static const char *wrapped(int width, const char *text)
{
	static struct buf out;
	struct canvas *canvas = canvas_new(12, width, false);
	struct wrap wrap = { .text = text, .len = strlen(text), .width = width };
	struct wrap_line line;
	int rows = 0;

	assert_non_null(canvas);
	while (rows < 12 && wrap_next(&wrap, &line))
		wrap_draw(canvas, rows++, 0, width, text, &line);
	assert_int_equal(canvas_resize(canvas, rows ? rows : 1, width), 0);
	wrap = (struct wrap){ .text = text, .len = strlen(text), .width = width };
	for (int row = 0; row < rows && wrap_next(&wrap, &line); row++)
		wrap_draw(canvas, row, 0, width, text, &line);
	buf_free(&out);
	canvas_text(canvas, false, &out);
	canvas_free(canvas);
	return out.data;
}

static void test_wrap(void **state)
{
	assert_string_equal(wrapped(10, "one two three four"), "one two\nthree four\n");
	assert_string_equal(wrapped(10, "one\n\ntwo"), "one\n\ntwo\n");
	assert_string_equal(wrapped(5, "abcdefghijkl"), "abcde\nfghij\nkl\n");
	assert_string_equal(wrapped(20, "  q Esc   leave this page now"),
			    "  q Esc   leave this\n          page now\n");
	assert_string_equal(wrapped(12, "  leading blanks hang"), "  leading\n  blanks\n  hang\n");
	/* Wide characters: two to a line of five. */
	assert_string_equal(wrapped(5, "\xe6\xb0\xb4\xe6\xb0\xb4\xe6\xb0\xb4"),
			    "\xe6\xb0\xb4\xe6\xb0\xb4\n\xe6\xb0\xb4\n");
	assert_string_equal(wrapped(1, "ab c"), "a\nb\nc\n");
}

static void test_text_scrolls(void **state)
{
	struct stage stage;
	struct buf lines = { 0 };

	for (int i = 1; i <= 30; i++)
		buf_printf(&lines, "line %d\n", i);
	stage_open(&stage, 12, 40);
	stage.app.settings.header = HEADER_NONE;
	app_push(&stage.app, text_view_new("Thirty", lines.data));
	stage_has(stage_draw(&stage), "1-10 of 30\n line 1\n");
	stage_keys(&stage, "Down Down");
	stage_has(stage_draw(&stage), "3-12 of 30\n line 3\n");
	stage_keys(&stage, "Space");
	stage_has(stage_draw(&stage), "12-21 of 30\n");
	stage_keys(&stage, "End Down PgDn");
	stage_has(stage_draw(&stage), "21-30 of 30\n line 21\n");
	stage_click(&stage, EVENT_WHEEL_UP, 4, 4);
	stage_has(stage_draw(&stage), "18-27 of 30\n");
	stage_keys(&stage, "Home Up");
	stage_has(stage_draw(&stage), "1-10 of 30\n");
	stage_draw_sizes(&stage, 10, 30);
	stage_keys(&stage, "q");
	assert_int_equal(stage.app.depth, 0);
	buf_free(&lines);
	stage_close(&stage);
}

/* Every key that works is in the help, and none that does not. */
static void test_help(void **state)
{
	struct stage stage;
	char name[KEY_NAME_MAX];

	stage_open(&stage, 400, 120);
	stage.app.settings.header = HEADER_NONE;
	stage_keys(&stage, "F1");
	for (unsigned i = 0; i + 1 < COMMAND_COUNT; i++) {
		const struct key_binding *row = keymap_row(i);

		stage_has(stage_draw(&stage), row->help);
		for (unsigned k = 0; k < KEYS_MAX && row->keys[k]; k++)
			stage_has(stage_draw(&stage), key_name(row->keys[k], name));
	}
	for (int status = 0; status < VALUE_STATUS_COUNT; status++)
		if (!value_has_amount((enum value_status)status))
			stage_has(stage_draw(&stage), value_status_mark((enum value_status)status));
	stage_has(stage_draw(&stage), "~123M");
	stage_has(stage_draw(&stage), "123M'");
	stage_has(stage_draw(&stage), "send a signal");
	stage_keys(&stage, "Esc");
	stage.app.read_only = true;
	stage_keys(&stage, "h");
	assert_null(strstr(stage_draw(&stage), "send a signal"));
	stage_draw_sizes(&stage, 12, 40);
	stage_close(&stage);
}

static void test_notices(void **state)
{
	struct stage stage;
	const char *text;

	stage_open(&stage, 100, 120);
	stage.host.task_tier = "procfs";
	snprintf(stage.host.task_tier_why, sizeof stage.host.task_tier_why, "no CAP_BPF");
	stage_keys(&stage, "v");
	stage_has(stage_draw(&stage), "What is missing\n   Nothing.\n");
	snapshot_add_notice(stage.app.snapshot, "pss", "denied for 83 of 120 processes", "run as root");
	stage.app.snapshot->threads_lost = 77;
	app_changed(&stage.app);
	text = stage_draw(&stage);
	assert_null(strstr(text, "Nothing."));
	stage_has(text, "denied for 83 of 120 processes\n");
	stage_has(text, "Remedy: run as root\n");
	stage_has(text, "procfs: no CAP_BPF\n");
	stage_has(text, "77          Threads left out");
	stage_draw_sizes(&stage, 12, 40);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bar),
		cmocka_unit_test(test_bar_narrow_and_clicked),
		cmocka_unit_test(test_prompt),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_chooser_looks),
		cmocka_unit_test(test_chooser_keys),
		cmocka_unit_test(test_chooser_scrolls_and_clicks),
		cmocka_unit_test(test_empty_chooser),
		cmocka_unit_test(test_fields_looks),
		cmocka_unit_test(test_fields_change),
		cmocka_unit_test(test_fields_all),
		cmocka_unit_test(test_fields_filter),
		cmocka_unit_test(test_fields_search_and_sort),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_text_scrolls),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_notices),
	};

	return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
