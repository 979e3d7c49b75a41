/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signals that a program on a terminal answers to, as a file descriptor to poll. */
#ifndef TUI_SIGNALS_H
#define TUI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

enum { SIGNALS_ENDING = 4 };

struct signals {
	int fd;
	sigset_t ending;	/* those of them that ask the program to end */
	sigset_t mask_before;
	struct sigaction pipe_before, ending_before[SIGNALS_ENDING];
};

/* All that came since the last time, in whatever order. */
struct signals_taken {
	bool stop, cont, size;
	int end;		/* the number of one that asks the program to end, else 0 */
};

/* Blocks them in the calling thread, except those that whoever started the program had ignored, and ignores
 * SIGPIPE. 0 or -errno. */
int signals_open(struct signals *signals);

/* What has come meanwhile is dropped. */
void signals_close(struct signals *signals);

struct signals_taken signals_take(struct signals *signals);

/* Around writing to the terminal, which may block for as long as that takes no output. A signal that asks
 * the program to end does so at once if it blocks: the terminal is restored as well as can be
 * (tui/restore.h), and the exit status is 0, or 1 for SIGHUP. If not, it is taken next time. */
void signals_writing(struct signals *signals, bool writing);

/* Stops the program as Ctrl-Z does by default, and returns when it is continued. In a process group that no
 * shell could continue it returns at once, as the kernel then stops nobody. */
void signals_stop(void);

#endif
