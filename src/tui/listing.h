/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the screens of plain rows share: cursor, filter by a text, search, mouse. The screen of processes has filters
 * of its own. */
#ifndef TUI_LISTING_H
#define TUI_LISTING_H

#include "tui/app.h"
#include "tui/header.h"
#include "tui/list.h"

/* The first member of such a view's struct. */
struct listing {
	struct view view;
	struct list list;
	char filter[PROMPT_MAX];	/* "" for none */
	char search[PROMPT_MAX];
	char before[PROMPT_MAX];	/* of the one that is being typed */
	size_t origin;	/* of the cursor, when the prompt was opened */
	int first_row;	/* of the list, as last drawn; -1 when not shown */
	struct header_scope scope;
	char scope_text[PROMPT_MAX + 8];

	/* Whether LINE of the list contains TEXT, which is not empty. */
	bool (*contains)(const struct listing *listing, const struct app *app, size_t line, const char *text);
	/* The cursor was moved by the user. May be NULL. */
	void (*moved)(struct listing *listing, struct app *app);
};

void listing_init(struct listing *listing, const struct view_ops *ops);

/* Moving, search, filter, and Esc, which drops them; false for others. */
bool listing_command(struct listing *listing, struct app *app, enum command command);

/* Wheel and clicks on rows; a double click is COMMAND_OPEN. */
void listing_mouse(struct listing *listing, struct app *app, const struct event *event);

/* Draws what is common: puts the cursor's mark on the line drawn at ROW, and says that nothing matches. */
void listing_mark(const struct listing *listing, struct canvas *canvas, struct area area, int row, size_t line);
void listing_draw_empty(const struct listing *listing, struct canvas *canvas, struct area area, int row,
			const char *what);

/* Restyles what the search looks for in TEXT, which was drawn at COLUMN in WIDTH columns. */
void listing_mark_match(const struct listing *listing, struct canvas *canvas, int row, int column, int width,
			const char *text);

const struct header_scope *listing_scope(const struct view *view);

/* TEXT contains PART, without regard to case. */
bool listing_text_contains(const char *text, const char *part);

/* PATH in WIDTH columns; what does not fit is cut at its beginning, since the end tells more. */
void listing_put_path(struct canvas *canvas, int row, int column, int width, enum style style,
		      const char *path);

#endif
