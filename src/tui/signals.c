/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/signals.h"

#include <errno.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_open(struct signals *signals)
{
	static const int wanted[] = { SIGWINCH, SIGCONT, SIGTSTP, SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action, ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (!sigaction(wanted[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&set, wanted[i]);
	signals->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signals->fd < 0)
		return -errno;
	pthread_sigmask(SIG_BLOCK, &set, &signals->mask_before);
	sigaction(SIGPIPE, &ignore, &signals->pipe_before);
	return 0;
}

void signals_close(struct signals *signals)
{
	signals_take(signals);
	close(signals->fd);
	sigaction(SIGPIPE, &signals->pipe_before, NULL);
	pthread_sigmask(SIG_SETMASK, &signals->mask_before, NULL);
}

struct signals_taken signals_take(struct signals *signals)
{
	struct signals_taken taken = { 0 };
	struct signalfd_siginfo info;

	while (read(signals->fd, &info, sizeof info) == (ssize_t)sizeof info) {
		switch (info.ssi_signo) {
		case SIGTSTP:
			taken.stop = true;
			break;
		case SIGCONT:
			taken.cont = true;
			break;
		case SIGWINCH:
			taken.size = true;
			break;
		default:
			taken.end = (int)info.ssi_signo;
			break;
		}
	}
	return taken;
}

void signals_stop(void)
{
	struct sigaction standard = { .sa_handler = SIG_DFL }, before;
	sigset_t stop, mask;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigaction(SIGTSTP, &standard, &before);
	raise(SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &stop, &mask);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGTSTP, &before, NULL);
}
