/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Curves over the last minutes on a canvas: dots of braille patterns, two columns and four rows of them in a
 * cell, or ASCII.
 *
 * Several samples that fall on one column of dots are drawn as their range; neighbours in time are connected;
 * where a value was absent there is a gap. Stacked curves are areas, each of its own colour and its own pattern
 * of dots (in ASCII: its letter).
 */
#ifndef TUI_PLOT_H
#define TUI_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/metric.h"
#include "out/cell.h"
#include "tui/canvas.h"

enum { PLOT_CURVES = 4 };

struct plot_curve {
	const char *word;	/* ASCII; its first letter stands for it in ASCII when stacked */
	enum style style;
	const double *values;	/* amounts, newest first; NAN where absent */
};

struct plot {
	const int64_t *times_ns;	/* of the samples, newest first, descending; any clock */
	size_t count;
	struct plot_curve curves[PLOT_CURVES];
	unsigned curve_count;		/* at most PLOT_CURVES */
	bool stacked;			/* curve 0 at the bottom; one that is absent hides those above it */
	int64_t now_ns;			/* the right edge; later samples are left out */
	int64_t span_ns;		/* from the left edge to the right; above 0 */
	int64_t gap_ns;			/* samples farther apart are not connected */
	const struct metric *metric;	/* how amounts are written */
	enum cell_unit unit;
};

/* AREA may be of any size: axes are left out where they would leave no room. */
void plot_draw(struct canvas *canvas, struct area area, const struct plot *plot);

/* The mark that curve I is filled with, in its style, its word and its amount in the newest sample that has
 * one: "⣿ anon 12M". Returns the columns it took. */
int plot_legend(struct canvas *canvas, int row, int column, int width, const struct plot *plot);

/* What a curve did between the edges; each sample counts the same in the mean. */
struct plot_stats {
	size_t samples;			/* that have a value; when 0 the rest means nothing */
	double low, high, last, mean;
};

struct plot_stats plot_stats(const struct plot *plot, unsigned curve);

/* The spans that a view steps through: one minute to an hour. */
enum { PLOT_SPANS = 6, PLOT_SPAN_DEFAULT = 2 };
extern const int64_t plot_spans_ns[PLOT_SPANS];

/* An axis for values from LOW to HIGH with at most STEPS steps (at least 2): whole steps that a person would
 * choose, in the unit of METRIC. Amounts; beyond 2 * 10^18 either way there is nothing to see. */
struct plot_axis {
	int64_t low, high, step;
};

struct plot_axis plot_axis(const struct metric *metric, double low, double high, int steps);

#endif
