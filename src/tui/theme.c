/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row a style. Colours are written for 24 bits and as one of the sixteen that older terminals have; the 256
 * are computed.
 *
 * Those of the dark palette are light enough for black and dark enough to be made out on white, since a
 * terminal that says nothing of its background gets them. Reverse video is the cursor's alone, and the cursor
 * has no colours: so it stands out everywhere.
 */
#include "tui/theme.h"

#include <stdlib.h>
#include <string.h>

#include "tui/canvas.h"

enum { OWN = -1 };

struct colour {
	int32_t rgb;		/* OWN: the terminal's */
	int8_t ansi;		/* OWN, 0 to 7, or 8 to 15 for bright ones */
};

struct row {
	unsigned mono, coloured;	/* enum look_attribute bits without and with colours */
	struct colour dark, light;
};

#define PLAIN { OWN, OWN }

static const struct row rows[STYLE_COUNT] = {
	[STYLE_NORMAL] = { 0, 0, PLAIN, PLAIN },
	[STYLE_DIM] = { LOOK_DIM, 0, { 0x8a8a8a, 8 }, { 0x6c6c6c, 8 } },
	[STYLE_STRONG] = { LOOK_BOLD, LOOK_BOLD, PLAIN, PLAIN },
	[STYLE_TITLE] = { LOOK_BOLD, LOOK_BOLD, { 0x0091c8, 6 }, { 0x005f87, 4 } },
	[STYLE_HEADING] = { LOOK_BOLD | LOOK_UNDERLINE, LOOK_UNDERLINE, { 0x0091c8, 6 }, { 0x005f87, 4 } },
	[STYLE_SORTED] = { LOOK_BOLD | LOOK_UNDERLINE, LOOK_BOLD | LOOK_UNDERLINE, { 0x1a9c3c, 10 }, { 0x00702a, 2 } },
	[STYLE_ABSENT] = { LOOK_DIM, 0, { 0x8a8a8a, 8 }, { 0x6c6c6c, 8 } },
	[STYLE_ESTIMATED] = { 0, 0, { 0x4c93b8, 6 }, { 0x00608a, 6 } },
	[STYLE_STALE] = { LOOK_DIM, 0, { 0xa08a60, 3 }, { 0x7a5c00, 3 } },
	[STYLE_RISE] = { 0, 0, { 0xb98a00, 3 }, { 0x8a5a00, 3 } },
	[STYLE_RISE_FAST] = { LOOK_BOLD, LOOK_BOLD, { 0xf05a50, 9 }, { 0xc00000, 1 } },
	[STYLE_FALL] = { 0, 0, { 0x1a9c3c, 2 }, { 0x00702a, 2 } },
	[STYLE_EXITED] = { LOOK_DIM, LOOK_DIM, { 0x8a8a8a, 8 }, { 0x6c6c6c, 8 } },
	[STYLE_THREAD] = { 0, 0, { 0x1a9c3c, 2 }, { 0x00702a, 2 } },
	[STYLE_GROUP] = { LOOK_BOLD, LOOK_BOLD, { 0x5c8ce6, 12 }, { 0x1c4fb0, 4 } },
	[STYLE_TAGGED] = { LOOK_BOLD | LOOK_UNDERLINE, LOOK_BOLD, { 0xb98a00, 11 }, { 0x8a5a00, 3 } },
	[STYLE_MATCH] = { LOOK_UNDERLINE, LOOK_UNDERLINE, { 0xb98a00, 11 }, { 0x8a5a00, 5 } },
	[STYLE_TREE] = { LOOK_DIM, 0, { 0x5f8a8a, 6 }, { 0x4a6a6a, 6 } },
	[STYLE_KEY] = { LOOK_BOLD, LOOK_BOLD, PLAIN, PLAIN },
	[STYLE_LABEL] = { 0, 0, { 0x0091c8, 6 }, { 0x005f87, 4 } },
	[STYLE_PROMPT] = { LOOK_BOLD, LOOK_BOLD, PLAIN, PLAIN },
	[STYLE_NOTICE] = { LOOK_BOLD, 0, { 0xb98a00, 11 }, { 0x8a5a00, 5 } },
	[STYLE_ERROR] = { LOOK_BOLD | LOOK_UNDERLINE, LOOK_BOLD, { 0xf05a50, 9 }, { 0xc00000, 1 } },
	[STYLE_GOOD] = { 0, 0, { 0x1a9c3c, 2 }, { 0x00702a, 2 } },
	[STYLE_HIGH] = { LOOK_BOLD, LOOK_BOLD, { 0xf05a50, 9 }, { 0xc00000, 1 } },
	[STYLE_ANON] = { LOOK_BOLD, 0, { 0x1fa045, 10 }, { 0x00702a, 2 } },
	[STYLE_FILE] = { 0, 0, { 0x5c8ce6, 12 }, { 0x1c4fb0, 4 } },
	[STYLE_SHMEM] = { LOOK_UNDERLINE, 0, { 0xc268c2, 13 }, { 0x8f1f8f, 5 } },
	[STYLE_SLAB] = { LOOK_DIM, 0, { 0xb98a00, 11 }, { 0x8a5a00, 3 } },
	[STYLE_PAGETABLES] = { LOOK_BOLD | LOOK_UNDERLINE, 0, { 0x0a9a9a, 6 }, { 0x006a6a, 6 } },
	[STYLE_HUGE] = { LOOK_DIM | LOOK_UNDERLINE, 0, { 0x7f9a20, 2 }, { 0x4a6200, 10 } },
	[STYLE_KERNEL] = { LOOK_BOLD | LOOK_DIM, 0, { 0xc87830, 3 }, { 0xaf3f00, 11 } },
	[STYLE_SWAP] = { LOOK_BOLD, LOOK_BOLD, { 0xf05a50, 9 }, { 0xc00000, 1 } },
	[STYLE_FREE] = { LOOK_DIM, 0, { 0x8a8a8a, 8 }, { 0x6c6c6c, 8 } },
	[STYLE_GRAPH] = { 0, 0, { 0x0091c8, 14 }, { 0x005f87, 12 } },
};

static const char *const names[PALETTE_COUNT] = {
	[PALETTE_AUTO] = "auto",
	[PALETTE_DARK] = "dark",
	[PALETTE_LIGHT] = "light",
	[PALETTE_MONO] = "mono",
};

int palette_find(const char *name)
{
	for (int i = 0; i < PALETTE_COUNT; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

const char *palette_name(enum palette palette)
{
	return names[palette];
}

/* COLORFGBG is FOREGROUND;BACKGROUND, or has a third number between, each one of the sixteen: rxvt(1),
 * followed by others. */
static bool background_is_light(void)
{
	const char *colours = getenv("COLORFGBG"), *last = colours ? strrchr(colours, ';') : NULL;
	char *end;
	long background;

	if (!last)
		return false;
	background = strtol(last + 1, &end, 10);
	return end > last + 1 && !*end && (background == 7 || (background > 8 && background < 16));
}

enum palette palette_resolve(enum palette palette)
{
	const char *no_color = getenv("NO_COLOR");

	if (palette != PALETTE_AUTO)
		return palette;
	if (no_color && *no_color)
		return PALETTE_MONO;
	return background_is_light() ? PALETTE_LIGHT : PALETTE_DARK;
}

/* The colours from 16 on are a cube of six levels each, then 24 greys: xterm's 256colres.h, and everybody's
 * since. */
static int32_t nearest_of_256(int32_t rgb)
{
	static const int levels[] = { 0, 95, 135, 175, 215, 255 };
	int32_t parts[] = { rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255 };
	int32_t cube = 0, cube_error = 0, grey, grey_error = 0;

	for (int i = 0; i < 3; i++) {
		int best = 0;

		for (int level = 1; level < 6; level++)
			if (abs(levels[level] - parts[i]) < abs(levels[best] - parts[i]))
				best = level;
		cube = cube * 6 + best;
		cube_error += (levels[best] - parts[i]) * (levels[best] - parts[i]);
	}
	grey = ((parts[0] + parts[1] + parts[2]) / 3 - 3) / 10;
	grey = grey < 0 ? 0 : grey > 23 ? 23 : grey;
	for (int i = 0; i < 3; i++)
		grey_error += (8 + 10 * grey - parts[i]) * (8 + 10 * grey - parts[i]);
	return grey_error < cube_error ? 232 + grey : 16 + cube;
}

/* Bright colours of eight are bold, but for grey: bold black is black on many terminals. */
static void use_eight(struct look *look, int ansi)
{
	if (ansi == 8)
		look->attributes |= LOOK_DIM;
	else if (ansi > 8)
		look->attributes |= LOOK_BOLD;
	look->foreground = ansi == 8 ? OWN : ansi > 8 ? ansi - 8 : ansi;
}

struct look theme_look(enum palette palette, enum depth depth, enum style style, unsigned flags)
{
	const struct row *row = &rows[style];
	struct look look = { OWN, OWN, row->coloured };
	struct colour colour;

	palette = palette_resolve(palette);
	if (palette == PALETTE_MONO || depth == DEPTH_MONO || (flags & CELL_CURSOR)) {
		look.attributes = row->mono;
		if (flags & CELL_CURSOR)
			look.attributes = (look.attributes & ~(unsigned)LOOK_DIM) | LOOK_REVERSE;
		return look;
	}
	colour = palette == PALETTE_LIGHT ? row->light : row->dark;
	if (colour.rgb == OWN)
		return look;
	switch (depth) {
	case DEPTH_RGB:
		look.foreground = colour.rgb;
		break;
	case DEPTH_256:
		look.foreground = nearest_of_256(colour.rgb);
		break;
	case DEPTH_16:
		look.foreground = colour.ansi;
		break;
	default:
		use_eight(&look, colour.ansi);
		break;
	}
	return look;
}
