/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending a signal: which one is chosen from a list, to whom is shown and confirmed, and whether it arrived
 * is said at the end.
 *
 * A process that ended meanwhile gets none, nor does another that has its PID (source/signal.h).
 */
#ifndef TUI_KILL_H
#define TUI_KILL_H

#include <stddef.h>
#include <stdint.h>

#include "tui/app.h"

struct kill_target {
	int32_t pid;
	int64_t start_time;	/* clock ticks since boot */
	char name[64];		/* for people; cleaned */
};

void kill_target_set(struct kill_target *target, const struct process *process);

/* Begins with the choice of the signal. TARGETS are copied. Says why not when there are none, with
 * --read-only, and when what is shown is not the running machine. */
void kill_ask(struct app *app, const struct kill_target *targets, size_t count);

#endif
