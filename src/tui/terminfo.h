/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What terminfo says of a terminal. No curses here: nothing is sent, no mode is changed. */
#ifndef TUI_TERMINFO_H
#define TUI_TERMINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/theme.h"
#include "util/err.h"

enum { TERMINFO_NAME_MAX = 128 };

/* "use -b ...": what to do without a terminal. */
extern const char terminfo_remedy[];

/* The type of the terminal on standard input and output: $TERM, or a sibling that has 24-bit colours where
 * COLORTERM says that the terminal has them. 0, or -1 with ERR set when it cannot be drawn on. */
int terminfo_choose(char name[TERMINFO_NAME_MAX], struct err *err);

/* -- of the terminal that newterm() was called for -------------------------------------------------------- */

enum depth terminfo_depth(void);

/* What brings the terminal back from the program that filled its ROWS, with or without mouse and colours,
 * into BUF of CAP bytes. Returns the length. */
size_t terminfo_leave(char *buf, size_t cap, int rows, bool mouse, bool colours);

#endif
