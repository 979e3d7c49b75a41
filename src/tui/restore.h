/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts the terminal back when the program is killed. What that takes is prepared beforehand, so that a signal
 * handler can do it: a few bytes to write and the modes to set. One terminal at a time.
 */
#ifndef TUI_RESTORE_H
#define TUI_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

enum { RESTORE_MAX = 512 };

/*
 * From here on every signal that kills by default, but for those that are blocked or ignored, first puts back
 * the terminal on file descriptor FD: it gets the bytes set last and MODES. Then the signal takes its course: a
 * core is made, a sanitizer reports.
 */
void restore_arm(int fd, const struct termios *modes);
void restore_disarm(void);

/* What the terminal is to be sent, at most RESTORE_MAX bytes; copied. */
void restore_set_bytes(const char *bytes, size_t len);

/* Does it now, once. A terminal that takes no output is sent nothing, one that is another job's keeps its
 * modes. Async-signal-safe. */
void restore_now(void);

/* Whether this program's process group is the one in the foreground on FD. Async-signal-safe. */
bool restore_is_foreground(int fd);

#endif
