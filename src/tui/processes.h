/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of processes: who holds the memory, grouped, sorted and selected as the user likes. */
#ifndef TUI_PROCESSES_H
#define TUI_PROCESSES_H

#include "tui/app.h"

/* With the filter, user and PIDs of app->config. NULL on ENOMEM. */
struct view *processes_open(struct app *app);

/* Goes to the screen of processes with this filter, an expression or a text to look for (see keymap.def);
 * "" for none. One that is no expression though it should be one is an error message and changes nothing. */
void processes_filter(struct app *app, const char *expression);

#endif
