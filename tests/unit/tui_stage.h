/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An app with one empty screen, a hand-made snapshot and a canvas: what parts of the interface are tried on.
 * After cmocka.h. */
#ifndef TESTS_TUI_STAGE_H
#define TESTS_TUI_STAGE_H

#include "tui/app.h"

struct stage {
	struct app app;
	struct feed feed;
	struct host host;
	struct view screen;		/* of CONTEXT_PROCESSES; draws nothing */
	enum command command;		/* the last the screen was given */
	struct canvas *canvas;
	struct buf text;
};

/* A canvas of ROWS x COLUMNS in UTF-8, default settings, a snapshot without processes. */
void stage_open(struct stage *stage, int rows, int columns);
void stage_close(struct stage *stage);

/* Presses keys by their names, separated by blanks: "Down Down Enter". */
void stage_keys(struct stage *stage, const char *keys);
void stage_click(struct stage *stage, enum event_kind kind, int row, int column);

/* Draws the whole app; what is on the canvas, with lines of styles if wanted, until the next call. */
const char *stage_draw(struct stage *stage);
const char *stage_draw_styles(struct stage *stage);

/* What is on the canvas, without drawing. */
const char *stage_text(struct stage *stage);

/* Draws everything on canvases of all sizes up to ROWS x COLUMNS, in ASCII too. */
void stage_draw_sizes(struct stage *stage, int rows, int columns);

/* Fails, with the text, unless it contains PART. */
void stage_has(const char *text, const char *part);

#endif
