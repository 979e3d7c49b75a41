/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings as text: one table of keys says what can be read and what is written. settings_file.c has the
 * file. */
#include "tui/settings.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "model/quantity.h"
#include "model/suggest.h"
#include "out/number.h"

enum {
	SCHEMA = 1,
	LIST_WIDTH = 90,	/* of lines written; inih reads 197 bytes a line */
	SHOWN_MAX = 40
};

/* -- what there is to set ---------------------------------------------------------------------------------
 * */

enum shape { SHAPE_FIELDS, SHAPE_METRIC, SHAPE_FLAG, SHAPE_WORD, SHAPE_DURATION };

/* The enums are set through an int. */
_Static_assert(sizeof(enum grouping) == sizeof(int) && sizeof(enum cell_unit) == sizeof(int) &&
		       sizeof(enum header_mode) == sizeof(int) && sizeof(enum palette) == sizeof(int),
	       "enums are ints");

static const char *const flags[] = { "no", "yes", NULL };
static const char *const orders[] = { "descending", "ascending", NULL };
static const char *const groupings[] = { "none", "tree", "cgroup", NULL };
static const char *const headers[] = { "full", "line", "none", NULL };
static const char *const units[] = { "auto", "KiB", "MiB", "GiB", NULL };
static const char *const palettes[] = { "auto", "dark", "light", "mono", NULL };

static const struct key {
	const char *section, *name;
	enum shape shape;
	enum scope scope;	/* of fields and metrics */
	size_t offset;	/* in struct settings: of the table, the flag, the enum, the duration */
	const char *const *words;	/* of flags and words, by their value */
} keys[] = {
#define AT(member) offsetof(struct settings, member)
	{ "processes", "fields", SHAPE_FIELDS, SCOPE_PROCESS, AT(processes), NULL },
	{ "processes", "sort", SHAPE_METRIC, SCOPE_PROCESS, AT(processes), NULL },
	{ "processes", "order", SHAPE_FLAG, SCOPE_PROCESS, AT(processes.ascending), orders },
	{ "processes", "group", SHAPE_WORD, SCOPE_PROCESS, AT(grouping), groupings },
	{ "processes", "threads", SHAPE_FLAG, SCOPE_PROCESS, AT(threads), flags },
	{ "processes", "hide_idle", SHAPE_FLAG, SCOPE_PROCESS, AT(hide_idle), flags },
	{ "processes", "command_line", SHAPE_FLAG, SCOPE_PROCESS, AT(command_line), flags },
	{ "cgroups", "fields", SHAPE_FIELDS, SCOPE_CGROUP, AT(cgroups), NULL },
	{ "cgroups", "sort", SHAPE_METRIC, SCOPE_CGROUP, AT(cgroups), NULL },
	{ "cgroups", "order", SHAPE_FLAG, SCOPE_CGROUP, AT(cgroups.ascending), orders },
	{ "screen", "delay", SHAPE_DURATION, SCOPE_COUNT, AT(delay_ns), NULL },
	{ "screen", "units", SHAPE_WORD, SCOPE_COUNT, AT(unit), units },
	{ "screen", "header_units", SHAPE_WORD, SCOPE_COUNT, AT(header_unit), units },
	{ "screen", "header", SHAPE_WORD, SCOPE_COUNT, AT(header), headers },
	{ "screen", "color", SHAPE_WORD, SCOPE_COUNT, AT(palette), palettes },
	{ "screen", "ascii", SHAPE_FLAG, SCOPE_COUNT, AT(ascii), flags },
	{ "screen", "mouse", SHAPE_FLAG, SCOPE_COUNT, AT(mouse), flags },
#undef AT
};

enum { KEY_COUNT = sizeof keys / sizeof *keys };

/* -- defaults ---------------------------------------------------------------------------------------------
 * */

void settings_default_table(struct table_settings *table, enum scope scope)
{
	/* Who holds the memory, and who is growing? */
	static const unsigned processes[] = {
		PROC_PID, PROC_USER, PROC_PSS,       PROC_PSS_ANON,   PROC_PSS_FILE,   PROC_PSS_SHMEM,
		PROC_USS, PROC_SWAP, PROC_PSS_GROWN, PROC_PSS_GROWTH, PROC_FAULT_RATE, PROC_COMM,
	};
	/* Who is near its limit, with what, and who suffers from it? */
	static const unsigned cgroups[] = {
		CG_CURRENT, CG_MAX,    CG_HIGH,         CG_ANON,           CG_FILE,      CG_SHMEM,
		CG_SLAB,    CG_KERNEL, CG_SWAP_CURRENT, CG_PSI_SOME_AVG10, CG_OOM_KILLS,
	};
	bool is_cgroup = scope == SCOPE_CGROUP;
	const unsigned *slots = is_cgroup ? cgroups : processes;

	*table = (struct table_settings){
		.field_count =
			is_cgroup ? sizeof cgroups / sizeof *cgroups : sizeof processes / sizeof *processes,
		.sort = metric_get(scope, is_cgroup ? (unsigned)CG_CURRENT : (unsigned)PROC_PSS),
	};
	for (size_t i = 0; i < table->field_count; i++)
		table->fields[i] = metric_get(scope, slots[i]);
}

void settings_defaults(struct settings *settings)
{
	*settings = (struct settings){ .delay_ns = INT64_C(1000000000), .mouse = true };
	settings_default_table(&settings->processes, SCOPE_PROCESS);
	settings_default_table(&settings->cgroups, SCOPE_CGROUP);
}

/* -- reading ----------------------------------------------------------------------------------------------
 * */

struct reading {
	const char *text, *end;	/* what is left to read */
	int line;	/* the one read last, from 1 */
	struct settings settings;
	bool listed[KEY_COUNT];	/* this list was begun: further lines of it add to it */
	bool has_schema;
	int64_t newer_schema;	/* 0: it is ours */
	const struct key *key;	/* at hand */
	int bad_line, left_out_line;	/* where the first problem is; 0 for none */
	char bad[400], left_out[400];
};

static int bad(struct reading *reading, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Keeps the first problem. Returns inih's "error". */
static int bad(struct reading *reading, const char *format, ...)
{
	va_list args;

	if (reading->bad_line)
		return 0;
	reading->bad_line = reading->line;
	va_start(args, format);
	vsnprintf(reading->bad, sizeof reading->bad, format, args);
	va_end(args);
	return 0;
}

static int bad_value(struct reading *reading, const char *value, const char *remedy)
{
	return bad(reading, "%s = '%.*s': not understood (give %s)", reading->key->name, SHOWN_MAX, value,
		   remedy);
}

static void *target(struct reading *reading)
{
	return (char *)&reading->settings + reading->key->offset;
}

/* The value of WORD among WORDS, or -1 with "a, b or c" in REMEDY. */
static int find_word(const char *const *words, const char *word, char *remedy, size_t cap)
{
	size_t len = 0;

	for (int i = 0; words[i]; i++)
		if (!strcasecmp(words[i], word))
			return i;
	for (int i = 0; words[i] && len < cap; i++)
		len += (size_t)snprintf(remedy + len, cap - len, "%s%s",
					!i             ? ""
					: words[i + 1] ? ", "
						       : " or ",
					words[i]);
	return -1;
}

static int read_word(struct reading *reading, const char *value)
{
	char remedy[100];
	int word = find_word(reading->key->words, value, remedy, sizeof remedy);

	if (word < 0)
		return bad_value(reading, value, remedy);
	if (reading->key->shape == SHAPE_FLAG)
		*(bool *)target(reading) = word != 0;
	else
		memcpy(target(reading), &word, sizeof word);
	return 1;
}

static int read_duration(struct reading *reading, const char *value)
{
	int64_t ns;

	if (quantity_parse(value, strlen(value), UNIT_SECONDS, &ns) || ns < SETTINGS_DELAY_MIN_NS ||
	    ns > SETTINGS_DELAY_MAX_NS)
		return bad_value(reading, value, "seconds from 0.05 to 86400");
	*(int64_t *)target(reading) = ns;
	return 1;
}

/* A newer memtide may know it: said, and left out. */
static void leave_out(struct reading *reading, const char *name, size_t len)
{
	const char *near = metric_suggest(reading->key->scope, name, len);

	if (reading->left_out_line)
		return;
	reading->left_out_line = reading->line;
	snprintf(reading->left_out, sizeof reading->left_out,
		 "%s: '%.*s' is no field of this memtide and left out (%s%s%s)", reading->key->name,
		 len > SHOWN_MAX ? SHOWN_MAX : (int)len, name, near ? "did you mean " : "-O lists the fields",
		 near ? near : "", near ? "?" : "");
}

static int read_fields(struct reading *reading, const char *value)
{
	struct table_settings *table = target(reading);
	bool *listed = &reading->listed[reading->key - keys];

	if (!*listed)
		table->field_count = 0;
	*listed = true;
	for (size_t len; value += strspn(value, " \t,"), *value; value += len) {
		const struct metric *metric;
		size_t i = 0;

		len = strcspn(value, " \t,");
		metric = metric_find(reading->key->scope, value, len);
		if (!metric) {
			leave_out(reading, value, len);
			continue;
		}
		while (i < table->field_count && table->fields[i] != metric)
			i++;
		if (i == table->field_count)
			table->fields[table->field_count++] = metric;
	}
	return 1;
}

static int read_metric(struct reading *reading, const char *value)
{
	struct table_settings *table = target(reading);
	const struct metric *metric = metric_find(reading->key->scope, value, strlen(value));

	if (metric)
		table->sort = metric;
	else
		leave_out(reading, value, strlen(value));
	return 1;
}

static int read_schema(struct reading *reading, const char *value)
{
	int64_t schema;

	reading->has_schema = true;
	if (quantity_parse(value, strlen(value), UNIT_NONE, &schema) || schema < 1)
		return bad(reading, "schema = '%.*s': not understood (this memtide writes %d)", SHOWN_MAX,
			   value, SCHEMA);
	if (schema != SCHEMA)
		reading->newer_schema = schema;
	return 1;
}

static int read_key(void *context, const char *section, const char *name, const char *value)
{
	struct reading *reading = context;

	if (!strcmp(section, "memtide") && !strcmp(name, "schema"))
		return read_schema(reading, value);
	for (reading->key = keys; reading->key < keys + KEY_COUNT; reading->key++) {
		if (strcmp(reading->key->section, section) != 0 || strcmp(reading->key->name, name) != 0)
			continue;
		switch (reading->key->shape) {
		case SHAPE_FIELDS:
			return read_fields(reading, value);
		case SHAPE_METRIC:
			return read_metric(reading, value);
		case SHAPE_FLAG:
		case SHAPE_WORD:
			return read_word(reading, value);
		case SHAPE_DURATION:
			return read_duration(reading, value);
		}
	}
	return 1;	/* of a newer memtide */
}

/* inih's reader: the next line, of at most SIZE - 1 bytes. It would cut longer ones in two and go on. */
static char *next_line(char *line, int size, void *context)
{
	struct reading *reading = context;
	const char *newline;
	size_t len;

	if (reading->text == reading->end)
		return NULL;
	reading->line++;
	newline = memchr(reading->text, '\n', (size_t)(reading->end - reading->text));
	len = (size_t)((newline ? newline : reading->end) - reading->text);
	if (memchr(reading->text, '\0', len))
		bad(reading, "a NUL byte: this is no text (remove the file)");
	else if (len + 3 > (size_t)size)
		bad(reading, "longer than %d bytes (go on in a line that begins with the same key)", size - 3);
	if (len + 3 > (size_t)size)
		len = 0;
	memcpy(line, reading->text, len);
	line[len] = '\0';
	reading->text = newline ? newline + 1 : reading->end;
	return line;
}

/* A list whose every field was left out. */
static void restore_empty_table(struct table_settings *table, enum scope scope)
{
	struct table_settings defaults;

	if (table->field_count)
		return;
	settings_default_table(&defaults, scope);
	memcpy(table->fields, defaults.fields, sizeof defaults.fields);
	table->field_count = defaults.field_count;
}

/* What is wrong with the whole; 0, or -1 with ERR set. LINE is inih's: the first that it or read_key()
 * refused. */
static int judge(struct reading *reading, int line, struct err *err)
{
	/* Whatever else was not understood follows from that. */
	if (reading->newer_schema)
		return err_set(err,
			       "schema %lld is of a newer memtide (this one knows %d: update it, or save other "
			       "settings over these)",
			       (long long)reading->newer_schema, SCHEMA);
	if (line > 0 && (!reading->bad_line || line < reading->bad_line))
		return err_set(err, "line %d: neither [section] nor key = value (correct or remove it)", line);
	if (reading->bad_line)
		return err_set(err, "line %d: %s", reading->bad_line, reading->bad);
	if (line < 0)
		return err_set(err, "out of memory");
	if (!reading->has_schema)
		return err_set(err,
			       "no 'schema = %d' in a section [memtide]: not settings of memtide (correct or "
			       "remove the file)",
			       SCHEMA);
	return 0;
}

int settings_parse(struct settings *settings, const char *text, size_t len, struct err *err)
{
	struct reading reading = { .text = text, .end = text + len, .settings = *settings };

	if (judge(&reading, ini_parse_stream(next_line, &reading, read_key, &reading), err))
		return -1;
	restore_empty_table(&reading.settings.processes, SCOPE_PROCESS);
	restore_empty_table(&reading.settings.cgroups, SCOPE_CGROUP);
	*settings = reading.settings;
	err_set(err, "%s", "");
	if (reading.left_out_line)
		err_set(err, "line %d: %s", reading.left_out_line, reading.left_out);
	return 0;
}

/* -- writing ----------------------------------------------------------------------------------------------
 * */

static void write_fields(struct buf *out, const struct key *key, const struct table_settings *table)
{
	size_t column = 0;

	for (size_t i = 0; i < table->field_count; i++) {
		const char *name = table->fields[i]->key;

		if (!column || column + strlen(name) + 1 > LIST_WIDTH) {
			buf_printf(out, "%s%s =", column ? "\n" : "", key->name);
			column = strlen(key->name) + 2;
		}
		buf_putc(out, ' ');
		buf_puts(out, name);
		column += strlen(name) + 1;
	}
	buf_putc(out, '\n');
}

static void write_key(struct buf *out, const struct key *key, const void *value)
{
	int word;

	if (key->shape == SHAPE_FIELDS) {
		write_fields(out, key, value);
		return;
	}
	buf_printf(out, "%s = ", key->name);
	switch (key->shape) {
	case SHAPE_METRIC:
		buf_puts(out, ((const struct table_settings *)value)->sort->key);
		break;
	case SHAPE_FLAG:
		buf_puts(out, key->words[*(const bool *)value]);
		break;
	case SHAPE_WORD:
		memcpy(&word, value, sizeof word);
		buf_puts(out, key->words[word]);
		break;
	default:
		number_decimal(out, *(const int64_t *)value, 9);
	}
	buf_putc(out, '\n');
}

void settings_format(const struct settings *settings, struct buf *out)
{
	const char *section = "";

	buf_printf(out,
		   "# Written by memtide (key W). Its manual page says what there is; -O lists fields.\n"
		   "[memtide]\nschema = %d\n",
		   SCHEMA);
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(section, keys[i].section) != 0) {
			section = keys[i].section;
			buf_printf(out, "\n[%s]\n", section);
		}
		write_key(out, &keys[i], (const char *)settings + keys[i].offset);
	}
}
