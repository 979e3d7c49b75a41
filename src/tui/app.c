/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/quantity.h"
#include "tui/bar.h"
#include "tui/fields.h"
#include "tui/header.h"
#include "tui/prompt.h"
#include "tui/text.h"
#include "util/clock.h"

enum { WHEEL_STEPS = 3 };

/* -- views ------------------------------------------------------------------------------------------------ */

struct view *app_top(const struct app *app)
{
	return app->depth ? app->stack[app->depth - 1] : app->screens[app->screen];
}

/* What VIEW shows follows from the snapshot and the settings anew. */
static void refresh(struct app *app, struct view *view)
{
	if (app->snapshot && view->ops->sample)
		view->ops->sample(view, app);
	app->dirty = true;
}

static void refresh_all(struct app *app)
{
	refresh(app, app->screens[app->screen]);
	for (unsigned i = 0; i < app->depth; i++)
		refresh(app, app->stack[i]);
}

/* Tells the feed what is shown now, when that has changed. */
static void update_request(struct app *app)
{
	/* The header shows the sum of PSS, and growth counts whichever screen is open. */
	struct feed_request request = { .interval_ns = app->settings.delay_ns,
					.needs = NEED_CORE | NEED_SYSTEM | NEED_STATUS | NEED_ROLLUP,
					.watch_pid = app->watch_pid,
					.watch_start_time = app->watch_start_time };
	const struct view *screen = app->screens[app->screen];

	if (screen->ops->needs)
		request.needs |= screen->ops->needs(screen, app);
	for (unsigned i = 0; i < app->depth; i++)
		if (app->stack[i]->ops->needs)
			request.needs |= app->stack[i]->ops->needs(app->stack[i], app);
	if (request.needs == app->request.needs && request.interval_ns == app->request.interval_ns &&
	    request.watch_pid == app->request.watch_pid && request.watch_start_time == app->request.watch_start_time)
		return;
	app->request = request;
	app->config.feed->ops->request(app->config.feed, &request);
}

void app_changed(struct app *app)
{
	refresh_all(app);
	update_request(app);
}

void app_push(struct app *app, struct view *view)
{
	if (!view) {
		app_error(app, "out of memory");
	} else if (app->depth == APP_VIEWS_MAX) {
		view->ops->close(view);
		app_error(app, "too many pages are open: Esc leaves one");
	} else {
		app->stack[app->depth++] = view;
		refresh(app, view);
		update_request(app);
	}
}

void app_pop(struct app *app)
{
	struct view *view;

	if (!app->depth)
		return;
	view = app->stack[--app->depth];
	view->ops->close(view);
	app_changed(app);
}

void app_watch(struct app *app, int32_t pid, int64_t start_time)
{
	app->watch_pid = pid;
	app->watch_start_time = pid ? start_time : 0;
	update_request(app);
}

static bool open_screens(struct app *app)
{
	for (unsigned i = 0; i < screen_total && i < APP_SCREENS_MAX; i++) {
		app->screens[i] = screens[i].open(app);
		if (!app->screens[i])
			return false;
		app->screen_count++;
	}
	return true;
}

struct app *app_new(const struct app_config *config)
{
	struct app *app = calloc(1, sizeof *app);

	if (!app)
		return NULL;
	app->config = *config;
	app->settings = config->settings;
	app->read_only = config->read_only;
	app->screen = config->screen;
	app->bar_row = -1;
	app->dirty = true;
	app->history = history_new();
	if (!app->history || !open_screens(app)) {
		app_free(app);
		return NULL;
	}
	if (config->settings_problem)
		app_error(app, "%s", config->settings_problem);
	update_request(app);
	return app;
}

void app_free(struct app *app)
{
	if (!app)
		return;
	while (app->depth) {
		struct view *view = app->stack[--app->depth];

		view->ops->close(view);
	}
	for (unsigned i = 0; i < app->screen_count; i++)
		app->screens[i]->ops->close(app->screens[i]);
	snapshot_unref(app->snapshot);
	snapshot_unref(app->newest);
	history_free(app->history);
	free(app);
}

/* -- messages --------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 0)))
static void set_message(struct app *app, bool error, const char *format, va_list args)
{
	vsnprintf(app->message, sizeof app->message, format, args);
	app->message_is_error = error;
	app->message_until_ns = clock_monotonic_ns() + MESSAGE_SECONDS * INT64_C(1000000000);
	app->dirty = true;
}

void app_message(struct app *app, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_message(app, false, format, args);
	va_end(args);
}

void app_error(struct app *app, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_message(app, true, format, args);
	va_end(args);
}

int64_t app_tick(struct app *app, int64_t now_ns)
{
	if (app->message_until_ns && now_ns >= app->message_until_ns) {
		app->message_until_ns = 0;
		app->dirty = true;
	}
	return app->message_until_ns ? app->message_until_ns : INT64_MAX;
}

/* -- snapshots -------------------------------------------------------------------------------------------- */

static void show(struct app *app, struct snapshot *snapshot)
{
	snapshot_unref(app->snapshot);
	app->snapshot = snapshot;
	refresh_all(app);
}

void app_snapshot(struct app *app, struct snapshot *snapshot)
{
	history_add(app->history, snapshot);
	if (app->paused && app->snapshot) {
		snapshot_unref(app->newest);
		app->newest = snapshot;
	} else {
		show(app, snapshot);
	}
	update_request(app);
}

static void toggle_pause(struct app *app)
{
	struct snapshot *newest = app->newest;

	app->paused = !app->paused;
	app->newest = NULL;
	if (newest)
		show(app, newest);
	app->dirty = true;
}

/* -- commands of the app itself --------------------------------------------------------------------------- */

static void set_screen(struct app *app, unsigned screen)
{
	app->screen = screen;
	app_changed(app);
}

/* The screen of CONTEXT; the one shown when there is none. */
static unsigned find_screen(const struct app *app, enum context context)
{
	for (unsigned i = 0; i < app->screen_count; i++)
		if (app->screens[i]->ops->context == context)
			return i;
	return app->screen;
}

static void delay_done(struct app *app, struct view *view, const char *text)
{
	int64_t ns;

	if (!text)
		return;
	if (quantity_parse(text, strlen(text), UNIT_SECONDS, &ns) || ns < 50000000 || ns > INT64_C(86400000000000)) {
		app_prompt_problem(app, "a time from 50ms to 24h, as 0.5 or 2s");
		return;
	}
	app->settings.delay_ns = ns;
	app_changed(app);
}

static void ask_delay(struct app *app)
{
	char now[32];

	snprintf(now, sizeof now, "%g", (double)app->settings.delay_ns / 1e9);
	app_prompt(app, "Seconds between samples: ", now, NULL, delay_done);
}

static void save(struct app *app)
{
	struct err err = { "" };

	if (!app->config.settings_path)
		app_error(app, "settings are not kept in this session");
	else if (settings_save(&app->settings, app->config.settings_path, &err))
		app_error(app, "%s", err.text);
	else
		app_message(app, "settings saved in %s", app->config.settings_path);
}

static bool open_fields(struct app *app)
{
	enum context context = app_top(app)->ops->context;

	if (context == CONTEXT_PROCESSES)
		app_push(app, fields_new(app, &app->settings.processes, SCOPE_PROCESS));
	else if (context == CONTEXT_CGROUPS)
		app_push(app, fields_new(app, &app->settings.cgroups, SCOPE_CGROUP));
	else
		return false;
	return true;
}

/* What settings are stepped through by a key. */
static bool step_setting(struct app *app, enum command command)
{
	struct settings *settings = &app->settings;

	switch (command) {
	case COMMAND_UNITS:
		settings->unit = (settings->unit + 1) % CELL_UNIT_COUNT;
		app_message(app, "units of the rows: %s", cell_unit_name(settings->unit));
		break;
	case COMMAND_HEADER_UNITS:
		settings->header_unit = (settings->header_unit + 1) % CELL_UNIT_COUNT;
		app_message(app, "units of the header: %s", cell_unit_name(settings->header_unit));
		break;
	case COMMAND_HEADER:
		settings->header = (settings->header + 1) % HEADER_MODE_COUNT;
		break;
	default:
		return false;
	}
	app_changed(app);
	return true;
}

/* The commands that mean the same in every view. False for others. */
static bool app_command(struct app *app, enum command command)
{
	switch (command) {
	case COMMAND_QUIT:
		app->quit = true;
		return true;
	case COMMAND_REDRAW:
		app->redraw = app->dirty = true;
		return true;
	case COMMAND_PAUSE:
		toggle_pause(app);
		return true;
	case COMMAND_DELAY:
		ask_delay(app);
		return true;
	case COMMAND_SAVE:
		save(app);
		return true;
	case COMMAND_LEAVE:
		app_pop(app);
		return true;
	case COMMAND_BACK:
		if (!app->depth)
			return false;
		app_pop(app);
		return true;
	case COMMAND_HELP:
		if (app_top(app)->ops->context != CONTEXT_TEXT)
			app_push(app, help_new(app));
		return true;
	default:
		return step_setting(app, command);
	}
}

/* Those that need something to show. */
static bool screen_command(struct app *app, enum command command)
{
	switch (command) {
	case COMMAND_NEXT_SCREEN:
		set_screen(app, (app->screen + 1) % app->screen_count);
		return true;
	case COMMAND_PREVIOUS_SCREEN:
		set_screen(app, (app->screen + app->screen_count - 1) % app->screen_count);
		return true;
	case COMMAND_FAULTS:
		set_screen(app, find_screen(app, CONTEXT_FAULTS));
		return true;
	case COMMAND_NOTICES:
		app_push(app, notices_new(app));
		return true;
	case COMMAND_FIELDS:
		return open_fields(app);
	default:
		return false;
	}
}

static void do_command(struct app *app, enum command command)
{
	struct view *view = app_top(app);

	app->dirty = true;
	if (app_command(app, command) || !app->snapshot || screen_command(app, command))
		return;
	view->ops->command(view, app, command);
	update_request(app);
}

/* -- events ----------------------------------------------------------------------------------------------- */

/* In a chooser letters look for an entry; everywhere else they are commands first. */
static bool key_is_text(const struct view *view, int32_t key)
{
	return view->ops->context == CONTEXT_CHOOSER && view->ops->key && key > ' ' && key < KEY_CODE_FIRST &&
	       key != KEY_CODE_BACKSPACE;
}

static void handle_key(struct app *app, int32_t key)
{
	struct view *view = app_top(app);
	enum command command = COMMAND_NONE;

	if (app->prompt.active) {
		prompt_key(app, key);
		update_request(app);
		return;
	}
	if (app->message_until_ns) {
		app->message_until_ns = 0;
		app->dirty = true;
	}
	if (key_is_text(view, key) && app->snapshot && view->ops->key(view, app, key)) {
		app->dirty = true;
		return;
	}
	command = keymap_find(view->ops->context, key, app->read_only);
	if (command != COMMAND_NONE)
		do_command(app, command);
	else if (app->snapshot && view->ops->key && view->ops->key(view, app, key))
		app->dirty = true;
	update_request(app);
}

static bool inside(const struct area *area, const struct event *event)
{
	return event->row >= area->row && event->row < area->row + area->rows && event->column >= area->column &&
	       event->column < area->column + area->columns;
}

static void handle_mouse(struct app *app, const struct event *event)
{
	struct view *view = app_top(app);

	if (app->prompt.active || !app->snapshot)
		return;
	app->dirty = true;
	if (event->row == app->bar_row && event->kind == EVENT_CLICK) {
		enum command command = bar_command_at(app, app->view_area.columns, event->column);

		if (command != COMMAND_NONE)
			do_command(app, command);
		return;
	}
	if (view->ops->mouse) {
		if (inside(&app->view_area, event) || event->kind >= EVENT_WHEEL_UP)
			view->ops->mouse(view, app, event);
	} else if (event->kind == EVENT_WHEEL_UP || event->kind == EVENT_WHEEL_DOWN) {
		for (int i = 0; i < WHEEL_STEPS; i++)
			do_command(app, event->kind == EVENT_WHEEL_UP ? COMMAND_UP : COMMAND_DOWN);
	}
	update_request(app);
}

void app_event(struct app *app, const struct event *event)
{
	switch (event->kind) {
	case EVENT_NONE:
		break;
	case EVENT_KEY:
		handle_key(app, event->key);
		break;
	case EVENT_RESIZE:
		app->dirty = true;
		break;
	default:
		handle_mouse(app, event);
	}
}

/* -- drawing ---------------------------------------------------------------------------------------------- */

static void draw_views(struct app *app, struct canvas *canvas, struct area area)
{
	struct view *screen = app->screens[app->screen];
	unsigned first = app->depth;

	/* The topmost view that fills the area, and the boxes above it. */
	while (first && app->stack[first - 1]->ops->box)
		first--;
	if (first)
		app->stack[first - 1]->ops->draw(app->stack[first - 1], app, canvas, area);
	else
		screen->ops->draw(screen, app, canvas, area);
	for (unsigned i = first; i < app->depth; i++)
		app->stack[i]->ops->draw(app->stack[i], app, canvas, area);
}

void app_draw(struct app *app, struct canvas *canvas)
{
	static const struct header_scope nothing = { .filter = "", .tagged_pss = { 0, VALUE_NOT_APPLICABLE } };
	int rows = canvas_rows(canvas), columns = canvas_columns(canvas), header = 0;
	bool bar = rows > 1 || app->prompt.active || app->message_until_ns;
	const struct view *screen = app->screens[app->screen];

	canvas_clear(canvas);
	app->dirty = false;
	app->bar_row = bar ? rows - 1 : -1;
	rows -= bar;
	if (app->snapshot) {
		const struct header_scope *scope = screen->ops->scope ? screen->ops->scope(screen) : NULL;

		header = header_rows(app, rows, columns);
		header_draw(app, canvas, (struct area){ 0, 0, header, columns }, scope ? scope : &nothing);
		app->view_area = (struct area){ header, 0, rows - header, columns };
		draw_views(app, canvas, app->view_area);
	} else {
		app->view_area = (struct area){ 0, 0, rows, columns };
		canvas_put(canvas, 0, 0, columns, STYLE_DIM, "memtide: reading processes ...");
		if (app->depth)
			draw_views(app, canvas, app->view_area);
	}
	if (bar)
		bar_draw(app, canvas, app->bar_row);
}
