/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An exact reading of one process, on a key. */
#ifndef TUI_EXACT_H
#define TUI_EXACT_H

#include "model/snapshot.h"
#include "tui/app.h"

/* Asks the feed to read PROCESS, a row of app->snapshot that is no thread, and says what that may cost the
 * process; or why it cannot be read. */
void exact_ask(struct app *app, const struct process *process);

#endif
