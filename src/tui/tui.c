/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/tui.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tui/terminal.h"
#include "util/clock.h"

enum { EVENTS_PER_TURN = 1000 };	/* somebody who types without end still sees what becomes of it */

enum ending { ENDING_NOT, ENDING_DONE, ENDING_GONE, ENDING_FAILED };

struct loop {
	struct app *app;
	struct feed *feed;
	struct terminal *terminal;
	struct canvas *canvas;
	enum palette palette;		/* as the terminal was told last */
	bool mouse;
	uint32_t samples, samples_wanted;	/* wanted: 0 for no end */
};

enum { POLL_INPUT, POLL_SIGNALS, POLL_FEED, POLL_OUTPUT, POLL_COUNT };

/* Milliseconds from now until DEADLINE_NS, rounded up; -1 for never. */
static int milliseconds_until(int64_t deadline_ns, int64_t now_ns)
{
	int64_t left;

	if (deadline_ns == INT64_MAX)
		return -1;
	if (deadline_ns <= now_ns)
		return 0;
	left = (deadline_ns - now_ns) / 1000000 + 1;
	return left < 60000 ? (int)left : 60000;
}

/* What there is to do. A drawing waits until the terminal can take it, so that one that is stuck does not
 * keep signals away. */
static void wait_for_work(struct loop *loop, struct pollfd fds[POLL_COUNT])
{
	int64_t now = clock_monotonic_ns();
	int64_t deadline = app_tick(loop->app, now);

	fds[POLL_INPUT] = (struct pollfd){ .fd = terminal_input_fd(loop->terminal), .events = POLLIN };
	fds[POLL_SIGNALS] = (struct pollfd){ .fd = terminal_signal_fd(loop->terminal), .events = POLLIN };
	fds[POLL_FEED] = (struct pollfd){ .fd = loop->feed->ops->fd(loop->feed), .events = POLLIN };
	fds[POLL_OUTPUT] = (struct pollfd){ .fd = terminal_output_fd(loop->terminal),
					    .events = loop->app->dirty ? POLLOUT : 0 };
	if (poll(fds, POLL_COUNT, milliseconds_until(deadline, now)) < 0)
		for (int i = 0; i < POLL_COUNT; i++)
			fds[i].revents = 0;
}

static void adapt_size(struct loop *loop)
{
	struct event event = { .kind = EVENT_RESIZE };

	terminal_size(loop->terminal, &event.row, &event.column);
	canvas_resize(loop->canvas, event.row, event.column);	/* without memory the old size is clipped */
	app_event(loop->app, &event);
	loop->app->dirty = true;
}

static enum ending take_signals(struct loop *loop)
{
	bool resized;
	int signal = terminal_signal(loop->terminal, &resized);

	if (signal)
		return signal == SIGHUP ? ENDING_GONE : ENDING_DONE;
	if (resized)
		adapt_size(loop);
	return ENDING_NOT;
}

static enum ending take_input(struct loop *loop)
{
	struct event event;

	for (int i = 0; i < EVENTS_PER_TURN && !loop->app->quit; i++) {
		if (terminal_event(loop->terminal, &event))
			return ENDING_GONE;
		if (event.kind == EVENT_NONE)
			break;
		app_event(loop->app, &event);
	}
	return ENDING_NOT;
}

static enum ending take_snapshot(struct loop *loop, struct err *err)
{
	struct snapshot *snapshot;

	err->text[0] = '\0';
	snapshot = loop->feed->ops->take(loop->feed, err);
	if (!snapshot)
		return *err->text ? ENDING_FAILED : ENDING_NOT;
	app_snapshot(loop->app, snapshot);
	loop->samples++;
	return ENDING_NOT;
}

/* What the settings say of the terminal and may have changed. */
static void apply_settings(struct loop *loop)
{
	const struct settings *settings = &loop->app->settings;
	bool ascii = settings->ascii || !terminal_is_utf8(loop->terminal);

	if (settings->palette != loop->palette) {
		terminal_set_palette(loop->terminal, settings->palette);
		loop->palette = settings->palette;
	}
	if (settings->mouse != loop->mouse) {
		terminal_set_mouse(loop->terminal, settings->mouse);
		loop->mouse = settings->mouse;
	}
	if (ascii != canvas_is_ascii(loop->canvas))
		canvas_set_ascii(loop->canvas, ascii);
	if (loop->app->redraw)
		terminal_forget(loop->terminal);
	loop->app->redraw = false;
}

static void draw(struct loop *loop)
{
	apply_settings(loop);
	loop->app->dirty = false;
	canvas_clear(loop->canvas);
	app_draw(loop->app, loop->canvas);
	terminal_draw(loop->terminal, loop->canvas);
}

static enum ending run_turn(struct loop *loop, struct err *err)
{
	struct pollfd fds[POLL_COUNT];
	enum ending ending = ENDING_NOT;

	wait_for_work(loop, fds);
	if (fds[POLL_SIGNALS].revents)
		ending = take_signals(loop);
	if (!ending && (fds[POLL_OUTPUT].revents & (POLLHUP | POLLERR | POLLNVAL)))
		ending = ENDING_GONE;
	if (!ending && fds[POLL_INPUT].revents)
		ending = take_input(loop);
	if (!ending && fds[POLL_FEED].revents)
		ending = take_snapshot(loop, err);
	if (!ending && loop->app->quit)
		ending = ENDING_DONE;
	if (!ending && loop->app->dirty && (fds[POLL_OUTPUT].revents & POLLOUT)) {
		draw(loop);
		ending = take_signals(loop);
	}
	if (!ending && loop->samples_wanted && loop->samples >= loop->samples_wanted && !loop->app->dirty)
		ending = ENDING_DONE;
	return ending;
}

static enum ending run_loop(struct loop *loop, struct err *err)
{
	enum ending ending = ENDING_NOT;

	adapt_size(loop);
	while (!ending)
		ending = run_turn(loop, err);
	return ending;
}

int tui_run(const struct app_config *config, uint32_t iterations, bool *usage, struct err *err)
{
	struct terminal_config terminal_config = { config->settings.palette, config->settings.mouse };
	struct loop loop = {
		.feed = config->feed,
		.palette = config->settings.palette,
		.mouse = config->settings.mouse,
		.samples_wanted = iterations,
	};
	enum ending ending = ENDING_FAILED;

	loop.terminal = terminal_open(&terminal_config, err);
	*usage = !loop.terminal;
	if (!loop.terminal)
		return -1;
	loop.canvas = canvas_new(1, 1, config->settings.ascii || !terminal_is_utf8(loop.terminal));
	loop.app = app_new(config);
	if (loop.canvas && loop.app)
		ending = run_loop(&loop, err);
	else
		err_set(err, "out of memory");
	terminal_close(loop.terminal);
	app_free(loop.app);
	canvas_free(loop.canvas);
	if (ending == ENDING_GONE)
		err->text[0] = '\0';	/* there is nobody to tell */
	return ending == ENDING_DONE ? 0 : -1;
}
