/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples to standard output, one after the other. */
#include "cli/run.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
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

struct run {
	const struct options *options;
	struct place *place;
	struct sampler *sampler;
	struct writer *writer;
	struct buf out;
	struct arrangement arrangement;
	int write_error;	/* errno of a failed write to standard output */
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

/* Asks for the user's locale without setting it: names and patterns must not compare differently under another one. */
static bool locale_has_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8 = locale && !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");

	if (locale)
		freelocale(locale);
	return utf8;
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
		.utf8 = locale_has_utf8(),
	};

	if (isatty(STDOUT_FILENO) && options->format == FORMAT_TABLE) {
		config.emphasis = !getenv("NO_COLOR");
		if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
			config.columns = size.ws_col;
	}
	writer_free(run->writer);
	run->writer = writer_new(&config);
	return run->writer ? 0 : err_set(err, "out of memory");
}

static int open_run(struct run *run, struct err *err)
{
	struct sampler_config config =
		run_sampler_config(run->options, options_needs(run->options), run->options->delay_ns);

	run->sampler = sampler_open(&config, &run->place->root, run->place->users, err);
	return run->sampler ? open_writer(run, err) : -1;
}

static void close_run(struct run *run)
{
	writer_free(run->writer);
	sampler_close(run->sampler);
	buf_free(&run->out);
	arrangement_free(&run->arrangement);
}

static int show(struct run *run, const struct snapshot *snapshot, struct err *err)
{
	struct arrange_config config = options_arrangement(run->options);

	if (arrange(&run->arrangement, snapshot, &config))
		return err_set(err, "out of memory for %zu processes", snapshot->process_count);
	buf_clear(&run->out);
	writer_sample(run->writer, snapshot, &run->arrangement, &run->out);
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

	if (run->options->iterations == 1 || !run->place->root.live) {
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

int run_batch(struct options *options, struct place *place, struct err *err)
{
	struct run run = { .options = options,
			   .place = place,
			   .out = { .drain = drain, .drain_context = &run } };
	int status;

	catch_signals();
	status = open_run(&run, err) || loop(&run, err) ? EXIT_FAILED : EXIT_DONE;
	close_run(&run);
	return status;
}
