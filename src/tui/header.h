/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines about the machine at the top of every screen. */
#ifndef TUI_HEADER_H
#define TUI_HEADER_H

#include "model/arrange.h"
#include "model/overview.h"
#include "tui/canvas.h"

struct app;

/* What the list below it shows, for its line of totals; without an arrangement when the screen is none of
 * processes. */
struct header_scope {
	const struct arrangement *arrangement;	/* of app->snapshot */
	const char *filter;	/* what selects, for people: "user ml, pss>100M"; "" when nothing does */
	struct value tagged_pss;	/* NOT_APPLICABLE when nothing is tagged */
	size_t tagged;
};

/* What is computed once a snapshot, and not for each drawing; starts zeroed. */
struct header_state {
	bool known;
	uint64_t sequence;		/* of the snapshot the rest is of */
	int64_t boottime_ns;
	struct self_cpu cpu;
	struct value cpu_percent;	/* memtide's own, since the snapshot shown before */
	int64_t pss_estimated;
	struct pss_progress progress;
	size_t running;
};

/* Lines it takes of a canvas of ROWS x COLUMNS in the present mode; 0 when there is no room. At most a third of
 * the rows: where not all lines fit, the most important ones are there. */
int header_rows(const struct app *app, int rows, int columns);
void header_draw(struct app *app, struct canvas *canvas, struct area area, const struct header_scope *scope);

#endif
