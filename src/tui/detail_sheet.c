/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of lines that scroll. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tui/detail_page.h"
#include "tui/wrap.h"

enum { OUTSIDE = -1 };

struct sheet sheet_begin(struct canvas *canvas, struct area area, struct list *list)
{
	list->page = area.rows > 0 ? (size_t)area.rows : 0;
	return (struct sheet){ canvas, area, list->top, 0 };
}

int sheet_line(struct sheet *sheet)
{
	size_t line = sheet->lines++, end = sheet->top + (sheet->area.rows > 0 ? (size_t)sheet->area.rows : 0);

	return line >= sheet->top && line < end ? sheet->area.row + (int)(line - sheet->top) : OUTSIDE;
}

void sheet_heading(struct sheet *sheet, const char *text)
{
	if (sheet->lines)
		sheet_line(sheet);
	canvas_put(sheet->canvas, sheet_line(sheet), sheet->area.column, sheet->area.columns, STYLE_HEADING,
		   text);
}

void sheet_end(const struct sheet *sheet, struct list *list)
{
	size_t last = sheet->lines > list->page ? sheet->lines - list->page : 0;

	list->count = sheet->lines;
	list->top = list->top < last ? list->top : last;
}

void sheet_text(struct sheet *sheet, const char *word, enum style style, const char *text)
{
	struct area area = sheet->area;
	int word_columns = SHEET_WORD_COLUMNS < area.columns / 2 ? SHEET_WORD_COLUMNS : area.columns / 2;
	int column = area.column + word_columns, columns = area.columns - word_columns, row = sheet_line(sheet);
	struct wrap wrap = { .text = text, .len = strlen(text), .width = columns > 0 ? columns : 1 };
	struct wrap_line line;
	bool first = true;

	canvas_put(sheet->canvas, row, area.column, word_columns - 1, STYLE_DIM, word);
	while (wrap_next(&wrap, &line)) {
		row = first ? row : sheet_line(sheet);
		first = false;
		canvas_put_len(sheet->canvas, row, column + line.indent, columns - line.indent, style,
			       text + line.start, line.len);
	}
}

void sheet_printf(struct sheet *sheet, const char *word, enum style style, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	sheet_text(sheet, word, style, text);
}
