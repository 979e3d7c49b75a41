/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/box.h"

#include <string.h>

#include "util/text.h"

enum { FRAME = 2, PADDING = 2 }; /* both sides together */

static int at_most(int value, int limit)
{
	return value < limit ? value : limit > 0 ? limit : 0;
}

static int columns_of(const char *text)
{
	return text ? (int)text_columns(text, strlen(text)) : 0;
}

static void draw_corner(struct canvas *canvas, int row, int column, const char *utf8)
{
	canvas_put(canvas, row, column, 1, STYLE_TREE, canvas_is_ascii(canvas) ? "+" : utf8);
}

/* An edge with " TEXT " in it, as far as it fits between the corners. */
static void draw_edge(struct canvas *canvas, struct area box, int row, enum style style, const char *text)
{
	int room = box.columns - FRAME - PADDING;

	canvas_repeat(canvas, row, box.column, box.columns, STYLE_TREE, GLYPH_HORIZONTAL);
	if (text && *text && room > PADDING) {
		int used = canvas_put(canvas, row, box.column + 3, room - 2, style, text);

		canvas_put(canvas, row, box.column + 2, 1, style, " ");
		canvas_put(canvas, row, box.column + 3 + used, 1, style, " ");
	}
}

static void draw_frame(struct canvas *canvas, struct area box, const char *title, const char *note)
{
	int bottom = box.row + box.rows - 1, right = box.column + box.columns - 1;

	draw_edge(canvas, box, box.row, STYLE_TITLE, title);
	draw_edge(canvas, box, bottom, STYLE_DIM, note);
	for (int row = box.row + 1; row < bottom; row++) {
		canvas_put_glyph(canvas, row, box.column, 1, STYLE_TREE, GLYPH_VERTICAL);
		canvas_put_glyph(canvas, row, right, 1, STYLE_TREE, GLYPH_VERTICAL);
	}
	draw_corner(canvas, box.row, box.column, "┌");
	draw_corner(canvas, box.row, right, "┐");
	draw_corner(canvas, bottom, box.column, "└");
	draw_corner(canvas, bottom, right, "┘");
}

struct area box_draw(struct canvas *canvas, struct area area, int rows, int columns, const char *title,
		     const char *note)
{
	struct area box = { 0 };
	int edges = FRAME + PADDING + PADDING;

	if (columns < columns_of(title) + PADDING)
		columns = columns_of(title) + PADDING;
	if (columns < columns_of(note) + PADDING)
		columns = columns_of(note) + PADDING;
	box.rows = at_most(rows + FRAME, area.rows);
	box.columns = at_most(columns + FRAME + PADDING, area.columns);
	box.row = area.row + (at_most(area.rows, area.rows) - box.rows) / 2;
	box.column = area.column + (at_most(area.columns, area.columns) - box.columns) / 2;
	canvas_fill(canvas, box, STYLE_NORMAL);
	if (box.rows <= FRAME || box.columns <= edges)
		return box;
	draw_frame(canvas, box, title, note);
	return (struct area){ box.row + 1, box.column + 2, box.rows - FRAME, box.columns - FRAME - PADDING };
}
