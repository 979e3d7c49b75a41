/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/event.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
	int32_t key;
	const char *name;
} names[] = {
	{ ' ', "Space" },
	{ KEY_CODE_TAB, "Tab" },
	{ KEY_CODE_ENTER, "Enter" },
	{ KEY_CODE_ESCAPE, "Esc" },
	{ KEY_CODE_BACKSPACE, "Backspace" },
	{ KEY_CODE_UP, "Up" },
	{ KEY_CODE_DOWN, "Down" },
	{ KEY_CODE_LEFT, "Left" },
	{ KEY_CODE_RIGHT, "Right" },
	{ KEY_CODE_PAGE_UP, "PgUp" },
	{ KEY_CODE_PAGE_DOWN, "PgDn" },
	{ KEY_CODE_HOME, "Home" },
	{ KEY_CODE_END, "End" },
	{ KEY_CODE_INSERT, "Ins" },
	{ KEY_CODE_DELETE, "Del" },
	{ KEY_CODE_BACK_TAB, "Shift-Tab" },
};

/* UTF-8 of CHARACTER, or '?' when it is none. */
static void put_character(char *buf, int32_t character)
{
	if (character < 0x80) {
		*buf++ = (char)character;
	} else if (character < 0x800) {
		*buf++ = (char)(0xc0 | character >> 6);
		*buf++ = (char)(0x80 | (character & 0x3f));
	} else if (character < 0x10000) {
		*buf++ = (char)(0xe0 | character >> 12);
		*buf++ = (char)(0x80 | (character >> 6 & 0x3f));
		*buf++ = (char)(0x80 | (character & 0x3f));
	} else if (character < 0x110000) {
		*buf++ = (char)(0xf0 | character >> 18);
		*buf++ = (char)(0x80 | (character >> 12 & 0x3f));
		*buf++ = (char)(0x80 | (character >> 6 & 0x3f));
		*buf++ = (char)(0x80 | (character & 0x3f));
	} else {
		*buf++ = '?';
	}
	*buf = '\0';
}

const char *key_name(int32_t key, char buf[KEY_NAME_MAX])
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].key == key)
			return names[i].name;
	if (key >= KEY_CODE_F1 && key <= KEY_CODE_F12)
		snprintf(buf, KEY_NAME_MAX, "F%d", (int)(key - KEY_CODE_F1 + 1));
	else if (key > 0 && key < 27)
		snprintf(buf, KEY_NAME_MAX, "Ctrl-%c", (char)('A' + key - 1));
	else if (key < ' ')
		strcpy(buf, "?");
	else
		put_character(buf, key);
	return buf;
}

/* The one character of NAME, or NONE when it is not exactly one. */
static int32_t single_character(const char *name, size_t len)
{
	unsigned char first = (unsigned char)*name;
	size_t more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : SIZE_MAX;
	int32_t character;

	if (more == SIZE_MAX || len != more + 1)
		return KEY_CODE_NONE;
	character = more ? first & (0x3f >> more) : first;
	for (size_t i = 1; i <= more; i++) {
		if (((unsigned char)name[i] & 0xc0) != 0x80)
			return KEY_CODE_NONE;
		character = character << 6 | (name[i] & 0x3f);
	}
	return character < KEY_CODE_FIRST ? character : KEY_CODE_NONE;
}

int32_t key_parse(const char *name, size_t len)
{
	char copy[KEY_NAME_MAX];
	int number, used;

	if (!len || len >= sizeof copy)
		return KEY_CODE_NONE;
	memcpy(copy, name, len);
	copy[len] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcasecmp(names[i].name, copy))
			return names[i].key;
	if (len == 6 && !strncasecmp(copy, "Ctrl-", 5)) {
		int letter = copy[5] & ~0x20;

		return letter >= 'A' && letter <= 'Z' ? letter - 'A' + 1 : KEY_CODE_NONE;
	}
	if (len > 1 && (*copy == 'F' || *copy == 'f') && sscanf(copy + 1, "%2d%n", &number, &used) == 1 &&
	    (size_t)used + 1 == len && number >= 1 && number <= 12)
		return KEY_CODE_F1 + number - 1;
	return single_character(copy, len);
}
