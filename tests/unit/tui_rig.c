/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui_rig.h"

enum { HANDMADE_PAGE = 4096, HANDMADE_TICKS = 100 };

static void feed_close(struct feed *feed)
{
	(void)feed;
}

static int feed_fd(const struct feed *feed)
{
	(void)feed;
	return -1;
}

static struct snapshot *feed_take(struct feed *feed, struct err *err)
{
	(void)feed;
	*err->text = '\0';
	return NULL;
}

static void feed_request(struct feed *feed, const struct feed_request *request)
{
	((struct rig *)feed)->request = *request;
}

static void feed_sample_now(struct feed *feed)
{
	((struct rig *)feed)->samples_asked++;
}

static void feed_request_exact(struct feed *feed, int32_t pid)
{
	((struct rig *)feed)->exact_pid = pid;
}

static const struct feed_ops feed_ops = {
	.close = feed_close,
	.fd = feed_fd,
	.take = feed_take,
	.request = feed_request,
	.sample_now = feed_sample_now,
	.request_exact = feed_request_exact,
};

static void open_tree(struct rig *rig, const char *root)
{
	struct sampler_config config = { .needs = (NEED_THREADS << 1) - 1,
					 .interval_ns = 1000000000,
					 .tier = TIER_PROCFS,
					 .pss_budget_ppm = 900000,
					 .pss_first_budget_ppm = 900000,
					 .stall_limit_ns = INT64_C(10000000000),
					 .pss_max_age_ns = 1000000000 };
	struct err err = { "" };
	char path[4096];

	snprintf(path, sizeof path, "%s/fixtures/%s", TEST_DATA_DIR, root);
	if (rootfs_open(&rig->root, strcmp(root, "/") ? path : NULL, &err))
		fail_msg("%s", err.text);
	rig->users = users_open(&rig->root);
	assert_non_null(rig->users);
	rig->sampler = sampler_open(&config, &rig->root, rig->users, &err);
	if (!rig->sampler)
		fail_msg("%s", err.text);
	rig->feed.live = rig->root.live;
}

void rig_open(struct rig *rig, const char *root, const struct app_config *config)
{
	struct app_config filled = config ? *config : (struct app_config){ 0 };

	*rig = (struct rig){ .feed.ops = &feed_ops,
			     .host = { .page_bytes = HANDMADE_PAGE,
				       .clock_ticks = HANDMADE_TICKS,
				       .cpus = 1,
				       .task_tier = "procfs" } };
	if (root)
		open_tree(rig, root);
	filled.feed = &rig->feed;
	filled.root = &rig->root;
	settings_defaults(&filled.settings);
	rig->app = app_new(&filled);
	rig->canvas = canvas_new(1, 1, true);
	assert_true(rig->app && rig->canvas);
}

void rig_close(struct rig *rig)
{
	app_free(rig->app);
	canvas_free(rig->canvas);
	buf_free(&rig->text);
	if (!rig->sampler)
		return;
	sampler_close(rig->sampler);
	users_close(rig->users);
	rootfs_close(&rig->root);
}

void rig_sample(struct rig *rig)
{
	struct err err = { "" };
	struct snapshot *snapshot;

	if (!rig->app->snapshot && sampler_prime(rig->sampler, &err))
		fail_msg("%s", err.text);
	while (!sampler_first_pass(rig->sampler, 100000000))
		;
	snapshot = sampler_sample(rig->sampler, &err);
	if (!snapshot)
		fail_msg("%s", err.text);
	rig_show(rig, snapshot);
}

struct snapshot *rig_snapshot(struct rig *rig, int64_t boottime_ns)
{
	struct snapshot *snapshot = snapshot_new(&rig->host, 16);

	assert_non_null(snapshot);
	snapshot->boottime_ns = boottime_ns;
	return snapshot;
}

void rig_show(struct rig *rig, struct snapshot *snapshot)
{
	app_snapshot(rig->app, snapshot);
}

void rig_event(struct rig *rig, enum event_kind kind, int row, int column)
{
	struct event event = { .kind = kind, .row = row, .column = column };

	app_event(rig->app, &event);
}

void rig_key(struct rig *rig, const char *name)
{
	struct event event = { .kind = EVENT_KEY, .key = key_parse(name, strlen(name)) };

	if (event.key == KEY_CODE_NONE)
		fail_msg("no key is named %s", name);
	app_event(rig->app, &event);
}

void rig_type(struct rig *rig, const char *text)
{
	for (; *text; text++) {
		struct event event = { .kind = EVENT_KEY, .key = *text };

		app_event(rig->app, &event);
	}
}

void rig_draw(struct rig *rig, int rows, int columns)
{
	assert_int_equal(canvas_resize(rig->canvas, rows, columns), 0);
	app_draw(rig->app, rig->canvas);
	buf_clear(&rig->text);
	canvas_text(rig->canvas, false, &rig->text);
	assert_false(rig->text.failed);
}

const char *rig_line(const struct rig *rig, int row)
{
	static char line[CANVAS_COLUMNS_MAX + 1];
	const char *at = rig->text.data;
	size_t len;

	for (int i = 0; i < row && at; i++) {
		at = strchr(at, '\n');
		at += at != NULL;
	}
	len = at ? strcspn(at, "\n") : 0;
	assert_true(len < sizeof line);
	memcpy(line, at ? at : "", len);
	line[len] = '\0';
	return line;
}

int rig_find(const struct rig *rig, int row, const char *text)
{
	for (; row < canvas_rows(rig->canvas); row++)
		if (strstr(rig_line(rig, row), text))
			return row;
	return -1;
}

/* The column behind the title that is TITLE, whatever mark of the order stands before it; -1 when there is
 * none. */
static int title_end(const struct rig *rig, int titles, const char *title)
{
	const char *line = rig_line(rig, titles);
	size_t len = strlen(title);

	for (const char *at = line; (at = strstr(at, title)); at++) {
		bool marked = at > line && (at[-1] == 'v' || at[-1] == '^');
		bool begins = at == line || at[-1] == ' ' || at[-1] == '<' || at[-1] == '>' || marked;

		/* The mark of the next title may stand in the gap. */
		if (begins && (!at[len] || strchr(" >v^", at[len])))
			return (int)(at - line) + (int)len;
	}
	return -1;
}

const char *rig_cell(const struct rig *rig, int titles, int row, const char *title)
{
	static char cell[64];
	int end = title_end(rig, titles, title), start = end;
	const char *line = rig_line(rig, row);

	*cell = '\0';
	if (end < 0 || (size_t)end > strlen(line))
		return cell;
	while (start && line[start - 1] != ' ')
		start--;
	snprintf(cell, sizeof cell, "%.*s", end - start, line + start);
	return cell;
}
