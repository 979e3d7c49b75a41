/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/machine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/cell.h"
#include "tui/columns.h"
#include "tui/graph.h"
#include "tui/listing.h"
#include "tui/text.h"
#include "tui/wrap.h"
#include "util/buf.h"
#include "util/text.h"

enum { NAME_COLUMNS = 26, NUMBER_COLUMNS = 12, RATE_COLUMNS = 12, GAP = 2, DETAIL_MAX = 1024, HISTORY_ROWS = 40 };

enum { ROWS_MAX = (int)SYS_COUNT + (int)EXTRA_MAX + (int)SWAP_AREAS_MAX + (int)SETTINGS_MAX };

/* What a row is of; its index is in the table of that name. */
enum source { SOURCE_METRIC, SOURCE_EXTRA, SOURCE_SWAP, SOURCE_SETTING };

struct machine_row {
	uint16_t source, index;
};

struct machine {
	struct listing base;
	struct machine_row rows[ROWS_MAX];
	/* For changes per second: the amounts of the snapshot shown, and of the one shown before. */
	bool known, known_before;
	uint64_t sequence;
	int64_t boottime_ns, boottime_before_ns;
	int64_t amount[SYS_COUNT], amount_before[SYS_COUNT];
	uint8_t status[SYS_COUNT], status_before[SYS_COUNT];
};

/* -- texts of a row --------------------------------------------------------------------------------------- */

static const char *name_of(const struct snapshot *snapshot, struct machine_row row)
{
	switch (row.source) {
	case SOURCE_EXTRA:
		return snapshot->extra[row.index].name;
	case SOURCE_SWAP:
		return snapshot->swaps[row.index].name ? snapshot->swaps[row.index].name->s : "swap";
	case SOURCE_SETTING:
		return snapshot->settings[row.index].name;
	default:
		return metric_get(SCOPE_SYSTEM, row.index)->key;
	}
}

static const char *help_of(const struct snapshot *snapshot, struct machine_row row, char buf[DETAIL_MAX])
{
	const struct swap_area *swap;
	char size[CELL_MAX], original[CELL_MAX], used[CELL_MAX];
	const struct metric *bytes = metric_get(SCOPE_SYSTEM, SYS_SWAP_AREAS_SIZE);

	switch (row.source) {
	case SOURCE_EXTRA:
		return "/proc/meminfo: a field that is newer than this memtide";
	case SOURCE_SETTING:
		return "Setting of the kernel";
	case SOURCE_SWAP:
		swap = &snapshot->swaps[row.index];
		snprintf(buf, DETAIL_MAX, "Swap area in use: of %s, priority %lld",
			 cell_number(size, bytes, value_ok(swap->size_bytes)), (long long)swap->priority);
		if (value_has_amount(swap->zram_original_bytes.status))
			snprintf(buf + strlen(buf), DETAIL_MAX - strlen(buf), "; zram holds %s in %s",
				 cell_number(original, bytes, swap->zram_original_bytes),
				 cell_number(used, bytes, swap->zram_used_bytes));
		return buf;
	default:
		return metric_get(SCOPE_SYSTEM, row.index)->help;
	}
}

/* The value, and the style that its status asks for. */
static const char *value_text(const struct app *app, struct machine_row row, char buf[CELL_MAX],
			      enum style *style)
{
	const struct snapshot *snapshot = app->snapshot;
	const struct metric *bytes = metric_get(SCOPE_SYSTEM, SYS_MEM_TOTAL), *metric = bytes;
	const struct setting *setting;
	struct value value;

	switch (row.source) {
	case SOURCE_EXTRA:
		value = value_ok(snapshot->extra[row.index].bytes);
		break;
	case SOURCE_SWAP:
		value = value_ok(snapshot->swaps[row.index].used_bytes);
		break;
	case SOURCE_SETTING:
		setting = &snapshot->settings[row.index];
		*style = setting->status == VALUE_OK ? STYLE_NORMAL : STYLE_ABSENT;
		return setting->status == VALUE_OK ? setting->text
						   : value_status_mark((enum value_status)setting->status);
	default:
		metric = metric_get(SCOPE_SYSTEM, row.index);
		value = system_value(snapshot, row.index);
	}
	*style = columns_style(metric, value, STYLE_NORMAL);
	return cell_number_in(buf, metric, value, app->settings.unit);
}

static bool row_contains(const struct snapshot *snapshot, struct machine_row row, const char *text)
{
	char buf[DETAIL_MAX];

	return listing_text_contains(name_of(snapshot, row), text) ||
	       (row.source == SOURCE_METRIC &&
		listing_text_contains(metric_get(SCOPE_SYSTEM, row.index)->title, text)) ||
	       listing_text_contains(help_of(snapshot, row, buf), text);
}

static bool contains(const struct listing *listing, const struct app *app, size_t line, const char *text)
{
	return row_contains(app->snapshot, ((const struct machine *)listing)->rows[line], text);
}

/* -- changes ---------------------------------------------------------------------------------------------- */

/* How a change per second of METRIC reads; false when it has no meaning. A counter of time becomes a share. */
static bool rate_metric(const struct metric *metric, struct metric *rate)
{
	*rate = *metric;
	rate->width = NUMBER_COLUMNS;
	if (metric->unit == UNIT_BYTES)
		rate->unit = UNIT_BYTES_PER_SECOND;
	else if (metric->kind == KIND_COUNTER && metric->unit == UNIT_SECONDS)
		rate->unit = UNIT_PERCENT;
	else if (metric->kind == KIND_COUNTER && metric->unit == UNIT_NONE)
		rate->unit = UNIT_PER_SECOND;
	else
		return false;
	return true;
}

/* Since the snapshot shown before. A counter that went backwards was set anew: then nothing is known. */
static struct value rate_of(const struct machine *m, const struct metric *metric, const struct metric *rate)
{
	unsigned i = metric->index;
	double seconds = (double)(m->boottime_ns - m->boottime_before_ns) / 1e9, change;
	double scale = rate->unit == UNIT_PERCENT ? 1e-4 : rate->unit == UNIT_PER_SECOND ? 1000 : 1;

	if (!value_has_amount(m->status[i]))
		return value_none((enum value_status)m->status[i]);
	change = (double)m->amount[i] - (double)m->amount_before[i];
	if (!m->known_before || seconds <= 0 || !value_has_amount(m->status_before[i]) ||
	    (metric->kind == KIND_COUNTER && change < 0))
		return value_none(VALUE_PENDING);
	change = change / seconds * scale;
	return value_ok(fabs(change) < 9e18 ? llround(change) : 0);
}

static const char *rate_text(const struct machine *m, const struct app *app, struct machine_row row,
			     char buf[CELL_MAX], enum style *style)
{
	struct metric rate;
	struct value value;

	if (row.source != SOURCE_METRIC || !rate_metric(metric_get(SCOPE_SYSTEM, row.index), &rate))
		return "";
	value = rate_of(m, metric_get(SCOPE_SYSTEM, row.index), &rate);
	*style = !value_has_amount(value.status) ? STYLE_ABSENT : !value.amount ? STYLE_DIM : STYLE_NORMAL;
	if (rate.unit == UNIT_BYTES_PER_SECOND && value.amount)
		*style = value.amount > 0 ? STYLE_RISE : STYLE_FALL;
	return cell_number_in(buf, &rate, value, app->settings.unit);
}

static void remember_amounts(struct machine *m, const struct snapshot *snapshot)
{
	if (m->known && m->sequence == snapshot->sequence && m->boottime_ns == snapshot->boottime_ns)
		return;
	memcpy(m->amount_before, m->amount, sizeof m->amount);
	memcpy(m->status_before, m->status, sizeof m->status);
	m->boottime_before_ns = m->boottime_ns;
	m->known_before = m->known;
	memcpy(m->amount, snapshot->system_amount, sizeof m->amount);
	memcpy(m->status, snapshot->system_status, sizeof m->status);
	m->boottime_ns = snapshot->boottime_ns;
	m->sequence = snapshot->sequence;
	m->known = true;
}

/* -- rows ------------------------------------------------------------------------------------------------- */

static bool is_unsupported(const struct snapshot *snapshot, struct machine_row row)
{
	return row.source == SOURCE_METRIC && snapshot->system_status[row.index] == VALUE_UNSUPPORTED;
}

static void add_rows(struct machine *m, const struct snapshot *snapshot, enum source source, size_t count,
		     bool unsupported)
{
	for (size_t i = 0; i < count; i++) {
		struct machine_row row = { (uint16_t)source, (uint16_t)i };

		if (is_unsupported(snapshot, row) != unsupported)
			continue;
		if (!*m->base.filter || row_contains(snapshot, row, m->base.filter))
			m->rows[m->base.list.count++] = row;
	}
}

static void machine_sample(struct view *view, struct app *app)
{
	struct machine *m = (struct machine *)view;
	const struct snapshot *snapshot = app->snapshot;

	remember_amounts(m, snapshot);
	m->base.list.count = 0;
	add_rows(m, snapshot, SOURCE_METRIC, SYS_COUNT, false);
	add_rows(m, snapshot, SOURCE_EXTRA, snapshot->extra_count, false);
	add_rows(m, snapshot, SOURCE_SWAP, snapshot->swap_count, false);
	add_rows(m, snapshot, SOURCE_SETTING, snapshot->setting_count, false);
	/* What this kernel does not have is of interest to few. */
	add_rows(m, snapshot, SOURCE_METRIC, SYS_COUNT, true);
	list_set_count(&m->base.list, m->base.list.count);
	for (size_t i = 0; i < HISTORY_ROWS && i < m->base.list.page && m->base.list.top + i < m->base.list.count; i++) {
		struct machine_row row = m->rows[m->base.list.top + i];

		if (row.source == SOURCE_METRIC)
			history_want(app->history, SCOPE_SYSTEM, 0, metric_get(SCOPE_SYSTEM, row.index));
	}
}

static unsigned machine_needs(const struct view *view, const struct app *app)
{
	(void)view;
	(void)app;
	return NEED_SYSTEM;
}

/* -- drawing ---------------------------------------------------------------------------------------------- */

struct layout {
	int name, value, rate, help;	/* where each begins */
	int end;
};

/* Where it is narrow the help goes first, then the rate; the name gives way to the value. */
static struct layout lay_out(struct area area)
{
	int numbers = NUMBER_COLUMNS + RATE_COLUMNS + 2 * GAP, name = NAME_COLUMNS + 12;
	struct layout layout = { .name = area.column, .end = area.column + area.columns };

	if (area.columns < 120)
		name = NAME_COLUMNS;
	if (area.columns < name + numbers)
		name = area.columns > numbers + 8 ? area.columns - numbers
						  : area.columns - NUMBER_COLUMNS - GAP;
	if (name < 1)
		name = 1;
	layout.value = layout.name + name + GAP;
	layout.rate = layout.value + NUMBER_COLUMNS + GAP;
	layout.help = layout.rate + RATE_COLUMNS + GAP;
	return layout;
}

/* What lies beyond the area is not drawn there. */
static int room(const struct layout *layout, int column, int width)
{
	return column + width <= layout->end ? width : layout->end > column ? layout->end - column : 0;
}

static void draw_titles(struct canvas *canvas, const struct layout *layout, struct area area, int row)
{
	canvas_fill(canvas, (struct area){ row, area.column, 1, area.columns }, STYLE_HEADING);
	canvas_put(canvas, row, layout->name, room(layout, layout->name, NAME_COLUMNS), STYLE_HEADING, "KEY");
	canvas_put_right(canvas, row, layout->value, room(layout, layout->value, NUMBER_COLUMNS), STYLE_HEADING,
			 "VALUE");
	canvas_put_right(canvas, row, layout->rate, room(layout, layout->rate, RATE_COLUMNS), STYLE_HEADING,
			 "PER SECOND");
	canvas_put(canvas, row, layout->help, room(layout, layout->help, area.columns), STYLE_HEADING,
		   "MEANING");
}

static void draw_name(const struct machine *m, struct canvas *canvas, const struct layout *layout, int row,
		      const char *name)
{
	int width = room(layout, layout->name, layout->value - layout->name - GAP);

	canvas_put(canvas, row, layout->name, width, STYLE_NORMAL, name);
	if ((int)text_columns(name, strlen(name)) > width && width > 1)
		canvas_put_glyph(canvas, row, layout->name + width - 1, 1, STYLE_NORMAL, GLYPH_CUT);
	listing_mark_match(&m->base, canvas, row, layout->name, width, name);
}

static void draw_row(const struct machine *m, const struct app *app, struct canvas *canvas,
		     const struct layout *layout, int row, struct machine_row what)
{
	char buf[CELL_MAX], help[DETAIL_MAX];
	enum style style = STYLE_NORMAL;
	const char *text = value_text(app, what, buf, &style);

	draw_name(m, canvas, layout, row, name_of(app->snapshot, what));
	canvas_put_right(canvas, row, layout->value, room(layout, layout->value, NUMBER_COLUMNS), style, text);
	text = rate_text(m, app, what, buf, &style);
	canvas_put_right(canvas, row, layout->rate, room(layout, layout->rate, RATE_COLUMNS), style, text);
	text = help_of(app->snapshot, what, help);
	canvas_put(canvas, row, layout->help, room(layout, layout->help, layout->end - layout->help), STYLE_DIM,
		   text);
	listing_mark_match(&m->base, canvas, row, layout->help, layout->end - layout->help, text);
}

static void machine_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	struct machine *m = (struct machine *)view;
	struct layout layout = lay_out(area);
	int row = area.row, end = area.row + area.rows;

	m->base.first_row = -1;
	if (area.rows <= 0 || area.columns <= 0)
		return;
	if (area.rows > 1)
		draw_titles(canvas, &layout, area, row++);
	m->base.first_row = row;
	list_set_page(&m->base.list, (size_t)(end - row));
	if (!m->base.list.count)
		listing_draw_empty(&m->base, canvas, area, row, "value");
	for (size_t i = m->base.list.top; row < end && i < m->base.list.count; i++, row++) {
		draw_row(m, app, canvas, &layout, row, m->rows[i]);
		listing_mark(&m->base, canvas, area, row, i);
	}
}

/* -- commands --------------------------------------------------------------------------------------------- */

static void add_line(struct buf *out, const char *what, const char *text)
{
	wrap_add(out, STYLE_HEADING, what);
	buf_printf(out, "  %s\n", text);
}

/* A page about one value: what does not fit into a line. */
static void open_row(const struct machine *m, struct app *app)
{
	struct machine_row row;
	const struct metric *metric;
	char value[CELL_MAX], rate[CELL_MAX], help[DETAIL_MAX];
	enum style style;
	struct buf text = { 0 };

	if (!m->base.list.count)
		return;
	row = m->rows[m->base.list.cursor];
	add_line(&text, "value  ", value_text(app, row, value, &style));
	if (row.source == SOURCE_METRIC) {
		metric = metric_get(SCOPE_SYSTEM, row.index);
		add_line(&text, "status ",
			 value_status_name((enum value_status)app->snapshot->system_status[row.index]));
		add_line(&text, "per s  ", rate_text(m, app, row, rate, &style));
		add_line(&text, "title  ", metric->title);
		add_line(&text, "kind   ", metric_kind_name(metric->kind));
		add_line(&text, "unit   ",
			 *metric_unit_name(metric->unit) ? metric_unit_name(metric->unit) : "a number");
		add_line(&text, "source ", metric->source);
	}
	add_line(&text, "meaning", help_of(app->snapshot, row, help));
	app_push(app, text.failed ? NULL : text_view_new(name_of(app->snapshot, row), text.data));
	buf_free(&text);
}

static void open_graph(const struct machine *m, struct app *app)
{
	struct machine_row row;

	if (!m->base.list.count)
		return;
	row = m->rows[m->base.list.cursor];
	if (row.source == SOURCE_METRIC)
		app_push(app, graph_new(app, SCOPE_SYSTEM, 0, app->snapshot->host->hostname,
					metric_get(SCOPE_SYSTEM, row.index)));
	else
		app_error(app, "no history is kept of this value");
}

static bool machine_command(struct view *view, struct app *app, enum command command)
{
	struct machine *m = (struct machine *)view;

	switch (command) {
	case COMMAND_OPEN:
		open_row(m, app);
		return true;
	case COMMAND_GRAPH:
		open_graph(m, app);
		return true;
	default:
		return listing_command(&m->base, app, command);
	}
}

static void machine_mouse(struct view *view, struct app *app, const struct event *event)
{
	listing_mouse((struct listing *)view, app, event);
}

static void machine_close(struct view *view)
{
	free(view);
}

static const struct view_ops machine_ops = {
	.name = "Machine",
	.context = CONTEXT_MACHINE,
	.close = machine_close,
	.sample = machine_sample,
	.draw = machine_draw,
	.command = machine_command,
	.mouse = machine_mouse,
	.needs = machine_needs,
	.scope = listing_scope,
};

struct view *machine_open(struct app *app)
{
	struct machine *m = calloc(1, sizeof *m);

	(void)app;
	if (!m)
		return NULL;
	listing_init(&m->base, &machine_ops);
	m->base.contains = contains;
	return &m->base.view;
}
