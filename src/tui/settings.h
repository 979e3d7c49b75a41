/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user chose and may keep: $XDG_CONFIG_HOME/memtide/tui.ini, else ~/.config/memtide/tui.ini.
 *
 * The file is INI text with a schema number. Unknown keys and fields of the same schema are left out, so that an
 * older memtide reads what a newer one wrote. A file that cannot be understood is never overwritten: it is reported,
 * defaults are used, and saving renames it first.
 *
 * Whose file it is. memtide often runs as root, also with the HOME of another user (sudo may keep it):
 *  - A file is read when it belongs to root or to whoever runs memtide: the effective user, the real one, and behind
 *    sudo SUDO_UID.
 *  - In a directory of somebody else than the effective user and root, no symbolic link is followed and only a file
 *    of that directory's owner is read. So nobody can have root read, and show in an error message, what he could not
 *    read himself.
 *  - Nothing is written and no directory is made where somebody else could have put something of his own in its
 *    place: the directory must be the effective user's, and not writable for everybody.
 *  - A symbolic link of one's own in one's own directory is followed, and stays when settings are saved.
 */
#ifndef TUI_SETTINGS_H
#define TUI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/arrange.h"
#include "model/metric.h"
#include "out/cell.h"
#include "tui/theme.h"
#include "util/buf.h"
#include "util/err.h"

/* Of the delay: 50 ms to a day. */
#define SETTINGS_DELAY_MIN_NS INT64_C(50000000)
#define SETTINGS_DELAY_MAX_NS INT64_C(86400000000000)

enum header_mode { HEADER_FULL, HEADER_LINE, HEADER_NONE, HEADER_MODE_COUNT };

/* The columns of a table and its order; of process or cgroup scope. */
struct table_settings {
	const struct metric *fields[(int)PROC_COUNT > (int)CG_COUNT ? (int)PROC_COUNT : (int)CG_COUNT];
	size_t field_count;	/* at least 1 */
	const struct metric *sort;	/* never NULL */
	bool ascending;
};

struct settings {
	struct table_settings processes, cgroups;
	enum grouping grouping;
	bool threads, hide_idle, command_line;
	enum cell_unit unit, header_unit;
	enum header_mode header;
	int64_t delay_ns;
	enum palette palette;
	bool ascii;	/* even where the locale has UTF-8 */
	bool mouse;
};

/* The built-in ones. */
void settings_defaults(struct settings *settings);

/* The fields that a table starts with. */
void settings_default_table(struct table_settings *table, enum scope scope);

/* Path of the file, in PATH of CAP bytes; -ENOENT when neither XDG_CONFIG_HOME (which must be absolute) nor
 * HOME says where. */
int settings_path(char *path, size_t cap);

/* TEXT of LEN bytes over what is in SETTINGS. 0, and then ERR is empty or says which field was left out; or
 * -1 with ERR naming line, key and remedy, and SETTINGS as before. */
int settings_parse(struct settings *settings, const char *text, size_t len, struct err *err);
void settings_format(const struct settings *settings, struct buf *out);

enum settings_result { SETTINGS_LOADED, SETTINGS_ABSENT, SETTINGS_BROKEN };

enum { SETTINGS_BYTES_MAX = 64 << 10 };

/* The file at PATH over what is in SETTINGS. LOADED: ERR is as settings_parse() leaves it. BROKEN:
 * unreadable, too long, of a later schema, somebody else's or not understood, with ERR set. */
enum settings_result settings_load(struct settings *settings, const char *path, struct err *err);

/* Writes a new file beside PATH (mode 0600), syncs it and renames it over PATH; makes the directories (mode
 * 0700). What is there and cannot be understood is renamed to PATH.broken first, or PATH.broken2 to 9. 0,
 * or -1 with ERR set and the old file untouched. */
int settings_save(const struct settings *settings, const char *path, struct err *err);

#endif
