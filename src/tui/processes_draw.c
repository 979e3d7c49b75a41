/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "tui/processes_view.h"
#include "util/text.h"

enum {
	MARK_COLUMNS = 1, /* at the left edge: tagged, exited */
	NAME_MIN_GROUPED = 30, /* what the name gets where it stands behind tree lines, or is a path */
	TITLE_MIN_ROWS = 3, /* from this height on there is a line of titles, */
	TOTAL_MIN_ROWS = 6, /* and from this one of totals */
	DRAW_TRIES = 3,
	USE_MAX = 96,
};

struct drawing {
	struct processes *p;
	struct app *app;
	struct canvas *canvas;
	struct area area;
	size_t name; /* the place with the name, or the count of places */
};

/* -- pieces of a cell ------------------------------------------------------------------------------------- */

/* Marks what the search looks for in TEXT, which is drawn from column AT on, WIDTH columns of it. */
static void mark_match(const struct drawing *d, int row, int at, int width, const char *text)
{
	const char *search = d->p->search.text, *found = *search ? strcasestr(text, search) : NULL;
	int before, len;

	if (!found)
		return;
	before = (int)text_columns(text, (size_t)(found - text));
	len = (int)text_columns(found, strlen(search));
	if (len > width - before)
		len = width - before;
	canvas_restyle(d->canvas, (struct area){ row, at + before, 1, len }, STYLE_MATCH);
}

/* TEXT from column AT on, in at most WIDTH columns, with a mark where it is cut. Returns the columns used. */
static int put_cut(const struct drawing *d, int row, int at, int width, enum style style, const char *text)
{
	size_t len = strlen(text);
	int used;

	if (width <= 0)
		return 0;
	used = canvas_put_len(d->canvas, row, at, width, style, text, len);
	if (len > (size_t)width && text_prefix(text, len, (size_t)width) < len) {
		canvas_put_glyph(d->canvas, row, at + width - 1, 1, style, GLYPH_CUT);
		used = width;
	}
	mark_match(d, row, at, width, text);
	return used;
}

/* How fast its PSS grows: from 1/1000 of it (at least a page of 4 KiB) or 1 MiB a second on it rises, ten
 * times that is fast. */
static enum style slope(const struct process *process, enum style otherwise)
{
	struct value growth = process_value(process, PROC_PSS_GROWTH);
	int64_t pss = process->amount[PROC_PSS], speed = growth.amount < 0 ? -growth.amount : growth.amount;
	int64_t some = pss / 1000 < 4096 ? 4096 : pss / 1000;

	if (!value_has_amount(growth.status) || !value_has_amount(process->status[PROC_PSS]))
		return otherwise;
	some = some > 1 << 20 ? 1 << 20 : some;
	if (speed < some)
		return otherwise;
	if (growth.amount < 0)
		return STYLE_FALL;
	return speed / 10 >= some ? STYLE_RISE_FAST : STYLE_RISE;
}

/* -- the name --------------------------------------------------------------------------------------------- */

/* At most half of WIDTH goes to the lines: of deep rows the innermost ones. Returns the columns used. */
static int put_branches(const struct drawing *d, int row, int at, int width, const struct row *r)
{
	int depth = r->depth, levels = depth < width / 4 ? depth : width / 4, used = 0;

	for (int i = depth - levels + 1; i <= depth; i++) {
		bool more = r->branches >> (i < 31 ? i : 31) & 1;
		enum glyph glyph = i < depth ? GLYPH_TRUNK : more ? GLYPH_BRANCH : GLYPH_LAST;

		if (i == depth || more)
			canvas_put_glyph(d->canvas, row, at + used, 2, STYLE_TREE, glyph);
		used += 2;
	}
	if (levels && levels < depth)
		canvas_put_glyph(d->canvas, row, at, 1, STYLE_TREE, GLYPH_MORE_LEFT);
	return used;
}

/* "+13 " in front of a folded row: so many processes are in it. */
static int put_folded(const struct drawing *d, int row, int at, int width, const struct row *r)
{
	char count[16] = "";
	int used = canvas_put_glyph(d->canvas, row, at, width, STYLE_TREE, GLYPH_FOLDED);

	if (r->total != ROW_NO_TOTAL)
		snprintf(count, sizeof count, "%u", d->p->arrangement.totals[r->total].processes);
	used += canvas_put(d->canvas, row, at + used, width - used, STYLE_STRONG, count);
	return used + 1;
}

static void put_process_name(const struct drawing *d, int row, int at, int width, const struct row *r,
			     enum style style)
{
	const struct process *process = processes_process(d->app, r);
	char buf[NAME_MAX_BYTES];
	int used = put_branches(d, row, at, width, r);

	if (r->folded)
		used += put_folded(d, row, at + used, width - used, r);
	if (r->kind == ROW_EXITED)
		used += canvas_put(d->canvas, row, at + used, width - used, style, "gone: ");
	put_cut(d, row, at + used, width - used, style, processes_name(d->app, process, buf));
}

/* -- cgroups ---------------------------------------------------------------------------------------------- */

static struct value cgroup_value(const struct cgroup *cgroup, enum cgroup_metric metric)
{
	return (struct value){ cgroup->amount[metric], cgroup->status[metric] };
}

static const char *cgroup_cell(const struct drawing *d, char buf[CELL_MAX], const struct cgroup *cgroup,
			       enum cgroup_metric metric)
{
	return cell_number_in(buf, metric_get(SCOPE_CGROUP, metric), cgroup_value(cgroup, metric),
			      d->app->settings.unit);
}

/* "123M of 512M, swap 3M": what the kernel has charged to the cgroup, and its limit. "" when nothing is
 * known. */
static enum style describe_use(const struct drawing *d, const struct row *r, char text[USE_MAX])
{
	const struct cgroup *cgroup;
	char used[CELL_MAX], limit[CELL_MAX], swap[CELL_MAX];
	bool max, high;
	struct value top;

	*text = '\0';
	if (r->index == ROW_NO_INDEX)
		return STYLE_GROUP;
	cgroup = &d->app->snapshot->cgroups[r->index];
	/* The root cgroup has no such file. */
	if (cgroup->status[CG_CURRENT] == VALUE_UNSUPPORTED ||
	    cgroup->status[CG_CURRENT] == VALUE_NOT_APPLICABLE)
		return STYLE_GROUP;
	high = value_has_amount(cgroup->status[CG_HIGH]);
	max = value_has_amount(cgroup->status[CG_MAX]);
	/* The lower one is met first. */
	if (high && max && cgroup->amount[CG_MAX] <= cgroup->amount[CG_HIGH])
		high = false;
	top = cgroup_value(cgroup, high ? CG_HIGH : CG_MAX);
	snprintf(text, USE_MAX, "%s", cgroup_cell(d, used, cgroup, CG_CURRENT));
	if (high || max)
		snprintf(text + strlen(text), USE_MAX - strlen(text), " of %s%s",
			 cgroup_cell(d, limit, cgroup, high ? CG_HIGH : CG_MAX), high ? " high" : "");
	if (value_has_amount(cgroup->status[CG_SWAP_CURRENT]) && cgroup->amount[CG_SWAP_CURRENT])
		snprintf(text + strlen(text), USE_MAX - strlen(text), ", swap %s",
			 cgroup_cell(d, swap, cgroup, CG_SWAP_CURRENT));
	if (!(high || max) || !value_has_amount(cgroup->status[CG_CURRENT]))
		return STYLE_GROUP;
	return cgroup->amount[CG_CURRENT] >= top.amount - top.amount / 10 ? STYLE_HIGH : STYLE_GOOD;
}

/* The end of a path tells more than its beginning. */
static int put_path(const struct drawing *d, int row, int at, int width, const char *path)
{
	size_t len = strlen(path);
	int columns = (int)text_columns(path, len);

	if (columns <= width || width < 2)
		return put_cut(d, row, at, width, STYLE_GROUP, path);
	while (len && columns > width - 1) {
		size_t step = 1;

		while (step < len && ((unsigned char)path[step] & 0xc0) == 0x80)
			step++;
		path += step;
		len -= step;
		columns = (int)text_columns(path, len);
	}
	canvas_put_glyph(d->canvas, row, at, 1, STYLE_GROUP, GLYPH_CUT);
	return 1 + put_cut(d, row, at + 1, width - 1, STYLE_GROUP, path);
}

static const char *no_path(const struct drawing *d, const struct row *r)
{
	const struct process *process = snapshot_row(d->app->snapshot, r->text);

	return process->status[PROC_CGROUP] == VALUE_PENDING ? "(not read yet)" : "(cgroup unknown)";
}

static void put_cgroup_name(const struct drawing *d, int row, int at, int width, const struct row *r)
{
	char use[USE_MAX];
	const char *path = arrange_cgroup_path(d->app->snapshot, r);
	enum style style = describe_use(d, r, use);
	int len = (int)strlen(use), used, room;

	used = canvas_put_glyph(d->canvas, row, at, width, STYLE_TREE,
				r->folded ? GLYPH_FOLDED : GLYPH_UNFOLDED) +
	       1;
	room = width - used - (len ? len + 1 : 0);
	/* A path that nobody can read is no use: then its use gives way. */
	if (room < COLUMNS_LAST_MIN)
		room = COLUMNS_LAST_MIN < width - used ? COLUMNS_LAST_MIN : width - used;
	used += put_path(d, row, at + used, room, *path ? path : no_path(d, r)) + 1;
	canvas_put(d->canvas, row, at + used, width - used, style, use);
}

/* The columns at the left edge that hold no amount, less the name: *AT and the columns they take together,
 * 0 when there are none. */
static int label_span(const struct drawing *d, int *at)
{
	const struct column_place *first = &d->p->columns.places[0];
	size_t end = 0;

	while (end < d->p->columns.pinned && end != d->name)
		end++;
	*at = first->at;
	return end && first->at >= 0 ? first[end - 1].at + first[end - 1].width - first->at : 0;
}

/* In the place of what a group has none of: PID, user. Without a column of names the path has to stand
 * there. */
static void put_group_count(const struct drawing *d, int row, const struct row *r)
{
	const struct total *total = &d->p->arrangement.totals[r->total];
	int at, width = label_span(d, &at);

	if (width && d->name == d->p->columns.count)
		put_cgroup_name(d, row, at, width, r);
	else if (width)
		canvas_printf(d->canvas, row, at, width, STYLE_GROUP, "%u process%s", total->processes,
			      total->processes == 1 ? "" : "es");
}

/* -- cells ------------------------------------------------------------------------------------------------ */

static void put_total(const struct drawing *d, int row, size_t i, const struct total *total, enum style base)
{
	const struct metric *metric = d->p->columns.places[i].metric;
	struct value value = arrange_total(total, metric);
	char cell[CELL_MAX + 1] = ">", buf[CELL_MAX];
	bool low = value_has_amount(value.status) && total->missing[arrange_total_slot(metric)];

	/* With some missing it is at least that much; an estimate besides says no more. */
	if (low)
		value.status = VALUE_OK;
	snprintf(cell + low, sizeof cell - low, "%s",
		 cell_number_in(buf, metric, value, d->app->settings.unit));
	columns_put(&d->p->columns, d->canvas, row, i, columns_style(metric, value, base), cell);
}

static bool is_searched(const struct metric *metric)
{
	return metric->index == PROC_PID || metric->index == PROC_TID || metric->index == PROC_COMM ||
	       metric->index == PROC_CMDLINE || metric->index == PROC_USER;
}

/* A thread has its own ID in the column of the PID, unless the TID has a column. */
static const struct metric *metric_in(const struct drawing *d, const struct row *r, const struct metric *metric)
{
	const struct metric *tid = metric_get(SCOPE_PROCESS, PROC_TID);

	if (r->kind != ROW_THREAD || metric->index != PROC_PID)
		return metric;
	for (size_t i = 0; i < d->p->columns.count; i++)
		if (d->p->columns.places[i].metric == tid)
			return metric;
	return tid;
}

static void put_value(const struct drawing *d, int row, size_t i, const struct row *r, enum style base)
{
	const struct column_place *place = &d->p->columns.places[i];
	const struct metric *metric = metric_in(d, r, place->metric);
	const struct process *process = processes_process(d->app, r);
	struct record record = record_process(process);
	char buf[CELL_MAX];
	const char *text = cell_text_in(buf, &record, metric, d->app->settings.unit);
	enum style style = columns_style(metric, record_value(&record, metric), base);

	if (r->kind == ROW_EXITED && metric->index == PROC_STATE)
		text = "X";
	else if (metric->index == PROC_PSS && r->kind == ROW_PROCESS)
		style = slope(process, style);
	columns_put(&d->p->columns, d->canvas, row, i, style, text);
	if (*d->p->search.text && is_searched(metric)) {
		int len = cell_is_left(metric) ? place->width : (int)strlen(text);
		int lead = len < place->width ? place->width - len : 0;

		mark_match(d, row, place->at + lead, place->width - lead, text);
	}
}

static enum style row_style(const struct drawing *d, const struct row *r)
{
	switch (r->kind) {
	case ROW_THREAD:
		return STYLE_THREAD;
	case ROW_EXITED:
		return STYLE_EXITED;
	case ROW_CGROUP:
		return STYLE_GROUP;
	default:
		return keyset_has(&d->p->tagged, r->key) ? STYLE_TAGGED : STYLE_NORMAL;
	}
}

static void draw_name(const struct drawing *d, int row, const struct row *r, enum style base)
{
	const struct column_place *place = &d->p->columns.places[d->name];

	if (r->kind == ROW_CGROUP)
		put_cgroup_name(d, row, place->at, place->width, r);
	else
		put_process_name(d, row, place->at, place->width, r, base);
}

static void draw_row(const struct drawing *d, int row, const struct row *r)
{
	const struct columns *columns = &d->p->columns;
	enum style base = row_style(d, r);
	bool totals = r->total != ROW_NO_TOTAL && (r->kind == ROW_CGROUP || r->folded);

	if (base == STYLE_TAGGED)
		canvas_put_glyph(d->canvas, row, d->area.column, 1, base, GLYPH_TAG);
	else if (base == STYLE_EXITED)
		canvas_put(d->canvas, row, d->area.column, 1, base, "x");
	for (size_t i = 0; i < columns->count; i++) {
		if (columns->places[i].at < 0)
			continue;
		if (i == d->name)
			draw_name(d, row, r, base);
		else if (totals && columns->places[i].metric->sum == METRIC_SUM)
			put_total(d, row, i, &d->p->arrangement.totals[r->total], base);
		else if (r->kind != ROW_CGROUP)
			put_value(d, row, i, r, base);
	}
	if (r->kind == ROW_CGROUP)
		put_group_count(d, row, r);
}

/* -- the lines above -------------------------------------------------------------------------------------- */

/* "23 of 120", or how many there are; what selects them is where the names are. */
static void draw_totals(const struct drawing *d, int row)
{
	const struct processes *p = d->p;
	const struct columns *columns = &p->columns;
	uint32_t shown = p->arrangement.shown.processes, all = p->arrangement.all.processes;
	char text[sizeof p->scope_text + 64];
	int at, width = label_span(d, &at);

	for (size_t i = 0; i < columns->count; i++)
		if (columns->places[i].at >= 0 && columns->places[i].metric->sum == METRIC_SUM)
			put_total(d, row, i, &p->arrangement.shown, STYLE_STRONG);
	if (shown == all)
		snprintf(text, sizeof text, "%u process%s", all, all == 1 ? "" : "es");
	else
		snprintf(text, sizeof text, "%u of %u", shown, all);
	/* Half a number would be another one. */
	if ((int)strlen(text) > width)
		snprintf(text, sizeof text, "%u", shown);
	if ((int)strlen(text) <= width)
		canvas_put(d->canvas, row, at, width, STYLE_STRONG, text);
	snprintf(text, sizeof text, "%s%s%s", p->scope_text, *p->scope_text && p->follow ? ", " : "",
		 p->follow ? "following one" : "");
	if (d->name < columns->count && columns->places[d->name].at >= 0)
		put_cut(d, row, columns->places[d->name].at, columns->places[d->name].width, STYLE_STRONG,
			text);
}

/* -- the list --------------------------------------------------------------------------------------------- */

/* Why there is nothing, and what brings it back. */
static void draw_empty(const struct drawing *d, int row)
{
	const struct sieve *sieve = &d->p->sieve;
	const struct area *area = &d->area;

	if (!d->app->snapshot->process_count)
		canvas_put(d->canvas, row, area->column, area->columns, STYLE_NOTICE, "there are no processes");
	else
		canvas_printf(d->canvas, row, area->column, area->columns, STYLE_NOTICE,
			      "no process matches the filter %s%s%s", d->p->scope_text,
			      *sieve->text || sieve->by_uid ? "; Esc drops it" : "",
			      d->app->settings.hide_idle ? "; i shows the idle ones" : "");
}

/* Where names go: the command, else the command line; the count of places when neither is a column. */
static size_t find_name(const struct columns *columns)
{
	static const enum process_metric names[] = { PROC_COMM, PROC_CMDLINE };

	for (size_t n = 0; n < sizeof names / sizeof *names; n++)
		for (size_t i = 0; i < columns->count; i++)
			if (columns->places[i].metric->index == names[n])
				return i;
	return columns->count;
}

static void draw_once(struct drawing *d)
{
	struct processes *p = d->p;
	const struct table_settings *table = &d->app->settings.processes;
	int row = d->area.row, end = d->area.row + d->area.rows;

	p->columns.last_min = d->app->settings.grouping == GROUPING_NONE ? 0 : NAME_MIN_GROUPED;
	columns_layout(&p->columns, table, NULL, d->area.column + MARK_COLUMNS, d->area.columns - MARK_COLUMNS);
	d->name = find_name(&p->columns);
	p->title_row = p->first_row = -1;
	if (d->area.rows >= TITLE_MIN_ROWS) {
		canvas_fill(d->canvas, (struct area){ row, d->area.column, 1, d->area.columns }, STYLE_HEADING);
		p->title_row = row;
		columns_draw_titles(&p->columns, d->canvas, row++, table, NULL);
	}
	if (d->area.rows >= TOTAL_MIN_ROWS)
		draw_totals(d, row++);
	p->first_row = row;
	list_set_page(&p->list, end > row ? (size_t)(end - row) : 0);
	if (!p->arrangement.row_count)
		draw_empty(d, row);
	for (size_t i = p->list.top; row < end && i < p->arrangement.row_count; i++, row++) {
		draw_row(d, row, &p->arrangement.rows[i]);
		if (i == p->list.cursor)
			canvas_mark_cursor(d->canvas, (struct area){ row, d->area.column, 1, d->area.columns });
	}
}

void processes_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	struct drawing drawing = { .p = (struct processes *)view, .app = app, .canvas = canvas, .area = area };

	if (!app->snapshot || area.rows <= 0 || area.columns <= 0)
		return;
	draw_once(&drawing);
	for (int i = 1; drawing.p->columns.widened && i < DRAW_TRIES; i++) {
		canvas_fill(canvas, area, STYLE_NORMAL);
		draw_once(&drawing);
	}
}
