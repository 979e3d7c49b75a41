/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/kill.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/signal.h"
#include "tui/box.h"
#include "tui/chooser.h"

enum { TARGET_COLUMNS = 48 };

/* The box with those who will get the signal; it holds the order while it is confirmed. */
struct order {
	struct view view;
	int signo;
	size_t count;
	struct kill_target targets[];
};

/* -- signals ---------------------------------------------------------------------------------------------- */

/* What ends a process first; then by number. */
static const struct {
	int number;
	const char *name, *help;
} signals[] = {
	{ SIGTERM, "TERM", "asks it to end" },
	{ SIGKILL, "KILL", "ends it at once; it cannot clean up" },
	{ SIGHUP, "HUP", "its terminal has gone; many daemons read their configuration again" },
	{ SIGINT, "INT", "as Ctrl-C" },
	{ SIGQUIT, "QUIT", "as Ctrl-\\: ends it with a core dump" },
	{ SIGILL, "ILL", "illegal instruction" },
	{ SIGTRAP, "TRAP", "breakpoint" },
	{ SIGABRT, "ABRT", "ends it with a core dump" },
	{ SIGBUS, "BUS", "bad memory access" },
	{ SIGFPE, "FPE", "arithmetic error" },
	{ SIGUSR1, "USR1", "its own meaning" },
	{ SIGSEGV, "SEGV", "invalid memory reference" },
	{ SIGUSR2, "USR2", "its own meaning" },
	{ SIGPIPE, "PIPE", "nobody reads what it writes" },
	{ SIGALRM, "ALRM", "its timer expired" },
#ifdef SIGSTKFLT
	{ SIGSTKFLT, "STKFLT", "coprocessor stack fault" },
#endif
	{ SIGCHLD, "CHLD", "a child ended or stopped" },
	{ SIGCONT, "CONT", "goes on after a stop" },
	{ SIGSTOP, "STOP", "stops it; it cannot refuse" },
	{ SIGTSTP, "TSTP", "as Ctrl-Z" },
	{ SIGTTIN, "TTIN", "reads from its terminal in the background" },
	{ SIGTTOU, "TTOU", "writes to its terminal in the background" },
	{ SIGURG, "URG", "urgent data on a socket" },
	{ SIGXCPU, "XCPU", "CPU time limit exceeded" },
	{ SIGXFSZ, "XFSZ", "file size limit exceeded" },
	{ SIGVTALRM, "VTALRM", "its virtual timer expired" },
	{ SIGPROF, "PROF", "its profiling timer expired" },
	{ SIGWINCH, "WINCH", "its window changed size" },
	{ SIGIO, "IO", "input or output is possible" },
	{ SIGPWR, "PWR", "power failure" },
	{ SIGSYS, "SYS", "bad system call" },
};

enum { SIGNAL_COUNT = sizeof signals / sizeof *signals };

static const char *signal_name(int signo)
{
	for (size_t i = 0; i < SIGNAL_COUNT; i++)
		if (signals[i].number == signo)
			return signals[i].name;
	return "?";
}

/* -- sending ---------------------------------------------------------------------------------------------- */

static void send_all(struct app *app, const struct order *order)
{
	struct err err, first = { "" };
	size_t sent = 0;

	for (size_t i = 0; i < order->count; i++) {
		const struct kill_target *target = &order->targets[i];

		err = (struct err){ "" };
		if (!process_signal(app->config.root, target->pid, target->start_time, order->signo, &err))
			sent++;
		else if (!*first.text)
			first = err;
	}
	if (sent < order->count && order->count > 1)
		app_error(app, "SIG%s: sent to %zu of %zu processes; %s", signal_name(order->signo), sent,
			  order->count, first.text);
	else if (sent < order->count)
		app_error(app, "%s", first.text);
	else if (sent > 1)
		app_message(app, "SIG%s sent to %zu processes", signal_name(order->signo), sent);
	else
		app_message(app, "SIG%s sent to %d %s", signal_name(order->signo), (int)order->targets->pid,
			    order->targets->name);
}

static void confirmed(struct app *app, struct view *view, const char *answer)
{
	if (answer) {
		send_all(app, (struct order *)view);
		app->config.feed->ops->sample_now(app->config.feed);
	}
	app_pop(app);
}

/* -- the box ---------------------------------------------------------------------------------------------- */

static void order_close(struct view *view)
{
	free(view);
}

static void order_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	const struct order *order = (struct order *)view;
	int wanted = order->count < CANVAS_ROWS_MAX ? (int)order->count : CANVAS_ROWS_MAX;
	char title[32], note[32] = "";

	(void)app;
	snprintf(title, sizeof title, "SIG%s (%d)", signal_name(order->signo), order->signo);
	if (wanted + 2 > area.rows)
		snprintf(note, sizeof note, "%zu processes", order->count);
	area = box_draw(canvas, area, wanted, TARGET_COLUMNS, title, note);
	for (int i = 0; i < area.rows && (size_t)i < order->count; i++)
		canvas_printf(canvas, area.row + i, area.column, area.columns, STYLE_NORMAL, "%7d %s",
			      (int)order->targets[i].pid, order->targets[i].name);
}

static bool order_command(struct view *view, struct app *app, enum command command)
{
	(void)view;
	(void)app;
	(void)command;
	return false;
}

static const struct view_ops order_ops = {
	.name = "Signal",
	.context = CONTEXT_TEXT,
	.box = true,
	.close = order_close,
	.draw = order_draw,
	.command = order_command,
};

static void chosen(struct app *app, struct view *view, void *context, int64_t signo)
{
	const struct order *asked = context;
	size_t bytes = sizeof *asked + asked->count * sizeof *asked->targets;
	struct order *order = malloc(bytes);
	char question[sizeof app->prompt.label];

	(void)view;
	if (order) {
		memcpy(order, asked, bytes);
		order->signo = (int)signo;
	}
	app_push(app, order ? &order->view : NULL);
	if (!order || app_top(app) != &order->view)
		return;
	if (order->count == 1)
		snprintf(question, sizeof question, "Send SIG%s (%d) to %d %s?", signal_name(order->signo),
			 order->signo, (int)order->targets->pid, order->targets->name);
	else
		snprintf(question, sizeof question, "Send SIG%s (%d) to these %zu processes?",
			 signal_name(order->signo), order->signo, order->count);
	app_confirm(app, question, confirmed);
}

static const char *refusal(const struct app *app, size_t count)
{
	if (app->read_only)
		return "no signals with --read-only";
	if (!app->config.feed->live)
		return "no signals: what is shown is not the running machine";
	return count ? NULL : "no process here to send a signal to";
}

void kill_ask(struct app *app, const struct kill_target *targets, size_t count)
{
	struct choice choices[SIGNAL_COUNT];
	const char *why_not = refusal(app, count);
	struct order *order;

	if (why_not) {
		app_error(app, "%s", why_not);
		return;
	}
	order = calloc(1, sizeof *order + count * sizeof *targets);
	if (!order) {
		app_push(app, NULL);
		return;
	}
	order->view.ops = &order_ops;
	order->count = count;
	memcpy(order->targets, targets, count * sizeof *targets);
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		choices[i].value = signals[i].number;
		snprintf(choices[i].text, sizeof choices[i].text, "%-6s %2d  %s", signals[i].name,
			 signals[i].number, signals[i].help);
	}
	app_push(app, chooser_new("Signal", choices, SIGNAL_COUNT, 0, chosen, order, free));
}

void kill_target_set(struct kill_target *target, const struct process *process)
{
	char buf[16];
	const char *name = process_text(process, PROC_COMM, buf);

	target->pid = (int32_t)process->amount[PROC_PID];
	target->start_time = process->amount[PROC_START_TIME];
	snprintf(target->name, sizeof target->name, "%s", name ? name : "");
}
