/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of items, the most important first: the first that does not fit and all behind it are left out. */
#ifndef TUI_LINE_H
#define TUI_LINE_H

#include <stdbool.h>

#include "tui/canvas.h"

struct line {
	struct canvas *canvas;
	int row, column, end;		/* the next item begins at COLUMN and ends before END */
	bool begun, full;
};

/* "<before> <value> <after>", two columns behind the item before it; VALUE in STYLE, what is around it plain.
 * BEFORE and AFTER may be NULL or "". */
void line_item(struct line *line, const char *before, enum style style, const char *value, const char *after);

/* An item of one style. */
__attribute__((format(printf, 3, 4)))
void line_printf(struct line *line, enum style style, const char *format, ...);

#endif
