/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user chose and may keep: $XDG_CONFIG_HOME/memtide/tui.ini, else ~/.config/memtide/tui.ini.
 *
 * The file is INI text with a schema number. Unknown keys of the same schema are ignored, so that an older memtide reads what a newer
 * one wrote. A file that cannot be understood is never overwritten: it is reported, defaults are used, and saving renames it first.
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

enum header_mode { HEADER_FULL, HEADER_LINE, HEADER_NONE, HEADER_MODE_COUNT };

/* The columns of a table and its order; of process or cgroup scope. */
struct table_settings {
	const struct metric *fields[(int)PROC_COUNT > (int)CG_COUNT ? (int)PROC_COUNT : (int)CG_COUNT];
	size_t field_count;		/* at least 1 */
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
	bool ascii;			/* even where the locale has UTF-8 */
	bool mouse;
};

/* The built-in ones. */
void settings_defaults(struct settings *settings);

/* The fields that a table starts with. */
void settings_default_table(struct table_settings *table, enum scope scope);

/* Path of the file, in PATH of CAP bytes; -ENOENT when neither XDG_CONFIG_HOME (which must be absolute) nor HOME says where. */
int settings_path(char *path, size_t cap);

/* TEXT of LEN bytes over what is in SETTINGS. 0, or -1 with ERR naming line, key and remedy; then SETTINGS are as before. */
int settings_parse(struct settings *settings, const char *text, size_t len, struct err *err);
void settings_format(const struct settings *settings, struct buf *out);

enum settings_result { SETTINGS_LOADED, SETTINGS_ABSENT, SETTINGS_BROKEN };

/* The file at PATH over what is in SETTINGS. BROKEN: unreadable, too long (64 KiB), of a later schema or not understood, with ERR
 * set. */
enum settings_result settings_load(struct settings *settings, const char *path, struct err *err);

/* Writes a new file beside PATH (mode 0600), syncs it and renames it over PATH; makes the directories (mode 0700). What is there and
 * cannot be understood is renamed to PATH.broken first. 0, or -1 with ERR set and the old file untouched. */
int settings_save(const struct settings *settings, const char *path, struct err *err);

#endif
