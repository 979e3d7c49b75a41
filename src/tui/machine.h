/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of the machine: every system metric, with its change per second. */
#ifndef TUI_MACHINE_H
#define TUI_MACHINE_H

#include "tui/app.h"

/* NULL on ENOMEM. */
struct view *machine_open(struct app *app);

#endif
