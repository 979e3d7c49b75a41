/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/restore.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of these sanitizers and profilers may have handlers, which have their turn after ours. */
static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGXCPU, SIGXFSZ };

/* These are taken only where they would kill. Real-time signals are so, too. */
static const int others[] = { SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT };

enum {
	SIGNALS_MAX = 65,		/* Linux numbers them from 1 to 64, but for mips */
	STACK_BYTES = 32 << 10,		/* of the handler, for when it is the stack that overflowed */
	PATIENCE_MS = 100,		/* for a terminal that is busy */
};

struct bytes {
	size_t len;
	char data[RESTORE_MAX];
};

/* A handler may run at any instruction: what it uses is complete before it is pointed to. */
static struct bytes prepared[2];
static struct bytes *_Atomic current;
static atomic_flag done = ATOMIC_FLAG_INIT;
static int terminal_fd;
static struct termios saved_modes;
static struct sigaction before[SIGNALS_MAX];
static bool taken[SIGNALS_MAX];
static stack_t stack_before;
static void *stack;

void restore_set_bytes(const char *bytes, size_t len)
{
	struct bytes *next = atomic_load(&current) == &prepared[0] ? &prepared[1] : &prepared[0];

	assert(len <= RESTORE_MAX);
	memcpy(next->data, bytes, len);
	next->len = len;
	atomic_store(&current, next);
}

bool restore_is_foreground(int fd)
{
	return tcgetpgrp(fd) == getpgrp();
}

static void write_all(const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(terminal_fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		data += n;
		len -= (size_t)n;
	}
}

void restore_now(void)
{
	struct pollfd output = { .fd = terminal_fd, .events = POLLOUT };
	const struct bytes *bytes = atomic_load(&current);
	bool foreground = restore_is_foreground(terminal_fd);

	if (atomic_flag_test_and_set(&done))
		return;
	if (foreground) {
		/* Ctrl-S would keep it as it is; what it holds back is let go only by who held it back last. */
		tcflow(terminal_fd, TCOOFF);
		tcflow(terminal_fd, TCOON);
	}
	if (bytes && poll(&output, 1, PATIENCE_MS) == 1 && (output.revents & POLLOUT))
		write_all(bytes->data, bytes->len);
	if (foreground)
		tcsetattr(terminal_fd, TCSANOW, &saved_modes);
}

/* Whether going on repeats the instruction that caused the signal, and with it the signal. */
static bool comes_again(int number, const siginfo_t *info)
{
	return info->si_code > 0 &&
	       (number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	int saved_errno = errno;

	(void)context;
	restore_now();
	sigaction(number, &before[number], NULL);
	if (!comes_again(number, info))
		raise(number);
	errno = saved_errno;
}

static void take(int number, bool only_default)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	if (sigaction(number, NULL, &before[number]) || before[number].sa_handler == SIG_IGN ||
	    (only_default && before[number].sa_handler != SIG_DFL))
		return;
	sigfillset(&action.sa_mask);
	taken[number] = !sigaction(number, &action, NULL);
}

void restore_arm(int fd, const struct termios *modes)
{
	stack_t alternate = { .ss_size = STACK_BYTES };

	terminal_fd = fd;
	saved_modes = *modes;
	atomic_store(&current, NULL);
	atomic_flag_clear(&done);
	/* A sanitizer has one already. Without memory for it, the stack there is must do. */
	if (!sigaltstack(NULL, &stack_before) && (stack_before.ss_flags & SS_DISABLE)) {
		stack = alternate.ss_sp = malloc(STACK_BYTES);
		if (stack)
			sigaltstack(&alternate, NULL);
	}
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		take(crashes[i], false);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		take(others[i], true);
	for (int number = SIGRTMIN; number <= SIGRTMAX && number < SIGNALS_MAX; number++)
		take(number, true);
}

void restore_disarm(void)
{
	for (int number = 1; number < SIGNALS_MAX; number++)
		if (taken[number])
			sigaction(number, &before[number], NULL);
	memset(taken, 0, sizeof taken);
	if (stack)
		sigaltstack(&stack_before, NULL);
	free(stack);
	stack = NULL;
}
