/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is shown of a class of page faults, of the machine's or of a process's, as a row of columns; and the
 * latencies as a histogram.
 */
#ifndef TUI_FAULT_STATS_H
#define TUI_FAULT_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/faults.h"
#include "out/cell.h"
#include "tui/canvas.h"
#include "tui/detail_page.h"
#include "tui/line.h"

enum fault_column {
	FAULT_COLUMN_CLASS,	/* a name: its value is none */
	FAULT_COLUMN_COUNT,
	FAULT_COLUMN_RATE,
	FAULT_COLUMN_SHARE,	/* of all accounted faults */
	FAULT_COLUMN_TIME,
	FAULT_COLUMN_MEAN,
	FAULT_COLUMN_P50,
	FAULT_COLUMN_P99,
	FAULT_COLUMN_MAX,	/* OK: the longest; ESTIMATED: the end of its bucket, which it is below */
	FAULT_COLUMN_WALL,	/* time in them per wall time */
	FAULT_COLUMNS
};

/* The row that is all accounted classes together. */
enum { FAULT_ALL = FAULT_CLASSES };

struct fault_stats {
	struct value value[FAULT_COLUMNS];
};

/* CLASS is an enum fault_class or FAULT_ALL. What follows from buckets is PENDING where there are none. */
void fault_stats_machine(struct fault_stats *stats, const struct fault_machine *machine, unsigned class);
void fault_stats_process(struct fault_stats *stats, const struct process *process, unsigned class);

/* "demand_zero", "all". */
const char *fault_class_name(unsigned class);

/* From most to least: 1 when A comes before B. Values without an amount come last either way; by class: in the
 * order of names. */
int fault_stats_compare(const struct fault_stats *a, unsigned class_a, const struct fault_stats *b,
			unsigned class_b, enum fault_column by, bool ascending);

/* The kinds of memory that had faults, COUNT of each, most first: in ORDER. Returns how many. */
unsigned fault_memory_order(uint8_t order[FAULT_MEMORIES], const struct value count[FAULT_MEMORIES]);

/* Where the columns stand. */
struct fault_layout {
	int at[FAULT_COLUMNS];		/* of the canvas; -1 when not shown */
	int columns;			/* all of them */
};

enum { FAULT_NAME_COLUMNS = 12 };

/* As many as fit into COLUMNS from AT on, the most important ones and SORT; WANTED: bits of enum fault_column. */
struct fault_layout fault_layout(int at, int columns, unsigned wanted, enum fault_column sort);
int fault_column_width(enum fault_column column);
const char *fault_column_title(enum fault_column column);

/* The titles in ROW, the one sorted by marked; SORT FAULT_COLUMNS for none. */
void fault_draw_titles(struct canvas *canvas, int row, const struct fault_layout *layout, enum fault_column sort,
		       bool ascending);
void fault_draw_row(struct canvas *canvas, int row, const struct fault_layout *layout,
		    const struct fault_stats *stats, unsigned class);
/* The column whose title stands at COLUMN, FAULT_COLUMNS for none. */
enum fault_column fault_column_at(const struct fault_layout *layout, int column);

/* The latencies as lines of a page: from the shortest to the longest that there are, each with its bar. False
 * when there are none. */
bool fault_draw_histogram(struct sheet *sheet, const uint64_t buckets[FAULT_BUCKETS]);

/* Tier, since when, what was lost, how the end of a fault is known, what the kernel keeps for it. */
void fault_put_state(struct line *line, const struct app *app);

/* Every tier that was tried in vain: why, and what can be done about it. Without any, why no better one is in
 * use, or none was tried. */
void fault_put_missing(struct sheet *sheet, const struct snapshot *snapshot);

/* Why VALUE of a fault has no amount; "" when it has one. In BUF. */
enum { FAULT_WHY_MAX = 512 };
const char *fault_why(char buf[FAULT_WHY_MAX], const struct probe_status *status, struct value value);

#endif
