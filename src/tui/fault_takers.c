/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/fault_takers.h"

#include <stdlib.h>

#include "out/cell.h"
#include "tui/columns.h"
#include "tui/fault_stats.h"

enum { GAP = 1, PID_COLUMNS = 7, COMMAND_MIN = 12, PER_SECOND = 1000 };

enum process_metric fault_takers_count(unsigned class)
{
	return class < FAULT_CLASSES ? fault_metric_count((enum fault_class) class) : PROC_FAULTS_SEEN;
}

enum process_metric fault_takers_rate(unsigned class)
{
	return class < FAULT_CLASSES ? fault_metric_rate((enum fault_class) class) : PROC_FAULTS_SEEN_RATE;
}

enum process_metric fault_takers_time(unsigned class)
{
	return class < FAULT_CLASSES ? fault_metric_seconds((enum fault_class) class) : PROC_FAULT_SECONDS;
}

/* -- who -------------------------------------------------------------------------------------------------- */

struct ordering {
	const struct process *processes;
	enum process_metric rate, count;
};

/* 0 without an amount. */
static int64_t amount_of(const struct process *process, enum process_metric metric)
{
	struct value value = process_value(process, metric);

	return value_has_amount(value.status) ? value.amount : 0;
}

/* Of one that is new its count, which it took since the sample before, or since nobody knows when. */
static int64_t rate_of(const struct process *process, const struct ordering *ordering)
{
	struct value rate = process_value(process, ordering->rate);
	int64_t count = amount_of(process, ordering->count);

	if (rate.status != VALUE_PENDING)
		return amount_of(process, ordering->rate);
	return count < INT64_MAX / PER_SECOND ? count * PER_SECOND : INT64_MAX;
}

static int compare(const void *left, const void *right, void *context)
{
	const struct ordering *ordering = context;
	uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;
	const struct process *a = &ordering->processes[l], *b = &ordering->processes[r];
	int64_t a_amount = rate_of(a, ordering), b_amount = rate_of(b, ordering);

	if (a_amount == b_amount) {
		a_amount = amount_of(a, ordering->count);
		b_amount = amount_of(b, ordering->count);
	}
	if (a_amount != b_amount)
		return a_amount > b_amount ? -1 : 1;
	return (l > r) - (l < r);
}

static bool reserve(struct fault_takers *takers, size_t count)
{
	uint32_t *order;

	if (count <= takers->capacity)
		return true;
	order = realloc(takers->order, count * sizeof *order);
	if (!order)
		return false;
	takers->order = order;
	takers->capacity = count;
	return true;
}

/* The cursor goes where its process is now. One that takes none any more leaves it where it is. */
static void find_kept(struct fault_takers *takers, const struct snapshot *snapshot)
{
	for (size_t i = 0; takers->key && i < takers->list.count; i++) {
		if (process_key(&snapshot->processes[takers->order[i]]) == takers->key) {
			list_set_cursor(&takers->list, i);
			return;
		}
	}
}

void fault_takers_fill(struct fault_takers *takers, struct app *app, unsigned class)
{
	const struct snapshot *snapshot = app->snapshot;
	struct ordering ordering = { snapshot->processes, fault_takers_rate(class), fault_takers_count(class) };
	size_t count = 0;

	if (class != takers->class) {
		takers->list = (struct list){ 0 };
		takers->key = 0;
	}
	takers->class = class;
	if (!reserve(takers, snapshot->process_count)) {
		list_set_count(&takers->list, 0);
		app_error(app, "out of memory");
		return;
	}
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (amount_of(&snapshot->processes[i], ordering.count) > 0)
			takers->order[count++] = (uint32_t)i;
	if (count)
		qsort_r(takers->order, count, sizeof *takers->order, compare, &ordering);
	list_set_count(&takers->list, count);
	find_kept(takers, snapshot);
}

void fault_takers_free(struct fault_takers *takers)
{
	free(takers->order);
}

const struct process *fault_takers_chosen(const struct fault_takers *takers, const struct app *app)
{
	return takers->list.count ? &app->snapshot->processes[takers->order[takers->list.cursor]] : NULL;
}

void fault_takers_keep(struct fault_takers *takers, const struct app *app)
{
	const struct process *process = fault_takers_chosen(takers, app);

	takers->key = process && takers->list.cursor ? process_key(process) : 0;
}

bool fault_takers_are_told(const struct app *app)
{
	for (size_t i = 0; i < app->snapshot->process_count; i++)
		if (value_has_amount(process_value(&app->snapshot->processes[i], PROC_FAULTS_SEEN).status))
			return true;
	return false;
}

/* -- drawing ---------------------------------------------------------------------------------------------- */

/* The numbers beside the PID, the most important first; those that have no room are left out. */
static const enum fault_column numbers[] = { FAULT_COLUMN_RATE, FAULT_COLUMN_COUNT, FAULT_COLUMN_TIME };

enum { NUMBERS = sizeof numbers / sizeof *numbers };

static int numbers_shown(int columns)
{
	int shown = 0, room = columns - PID_COLUMNS - GAP - COMMAND_MIN;

	while (shown < NUMBERS && room >= fault_column_width(numbers[shown]) + GAP)
		room -= fault_column_width(numbers[shown++]) + GAP;
	return shown;
}

static int clipped(int width, int room)
{
	return width < room ? width : room > 0 ? room : 0;
}

static void draw_titles(const struct fault_takers *takers, struct canvas *canvas, struct area area)
{
	int column = area.column, end = area.column + area.columns;

	canvas_fill(canvas, (struct area){ area.row, area.column, 1, area.columns }, STYLE_HEADING);
	canvas_put_right(canvas, area.row, column, clipped(PID_COLUMNS, area.columns), STYLE_HEADING, "PID");
	column += PID_COLUMNS + GAP;
	for (int i = 0, shown = numbers_shown(area.columns); i < shown; i++) {
		int width = fault_column_width(numbers[i]);

		canvas_put_right(canvas, area.row, column, width, STYLE_HEADING,
				 fault_column_title(numbers[i]));
		column += width + GAP;
	}
	canvas_printf(canvas, area.row, column, clipped(area.columns, end - column), STYLE_HEADING,
		      "COMMAND (%s)", fault_class_name(takers->class));
}

static void draw_process(const struct fault_takers *takers, struct canvas *canvas, struct area area,
			 const struct process *process)
{
	const enum process_metric metrics[NUMBERS] = { fault_takers_rate(takers->class),
						       fault_takers_count(takers->class),
						       fault_takers_time(takers->class) };
	const struct text *comm = process->text[TEXT_COMM];
	int column = area.column, end = area.column + area.columns;
	char cell[CELL_MAX];

	canvas_put_right(
		canvas, area.row, column, clipped(PID_COLUMNS, area.columns), STYLE_NORMAL,
		cell_number(cell, metric_get(SCOPE_PROCESS, PROC_PID), process_value(process, PROC_PID)));
	column += PID_COLUMNS + GAP;
	for (int i = 0, shown = numbers_shown(area.columns); i < shown; i++) {
		const struct metric *metric = metric_get(SCOPE_PROCESS, metrics[i]);
		struct value value = process_value(process, metrics[i]);
		int width = fault_column_width(numbers[i]);

		canvas_put_right(canvas, area.row, column, width, columns_style(metric, value, STYLE_NORMAL),
				 cell_number(cell, metric, value));
		column += width + GAP;
	}
	canvas_put(canvas, area.row, column, clipped(area.columns, end - column), STYLE_STRONG,
		   comm ? comm->s : value_status_mark(process_value(process, PROC_COMM).status));
}

static void draw_nobody(const struct fault_takers *takers, const struct app *app, struct canvas *canvas,
			struct area area)
{
	if (fault_takers_are_told(app))
		canvas_printf(canvas, area.row, area.column, area.columns, STYLE_DIM,
			      "no process that runs took faults of class %s", fault_class_name(takers->class));
	else
		canvas_put(canvas, area.row, area.column, area.columns, STYLE_NOTICE,
			   "who took them is not told by this tier");
}

void fault_takers_draw(struct fault_takers *takers, const struct app *app, struct canvas *canvas,
		       struct area area, bool focus)
{
	takers->area = area;
	takers->first_row = -1;
	if (area.rows < 2 || area.columns < 1)
		return;
	draw_titles(takers, canvas, area);
	area.row++;
	area.rows--;
	takers->first_row = area.row;
	list_set_page(&takers->list, (size_t)area.rows);
	if (!takers->list.count)
		draw_nobody(takers, app, canvas, area);
	for (int i = 0; i < area.rows && takers->list.top + (size_t)i < takers->list.count; i++) {
		size_t line = takers->list.top + (size_t)i;
		struct area row = { area.row + i, area.column, 1, area.columns };

		draw_process(takers, canvas, row, &app->snapshot->processes[takers->order[line]]);
		if (focus && line == takers->list.cursor)
			canvas_mark_cursor(canvas, row);
	}
}
