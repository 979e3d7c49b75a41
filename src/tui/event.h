/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes from the user. Keys are Unicode characters (control characters too: Ctrl-L is 12) and the codes below. */
#ifndef TUI_EVENT_H
#define TUI_EVENT_H

#include <stddef.h>
#include <stdint.h>

enum key {
	KEY_CODE_NONE = 0,
	KEY_CODE_TAB = 9,
	KEY_CODE_ENTER = 13,	/* line feeds are turned into it */
	KEY_CODE_ESCAPE = 27,
	KEY_CODE_BACKSPACE = 127,	/* 8 is turned into it */
	KEY_CODE_FIRST = 0x110000,
	KEY_CODE_UP = KEY_CODE_FIRST, KEY_CODE_DOWN, KEY_CODE_LEFT, KEY_CODE_RIGHT,
	KEY_CODE_PAGE_UP, KEY_CODE_PAGE_DOWN, KEY_CODE_HOME, KEY_CODE_END, KEY_CODE_INSERT, KEY_CODE_DELETE,
	KEY_CODE_BACK_TAB,
	KEY_CODE_F1,
	KEY_CODE_F12 = KEY_CODE_F1 + 11,
	KEY_CODE_END_OF_CODES
};

enum event_kind { EVENT_NONE, EVENT_KEY, EVENT_CLICK, EVENT_DOUBLE_CLICK, EVENT_WHEEL_UP, EVENT_WHEEL_DOWN, EVENT_RESIZE };

struct event {
	enum event_kind kind;
	int32_t key;		/* EVENT_KEY */
	int row, column;	/* of the mouse; of a resize the new size in rows and columns */
};

enum { KEY_NAME_MAX = 16 };

/* "q", "Space", "Ctrl-L", "F5", "PgDn", "Shift-Tab", "Esc". Never NULL; in BUF. */
const char *key_name(int32_t key, char buf[KEY_NAME_MAX]);

/* The inverse of key_name(), without regard to case in names longer than one character; KEY_CODE_NONE when unknown. */
int32_t key_parse(const char *name, size_t len);

#endif
