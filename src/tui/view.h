/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A view: one screen, page or box, as a table of operations. To add one: a file with its view_ops, and for a screen one row in
 * screens.c. */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include <stdbool.h>

#include "tui/canvas.h"
#include "tui/event.h"
#include "tui/keymap.h"

struct app;
struct header_scope;
struct view;

struct view_ops {
	const char *name;		/* "Processes": in the title bar, and in lower case in scripts */
	enum context context;		/* one bit: which keys it has */
	bool box;			/* drawn over what is below it, in the middle; else it has the whole area */

	void (*close)(struct view *view);	/* frees it */

	/* A new snapshot is shown, or a setting has changed what follows from it. May be NULL. */
	void (*sample)(struct view *view, struct app *app);

	/* AREA is blank. Of any size, empty too. */
	void (*draw)(struct view *view, struct app *app, struct canvas *canvas, struct area area);

	/* A command of its context that the app does not do itself; false when the view has no use for it. */
	bool (*command)(struct view *view, struct app *app, enum command command);

	/* A key without a command in its context; false when the view has no use for it. May be NULL. */
	bool (*key)(struct view *view, struct app *app, int32_t key);

	/* A click, double click or wheel inside the area last drawn; coordinates are the canvas's. May be NULL. */
	void (*mouse)(struct view *view, struct app *app, const struct event *event);

	/* Need bits of what it shows now. May be NULL. */
	unsigned (*needs)(const struct view *view, const struct app *app);

	/* What its list shows, for the header; of a screen only. May be NULL. It points into the view. */
	const struct header_scope *(*scope)(const struct view *view);
};

/* The first member of each view's struct. */
struct view {
	const struct view_ops *ops;
};

#endif
