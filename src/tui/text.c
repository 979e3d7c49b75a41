/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/wrap.h"
#include "util/text.h"

enum { TITLE_MAX = 64, WHEEL_LINES = 3, MARGIN = 1 };

struct text_view {
	struct view view;
	char title[TITLE_MAX];
	void (*fill)(const struct app *app, struct buf *out); /* NULL: the text stays */
	struct buf text;
	struct wrap_line *lines; /* of the text in this width */
	size_t line_count, line_capacity;
	int width; /* 0: to be wrapped anew */
	size_t top, page; /* as last drawn */
};

static void text_close(struct view *view)
{
	struct text_view *text = (struct text_view *)view;

	buf_free(&text->text);
	free(text->lines);
	free(text);
}

static bool add_line(struct text_view *text, const struct wrap_line *line)
{
	if (text->line_count == text->line_capacity) {
		size_t capacity = text->line_capacity ? 2 * text->line_capacity : 128;
		struct wrap_line *lines = realloc(text->lines, capacity * sizeof *lines);

		if (!lines)
			return false;
		text->lines = lines;
		text->line_capacity = capacity;
	}
	text->lines[text->line_count++] = *line;
	return true;
}

static void lay_out(struct text_view *text, int width)
{
	struct wrap wrap = { .text = text->text.data, .len = text->text.len, .width = width };
	struct wrap_line line;

	if (text->width == width)
		return;
	text->width = width;
	text->line_count = 0;
	while (wrap_next(&wrap, &line))
		if (!add_line(text, &line))
			return;
}

static void scroll_to(struct text_view *text, size_t top)
{
	size_t last = text->line_count > text->page ? text->line_count - text->page : 0;

	text->top = top < last ? top : last;
}

static void draw_title(const struct text_view *text, struct canvas *canvas, struct area area)
{
	char where[64];
	size_t end = text->top + text->page;

	snprintf(where, sizeof where, " %zu-%zu of %zu", text->line_count ? text->top + 1 : 0,
		 end < text->line_count ? end : text->line_count, text->line_count);
	canvas_put_right(canvas, area.row, area.column, area.columns, STYLE_DIM, where);
	canvas_put(canvas, area.row, area.column, area.columns, STYLE_TITLE, text->title);
}

static void text_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	struct text_view *text = (struct text_view *)view;
	int title = area.rows > 2, margin = area.columns > 20 ? MARGIN : 0, width = area.columns - 2 * margin;

	if (area.rows <= 0 || area.columns <= 0)
		return;
	lay_out(text, width);
	text->page = (size_t)(area.rows - title);
	scroll_to(text, text->top);
	if (title)
		draw_title(text, canvas, area);
	for (size_t i = 0; i < text->page && text->top + i < text->line_count; i++)
		wrap_draw(canvas, area.row + title + (int)i, area.column + margin, width, text->text.data,
			  &text->lines[text->top + i]);
}

static bool text_command(struct view *view, struct app *app, enum command command)
{
	struct text_view *text = (struct text_view *)view;
	size_t page = text->page > 1 ? text->page - 1 : 1, top = text->top;

	switch (command) {
	case COMMAND_UP:
		scroll_to(text, top - (top > 0));
		return true;
	case COMMAND_DOWN:
		scroll_to(text, top + 1);
		return true;
	case COMMAND_PAGE_UP:
		scroll_to(text, top > page ? top - page : 0);
		return true;
	case COMMAND_PAGE_DOWN:
		scroll_to(text, top + page);
		return true;
	case COMMAND_HOME:
		scroll_to(text, 0);
		return true;
	case COMMAND_END:
		scroll_to(text, text->line_count);
		return true;
	default:
		return false;
	}
}

/* A space goes on, as in every pager. */
static bool text_key(struct view *view, struct app *app, int32_t key)
{
	return key == ' ' && text_command(view, app, COMMAND_PAGE_DOWN);
}

static void text_mouse(struct view *view, struct app *app, const struct event *event)
{
	struct text_view *text = (struct text_view *)view;

	if (event->kind == EVENT_WHEEL_UP)
		scroll_to(text, text->top > WHEEL_LINES ? text->top - WHEEL_LINES : 0);
	else if (event->kind == EVENT_WHEEL_DOWN)
		scroll_to(text, text->top + WHEEL_LINES);
}

/* Only that of a live one changes; without memory for the new text the old one stays. */
static void text_sample(struct view *view, struct app *app)
{
	struct text_view *text = (struct text_view *)view;
	struct buf fresh = { 0 };

	if (!text->fill)
		return;
	text->fill(app, &fresh);
	if (fresh.failed) {
		buf_free(&fresh);
		return;
	}
	buf_free(&text->text);
	text->text = fresh;
	text->width = 0;
}

static const struct view_ops text_ops = {
	.name = "Text",
	.context = CONTEXT_TEXT,
	.close = text_close,
	.sample = text_sample,
	.draw = text_draw,
	.command = text_command,
	.key = text_key,
	.mouse = text_mouse,
};

static struct view *finish(struct text_view *text, const char *title)
{
	if (text->text.failed) {
		text_close(&text->view);
		return NULL;
	}
	text->view.ops = &text_ops;
	text_clean(text->title, sizeof text->title, title, strlen(title));
	return &text->view;
}

struct view *text_view_new(const char *title, const char *text)
{
	struct text_view *view = calloc(1, sizeof *view);

	if (!view)
		return NULL;
	buf_puts(&view->text, text);
	return finish(view, title);
}

struct view *text_view_new_live(const char *title, const struct app *app,
				void (*fill)(const struct app *app, struct buf *out))
{
	struct text_view *view = calloc(1, sizeof *view);

	if (!view)
		return NULL;
	view->fill = fill;
	fill(app, &view->text);
	return finish(view, title);
}
