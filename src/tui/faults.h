/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of page faults: which classes there are, how long they take, and who takes them. */
#ifndef TUI_FAULTS_H
#define TUI_FAULTS_H

#include "tui/app.h"

/* The probe is attached when it is opened. NULL on ENOMEM. */
struct view *faults_view_open(struct app *app);

#endif
