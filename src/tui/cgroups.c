/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cgroups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/cell.h"
#include "tui/columns.h"
#include "tui/graph.h"
#include "tui/listing.h"
#include "tui/notice.h"
#include "tui/processes.h"
#include "tui/sort.h"

enum {
	DRAW_TRIES = 3,
	HISTORY_ROWS = 40,	/* whose past is kept */
	BAR_COLUMNS = 10,	/* of the use of the limit, */
	BAR_MIN = 46,	/* when the label has so many columns */
	SHARE_COLUMNS = 5,	/* " 75% " */
	PATH_MIN = 40,
	HIGH_PERCENT = 80,
	FULL_PERCENT = 95
};

struct cgroups {
	struct listing base;
	struct columns columns;
	uint32_t *order;	/* indexes of snapshot->cgroups that are shown */
	size_t order_capacity;
	uint64_t key;	/* of the row under the cursor */
	bool keep;	/* the cursor stays on KEY when rows move: always but at the top */
	int title_row;	/* as last drawn; -1 when not shown */
};

static const char *path_of(const struct cgroup *cgroup)
{
	return cgroup->path ? cgroup->path->s : "";
}

static const struct cgroup *at_line(const struct cgroups *c, const struct app *app, size_t line)
{
	return line < c->base.list.count ? &app->snapshot->cgroups[c->order[line]] : NULL;
}

static struct value value_of(const struct cgroup *cgroup, unsigned metric)
{
	return (struct value){ cgroup->amount[metric], cgroup->status[metric] };
}

static bool contains(const struct listing *listing, const struct app *app, size_t line, const char *text)
{
	return listing_text_contains(path_of(at_line((const struct cgroups *)listing, app, line)), text);
}

/* -- order ------------------------------------------------------------------------------------------------ */

struct ordering {
	const struct cgroup *cgroups;
	const struct table_settings *table;
};

/* As among processes: unknown values come last in both directions, equal ones in the order of paths. */
static int compare(const void *left, const void *right, void *context)
{
	const struct ordering *ordering = context;
	uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;
	unsigned metric = ordering->table->sort->index;
	struct value a = value_of(&ordering->cgroups[l], metric), b = value_of(&ordering->cgroups[r], metric);
	bool a_known = value_has_amount(a.status), b_known = value_has_amount(b.status);

	if (a_known != b_known)
		return a_known ? -1 : 1;
	if (a_known && a.amount != b.amount)
		return (a.amount < b.amount) == ordering->table->ascending ? -1 : 1;
	return l < r ? -1 : l > r;
}

static bool reserve(struct cgroups *c, size_t count)
{
	uint32_t *order;

	if (count <= c->order_capacity)
		return true;
	order = realloc(c->order, count * sizeof *order);
	if (!order)
		return false;
	c->order = order;
	c->order_capacity = count;
	return true;
}

static void want_history(struct cgroups *c, struct app *app)
{
	const struct metric *metric = metric_get(SCOPE_CGROUP, CG_CURRENT);
	size_t end = c->base.list.top + (c->base.list.page < HISTORY_ROWS ? c->base.list.page : HISTORY_ROWS);

	for (size_t i = c->base.list.top; i < end && i < c->base.list.count; i++)
		history_want(app->history, SCOPE_CGROUP, arrange_cgroup_key(path_of(at_line(c, app, i))),
			     metric);
}

static void remember(struct listing *listing, struct app *app)
{
	struct cgroups *c = (struct cgroups *)listing;
	const struct cgroup *cgroup = at_line(c, app, listing->list.cursor);

	c->key = cgroup ? arrange_cgroup_key(path_of(cgroup)) : 0;
	c->keep = listing->list.cursor > 0;
}

static void cgroups_sample(struct view *view, struct app *app)
{
	struct cgroups *c = (struct cgroups *)view;
	const struct snapshot *snapshot = app->snapshot;
	struct ordering ordering = { snapshot->cgroups, &app->settings.cgroups };
	size_t count = 0;

	if (!reserve(c, snapshot->cgroup_count)) {
		list_set_count(&c->base.list, 0);
		app_error(app, "out of memory");
		return;
	}
	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		if (!*c->base.filter || listing_text_contains(path_of(&snapshot->cgroups[i]), c->base.filter))
			c->order[count++] = (uint32_t)i;
	if (count)
		qsort_r(c->order, count, sizeof *c->order, compare, &ordering);
	list_set_count(&c->base.list, count);
	for (size_t i = 0; c->keep && i < count; i++) {
		if (arrange_cgroup_key(path_of(at_line(c, app, i))) == c->key) {
			list_set_cursor(&c->base.list, i);
			break;
		}
	}
	want_history(c, app);
}

static unsigned cgroups_needs(const struct view *view, const struct app *app)
{
	(void)view;
	(void)app;
	return NEED_CGROUPS;
}

/* -- drawing ---------------------------------------------------------------------------------------------- */

/* The limit that is met first: memory.high slows the cgroup down, memory.max kills. NOT_APPLICABLE without any. */
static struct value limit_of(const struct cgroup *cgroup)
{
	struct value high = value_of(cgroup, CG_HIGH), max = value_of(cgroup, CG_MAX);

	if (!value_has_amount(high.status))
		return max;
	return value_has_amount(max.status) && max.amount < high.amount ? max : high;
}

/* Its use in percent of its limit; -1 when there is none or one of them is not known. */
static int share_of(const struct cgroup *cgroup)
{
	struct value used = value_of(cgroup, CG_CURRENT), limit = limit_of(cgroup);
	double share;

	if (!value_has_amount(used.status) || !value_has_amount(limit.status))
		return -1;
	if (limit.amount <= 0)
		return used.amount > 0 ? 999 : 100;
	share = (double)used.amount / (double)limit.amount * 100;
	return share > 999 ? 999 : (int)share;
}

static enum style share_style(int share)
{
	return share >= FULL_PERCENT ? STYLE_ERROR : share >= HIGH_PERCENT ? STYLE_HIGH : STYLE_GOOD;
}

/* "[######....]  62% /path" */
static void draw_label(const struct cgroups *c, struct canvas *canvas, int row,
		       const struct column_place *place, const struct cgroup *cgroup)
{
	int share = share_of(cgroup), column = place->at, end = place->at + place->width;
	enum style style = share_style(share);

	if (place->width >= BAR_MIN) {
		int full = share < 0 ? 0 : share >= 100 ? BAR_COLUMNS : share * BAR_COLUMNS / 100;

		if (share >= 0) {
			canvas_put(canvas, row, column, 1, STYLE_TREE, "[");
			canvas_repeat(canvas, row, column + 1, full, style, GLYPH_BAR);
			canvas_repeat(canvas, row, column + 1 + full, BAR_COLUMNS - full, STYLE_FREE,
				      GLYPH_BAR_FREE);
			canvas_put(canvas, row, column + 1 + BAR_COLUMNS, 1, STYLE_TREE, "]");
		}
		column += BAR_COLUMNS + 2;
	}
	if (share >= 0)
		canvas_printf(canvas, row, column, end - column, style, "%3d%%", share);
	else
		canvas_put_right(canvas, row, column, SHARE_COLUMNS - 1, STYLE_ABSENT, "-");
	column += SHARE_COLUMNS;
	listing_put_path(canvas, row, column, end - column, STYLE_NORMAL, path_of(cgroup));
	listing_mark_match(&c->base, canvas, row, column, end - column, path_of(cgroup));
}

static void draw_row(struct cgroups *c, const struct app *app, struct canvas *canvas, int row,
		     const struct cgroup *cgroup)
{
	struct record record = record_cgroup(cgroup);
	int share = share_of(cgroup);
	char buf[CELL_MAX];

	for (size_t i = 0; i < c->columns.count; i++) {
		const struct column_place *place = &c->columns.places[i];
		const struct metric *metric = place->metric;
		enum style base = STYLE_NORMAL;

		if (place->at < 0)
			continue;
		if (!metric) {
			draw_label(c, canvas, row, place, cgroup);
			continue;
		}
		if (metric->index == CG_CURRENT && share >= 0)
			base = share_style(share);
		else if (metric->index == CG_OOM_KILLS && value_has_amount(cgroup->status[CG_OOM_KILLS]) &&
			 cgroup->amount[CG_OOM_KILLS])
			base = STYLE_ERROR;
		columns_put(&c->columns, canvas, row, i,
			    columns_style(metric, record_value(&record, metric), base),
			    cell_text_in(buf, &record, metric, app->settings.unit));
	}
}

/* Why there is nothing. */
static void draw_nothing(const struct cgroups *c, const struct app *app, struct canvas *canvas,
			 struct area area, int row)
{
	const struct notice *notice = notice_find(app->snapshot, "cgroups");

	if (row >= area.row + area.rows)
		return;
	if (app->snapshot->cgroup_count) {
		listing_draw_empty(&c->base, canvas, area, row, "path");
	} else if (notice) {
		canvas_put(canvas, row, area.column, area.columns, STYLE_NOTICE, notice->text);
		if (row + 1 < area.row + area.rows)
			canvas_put(canvas, row + 1, area.column, area.columns, STYLE_NORMAL, notice->remedy);
	} else if (app->snapshot->system_status[SYS_CGROUPS] == VALUE_OK) {
		canvas_put(canvas, row, area.column, area.columns, STYLE_NOTICE,
			   "there is no cgroup with a memory controller");
	} else {
		canvas_put(canvas, row, area.column, area.columns, STYLE_DIM, "reading cgroups ...");
	}
}

static void draw_once(struct cgroups *c, const struct app *app, struct canvas *canvas, struct area area)
{
	const struct table_settings *table = &app->settings.cgroups;
	int row = area.row, end = area.row + area.rows;
	const char *label = "USE  PATH";

	c->columns.last_min = PATH_MIN;
	columns_layout(&c->columns, table, label, area.column, area.columns);
	c->title_row = -1;
	if (area.rows > 1) {
		const struct column_place *last = &c->columns.places[c->columns.count - 1];

		if (last->width >= BAR_MIN)
			label = "USE OF LIMIT     PATH";
		c->title_row = row;
		columns_draw_titles(&c->columns, canvas, row++, table, label);
	}
	c->base.first_row = row;
	list_set_page(&c->base.list, (size_t)(end - row));
	if (!c->base.list.count)
		draw_nothing(c, app, canvas, area, row);
	for (size_t i = c->base.list.top; row < end && i < c->base.list.count; i++, row++) {
		draw_row(c, app, canvas, row, at_line(c, app, i));
		listing_mark(&c->base, canvas, area, row, i);
	}
}

static void cgroups_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	struct cgroups *c = (struct cgroups *)view;

	c->base.first_row = -1;
	if (area.rows <= 0 || area.columns <= 0)
		return;
	draw_once(c, app, canvas, area);
	for (int i = 1; c->columns.widened && i < DRAW_TRIES; i++) {
		canvas_fill(canvas, area, STYLE_NORMAL);
		draw_once(c, app, canvas, area);
	}
}

/* -- commands --------------------------------------------------------------------------------------------- */

/* The filter cgroup ~ "^PATH(/|$)": PATH as a regular expression within quotes. */
static bool filter_for(char *filter, size_t cap, const char *path)
{
	size_t len = (size_t)snprintf(filter, cap, "cgroup~\"^");

	for (; *path && strcmp(path, "/") != 0; path++) {
		/* A backslash stands for itself in a quoted text, but before a quote. */
		if (strchr("\\.[]{}()*+?^$|", *path))
			filter[len++] = '\\';
		if (*path == '"')
			filter[len++] = '\\';
		filter[len++] = *path;
		if (len + 12 > cap)
			return false;
	}
	snprintf(filter + len, cap - len, "(/|$)\"");
	return true;
}

static void open_row(const struct cgroups *c, struct app *app)
{
	const struct cgroup *cgroup = at_line(c, app, c->base.list.cursor);
	char filter[PROMPT_MAX];

	if (!cgroup)
		return;
	if (filter_for(filter, sizeof filter, path_of(cgroup)))
		processes_filter(app, filter);
	else
		app_error(app, "the path is too long for a filter");
}

static void open_graph(const struct cgroups *c, struct app *app)
{
	const struct cgroup *cgroup = at_line(c, app, c->base.list.cursor);

	if (cgroup)
		app_push(app, graph_new(app, SCOPE_CGROUP, arrange_cgroup_key(path_of(cgroup)), path_of(cgroup),
					app->settings.cgroups.sort));
}

static bool cgroups_command(struct view *view, struct app *app, enum command command)
{
	struct cgroups *c = (struct cgroups *)view;

	switch (command) {
	case COMMAND_OPEN:
		open_row(c, app);
		return true;
	case COMMAND_GRAPH:
		open_graph(c, app);
		return true;
	default:
		return listing_command(&c->base, app, command) || columns_command(&c->columns, command) ||
		       sort_command(app, &app->settings.cgroups, SCOPE_CGROUP, command);
	}
}

static void cgroups_mouse(struct view *view, struct app *app, const struct event *event)
{
	struct cgroups *c = (struct cgroups *)view;
	const struct metric *metric = columns_at(&c->columns, event->column);

	if (event->kind == EVENT_CLICK && event->row == c->title_row && metric)
		sort_click(app, &app->settings.cgroups, metric);
	else
		listing_mouse(&c->base, app, event);
}

static void cgroups_close(struct view *view)
{
	struct cgroups *c = (struct cgroups *)view;

	free(c->order);
	free(c);
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
	.scope = listing_scope,
};

struct view *cgroups_open(struct app *app)
{
	struct cgroups *c = calloc(1, sizeof *c);

	(void)app;
	if (!c)
		return NULL;
	listing_init(&c->base, &cgroups_ops);
	c->base.contains = contains;
	c->base.moved = remember;
	c->title_row = -1;
	return &c->base.view;
}
