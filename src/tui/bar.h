/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last line: the prompt, a message, or the keys of the view on top. */
#ifndef TUI_BAR_H
#define TUI_BAR_H

#include "tui/app.h"

void bar_draw(struct app *app, struct canvas *canvas, int row);

/* The command whose key is shown at COLUMN, or COMMAND_NONE. */
enum command bar_command_at(const struct app *app, int columns, int column);

#endif
