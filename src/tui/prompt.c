/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/prompt.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/text.h"

static void open_prompt(struct app *app, const char *label, void (*done)(struct app *, struct view *, const char *))
{
	app->prompt = (struct prompt){ .active = true, .done = done, .view = app_top(app) };
	snprintf(app->prompt.label, sizeof app->prompt.label, "%s", label);
	app->message_until_ns = 0;
	app->dirty = true;
}

void app_prompt(struct app *app, const char *label, const char *text,
		void (*changed)(struct app *, struct view *, const char *),
		void (*done)(struct app *, struct view *, const char *))
{
	open_prompt(app, label, done);
	app->prompt.changed = changed;
	app->prompt.len = text_clean(app->prompt.text, sizeof app->prompt.text, text, strlen(text));
	app->prompt.cursor = app->prompt.len;
}

void app_confirm(struct app *app, const char *question, void (*done)(struct app *, struct view *, const char *))
{
	open_prompt(app, question, done);
	app->prompt.confirm = true;
}

void app_prompt_problem(struct app *app, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(app->prompt.problem, sizeof app->prompt.problem, format, args);
	va_end(args);
}

/* ANSWER may be the prompt's own text, which a prompt opened by DONE would overwrite. */
static void finish(struct app *app, const char *answer)
{
	struct prompt *prompt = &app->prompt;
	char text[PROMPT_MAX];

	snprintf(text, sizeof text, "%s", answer ? answer : "");
	prompt->active = false;
	*prompt->problem = '\0';
	prompt->done(app, prompt->view, answer ? text : NULL);
	if (answer && *prompt->problem)
		prompt->active = true;
}

static size_t before(const struct prompt *prompt, size_t at)
{
	do
		at -= at > 0;
	while (at && ((unsigned char)prompt->text[at] & 0xc0) == 0x80);
	return at;
}

static size_t after(const struct prompt *prompt, size_t at)
{
	do
		at += at < prompt->len;
	while (at < prompt->len && ((unsigned char)prompt->text[at] & 0xc0) == 0x80);
	return at;
}

/* Takes the bytes from START to END out; the cursor is then at START. */
static bool cut(struct prompt *prompt, size_t start, size_t end)
{
	if (start == end)
		return false;
	memmove(prompt->text + start, prompt->text + end, prompt->len - end + 1);
	prompt->len -= end - start;
	prompt->cursor = start;
	return true;
}

static size_t word_start(const struct prompt *prompt)
{
	size_t at = prompt->cursor;

	while (at && prompt->text[at - 1] == ' ')
		at--;
	while (at && prompt->text[at - 1] != ' ')
		at--;
	return at;
}

/* Puts the character KEY at the cursor, if it is one that can be shown and there is room. */
static bool insert(struct prompt *prompt, int32_t key)
{
	char name[KEY_NAME_MAX], character[KEY_NAME_MAX];
	size_t len;

	if (key < ' ' || key >= KEY_CODE_FIRST || key == KEY_CODE_BACKSPACE)
		return false;
	if (key == ' ')
		strcpy(name, " ");
	else if (key_name(key, name) != name)
		return false;
	len = text_clean(character, sizeof character, name, strlen(name));
	if (prompt->len + len + 1 > sizeof prompt->text)
		return false;
	memmove(prompt->text + prompt->cursor + len, prompt->text + prompt->cursor, prompt->len - prompt->cursor + 1);
	memcpy(prompt->text + prompt->cursor, character, len);
	prompt->len += len;
	prompt->cursor += len;
	return true;
}

/* True when the text has changed. */
static bool edit(struct prompt *prompt, int32_t key)
{
	switch (key) {
	case KEY_CODE_LEFT:
	case 'B' & 0x1f:
		prompt->cursor = before(prompt, prompt->cursor);
		return false;
	case KEY_CODE_RIGHT:
	case 'F' & 0x1f:
		prompt->cursor = after(prompt, prompt->cursor);
		return false;
	case KEY_CODE_HOME:
	case 'A' & 0x1f:
		prompt->cursor = 0;
		return false;
	case KEY_CODE_END:
	case 'E' & 0x1f:
		prompt->cursor = prompt->len;
		return false;
	case KEY_CODE_BACKSPACE:
		return cut(prompt, before(prompt, prompt->cursor), prompt->cursor);
	case KEY_CODE_DELETE:
		return cut(prompt, prompt->cursor, after(prompt, prompt->cursor));
	case 'U' & 0x1f:
		return cut(prompt, 0, prompt->cursor);
	case 'K' & 0x1f:
		return cut(prompt, prompt->cursor, prompt->len);
	case 'W' & 0x1f:
		return cut(prompt, word_start(prompt), prompt->cursor);
	default:
		return insert(prompt, key);
	}
}

static void confirm_key(struct app *app, int32_t key)
{
	if (key == 'y' || key == 'Y')
		finish(app, "y");
	else if (key == 'n' || key == 'N' || key == 'q' || key == KEY_CODE_ESCAPE)
		finish(app, NULL);
}

void prompt_key(struct app *app, int32_t key)
{
	struct prompt *prompt = &app->prompt;

	app->dirty = true;
	if (prompt->confirm) {
		confirm_key(app, key);
	} else if (key == KEY_CODE_ENTER) {
		finish(app, prompt->text);
	} else if (key == KEY_CODE_ESCAPE) {
		finish(app, NULL);
	} else if (edit(prompt, key)) {
		*prompt->problem = '\0';
		if (prompt->changed)
			prompt->changed(app, prompt->view, prompt->text);
	}
}
