/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bar split by kind. Each kind has a letter of its own beside its colour, with which its word in the legend
 * begins. */
#ifndef TUI_METER_H
#define TUI_METER_H

#include <stdint.h>

#include "model/overview.h"
#include "out/cell.h"
#include "tui/canvas.h"

struct meter_part {
	const char *word;	/* "anon"; its first letter fills the cells; "free" is the empty part */
	enum style style;
	int64_t bytes;			/* not negative */
};

/* What the words stand for, for the help page; WORDS[kind] in the order of enum memory_kind. */
struct meter_kind {
	const char *word;
	enum style style;
	const char *help;
};

extern const struct meter_kind meter_memory[MEMORY_KIND_COUNT];
extern const struct meter_kind meter_swap[SWAP_KIND_COUNT];

/* "[aaaffs....]" over WIDTH columns; each part has the cells between its rounded ends, so that together they
 * always fill it. Nothing below 3 columns. */
void meter_draw(struct canvas *canvas, int row, int column, int width, const struct meter_part *parts,
		unsigned count);

/* "anon 12M  file 3.0M ..." in WIDTH columns: parts that are not 0, in their order; the smallest are left out
 * where there is no room. */
void meter_legend(struct canvas *canvas, int row, int column, int width, const struct meter_part *parts,
		  unsigned count, enum cell_unit unit);

#endif
