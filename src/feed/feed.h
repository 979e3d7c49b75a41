/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where an interactive view's snapshots come from: a collector in this program, later a daemon's socket or a
 * log. The view says what it shows; the feed sees to it that the snapshots have it. No call waits for a
 * sample.
 */
#ifndef FEED_FEED_H
#define FEED_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot.h"
#include "sampler/sampler.h"
#include "util/err.h"

struct feed_request {
	unsigned needs;			/* enum need bits of everything shown, sorted or filtered by */
	int64_t interval_ns;
	int32_t watch_pid;		/* see sampler_watch(); 0 for none */
	int64_t watch_start_time;
};

struct feed;

struct feed_ops {
	/* Snapshots taken must have been released: they point to the feed's host record. Waits for the
	 * sample under way, no longer. */
	void (*close)(struct feed *feed);

	/* Becomes readable when take() has something. */
	int (*fd)(const struct feed *feed);

	/* The newest snapshot, a reference of the caller's; NULL when there is none since the last call, or
	 * the feed has failed for good: then ERR is set (its text is not empty). */
	struct snapshot *(*take)(struct feed *feed, struct err *err);

	/* From the next sample on. What grows (needs) makes the next sample come at once. */
	void (*request)(struct feed *feed, const struct feed_request *request);

	void (*sample_now)(struct feed *feed);

	/* See sampler_request_exact(); the next sample comes at once. What becomes of it shows in the
	 * snapshots. */
	void (*request_exact)(struct feed *feed, int32_t pid);
};

struct feed {
	const struct feed_ops *ops;
	bool live;	/* the snapshots are of the running machine, now: its processes can be sent signals */
};

/* A thread that samples ROOT as CONFIG says; a snapshot that nobody has taken is replaced by the next.
 * Signals are blocked in it. NULL with ERR set. ROOT, USERS and what CONFIG points to are used by that thread
 * alone until close(). */
struct feed *feed_collector_open(const struct sampler_config *config, const struct rootfs *root,
				 struct users *users, struct err *err);

#endif
