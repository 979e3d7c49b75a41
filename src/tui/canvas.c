/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/canvas.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/text.h"

struct canvas {
	int rows, columns;
	bool ascii;
	struct cell *cells;
};

static const struct {
	const char *utf8, *ascii;
} glyphs[GLYPH_COUNT] = {
	[GLYPH_BRANCH] = { "├─", "|-" },
	[GLYPH_LAST] = { "└─", "`-" },
	[GLYPH_TRUNK] = { "│ ", "| " },
	[GLYPH_FOLDED] = { "+", "+" },
	[GLYPH_UNFOLDED] = { "-", "-" },
	[GLYPH_TAG] = { "*", "*" },
	[GLYPH_MORE_LEFT] = { "«", "<" },
	[GLYPH_MORE_RIGHT] = { "»", ">" },
	[GLYPH_SORT_DOWN] = { "▼", "v" },
	[GLYPH_SORT_UP] = { "▲", "^" },
	[GLYPH_BAR] = { "█", "#" },
	[GLYPH_BAR_FREE] = { "·", "." },
	[GLYPH_CUT] = { "…", "+" },
	[GLYPH_HORIZONTAL] = { "─", "-" },
	[GLYPH_VERTICAL] = { "│", "|" },
};

static const struct cell blank = { .utf8 = " ", .len = 1, .columns = 1, .style = STYLE_NORMAL };

static int clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

struct canvas *canvas_new(int rows, int columns, bool ascii)
{
	struct canvas *canvas = calloc(1, sizeof *canvas);

	if (!canvas)
		return NULL;
	canvas->ascii = ascii;
	if (canvas_resize(canvas, rows, columns)) {
		free(canvas);
		return NULL;
	}
	return canvas;
}

void canvas_free(struct canvas *canvas)
{
	if (!canvas)
		return;
	free(canvas->cells);
	free(canvas);
}

int canvas_resize(struct canvas *canvas, int rows, int columns)
{
	struct cell *cells;

	rows = clamp(rows, 1, CANVAS_ROWS_MAX);
	columns = clamp(columns, 1, CANVAS_COLUMNS_MAX);
	cells = malloc((size_t)rows * (size_t)columns * sizeof *cells);
	if (!cells)
		return -ENOMEM;
	free(canvas->cells);
	canvas->cells = cells;
	canvas->rows = rows;
	canvas->columns = columns;
	canvas_clear(canvas);
	return 0;
}

int canvas_rows(const struct canvas *canvas)
{
	return canvas->rows;
}

int canvas_columns(const struct canvas *canvas)
{
	return canvas->columns;
}

bool canvas_is_ascii(const struct canvas *canvas)
{
	return canvas->ascii;
}

void canvas_set_ascii(struct canvas *canvas, bool ascii)
{
	canvas->ascii = ascii;
}

struct area canvas_area(const struct canvas *canvas)
{
	return (struct area){ 0, 0, canvas->rows, canvas->columns };
}

void canvas_clear(struct canvas *canvas)
{
	size_t count = (size_t)canvas->rows * (size_t)canvas->columns;

	for (size_t i = 0; i < count; i++)
		canvas->cells[i] = blank;
}

static struct cell *cell_at(const struct canvas *canvas, int row, int column)
{
	return &canvas->cells[(size_t)row * (size_t)canvas->columns + (size_t)column];
}

/* What is put over one half of a wide character leaves a blank in place of the other. */
static void split_wide(struct canvas *canvas, int row, int column)
{
	struct cell *cell = cell_at(canvas, row, column);
	enum style style = cell->style;

	if (cell->columns == 0 && column > 0) {
		cell[-1] = blank;
		cell[-1].style = style;
	} else if (cell->columns == 2 && column + 1 < canvas->columns) {
		cell[1] = blank;
		cell[1].style = style;
	}
}

static void set_cell(struct canvas *canvas, int row, int column, enum style style, const char *utf8, size_t len,
		     int columns)
{
	struct cell *cell = cell_at(canvas, row, column);

	split_wide(canvas, row, column);
	if (columns == 2)
		split_wide(canvas, row, column + 1);
	*cell = (struct cell){ .len = (uint8_t)len, .columns = (uint8_t)columns, .style = (uint8_t)style };
	memcpy(cell->utf8, utf8, len);
	if (columns == 2)
		cell[1] = (struct cell){ .style = (uint8_t)style };
}

/* Length of the character at S (LEN bytes, at least 1), 1 for a byte that begins none. */
static size_t character_len(const char *s, size_t len)
{
	size_t n = 1;

	while (n < len && n < 4 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return (unsigned char)*s < 0xc0 ? 1 : n;
}

/* A combining mark joins the character on its left, if that is there and there is room in its cell. */
static void add_mark(struct canvas *canvas, int row, int column, const char *utf8, size_t len)
{
	struct cell *cell;

	if (column < 0 || column >= canvas->columns)
		return;
	cell = cell_at(canvas, row, column);
	if (cell->columns == 0 && column > 0)
		cell--;
	if (cell->len + len > sizeof cell->utf8)
		return;
	memcpy(cell->utf8 + cell->len, utf8, len);
	cell->len = (uint8_t)(cell->len + len);
}

/* One character that takes COLUMNS; what lies outside is left out, and a wide one across the edge is a blank. */
static void put_one(struct canvas *canvas, int row, int column, enum style style, const char *utf8, size_t len, int columns)
{
	char cleaned[8];
	bool plain = *utf8 >= ' ' && *utf8 < 0x7f;
	bool odd = !plain && (canvas->ascii || text_clean(cleaned, sizeof cleaned, utf8, len) != len || *cleaned == '?');

	if (odd || column < 0 || column + columns > canvas->columns) {
		for (int c = column; c < column + columns; c++)
			if (c >= 0 && c < canvas->columns)
				set_cell(canvas, row, c, style, odd ? "?" : " ", 1, 1);
	} else {
		set_cell(canvas, row, column, style, utf8, len, columns);
	}
}

int canvas_put_len(struct canvas *canvas, int row, int column, int width, enum style style, const char *text, size_t len)
{
	bool visible = row >= 0 && row < canvas->rows;
	int used = 0, last = -1;

	while (len && used <= width) {
		size_t bytes = character_len(text, len);
		int columns = (int)text_columns(text, bytes);

		if (used + columns > width)
			break;
		if (visible && columns) {
			last = column + used;
			put_one(canvas, row, last, style, text, bytes, columns);
		} else if (visible && last >= 0 && !canvas->ascii) {
			add_mark(canvas, row, last, text, bytes);
		}
		used += columns;
		text += bytes;
		len -= bytes;
	}
	return used;
}

int canvas_put(struct canvas *canvas, int row, int column, int width, enum style style, const char *text)
{
	return canvas_put_len(canvas, row, column, width, style, text, strlen(text));
}

void canvas_put_right(struct canvas *canvas, int row, int column, int width, enum style style, const char *text)
{
	size_t len = strlen(text), columns = text_columns(text, len);
	int lead = width > 0 && columns < (size_t)width ? width - (int)columns : 0;

	canvas_put_len(canvas, row, column + lead, width - lead, style, text, len);
}

int canvas_printf(struct canvas *canvas, int row, int column, int width, enum style style, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return canvas_put(canvas, row, column, width, style, text);
}

int canvas_put_glyph(struct canvas *canvas, int row, int column, int width, enum style style, enum glyph glyph)
{
	return canvas_put(canvas, row, column, width, style, canvas->ascii ? glyphs[glyph].ascii : glyphs[glyph].utf8);
}

void canvas_repeat(struct canvas *canvas, int row, int column, int count, enum style style, enum glyph glyph)
{
	for (int i = 0; i < count && column + i < canvas->columns; i++)
		canvas_put_glyph(canvas, row, column + i, 1, style, glyph);
}

static struct area clip(const struct canvas *canvas, struct area area)
{
	int row = clamp(area.row, 0, canvas->rows), column = clamp(area.column, 0, canvas->columns);

	/* In 64 bits: a caller's sizes may be anything. */
	int64_t row_end = (int64_t)area.row + (area.rows > 0 ? area.rows : 0);
	int64_t column_end = (int64_t)area.column + (area.columns > 0 ? area.columns : 0);

	if (row_end > canvas->rows)
		row_end = canvas->rows;
	if (column_end > canvas->columns)
		column_end = canvas->columns;
	return (struct area){ row, column, row_end > row ? (int)(row_end - row) : 0,
			      column_end > column ? (int)(column_end - column) : 0 };
}

void canvas_fill(struct canvas *canvas, struct area area, enum style style)
{
	area = clip(canvas, area);
	for (int r = area.row; r < area.row + area.rows; r++)
		for (int c = area.column; c < area.column + area.columns; c++)
			set_cell(canvas, r, c, style, " ", 1, 1);
}

void canvas_mark_cursor(struct canvas *canvas, struct area area)
{
	area = clip(canvas, area);
	for (int r = area.row; r < area.row + area.rows; r++)
		for (int c = area.column; c < area.column + area.columns; c++)
			cell_at(canvas, r, c)->flags |= CELL_CURSOR;
}

void canvas_restyle(struct canvas *canvas, struct area area, enum style style)
{
	area = clip(canvas, area);
	for (int r = area.row; r < area.row + area.rows; r++)
		for (int c = area.column; c < area.column + area.columns; c++)
			cell_at(canvas, r, c)->style = (uint8_t)style;
}

const struct cell *canvas_cell(const struct canvas *canvas, int row, int column)
{
	return cell_at(canvas, row, column);
}

char style_letter(enum style style)
{
	static const char letters[STYLE_COUNT] = {
#define STYLE_LETTER(name, letter) [STYLE_##name] = letter,
		STYLES(STYLE_LETTER)
#undef STYLE_LETTER
	};

	return letters[style];
}

/* Takes blanks off the end of the line that begins at START, and ends it. */
static void end_line(struct buf *out, size_t start)
{
	while (!out->failed && out->len > start && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	buf_putc(out, '\n');
}

static void put_styles(const struct canvas *canvas, int row, struct buf *out)
{
	size_t start = out->len;
	bool any = false;

	for (int c = 0; c < canvas->columns; c++) {
		const struct cell *cell = cell_at(canvas, row, c);
		bool cursor = cell->flags & CELL_CURSOR;
		char letter = style_letter(cell->style);

		any |= cursor || letter != ' ';
		buf_putc(out, letter == ' ' && cursor ? '_' : letter);
	}
	if (any) {
		end_line(out, start);
	} else if (!out->failed) {
		out->len = start;
		out->data[start] = '\0';
	}
}

void canvas_text(const struct canvas *canvas, bool styles, struct buf *out)
{
	for (int r = 0; r < canvas->rows; r++) {
		size_t start = out->len;

		for (int c = 0; c < canvas->columns; c++) {
			const struct cell *cell = cell_at(canvas, r, c);

			buf_add(out, cell->utf8, cell->len);
		}
		end_line(out, start);
		if (styles)
			put_styles(canvas, r, out);
	}
}
