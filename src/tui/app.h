/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interface without its terminal: events and snapshots go in, a canvas comes out. Tests drive it as the terminal's loop does.
 */
#ifndef TUI_APP_H
#define TUI_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feed/feed.h"
#include "model/filter.h"
#include "model/snapshot.h"
#include "tui/canvas.h"
#include "tui/event.h"
#include "tui/header.h"
#include "tui/history.h"
#include "tui/settings.h"
#include "tui/view.h"
#include "util/rootfs.h"

enum { APP_VIEWS_MAX = 8, APP_SCREENS_MAX = 8, PROMPT_MAX = 512, MESSAGE_SECONDS = 5 };

/* What the command line asks for beside the settings. Pointers are the caller's. */
struct app_config {
	struct feed *feed;
	const struct rootfs *root;	/* for signals */
	struct settings settings;
	const char *settings_path;	/* NULL: nowhere to save */
	const char *settings_problem;	/* what was wrong with the file, or NULL */
	bool read_only;
	const int32_t *pids;		/* only these processes; NULL for all */
	size_t pid_count;
	bool by_uid;
	uint32_t uid;
	const char *filter;		/* a filter to start with; NULL for none */
	unsigned screen;		/* to start with, of screens[] */
};

/* The line being typed at the bottom. */
struct prompt {
	bool active;
	bool confirm;			/* y or n and nothing else */
	char label[128];
	char text[PROMPT_MAX];
	size_t len, cursor;		/* bytes; always between characters */
	char problem[256];		/* what is wrong with the text so far; "" when nothing */
	/* TEXT changed; may be NULL. */
	void (*changed)(struct app *app, struct view *view, const char *text);
	/* Accepted (TEXT) or given up (NULL). A problem set by it keeps the prompt open. */
	void (*done)(struct app *app, struct view *view, const char *text);
	struct view *view;		/* the one on top when it was opened */
};

struct app {
	struct app_config config;
	struct settings settings;
	struct snapshot *snapshot;	/* what is shown; NULL before the first */
	struct snapshot *newest;	/* when paused: the latest, not shown; else NULL */
	struct history *history;
	struct header_state header;
	struct view *screens[APP_SCREENS_MAX];	/* one of each, made at the start */
	unsigned screen_count, screen;
	struct view *stack[APP_VIEWS_MAX];	/* pages and boxes above the screen */
	unsigned depth;
	struct prompt prompt;
	char message[512];
	bool message_is_error;
	int64_t message_until_ns;	/* CLOCK_MONOTONIC; 0 when there is none */
	struct feed_request request;	/* as last sent */
	int32_t watch_pid;
	int64_t watch_start_time;
	bool paused, quit, redraw;	/* redraw: the terminal is to forget what it shows */
	bool dirty;			/* something changed since the last draw */
	struct area view_area;		/* of the top view, as last drawn */
	int bar_row;			/* of the bar of keys, as last drawn; see bar.h */
	bool read_only;
};

/* Makes the screens; views draw and get samples and commands only when there is a snapshot. NULL on ENOMEM. CONFIG is copied, what it points to is not. */
struct app *app_new(const struct app_config *config);
void app_free(struct app *app);		/* NULL-safe; not the feed */

/* Takes over a reference. */
void app_snapshot(struct app *app, struct snapshot *snapshot);
void app_event(struct app *app, const struct event *event);
void app_draw(struct app *app, struct canvas *canvas);

/* Time passed: a message may have to go. Returns the monotonic time at which to call again, INT64_MAX for never. */
int64_t app_tick(struct app *app, int64_t now_ns);

/* -- for views -------------------------------------------------------------------------------------------- */

/* Puts VIEW on top, or frees it with a message when there are APP_VIEWS_MAX already (or it is NULL: out of memory). */
void app_push(struct app *app, struct view *view);
void app_pop(struct app *app);		/* closes the top one; a screen stays */
struct view *app_top(const struct app *app);

/* A line at the bottom for some seconds. */
__attribute__((format(printf, 2, 3))) void app_message(struct app *app, const char *format, ...);
__attribute__((format(printf, 2, 3))) void app_error(struct app *app, const char *format, ...);

void app_prompt(struct app *app, const char *label, const char *text,
		void (*changed)(struct app *, struct view *, const char *),
		void (*done)(struct app *, struct view *, const char *));

/* Asks for y or n: DONE gets "y" or NULL. */
void app_confirm(struct app *app, const char *question, void (*done)(struct app *, struct view *, const char *));
__attribute__((format(printf, 2, 3))) void app_prompt_problem(struct app *app, const char *format, ...);

/* Settings changed: views see it as a sample, and the feed is told of new needs. */
void app_changed(struct app *app);

/* Watches this process from now on (snapshot->watched); pid 0 ends it. */
void app_watch(struct app *app, int32_t pid, int64_t start_time);

/* The screens, in the order of Tab: screens.c. Each makes one view; NULL on ENOMEM. */
struct screen {
	const char *name;
	struct view *(*open)(struct app *app);
};

extern const struct screen screens[];
extern const unsigned screen_total;

#endif
