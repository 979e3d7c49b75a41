/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Columns of metrics: where each stands in a given width, the line of titles, the cells of a row, clicks on
 * titles.
 *
 * The columns before the first number stay at the left edge, and a free text that is last (the command)
 * stays at the right edge with whatever room remains, 12 columns at least where there is room at all. Those
 * between scroll sideways by whole columns; marks in the title line tell that there are more. Numbers are
 * never cut: a column of numbers widens to the longest it has shown and stays so. What an identity says (a
 * PID) is no number in this sense. Where it is narrow the left edge gives way first, then all but the last.
 *
 * A view lays out, draws, and when a number turned out to be wider than its column (widened) lays out and
 * draws once more.
 */
#ifndef TUI_COLUMNS_H
#define TUI_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/metric.h"
#include "out/cell.h"
#include "out/record.h"
#include "tui/canvas.h"
#include "tui/keymap.h"
#include "tui/settings.h"

/* All fields, what is sorted by, and a label. */
enum { COLUMNS_MAX = (int)PROC_COUNT + 2, COLUMNS_LAST_MIN = 12 };

struct column_place {
	const struct metric *metric;	/* NULL: the label of the row (a cgroup's path) */
	int at, width;			/* at is -1 when it is not shown */
};

/* Starts zeroed. */
struct columns {
	struct column_place places[COLUMNS_MAX];
	size_t count;
	size_t scroll;			/* columns of the middle part that are scrolled away */
	bool more_left, more_right;
	int last_min;	/* set by the view: what a last free text gets at least; 0: COLUMNS_LAST_MIN */
	bool widened;			/* since the last layout */
	int at, width;			/* as laid out */
	size_t pinned, middle_end;	/* at the left edge below the one, at the right from the other on */
	int widths[COLUMNS_MAX];	/* that numbers have taken so far, by position */
	const struct metric *fields[COLUMNS_MAX];	/* of the last layout; widths go with them */
	const struct metric *sort;	/* as of the last layout, to scroll to it when it changes */
};

/* Places the fields of TABLE, and what it is sorted by, in WIDTH columns from column AT. LABEL: a last column without a metric is
 * wanted, of that title. */
void columns_layout(struct columns *columns, const struct table_settings *table, const char *label, int at,
		    int width);

/* The titles, with the sorted one marked; ROW of the canvas, over the whole width of the layout. */
void columns_draw_titles(const struct columns *columns, struct canvas *canvas, int row,
			 const struct table_settings *table, const char *label);

/* The cell of place I in ROW: TEXT as it is, right-aligned unless the metric is a text. Remembers the width
 * of numbers. */
void columns_put(struct columns *columns, struct canvas *canvas, int row, size_t i, enum style style,
		 const char *text);

/* The style that a value's status asks for; BASE when it asks for none. Growth metrics get rise and fall. A
 * BASE of EXITED stays. */
enum style columns_style(const struct metric *metric, struct value value, enum style base);

/* COMMAND_LEFT and COMMAND_RIGHT; false for others. */
bool columns_command(struct columns *columns, enum command command);

/* The metric whose column holds canvas column COLUMN, or NULL. */
const struct metric *columns_at(const struct columns *columns, int column);

#endif
