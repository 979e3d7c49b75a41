/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A box with a list to choose from: sort keys, users, signals, metrics. Typing letters goes to the next entry
 * that begins so; or contains them, when none does. */
#ifndef TUI_CHOOSER_H
#define TUI_CHOOSER_H

#include <stddef.h>
#include <stdint.h>

#include "tui/view.h"

enum { CHOICE_TEXT_MAX = 160 };

struct choice {
	char text[CHOICE_TEXT_MAX];	/* cleaned UTF-8 */
	int64_t value;			/* the caller's */
};

/* CHOICES are copied. The box closes, then CHOSEN is called with the view that is then on top, its context and
 * the value. FREE_CONTEXT (may be NULL) is called when the box closes, after CHOSEN. NULL on ENOMEM, with the
 * context freed. */
struct view *chooser_new(const char *title, const struct choice *choices, size_t count, size_t cursor,
			 void (*chosen)(struct app *app, struct view *view, void *context, int64_t value),
			 void *context, void (*free_context)(void *));

#endif
