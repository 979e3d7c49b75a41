/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/detail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/faults.h"
#include "model/find.h"
#include "tui/detail_page.h"
#include "tui/exact.h"
#include "tui/graph.h"
#include "tui/kill.h"
#include "tui/plot.h"
#include "util/text.h"

static const struct page_ops *const pages[] = { &detail_overview, &detail_values, &detail_history,
						&detail_limits, &detail_faults };

enum { PAGES = sizeof pages / sizeof *pages, TAB_FRAME = 4, SCROLL_LINES = 3 };

_Static_assert((int)PAGES <= (int)DETAIL_PAGES_MAX, "a key for each page");

/* -- what is known of the process ------------------------------------------------------------------------- */

static void drop_process(struct process *process)
{
	for (int i = 0; i < TEXT_COUNT; i++)
		text_unref(process->text[i]);
	fault_values_unref(process->faults);
	*process = (struct process){ 0 };
}

static void keep_process(struct detail *detail, const struct process *process)
{
	drop_process(&detail->process);
	detail->process = *process;
	for (int i = 0; i < TEXT_COUNT; i++)
		text_ref(detail->process.text[i]);
	fault_values_ref(detail->process.faults);
}

static void drop_watched(struct watched *watched)
{
	if (!watched)
		return;
	text_unref(watched->exe);
	free(watched);
}

/* Length of a path without what the kernel appends when the file has been removed or replaced. */
static size_t program_len(const struct text *exe)
{
	static const char deleted[] = " (deleted)";
	size_t len = exe->len, suffix = sizeof deleted - 1;

	return len > suffix && !strcmp(exe->s + len - suffix, deleted) ? len - suffix : len;
}

/* The same process with another program has called exec. */
static void note_exec(struct detail *detail, const struct app *app, const struct watched *now)
{
	const struct watched *before = detail->watched;
	size_t len, now_len;

	if (!before || !before->exe || !now->exe)
		return;
	len = program_len(before->exe);
	now_len = program_len(now->exe);
	if (len == now_len && !memcmp(before->exe->s, now->exe->s, len))
		return;
	free(detail->exec_before);
	detail->exec_before = strndup(before->exe->s, len);
	detail->exec_real_ns = app->snapshot->real_ns;
}

static void keep_watched(struct detail *detail, const struct app *app)
{
	const struct watched *watched = app->snapshot->watched;
	struct watched *copy;

	if (!watched || watched->pid != detail->pid || watched->start_time != detail->start_time)
		return;
	copy = malloc(sizeof *copy);
	if (!copy)
		return;
	note_exec(detail, app, watched);
	*copy = *watched;
	text_ref(copy->exe);
	drop_watched(detail->watched);
	detail->watched = copy;
}

/* The step from an estimate to the first reading is no change. */
static void keep_first(struct detail *detail)
{
	for (unsigned i = 0; i < PROC_COUNT; i++) {
		struct first_amount *first = &detail->first[i];
		struct value value = process_value(&detail->process, i);

		if (value_has_amount(value.status) &&
		    (!value_has_amount(first->status) ||
		     (first->status == VALUE_ESTIMATED && value.status != VALUE_ESTIMATED)))
			*first = (struct first_amount){ value.amount, (uint8_t)value.status };
	}
}

static void keep_parent(struct detail *detail, const struct app *app)
{
	const struct process *parent = find_pid(app->snapshot, detail->process.amount[PROC_PPID]);
	const struct text *comm = parent ? parent->text[TEXT_COMM] : NULL;

	snprintf(detail->parent, sizeof detail->parent, "%s", comm ? comm->s : "");
}

/* All that has a curve or a change of its own on some page. */
static void want_history(const struct detail *detail, struct app *app)
{
	for (unsigned i = 0; i < PROC_COUNT; i++) {
		const struct metric *metric = metric_get(SCOPE_PROCESS, i);

		if ((metric->unit == UNIT_BYTES && metric->kind == KIND_GAUGE) || i == PROC_FAULT_RATE)
			history_want(app->history, SCOPE_PROCESS, detail->key, metric);
	}
}

static void detail_sample(struct view *view, struct app *app)
{
	struct detail *detail = (struct detail *)view;
	const struct process *process = find_process(app->snapshot, detail->key);

	if (process) {
		keep_process(detail, process);
		keep_first(detail);
		keep_parent(detail, app);
		detail->seen_boottime_ns = app->snapshot->boottime_ns;
	} else if (!detail->gone) {
		detail->gone_real_ns = app->snapshot->real_ns;
	}
	detail->gone = !process;
	keep_watched(detail, app);
	if (process)
		want_history(detail, app);
}

/* -- drawing ---------------------------------------------------------------------------------------------- */

/* "4711 postgres" */
static const char *name_of(const struct detail *detail, char buf[64])
{
	const struct text *comm = detail->process.text[TEXT_COMM];

	snprintf(buf, 64, "%" PRId32 " %s", detail->pid, comm ? comm->s : "");
	return buf;
}

/* Where each page's tab is: "[1 Overview]"; columns 0 when there is room for this page's alone. */
static void place_tabs(struct detail *detail, int columns)
{
	char name[64];
	int at;

	name_of(detail, name);
	at = (int)text_columns(name, strlen(name)) + 1;
	for (unsigned i = 0; i < PAGES; i++) {
		detail->tabs[i].column = at;
		detail->tabs[i].columns = (int)strlen(pages[i]->title) + TAB_FRAME;
		at += detail->tabs[i].columns + 1;
	}
	for (unsigned i = 0; i < PAGES && at - 1 > columns; i++)
		detail->tabs[i].columns = 0;
}

/* The pages with their keys, the one shown in brackets, and whose they are. */
static void draw_tabs(struct detail *detail, struct canvas *canvas, struct area area)
{
	char name[64];
	int used;

	name_of(detail, name);
	place_tabs(detail, area.columns);
	if (!detail->tabs[0].columns) {
		used = canvas_printf(canvas, area.row, area.column, area.columns, STYLE_SORTED, "[%u %s]",
				     detail->page + 1, pages[detail->page]->title);
		canvas_printf(canvas, area.row, area.column + used, area.columns - used, STYLE_TITLE, " %s",
			      name);
		return;
	}
	canvas_put(canvas, area.row, area.column, area.columns, STYLE_TITLE, name);
	for (unsigned i = 0; i < PAGES; i++) {
		bool shown = i == detail->page;

		canvas_printf(canvas, area.row, area.column + detail->tabs[i].column, detail->tabs[i].columns,
			      shown ? STYLE_SORTED : STYLE_NORMAL, shown ? "[%u %s]" : " %u %s ", i + 1,
			      pages[i]->title);
	}
}

/* What of a page is in sight, behind the tabs, unless it is all of it. */
static void draw_position(const struct detail *detail, struct canvas *canvas, struct area area)
{
	const struct list *list = &detail->lists[detail->page];
	size_t end = list->top + list->page < list->count ? list->top + list->page : list->count;
	int used = detail->tabs[PAGES - 1].column + detail->tabs[PAGES - 1].columns + 1;
	char text[64];

	if (!detail->tabs[0].columns || list->count <= list->page)
		return;
	snprintf(text, sizeof text, "%zu-%zu of %zu", list->top + 1, end, list->count);
	if (used + (int)strlen(text) <= area.columns)
		canvas_put_right(canvas, area.row, area.column + used, area.columns - used, STYLE_DIM, text);
}

/* What changed about the process as a whole; returns the lines it took. */
static int draw_news(const struct detail *detail, const struct app *app, struct canvas *canvas,
		     struct area area)
{
	char when[DETAIL_TIME_MAX];
	int rows = 0;

	if (detail->gone && rows < area.rows)
		canvas_printf(canvas, area.row + rows++, area.column, area.columns, STYLE_NOTICE,
			      "GONE: it has ended, noticed at %s; shown as last seen",
			      detail_time(app, when, detail->gone_real_ns));
	if (detail->exec_before && rows < area.rows)
		canvas_printf(canvas, area.row + rows++, area.column, area.columns, STYLE_NOTICE,
			      "new program: it called exec, noticed at %s; before, it was %s",
			      detail_time(app, when, detail->exec_real_ns), detail->exec_before);
	return rows;
}

static void detail_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	struct detail *detail = (struct detail *)view;
	struct list *list = &detail->lists[detail->page];
	size_t top = list->top;
	int head;

	detail->area = detail->content = area;
	if (area.rows < 1 || area.columns < 1)
		return;
	draw_tabs(detail, canvas, area);
	area.row++;
	area.rows--;
	head = draw_news(detail, app, canvas, area);
	head += area.rows - head > 12;	/* a blank line, where there is room */
	area.row += head;
	area.rows -= head;
	detail->content = area;
	if (area.rows < 1)
		return;
	pages[detail->page]->draw(detail, app, canvas, area, list);
	if (list->top != top) {
		/* It was scrolled beyond what there is now. */
		canvas_fill(canvas, area, STYLE_NORMAL);
		pages[detail->page]->draw(detail, app, canvas, area, list);
	}
	draw_position(detail, canvas, detail->area);
}

/* -- commands --------------------------------------------------------------------------------------------- */

static void open_graph(const struct detail *detail, struct app *app)
{
	const struct page_ops *page = pages[detail->page];
	const struct metric *metric = page->metric ? page->metric(detail, &detail->lists[detail->page]) : NULL;
	char name[64];

	app_push(app, graph_new(app, SCOPE_PROCESS, detail->key, name_of(detail, name), metric));
}

static void act(const struct detail *detail, struct app *app, enum command command)
{
	struct kill_target target;

	if (detail->gone) {
		app_error(app, "%" PRId32 " has ended", detail->pid);
	} else if (command == COMMAND_KILL) {
		kill_target_set(&target, &detail->process);
		kill_ask(app, &target, 1);
	} else {
		exact_ask(app, &detail->process);
	}
}

/* Pages without a cursor move at once. */
static bool scroll(struct list *list, enum command command)
{
	size_t page = list->page > 1 ? list->page - 1 : 1;
	size_t last = list->count > list->page ? list->count - list->page : 0, top = list->top;

	switch (command) {
	case COMMAND_UP:
		top -= top > 0;
		break;
	case COMMAND_DOWN:
		top++;
		break;
	case COMMAND_PAGE_UP:
		top -= top > page ? page : top;
		break;
	case COMMAND_PAGE_DOWN:
		top += page;
		break;
	case COMMAND_HOME:
		top = 0;
		break;
	case COMMAND_END:
		top = last;
		break;
	default:
		return false;
	}
	list->top = top < last ? top : last;
	return true;
}

static bool detail_command(struct view *view, struct app *app, enum command command)
{
	struct detail *detail = (struct detail *)view;
	struct list *list = &detail->lists[detail->page];

	switch (command) {
	case COMMAND_LEFT:
		detail->page = (detail->page + PAGES - 1) % PAGES;
		return true;
	case COMMAND_RIGHT:
		detail->page = (detail->page + 1) % PAGES;
		return true;
	case COMMAND_LONGER:
		detail->span += detail->span + 1 < PLOT_SPANS;
		return true;
	case COMMAND_SHORTER:
		detail->span -= detail->span > 0;
		return true;
	case COMMAND_OPEN:
	case COMMAND_GRAPH:
		open_graph(detail, app);
		return true;
	case COMMAND_KILL:
	case COMMAND_EXACT:
		act(detail, app, command);
		return true;
	default:
		if (!pages[detail->page]->choices)
			return scroll(list, command);
		list_set_count(list, pages[detail->page]->choices);	/* it may not have been drawn yet */
		return list_command(list, command);
	}
}

static bool detail_key(struct view *view, struct app *app, int32_t key)
{
	struct detail *detail = (struct detail *)view;

	(void)app;
	if (key < '1' || key >= '1' + PAGES)
		return false;
	detail->page = (unsigned)(key - '1');
	return true;
}

static void click_tab(struct detail *detail, int column)
{
	for (unsigned i = 0; i < PAGES; i++)
		if (column >= detail->tabs[i].column &&
		    column < detail->tabs[i].column + detail->tabs[i].columns)
			detail->page = i;
}

static void click(struct detail *detail, struct app *app, const struct event *event)
{
	struct list *list = &detail->lists[detail->page];
	size_t line = list->top + (size_t)(event->row - detail->content.row);

	if (event->row == detail->area.row)
		click_tab(detail, event->column - detail->area.column);
	if (!pages[detail->page]->choices || event->row < detail->content.row || line >= list->count ||
	    line - list->top >= list->page)
		return;
	list_set_cursor(list, line);
	if (event->kind == EVENT_DOUBLE_CLICK)
		open_graph(detail, app);
}

static void detail_mouse(struct view *view, struct app *app, const struct event *event)
{
	struct detail *detail = (struct detail *)view;
	struct list *list = &detail->lists[detail->page];

	if (event->kind == EVENT_CLICK || event->kind == EVENT_DOUBLE_CLICK)
		click(detail, app, event);
	else if (pages[detail->page]->choices)
		list_wheel(list, event);
	else
		for (int i = 0; i < SCROLL_LINES; i++)
			scroll(list, event->kind == EVENT_WHEEL_UP ? COMMAND_UP : COMMAND_DOWN);
}

static unsigned detail_needs(const struct view *view, const struct app *app)
{
	(void)app;
	return pages[((const struct detail *)view)->page]->needs;
}

/* -- the view --------------------------------------------------------------------------------------------- */

static void detail_close(struct view *view)
{
	struct detail *detail = (struct detail *)view;

	app_watch(detail->app, 0, 0);
	drop_process(&detail->process);
	drop_watched(detail->watched);
	free(detail->exec_before);
	free(detail);
}

static const struct view_ops detail_ops = {
	.name = "Process",
	.context = CONTEXT_DETAIL,
	.close = detail_close,
	.sample = detail_sample,
	.draw = detail_draw,
	.command = detail_command,
	.key = detail_key,
	.mouse = detail_mouse,
	.needs = detail_needs,
};

struct view *detail_new(struct app *app, const struct process *process)
{
	struct detail *detail = calloc(1, sizeof *detail);

	if (!detail)
		return NULL;
	if (process->is_thread)
		process = &app->snapshot->processes[process->owner];
	detail->view.ops = &detail_ops;
	detail->app = app;
	detail->key = process_key(process);
	detail->pid = (int32_t)process->amount[PROC_PID];
	detail->start_time = process->amount[PROC_START_TIME];
	detail->span = PLOT_SPAN_DEFAULT;
	detail->first_boottime_ns = detail->seen_boottime_ns = app->snapshot->boottime_ns;
	keep_process(detail, process);
	app_watch(app, detail->pid, detail->start_time);
	return &detail->view;
}
