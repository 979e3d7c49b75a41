/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of a table, chosen by keys, by clicks on titles, or from a list of all metrics. */
#ifndef TUI_SORT_H
#define TUI_SORT_H

#include "tui/app.h"

/* Sorts by METRIC, in the order that is natural to it: texts and identities from low to high, amounts from
 * high to low. */
void sort_by(struct app *app, struct table_settings *table, const struct metric *metric);

/* As a click on its title does: sorted by METRIC already, the order is inverted. */
void sort_click(struct app *app, struct table_settings *table, const struct metric *metric);

/* The commands of KEYS_SORTING; false for others. TABLE, one of app->settings, is of SCOPE. */
bool sort_command(struct app *app, struct table_settings *table, enum scope scope, enum command command);

#endif
