/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/signals.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tui/restore.h"

enum { PATIENCE_MS = 100 };	/* for a terminal that takes no output */

static const int ending[SIGNALS_ENDING] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static volatile sig_atomic_t ended;	/* the signal that came while the terminal was written to */

static void on_end(int number)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };
	int saved_errno = errno;

	ended = number;
	if (poll(&output, 1, PATIENCE_MS) == 0) {
		restore_now();
		_exit(number == SIGHUP);
	}
	errno = saved_errno;
}

static bool is_ignored(int number)
{
	struct sigaction action;

	return !sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN;
}

int signals_open(struct signals *signals)
{
	static const int others[] = { SIGWINCH, SIGCONT, SIGTSTP };
	struct sigaction end = { .sa_handler = on_end }, ignore = { .sa_handler = SIG_IGN };
	sigset_t all;

	ended = 0;
	sigemptyset(&signals->ending);
	for (int i = 0; i < SIGNALS_ENDING; i++)
		if (!is_ignored(ending[i]))
			sigaddset(&signals->ending, ending[i]);
	all = signals->ending;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!is_ignored(others[i]))
			sigaddset(&all, others[i]);
	signals->fd = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signals->fd < 0)
		return -errno;
	pthread_sigmask(SIG_BLOCK, &all, &signals->mask_before);
	end.sa_mask = signals->ending;
	for (int i = 0; i < SIGNALS_ENDING; i++)
		if (sigismember(&signals->ending, ending[i]))
			sigaction(ending[i], &end, &signals->ending_before[i]);
	sigaction(SIGPIPE, &ignore, &signals->pipe_before);
	return 0;
}

void signals_close(struct signals *signals)
{
	signals_take(signals);
	close(signals->fd);
	sigaction(SIGPIPE, &signals->pipe_before, NULL);
	for (int i = 0; i < SIGNALS_ENDING; i++)
		if (sigismember(&signals->ending, ending[i]))
			sigaction(ending[i], &signals->ending_before[i], NULL);
	pthread_sigmask(SIG_SETMASK, &signals->mask_before, NULL);
}

struct signals_taken signals_take(struct signals *signals)
{
	struct signals_taken taken = { .end = ended };
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

void signals_writing(struct signals *signals, bool writing)
{
	pthread_sigmask(writing ? SIG_UNBLOCK : SIG_BLOCK, &signals->ending, NULL);
}
