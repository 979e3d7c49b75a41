/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tui/script_feed.h"

#include <stdlib.h>

#include "source/users.h"

struct script_feed {
	struct feed feed;
	struct users *users;
	struct sampler *sampler;
	struct err err;
	bool sampled;
};

static void feed_close(struct feed *feed)
{
	struct script_feed *script = (struct script_feed *)feed;

	sampler_close(script->sampler);
	users_close(script->users);
	free(script);
}

static int feed_fd(const struct feed *feed)
{
	(void)feed;
	return -1;
}

static struct snapshot *feed_take(struct feed *feed, struct err *err)
{
	struct script_feed *script = (struct script_feed *)feed;

	if (*script->err.text) {
		*err = script->err;
		return NULL;
	}
	if (!script->sampled && sampler_prime(script->sampler, err))
		return NULL;
	script->sampled = true;
	while (!sampler_first_pass(script->sampler, 100000000))
		;
	return sampler_sample(script->sampler, err);
}

static void feed_request(struct feed *feed, const struct feed_request *request)
{
	struct script_feed *script = (struct script_feed *)feed;

	if (!*script->err.text)
		sampler_set_needs(script->sampler, request->needs, &script->err);
	sampler_set_interval(script->sampler, request->interval_ns);
	sampler_watch(script->sampler, request->watch_pid, request->watch_start_time);
}

static void feed_sample_now(struct feed *feed)
{
	(void)feed;
}

static void feed_request_exact(struct feed *feed, int32_t pid)
{
	struct script_feed *script = (struct script_feed *)feed;

	sampler_request_exact(script->sampler, pid);
}

static const struct feed_ops ops = {
	.close = feed_close,
	.fd = feed_fd,
	.take = feed_take,
	.request = feed_request,
	.sample_now = feed_sample_now,
	.request_exact = feed_request_exact,
};

struct feed *script_feed_open(const struct rootfs *root, struct err *err)
{
	struct sampler_config config = {
		.needs = NEED_CORE | NEED_SYSTEM,
		.interval_ns = 1000000000,
		.tier = TIER_PROCFS,
		.pss_budget_ppm = 1000000,
		.pss_first_budget_ppm = 1000000,
		.stall_limit_ns = 10000000,
		.pss_max_age_ns = 120000000000,
		.probes = { .allowed = true, .faults = { .tier = -1, .part = FAULT_PART_LATENCY } },
	};
	struct script_feed *script = calloc(1, sizeof *script);

	if (!script) {
		err_set(err, "out of memory");
		return NULL;
	}
	script->feed.ops = &ops;
	script->users = users_open(root);
	if (script->users)
		script->sampler = sampler_open(&config, root, script->users, err);
	if (!script->sampler) {
		users_close(script->users);
		free(script);
		return NULL;
	}
	return &script->feed;
}
