/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/cell.h"
#include "tui/graph.h"
#include "tui/listing.h"

enum { TITLE_MIN_ROWS = 3, COUNT_MIN_ROWS = 6, NAME_COLUMNS = 14, VALUE_COLUMNS = 9, RATE_COLUMNS = 9 };

struct machine {
	struct listing listing;
	/* Counters as of the sample before, and what they rose by a second since; in 1/1000. */
	int64_t amount[SYS_COUNT];
	uint8_t status[SYS_COUNT];
	int64_t boottime_ns;
	uint64_t sequence;
	bool primed;
	struct value rate[SYS_COUNT];
};

/* -- items: metrics, what else meminfo has, settings, swap areas ------------------------------------------ */

enum item_kind { ITEM_METRIC, ITEM_EXTRA, ITEM_SETTING, ITEM_SWAP };

static enum item_kind kind_of(const struct snapshot *snapshot, size_t *item)
{
	if (*item < SYS_COUNT)
		return ITEM_METRIC;
	*item -= SYS_COUNT;
	if (*item < snapshot->extra_count)
		return ITEM_EXTRA;
	*item -= snapshot->extra_count;
	if (*item < snapshot->setting_count)
		return ITEM_SETTING;
	*item -= snapshot->setting_count;
	return ITEM_SWAP;
}

static size_t total(const struct listing *listing, const struct app *app)
{
	const struct snapshot *snapshot = app->snapshot;

	(void)listing;
	return SYS_COUNT + snapshot->extra_count + snapshot->setting_count + snapshot->swap_count;
}

/* What an item is called and what it means. */
struct naming {
	const char *title, *key, *help;
};

static struct naming naming_of(const struct snapshot *snapshot, size_t item)
{
	const struct metric *metric;

	switch (kind_of(snapshot, &item)) {
	case ITEM_METRIC:
		metric = metric_get(SCOPE_SYSTEM, (unsigned)item);
		return (struct naming){ metric->title, metric->key, metric->help };
	case ITEM_EXTRA:
		return (struct naming){ snapshot->extra[item].name, "meminfo", "A field of meminfo that memtide does not know" };
	case ITEM_SETTING:
		return (struct naming){ snapshot->settings[item].name, "", "A setting of the kernel" };
	default:
		return (struct naming){ snapshot->swaps[item].name ? snapshot->swaps[item].name->s : "?", "swap area",
					"Swap area: used of its size" };
	}
}

static bool contains(const struct listing *listing, const struct app *app, size_t item, const char *text)
{
	struct naming naming = naming_of(app->snapshot, item);

	(void)listing;
	return strcasestr(naming.title, text) || strcasestr(naming.key, text) || strcasestr(naming.help, text);
}

static const struct listing_ops items = { total, contains, NULL };

/* -- rates ------------------------------------------------------------------------------------------------ */

static void update_rates(struct machine *m, const struct snapshot *snapshot)
{
	int64_t elapsed = snapshot->boottime_ns - m->boottime_ns;

	if (m->primed && snapshot->sequence == m->sequence)
		return;
	for (unsigned i = 0; i < SYS_COUNT; i++) {
		bool counter = metric_get(SCOPE_SYSTEM, i)->kind == KIND_COUNTER;
		struct value now = system_value(snapshot, i);

		if (!counter)
			m->rate[i] = value_none(VALUE_NOT_APPLICABLE);
		else if (!value_has_amount(now.status))
			m->rate[i] = value_none(now.status);
		else if (!m->primed || elapsed <= 0 || !value_has_amount(m->status[i]) || now.amount < m->amount[i])
			m->rate[i] = value_none(VALUE_PENDING);
		else
			m->rate[i] = value_ok((int64_t)((__int128)(now.amount - m->amount[i]) * 1000000000000 / elapsed));
		m->amount[i] = now.amount;
		m->status[i] = (uint8_t)now.status;
	}
	m->boottime_ns = snapshot->boottime_ns;
	m->sequence = snapshot->sequence;
	m->primed = true;
}

static void machine_sample(struct view *view, struct app *app)
{
	struct machine *m = (struct machine *)view;

	update_rates(m, app->snapshot);
	listing_update(&m->listing, app);
}

/* -- drawing ---------------------------------------------------------------------------------------------- */

static const char *bytes_cell(const struct app *app, char buf[CELL_MAX], struct value bytes)
{
	return cell_number_in(buf, metric_get(SCOPE_SYSTEM, SYS_MEM_TOTAL), bytes, app->settings.unit);
}

static enum style value_style(enum value_status status, int64_t amount)
{
	if (!value_has_amount(status))
		return STYLE_ABSENT;
	if (status == VALUE_ESTIMATED)
		return STYLE_ESTIMATED;
	return status == VALUE_STALE ? STYLE_STALE : amount ? STYLE_NORMAL : STYLE_DIM;
}

/* Events a second: of time that accumulates, seconds a second. */
static const char *rate_cell(char buf[CELL_MAX], const struct metric *metric, struct value rate)
{
	static const struct metric per_second = { .unit = UNIT_PER_SECOND, .kind = KIND_DERIVED, .width = 8 };

	if (rate.status == VALUE_NOT_APPLICABLE)
		return "";
	/* ns a second, in 1/1000, is 10^-12 of the time. */
	if (metric->unit == UNIT_SECONDS && value_has_amount(rate.status)) {
		snprintf(buf, CELL_MAX, "%.1f%%", (double)rate.amount / 1e10);
		return buf;
	}
	return cell_number(buf, &per_second, rate);
}

struct columns_at {
	int name, value, rate, help, end;
};

static struct columns_at place(struct area area)
{
	int name = area.columns >= 100 ? 32 : NAME_COLUMNS;
	struct columns_at at = { .name = area.column, .end = area.column + area.columns };

	at.value = at.name + name + 1;
	at.rate = at.value + VALUE_COLUMNS + 1;
	at.help = at.rate + RATE_COLUMNS + 2;
	return at;
}

static void draw_metric(const struct machine *m, const struct app *app, struct canvas *canvas, int row,
			const struct columns_at *at, unsigned slot)
{
	const struct metric *metric = metric_get(SCOPE_SYSTEM, slot);
	struct value value = system_value(app->snapshot, slot);
	char cell[CELL_MAX];

	canvas_put_right(canvas, row, at->value, VALUE_COLUMNS, value_style(value.status, value.amount),
			 cell_number_in(cell, metric, value, app->settings.unit));
	canvas_put_right(canvas, row, at->rate, RATE_COLUMNS, value_style(m->rate[slot].status, m->rate[slot].amount),
			 rate_cell(cell, metric, m->rate[slot]));
}

static void draw_other(const struct app *app, struct canvas *canvas, int row, const struct columns_at *at, size_t item)
{
	const struct snapshot *snapshot = app->snapshot;
	char used[CELL_MAX], size[CELL_MAX];
	const struct setting *setting;

	switch (kind_of(snapshot, &item)) {
	case ITEM_EXTRA:
		canvas_put_right(canvas, row, at->value, VALUE_COLUMNS, STYLE_NORMAL,
				 bytes_cell(app, used, value_ok(snapshot->extra[item].bytes)));
		break;
	case ITEM_SETTING:
		setting = &snapshot->settings[item];
		canvas_put_right(canvas, row, at->value, VALUE_COLUMNS + 1 + RATE_COLUMNS,
				 setting->status == VALUE_OK ? STYLE_NORMAL : STYLE_ABSENT,
				 setting->status == VALUE_OK ? setting->text : value_status_mark(setting->status));
		break;
	default:
		canvas_put_right(canvas, row, at->value, VALUE_COLUMNS, STYLE_SWAP,
				 bytes_cell(app, used, value_ok(snapshot->swaps[item].used_bytes)));
		canvas_printf(canvas, row, at->rate, RATE_COLUMNS, STYLE_DIM, "of %s",
			      bytes_cell(app, size, value_ok(snapshot->swaps[item].size_bytes)));
	}
}

static void draw_item(const struct machine *m, const struct app *app, struct canvas *canvas, int row,
		      const struct columns_at *at, size_t item)
{
	struct naming naming = naming_of(app->snapshot, item);
	int name = at->value - at->name - 1;

	/* The key says more where there is room for it. */
	canvas_put(canvas, row, at->name, name, STYLE_NORMAL,
		   item < SYS_COUNT && name > NAME_COLUMNS ? naming.key : naming.title);
	if (item < SYS_COUNT)
		draw_metric(m, app, canvas, row, at, (unsigned)item);
	else
		draw_other(app, canvas, row, at, item);
	canvas_put(canvas, row, at->help, at->end - at->help, STYLE_DIM, naming.help);
}

static void draw_titles(struct canvas *canvas, int row, struct area area, const struct columns_at *at)
{
	canvas_fill(canvas, (struct area){ row, area.column, 1, area.columns }, STYLE_HEADING);
	canvas_put(canvas, row, at->name, at->value - at->name - 1, STYLE_HEADING, "NAME");
	canvas_put_right(canvas, row, at->value, VALUE_COLUMNS, STYLE_HEADING, "VALUE");
	canvas_put_right(canvas, row, at->rate, RATE_COLUMNS, STYLE_HEADING, "PER SEC");
	canvas_put(canvas, row, at->help, at->end - at->help, STYLE_HEADING, "MEANING");
}

static void machine_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	struct machine *m = (struct machine *)view;
	struct listing *listing = &m->listing;
	struct columns_at at = place(area);
	int row = area.row, end = area.row + area.rows;

	listing->first_row = -1;
	if (area.rows <= 0 || area.columns <= 0)
		return;
	if (area.rows >= TITLE_MIN_ROWS)
		draw_titles(canvas, row++, area, &at);
	if (area.rows >= COUNT_MIN_ROWS)
		listing_draw_count(listing, canvas, row++, area, "values");
	listing->first_row = row;
	list_set_page(&listing->list, end > row ? (size_t)(end - row) : 0);
	if (!listing->count)
		canvas_printf(canvas, row, area.column, area.columns, STYLE_NOTICE,
			      "no value matches the filter \"%s\"; Esc drops it", listing->filter);
	for (size_t i = listing->list.top; row < end && i < listing->count; i++, row++) {
		draw_item(m, app, canvas, row, &at, listing->items[i]);
		if (i == listing->list.cursor)
			canvas_mark_cursor(canvas, (struct area){ row, area.column, 1, area.columns });
	}
}

/* -- commands --------------------------------------------------------------------------------------------- */

static void show_graph(struct machine *m, struct app *app)
{
	size_t item = listing_item(&m->listing);

	if (item < SYS_COUNT)
		app_push(app, graph_new(app, SCOPE_SYSTEM, 0, "machine", metric_get(SCOPE_SYSTEM, (unsigned)item)));
	else if (item != SIZE_MAX)
		app_message(app, "there is no history of this one");
}

static bool machine_command(struct view *view, struct app *app, enum command command)
{
	struct machine *m = (struct machine *)view;

	if (command == COMMAND_OPEN || command == COMMAND_GRAPH) {
		show_graph(m, app);
		return true;
	}
	return listing_command(&m->listing, app, command);
}

static void machine_mouse(struct view *view, struct app *app, const struct event *event)
{
	struct machine *m = (struct machine *)view;

	if (listing_mouse(&m->listing, event))
		show_graph(m, app);
}

static unsigned machine_needs(const struct view *view, const struct app *app)
{
	(void)view;
	(void)app;
	return NEED_SYSTEM;
}

static void machine_close(struct view *view)
{
	listing_free((struct listing *)view);
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
};

struct view *machine_open(struct app *app)
{
	struct machine *m = calloc(1, sizeof *m);

	(void)app;
	if (!m)
		return NULL;
	m->listing.view.ops = &machine_ops;
	m->listing.ops = &items;
	m->listing.first_row = -1;
	return &m->listing.view;
}
