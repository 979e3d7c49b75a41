/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cgroups.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/arrange.h"
#include "tui/columns.h"
#include "tui/graph.h"
#include "tui/listing.h"
#include "tui/processes.h"
#include "tui/sort.h"

enum { NEAR_PERCENT = 90, FULL_PERCENT = 98, TITLE_MIN_ROWS = 3, COUNT_MIN_ROWS = 6, HISTORY_ROWS = 40 };

struct cgroups {
	struct listing listing;
	struct columns columns;
	int title_row;
};

static const char *path_of(const struct app *app, size_t item)
{
	const struct text *path = app->snapshot->cgroups[item].path;

	return path ? path->s : "";
}

/* -- items ------------------------------------------------------------------------------------------------ */

static size_t total(const struct listing *listing, const struct app *app)
{
	(void)listing;
	return app->snapshot->cgroup_count;
}

static bool contains(const struct listing *listing, const struct app *app, size_t item, const char *text)
{
	(void)listing;
	return strcasestr(path_of(app, item), text) != NULL;
}

struct order {
	const struct app *app;
	unsigned slot;
	bool ascending;
};

/* What is not known comes last; equal ones in order of path, which is that of the snapshot. */
static int compare(const void *left, const void *right, void *context)
{
	const struct order *order = context;
	uint32_t x = *(const uint32_t *)left, y = *(const uint32_t *)right;
	const struct cgroup *a = &order->app->snapshot->cgroups[x], *b = &order->app->snapshot->cgroups[y];
	bool a_known = value_has_amount(a->status[order->slot]), b_known = value_has_amount(b->status[order->slot]);
	int by = 0;

	if (a_known != b_known)
		return a_known ? -1 : 1;
	if (a_known)
		by = (a->amount[order->slot] > b->amount[order->slot]) - (a->amount[order->slot] < b->amount[order->slot]);
	if (by)
		return order->ascending ? by : -by;
	return (x > y) - (x < y);
}

static int sort_items(struct listing *listing, const struct app *app)
{
	const struct table_settings *table = &app->settings.cgroups;
	struct order order = { app, table->sort->index, table->ascending };

	qsort_r(listing->items, listing->count, sizeof *listing->items, compare, &order);
	return 0;
}

static const struct listing_ops items = { total, contains, sort_items };

/* -- drawing ---------------------------------------------------------------------------------------------- */

/* Share of the tighter limit in percent, -1 without one. */
static int use_of(const struct cgroup *cgroup)
{
	static const enum cgroup_metric limits[] = { CG_MAX, CG_HIGH };
	int64_t limit = INT64_MAX;

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (value_has_amount(cgroup->status[limits[i]]) && cgroup->amount[limits[i]] < limit)
			limit = cgroup->amount[limits[i]];
	if (limit == INT64_MAX || limit <= 0 || !value_has_amount(cgroup->status[CG_CURRENT]))
		return -1;
	return (int)(100.0 * (double)cgroup->amount[CG_CURRENT] / (double)limit);
}

static enum style use_style(int percent)
{
	if (percent < 0)
		return STYLE_NORMAL;
	return percent >= FULL_PERCENT ? STYLE_ERROR : percent >= NEAR_PERCENT ? STYLE_HIGH : STYLE_GOOD;
}

/* The path, and before it how much of its limit it uses. */
static void put_label(const struct app *app, struct canvas *canvas, int row, const struct column_place *place, size_t item)
{
	int percent = use_of(&app->snapshot->cgroups[item]), used = 0;
	const char *path = path_of(app, item);

	if (percent >= 0)
		used = canvas_printf(canvas, row, place->at, place->width, use_style(percent), "%3d%% ", percent);
	canvas_put(canvas, row, place->at + used, place->width - used, STYLE_NORMAL, path);
}

static void draw_row(struct cgroups *c, const struct app *app, struct canvas *canvas, int row, size_t item)
{
	const struct cgroup *cgroup = &app->snapshot->cgroups[item];
	struct record record = record_cgroup(cgroup);
	char cell[CELL_MAX];

	for (size_t i = 0; i < c->columns.count; i++) {
		const struct column_place *place = &c->columns.places[i];
		enum style style;

		if (place->at < 0)
			continue;
		if (!place->metric) {
			put_label(app, canvas, row, place, item);
			continue;
		}
		style = columns_style(place->metric, record_value(&record, place->metric),
				      place->metric->index == CG_CURRENT ? use_style(use_of(cgroup)) : STYLE_NORMAL);
		columns_put(&c->columns, canvas, row, i, style,
			    cell_text_in(cell, &record, place->metric, app->settings.unit));
	}
}

/* Why there is nothing. */
static void draw_empty(const struct cgroups *c, const struct app *app, struct canvas *canvas, int row, struct area area)
{
	const struct snapshot *snapshot = app->snapshot;

	if (*c->listing.filter && snapshot->cgroup_count) {
		canvas_printf(canvas, row, area.column, area.columns, STYLE_NOTICE, "no cgroup matches the filter \"%s\"; Esc drops it",
			      c->listing.filter);
		return;
	}
	for (unsigned i = 0; i < snapshot->notice_count; i++) {
		if (strcmp(snapshot->notices[i].topic, "cgroups"))
			continue;
		canvas_printf(canvas, row, area.column, area.columns, STYLE_NOTICE, "%s: %s", snapshot->notices[i].text,
			      snapshot->notices[i].remedy);
		return;
	}
	canvas_put(canvas, row, area.column, area.columns, STYLE_DIM,
		   snapshot->system_status[SYS_CGROUPS] == VALUE_PENDING ? "reading cgroups ..." :
		   "there are no cgroups with a memory controller");
}

static void draw_rows(struct cgroups *c, struct app *app, struct canvas *canvas, struct area area)
{
	const struct table_settings *table = &app->settings.cgroups;
	struct listing *listing = &c->listing;
	int row = area.row, end = area.row + area.rows;

	columns_layout(&c->columns, table, "PATH", area.column, area.columns);
	c->title_row = listing->first_row = -1;
	if (area.rows >= TITLE_MIN_ROWS) {
		canvas_fill(canvas, (struct area){ row, area.column, 1, area.columns }, STYLE_HEADING);
		c->title_row = row;
		columns_draw_titles(&c->columns, canvas, row++, table, "PATH");
	}
	if (area.rows >= COUNT_MIN_ROWS)
		listing_draw_count(listing, canvas, row++, area, "cgroups");
	listing->first_row = row;
	list_set_page(&listing->list, end > row ? (size_t)(end - row) : 0);
	if (!listing->count)
		draw_empty(c, app, canvas, row, area);
	for (size_t i = listing->list.top; row < end && i < listing->count; i++, row++) {
		draw_row(c, app, canvas, row, listing->items[i]);
		if (i == listing->list.cursor)
			canvas_mark_cursor(canvas, (struct area){ row, area.column, 1, area.columns });
	}
}

static void cgroups_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	struct cgroups *c = (struct cgroups *)view;

	if (area.rows <= 0 || area.columns <= 0)
		return;
	draw_rows(c, app, canvas, area);
	if (c->columns.widened) {
		canvas_fill(canvas, area, STYLE_NORMAL);
		draw_rows(c, app, canvas, area);
	}
}

/* -- commands --------------------------------------------------------------------------------------------- */

static void cgroups_sample(struct view *view, struct app *app)
{
	struct cgroups *c = (struct cgroups *)view;
	struct listing *listing = &c->listing;

	listing_update(listing, app);
	for (size_t i = listing->list.top; i < listing->count && i < listing->list.top + HISTORY_ROWS; i++)
		history_want(app->history, SCOPE_CGROUP, arrange_cgroup_key(path_of(app, listing->items[i])),
			     metric_get(SCOPE_CGROUP, CG_CURRENT));
}

/* The path as a regular expression in a quoted text of a filter: what has a meaning in either loses it. */
static bool escape_path(char *out, size_t cap, const char *path)
{
	size_t len = 0;

	for (; *path; path++) {
		if (len + 8 >= cap)
			return false;
		/* A class of one character needs no backslash; these cannot stand in one. */
		if (strchr("^\\\"", *path))
			out[len++] = '.';
		else if (strchr(".[]{}()*+?$|", *path))
			len += (size_t)snprintf(out + len, cap - len, "[%c]", *path);
		else
			out[len++] = *path;
	}
	out[len] = '\0';
	return true;
}

/* The processes in it and below it. */
static void show_processes(struct cgroups *c, struct app *app)
{
	size_t item = listing_item(&c->listing);
	char escaped[PROMPT_MAX - 32], expression[PROMPT_MAX];

	if (item == SIZE_MAX)
		return;
	if (!strcmp(path_of(app, item), "/")) {
		processes_filter(app, "");
	} else if (escape_path(escaped, sizeof escaped, path_of(app, item))) {
		snprintf(expression, sizeof expression, "cgroup~\"^%s(/|$)\"", escaped);
		processes_filter(app, expression);
	} else {
		app_error(app, "the path is too long for a filter");
	}
}

static void show_graph(struct cgroups *c, struct app *app)
{
	size_t item = listing_item(&c->listing);

	if (item != SIZE_MAX)
		app_push(app, graph_new(app, SCOPE_CGROUP, arrange_cgroup_key(path_of(app, item)), path_of(app, item),
					app->settings.cgroups.sort));
}

static bool cgroups_command(struct view *view, struct app *app, enum command command)
{
	struct cgroups *c = (struct cgroups *)view;

	switch (command) {
	case COMMAND_OPEN:
		show_processes(c, app);
		return true;
	case COMMAND_GRAPH:
		show_graph(c, app);
		return true;
	default:
		return listing_command(&c->listing, app, command) || columns_command(&c->columns, command) ||
		       sort_command(app, &app->settings.cgroups, SCOPE_CGROUP, command);
	}
}

static void cgroups_mouse(struct view *view, struct app *app, const struct event *event)
{
	struct cgroups *c = (struct cgroups *)view;
	const struct metric *metric = columns_at(&c->columns, event->column);

	if (event->row == c->title_row && event->kind == EVENT_CLICK) {
		if (metric)
			sort_click(app, &app->settings.cgroups, metric);
	} else if (listing_mouse(&c->listing, event)) {
		show_processes(c, app);
	}
}

static unsigned cgroups_needs(const struct view *view, const struct app *app)
{
	(void)view;
	(void)app;
	return NEED_CGROUPS;
}

static void cgroups_close(struct view *view)
{
	listing_free((struct listing *)view);
	free(view);
}

static const struct view_ops cgroups_ops = {
	.name = "Cgroups",
	.context = CONTEXT_CGROUPS,
	.close = cgroups_close,
	.sample = cgroups_sample,
	.draw = cgroups_draw,
	.command = cgroups_command,
	.mouse = cgroups_mouse,
	.needs = cgroups_needs,
};

struct view *cgroups_open(struct app *app)
{
	struct cgroups *c = calloc(1, sizeof *c);

	(void)app;
	if (!c)
		return NULL;
	c->listing.view.ops = &cgroups_ops;
	c->listing.ops = &items;
	c->title_row = c->listing.first_row = -1;
	return &c->listing.view;
}
