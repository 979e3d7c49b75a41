/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A grid of cells to draw on, which knows nothing of terminals: what the views draw is the same in a test, in memory,
 * as on a screen. Everything is clipped at the edges; no call can fail, and none draws half of a wide character.
 */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/style.h"
#include "util/buf.h"

enum { CANVAS_ROWS_MAX = 1000, CANVAS_COLUMNS_MAX = 2000, CELL_BYTES = 12 };

enum cell_flag {
	CELL_CURSOR = 1 << 0,	/* part of the line or field that the next key acts on */
};

/* One character, with as many of its combining marks as fit. */
struct cell {
	char utf8[CELL_BYTES];	/* not terminated */
	uint8_t len;		/* 0: the right half of the wide character on its left */
	uint8_t columns;	/* 1 or 2; 0 for a right half */
	uint8_t style;		/* enum style */
	uint8_t flags;		/* enum cell_flag bits */
};

/* A rectangle; may lie partly or wholly outside of the canvas. Negative sizes are empty. */
struct area {
	int row, column, rows, columns;
};

enum glyph {
	GLYPH_BRANCH,		/* |- before a child with later siblings */
	GLYPH_LAST,		/* `- before the last child */
	GLYPH_TRUNK,		/* |  beside the children of an earlier sibling */
	GLYPH_FOLDED,		/* + */
	GLYPH_UNFOLDED,		/* - */
	GLYPH_TAG,		/* * */
	GLYPH_MORE_LEFT, GLYPH_MORE_RIGHT,	/* < > there are more columns */
	GLYPH_SORT_DOWN, GLYPH_SORT_UP,		/* sorted from high to low, from low to high */
	GLYPH_BAR,		/* # a full cell of a bar */
	GLYPH_BAR_FREE,		/* a blank or a dot in a bar's empty part */
	GLYPH_CUT,		/* + a text goes on */
	GLYPH_HORIZONTAL, GLYPH_VERTICAL,	/* lines, axes */
	GLYPH_COUNT
};

struct canvas;

/* All blank. ASCII replaces what is not ASCII by '?', and chooses ASCII glyphs. NULL on ENOMEM. */
struct canvas *canvas_new(int rows, int columns, bool ascii);
void canvas_free(struct canvas *canvas);	/* NULL-safe */

/* Blank afterwards. Sizes are brought into 1 to the maximum. 0 or -ENOMEM, and then it is as before. */
int canvas_resize(struct canvas *canvas, int rows, int columns);
int canvas_rows(const struct canvas *canvas);
int canvas_columns(const struct canvas *canvas);
bool canvas_is_ascii(const struct canvas *canvas);
void canvas_set_ascii(struct canvas *canvas, bool ascii);
struct area canvas_area(const struct canvas *canvas);

void canvas_clear(struct canvas *canvas);

/* TEXT (cleaned UTF-8, util/text.h; anything else is shown as '?') from there on in at most WIDTH columns. Returns the columns
 * it took, clipped ones included, at most WIDTH. */
int canvas_put(struct canvas *canvas, int row, int column, int width, enum style style, const char *text);
int canvas_put_len(struct canvas *canvas, int row, int column, int width, enum style style, const char *text, size_t len);

/* As canvas_put, right-aligned in WIDTH; what is longer is cut at its end. */
void canvas_put_right(struct canvas *canvas, int row, int column, int width, enum style style, const char *text);

/* printf-like canvas_put(), of at most 511 bytes. */
__attribute__((format(printf, 6, 7)))
int canvas_printf(struct canvas *canvas, int row, int column, int width, enum style style, const char *format, ...);

int canvas_put_glyph(struct canvas *canvas, int row, int column, int width, enum style style, enum glyph glyph);

/* COUNT cells of one glyph, or of blanks. */
void canvas_repeat(struct canvas *canvas, int row, int column, int count, enum style style, enum glyph glyph);
void canvas_fill(struct canvas *canvas, struct area area, enum style style);

/* Marks cells that are drawn already. */
void canvas_mark_cursor(struct canvas *canvas, struct area area);
void canvas_restyle(struct canvas *canvas, struct area area, enum style style);

/* ROW and COLUMN must be inside. */
const struct cell *canvas_cell(const struct canvas *canvas, int row, int column);

/* The grid as text, a line a row, without blanks at line ends. STYLES: below each row that has any, a line with one letter for
 * each cell (style_letter()), and _ for plain ones under the cursor. For tests and README. */
void canvas_text(const struct canvas *canvas, bool styles, struct buf *out);

#endif
