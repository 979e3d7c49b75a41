/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/bar.h"

#include <stdio.h>
#include <string.h>

#include "tui/keymap.h"
#include "util/text.h"

/* -- keys ------------------------------------------------------------------------------------------------- */

/* A key of the bar and where it stands. Starts zeroed. */
struct bar_key {
	const struct key_binding *binding;
	char key[KEY_NAME_MAX];
	int at, key_columns, columns; /* columns: with the label */
	unsigned next; /* row of the keymap to look at next */
};

static bool in_bar(const struct app *app, const struct key_binding *binding)
{
	return binding->label && (binding->contexts & app_top(app)->ops->context) && binding->keys[0] &&
	       !(binding->writes && app->read_only);
}

/* The next key that fits into COLUMNS; false when there is none: the rest is dropped. */
static bool next_key(const struct app *app, struct bar_key *bar_key, int columns)
{
	const struct key_binding *binding;
	char name[KEY_NAME_MAX];

	do {
		if (bar_key->next + 1 >= COMMAND_COUNT)
			return false;
		binding = keymap_row(bar_key->next++);
	} while (!in_bar(app, binding));
	bar_key->at += bar_key->binding ? bar_key->columns + 1 : 0;
	bar_key->binding = binding;
	snprintf(bar_key->key, sizeof bar_key->key, "%s", key_name(binding->keys[0], name));
	bar_key->key_columns = (int)text_columns(bar_key->key, strlen(bar_key->key));
	bar_key->columns = bar_key->key_columns + (int)text_columns(binding->label, strlen(binding->label));
	return bar_key->at + bar_key->columns <= columns;
}

static void draw_keys(const struct app *app, struct canvas *canvas, int row, int columns)
{
	struct bar_key key = { 0 };

	while (next_key(app, &key, columns)) {
		canvas_put(canvas, row, key.at, columns - key.at, STYLE_KEY, key.key);
		canvas_put(canvas, row, key.at + key.key_columns, columns - key.at - key.key_columns,
			   STYLE_LABEL, key.binding->label);
	}
}

enum command bar_command_at(const struct app *app, int columns, int column)
{
	struct bar_key key = { 0 };

	if (app->prompt.active || app->message_until_ns)
		return COMMAND_NONE;
	while (next_key(app, &key, columns))
		if (column >= key.at && column < key.at + key.columns)
			return key.binding->command;
	return COMMAND_NONE;
}

/* -- prompt ----------------------------------------------------------------------------------------------- */

static size_t next_character(const struct prompt *prompt, size_t at)
{
	do
		at += at < prompt->len;
	while (at < prompt->len && ((unsigned char)prompt->text[at] & 0xc0) == 0x80);
	return at;
}

/* Columns of the character under the cursor; behind the end it is a blank. */
static int cursor_columns(const struct prompt *prompt)
{
	size_t end = next_character(prompt, prompt->cursor);
	size_t columns = text_columns(prompt->text + prompt->cursor, end - prompt->cursor);

	return columns ? (int)columns : 1;
}

/* Draws the text in WIDTH columns, scrolled so far that the cursor is in it. */
static void draw_text(const struct prompt *prompt, struct canvas *canvas, int row, int column, int width)
{
	int cursor = cursor_columns(prompt), before;
	size_t start = 0;

	for (;;) {
		before = (int)text_columns(prompt->text + start, prompt->cursor - start);
		if (before + cursor <= width || start == prompt->cursor)
			break;
		start = next_character(prompt, start);
	}
	canvas_put(canvas, row, column, width, STYLE_PROMPT, prompt->text + start);
	if (start && width > 2 && before > 0)
		canvas_put_glyph(canvas, row, column, 1, STYLE_DIM, GLYPH_MORE_LEFT);
	canvas_mark_cursor(canvas, (struct area){ row, column + before, 1, cursor });
}

/* The label takes at most half of the line, the problem at most half of what remains. */
static void draw_prompt(const struct prompt *prompt, struct canvas *canvas, int row, int columns)
{
	int label = canvas_put(canvas, row, 0, prompt->confirm ? columns : columns / 2, STYLE_PROMPT,
			       prompt->label);
	int rest = columns - label, problem = (int)text_columns(prompt->problem, strlen(prompt->problem));

	if (prompt->confirm) {
		canvas_put(canvas, row, label, rest, STYLE_KEY, " (y/n)");
		return;
	}
	if (problem > rest / 2)
		problem = rest / 2;
	draw_text(prompt, canvas, row, label, rest - problem - (problem > 0));
	canvas_put(canvas, row, columns - problem, problem, STYLE_ERROR, prompt->problem);
}

void bar_draw(struct app *app, struct canvas *canvas, int row)
{
	int columns = canvas_columns(canvas);

	if (app->prompt.active)
		draw_prompt(&app->prompt, canvas, row, columns);
	else if (app->message_until_ns)
		canvas_put(canvas, row, 0, columns, app->message_is_error ? STYLE_ERROR : STYLE_STRONG,
			   app->message);
	else
		draw_keys(app, canvas, row, columns);
}
