/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "out/writer.h"
#include "sampler/sampler.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/rootfs.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct run {
	struct options *options;
	struct rootfs root;
	struct users *users;
	struct sampler *sampler;
	struct writer *writer;
	struct buf out;
	struct arrangement arrangement;
	int write_error;		/* errno of a failed write to standard output */
	bool live;			/* a terminal is redrawn instead of appended to */
	unsigned columns, rows;		/* of that terminal */
};

static volatile sig_atomic_t stop_requested, resized;

static void on_stop(int signal)
{
	(void)signal;
	stop_requested = 1;
}

static void on_resize(int signal)
{
	(void)signal;
	resized = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_stop };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	action.sa_handler = on_resize;
	sigaction(SIGWINCH, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);	/* a closed pipe shows as EPIPE */
}

/* 0, -EPIPE when the reader has gone, or -errno. */
static int write_all(const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, data, len);

		if (n < 0 && errno == EINTR && !stop_requested)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* buf.drain: what a large sample has so far. */
static int drain(void *context, const char *data, size_t len)
{
	struct run *run = context;

	run->write_error = -write_all(data, len);
	return run->write_error;
}

static int64_t ppm(int64_t thousandths_of_percent)
{
	return thousandths_of_percent * 10;
}

static struct sampler *open_sampler(struct run *run, struct err *err)
{
	const struct options *options = run->options;
	struct sampler_config config = {
		.needs = options_needs(options),
		.no_pss = options->no_pss,
		.interval_ns = options->delay_ns,
		.tier = options->tier,
		.pss_budget_ppm = ppm(options->pss_budget),
		.pss_first_budget_ppm = ppm(options->pss_first_budget),
		.stall_limit_ns = options->stall_limit_ns,
		.pss_max_age_ns = options->pss_max_age_ns,
		.protect = (const struct filter *const *)options->pss_skip,
		.protect_count = options->pss_skip_count,
		.exact_pids = options->exact.pids,
		.exact_count = options->exact.count,
	};

	return sampler_open(&config, &run->root, run->users, err);
}

static int open_writer(struct run *run, struct err *err)
{
	const struct options *options = run->options;
	struct winsize size;
	struct writer_config config = {
		.format = options->format,
		.record = options->record,
		.fields = options->fields,
		.field_count = options->field_count,
		.all_records = options->all_records,
		.rows = options->rows,
	};

	if (isatty(STDOUT_FILENO) && options->format == FORMAT_TABLE) {
		config.emphasis = !getenv("NO_COLOR");
		if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size)) {
			run->columns = config.columns = size.ws_col;
			run->rows = size.ws_row;
		}
	}
	writer_free(run->writer);
	run->writer = writer_new(&config);
	return run->writer ? 0 : err_set(err, "out of memory");
}

static int open_run(struct run *run, struct err *err)
{
	if (rootfs_open(&run->root, run->options->root, err))
		return EXIT_FAILED;
	run->users = users_open(&run->root);
	if (!run->users) {
		err_set(err, "out of memory");
		return EXIT_FAILED;
	}
	if (options_resolve_user(run->options, run->users, err))
		return EXIT_USAGE;
	run->sampler = open_sampler(run, err);
	if (!run->sampler || open_writer(run, err))
		return EXIT_FAILED;
	return EXIT_DONE;
}

static void close_run(struct run *run)
{
	writer_free(run->writer);
	sampler_close(run->sampler);
	users_close(run->users);
	rootfs_close(&run->root);
	buf_free(&run->out);
	arrangement_free(&run->arrangement);
}

/* Keeps of the bytes in OUT what fits on the terminal, and makes them replace what is there. */
static void redraw(struct run *run, struct buf *out)
{
	static const char home[] = "\033[H", clear_line[] = "\033[K\r\n", clear_rest[] = "\033[J";
	struct buf screen = { 0 };
	const char *line = out->data, *end = out->data + out->len;

	line += out->len && *line == '\n';	/* what sets one sample apart from the next in a batch */
	buf_puts(&screen, home);
	for (unsigned row = 1; line && line < end && row < run->rows; row++) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((newline ? newline : end) - line);

		buf_add(&screen, line, len);
		buf_puts(&screen, clear_line);
		line += len + 1;
	}
	buf_puts(&screen, clear_rest);
	buf_free(out);
	*out = screen;
}

static int show(struct run *run, const struct snapshot *snapshot, struct err *err)
{
	struct arrange_config config = options_arrangement(run->options);

	if (arrange(&run->arrangement, snapshot, &config))
		return err_set(err, "out of memory for %zu processes", snapshot->process_count);
	buf_clear(&run->out);
	writer_sample(run->writer, snapshot, &run->arrangement, &run->out);
	if (run->live)
		redraw(run, &run->out);
	if (!run->out.failed)
		run->write_error = -write_all(run->out.data, run->out.len);
	if (run->write_error == EPIPE || (run->write_error && stop_requested)) {
		stop_requested = 1;
		return 0;
	}
	if (run->write_error)
		return err_set(err, "standard output: %s", strerror(run->write_error));
	return run->out.failed ? err_set(err, "out of memory for the output") : 0;
}

/* Sleeps until the monotonic time END, or until a signal arrives. */
static void sleep_until(int64_t end_ns)
{
	struct timespec end = { end_ns / 1000000000, end_ns % 1000000000 };

	while (!stop_requested && !resized)
		if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) != EINTR)
			return;
}

/* Asked-for exact reads name processes: one that does not exist is an error, not an empty cell. */
static int check_exact(const struct run *run, const struct snapshot *snapshot, struct err *err)
{
	const struct pid_list *exact = &run->options->exact;

	for (size_t i = 0; i < exact->count; i++) {
		size_t p = 0;

		while (p < snapshot->process_count && snapshot->processes[p].amount[PROC_PID] != exact->pids[i])
			p++;
		if (p == snapshot->process_count)
			return err_set(err, "--exact %d: no such process", exact->pids[i]);
	}
	return 0;
}

/* The first sample. A single one waits for the first pass; a series starts at once and fills in. */
static struct snapshot *first_sample(struct run *run, struct err *err)
{
	struct snapshot *snapshot;

	if (run->options->iterations == 1 || !run->root.live) {
		if (sampler_prime(run->sampler, err))
			return NULL;
		while (!stop_requested && !sampler_first_pass(run->sampler, 100000000))
			;
	}
	snapshot = sampler_sample(run->sampler, err);
	if (snapshot && check_exact(run, snapshot, err)) {
		snapshot_unref(snapshot);
		return NULL;
	}
	return snapshot;
}

/* The time until the next sample goes to the first pass, as long as that is not over. */
static void wait_for_next(struct run *run, int64_t due_ns)
{
	while (!stop_requested && !resized && !sampler_first_pass_done(run->sampler)) {
		int64_t left = due_ns - clock_monotonic_ns();

		if (left <= 0)
			return;
		if (sampler_first_pass(run->sampler, left < 100000000 ? left : 100000000))
			break;
		if (left < 100000000)
			break;
	}
	sleep_until(due_ns);
}

static int loop(struct run *run, struct err *err)
{
	const struct options *options = run->options;
	int64_t due = clock_monotonic_ns();

	for (uint32_t n = 0; !stop_requested && (!options->iterations || n < options->iterations); n++) {
		struct snapshot *snapshot;
		int64_t now;
		int ret;

		if (n)
			wait_for_next(run, due);
		if (stop_requested)
			break;
		if (resized) {
			resized = 0;
			if (open_writer(run, err))
				return -1;
		}
		snapshot = n ? sampler_sample(run->sampler, err) : first_sample(run, err);
		if (!snapshot)
			return -1;
		ret = show(run, snapshot, err);
		snapshot_unref(snapshot);
		if (ret)
			return -1;
		/* A missed tick is left out, not made up for. */
		now = clock_monotonic_ns();
		due += options->delay_ns;
		if (due < now)
			due = now + options->delay_ns - (now - due) % options->delay_ns;
	}
	return 0;
}

int run(struct options *options, struct err *err)
{
	static const char enter[] = "\033[?1049h\033[?25l\033[2J", leave[] = "\033[?25h\033[?1049l";
	struct run run = { .options = options };
	int status;

	if (!options->batch && !isatty(STDOUT_FILENO)) {
		err_set(err, "standard output is not a terminal (use -b for batch output)");
		return EXIT_USAGE;
	}
	catch_signals();
	run.live = !options->batch && isatty(STDOUT_FILENO);
	if (!run.live) {
		run.out.drain = drain;
		run.out.drain_context = &run;
	}
	status = open_run(&run, err);
	if (!status) {
		if (run.live)
			write_all(enter, sizeof enter - 1);
		status = loop(&run, err) ? EXIT_FAILED : EXIT_DONE;
		if (run.live)
			write_all(leave, sizeof leave - 1);
	}
	close_run(&run);
	return status;
}
