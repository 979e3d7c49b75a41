/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cell means. How that looks is the theme's business (tui/theme.h): views never name a colour. */
#ifndef TUI_STYLE_H
#define TUI_STYLE_H

/* STYLE(name, letter): the letter stands for it in tests, unique and lower case or a sign. */
#define STYLES(STYLE) \
	STYLE(NORMAL, ' ')	/* plain text */ \
	STYLE(DIM, 'd')		/* less important: zeros, units, help of what is not chosen */ \
	STYLE(STRONG, 'b')	/* more important: names, totals */ \
	STYLE(TITLE, 't')	/* title of a screen, page or box */ \
	STYLE(HEADING, 'h')	/* the line of column titles */ \
	STYLE(SORTED, 'o')	/* the title of the column that is sorted by */ \
	STYLE(ABSENT, '0')	/* a mark instead of an amount: deny, none, -, ... */ \
	STYLE(ESTIMATED, 'e')	/* an estimated amount; its '~' says so without colour */ \
	STYLE(STALE, 'l')	/* a stale amount; its "'" says so without colour */ \
	STYLE(RISE, 'r')	/* growing */ \
	STYLE(RISE_FAST, 'R')	/* growing fast */ \
	STYLE(FALL, 'f')	/* shrinking */ \
	STYLE(EXITED, 'x')	/* a process that has ended */ \
	STYLE(THREAD, 'c')	/* a thread's row */ \
	STYLE(GROUP, 'g')	/* a cgroup's row among processes */ \
	STYLE(TAGGED, 'y')	/* a tagged row */ \
	STYLE(MATCH, 'm')	/* what a search found */ \
	STYLE(TREE, '|')	/* tree lines, axes, frames */ \
	STYLE(KEY, 'k')		/* the name of a key */ \
	STYLE(LABEL, 'a')	/* what the key does, in the bar at the bottom */ \
	STYLE(PROMPT, 'p')	/* the line being typed */ \
	STYLE(NOTICE, 'n')	/* something is missing */ \
	STYLE(ERROR, '!')	/* something failed */ \
	STYLE(GOOD, '+')	/* fine: well below a limit */ \
	STYLE(HIGH, '^')	/* near a limit */ \
	STYLE(ANON, '1')	/* kinds of memory, in bars and graphs */ \
	STYLE(FILE, '2') \
	STYLE(SHMEM, '3') \
	STYLE(SLAB, '4') \
	STYLE(PAGETABLES, '5') \
	STYLE(HUGE, '6') \
	STYLE(KERNEL, '7')	/* what else the kernel holds */ \
	STYLE(SWAP, '8') \
	STYLE(FREE, '9') \
	STYLE(GRAPH, 'v')	/* a curve of anything else */

enum style {
#define STYLE_ENUM(name, letter) STYLE_##name,
	STYLES(STYLE_ENUM)
#undef STYLE_ENUM
	STYLE_COUNT
};

char style_letter(enum style style);

#endif
