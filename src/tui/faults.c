/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/chooser.h"
#include "tui/detail.h"
#include "tui/fault_stats.h"
#include "tui/fault_takers.h"
#include "tui/graph.h"
#include "tui/listing.h"
#include "tui/processes.h"

enum {
	LINES = FAULT_CLASSES + 1,
	ALL_COLUMNS = (1 << FAULT_COLUMNS) - 1,
	BESIDE_MIN = 40, /* columns of the processes, to stand beside the classes */
	BESIDE_GAP = 3,
	TAKERS_SHARE = 3, /* below the classes they get so much of the rows: 1/3 */
	MEMORY_MIN_ROWS = 14,
	WHY_MIN_ROWS = 6
};

struct faults {
	struct listing base; /* classes; all of them together first */
	uint8_t lines[LINES]; /* enum fault_class, FAULT_ALL */
	struct fault_stats stats[LINES]; /* by class */
	unsigned class; /* under the cursor, which stays on it */
	enum fault_column sort;
	bool ascending;
	bool on_takers; /* the cursor is among the processes */
	struct fault_takers takers;
	struct fault_layout layout;
	struct list text; /* lines, where there are no classes */
	int title_row; /* as last drawn; -1 when not shown */
};

static unsigned class_at(const struct faults *f, size_t line)
{
	return line < f->base.list.count ? f->lines[line] : (unsigned)FAULT_ALL;
}

static const char *help_of(unsigned class)
{
	return class < FAULT_CLASSES ? fault_class_help((enum fault_class) class)
				     : "all faults that the kernel accounts as minor or major";
}

static bool class_contains(unsigned class, const char *text)
{
	return listing_text_contains(fault_class_name(class), text) ||
	       listing_text_contains(help_of(class), text) ||
	       (class < FAULT_CLASSES &&
		listing_text_contains(fault_class_title((enum fault_class) class), text));
}

static bool contains(const struct listing *listing, const struct app *app, size_t line, const char *text)
{
	(void)app;
	return class_contains(class_at((const struct faults *)listing, line), text);
}

/* Whether the tier tells classes at all. */
static bool tells_classes(const struct snapshot *snapshot)
{
	for (unsigned c = 0; snapshot->faults && c < FAULT_CLASSES; c++)
		if (value_has_amount(snapshot->faults->class[c].count.status))
			return true;
	return false;
}

/* Whether there is something to list: all faults and who took them at the least. Else there are totals, or nothing. */
static bool is_listed(const struct app *app)
{
	return tells_classes(app->snapshot) || (app->snapshot->faults && fault_takers_are_told(app));
}

/* -- lines ------------------------------------------------------------------------------------------------ */

static int compare(const void *left, const void *right, void *context)
{
	const struct faults *f = context;
	unsigned l = *(const uint8_t *)left, r = *(const uint8_t *)right;

	return fault_stats_compare(&f->stats[r], r, &f->stats[l], l, f->sort, f->ascending);
}

static void follow_class(struct faults *f)
{
	for (size_t i = 0; i < f->base.list.count; i++)
		if (f->lines[i] == f->class)
			list_set_cursor(&f->base.list, i);
	f->class = class_at(f, f->base.list.cursor);
}

static void faults_view_sample(struct view *view, struct app *app)
{
	struct faults *f = (struct faults *)view;
	size_t count = 0;

	if (is_listed(app)) {
		bool classes = tells_classes(app->snapshot);

		for (unsigned c = 0; c <= FAULT_ALL; c++)
			fault_stats_machine(&f->stats[c], app->snapshot->faults, c);
		f->lines[count++] = FAULT_ALL;
		for (unsigned c = 0; classes && c < FAULT_CLASSES; c++)
			if (!*f->base.filter || class_contains(c, f->base.filter))
				f->lines[count++] = (uint8_t)c;
		qsort_r(f->lines + 1, count - 1, sizeof *f->lines, compare, f);
	}
	list_set_count(&f->base.list, count);
	follow_class(f);
	fault_takers_fill(&f->takers, app, f->class);
	f->on_takers = f->on_takers && f->takers.list.count;
}

static void moved(struct listing *listing, struct app *app)
{
	struct faults *f = (struct faults *)listing;

	f->class = class_at(f, listing->list.cursor);
	fault_takers_fill(&f->takers, app, f->class);
}

static unsigned faults_view_needs(const struct view *view, const struct app *app)
{
	(void)view;
	(void)app;
	return NEED_FAULTS;
}

/* -- without classes -------------------------------------------------------------------------------------- */

static void put_total(struct sheet *sheet, const char *word, enum process_metric metric, struct value value,
		      const char *unit)
{
	char cell[CELL_MAX];

	sheet_printf(sheet, word, value_has_amount(value.status) ? STYLE_STRONG : STYLE_ABSENT, "%s%s",
		     cell_number(cell, metric_get(SCOPE_PROCESS, metric), value), unit);
}

/* What there is instead, and what kept the better tiers away. */
static void put_totals(const struct app *app, struct sheet *sheet)
{
	const struct probe_status *status = app->snapshot->probes[PROBE_FAULTS];
	const struct fault_machine *machine = app->snapshot->faults;

	if (!status->wanted) {
		sheet_text(sheet, "", STYLE_NOTICE,
			   "the probe is not attached: it is with the next sample, unless --probes forbids it");
		return;
	}
	if (status->active >= 0 && machine) {
		put_total(sheet, "all", PROC_FAULTS_SEEN, machine->total, " page faults");
		put_total(sheet, "rate", PROC_FAULTS_SEEN_RATE, machine->total_rate, " per second");
		put_total(sheet, "minor", PROC_FAULTS_SEEN, machine->minor, "");
		put_total(sheet, "major", PROC_FAULTS_SEEN, machine->major, "");
		sheet_line(sheet);
		sheet_printf(sheet, "missing", STYLE_NOTICE,
			     "classes, latencies and who took them: the %s tier tells the totals of the "
			     "machine only",
			     probe_tier_name(status));
	} else if (status->active >= 0) {
		sheet_text(sheet, "", STYLE_NOTICE, "the probe could not be read: v says why");
	} else {
		sheet_text(sheet, "", STYLE_NOTICE, "page faults cannot be probed here:");
	}
	fault_put_missing(sheet, app->snapshot);
}

static void draw_totals(struct faults *f, const struct app *app, struct canvas *canvas, struct area area)
{
	size_t top = f->text.top;
	struct sheet sheet = sheet_begin(canvas, area, &f->text);

	put_totals(app, &sheet);
	sheet_end(&sheet, &f->text);
	if (f->text.top == top)
		return;
	/* It was scrolled beyond what there is now. */
	canvas_fill(canvas, area, STYLE_NORMAL);
	sheet = sheet_begin(canvas, area, &f->text);
	put_totals(app, &sheet);
}

/* -- drawing ---------------------------------------------------------------------------------------------- */

/* In what memory the faults were: the kinds that had some, most first. */
static void draw_memory(const struct app *app, struct canvas *canvas, struct area area)
{
	const struct fault_machine *machine = app->snapshot->faults;
	struct line line = { canvas, area.row, area.column, area.column + area.columns, false, false };
	uint8_t order[FAULT_MEMORIES];
	unsigned count = fault_memory_order(order, machine->memory);
	char cell[CELL_MAX];

	line_printf(&line, STYLE_NORMAL, "in");
	for (unsigned i = 0; i < count; i++)
		line_item(&line, fault_memory_key((enum fault_memory)order[i]), STYLE_STRONG,
			  cell_number(cell, metric_get(SCOPE_PROCESS, PROC_FAULTS_SEEN),
				      machine->memory[order[i]]),
			  NULL);
	if (!count && !value_has_amount(machine->memory[0].status))
		line_printf(&line, STYLE_ABSENT, "%s", value_status_mark(machine->memory[0].status));
	else if (!count)
		line_printf(&line, STYLE_DIM, "no memory so far");
}

/* What the class under the cursor is, or why it or its latency is not told. */
static void draw_why(const struct faults *f, const struct app *app, struct canvas *canvas, struct area area)
{
	const struct fault_stats *stats = &f->stats[f->class];
	const struct probe_status *status = app->snapshot->probes[PROBE_FAULTS];
	char why[FAULT_WHY_MAX];
	int used = canvas_printf(canvas, area.row, area.column, area.columns, STYLE_STRONG,
				 "%s: ", fault_class_name(f->class));

	area.column += used;
	area.columns -= used;
	if (*fault_why(why, status, stats->value[FAULT_COLUMN_COUNT])) {
		canvas_put(canvas, area.row, area.column, area.columns, STYLE_NOTICE, why);
	} else if (*fault_why(why, status, stats->value[FAULT_COLUMN_TIME])) {
		used = canvas_put(canvas, area.row, area.column, area.columns, STYLE_NOTICE, "times: ");
		canvas_put(canvas, area.row, area.column + used, area.columns - used, STYLE_NOTICE, why);
	} else {
		canvas_put(canvas, area.row, area.column, area.columns, STYLE_DIM, help_of(f->class));
	}
}

static void draw_classes(struct faults *f, struct canvas *canvas, struct area area)
{
	int row = area.row, end = area.row + area.rows;

	f->layout = fault_layout(area.column, area.columns, ALL_COLUMNS, f->sort);
	if (area.rows > 1) {
		f->title_row = row;
		canvas_fill(canvas, (struct area){ row, area.column, 1, area.columns }, STYLE_HEADING);
		fault_draw_titles(canvas, row++, &f->layout, f->sort, f->ascending);
	}
	f->base.first_row = row;
	list_set_page(&f->base.list, (size_t)(end - row));
	for (size_t i = f->base.list.top; row < end && i < f->base.list.count; i++, row++) {
		unsigned class = f->lines[i];

		fault_draw_row(canvas, row, &f->layout, &f->stats[class], class);
		listing_mark_match(&f->base, canvas, row, area.column, FAULT_NAME_COLUMNS,
				   fault_class_name(class));
		if (!f->on_takers)
			listing_mark(&f->base, canvas, area, row, i);
		else if (i == f->base.list.cursor)
			canvas_restyle(canvas, (struct area){ row, area.column, 1, FAULT_NAME_COLUMNS },
				       STYLE_TAGGED);
	}
}

/* Classes and processes, side by side where it is wide enough. */
static void draw_lists(struct faults *f, struct app *app, struct canvas *canvas, struct area area)
{
	struct fault_layout whole = fault_layout(area.column, CANVAS_COLUMNS_MAX, ALL_COLUMNS, f->sort);
	struct area classes = area, takers = area;

	if (area.columns >= whole.columns + BESIDE_GAP + BESIDE_MIN) {
		classes.columns = whole.columns;
		takers.column += whole.columns + BESIDE_GAP;
		takers.columns -= whole.columns + BESIDE_GAP;
	} else {
		takers.rows = area.rows / TAKERS_SHARE + 1;
		if (area.rows - takers.rows > LINES + 1)
			takers.rows = area.rows - LINES - 1;
		if (area.rows < WHY_MIN_ROWS)
			takers.rows = 0;
		classes.rows -= takers.rows;
		takers.row += classes.rows;
	}
	draw_classes(f, canvas, classes);
	fault_takers_draw(&f->takers, app, canvas, takers, f->on_takers);
}

static void faults_view_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	struct faults *f = (struct faults *)view;
	struct line line = { canvas, area.row, area.column, area.column + area.columns, false, false };
	int rows = area.rows;

	f->base.first_row = f->title_row = f->takers.first_row = -1;
	if (area.rows <= 0 || area.columns <= 0)
		return;
	if (rows > 2) {
		fault_put_state(&line, app);
		area.row++;
		area.rows--;
	}
	if (!is_listed(app)) {
		draw_totals(f, app, canvas, area);
		return;
	}
	if (rows >= MEMORY_MIN_ROWS) {
		draw_memory(app, canvas, area);
		area.row++;
		area.rows--;
	}
	if (rows >= WHY_MIN_ROWS) {
		area.rows--;
		draw_why(f, app, canvas, (struct area){ area.row + area.rows, area.column, 1, area.columns });
	}
	draw_lists(f, app, canvas, area);
}

/* -- commands --------------------------------------------------------------------------------------------- */

/* The processes that took faults of this class, the fastest first. */
static void open_class(const struct faults *f, struct app *app)
{
	struct table_settings *table = &app->settings.processes;
	char filter[128];

	if (!f->base.list.count)
		return;
	snprintf(filter, sizeof filter, "%s>0", metric_get(SCOPE_PROCESS, fault_takers_count(f->class))->key);
	table->sort = metric_get(SCOPE_PROCESS, fault_takers_rate(f->class));
	table->ascending = false;
	processes_filter(app, filter);
}

static void open_row(const struct faults *f, struct app *app)
{
	const struct process *process = fault_takers_chosen(&f->takers, app);

	if (!f->on_takers)
		open_class(f, app);
	else if (process)
		app_push(app, detail_new(app, process));
}

static void open_graph(const struct faults *f, struct app *app)
{
	const struct process *process = fault_takers_chosen(&f->takers, app);
	const struct text *comm;
	char name[64];

	if (!f->on_takers || !process) {
		app_error(app, "history is kept of a process's faults: choose one with the right arrow");
		return;
	}
	comm = process->text[TEXT_COMM];
	snprintf(name, sizeof name, "%lld %s", (long long)process_value(process, PROC_PID).amount,
		 comm ? comm->s : "");
	app_push(app, graph_new(app, SCOPE_PROCESS, process_key(process), name,
				metric_get(SCOPE_PROCESS, fault_takers_rate(f->class))));
}

static void set_sort(struct faults *f, struct app *app, enum fault_column sort)
{
	f->ascending = f->sort == sort ? !f->ascending : sort == FAULT_COLUMN_CLASS;
	f->sort = sort;
	app_changed(app);
}

/* To the shown column beside the one sorted by. */
static void step_sort(struct faults *f, struct app *app, int by)
{
	int i = (int)f->sort + by;

	while (i >= 0 && i < FAULT_COLUMNS && f->layout.at[i] < 0)
		i += by;
	if (i >= 0 && i < FAULT_COLUMNS)
		set_sort(f, app, (enum fault_column)i);
}

static void sort_chosen(struct app *app, struct view *view, void *context, int64_t value)
{
	struct faults *f = (struct faults *)view;

	(void)context;
	if (f->sort != (enum fault_column)value)
		set_sort(f, app, (enum fault_column)value);
}

static void ask_sort(const struct faults *f, struct app *app)
{
	struct choice choices[FAULT_COLUMNS];

	for (int i = 0; i < FAULT_COLUMNS; i++) {
		choices[i].value = i;
		snprintf(choices[i].text, sizeof choices[i].text, "%s",
			 fault_column_title((enum fault_column)i));
	}
	app_push(app, chooser_new("Sort by", choices, FAULT_COLUMNS, (size_t)f->sort, sort_chosen, NULL, NULL));
}

static bool sort_keys(struct faults *f, struct app *app, enum command command)
{
	switch (command) {
	case COMMAND_SORT:
		ask_sort(f, app);
		return true;
	case COMMAND_SORT_LEFT:
	case COMMAND_SORT_RIGHT:
		step_sort(f, app, command == COMMAND_SORT_LEFT ? -1 : 1);
		return true;
	case COMMAND_INVERT:
		f->ascending = !f->ascending;
		app_changed(app);
		return true;
	default:
		return false;
	}
}

static bool takers_command(struct faults *f, struct app *app, enum command command)
{
	if (!list_command(&f->takers.list, command))
		return false;
	fault_takers_keep(&f->takers, app);
	return true;
}

/* Without classes there is text, which moves at once. */
static bool scroll_text(struct faults *f, enum command command)
{
	size_t page = f->text.page > 1 ? f->text.page - 1 : 1;

	if (command == COMMAND_DOWN || command == COMMAND_PAGE_DOWN)
		f->text.top += command == COMMAND_DOWN ? 1 : page;
	else if (command == COMMAND_UP || command == COMMAND_PAGE_UP)
		f->text.top -= command == COMMAND_UP ? f->text.top > 0
			       : f->text.top > page  ? page
						     : f->text.top;
	else
		return false;
	return true;
}

static bool faults_view_command(struct view *view, struct app *app, enum command command)
{
	struct faults *f = (struct faults *)view;

	if (!is_listed(app) && scroll_text(f, command))
		return true;
	switch (command) {
	case COMMAND_LEFT:
		f->on_takers = false;
		return true;
	case COMMAND_RIGHT:
		f->on_takers = f->takers.list.count && f->takers.first_row >= 0;
		return true;
	case COMMAND_OPEN:
		open_row(f, app);
		return true;
	case COMMAND_GRAPH:
		open_graph(f, app);
		return true;
	case COMMAND_BACK:
		if (!f->on_takers)
			return listing_command(&f->base, app, command);
		f->on_takers = false;
		return true;
	default:
		return (f->on_takers && takers_command(f, app, command)) || sort_keys(f, app, command) ||
		       listing_command(&f->base, app, command);
	}
}

static bool inside(struct area area, const struct event *event)
{
	return event->row >= area.row && event->row < area.row + area.rows && event->column >= area.column &&
	       event->column < area.column + area.columns;
}

static void mouse_takers(struct faults *f, struct app *app, const struct event *event)
{
	size_t line = f->takers.list.top + (size_t)(event->row - f->takers.first_row);

	if (!list_wheel(&f->takers.list, event)) {
		if (event->row < f->takers.first_row || line >= f->takers.list.count)
			return;
		f->on_takers = true;
		list_set_cursor(&f->takers.list, line);
	}
	fault_takers_keep(&f->takers, app);
	if (event->kind == EVENT_DOUBLE_CLICK)
		open_row(f, app);
}

static void faults_view_mouse(struct view *view, struct app *app, const struct event *event)
{
	struct faults *f = (struct faults *)view;
	enum fault_column column = fault_column_at(&f->layout, event->column);

	if (f->takers.first_row >= 0 && inside(f->takers.area, event)) {
		mouse_takers(f, app, event);
	} else if (event->kind == EVENT_CLICK && event->row == f->title_row && f->title_row >= 0) {
		if (column != FAULT_COLUMNS)
			set_sort(f, app, column);
	} else if (f->title_row < 0 || event->row > f->title_row || event->kind >= EVENT_WHEEL_UP) {
		if (event->kind < EVENT_WHEEL_UP)
			f->on_takers = false;
		listing_mouse(&f->base, app, event);
	}
}

static void faults_view_close(struct view *view)
{
	struct faults *f = (struct faults *)view;

	fault_takers_free(&f->takers);
	free(f);
}

static const struct view_ops faults_view_ops = {
	.name = "Faults",
	.context = CONTEXT_FAULTS,
	.close = faults_view_close,
	.sample = faults_view_sample,
	.draw = faults_view_draw,
	.command = faults_view_command,
	.mouse = faults_view_mouse,
	.needs = faults_view_needs,
	.scope = listing_scope,
};

struct view *faults_view_open(struct app *app)
{
	struct faults *f = calloc(1, sizeof *f);

	(void)app;
	if (!f)
		return NULL;
	listing_init(&f->base, &faults_view_ops);
	f->base.contains = contains;
	f->base.moved = moved;
	f->class = f->takers.class = FAULT_ALL;
	f->sort = FAULT_COLUMN_RATE;
	f->title_row = f->takers.first_row = -1;
	return &f->base.view;
}
