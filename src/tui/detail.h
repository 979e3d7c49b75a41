/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything about one process, in pages; detail_page.h says how to add one. */
#ifndef TUI_DETAIL_H
#define TUI_DETAIL_H

#include "model/snapshot.h"
#include "tui/app.h"

/* PROCESS is a row of app->snapshot; of a thread its process is shown. Watches the process while the view is
 * open. NULL on ENOMEM. */
struct view *detail_new(struct app *app, const struct process *process);

#endif
