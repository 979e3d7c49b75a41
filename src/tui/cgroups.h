/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of cgroups: what each uses of its limits, by the kernel's own account of it. */
#ifndef TUI_CGROUPS_H
#define TUI_CGROUPS_H

#include "tui/app.h"

/* NULL on ENOMEM. */
struct view *cgroups_open(struct app *app);

#endif
