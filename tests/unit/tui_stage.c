/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tui_stage.h"

static void ignore_request(struct feed *feed, const struct feed_request *request)
{
}

static const struct feed_ops feed_ops = { .request = ignore_request };

static void screen_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
}

static bool screen_command(struct view *view, struct app *app, enum command command)
{
	struct stage *stage = (struct stage *)((char *)view - offsetof(struct stage, screen));

	stage->command = command;
	return true;
}

static const struct view_ops screen_ops = {
	.name = "Processes",
	.context = CONTEXT_PROCESSES,
	.draw = screen_draw,
	.command = screen_command,
};

void stage_open(struct stage *stage, int rows, int columns)
{
	memset(stage, 0, sizeof *stage);
	stage->feed.ops = &feed_ops;
	stage->screen.ops = &screen_ops;
	stage->host.page_bytes = 4096;
	stage->host.cpus = 2;
	stage->app.config.feed = &stage->feed;
	settings_defaults(&stage->app.settings);
	stage->app.screens[0] = &stage->screen;
	stage->app.screen_count = 1;
	stage->app.snapshot = snapshot_new(&stage->host, 0);
	assert_non_null(stage->app.snapshot);
	stage->canvas = canvas_new(rows, columns, false);
	assert_non_null(stage->canvas);
}

void stage_close(struct stage *stage)
{
	while (stage->app.depth)
		app_pop(&stage->app);
	snapshot_unref(stage->app.snapshot);
	canvas_free(stage->canvas);
	buf_free(&stage->text);
}

void stage_keys(struct stage *stage, const char *keys)
{
	while (*keys) {
		size_t len = strcspn(keys, " ");
		struct event event = { .kind = EVENT_KEY, .key = key_parse(keys, len) };

		if (event.key == KEY_CODE_NONE)
			fail_msg("no key: %s", keys);
		app_event(&stage->app, &event);
		keys += len;
		keys += *keys == ' ';
	}
}

void stage_click(struct stage *stage, enum event_kind kind, int row, int column)
{
	const struct event event = { .kind = kind, .row = row, .column = column };

	app_event(&stage->app, &event);
}

static const char *text_of(struct stage *stage, bool styles)
{
	buf_clear(&stage->text);
	canvas_text(stage->canvas, styles, &stage->text);
	assert_false(stage->text.failed);
	return stage->text.data;
}

const char *stage_text(struct stage *stage)
{
	return text_of(stage, false);
}

const char *stage_draw(struct stage *stage)
{
	app_draw(&stage->app, stage->canvas);
	return text_of(stage, false);
}

const char *stage_draw_styles(struct stage *stage)
{
	app_draw(&stage->app, stage->canvas);
	return text_of(stage, true);
}

void stage_draw_sizes(struct stage *stage, int rows, int columns)
{
	for (int r = 1; r <= rows; r++)
		for (int c = 1; c <= columns; c++) {
			assert_int_equal(canvas_resize(stage->canvas, r, c), 0);
			canvas_set_ascii(stage->canvas, (r + c) % 2);
			app_draw(&stage->app, stage->canvas);
		}
	/* And on areas that no canvas has. */
	for (unsigned i = 0; i < stage->app.depth; i++)
		for (int size = -1; size <= 1; size++)
			stage->app.stack[i]->ops->draw(stage->app.stack[i], &stage->app, stage->canvas,
						       (struct area){ size, -size, size, 1 - size });
}

void stage_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}
