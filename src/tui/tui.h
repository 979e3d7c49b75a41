/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interactive program: terminal, feed and app in one loop. */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include "tui/app.h"

/* Runs until the user, a signal or the feed ends it, or after ITERATIONS samples (0: no end). Opens the
 * terminal with the palette and mouse of the settings. 0, or -1 with ERR set, to an empty text when the
 * terminal has gone and nobody is there to read it; the terminal is restored in any case. *USAGE says
 * whether there was no terminal to use. */
int tui_run(const struct app_config *config, uint32_t iterations, bool *usage, struct err *err);

#endif
