/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of cgroup records: what each holds, and how near its limit it is. */
#ifndef TUI_CGROUPS_H
#define TUI_CGROUPS_H

#include "tui/app.h"

/* NULL on ENOMEM. */
struct view *cgroups_open(struct app *app);

#endif
