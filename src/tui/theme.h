/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How each style looks, for each number of colours and for dark and light backgrounds. One table; no curses
 * here. */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdint.h>

#include "tui/style.h"

enum palette {
	PALETTE_AUTO,	/* what the terminal says of itself: COLORFGBG, NO_COLOR, its number of colours */
	PALETTE_DARK,	/* for dark backgrounds */
	PALETTE_LIGHT,
	PALETTE_MONO,	/* no colours: bold, underline and reverse only */
	PALETTE_COUNT
};

enum depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256, DEPTH_RGB };

enum look_attribute { LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_UNDERLINE = 4, LOOK_REVERSE = 8 };

struct look {
	int32_t foreground, background;	/* -1: the terminal's own; else an index, or 0xRRGGBB with DEPTH_RGB */
	unsigned attributes;
};

/* "auto", "dark", "light", "mono"; -1 when NAME is none of them. */
int palette_find(const char *name);
const char *palette_name(enum palette palette);

/* What PALETTE_AUTO stands for in this environment (NO_COLOR, COLORFGBG): dark, light or mono. */
enum palette palette_resolve(enum palette palette);

/* FLAGS are those of the cell. In every depth, what differs in meaning differs also without colour (by its
 * mark, if not by an attribute), and the cursor line can be told from all others. */
struct look theme_look(enum palette palette, enum depth depth, enum style style, unsigned flags);

#endif
