/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/columns.h"

#include <string.h>

#include "util/text.h"

enum { GAP = 1, NUMBER_MAX = 24 };

/* -- widths ----------------------------------------------------------------------------------------------- */

static bool is_free_text(const struct metric *metric)
{
	return !metric || metric->unit == UNIT_TEXT;
}

static int width_of(const struct columns *columns, size_t i)
{
	const struct metric *metric = columns->places[i].metric;
	int width;

	if (!metric)
		return COLUMNS_LAST_MIN;
	width = (int)metric->width;
	if (width < (int)strlen(metric->title))
		width = (int)strlen(metric->title);
	return width < columns->widths[i] ? columns->widths[i] : width;
}

/* One more column. Widths learnt stay with columns that stay where they are. */
static void take_field(struct columns *columns, const struct metric *metric)
{
	size_t i = columns->count;

	if (i == COLUMNS_MAX - 1)
		return;
	if (columns->fields[i] != metric)
		columns->widths[i] = 0;
	columns->fields[i] = columns->places[i].metric = metric;
	columns->places[i].at = -1;
	columns->count++;
}

/* Takes over the fields. What is sorted by is shown as long as it is: before the first amount if not among them. */
static void take_fields(struct columns *columns, const struct table_settings *table, bool label)
{
	bool sort_shown = false;

	columns->count = 0;
	for (size_t i = 0; i < table->field_count; i++)
		sort_shown |= table->fields[i] == table->sort;
	for (size_t i = 0; i < table->field_count; i++) {
		bool last_text = i + 1 == table->field_count && is_free_text(table->fields[i]);

		if (!sort_shown && (last_text || table->fields[i]->kind != KIND_LABEL)) {
			take_field(columns, table->sort);
			sort_shown = true;
		}
		take_field(columns, table->fields[i]);
	}
	if (!sort_shown)
		take_field(columns, table->sort);
	if (label)
		columns->places[columns->count++] = (struct column_place){ .metric = NULL, .at = -1 };
}

/* -- places ----------------------------------------------------------------------------------------------- */

/* Columns that places FIRST to END take, with a gap after each. */
static int span(const struct columns *columns, size_t first, size_t end)
{
	int width = 0;

	for (size_t i = first; i < end; i++)
		width += width_of(columns, i) + GAP;
	return width;
}

/* How much the free text at the end gets at least; 0 when there is none. */
static int reserve_last(const struct columns *columns)
{
	int want = columns->last_min;

	if (columns->middle_end == columns->count)
		return 0;
	/* More than its due only as long as that leaves half of the width. */
	if (want > columns->width / 2)
		want = columns->width / 2;
	if (want < COLUMNS_LAST_MIN)
		want = COLUMNS_LAST_MIN;
	return want < columns->width ? want : columns->width;
}

/* What the middle must have so that each of its columns can be scrolled into sight, texts cut if need be. */
static int widest_middle(const struct columns *columns)
{
	int widest = 0;

	for (size_t i = columns->pinned; i < columns->middle_end; i++) {
		int width = width_of(columns, i);

		if (is_free_text(columns->places[i].metric) && width > COLUMNS_LAST_MIN)
			width = COLUMNS_LAST_MIN;
		widest = width > widest ? width : widest;
	}
	return widest;
}

/* Which columns stay at the edges. */
static void find_edges(struct columns *columns)
{
	size_t count = columns->count;
	int room;

	columns->middle_end = count && is_free_text(columns->places[count - 1].metric) ? count - 1 : count;
	columns->pinned = 0;
	while (columns->pinned < columns->middle_end &&
	       columns->places[columns->pinned].metric->kind == KIND_LABEL)
		columns->pinned++;
	room = columns->width - reserve_last(columns);
	while (columns->pinned && span(columns, 0, columns->pinned) + widest_middle(columns) + GAP > room)
		columns->pinned--;
}

static void place(struct columns *columns, size_t i, int at, int width)
{
	columns->places[i].at = at;
	columns->places[i].width = width;
}

/* Places the middle from COLUMN to END; returns the column behind it. */
static int place_middle(struct columns *columns, int column, int end)
{
	size_t i = columns->pinned + columns->scroll;

	columns->more_left = columns->scroll > 0;
	for (; i < columns->middle_end; i++) {
		int width = width_of(columns, i);

		if (column + width > end) {
			/* A text may be cut rather than never be seen. */
			if (i != columns->pinned + columns->scroll ||
			    !is_free_text(columns->places[i].metric) || end - column < COLUMNS_LAST_MIN)
				break;
			width = end - column;
		}
		place(columns, i, column, width);
		column += width + GAP;
	}
	columns->more_right = i < columns->middle_end;
	return column;
}

static void forget_places(struct columns *columns)
{
	for (size_t i = columns->pinned; i < columns->count; i++)
		columns->places[i].at = -1;
}

static int place_all(struct columns *columns)
{
	int column = columns->at, end = columns->at + columns->width, reserved = reserve_last(columns);

	forget_places(columns);
	for (size_t i = 0; i < columns->pinned; i++) {
		place(columns, i, column, width_of(columns, i));
		column += columns->places[i].width + GAP;
	}
	return place_middle(columns, column, reserved ? end - reserved - GAP : end);
}

/* Index of METRIC among the columns that scroll; SIZE_MAX when it is none of them. */
static size_t find_middle(const struct columns *columns, const struct metric *metric)
{
	for (size_t i = columns->pinned; i < columns->middle_end; i++)
		if (columns->places[i].metric == metric)
			return i;
	return SIZE_MAX;
}

/* Scrolls until METRIC is shown, if it can be. */
static int reveal(struct columns *columns, const struct metric *metric, int column)
{
	size_t i = find_middle(columns, metric);

	if (i == SIZE_MAX)
		return column;
	if (i < columns->pinned + columns->scroll) {
		columns->scroll = i - columns->pinned;
		return place_all(columns);
	}
	while (columns->places[i].at < 0 && columns->pinned + columns->scroll < i) {
		columns->scroll++;
		column = place_all(columns);
	}
	return column;
}

void columns_layout(struct columns *columns, const struct table_settings *table, const char *label, int at,
		    int width)
{
	size_t middle;
	int column;

	columns->at = at;
	columns->width = width > 0 ? width : 0;
	columns->widened = false;
	take_fields(columns, table, label != NULL);
	find_edges(columns);
	middle = columns->middle_end - columns->pinned;
	if (columns->scroll >= middle)
		columns->scroll = middle ? middle - 1 : 0;
	column = place_all(columns);
	/* No room left empty while columns are scrolled away. */
	while (columns->scroll && !columns->more_right) {
		columns->scroll--;
		column = place_all(columns);
		if (columns->more_right) {
			columns->scroll++;
			column = place_all(columns);
			break;
		}
	}
	if (columns->sort != table->sort)
		column = reveal(columns, table->sort, column);
	columns->sort = table->sort;
	if (columns->middle_end < columns->count && columns->width > column - at)
		place(columns, columns->middle_end, column, at + columns->width - column);
}

bool columns_command(struct columns *columns, enum command command)
{
	if (command == COMMAND_LEFT)
		columns->scroll -= columns->scroll > 0;
	else if (command == COMMAND_RIGHT)
		columns->scroll += columns->more_right;
	else
		return false;
	return true;
}

const struct metric *columns_at(const struct columns *columns, int column)
{
	for (size_t i = 0; i < columns->count; i++) {
		const struct column_place *at = &columns->places[i];

		if (at->at >= 0 && column >= at->at && column < at->at + at->width)
			return at->metric;
	}
	return NULL;
}

/* -- drawing ---------------------------------------------------------------------------------------------- */

static bool goes_left(const struct metric *metric)
{
	return !metric || cell_is_left(metric);
}

/* The mark stands in the gap beside the title where the title needs the whole width. */
static void draw_title(const struct column_place *at, struct canvas *canvas, int row,
		       const struct table_settings *table, const char *label)
{
	bool sorted = at->metric && at->metric == table->sort;
	enum style style = sorted ? STYLE_SORTED : STYLE_HEADING;
	enum glyph mark = table->ascending ? GLYPH_SORT_UP : GLYPH_SORT_DOWN;
	const char *title = at->metric ? at->metric->title : label;
	int len = (int)text_columns(title, strlen(title));

	if (goes_left(at->metric)) {
		canvas_put(canvas, row, at->at, at->width, style, title);
		if (sorted)
			canvas_put_glyph(canvas, row, at->at + (len < at->width ? len : at->width), 1, style,
					 mark);
	} else {
		canvas_put_right(canvas, row, at->at, at->width, style, title);
		if (sorted)
			canvas_put_glyph(canvas, row,
					 at->at + at->width - (len < at->width ? len : at->width) - 1, 1, style,
					 mark);
	}
}

void columns_draw_titles(const struct columns *columns, struct canvas *canvas, int row,
			 const struct table_settings *table, const char *label)
{
	int left = -1, right = -1;

	canvas_fill(canvas, (struct area){ row, columns->at, 1, columns->width }, STYLE_HEADING);
	for (size_t i = 0; i < columns->count; i++) {
		const struct column_place *at = &columns->places[i];

		if (at->at < 0)
			continue;
		draw_title(at, canvas, row, table, label ? label : "");
		if (i >= columns->pinned && i < columns->middle_end) {
			left = left < 0 ? at->at : left;
			right = at->at + at->width;
		}
	}
	if (columns->more_left && left >= 0)
		canvas_put_glyph(canvas, row, left > columns->at ? left - GAP : left, 1, STYLE_HEADING,
				 GLYPH_MORE_LEFT);
	if (columns->more_right && right >= 0)
		canvas_put_glyph(canvas, row, right, 1, STYLE_HEADING, GLYPH_MORE_RIGHT);
}

void columns_put(struct columns *columns, struct canvas *canvas, int row, size_t i, enum style style,
		 const char *text)
{
	const struct column_place *at = &columns->places[i];
	size_t len;
	int used;

	if (at->at < 0)
		return;
	len = strlen(text);
	used = (int)text_columns(text, len < CELL_MAX ? len : CELL_MAX);
	if (!goes_left(at->metric)) {
		if (used > at->width && used <= NUMBER_MAX && used > columns->widths[i]) {
			columns->widths[i] = used;
			columns->widened = true;
		}
		canvas_put_right(canvas, row, at->at, at->width, style, text);
		return;
	}
	canvas_put_len(canvas, row, at->at, at->width, style, text, len);
	if (len > (size_t)at->width && text_prefix(text, len, (size_t)at->width) < len)
		canvas_put_glyph(canvas, row, at->at + at->width - 1, 1, style, GLYPH_CUT);
}

static bool is_growth(const struct metric *metric)
{
	return metric->scope == SCOPE_PROCESS &&
	       (metric->index == PROC_PSS_GROWTH || metric->index == PROC_PSS_GROWN ||
		metric->index == PROC_PSS_GROWN_MINUTE);
}

enum style columns_style(const struct metric *metric, struct value value, enum style base)
{
	if (base == STYLE_EXITED)
		return base;
	if (!value_has_amount(value.status))
		return STYLE_ABSENT;
	if (metric && is_growth(metric) && value.amount)
		return value.amount > 0 ? STYLE_RISE : STYLE_FALL;
	if (value.status == VALUE_ESTIMATED)
		return STYLE_ESTIMATED;
	if (value.status == VALUE_STALE)
		return STYLE_STALE;
	if (metric && !value.amount && base == STYLE_NORMAL && metric->kind != KIND_LABEL)
		return STYLE_DIM;
	return base;
}
