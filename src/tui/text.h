/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of text to read, scrolling, wrapped to the width. */
#ifndef TUI_TEXT_H
#define TUI_TEXT_H

#include "tui/app.h"
#include "tui/view.h"
#include "util/buf.h"

/* TEXT is cleaned UTF-8 with line feeds, and styles as wrap_add() writes them; it is copied. NULL on ENOMEM. */
struct view *text_view_new(const char *title, const char *text);

/* A text that FILL writes now, and again for each snapshot. */
struct view *text_view_new_live(const char *title, const struct app *app,
				void (*fill)(const struct app *app, struct buf *out));

/* Keys, marks and colours; keys without a meaning in the view that is on top now are dim. */
struct view *help_new(const struct app *app);

/* What is missing, why and the remedy; what was left out; how PSS is read. */
struct view *notices_new(const struct app *app);

#endif
