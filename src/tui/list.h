/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cursor and scrolling of any list of lines. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/event.h"
#include "tui/keymap.h"

/* Starts zeroed. */
struct list {
	size_t cursor;		/* line under the cursor; below COUNT unless that is 0 */
	size_t top;		/* first line shown */
	size_t count;
	size_t page;		/* lines that fit, as last drawn */
};

void list_set_count(struct list *list, size_t count);	/* keeps the cursor inside */
void list_set_page(struct list *list, size_t page);	/* scrolls until the cursor is shown */
void list_set_cursor(struct list *list, size_t cursor);

/* COMMAND_UP .. COMMAND_END; false for others. */
bool list_command(struct list *list, enum command command);

/* Wheel: scrolls by three lines; the cursor stays inside. A click is the caller's: it knows its rows. False for others. */
bool list_wheel(struct list *list, const struct event *event);

#endif
