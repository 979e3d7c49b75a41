/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page on which the columns of a table are chosen and put in order. */
#ifndef TUI_FIELDS_H
#define TUI_FIELDS_H

#include "tui/settings.h"
#include "tui/view.h"

/* All metrics of SCOPE, the fields of TABLE first. Changes TABLE, which must outlive the view, and tells the
 * app at once. NULL on ENOMEM. */
struct view *fields_new(struct app *app, struct table_settings *table, enum scope scope);

#endif
