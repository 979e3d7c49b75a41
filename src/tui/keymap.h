/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys. One table (keymap.def) says which key does what where; the help screen, the bar at the bottom and the manual page come
 * from it. In one context a key is bound at most once; a unit test sees to that.
 */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/event.h"

/* Where a key has its meaning; a view belongs to one. A row of the table names several. */
enum context {
	CONTEXT_PROCESSES = 1 << 0,
	CONTEXT_CGROUPS	= 1 << 1,	/* the screen of cgroup records */
	CONTEXT_MACHINE	= 1 << 2,	/* the screen of system metrics */
	CONTEXT_DETAIL	= 1 << 3,	/* one process */
	CONTEXT_GRAPH	= 1 << 4,
	CONTEXT_FIELDS	= 1 << 5,
	CONTEXT_CHOOSER	= 1 << 6,
	CONTEXT_TEXT	= 1 << 7,	/* text to read: help, notices */
	CONTEXT_FAULTS	= 1 << 8,	/* the screen of page faults */
	/* sets */
	CONTEXT_SCREENS	= CONTEXT_PROCESSES | CONTEXT_CGROUPS | CONTEXT_MACHINE | CONTEXT_FAULTS,
	CONTEXT_TABLES	= CONTEXT_PROCESSES | CONTEXT_CGROUPS,
	CONTEXT_SORTED	= CONTEXT_TABLES | CONTEXT_FAULTS,
	CONTEXT_LISTS	= CONTEXT_SCREENS | CONTEXT_FIELDS | CONTEXT_CHOOSER,
	CONTEXT_MAIN	= CONTEXT_SCREENS | CONTEXT_DETAIL | CONTEXT_GRAPH,
	CONTEXT_ALL	= (1 << 9) - 1
};

enum command {
	COMMAND_NONE,
#define KEYS(id, ...) COMMAND_##id,
#include "tui/keymap.def"
#undef KEYS
	COMMAND_COUNT
};

enum key_group { KEYS_MOVING, KEYS_SCREENS, KEYS_SHOWING, KEYS_SORTING, KEYS_SELECTING, KEYS_ACTING, KEYS_EDITING, KEYS_GROUP_COUNT };

enum { KEYS_MAX = 5 };

struct key_binding {
	enum command command;
	const char *name;		/* "sort-memory": in scripts and the manual */
	enum key_group group;
	unsigned contexts;		/* enum context bits */
	int32_t keys[KEYS_MAX];		/* 0 ends */
	const char *label;		/* at most 7 columns, for the bar at the bottom; NULL: not there */
	const char *help;		/* a phrase without a final stop */
	bool writes;			/* acts on the machine: not there with --read-only */
};

/* The command that KEY has in CONTEXT (one bit), or COMMAND_NONE. READ_ONLY leaves out what acts on the machine. */
enum command keymap_find(enum context context, int32_t key, bool read_only);

/* Row I of the table, COMMAND I + 1; I below COMMAND_COUNT - 1. */
const struct key_binding *keymap_row(unsigned i);

const char *keymap_group_title(enum key_group group);

#endif
