/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/wrap.h"

#include <string.h>

#include "util/text.h"

void wrap_add(struct buf *out, enum style style, const char *text)
{
	buf_putc(out, WRAP_STYLE);
	buf_putc(out, (char)(' ' + (int)style));
	buf_puts(out, text);
	buf_putc(out, WRAP_STYLE);
	buf_putc(out, (char)(' ' + (int)STYLE_NORMAL));
}

/* Bytes of what stands at AT: a style, or a character with no marks. */
static size_t unit_len(const struct wrap *wrap, size_t at)
{
	size_t n = 1;

	if (wrap->text[at] == WRAP_STYLE)
		return wrap->len - at > 1 ? 2 : 1;
	while (at + n < wrap->len && ((unsigned char)wrap->text[at + n] & 0xc0) == 0x80)
		n++;
	return n;
}

static int unit_columns(const struct wrap *wrap, size_t at, size_t len)
{
	return wrap->text[at] == WRAP_STYLE ? 0 : (int)text_columns(wrap->text + at, len);
}

static void take_style(const struct wrap *wrap, size_t at, size_t len, enum style *style)
{
	int value = len == 2 ? (unsigned char)wrap->text[at + 1] - ' ' : -1;

	if (wrap->text[at] == WRAP_STYLE)
		*style = value >= 0 && value < STYLE_COUNT ? (enum style)value : STYLE_NORMAL;
}

/* Where the text of a paragraph begins behind its first gap: "  q Esc   leave this page". */
static int hang_of(const struct wrap *wrap)
{
	int column = 0, lead = -1, blanks = 0;

	for (size_t at = wrap->at, len; at < wrap->len && wrap->text[at] != '\n'; at += len) {
		len = unit_len(wrap, at);
		if (wrap->text[at] == WRAP_STYLE)
			continue;
		if (wrap->text[at] == ' ') {
			blanks++;
		} else {
			if (lead < 0)
				lead = column;
			else if (blanks > 1 && column <= wrap->width / 2)
				return column;
			blanks = 0;
		}
		column += unit_columns(wrap, at, len);
	}
	return lead > 0 && lead <= wrap->width / 2 ? lead : 0;
}

static void begin_line(struct wrap *wrap, struct wrap_line *line)
{
	if (wrap->continues) {
		while (wrap->at < wrap->len && wrap->text[wrap->at] == ' ')
			wrap->at++;
	} else {
		wrap->hang = hang_of(wrap);
		wrap->style = STYLE_NORMAL;
	}
	*line = (struct wrap_line){ wrap->at, 0, wrap->continues ? wrap->hang : 0, wrap->style };
}

/* The line ends before AT, where STYLE holds, and the next starts there. */
static void end_line(struct wrap *wrap, struct wrap_line *line, size_t at, enum style style, bool paragraph)
{
	line->len = at - line->start;
	wrap->at = at + paragraph;
	wrap->continues = !paragraph;
	wrap->style = style;
}

bool wrap_next(struct wrap *wrap, struct wrap_line *line)
{
	int used, columns;
	size_t blank = 0, len;
	enum style style, blank_style = STYLE_NORMAL;
	bool word = false;

	if (wrap->at >= wrap->len)
		return false;
	begin_line(wrap, line);
	used = line->indent;
	style = wrap->style;
	for (size_t at = wrap->at; at < wrap->len; at += len) {
		if (wrap->text[at] == '\n') {
			end_line(wrap, line, at, style, true);
			return true;
		}
		len = unit_len(wrap, at);
		columns = unit_columns(wrap, at, len);
		if (wrap->text[at] == ' ' && word) {
			blank = at;
			blank_style = style;
		} else if (used + columns > wrap->width && word) {
			end_line(wrap, line, blank ? blank : at, blank ? blank_style : style, false);
			return true;
		}
		used += columns;
		word = word || (columns && wrap->text[at] != ' ');
		take_style(wrap, at, len, &style);
	}
	end_line(wrap, line, wrap->len, style, false);
	return true;
}

void wrap_draw(struct canvas *canvas, int row, int column, int width, const char *text,
	       const struct wrap_line *line)
{
	const struct wrap wrap = { .text = text, .len = line->start + line->len };
	int end = column + width;
	enum style style = line->style;
	size_t from = line->start, at = line->start;

	column += line->indent;
	while (at <= wrap.len) {
		size_t len;

		if (at < wrap.len && text[at] != WRAP_STYLE) {
			at++;
			continue;
		}
		column += canvas_put_len(canvas, row, column, end - column, style, text + from, at - from);
		if (at == wrap.len)
			break;
		len = unit_len(&wrap, at);
		take_style(&wrap, at, len, &style);
		from = at += len;
	}
}
