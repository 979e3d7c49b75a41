/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal: the one module that knows curses. There is one at a time. */
#ifndef TUI_TERMINAL_H
#define TUI_TERMINAL_H

#include <stdbool.h>

#include "tui/canvas.h"
#include "tui/event.h"
#include "tui/theme.h"
#include "util/err.h"

struct terminal;

struct terminal_config {
	enum palette palette;
	bool mouse;
};

/*
 * Takes standard input and output. NULL with ERR set, and the terminal untouched, when either is not a
 * terminal, TERM is unset or unknown, or the terminal cannot place its cursor; each error says so, and that -b
 * needs none of it.
 *
 * From then on, whatever ends the program, the terminal is as it was: at close, and on the signals that kill by
 * default through a handler that restores it and raises the signal again. SIGWINCH, SIGTSTP, SIGCONT, SIGINT,
 * SIGTERM, SIGHUP and SIGQUIT are blocked in the calling thread (and those it makes later) and come through
 * terminal_signal().
 */
struct terminal *terminal_open(const struct terminal_config *config, struct err *err);
void terminal_close(struct terminal *terminal);	/* NULL-safe */

/* True when the locale's character set is UTF-8. */
bool terminal_is_utf8(const struct terminal *terminal);
void terminal_size(const struct terminal *terminal, int *rows, int *columns);
void terminal_set_palette(struct terminal *terminal, enum palette palette);
void terminal_set_mouse(struct terminal *terminal, bool enabled);

/* To poll for input: standard input, and signals; and for room for output. */
int terminal_input_fd(const struct terminal *terminal);
int terminal_output_fd(const struct terminal *terminal);
int terminal_signal_fd(const struct terminal *terminal);

/* The next event that is there, without waiting; EVENT_NONE when there is none. -EIO when the terminal has
 * gone. */
int terminal_event(struct terminal *terminal, struct event *event);

/* Reads the signals that came. Sizes and suspension are dealt with: then *RESIZED, which also asks for a
 * whole drawing. Returns the number of a signal that asks the program to end, else 0. */
int terminal_signal(struct terminal *terminal, bool *resized);

/* Sends what differs from what was drawn last; everything after terminal_forget(). Blocks while the terminal
 * takes no output; a signal that asks the program to end then ends it here. Others that came meanwhile are
 * there to be asked for. */
void terminal_draw(struct terminal *terminal, const struct canvas *canvas);
void terminal_forget(struct terminal *terminal);

#endif
