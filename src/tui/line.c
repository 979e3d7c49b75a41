/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/text.h"

enum { GAP = 2 };

static int columns_of(const char *text)
{
	return text ? (int)text_columns(text, strlen(text)) : 0;
}

static void put(struct line *line, enum style style, const char *text)
{
	line->column +=
		canvas_put(line->canvas, line->row, line->column, line->end - line->column, style, text);
}

void line_item(struct line *line, const char *before, enum style style, const char *value, const char *after)
{
	int lead = columns_of(before), tail = columns_of(after), gap = line->begun ? GAP : 0;
	int columns = gap + lead + (lead > 0) + columns_of(value) + (tail > 0) + tail;

	line->full = line->full || columns > line->end - line->column;
	if (line->full)
		return;
	line->begun = true;
	line->column += gap;
	if (lead) {
		put(line, STYLE_NORMAL, before);
		line->column++;
	}
	put(line, style, value);
	if (tail) {
		line->column++;
		put(line, STYLE_NORMAL, after);
	}
}

void line_printf(struct line *line, enum style style, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	line_item(line, NULL, style, text, NULL);
}
