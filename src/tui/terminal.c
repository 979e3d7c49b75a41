/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ncurses has the terminal's capabilities, decodes keys and sends differences. Handling signals is our own
 * business, and so is multibyte input: its handlers are taken out, and of its keys only bytes and codes are
 * used.
 */
#include "tui/terminal.h"

#include <assert.h>
/* This program has a key_name() of its own. */
#define key_name curses_key_name
#include <curses.h>
#undef key_name
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "tui/restore.h"
#include "tui/signals.h"
#include "tui/terminfo.h"
#include "util/clock.h"

enum {
	ESCAPE_MS = 25,			/* what follows Esc within belongs to it */
	DOUBLE_CLICK_NS = 400000000,
	PAIRS_MAX = 256,
	ROWS_DEFAULT = 24,
	COLUMNS_DEFAULT = 80,
};

struct look_ready {
	bool ready;
	attr_t attributes;
	short pair;
};

struct terminal {
	SCREEN *screen;
	WINDOW *keys;			/* a pad: reading from it never draws */
	bool utf8, mouse;
	int rows, columns;

	enum palette palette;		/* resolved */
	enum depth depth;
	bool colours_started, own_colours;	/* own: the terminal's default colours can be used */
	struct look_ready looks[STYLE_COUNT][2];	/* by style and CELL_CURSOR */
	struct {
		int foreground, background;
	} pairs[PAIRS_MAX];
	short pair_count;		/* pair 0 is the terminal's own colours */

	struct cell *shown;		/* what ncurses was given last, or NULL */
	int shown_rows, shown_columns;

	mbstate_t partial;		/* of a character whose bytes have not all come */
	int click_row, click_column;
	int64_t click_ns;		/* of the last single click; 0 for none */

	struct signals signals;
};

static bool in_use;

/* -- opening ---------------------------------------------------------------------------------------------- */

static void on_nothing(int number)
{
	(void)number;
}

/* newterm() without the handlers that it installs. Where it finds SIGTSTP at its default, doupdate() ignores
 * the signal while it draws, which drops one that is pending (ncurses, lib_tstp.c): it must not find it so. */
static int open_screen(struct terminal *terminal, char *name)
{
	static const int handled[] = { SIGTSTP, SIGINT, SIGTERM, SIGWINCH };
	static const struct sigaction nothing = { .sa_handler = on_nothing };
	enum { HANDLED = sizeof handled / sizeof *handled };
	struct sigaction before[HANDLED];

	for (int i = 0; i < HANDLED; i++)
		sigaction(handled[i], NULL, &before[i]);
	sigaction(SIGTSTP, &nothing, NULL);
	terminal->screen = newterm(name, stdout, stdin);
	for (int i = 0; i < HANDLED; i++)
		sigaction(handled[i], &before[i], NULL);
	if (!terminal->screen)
		return -1;
	terminal->keys = newpad(1, 1);
	if (terminal->keys)
		return 0;
	endwin();
	delscreen(terminal->screen);
	return -1;
}

/* Sequences that terminals send for keys whatever their entry says; ncurses decodes them where it has no
 * others. */
static void define_keys(void)
{
	static const struct {
		const char *sequence;
		int code;
	} keys[] = {
		{ "\033[A", KEY_UP }, { "\033OA", KEY_UP }, { "\033[B", KEY_DOWN }, { "\033OB", KEY_DOWN },
		{ "\033[C", KEY_RIGHT }, { "\033OC", KEY_RIGHT }, { "\033[D", KEY_LEFT }, { "\033OD", KEY_LEFT },
		{ "\033[H", KEY_HOME }, { "\033OH", KEY_HOME }, { "\033[1~", KEY_HOME }, { "\033[7~", KEY_HOME },
		{ "\033[F", KEY_END }, { "\033OF", KEY_END }, { "\033[4~", KEY_END }, { "\033[8~", KEY_END },
		{ "\033[2~", KEY_IC }, { "\033[3~", KEY_DC }, { "\033[5~", KEY_PPAGE }, { "\033[6~", KEY_NPAGE },
		{ "\033[Z", KEY_BTAB }, { "\033OM", KEY_ENTER },
		{ "\033OP", KEY_F(1) }, { "\033OQ", KEY_F(2) }, { "\033OR", KEY_F(3) }, { "\033OS", KEY_F(4) },
		{ "\033[11~", KEY_F(1) }, { "\033[12~", KEY_F(2) }, { "\033[13~", KEY_F(3) }, { "\033[14~", KEY_F(4) },
		{ "\033[15~", KEY_F(5) }, { "\033[17~", KEY_F(6) }, { "\033[18~", KEY_F(7) }, { "\033[19~", KEY_F(8) },
		{ "\033[20~", KEY_F(9) }, { "\033[21~", KEY_F(10) }, { "\033[23~", KEY_F(11) }, { "\033[24~", KEY_F(12) },
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (key_defined(keys[i].sequence) == 0)
			define_key(keys[i].sequence, keys[i].code);
}

static void set_modes(struct terminal *terminal)
{
	if (!getenv("ESCDELAY"))
		set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	typeahead(-1);		/* a drawing that was begun is finished */
	intrflush(stdscr, FALSE);
	leaveok(stdscr, TRUE);
	curs_set(0);
	keypad(terminal->keys, TRUE);
	nodelay(terminal->keys, TRUE);
	mouseinterval(0);	/* clicks are told apart here: ncurses would wait */
	define_keys();
}

static void measure(struct terminal *terminal);

struct terminal *terminal_open(const struct terminal_config *config, struct err *err)
{
	struct terminal *terminal;
	struct termios modes;
	char name[TERMINFO_NAME_MAX];

	assert(!in_use);
	if (terminfo_choose(name, err))
		return NULL;
	if (tcgetattr(STDOUT_FILENO, &modes)) {
		err_set(err, "standard output: %s", strerror(errno));
		return NULL;
	}
	terminal = calloc(1, sizeof *terminal);
	if (!terminal || signals_open(&terminal->signals)) {
		err_set(err, "%s", strerror(errno));
		free(terminal);
		return NULL;
	}
	setlocale(LC_CTYPE, "");
	terminal->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	restore_arm(STDOUT_FILENO, &modes);
	if (open_screen(terminal, name)) {
		err_set(err, "TERM=%s: the terminal cannot be used (%s)", name, terminfo_remedy);
		restore_disarm();
		signals_close(&terminal->signals);
		free(terminal);
		return NULL;
	}
	in_use = true;
	set_modes(terminal);
	terminal->depth = terminfo_depth();
	measure(terminal);
	terminal_set_mouse(terminal, config->mouse);
	terminal_set_palette(terminal, config->palette);
	return terminal;
}

void terminal_close(struct terminal *terminal)
{
	if (!terminal)
		return;
	if (!isendwin()) {
		/* In the background the modes are another's; a stuck terminal is not waited for. */
		struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };

		bool writable = poll(&output, 1, 0) == 1 && output.revents == POLLOUT;

		if (writable && restore_is_foreground(STDOUT_FILENO))
			endwin();
		else
			restore_now();
	}
	restore_disarm();
	delwin(terminal->keys);
	delscreen(terminal->screen);
	signals_close(&terminal->signals);
	free(terminal->shown);
	free(terminal);
	in_use = false;
}

/* -- size and signals ------------------------------------------------------------------------------------- */

static int number_from(const char *variable)
{
	const char *text = getenv(variable);
	long number = text ? strtol(text, NULL, 10) : 0;

	return number > 0 && number <= INT16_MAX ? (int)number : 0;
}

static int limit(int size, int max)
{
	return size < 1 ? 1 : size > max ? max : size;
}

static void prepare_restore(const struct terminal *terminal)
{
	char bytes[RESTORE_MAX];

	restore_set_bytes(bytes, terminfo_leave(bytes, sizeof bytes, terminal->rows, terminal->mouse,
						terminal->colours_started));
}

/* A serial line has no size: then the environment says it, or what terminals had. */
static void measure(struct terminal *terminal)
{
	struct winsize size = { 0 };
	int rows, columns;

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	rows = size.ws_row ? size.ws_row : number_from("LINES");
	columns = size.ws_col ? size.ws_col : number_from("COLUMNS");
	terminal->rows = limit(rows ? rows : ROWS_DEFAULT, CANVAS_ROWS_MAX);
	terminal->columns = limit(columns ? columns : COLUMNS_DEFAULT, CANVAS_COLUMNS_MAX);
	/* Not resizeterm(), which puts a key into the input. */
	if (resize_term(terminal->rows, terminal->columns) != OK)
		getmaxyx(stdscr, terminal->rows, terminal->columns);
	prepare_restore(terminal);
	terminal_forget(terminal);
}

int terminal_signal(struct terminal *terminal, bool *resized)
{
	struct signals_taken taken;

	*resized = false;
	do {
		taken = signals_take(&terminal->signals);
		if (taken.end)
			return taken.end;
		/* Who was stopped without warning knows nothing of what the terminal went through: as with
		 * the warning, it is left first. The next drawing takes it again, from the start. */
		if ((taken.stop || taken.cont) && !isendwin())
			endwin();
		*resized = *resized || taken.stop || taken.cont || taken.size;
		if (taken.stop)
			signals_stop();
	} while (taken.stop);	/* what came meanwhile may say that there is nothing to draw any more */
	if (*resized)
		measure(terminal);
	return 0;
}

bool terminal_is_utf8(const struct terminal *terminal)
{
	return terminal->utf8;
}

void terminal_size(const struct terminal *terminal, int *rows, int *columns)
{
	*rows = terminal->rows;
	*columns = terminal->columns;
}

int terminal_input_fd(const struct terminal *terminal)
{
	(void)terminal;
	return STDIN_FILENO;
}

int terminal_output_fd(const struct terminal *terminal)
{
	(void)terminal;
	return STDOUT_FILENO;
}

int terminal_signal_fd(const struct terminal *terminal)
{
	return terminal->signals.fd;
}

/* -- input ------------------------------------------------------------------------------------------------ */

void terminal_set_mouse(struct terminal *terminal, bool enabled)
{
	terminal->mouse = enabled &&
			  mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL) != 0;
	if (!terminal->mouse)
		mousemask(0, NULL);
	prepare_restore(terminal);
}

/* False for what is not wanted, such as other buttons. */
static bool take_mouse(struct terminal *terminal, struct event *event)
{
	MEVENT mouse;
	int64_t now;

	if (getmouse(&mouse) != OK || mouse.y < 0 || mouse.y >= terminal->rows || mouse.x < 0 ||
	    mouse.x >= terminal->columns)
		return false;
	*event = (struct event){ .row = mouse.y, .column = mouse.x };
	if (mouse.bstate & BUTTON4_PRESSED) {
		event->kind = EVENT_WHEEL_UP;
	} else if (mouse.bstate & BUTTON5_PRESSED) {
		event->kind = EVENT_WHEEL_DOWN;
	} else if (mouse.bstate & BUTTON1_PRESSED) {
		now = clock_monotonic_ns();
		event->kind = EVENT_CLICK;
		if (terminal->click_ns && now - terminal->click_ns <= DOUBLE_CLICK_NS &&
		    terminal->click_row == mouse.y && terminal->click_column == mouse.x) {
			event->kind = EVENT_DOUBLE_CLICK;
			now = 0;
		}
		terminal->click_ns = now;
		terminal->click_row = mouse.y;
		terminal->click_column = mouse.x;
	}
	return event->kind != EVENT_NONE;
}

static int32_t key_of_code(int code)
{
	static const struct {
		int code;
		int32_t key;
	} keys[] = {
		{ KEY_UP, KEY_CODE_UP }, { KEY_DOWN, KEY_CODE_DOWN }, { KEY_LEFT, KEY_CODE_LEFT },
		{ KEY_RIGHT, KEY_CODE_RIGHT }, { KEY_PPAGE, KEY_CODE_PAGE_UP }, { KEY_NPAGE, KEY_CODE_PAGE_DOWN },
		{ KEY_HOME, KEY_CODE_HOME }, { KEY_END, KEY_CODE_END }, { KEY_IC, KEY_CODE_INSERT },
		{ KEY_DC, KEY_CODE_DELETE }, { KEY_BTAB, KEY_CODE_BACK_TAB }, { KEY_BACKSPACE, KEY_CODE_BACKSPACE },
		{ KEY_ENTER, KEY_CODE_ENTER }, { KEY_A1, KEY_CODE_HOME }, { KEY_A3, KEY_CODE_PAGE_UP },
		{ KEY_C1, KEY_CODE_END }, { KEY_C3, KEY_CODE_PAGE_DOWN }, { KEY_FIND, KEY_CODE_HOME },
		{ KEY_SELECT, KEY_CODE_END },
	};

	if (code >= KEY_F(1) && code <= KEY_F(12))
		return KEY_CODE_F1 + code - KEY_F(1);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i].code == code)
			return keys[i].key;
	return KEY_CODE_NONE;
}

/* A sequence that ncurses does not know ends with a byte from @ to ~ : it is no keys. What else follows Esc
 * is. */
static int32_t take_escape(struct terminal *terminal)
{
	int code = wgetch(terminal->keys);

	if (code != '[' && code != 'O') {
		if (code != ERR)
			ungetch(code);
		return KEY_CODE_ESCAPE;
	}
	do
		code = wgetch(terminal->keys);
	while (code >= ' ' && code < '@');
	return KEY_CODE_NONE;
}

static int32_t take_byte(struct terminal *terminal, char byte)
{
	bool begun = !mbsinit(&terminal->partial);
	wchar_t character;
	size_t n = mbrtowc(&character, &byte, 1, &terminal->partial);

	if (n == (size_t)-1) {
		memset(&terminal->partial, 0, sizeof terminal->partial);
		/* It may begin another character than the one that it does not continue. */
		return begun ? take_byte(terminal, byte) : KEY_CODE_NONE;
	}
	if (n == (size_t)-2)
		return KEY_CODE_NONE;
	switch (character) {
	case '\n':
		return KEY_CODE_ENTER;
	case '\b':
		return KEY_CODE_BACKSPACE;
	case '\033':
		return take_escape(terminal);
	default:
		/* C1 controls are no keys, NUL is none either */
		return character >= 0x80 && character < 0xa0 ? KEY_CODE_NONE : (int32_t)character;
	}
}

/* Whether there is nothing to read because there is nobody to type. */
static bool is_gone(int read_error)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	if (read_error == EIO || read_error == ENXIO || read_error == EBADF)
		return true;
	return poll(&input, 1, 0) == 1 && (input.revents & (POLLHUP | POLLERR | POLLNVAL));
}

int terminal_event(struct terminal *terminal, struct event *event)
{
	*event = (struct event){ .kind = EVENT_NONE };
	for (;;) {
		int code;

		errno = 0;
		code = wgetch(terminal->keys);
		if (code == ERR)
			return is_gone(errno) ? -EIO : 0;
		if (code == KEY_MOUSE) {
			if (take_mouse(terminal, event))
				return 0;
			continue;
		}
		event->key = code < KEY_MIN ? take_byte(terminal, (char)code) : key_of_code(code);
		if (event->key != KEY_CODE_NONE) {
			event->kind = EVENT_KEY;
			return 0;
		}
	}
}

/* -- output ----------------------------------------------------------------------------------------------- */

static void forget_shown(struct terminal *terminal)
{
	free(terminal->shown);
	terminal->shown = NULL;
}

void terminal_forget(struct terminal *terminal)
{
	forget_shown(terminal);
	werase(stdscr);
	clearok(stdscr, TRUE);
}

void terminal_set_palette(struct terminal *terminal, enum palette palette)
{
	terminal->palette = palette_resolve(palette);
	if (terminal->palette != PALETTE_MONO && terminal->depth != DEPTH_MONO && !terminal->colours_started) {
		/* Not before: a terminal that shall have no colours is sent nothing about them. */
		if (start_color() == OK) {
			terminal->own_colours = use_default_colors() == OK;
			terminal->colours_started = true;
			terminal->pair_count = 1;
			prepare_restore(terminal);
		} else {
			terminal->depth = DEPTH_MONO;
		}
	}
	memset(terminal->looks, 0, sizeof terminal->looks);
	forget_shown(terminal);
}

/* The number of a pair of colours, 0 for the terminal's own or when there are no more. */
static short pair_of(struct terminal *terminal, int foreground, int background)
{
	short n = terminal->pair_count;

	if (!terminal->own_colours) {
		bool light = terminal->palette == PALETTE_LIGHT;

		foreground = foreground >= 0 ? foreground : light ? COLOR_BLACK : COLOR_WHITE;
		background = background >= 0 ? background : light ? COLOR_WHITE : COLOR_BLACK;
	} else if (foreground < 0 && background < 0) {
		return 0;
	}
	for (short i = 1; i < n; i++)
		if (terminal->pairs[i].foreground == foreground && terminal->pairs[i].background == background)
			return i;
	if (n >= PAIRS_MAX || n >= COLOR_PAIRS || init_extended_pair(n, foreground, background) != OK)
		return 0;
	terminal->pairs[n].foreground = foreground;
	terminal->pairs[n].background = background;
	terminal->pair_count++;
	return n;
}

static const struct look_ready *look_of(struct terminal *terminal, const struct cell *cell)
{
	bool cursor = cell->flags & CELL_CURSOR;
	struct look_ready *ready = &terminal->looks[cell->style][cursor];
	struct look look;

	if (ready->ready)
		return ready;
	look = theme_look(terminal->palette, terminal->depth, cell->style, cursor ? CELL_CURSOR : 0);
	ready->attributes = (look.attributes & LOOK_BOLD ? A_BOLD : 0) |
			    (look.attributes & LOOK_DIM ? A_DIM : 0) |
			    (look.attributes & LOOK_UNDERLINE ? A_UNDERLINE : 0) |
			    (look.attributes & LOOK_REVERSE ? A_REVERSE : 0);
	if (terminal->colours_started && terminal->palette != PALETTE_MONO)
		ready->pair = pair_of(terminal, look.foreground, look.background);
	ready->ready = true;
	return ready;
}

/* The characters of CELL for ncurses: one and its marks. What the C library takes for another width than the
 * canvas did would shift the rest of the line, and becomes '?'. */
static void cell_characters(const struct cell *cell, wchar_t characters[CCHARW_MAX + 1])
{
	mbstate_t state = { 0 };
	const char *bytes = cell->utf8;
	size_t left = cell->len;
	int count = 0;

	while (left && count < CCHARW_MAX) {
		wchar_t character;
		size_t n = mbrtowc(&character, bytes, left, &state);

		if (!n || n > left || wcwidth(character) != (count ? 0 : cell->columns))
			break;
		characters[count++] = character;
		bytes += n;
		left -= n;
	}
	if (!count)
		characters[count++] = L'?';
	characters[count] = L'\0';
}

static void put_cell(struct terminal *terminal, int row, int column, const struct cell *cell)
{
	const struct look_ready *look = look_of(terminal, cell);
	wchar_t characters[CCHARW_MAX + 1];
	cchar_t character;

	cell_characters(cell, characters);
	if (setcchar(&character, characters, look->attributes, look->pair, NULL) != OK)
		return;
	/* This one neither moves on nor scrolls in the last column. */
	mvadd_wchnstr(row, column, &character, 1);
	if (cell->columns == 2 && *characters == L'?')
		mvadd_wchnstr(row, column + 1, &character, 1);
}

/* Room for what is shown of a canvas of this size; without memory everything is put again, and ncurses
 * compares. */
static void prepare_shown(struct terminal *terminal, int rows, int columns)
{
	if (terminal->shown && terminal->shown_rows == rows && terminal->shown_columns == columns)
		return;
	free(terminal->shown);
	terminal->shown = calloc((size_t)rows * (size_t)columns, sizeof *terminal->shown);
	terminal->shown_rows = rows;
	terminal->shown_columns = columns;
}

void terminal_draw(struct terminal *terminal, const struct canvas *canvas)
{
	int rows = canvas_rows(canvas), columns = canvas_columns(canvas);

	prepare_shown(terminal, rows, columns);
	for (int r = 0; r < rows && r < terminal->rows; r++) {
		for (int c = 0; c < columns && c < terminal->columns; c++) {
			const struct cell *cell = canvas_cell(canvas, r, c);
			struct cell *shown = terminal->shown;

			if (shown) {
				shown += (size_t)r * (size_t)columns + (size_t)c;
				if (!memcmp(shown, cell, sizeof *cell))
					continue;
				*shown = *cell;
			}
			if (cell->columns)
				put_cell(terminal, r, c, cell);
		}
	}
	wnoutrefresh(stdscr);
	signals_writing(&terminal->signals, true);
	doupdate();
	signals_writing(&terminal->signals, false);
}
