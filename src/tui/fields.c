/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "out/record.h"
#include "tui/app.h"
#include "tui/list.h"
#include "tui/wrap.h"

enum {
	LINES_MAX = (int)PROC_COUNT > (int)CG_COUNT ? (int)PROC_COUNT : (int)CG_COUNT,
	SEARCH_MAX = 64,
	DETAIL_ROWS = 5, /* a rule, two lines of help, source, keys */
	MARK_COLUMNS = 8,
	TITLE_COLUMNS = 9,
	UNIT_COLUMNS = 17,
	WIDE_COLUMNS = 110
};

/* Lines keep their places while fields are switched on and off, so that the cursor can go on; moving one sorts
 * them anew. */
struct fields {
	struct view view;
	struct table_settings *table;
	enum scope scope;
	const struct metric *lines[LINES_MAX];
	int key_columns;
	struct list list;
	char search[SEARCH_MAX];
	char filter[SEARCH_MAX], before[SEARCH_MAX];	/* before: the one that is being typed */
	int list_row; /* of the canvas, as last drawn */
};

static struct fields *fields_of(struct view *view)
{
	return (struct fields *)view;
}

static void fields_close(struct view *view)
{
	free(view);
}

/* -- the table -------------------------------------------------------------------------------------------- */

/* Its place among the fields, or field_count. */
static size_t position(const struct table_settings *table, const struct metric *metric)
{
	size_t i = 0;

	while (i < table->field_count && table->fields[i] != metric)
		i++;
	return i;
}

static bool is_shown(const struct table_settings *table, const struct metric *metric)
{
	return position(table, metric) < table->field_count;
}

/* There must be lines. */
static const struct metric *under_cursor(const struct fields *fields)
{
	return fields->lines[fields->list.cursor];
}

static bool contains(const char *text, const char *part)
{
	size_t len = strlen(part);

	for (; *text; text++)
		if (!strncasecmp(text, part, len))
			return true;
	return false;
}

/* 3: title or key begins so, 2: one of them contains it, 1: its help does, 0: none. */
static int match(const struct metric *metric, const char *text)
{
	size_t len = strlen(text);

	if (!strncasecmp(metric->title, text, len) || !strncasecmp(metric->key, text, len))
		return 3;
	if (contains(metric->title, text) || contains(metric->key, text))
		return 2;
	return contains(metric->help, text);
}

static void go_to(struct fields *fields, const struct metric *metric)
{
	for (size_t i = 0; i < fields->list.count; i++)
		if (fields->lines[i] == metric)
			list_set_cursor(&fields->list, i);
}

/* Those shown, in their order, then the others; as far as the filter lets them. */
static void sort_lines(struct fields *fields)
{
	const struct table_settings *table = fields->table;
	size_t count = 0;

	for (size_t i = 0; i < table->field_count; i++)
		if (match(table->fields[i], fields->filter))
			fields->lines[count++] = table->fields[i];
	for (unsigned i = 0; i < metric_count(fields->scope); i++) {
		const struct metric *metric = metric_get(fields->scope, i);

		if (!is_shown(table, metric) && match(metric, fields->filter))
			fields->lines[count++] = metric;
	}
	list_set_count(&fields->list, count);
}

static void insert_field(struct table_settings *table, size_t at, const struct metric *metric)
{
	memmove(&table->fields[at + 1], &table->fields[at], (table->field_count - at) * sizeof *table->fields);
	table->fields[at] = metric;
	table->field_count++;
}

static void remove_field(struct table_settings *table, size_t at)
{
	table->field_count--;
	memmove(&table->fields[at], &table->fields[at + 1], (table->field_count - at) * sizeof *table->fields);
}

/* A free text that is last stays last: it takes what room remains. */
static size_t place_of_new(const struct table_settings *table)
{
	return table->field_count - (table->fields[table->field_count - 1]->unit == UNIT_TEXT);
}

static void toggle(struct fields *fields, struct app *app)
{
	struct table_settings *table = fields->table;
	size_t at = position(table, under_cursor(fields));

	if (at == table->field_count) {
		insert_field(table, place_of_new(table), under_cursor(fields));
	} else if (table->field_count == 1) {
		app_error(app, "one field at least has to stay");
		return;
	} else {
		remove_field(table, at);
	}
	app_changed(app);
}

static void move(struct fields *fields, struct app *app, bool down)
{
	struct table_settings *table = fields->table;
	const struct metric *metric = under_cursor(fields);
	size_t at = position(table, metric), other = down ? at + 1 : at - 1;

	if (at == table->field_count) {
		app_message(app, "only fields that are shown have an order: Space shows this one");
		return;
	}
	if (at + down < table->field_count && (down || at)) {
		table->fields[at] = table->fields[other];
		table->fields[other] = metric;
	}
	sort_lines(fields);
	go_to(fields, metric);
	app_changed(app);
}

static void set_defaults(struct fields *fields, struct app *app)
{
	const struct metric *metric = under_cursor(fields);

	settings_default_table(fields->table, fields->scope);
	sort_lines(fields);
	go_to(fields, metric);
	app_changed(app);
}

static void sort_by(struct fields *fields, struct app *app)
{
	const struct metric *metric = under_cursor(fields);

	fields->table->sort = metric;
	fields->table->ascending = metric->kind == KIND_LABEL;
	app_message(app, "sorted by %s", metric->title);
	app_changed(app);
}

/* -- search ----------------------------------------------------------------------------------------------- */

/* Goes to the best match of TEXT, the nearest at or below the cursor among equals. False when there is none. */
static bool search(struct fields *fields, const char *text)
{
	size_t count = fields->list.count, found = count;
	int best = 0;

	for (size_t i = 0; i < count && *text; i++) {
		size_t at = (fields->list.cursor + i) % count;
		int quality = match(fields->lines[at], text);

		if (quality > best) {
			best = quality;
			found = at;
		}
	}
	if (!best)
		return false;
	list_set_cursor(&fields->list, found);
	return true;
}

static void search_changed(struct app *app, struct view *view, const char *text)
{
	if (*text && !search(fields_of(view), text))
		app_prompt_problem(app, "no field has it");
}

static void search_done(struct app *app, struct view *view, const char *text)
{
	if (text)
		search_changed(app, view, text);
}

/* -- filter ----------------------------------------------------------------------------------------------- */

/* The cursor stays on its field when that is still there. */
static void set_filter(struct fields *fields, const char *text)
{
	const struct metric *metric = fields->list.count ? under_cursor(fields) : NULL;

	snprintf(fields->filter, sizeof fields->filter, "%s", text);
	sort_lines(fields);
	list_set_cursor(&fields->list, 0);
	go_to(fields, metric);
}

static void filter_changed(struct app *app, struct view *view, const char *text)
{
	set_filter(fields_of(view), text);
	if (!fields_of(view)->list.count)
		app_prompt_problem(app, "no field has it");
}

static void filter_done(struct app *app, struct view *view, const char *text)
{
	(void)app;
	if (!text)
		set_filter(fields_of(view), fields_of(view)->before);
}

static void ask_filter(struct fields *fields, struct app *app)
{
	memcpy(fields->before, fields->filter, sizeof fields->before);
	app_prompt(app, "Filter: ", fields->filter, filter_changed, filter_done);
}

/* -- letters ---------------------------------------------------------------------------------------------- */

/* Letters without a command here: as if typed after '/', but at once. */
static bool fields_key(struct view *view, struct app *app, int32_t key)
{
	struct fields *fields = fields_of(view);
	size_t len = strlen(fields->search);

	if (key <= ' ' || key >= 0x7f)
		return false;
	if (len + 2 > sizeof fields->search)
		len = 0;
	fields->search[len] = (char)key;
	fields->search[len + 1] = '\0';
	if (search(fields, fields->search))
		return true;
	fields->search[0] = (char)key;
	fields->search[1] = '\0';
	if (!search(fields, fields->search))
		fields->search[0] = '\0';
	return true;
}

/* -- drawing ---------------------------------------------------------------------------------------------- */

static void draw_line(const struct fields *fields, struct canvas *canvas, struct area area, size_t i)
{
	const struct metric *metric = fields->lines[i];
	const struct table_settings *table = fields->table;
	size_t at = position(table, metric);
	bool shown = at < table->field_count, wide = area.columns >= WIDE_COLUMNS;
	enum style style = shown ? STYLE_NORMAL : STYLE_DIM;
	int column = area.column, end = area.column + area.columns;

	if (shown)
		canvas_printf(canvas, area.row, column, area.columns, STYLE_STRONG, "[x] %3zu", at + 1);
	else
		canvas_put(canvas, area.row, column, area.columns, STYLE_DIM, "[ ]");
	column += MARK_COLUMNS;
	canvas_put(canvas, area.row, column, end - column, metric == table->sort ? STYLE_SORTED : style,
		   metric->title);
	column += TITLE_COLUMNS;
	canvas_put(canvas, area.row, column, end - column, style, metric->key);
	column += fields->key_columns + 2;
	if (wide)
		canvas_put(canvas, area.row, column, end - column, STYLE_DIM, metric_unit_name(metric->unit));
	column += wide ? UNIT_COLUMNS : 0;
	canvas_put(canvas, area.row, column, end - column, style, metric->help);
	if (i == fields->list.cursor)
		canvas_mark_cursor(canvas, (struct area){ area.row, area.column, 1, area.columns });
}

static void draw_detail(const struct fields *fields, struct canvas *canvas, struct area area)
{
	const struct metric *metric = under_cursor(fields);
	const char *unit = metric_unit_name(metric->unit);
	struct wrap wrap = { .text = metric->help, .len = strlen(metric->help), .width = area.columns };
	struct wrap_line line;

	canvas_repeat(canvas, area.row, area.column, area.columns, STYLE_TREE, GLYPH_HORIZONTAL);
	for (int row = 1; row <= 2 && wrap_next(&wrap, &line); row++)
		wrap_draw(canvas, area.row + row, area.column, area.columns, metric->help, &line);
	canvas_printf(canvas, area.row + 3, area.column, area.columns, STYLE_DIM, "%s, from %s",
		      *unit ? unit : "a number", metric->source);
	canvas_put(canvas, area.row + 4, area.column, area.columns, STYLE_DIM,
		   "Space shows or hides, [ ] move, Enter sorts by it, letters search, \\ filters, Esc leaves");
}

static void draw_title(const struct fields *fields, struct canvas *canvas, struct area area)
{
	int used = canvas_printf(canvas, area.row, area.column, area.columns, STYLE_TITLE,
				 "Fields of %s records: %zu of %u shown", metric_scope_name(fields->scope),
				 fields->table->field_count, metric_count(fields->scope));

	if (*fields->filter)
		canvas_printf(canvas, area.row, area.column + used, area.columns - used, STYLE_MATCH,
			      "  filter: \"%s\" has %zu", fields->filter, fields->list.count);
}

static void fields_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	struct fields *fields = fields_of(view);
	int title = area.rows > 2, detail = area.rows >= 2 * DETAIL_ROWS ? DETAIL_ROWS : 0;
	int rows = area.rows - title - detail;

	fields->list_row = area.row + title;
	list_set_page(&fields->list, rows > 0 ? (size_t)rows : 0);
	if (area.rows <= 0 || area.columns <= 0)
		return;
	if (title)
		draw_title(fields, canvas, area);
	for (int i = 0; i < rows && fields->list.top + (size_t)i < fields->list.count; i++)
		draw_line(fields, canvas, (struct area){ fields->list_row + i, area.column, 1, area.columns },
			  fields->list.top + (size_t)i);
	if (detail && fields->list.count)
		draw_detail(fields, canvas,
			    (struct area){ area.row + area.rows - detail, area.column, detail, area.columns });
}

/* -- events ----------------------------------------------------------------------------------------------- */

static bool fields_command(struct view *view, struct app *app, enum command command)
{
	struct fields *fields = fields_of(view);

	fields->search[0] = '\0';
	if (command == COMMAND_FILTER) {
		ask_filter(fields, app);
		return true;
	}
	if (!fields->list.count)
		return false;
	switch (command) {
	case COMMAND_TOGGLE:
		toggle(fields, app);
		return true;
	case COMMAND_MOVE_UP:
	case COMMAND_MOVE_DOWN:
		move(fields, app, command == COMMAND_MOVE_DOWN);
		return true;
	case COMMAND_DEFAULTS:
		set_defaults(fields, app);
		return true;
	case COMMAND_OPEN:
		sort_by(fields, app);
		return true;
	case COMMAND_SEARCH:
		app_prompt(app, "Search: ", "", search_changed, search_done);
		return true;
	default:
		return list_command(&fields->list, command);
	}
}

static void fields_mouse(struct view *view, struct app *app, const struct event *event)
{
	struct fields *fields = fields_of(view);
	size_t line = fields->list.top + (size_t)(event->row - fields->list_row);

	if (list_wheel(&fields->list, event))
		return;
	if (event->row < fields->list_row || line >= fields->list.count ||
	    line >= fields->list.top + fields->list.page)
		return;
	list_set_cursor(&fields->list, line);
	if (event->kind == EVENT_DOUBLE_CLICK)
		toggle(fields, app);
}

static const struct view_ops fields_ops = {
	.name = "Fields",
	.context = CONTEXT_FIELDS,
	.close = fields_close,
	.draw = fields_draw,
	.command = fields_command,
	.key = fields_key,
	.mouse = fields_mouse,
};

struct view *fields_new(struct app *app, struct table_settings *table, enum scope scope)
{
	struct fields *fields = calloc(1, sizeof *fields);

	if (!fields)
		return NULL;
	fields->view.ops = &fields_ops;
	fields->table = table;
	fields->scope = scope;
	sort_lines(fields);
	for (size_t i = 0; i < fields->list.count; i++) {
		int columns = (int)strlen(fields->lines[i]->key);

		if (columns > fields->key_columns)
			fields->key_columns = columns;
	}
	return &fields->view;
}
