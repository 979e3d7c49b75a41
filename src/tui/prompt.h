/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line being typed: struct prompt and what opens it are in app.h. */
#ifndef TUI_PROMPT_H
#define TUI_PROMPT_H

#include "tui/app.h"

/* A key for the prompt that is open. */
void prompt_key(struct app *app, int32_t key);

#endif
