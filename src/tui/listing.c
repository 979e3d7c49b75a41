/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/listing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void listing_free(struct listing *listing)
{
	free(listing->items);
}

size_t listing_item(const struct listing *listing)
{
	return listing->list.cursor < listing->count ? listing->items[listing->list.cursor] : SIZE_MAX;
}

static int fill(struct listing *listing, struct app *app)
{
	listing->count = 0;
	listing->total = listing->ops->total(listing, app);
	if (listing->total > listing->capacity) {
		size_t wanted = listing->total + listing->total / 4;
		uint32_t *bigger = realloc(listing->items, wanted * sizeof *bigger);

		if (!bigger)
			return -ENOMEM;
		listing->items = bigger;
		listing->capacity = wanted;
	}
	for (size_t i = 0; i < listing->total; i++)
		if (!*listing->filter || listing->ops->contains(listing, app, i, listing->filter))
			listing->items[listing->count++] = (uint32_t)i;
	return listing->ops->sort && listing->count > 1 ? listing->ops->sort(listing, app) : 0;
}

void listing_update(struct listing *listing, struct app *app)
{
	if (fill(listing, app))
		app_error(app, "out of memory");
	list_set_count(&listing->list, listing->count);
}

/* -- search ----------------------------------------------------------------------------------------------- */

static bool find(struct listing *listing, struct app *app, size_t start)
{
	for (size_t i = 0; i < listing->count; i++) {
		size_t line = (start + i) % listing->count;

		if (!listing->ops->contains(listing, app, listing->items[line], listing->search))
			continue;
		list_set_cursor(&listing->list, line);
		return true;
	}
	return false;
}

static void search_changed(struct app *app, struct view *view, const char *text)
{
	struct listing *listing = (struct listing *)view;

	snprintf(listing->search, sizeof listing->search, "%s", text);
	if (!*text)
		list_set_cursor(&listing->list, listing->origin);
	else if (!find(listing, app, listing->origin))
		app_prompt_problem(app, "no row contains it");
}

static void search_done(struct app *app, struct view *view, const char *text)
{
	struct listing *listing = (struct listing *)view;

	(void)app;
	if (text)
		return;
	memcpy(listing->search, listing->before, sizeof listing->search);
	list_set_cursor(&listing->list, listing->origin);
}

static void ask_search(struct listing *listing, struct app *app)
{
	memcpy(listing->before, listing->search, sizeof listing->before);
	*listing->search = '\0';
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
	/* Nothing but blanks is in all or none: no filter. */
	snprintf(listing->filter, sizeof listing->filter, "%s", text[strspn(text, " ")] ? text : "");
	app_changed(app);
}

static void filter_changed(struct app *app, struct view *view, const char *text)
{
	set_filter((struct listing *)view, app, text);
}

static void filter_done(struct app *app, struct view *view, const char *text)
{
	struct listing *listing = (struct listing *)view;
	char before[PROMPT_MAX];

	memcpy(before, listing->before, sizeof before);
	set_filter(listing, app, text ? text : before);
}

static void ask_filter(struct listing *listing, struct app *app)
{
	memcpy(listing->before, listing->filter, sizeof listing->before);
	app_prompt(app, "Filter: ", listing->filter, filter_changed, filter_done);
}

static bool drop(struct listing *listing, struct app *app)
{
	if (*listing->search) {
		*listing->search = '\0';
		return true;
	}
	if (!*listing->filter)
		return false;
	set_filter(listing, app, "");
	return true;
}

/* -- for views -------------------------------------------------------------------------------------------- */

bool listing_command(struct listing *listing, struct app *app, enum command command)
{
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
		return list_command(&listing->list, command);
	}
}

bool listing_mouse(struct listing *listing, const struct event *event)
{
	size_t line = listing->list.top + (size_t)(event->row - listing->first_row);

	if (list_wheel(&listing->list, event) || listing->first_row < 0 || event->row < listing->first_row ||
	    line >= listing->count)
		return false;
	list_set_cursor(&listing->list, line);
	return event->kind == EVENT_DOUBLE_CLICK;
}

void listing_draw_count(const struct listing *listing, struct canvas *canvas, int row, struct area area, const char *names)
{
	int at = area.column, end = area.column + area.columns;

	if (listing->count == listing->total)
		at += canvas_printf(canvas, row, at, end - at, STYLE_STRONG, "%zu %s", listing->total, names);
	else
		at += canvas_printf(canvas, row, at, end - at, STYLE_STRONG, "%zu of %zu %s", listing->count, listing->total,
				    names);
	if (*listing->filter)
		at += canvas_printf(canvas, row, at, end - at, STYLE_STRONG, ", filter \"%s\" (Esc drops it)", listing->filter);
	if (*listing->search)
		canvas_printf(canvas, row, at, end - at, STYLE_MATCH, ", search \"%s\"", listing->search);
}
