/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/chooser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tui/app.h"
#include "tui/box.h"
#include "tui/list.h"
#include "util/text.h"

enum { TITLE_MAX = 128, PREFIX_MAX = 64, CONTAINED_MIN = 2 };

struct chooser {
	struct view view;
	char title[TITLE_MAX];
	struct choice *choices;
	int columns; /* of the longest */
	struct list list;
	char prefix[PREFIX_MAX]; /* letters typed one after the other */
	struct area inside; /* of the list, as last drawn */
	void (*chosen)(struct app *app, struct view *view, void *context, int64_t value);
	void *context;
	void (*free_context)(void *context);
};

static void chooser_close(struct view *view)
{
	struct chooser *chooser = (struct chooser *)view;

	if (chooser->free_context)
		chooser->free_context(chooser->context);
	free(chooser->choices);
	free(chooser);
}

static void chooser_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	struct chooser *chooser = (struct chooser *)view;
	struct list *list = &chooser->list;
	char note[48] = "";
	int wanted = list->count < CANVAS_ROWS_MAX ? (int)list->count : CANVAS_ROWS_MAX;

	if (wanted + 2 > area.rows)
		snprintf(note, sizeof note, "%zu of %zu", list->cursor + 1, list->count);
	chooser->inside = box_draw(canvas, area, wanted ? wanted : 1, chooser->columns, chooser->title, note);
	area = chooser->inside;
	list_set_page(list, area.rows > 0 ? (size_t)area.rows : 0);
	if (!list->count)
		canvas_put(canvas, area.row, area.column, area.columns, STYLE_DIM, "nothing to choose from");
	for (int i = 0; i < area.rows && list->top + (size_t)i < list->count; i++) {
		size_t line = list->top + (size_t)i;

		canvas_put(canvas, area.row + i, area.column, area.columns, STYLE_NORMAL,
			   chooser->choices[line].text);
		if (line == list->cursor)
			canvas_mark_cursor(canvas, (struct area){ area.row + i, area.column, 1, area.columns });
	}
}

/* The box is gone when CHOSEN is called, which may open another. */
static void choose(struct chooser *chooser, struct app *app)
{
	struct chooser gone = *chooser;
	int64_t value;

	if (!chooser->list.count)
		return;
	value = chooser->choices[chooser->list.cursor].value;
	chooser->free_context = NULL;
	app_pop(app);
	gone.chosen(app, app_top(app), gone.context, value);
	if (gone.free_context)
		gone.free_context(gone.context);
}

static bool chooser_command(struct view *view, struct app *app, enum command command)
{
	struct chooser *chooser = (struct chooser *)view;

	*chooser->prefix = '\0';
	if (command != COMMAND_OPEN)
		return list_command(&chooser->list, command);
	choose(chooser, app);
	return true;
}

/* The first choice at or behind the cursor, else before it, that begins with PREFIX; else one that contains it;
 * SIZE_MAX when there is none. */
static size_t find_prefix(const struct chooser *chooser, const char *prefix)
{
	size_t count = chooser->list.count, len = strlen(prefix);

	for (size_t i = 0; i < count; i++) {
		size_t at = (chooser->list.cursor + i) % count;
		const char *text = chooser->choices[at].text;

		if (!strncasecmp(text + strspn(text, " "), prefix, len))
			return at;
	}
	for (size_t i = 0; i < count && len >= CONTAINED_MIN; i++) {
		size_t at = (chooser->list.cursor + i) % count;

		if (strcasestr(chooser->choices[at].text, prefix))
			return at;
	}
	return SIZE_MAX;
}

/* What was typed before and KEY, else KEY alone; a key that nothing begins with is for others. */
static bool chooser_key(struct view *view, struct app *app, int32_t key)
{
	struct chooser *chooser = (struct chooser *)view;
	char name[KEY_NAME_MAX], prefix[PREFIX_MAX + KEY_NAME_MAX];
	const char *letter = key_name(key, name);
	size_t at, before = strlen(chooser->prefix);

	if (letter != name || key < ' ' || key >= KEY_CODE_FIRST)
		return false;
	snprintf(prefix, sizeof prefix, "%s%s", chooser->prefix, letter);
	at = find_prefix(chooser, prefix);
	if (at == SIZE_MAX && before) {
		snprintf(prefix, sizeof prefix, "%s", letter);
		at = find_prefix(chooser, prefix);
	}
	/* Kept also when nothing was found: more letters may be contained in something. */
	*chooser->prefix = '\0';
	if (strlen(prefix) < sizeof chooser->prefix)
		memcpy(chooser->prefix, prefix, strlen(prefix) + 1);
	if (at == SIZE_MAX)
		return false;
	list_set_cursor(&chooser->list, at);
	return true;
}

static void chooser_mouse(struct view *view, struct app *app, const struct event *event)
{
	struct chooser *chooser = (struct chooser *)view;
	const struct area *inside = &chooser->inside;
	size_t line;

	*chooser->prefix = '\0';
	if (list_wheel(&chooser->list, event))
		return;
	if (event->row < inside->row || event->row >= inside->row + inside->rows ||
	    event->column < inside->column || event->column >= inside->column + inside->columns)
		return;
	line = chooser->list.top + (size_t)(event->row - inside->row);
	if (line >= chooser->list.count)
		return;
	list_set_cursor(&chooser->list, line);
	if (event->kind == EVENT_DOUBLE_CLICK)
		choose(chooser, app);
}

static const struct view_ops chooser_ops = {
	.name = "Choose",
	.context = CONTEXT_CHOOSER,
	.box = true,
	.close = chooser_close,
	.draw = chooser_draw,
	.command = chooser_command,
	.key = chooser_key,
	.mouse = chooser_mouse,
};

struct view *chooser_new(const char *title, const struct choice *choices, size_t count, size_t cursor,
			 void (*chosen)(struct app *app, struct view *view, void *context, int64_t value),
			 void *context, void (*free_context)(void *))
{
	struct chooser *chooser = calloc(1, sizeof *chooser);

	if (chooser)
		chooser->choices = calloc(count ? count : 1, sizeof *choices);
	if (!chooser || !chooser->choices) {
		free(chooser);
		if (free_context)
			free_context(context);
		return NULL;
	}
	chooser->view.ops = &chooser_ops;
	text_clean(chooser->title, sizeof chooser->title, title, strlen(title));
	for (size_t i = 0; i < count; i++) {
		int columns = (int)text_columns(choices[i].text, strlen(choices[i].text));

		chooser->choices[i] = choices[i];
		if (columns > chooser->columns)
			chooser->columns = columns;
	}
	chooser->chosen = chosen;
	chooser->context = context;
	chooser->free_context = free_context;
	list_set_count(&chooser->list, count);
	list_set_cursor(&chooser->list, cursor);
	return &chooser->view;
}
