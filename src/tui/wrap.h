/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text broken into lines of a width, with styles in it. */
#ifndef TUI_WRAP_H
#define TUI_WRAP_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/canvas.h"
#include "util/buf.h"

/* A style begins with this byte and ' ' + enum style, and ends with the next or with the line. Cleaned text
 * cannot hold it. */
enum { WRAP_STYLE = 1 };

/* Appends TEXT in STYLE, and goes back to STYLE_NORMAL. */
void wrap_add(struct buf *out, enum style style, const char *text);

/* A line as it is shown; it points to bytes of the text, by their offset. */
struct wrap_line {
	size_t start, len;
	int indent;			/* columns; what follows a break stands below what it continues */
	enum style style;		/* at its start */
};

/* Starts with the text and its width; the rest zeroed. */
struct wrap {
	const char *text;
	size_t len;
	int width;			/* at least 1 */
	size_t at;			/* where the next line starts */
	bool continues;			/* it is not the first of its paragraph */
	int hang;	/* its indent then: behind the first gap of two blanks or more, or the leading blanks */
	enum style style;
};

/* The next line; false behind the end. Breaks at blanks, or within a word longer than the width. */
bool wrap_next(struct wrap *wrap, struct wrap_line *line);

void wrap_draw(struct canvas *canvas, int row, int column, int width, const char *text,
	       const struct wrap_line *line);

#endif
