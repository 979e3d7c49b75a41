/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What screens share that list items by name: a filter and a search by text, cursor and wheel. */
#ifndef TUI_LISTING_H
#define TUI_LISTING_H

#include "tui/app.h"
#include "tui/list.h"

struct listing;

struct listing_ops {
	/* How many items app->snapshot has. */
	size_t (*total)(const struct listing *listing, const struct app *app);

	/* Whether what ITEM is called contains TEXT, which is not empty, without regard to case. */
	bool (*contains)(const struct listing *listing, const struct app *app, size_t item, const char *text);

	/* Orders listing->items; NULL leaves them as they are numbered. -ENOMEM. */
	int (*sort)(struct listing *listing, const struct app *app);
};

/* The first member of such a screen's struct. */
struct listing {
	struct view view;
	const struct listing_ops *ops;
	struct list list;
	uint32_t *items;		/* shown, in order */
	size_t count, capacity, total;
	int first_row;			/* of the canvas, as last drawn; -1 when not shown */
	char filter[PROMPT_MAX], search[PROMPT_MAX];	/* "" for none */
	char before[PROMPT_MAX];	/* what the open prompt changes, as it was */
	size_t origin;			/* the cursor as it was */
};

void listing_free(struct listing *listing);	/* what it holds, not itself */

/* Fills items from app->snapshot; the cursor stays on its line. */
void listing_update(struct listing *listing, struct app *app);

/* Moving, SEARCH, SEARCH_NEXT, FILTER, and BACK, which drops them; false for others, and for BACK with nothing to drop. */
bool listing_command(struct listing *listing, struct app *app, enum command command);

/* Wheel and clicks; true for a double click on an item, which then has the cursor. */
bool listing_mouse(struct listing *listing, const struct event *event);

/* The item under the cursor, or SIZE_MAX. */
size_t listing_item(const struct listing *listing);

/* One line: "12 of 300 NAMES, filter ..."; or why there is nothing. */
void listing_draw_count(const struct listing *listing, struct canvas *canvas, int row, struct area area, const char *names);

#endif
