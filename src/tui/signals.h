/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signals that a program on a terminal answers to, as a file descriptor to poll. */
#ifndef TUI_SIGNALS_H
#define TUI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct signals {
	int fd;
	sigset_t mask_before;
	struct sigaction pipe_before;
};

/* All that came since the last time, in whatever order. */
struct signals_taken {
	bool stop, cont, size;
	int end;		/* the number of one that asks the program to end, else 0 */
};

/* Blocks them in the calling thread, except those that whoever started the program had ignored, and ignores SIGPIPE. 0 or -errno. */
int signals_open(struct signals *signals);

/* What has come meanwhile is dropped. */
void signals_close(struct signals *signals);

struct signals_taken signals_take(struct signals *signals);

/* Stops the program as Ctrl-Z does by default, and returns when it is continued. In a process group that no shell could continue it
 * returns at once, as the kernel then stops nobody. */
void signals_stop(void);

#endif
