/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DOT_COLUMNS = 2, DOT_ROWS = 4, COLUMNS_MIN = 8, ROWS_MIN = 2, TICK_ROWS = 3, TIME_COLUMNS = 9 };

const int64_t plot_spans_ns[PLOT_SPANS] = {
	60000000000, 120000000000, 300000000000, 600000000000, 1800000000000, 3600000000000,
};

/* Of a column of dots, what a curve takes; empty when LOW is above HIGH. Rows count from the bottom. */
struct range {
	int16_t low, high;
};

/* A plot on its grid of dots. */
struct grid {
	const struct plot *plot;
	struct plot_axis axis;
	struct area area;		/* of the curves */
	int columns, rows;		/* of dots */
	struct range ranges[PLOT_CURVES][CANVAS_COLUMNS_MAX * DOT_COLUMNS];
};

/* -- values ----------------------------------------------------------------------------------------------- */

/* The amount that curve I is drawn at in sample S: stacked ones stand on those below them. */
static double level(const struct plot *plot, unsigned curve, size_t s)
{
	double sum = plot->curves[curve].values[s];

	for (unsigned i = 0; plot->stacked && i < curve; i++)
		sum += plot->curves[i].values[s];
	return sum;
}

static bool in_span(const struct plot *plot, size_t s)
{
	return plot->times_ns[s] <= plot->now_ns && plot->now_ns - plot->times_ns[s] <= plot->span_ns;
}

struct plot_stats plot_stats(const struct plot *plot, unsigned curve)
{
	struct plot_stats stats = { 0 };
	double sum = 0;

	for (size_t s = 0; s < plot->count; s++) {
		double value = plot->curves[curve].values[s];

		if (isnan(value) || !in_span(plot, s))
			continue;
		if (!stats.samples)
			stats.low = stats.high = stats.last = value;
		stats.low = fmin(stats.low, value);
		stats.high = fmax(stats.high, value);
		sum += value;
		stats.samples++;
	}
	stats.mean = stats.samples ? sum / (double)stats.samples : 0;
	return stats;
}

/* What is drawn lies between these two; false when nothing is. */
static bool find_bounds(const struct plot *plot, double *low, double *high)
{
	bool any = false;

	*low = *high = 0;
	for (unsigned c = 0; c < plot->curve_count; c++) {
		for (size_t s = 0; s < plot->count; s++) {
			double value = level(plot, c, s);

			if (isnan(value) || !in_span(plot, s))
				continue;
			*low = any ? fmin(*low, value) : value;
			*high = any ? fmax(*high, value) : value;
			any = true;
		}
	}
	return any;
}

/* From 0 on, unless small changes of a large amount would then not show; those are magnified 20 times at
 * most, and a steady amount runs in the middle. False when there is nothing to have an axis. */
static bool choose_axis(const struct plot *plot, int rows, struct plot_axis *axis)
{
	bool magnify = !plot->stacked && (plot->metric->unit == UNIT_BYTES || plot->metric->unit == UNIT_NONE);
	double low, high;
	bool any = find_bounds(plot, &low, &high);

	if (magnify && low > 0 && high - low < high / 4) {
		double margin = fmax(0, (high / 20 - (high - low)) / 2);

		low -= margin;
		high += margin;
	} else {
		low = fmin(low, 0);
	}
	*axis = plot_axis(plot->metric, low, fmax(high, 0), rows / TICK_ROWS > 2 ? rows / TICK_ROWS : 2);
	return any;
}

/* -- dots ------------------------------------------------------------------------------------------------- */

static double dot_column(const struct grid *grid, int64_t time_ns)
{
	double age = (double)(grid->plot->now_ns - time_ns) / (double)grid->plot->span_ns;

	return (1 - age) * (grid->columns - 1);
}

/* A stacked curve is the upper edge of an area, which may be empty: then it is below the lowest dot. */
static double dot_row(const struct grid *grid, double value)
{
	double share = (value - (double)grid->axis.low) / ((double)grid->axis.high - (double)grid->axis.low);

	share = fmax(0, fmin(1, share));
	return grid->plot->stacked ? share * grid->rows - 1 : share * (grid->rows - 1);
}

static void cover(struct grid *grid, unsigned curve, int column, int row)
{
	struct range *range = &grid->ranges[curve][column];
	int16_t at = (int16_t)row;

	if (range->low > range->high) {
		*range = (struct range){ at, at };
		return;
	}
	range->low = at < range->low ? at : range->low;
	range->high = at > range->high ? at : range->high;
}

/* From the older sample OLD to the newer one NEW, whose dots are there already. */
static void connect(struct grid *grid, unsigned curve, size_t old, size_t new)
{
	double x0 = dot_column(grid, grid->plot->times_ns[old]),
	       x1 = dot_column(grid, grid->plot->times_ns[new]);
	double y0 = dot_row(grid, level(grid->plot, curve, old)),
	       y1 = dot_row(grid, level(grid->plot, curve, new));
	int last = (int)lround(x1), before = (int)lround(y1);

	for (int x = last; x >= 0 && x >= lround(x0); x--) {
		double share = x1 > x0 ? fmax(0, fmin(1, (x - x0) / (x1 - x0))) : 0;
		int y = (int)lround(y0 + share * (y1 - y0));

		/* Without holes where it is steep. */
		cover(grid, curve, x, y < before ? before - 1 : y > before ? before + 1 : y);
		cover(grid, curve, x, y);
		before = y;
	}
}

static void make_curve(struct grid *grid, unsigned curve)
{
	const struct plot *plot = grid->plot;
	size_t newer = SIZE_MAX;	/* the sample before this one, when it has a value */

	for (int x = 0; x < grid->columns; x++)
		grid->ranges[curve][x] = (struct range){ 1, 0 };
	for (size_t s = 0; s < plot->count; s++) {
		double value = level(plot, curve, s);

		if (plot->times_ns[s] > plot->now_ns)
			continue;
		if (!isnan(value) && in_span(plot, s))
			cover(grid, curve, (int)lround(dot_column(grid, plot->times_ns[s])),
			      (int)lround(dot_row(grid, value)));
		if (!isnan(value) && newer != SIZE_MAX &&
		    plot->times_ns[newer] - plot->times_ns[s] <= plot->gap_ns)
			connect(grid, curve, s, newer);
		newer = isnan(value) ? SIZE_MAX : s;
		if (!in_span(plot, s))
			return;
	}
}

/* The curve that has this dot, or PLOT_CURVES. */
static unsigned curve_at(const struct grid *grid, int column, int row)
{
	for (unsigned c = 0; c < grid->plot->curve_count; c++) {
		const struct range *range = &grid->ranges[c][column];

		if (range->low <= range->high && row <= range->high &&
		    (grid->plot->stacked || row >= range->low))
			return c;
	}
	return PLOT_CURVES;
}

/* -- cells ------------------------------------------------------------------------------------------------ */

/* Areas are told apart by these without colour: full, chequered, upright, level. */
static bool in_pattern(const struct plot *plot, unsigned curve, int column, int row)
{
	switch (plot->stacked ? curve : 0) {
	case 1:
		return ((column + row) & 1) == 0;
	case 2:
		return (column & 1) == 0;
	case 3:
		return (row & 1) == 0;
	default:
		return true;
	}
}

/* The bit of a dot in U+2800 to U+28FF; ROW from the top. */
static unsigned braille_bit(int column, int row)
{
	static const uint8_t bits[DOT_ROWS][DOT_COLUMNS] = {
		{ 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 }
	};

	return bits[row][column];
}

static void put_braille(struct canvas *canvas, int row, int column, enum style style, unsigned bits)
{
	char utf8[4] = { (char)0xe2, (char)(0xa0 | bits >> 6), (char)(0x80 | (bits & 0x3f)), '\0' };

	canvas_put(canvas, row, column, 1, style, utf8);
}

/* Dots of one cell: what each curve has of it, in bits of braille without patterns, and with them all
 * together. */
struct cell_dots {
	unsigned bits[PLOT_CURVES], patterned;
};

static unsigned strongest(const struct cell_dots *dots)
{
	unsigned found = 0;

	for (unsigned c = 1; c < PLOT_CURVES; c++)
		if (__builtin_popcount(dots->bits[c]) > __builtin_popcount(dots->bits[found]))
			found = c;
	return found;
}

/* How high a piece of a curve stands in its cell. */
static const char *ascii_line(unsigned bits)
{
	unsigned rows =
		(bits & 0x09 ? 1 : 0) | (bits & 0x12 ? 2 : 0) | (bits & 0x24 ? 4 : 0) | (bits & 0xc0 ? 8 : 0);

	switch (rows) {
	case 1:
	case 1 | 2:
		return "'";
	case 2:
	case 4:
	case 2 | 4:
		return "-";
	case 8:
	case 4 | 8:
		return "_";
	default:
		return "|";
	}
}

static void draw_cell(struct canvas *canvas, const struct grid *grid, int r, int c)
{
	const struct plot *plot = grid->plot;
	struct cell_dots dots = { { 0 }, 0 };
	int row = grid->area.row + r, column = grid->area.column + c, filled = 0;
	unsigned curve;
	enum style style;

	for (int y = 0; y < DOT_ROWS; y++) {
		for (int x = 0; x < DOT_COLUMNS; x++) {
			int dot_x = c * DOT_COLUMNS + x, dot_y = grid->rows - 1 - (r * DOT_ROWS + y);

			curve = curve_at(grid, dot_x, dot_y);
			if (curve == PLOT_CURVES)
				continue;
			filled++;
			dots.bits[curve] |= braille_bit(x, y);
			if (in_pattern(plot, curve, x, y))
				dots.patterned |= braille_bit(x, y);
		}
	}
	if (!filled)
		return;
	curve = strongest(&dots);
	style = plot->curves[curve].style;
	if (!canvas_is_ascii(canvas))
		put_braille(canvas, row, column, style, dots.patterned ? dots.patterned : dots.bits[curve]);
	else if (!plot->stacked)
		canvas_put(canvas, row, column, 1, style, ascii_line(dots.bits[curve]));
	else if (filled >= DOT_ROWS)
		canvas_put_len(canvas, row, column, 1, style, plot->curves[curve].word, 1);
}

/* -- axes ------------------------------------------------------------------------------------------------- */

/* Ticks are whole in some unit, and said in that: 1536M rather than 1.5G, as neighbours may be closer than a
 * rounded number tells. */
static const char *tick_label(char buf[CELL_MAX], const struct plot *plot, int64_t amount)
{
	static const char units[] = " KMGTPE";
	bool rate = plot->metric->unit == UNIT_BYTES_PER_SECOND;
	unsigned unit = 0;

	if (plot->unit != CELL_AUTO || (plot->metric->unit != UNIT_BYTES && !rate))
		return cell_number_in(buf, plot->metric, value_ok(amount), plot->unit);
	while (amount && amount % 1024 == 0) {
		amount /= 1024;
		unit++;
	}
	snprintf(buf, CELL_MAX, "%s%" PRId64 "%.*s", rate && amount > 0 ? "+" : "", amount, unit > 0,
		 units + unit);
	return buf;
}

/* Columns of the longest label. */
static int label_columns(const struct plot *plot, const struct plot_axis *axis)
{
	char buf[CELL_MAX];
	int columns = 0;

	for (int64_t at = axis->low; at <= axis->high; at += axis->step) {
		int len = (int)strlen(tick_label(buf, plot, at));

		columns = len > columns ? len : columns;
	}
	return columns;
}

static void draw_value_axis(struct canvas *canvas, const struct grid *grid, int column, int labels)
{
	char buf[CELL_MAX];

	for (int r = 0; r < grid->area.rows; r++)
		canvas_put_glyph(canvas, grid->area.row + r, column + labels, 1, STYLE_TREE, GLYPH_VERTICAL);
	for (int64_t at = grid->axis.low; labels && at <= grid->axis.high; at += grid->axis.step) {
		double share = (double)(at - grid->axis.low) / (double)(grid->axis.high - grid->axis.low);
		int row = grid->area.rows - 1 - (int)lround(share * (grid->area.rows - 1));

		canvas_put_right(canvas, grid->area.row + row, column, labels, STYLE_DIM,
				 tick_label(buf, grid->plot, at));
	}
}

/* How far apart the labels of the time axis are, in seconds. */
static int64_t time_step(int64_t span_s, int columns)
{
	static const int64_t steps[] = { 1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800 };

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (span_s % steps[i] == 0 && steps[i] * columns >= TIME_COLUMNS * span_s)
			return steps[i];
	return span_s;
}

static void draw_time_axis(struct canvas *canvas, const struct grid *grid)
{
	int row = grid->area.row + grid->area.rows, left = grid->area.column, columns = grid->area.columns;
	int64_t span_s = grid->plot->span_ns / 1000000000, step;

	if (span_s < 1)
		return;
	step = time_step(span_s, columns);
	for (int64_t ago = span_s; ago > 0; ago -= step) {
		int column = left + (int)((span_s - ago) * (columns - 1) / span_s);
		char text[32];

		snprintf(text, sizeof text, "%" PRId64 ":%02d", ago / 60, (int)(ago % 60));
		if (column > left)
			column -= (int)strlen(text) / 2;
		column = column > left ? column : left;
		canvas_put(canvas, row, column, left + columns - 4 - column, STYLE_DIM, text);
	}
	canvas_put_right(canvas, row, left, columns, STYLE_DIM, "now");
}

/* -- all of it -------------------------------------------------------------------------------------------- */

void plot_draw(struct canvas *canvas, struct area area, const struct plot *plot)
{
	struct grid grid;
	int labels = 0;		/* columns of the longest */

	if (area.rows < 1 || area.columns < 1 || plot->span_ns < 1)
		return;
	if (area.rows > CANVAS_ROWS_MAX)
		area.rows = CANVAS_ROWS_MAX;
	if (area.columns > CANVAS_COLUMNS_MAX)
		area.columns = CANVAS_COLUMNS_MAX;
	grid.plot = plot;
	grid.area = area;
	if (area.rows > ROWS_MIN && area.columns >= COLUMNS_MIN)
		grid.area.rows--;
	if (choose_axis(plot, grid.area.rows, &grid.axis))
		labels = label_columns(plot, &grid.axis);
	if (area.columns >= labels + 1 + COLUMNS_MIN) {
		grid.area.column += labels + 1;
		grid.area.columns -= labels + 1;
		draw_value_axis(canvas, &grid, area.column, labels);
	}
	grid.columns = grid.area.columns * DOT_COLUMNS;
	grid.rows = grid.area.rows * DOT_ROWS;
	for (unsigned c = 0; c < plot->curve_count; c++)
		make_curve(&grid, c);
	for (int r = 0; r < grid.area.rows; r++)
		for (int c = 0; c < grid.area.columns; c++)
			draw_cell(canvas, &grid, r, c);
	if (grid.area.rows < area.rows)
		draw_time_axis(canvas, &grid);
}

static int put_mark(struct canvas *canvas, int row, int column, const struct plot *plot, unsigned curve)
{
	unsigned bits = 0;

	if (!plot->stacked || canvas_is_ascii(canvas))
		return 0;
	for (int y = 0; y < DOT_ROWS; y++)
		for (int x = 0; x < DOT_COLUMNS; x++)
			bits |= in_pattern(plot, curve, x, y) ? braille_bit(x, y) : 0;
	put_braille(canvas, row, column, plot->curves[curve].style, bits);
	return 2;
}

int plot_legend(struct canvas *canvas, int row, int column, int width, const struct plot *plot)
{
	int used = 0;

	for (unsigned c = 0; c < plot->curve_count; c++) {
		const struct plot_curve *curve = &plot->curves[c];
		struct plot_stats stats = plot_stats(plot, c);
		char amount[CELL_MAX];
		const char *text = cell_number_in(amount, plot->metric,
						  stats.samples ? value_ok(llround(stats.last))
								: value_none(VALUE_NOT_APPLICABLE),
						  plot->unit);
		int gap = used ? 2 : 0;

		if (used + gap + 2 + (int)strlen(curve->word) + 1 + (int)strlen(text) > width)
			break;
		used += gap;
		used += put_mark(canvas, row, column + used, plot, c);
		used += canvas_put(canvas, row, column + used, width - used, curve->style, curve->word) + 1;
		used += canvas_put(canvas, row, column + used, width - used, STYLE_NORMAL, text);
	}
	return used;
}
