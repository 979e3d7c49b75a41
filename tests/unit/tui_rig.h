/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interface on snapshots of a test's choice: keys go in, lines of ASCII text come out. Include after
 * cmocka.h. */
#ifndef TESTS_TUI_RIG_H
#define TESTS_TUI_RIG_H

#include "source/users.h"
#include "tui/app.h"
#include "util/buf.h"

struct rig {
	struct feed feed;		/* first; takes no samples of its own */
	struct feed_request request;	/* as last sent to it */
	int32_t exact_pid;		/* asked for last */
	unsigned samples_asked;
	struct rootfs root;
	struct users *users;
	struct sampler *sampler;	/* NULL without a tree */
	struct host host;		/* of snapshots made by hand */
	struct app *app;
	struct canvas *canvas;
	struct buf text;		/* of the last rig_draw() */
};

/* ROOT: a captured tree below tests/fixtures, "/" for this machine, NULL for none. CONFIG may be NULL; feed
 * and root are filled in, and the settings are the built-in ones. */
void rig_open(struct rig *rig, const char *root, const struct app_config *config);
void rig_close(struct rig *rig);

/* A sample of the tree with everything in it, which is then shown. */
void rig_sample(struct rig *rig);

/* An empty snapshot to be filled; rig_show() takes it over. */
struct snapshot *rig_snapshot(struct rig *rig, int64_t boottime_ns);
void rig_show(struct rig *rig, struct snapshot *snapshot);

void rig_key(struct rig *rig, const char *name);	/* as key_parse() takes them */
void rig_type(struct rig *rig, const char *text);	/* ASCII */
void rig_event(struct rig *rig, enum event_kind kind, int row, int column);

/* Draws everything in ROWS x COLUMNS. */
void rig_draw(struct rig *rig, int rows, int columns);

/* Row ROW of what was drawn; it stays until the next call. Never NULL. */
const char *rig_line(const struct rig *rig, int row);

/* The row that contains TEXT, from ROW on; -1 when there is none. */
int rig_find(const struct rig *rig, int row, const char *text);

/* What stands in row ROW under the title TITLE of the titles in row TITLES: up to the blanks around it. ""
 * when the column is not shown. For columns aligned to the right; it stays until the next call. */
const char *rig_cell(const struct rig *rig, int titles, int row, const char *title);

#endif
