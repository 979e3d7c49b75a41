/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A feed that collects in this program: one thread samples, the view takes what it has made.
 *
 * The two meet in a mailbox under a mutex, which neither holds while it works. What the view wants is left
 * there and taken over before the next sample; of snapshots only the newest is kept. The sampler belongs to
 * the thread from its start to its end.
 */
#include "feed/feed.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/clock.h"

enum {
	STACK_BYTES = 512 << 10,	/* the sampler needs some 20 KiB, name services at worst several times that */
	EXACT_MAX = 64,			/* processes asked for between two samples */
	FILL_IN_NS = 200000000,		/* to the next sample when everybody begins to be read for the first time */
};

/* What the view has asked for since the last sample. */
struct mail {
	struct feed_request request;
	bool requested;
	bool at_once;			/* do not wait for the next tick */
	int32_t exact[EXACT_MAX];
	unsigned exact_count;
};

struct collector {
	struct feed feed;
	struct sampler *sampler;	/* the thread's */
	int64_t interval_ns;		/* the thread's */
	pthread_t thread;
	int event_fd;
	pthread_mutex_t mutex;		/* all below */
	pthread_cond_t wake;		/* the thread has mail, or shall end */
	bool closing;
	struct mail mail;
	struct snapshot *ready;
	bool failed;
	struct err failure;
};

static struct collector *collector_of(struct feed *feed)
{
	return (struct collector *)feed;	/* its first member */
}

/* -- the view's side ------------------------------------------------------------------------------------- */

static int collector_fd(const struct feed *feed)
{
	return ((const struct collector *)feed)->event_fd;
}

static void event_raise(const struct collector *collector)
{
	uint64_t one = 1;

	while (write(collector->event_fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

static void event_clear(const struct collector *collector)
{
	uint64_t count;

	while (read(collector->event_fd, &count, sizeof count) < 0 && errno == EINTR)
		;
}

static struct snapshot *collector_take(struct feed *feed, struct err *err)
{
	struct collector *collector = collector_of(feed);
	struct snapshot *snapshot;

	err->text[0] = '\0';
	pthread_mutex_lock(&collector->mutex);
	snapshot = collector->ready;
	collector->ready = NULL;
	if (!collector->failed)
		event_clear(collector);
	else if (!snapshot)
		*err = collector->failure;
	pthread_mutex_unlock(&collector->mutex);
	return snapshot;
}

/* The next sample shall not wait for its tick. With the mutex. */
static void hurry(struct collector *collector)
{
	collector->mail.at_once = true;
	pthread_cond_signal(&collector->wake);
}

/* Whether what AFTER asks for cannot wait: more to read, somebody to watch, another pace. */
static bool presses(const struct feed_request *before, const struct feed_request *after)
{
	bool watches = after->watch_pid && (after->watch_pid != before->watch_pid ||
					    after->watch_start_time != before->watch_start_time);

	return watches || (after->needs & ~before->needs) || after->interval_ns != before->interval_ns;
}

static void collector_request(struct feed *feed, const struct feed_request *request)
{
	struct collector *collector = collector_of(feed);
	struct mail *mail = &collector->mail;

	pthread_mutex_lock(&collector->mutex);
	if (presses(&mail->request, request))
		hurry(collector);
	mail->request = *request;
	mail->requested = true;
	pthread_mutex_unlock(&collector->mutex);
}

static void collector_sample_now(struct feed *feed)
{
	struct collector *collector = collector_of(feed);

	pthread_mutex_lock(&collector->mutex);
	hurry(collector);
	pthread_mutex_unlock(&collector->mutex);
}

static void collector_request_exact(struct feed *feed, int32_t pid)
{
	struct collector *collector = collector_of(feed);
	struct mail *mail = &collector->mail;

	pthread_mutex_lock(&collector->mutex);
	/* By hand nobody asks for more between two samples; else the oldest gives way and stays the estimate
	 * it is. */
	if (mail->exact_count == EXACT_MAX)
		memmove(mail->exact, mail->exact + 1, --mail->exact_count * sizeof *mail->exact);
	mail->exact[mail->exact_count++] = pid;
	hurry(collector);
	pthread_mutex_unlock(&collector->mutex);
}

/* -- the thread's side ----------------------------------------------------------------------------------- */

static void publish(struct collector *collector, struct snapshot *snapshot)
{
	struct snapshot *untaken;

	pthread_mutex_lock(&collector->mutex);
	untaken = collector->ready;
	collector->ready = snapshot;
	event_raise(collector);
	pthread_mutex_unlock(&collector->mutex);
	snapshot_unref(untaken);
}

static void fail(struct collector *collector, const struct err *why)
{
	pthread_mutex_lock(&collector->mutex);
	collector->failed = true;
	collector->failure = *why;
	event_raise(collector);
	pthread_mutex_unlock(&collector->mutex);
}

static bool is_closing(struct collector *collector)
{
	bool closing;

	pthread_mutex_lock(&collector->mutex);
	closing = collector->closing;
	pthread_mutex_unlock(&collector->mutex);
	return closing;
}

/* Until the monotonic time END, or until somebody wakes the thread. With the mutex. */
static void sleep_until(struct collector *collector, int64_t end_ns)
{
	struct timespec end = { end_ns / 1000000000, end_ns % 1000000000 };

	pthread_cond_timedwait(&collector->wake, &collector->mutex, &end);
}

/* Returns when the next sample is due or wanted at once, or the thread shall end. The time until then goes to
 * the first pass over everybody's PSS; the end of that is worth a sample too. */
static void wait_for_next(struct collector *collector, int64_t due_ns)
{
	bool filling = !sampler_first_pass_done(collector->sampler);
	int64_t now, slice_ns = 0;	/* when the budget allows the next slice */

	pthread_mutex_lock(&collector->mutex);
	while (!collector->closing && !collector->mail.at_once && (now = clock_monotonic_ns()) < due_ns) {
		int64_t pause_ns;

		if (!filling || now < slice_ns) {
			sleep_until(collector, filling && slice_ns < due_ns ? slice_ns : due_ns);
			continue;
		}
		pthread_mutex_unlock(&collector->mutex);
		filling = !sampler_first_pass_step(collector->sampler, &pause_ns);
		slice_ns = clock_monotonic_ns() + pause_ns;
		pthread_mutex_lock(&collector->mutex);
		if (!filling)
			break;
	}
	pthread_mutex_unlock(&collector->mutex);
}

/* Empties the mailbox into *MAIL. False when the thread shall end. */
static bool take_mail(struct collector *collector, struct mail *mail)
{
	bool go_on;

	pthread_mutex_lock(&collector->mutex);
	*mail = collector->mail;
	collector->mail.requested = collector->mail.at_once = false;
	collector->mail.exact_count = 0;
	go_on = !collector->closing;
	pthread_mutex_unlock(&collector->mutex);
	return go_on;
}

/* Passes MAIL on to the sampler. 0, or -1 with ERR set. */
static int apply(struct collector *collector, const struct mail *mail, struct err *err)
{
	const struct feed_request *request = &mail->request;

	if (mail->requested) {
		if (request->interval_ns > 0) {
			collector->interval_ns = request->interval_ns;
			sampler_set_interval(collector->sampler, request->interval_ns);
		}
		sampler_watch(collector->sampler, request->watch_pid, request->watch_start_time);
		if (sampler_set_needs(collector->sampler, request->needs, err))
			return -1;
	}
	/* A process that has gone meanwhile needs no reading. */
	for (unsigned i = 0; i < mail->exact_count; i++)
		sampler_request_exact(collector->sampler, mail->exact[i]);
	return 0;
}

/* When the sample after the one begun at START_NS is due, which was itself due at DUE_NS or came early. A
 * missed tick is left out, not made up for. */
static int64_t next_due(int64_t due_ns, int64_t start_ns, int64_t interval_ns)
{
	int64_t next = (start_ns < due_ns ? start_ns : due_ns) + interval_ns, now = clock_monotonic_ns();

	if (next < now)
		next = now + interval_ns - (now - next) % interval_ns;
	return next;
}

/* A captured tree stands still: everybody is read before the first sample. 0, or -1 with ERR set. */
static int read_captured(struct collector *collector, struct err *err)
{
	int64_t pause_ns;

	if (sampler_prime(collector->sampler, err))
		return -1;
	while (!is_closing(collector) && !sampler_first_pass_step(collector->sampler, &pause_ns))
		;
	return 0;
}

/* Samples until close() or a failure: -1 with ERR set. */
static int collect(struct collector *collector, struct err *err)
{
	int64_t due = clock_monotonic_ns();
	bool filling = false;		/* a first pass was under way after the sample before */
	struct mail mail;

	if (!collector->feed.live && read_captured(collector, err))
		return -1;
	while (take_mail(collector, &mail)) {
		int64_t start = clock_monotonic_ns();
		struct snapshot *snapshot;

		if (apply(collector, &mail, err))
			return -1;
		snapshot = sampler_sample(collector->sampler, err);
		if (!snapshot)
			return -1;
		publish(collector, snapshot);
		due = next_due(due, start, collector->interval_ns);
		if (!filling && !sampler_first_pass_done(collector->sampler) && due > start + FILL_IN_NS)
			due = start + FILL_IN_NS;
		filling = !sampler_first_pass_done(collector->sampler);
		wait_for_next(collector, due);
	}
	return 0;
}

static void *thread_main(void *argument)
{
	struct collector *collector = argument;
	struct err err = { "" };

	if (collect(collector, &err))
		fail(collector, &err);
	return NULL;
}

/* -- beginning and end ----------------------------------------------------------------------------------- */

static void collector_free(struct collector *collector)
{
	snapshot_unref(collector->ready);
	sampler_close(collector->sampler);
	if (collector->event_fd >= 0)
		close(collector->event_fd);
	pthread_cond_destroy(&collector->wake);
	pthread_mutex_destroy(&collector->mutex);
	free(collector);
}

static void collector_close(struct feed *feed)
{
	struct collector *collector = collector_of(feed);

	pthread_mutex_lock(&collector->mutex);
	collector->closing = true;
	pthread_cond_signal(&collector->wake);
	pthread_mutex_unlock(&collector->mutex);
	pthread_join(collector->thread, NULL);
	collector_free(collector);
}

/* Waits are reckoned by a clock that nobody sets. */
static void init_locks(struct collector *collector)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&collector->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&collector->mutex, NULL);
}

/* 0 or -errno. Signals are the view's: the thread is born with all of them blocked. */
static int start_thread(struct collector *collector)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int error;

	error = pthread_attr_init(&attr);
	if (error)
		return -error;
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&collector->thread, &attr, thread_main, collector);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (!error)
		pthread_setname_np(collector->thread, "memtide-collect");
	return -error;
}

static const struct feed_ops collector_ops = {
	.close = collector_close,
	.fd = collector_fd,
	.take = collector_take,
	.request = collector_request,
	.sample_now = collector_sample_now,
	.request_exact = collector_request_exact,
};

struct feed *feed_collector_open(const struct sampler_config *config, const struct rootfs *root,
				 struct users *users, struct err *err)
{
	struct collector *collector = calloc(1, sizeof *collector);
	int error;

	if (!collector) {
		err_set(err, "out of memory");
		return NULL;
	}
	collector->feed = (struct feed){ &collector_ops, root->live };
	collector->interval_ns = config->interval_ns;
	collector->mail.request = (struct feed_request){ .needs = config->needs, .interval_ns = config->interval_ns };
	init_locks(collector);
	collector->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	error = collector->event_fd < 0 ? -errno : 0;
	if (error)
		err_set(err, "cannot make an eventfd: %s", strerror(-error));
	else
		collector->sampler = sampler_open(config, root, users, err);
	if (collector->sampler) {
		error = start_thread(collector);
		if (!error)
			return &collector->feed;
		err_set(err, "cannot start a thread: %s", strerror(-error));
	}
	collector_free(collector);
	return NULL;
}
