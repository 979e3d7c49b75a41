/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives the TUI without a terminal: a script of keys goes in, screens come out as text.
 *
 *	memtide-screen [--styles] <SCRIPT
 *
 * Commands, one a line; # begins a comment:
 *	root DIR		a captured tree ("/" is this machine); must come first
 *	size ROWS COLUMNS	also while it runs: a resize
 *	ascii | utf8		characters of the canvas (utf8)
 *	set KEY VALUE		a setting, as in the file: "set processes.sort pid"
 *	read-only
 *	key NAME...		keys by name, as the help shows them
 *	type TEXT		the characters of the rest of the line
 *	click ROW COLUMN | double ROW COLUMN | wheel up|down
 *	sample			takes one more sample
 *	screen			prints the screen
 *	random SEED COUNT	COUNT random keys, mouse events, resizes and samples, drawing after each
 * Exit status: 0 done, 1 something failed, 2 the script is wrong.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tui/script_feed.h"
#include "tui/app.h"
#include "util/buf.h"
#include "util/rootfs.h"

struct script {
	struct rootfs root;
	struct feed *feed;
	struct app *app;
	struct canvas *canvas;
	struct settings settings;
	bool read_only, styles;
	int rows, columns;
	bool ascii;
	unsigned line;
	uint64_t random;
};

static int wrong(const struct script *script, const char *why, const char *what)
{
	fprintf(stderr, "memtide-screen: line %u: %s: %s\n", script->line, why, what);
	return 2;
}

static int failed(const struct err *err)
{
	fprintf(stderr, "memtide-screen: %s\n", err->text);
	return 1;
}

static int sample(struct script *script)
{
	struct err err = { "" };
	struct snapshot *snapshot = script->feed->ops->take(script->feed, &err);

	if (!snapshot)
		return failed(&err);
	app_snapshot(script->app, snapshot);
	return 0;
}

/* The app begins with the first command that needs it, when size and settings are known. */
static int start(struct script *script)
{
	struct app_config config = { .feed = script->feed, .root = &script->root, .settings = script->settings,
				     .read_only = script->read_only };

	if (script->app)
		return 0;
	if (!script->feed)
		return wrong(script, "no root", "it must come first");
	script->canvas = canvas_new(script->rows, script->columns, script->ascii);
	script->app = script->canvas ? app_new(&config) : NULL;
	if (!script->app)
		return wrong(script, "start", "out of memory");
	if (sample(script))
		return 1;
	app_draw(script->app, script->canvas);
	return 0;
}

static void draw(struct script *script)
{
	app_draw(script->app, script->canvas);
}

static int send(struct script *script, struct event event)
{
	int status = start(script);

	if (!status) {
		app_event(script->app, &event);
		draw(script);
	}
	return status;
}

/* -- commands --------------------------------------------------------------------------------------------- */

static int do_root(struct script *script, char *rest)
{
	struct err err = { "" };

	if (script->feed)
		return wrong(script, "second root", rest);
	if (rootfs_open(&script->root, strcmp(rest, "/") ? rest : NULL, &err))
		return failed(&err);
	script->feed = script_feed_open(&script->root, &err);
	return script->feed ? 0 : failed(&err);
}

static int do_size(struct script *script, char *rest)
{
	if (sscanf(rest, "%d %d", &script->rows, &script->columns) != 2)
		return wrong(script, "size", rest);
	if (!script->canvas)
		return 0;
	if (canvas_resize(script->canvas, script->rows, script->columns))
		return wrong(script, "size", "out of memory");
	return send(script, (struct event){ .kind = EVENT_RESIZE, .row = script->rows, .column = script->columns });
}

static int do_set(struct script *script, char *rest)
{
	char *dot = strchr(rest, '.'), *value = strchr(rest, ' ');
	struct buf text = { 0 };
	struct err err = { "" };
	int ret;

	if (!dot || !value || dot > value)
		return wrong(script, "set", "SECTION.KEY VALUE expected");
	*dot = *value = '\0';
	buf_printf(&text, "[memtide]\nschema = 1\n[%s]\n%s = %s\n", rest, dot + 1, value + 1);
	ret = text.failed ? -1 : settings_parse(&script->settings, text.data, text.len, &err);
	buf_free(&text);
	return ret ? failed(&err) : 0;
}

static int do_key(struct script *script, char *rest)
{
	int status = 0;

	for (char *name = strtok(rest, " "); name && !status; name = strtok(NULL, " ")) {
		int32_t key = key_parse(name, strlen(name));

		if (key == KEY_CODE_NONE)
			return wrong(script, "no such key", name);
		status = send(script, (struct event){ .kind = EVENT_KEY, .key = key });
	}
	return status;
}

static int do_type(struct script *script, char *rest)
{
	int status = 0;

	for (size_t len; *rest && !status; rest += len) {
		int32_t key;

		for (len = 1; ((unsigned char)rest[len] & 0xc0) == 0x80;)
			len++;
		key = *rest == ' ' ? ' ' : key_parse(rest, len);
		status = send(script, (struct event){ .kind = EVENT_KEY, .key = key });
	}
	return status;
}

static int do_click(struct script *script, char *rest)
{
	struct event event = { .kind = EVENT_CLICK };

	if (sscanf(rest, "%d %d", &event.row, &event.column) != 2)
		return wrong(script, "ROW COLUMN expected", rest);
	return send(script, event);
}

static int do_double(struct script *script, char *rest)
{
	struct event event = { .kind = EVENT_DOUBLE_CLICK };

	if (sscanf(rest, "%d %d", &event.row, &event.column) != 2)
		return wrong(script, "ROW COLUMN expected", rest);
	return send(script, event);
}

static int do_wheel(struct script *script, char *rest)
{
	bool up = !strcmp(rest, "up");

	if (!up && strcmp(rest, "down"))
		return wrong(script, "up or down expected", rest);
	return send(script, (struct event){ .kind = up ? EVENT_WHEEL_UP : EVENT_WHEEL_DOWN });
}

static int do_sample(struct script *script, char *rest)
{
	int status = start(script);

	(void)rest;
	return status ? status : sample(script);
}

static int do_screen(struct script *script, char *rest)
{
	struct buf out = { 0 };
	int status = start(script);

	(void)rest;
	if (status)
		return status;
	draw(script);
	canvas_text(script->canvas, script->styles, &out);
	if (out.failed || fwrite(out.data, 1, out.len, stdout) != out.len)
		status = 1;
	buf_free(&out);
	return status;
}

static int do_ascii(struct script *script, char *rest)
{
	(void)rest;
	script->ascii = true;
	return 0;
}

static int do_utf8(struct script *script, char *rest)
{
	(void)rest;
	script->ascii = false;
	return 0;
}

static int do_read_only(struct script *script, char *rest)
{
	(void)rest;
	script->read_only = true;
	return 0;
}

/* -- random use ------------------------------------------------------------------------------------------- */

/* xorshift64*: the same everywhere. */
static uint64_t next_random(struct script *script)
{
	script->random ^= script->random >> 12;
	script->random ^= script->random << 25;
	script->random ^= script->random >> 27;
	return script->random * UINT64_C(2685821657736338717);
}

static int below(struct script *script, int limit)
{
	return (int)(next_random(script) >> 33) % limit;
}

/* Bound keys mostly, so that every view is reached; never the end of the program. */
static int32_t random_key(struct script *script)
{
	int kind = below(script, 20);

	if (kind == 0)
		return below(script, 0x3000) + 1;
	if (kind < 4)
		return 'a' + below(script, 26);
	if (kind < 6)
		return KEY_CODE_FIRST + below(script, KEY_CODE_END_OF_CODES - KEY_CODE_FIRST);

	const struct key_binding *row = keymap_row((unsigned)below(script, COMMAND_COUNT - 1));
	int count = 1;

	while (count < KEYS_MAX && row->keys[count])
		count++;
	return row->keys[below(script, count)];
}

static int random_step(struct script *script)
{
	struct event event = { .kind = EVENT_KEY };
	char size[32];

	switch (below(script, 12)) {
	case 0:
		snprintf(size, sizeof size, "%d %d", 1 + below(script, below(script, 4) ? 60 : 500),
			 1 + below(script, below(script, 4) ? 200 : 500));
		return do_size(script, size);
	case 1:
		event.kind = EVENT_CLICK + below(script, 4);
		event.row = below(script, script->rows + 2) - 1;
		event.column = below(script, script->columns + 2) - 1;
		return send(script, event);
	case 2:
		return below(script, 4) ? 0 : sample(script);
	default:
		event.key = random_key(script);
		return send(script, event);
	}
}

static int do_random(struct script *script, char *rest)
{
	unsigned long long seed, count;
	int status = start(script);

	if (status)
		return status;
	if (sscanf(rest, "%llu %llu", &seed, &count) != 2)
		return wrong(script, "SEED COUNT expected", rest);
	script->random = seed * 2 + 1;
	for (unsigned long long i = 0; i < count && !status; i++)
		status = random_step(script);
	return status;
}

/* -- reading ---------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*run)(struct script *script, char *rest);
} commands[] = {
	{ "root", do_root },	 { "size", do_size },	  { "ascii", do_ascii }, { "utf8", do_utf8 },
	{ "set", do_set },	 { "read-only", do_read_only }, { "key", do_key }, { "type", do_type },
	{ "click", do_click },	 { "double", do_double }, { "wheel", do_wheel }, { "sample", do_sample },
	{ "screen", do_screen }, { "random", do_random },
};

static int run_line(struct script *script, char *line)
{
	char *rest;

	line[strcspn(line, "\n")] = '\0';
	if (!*line || *line == '#')
		return 0;
	rest = line + strcspn(line, " ");
	if (*rest)
		*rest++ = '\0';
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(commands[i].name, line))
			return commands[i].run(script, rest);
	return wrong(script, "no such command", line);
}

int main(int argc, char **argv)
{
	static struct script script = { .rows = 24, .columns = 80 };
	char line[1024];
	int status = 0;

	setlocale(LC_CTYPE, "C.UTF-8");
	script.styles = argc > 1 && !strcmp(argv[1], "--styles");
	settings_defaults(&script.settings);
	while (!status && fgets(line, sizeof line, stdin)) {
		script.line++;
		status = run_line(&script, line);
	}
	app_free(script.app);
	canvas_free(script.canvas);
	if (script.feed) {
		script.feed->ops->close(script.feed);
		rootfs_close(&script.root);
	}
	return status;
}
