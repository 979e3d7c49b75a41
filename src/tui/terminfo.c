/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/terminfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Last: it has macros named as commonly as "lines". */
#include <term.h>

const char terminfo_remedy[] = "use -b for output without a terminal";

static bool is_there(const char *capability)
{
	return capability && capability != (const char *)-1;
}

static int check(char name[TERMINFO_NAME_MAX], struct err *err)
{
	const char *term = getenv("TERM");
	int status;

	if (!isatty(STDIN_FILENO))
		return err_set(err, "standard input is not a terminal (%s)", terminfo_remedy);
	if (!isatty(STDOUT_FILENO))
		return err_set(err, "standard output is not a terminal (%s)", terminfo_remedy);
	if (!term || !*term)
		return err_set(err, "TERM is not set (set it to your terminal's type, or %s)", terminfo_remedy);
	if (strlen(term) >= TERMINFO_NAME_MAX)
		return err_set(err, "TERM is too long for a terminal's type (%s)", terminfo_remedy);
	strcpy(name, term);
	if (setupterm(name, STDOUT_FILENO, &status)) {
		if (status == 1)
			return err_set(err, "TERM=%s: prints on paper (%s)", name, terminfo_remedy);
		if (status == 0)
			return err_set(err, "TERM=%s: unknown type of terminal (set TERM to a known one, or %s)", name,
				       terminfo_remedy);
		return err_set(err, "TERM=%s: no terminfo database (install ncurses-base, or %s)", name,
			       terminfo_remedy);
	}
	status = cursor_address && clear_screen;
	del_curterm(cur_term);
	if (!status)
		return err_set(err, "TERM=%s: the terminal cannot place its cursor (%s)", name, terminfo_remedy);
	return 0;
}

/* Terminals that show 24-bit colours have an entry for that, but TERM seldom names it. */
static void choose_direct(char name[TERMINFO_NAME_MAX])
{
	static const char suffix[] = "-256color";
	const char *colours = getenv("COLORTERM");
	size_t base = strlen(name);
	char direct[TERMINFO_NAME_MAX];
	int status;

	if (!colours || (strcmp(colours, "truecolor") && strcmp(colours, "24bit")))
		return;
	if (base > strlen(suffix) && !strcmp(name + base - strlen(suffix), suffix))
		base -= strlen(suffix);
	if (snprintf(direct, sizeof direct, "%.*s-direct", (int)base, name) >= (int)sizeof direct ||
	    setupterm(direct, STDOUT_FILENO, &status))
		return;
	if (cursor_address && clear_screen)
		strcpy(name, direct);
	del_curterm(cur_term);
}

int terminfo_choose(char name[TERMINFO_NAME_MAX], struct err *err)
{
	if (check(name, err))
		return -1;
	choose_direct(name);
	return 0;
}

/* The extended capability RGB is a flag, or says how many bits each colour has: user_caps(5). */
enum depth terminfo_depth(void)
{
	/* By name: the macro's type is too short for 24 bits. */
	int colours = tigetnum("colors");

	if (tigetflag("RGB") > 0 || tigetnum("RGB") > 0 || is_there(tigetstr("RGB")))
		return colours == 1 << 24 ? DEPTH_RGB : DEPTH_8;
	if (colours >= 256)
		return DEPTH_256;
	if (colours >= 16)
		return DEPTH_16;
	return colours >= 8 ? DEPTH_8 : DEPTH_MONO;
}

/* tputs() has no argument for the function that it calls. */
static struct {
	char *data;
	size_t len, cap;
} target;

static int put_byte(int byte)
{
	if (target.len < target.cap)
		target.data[target.len++] = (char)byte;
	return byte;
}

static void put(const char *capability)
{
	if (is_there(capability))
		tputs(capability, 1, put_byte);
}

size_t terminfo_leave(char *buf, size_t cap, int rows, bool mouse, bool colours)
{
	const char *mouse_mode = tigetstr("XM");

	target.data = buf;
	target.len = 0;
	target.cap = cap;
	if (mouse)
		put(is_there(mouse_mode) ? tiparm(mouse_mode, 0) : "\033[?1000l");
	put(exit_alt_charset_mode);
	put(exit_attribute_mode);
	if (colours)
		put(orig_pair);
	put(keypad_local);
	put(cursor_normal);
	put(tiparm(cursor_address, rows - 1, 0));
	put(exit_ca_mode ? exit_ca_mode : "\r\n");
	return target.len;
}
