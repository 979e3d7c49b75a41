/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/listing.h"

#include <stdio.h>
#include <string.h>

#include "util/text.h"

bool listing_text_contains(const char *text, const char *part)
{
	return strcasestr(text, part) != NULL;
}

void listing_init(struct listing *listing, const struct view_ops *ops)
{
	listing->view.ops = ops;
	listing->first_row = -1;
	listing->scope = (struct header_scope){ .filter = listing->scope_text,
						.tagged_pss = { 0, VALUE_NOT_APPLICABLE } };
}

const struct header_scope *listing_scope(const struct view *view)
{
	return &((const struct listing *)view)->scope;
}

static void moved(struct listing *listing, struct app *app)
{
	if (listing->moved)
		listing->moved(listing, app);
}

/* -- search ----------------------------------------------------------------------------------------------- */

/* Puts the cursor on the first match from line START on, round the end; false when there is none. */
static bool find(struct listing *listing, struct app *app, size_t start)
{
	for (size_t i = 0; i < listing->list.count; i++) {
		size_t line = (start + i) % listing->list.count;

		if (!listing->contains(listing, app, line, listing->search))
			continue;
		list_set_cursor(&listing->list, line);
		moved(listing, app);
		return true;
	}
	return false;
}

static void back_to_origin(struct listing *listing, struct app *app)
{
	list_set_cursor(&listing->list, listing->origin);
	moved(listing, app);
}

static void search_changed(struct app *app, struct view *view, const char *text)
{
	struct listing *listing = (struct listing *)view;

	snprintf(listing->search, sizeof listing->search, "%s", text);
	if (!*text)
		back_to_origin(listing, app);
	else if (!find(listing, app, listing->origin))
		app_prompt_problem(app, "no row contains it");
}

static void search_done(struct app *app, struct view *view, const char *text)
{
	struct listing *listing = (struct listing *)view;

	if (text)
		return;
	memcpy(listing->search, listing->before, sizeof listing->search);
	back_to_origin(listing, app);
}

static void ask_search(struct listing *listing, struct app *app)
{
	memcpy(listing->before, listing->search, sizeof listing->before);
	listing->search[0] = '\0';
	listing->origin = listing->list.cursor;
	app_prompt(app, "Search: ", "", search_changed, search_done);
}

static void search_next(struct listing *listing, struct app *app)
{
	if (!*listing->search)
		ask_search(listing, app);
	else if (!find(listing, app, listing->list.cursor + 1))
		app_message(app, "no row contains \"%s\"", listing->search);
}

/* -- filter ----------------------------------------------------------------------------------------------- */

static void set_filter(struct listing *listing, struct app *app, const char *text)
{
	if (text != listing->filter)
		snprintf(listing->filter, sizeof listing->filter, "%s", text);
	snprintf(listing->scope_text, sizeof listing->scope_text, *text ? "\"%s\"" : "%s", listing->filter);
	app_changed(app);
}

static void filter_changed(struct app *app, struct view *view, const char *text)
{
	struct listing *listing = (struct listing *)view;

	set_filter(listing, app, text);
	if (!listing->list.count)
		app_prompt_problem(app, "no row contains it");
}

static void filter_done(struct app *app, struct view *view, const char *text)
{
	struct listing *listing = (struct listing *)view;

	if (!text)
		set_filter(listing, app, listing->before);
}

static void ask_filter(struct listing *listing, struct app *app)
{
	memcpy(listing->before, listing->filter, sizeof listing->before);
	app_prompt(app, "Filter: ", listing->filter, filter_changed, filter_done);
}

/* Drops search and filter, one at a time. */
static bool drop(struct listing *listing, struct app *app)
{
	if (*listing->search)
		listing->search[0] = '\0';
	else if (*listing->filter)
		set_filter(listing, app, "");
	else
		return false;
	return true;
}

bool listing_command(struct listing *listing, struct app *app, enum command command)
{
	if (list_command(&listing->list, command)) {
		moved(listing, app);
		return true;
	}
	switch (command) {
	case COMMAND_SEARCH:
		ask_search(listing, app);
		return true;
	case COMMAND_SEARCH_NEXT:
		search_next(listing, app);
		return true;
	case COMMAND_FILTER:
		ask_filter(listing, app);
		return true;
	case COMMAND_BACK:
		return drop(listing, app);
	default:
		return false;
	}
}

void listing_mouse(struct listing *listing, struct app *app, const struct event *event)
{
	size_t line = listing->list.top + (size_t)(event->row - listing->first_row);

	if (list_wheel(&listing->list, event)) {
		moved(listing, app);
		return;
	}
	if (listing->first_row < 0 || event->row < listing->first_row || line >= listing->list.count)
		return;
	list_set_cursor(&listing->list, line);
	moved(listing, app);
	if (event->kind == EVENT_DOUBLE_CLICK)
		listing->view.ops->command(&listing->view, app, COMMAND_OPEN);
}

/* -- drawing ---------------------------------------------------------------------------------------------- */

void listing_mark(const struct listing *listing, struct canvas *canvas, struct area area, int row, size_t line)
{
	if (line == listing->list.cursor)
		canvas_mark_cursor(canvas, (struct area){ row, area.column, 1, area.columns });
}

void listing_draw_empty(const struct listing *listing, struct canvas *canvas, struct area area, int row,
			const char *what)
{
	if (row < area.row + area.rows)
		canvas_printf(canvas, row, area.column, area.columns, STYLE_NOTICE,
			      "no %s contains %s; Esc drops the filter", what, listing->scope_text);
}

void listing_mark_match(const struct listing *listing, struct canvas *canvas, int row, int column, int width,
			const char *text)
{
	const char *found = *listing->search ? strcasestr(text, listing->search) : NULL;
	int at, len;

	if (!found)
		return;
	at = (int)text_columns(text, (size_t)(found - text));
	len = (int)text_columns(found, strlen(listing->search));
	if (at < width)
		canvas_restyle(canvas,
			       (struct area){ row, column + at, 1, len < width - at ? len : width - at },
			       STYLE_MATCH);
}

void listing_put_path(struct canvas *canvas, int row, int column, int width, enum style style, const char *path)
{
	size_t len = strlen(path);
	int cut = width > 0 && (int)text_columns(path, len) > width;

	while (cut && len && (int)text_columns(path, len) > width - 1) {
		do {
			path++;
			len--;
		} while (len && ((unsigned char)*path & 0xc0) == 0x80);
	}
	if (cut)
		canvas_put_glyph(canvas, row, column, 1, style, GLYPH_CUT);
	canvas_put_len(canvas, row, column + cut, width - cut, style, path, len);
}
