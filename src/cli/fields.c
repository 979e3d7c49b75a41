/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of fields (-F) and the sort key (-o), resolved when the record kind is known. */
#include <ctype.h>
#include <string.h>

#include "cli/option_table.h"
#include "model/suggest.h"

enum { SHOWN_MAX = 40 };

/* Who holds the memory, and what is it doing? */
static const enum process_metric default_fields[] = {
	PROC_PID, PROC_USER, PROC_PSS, PROC_PSS_ANON,   PROC_PSS_FILE,   PROC_PSS_SHMEM,
	PROC_USS, PROC_SWAP, PROC_RSS, PROC_PSS_GROWTH, PROC_FAULT_RATE, PROC_COMM,
};

/* The same without smaps_rollup. */
static const enum process_metric default_fields_no_pss[] = {
	PROC_PID,      PROC_USER,    PROC_RSS,        PROC_RSS_ANON,   PROC_RSS_FILE, PROC_RSS_SHMEM,
	PROC_RSS_PEAK, PROC_VIRTUAL, PROC_PAGETABLES, PROC_FAULT_RATE, PROC_COMM,
};

/* A list that is being made, of an option or of a table's settings. */
struct list {
	const struct metric **fields;
	size_t *count;
	enum scope scope;
	bool screen;			/* of the interactive one: see add_signed() and remove_signed() */
};

static struct list options_list(struct options *options)
{
	return (struct list){ options->fields, &options->field_count, options->record, !options->batch };
}

static size_t find(const struct list *list, const struct metric *metric)
{
	size_t i = 0;

	while (i < *list->count && list->fields[i] != metric)
		i++;
	return i;
}

/* A field that is already there stays where it is. */
static void add(const struct list *list, const struct metric *metric)
{
	if (find(list, metric) == *list->count)
		list->fields[(*list->count)++] = metric;
}

static void add_all(const struct list *list)
{
	for (unsigned i = 0; i < metric_count(list->scope); i++)
		add(list, metric_get(list->scope, i));
}

/* All but those of a probe that nobody asked for. */
static void add_unprobed(const struct list *list, bool faults)
{
	for (unsigned i = 0; i < metric_count(list->scope); i++)
		if (faults || !(metric_get(list->scope, i)->need & NEED_FAULTS))
			add(list, metric_get(list->scope, i));
}

static void remove_at(const struct list *list, size_t at)
{
	(*list->count)--;
	memmove(&list->fields[at], &list->fields[at + 1], (*list->count - at) * sizeof list->fields[0]);
}

/* For machines: every measured field that costs no file beside those that PSS needs anyway. */
static void set_machine_defaults(const struct options *options, const struct list *list)
{
	unsigned files = NEED_CORE | NEED_USER | NEED_STATUS | (options->no_pss ? 0 : NEED_ROLLUP);

	if (options->probes[PROBE_FAULTS].asked)
		files |= NEED_FAULTS;

	for (unsigned i = 0; i < metric_count(SCOPE_PROCESS); i++) {
		const struct metric *metric = metric_get(SCOPE_PROCESS, i);

		if (metric->kind != KIND_DERIVED && !(metric->need & ~files))
			add(list, metric);
	}
}

static void set_table_defaults(const struct list *list, bool no_pss)
{
	const enum process_metric *slots = no_pss ? default_fields_no_pss : default_fields;
	size_t count =
		no_pss ? sizeof default_fields_no_pss / sizeof *slots : sizeof default_fields / sizeof *slots;

	for (size_t i = 0; i < count; i++)
		add(list, metric_get(SCOPE_PROCESS, slots[i]));
}

static void set_defaults(struct options *options)
{
	struct list list = options_list(options);

	if (options->record != SCOPE_PROCESS)
		add_unprobed(&list, options->probes[PROBE_FAULTS].asked);
	else if (options->format != FORMAT_TABLE)
		set_machine_defaults(options, &list);
	else
		set_table_defaults(&list, options->no_pss);
}

static int unknown(const struct parsing *parsing, enum scope scope, const char *name, size_t len)
{
	const char *near = metric_suggest(scope, name, len);

	return option_error(parsing, "unknown %s field '%.*s' (%s%s%s)", metric_scope_name(scope),
			    len > SHOWN_MAX ? SHOWN_MAX : (int)len, name,
			    near ? "did you mean " : "-O lists the fields", near ? near : "", near ? "?" : "");
}

/* On the screen a text at the end, which has the room that remains, stays at the end. */
static void add_signed(const struct list *list, const struct metric *metric)
{
	size_t count = *list->count;
	const struct metric *last = count ? list->fields[count - 1] : NULL;

	add(list, metric);
	if (*list->count == count || !list->screen || !last || last->unit != UNIT_TEXT)
		return;
	list->fields[count - 1] = metric;
	list->fields[count] = last;
}

/* On the screen it is the settings that say what was there: nobody needs to know them by heart. */
static int remove_signed(const struct parsing *parsing, const struct list *list, const struct metric *metric)
{
	size_t at = find(list, metric);

	if (at < *list->count)
		remove_at(list, at);
	else if (!list->screen)
		return option_error(parsing, "%s is not among the fields shown (nothing to remove)", metric->key);
	return 0;
}

/* Whether KEY is NAME, in which '*' stands for anything, without regard to case. */
static bool key_matches(const char *key, const char *name, size_t len)
{
	const char *end = name + len, *star = NULL, *retry = NULL;

	while (*key) {
		if (name < end && *name == '*') {
			star = ++name;
			retry = key;
		} else if (name < end && tolower((unsigned char)*name) == tolower((unsigned char)*key)) {
			name++;
			key++;
		} else if (star) {
			/* The last star takes one more; what those before it took need not change. */
			name = star;
			key = ++retry;
		} else {
			return false;
		}
	}
	while (name < end && *name == '*')
		name++;
	return name == end;
}

/* The next metric after PREVIOUS (NULL for the first) whose key matches; NULL when there is none. */
static const struct metric *next_match(enum scope scope, const struct metric *previous, const char *name, size_t len)
{
	for (unsigned i = previous ? previous->index + 1 : 0; i < metric_count(scope); i++)
		if (key_matches(metric_get(scope, i)->key, name, len))
			return metric_get(scope, i);
	return NULL;
}

static int no_match(const struct parsing *parsing, enum scope scope, const char *name, size_t len)
{
	return option_error(parsing, "no %s field matches '%.*s' (-O lists the fields)", metric_scope_name(scope),
			    len > SHOWN_MAX ? SHOWN_MAX : (int)len, name);
}

static int apply_pattern(const struct parsing *parsing, const struct list *list, char sign, const char *name, size_t len)
{
	const struct metric *metric = next_match(list->scope, NULL, name, len);

	if (!metric)
		return no_match(parsing, list->scope, name, len);
	for (; metric; metric = next_match(list->scope, metric, name, len)) {
		size_t at = find(list, metric);

		if (sign == '+')
			add_signed(list, metric);
		else if (sign != '-')
			add(list, metric);
		else if (at < *list->count)
			remove_at(list, at);
	}
	return 0;
}

/* One item of a list; SIGN is 0 in a list that replaces. */
static int apply_item(const struct parsing *parsing, const struct list *list, char sign, const char *name,
		      size_t len)
{
	if (len == 3 && !memcmp(name, "all", 3) && sign != '-') {
		add_all(list);
		return 0;
	}
	if (memchr(name, '*', len))
		return apply_pattern(parsing, list, sign, name, len);
	const struct metric *metric = metric_find(list->scope, name, len);

	if (!metric)
		return unknown(parsing, list->scope, name, len);
	if (sign == '-')
		return remove_signed(parsing, list, metric);
	if (sign == '+')
		add_signed(list, metric);
	else
		add(list, metric);
	return 0;
}

static int apply_list(const struct parsing *parsing, const struct list *list, const char *text)
{
	bool is_signed = *text == '+' || *text == '-';

	if (!is_signed)
		*list->count = 0;
	for (;;) {
		size_t len = strcspn(text, ",");
		char sign = *text == '+' || *text == '-' ? *text : 0;

		if (is_signed != (sign != 0))
			return option_error(parsing,
					    "some fields have a sign and some have none (give all of them "
					    "+ or -, or none)");
		if (len == (sign != 0))
			return option_error(parsing, "an empty field name (separate names by single commas)");
		if (apply_item(parsing, list, sign, text + (sign != 0), len - (sign != 0)))
			return -1;
		if (!text[len])
			break;
		text += len + 1;
	}
	if (!*list->count)
		return option_error(parsing, "leaves no field to show (keep one)");
	return 0;
}

static const struct option_row *row_named(const char *name)
{
	const struct option_row *row = option_table;

	while (strcmp(row->name, name) != 0)
		row++;
	return row;
}

/* All that were given. */
static int apply_lists(struct parsing *parsing, const struct options *options, const struct list *list)
{
	parsing->row = row_named("fields");
	for (unsigned i = 0; i < options->field_list_count; i++) {
		parsing->value = options->field_lists[i];
		if (apply_list(parsing, list, parsing->value))
			return -1;
	}
	return 0;
}

/* The command line takes the place of the command name. */
static void show_command_line(const struct list *list)
{
	const struct metric *cmdline = metric_get(SCOPE_PROCESS, PROC_CMDLINE);
	size_t comm = find(list, metric_get(SCOPE_PROCESS, PROC_COMM));

	if (find(list, cmdline) == *list->count && comm < *list->count)
		list->fields[comm] = cmdline;
	else
		add(list, cmdline);
}

static int resolve_sort(struct parsing *parsing)
{
	struct options *options = parsing->options;
	const char *name = parsing->sort;

	options->sort = metric_get(SCOPE_PROCESS, options->no_pss ? PROC_RSS : PROC_PSS);
	options->ascending = false;
	if (!name)
		return 0;
	char sign = *name == '+' || *name == '-' ? *name : 0;

	name += sign != 0;
	if (strchr(name, '*')) {
		options->sort = next_match(SCOPE_PROCESS, NULL, name, strlen(name));
		if (!options->sort)
			return no_match(parsing, SCOPE_PROCESS, name, strlen(name));
		if (next_match(SCOPE_PROCESS, options->sort, name, strlen(name)))
			return option_error(parsing, "several fields match (name one to sort by)");
	} else {
		options->sort = metric_find(SCOPE_PROCESS, name, strlen(name));
	}
	if (!options->sort)
		return unknown(parsing, SCOPE_PROCESS, name, strlen(name));
	options->ascending = sign ? sign == '-' : options->sort->kind == KIND_LABEL;
	return 0;
}

int option_fields_resolve(struct parsing *parsing)
{
	struct list list = options_list(parsing->options);

	set_defaults(parsing->options);
	if (apply_lists(parsing, parsing->options, &list))
		return -1;
	if (parsing->options->command_line)
		show_command_line(&list);
	parsing->row = row_named("sort");
	parsing->value = parsing->sort;
	return resolve_sort(parsing);
}

/* -- over settings ---------------------------------------------------------------------------------------- */

/* Columns that would stay empty give way to those of RSS. */
static void leave_out_pss(const struct options *options, struct table_settings *table)
{
	struct list list = { table->fields, &table->field_count, SCOPE_PROCESS, true };
	unsigned needs = table->sort->need;

	for (size_t i = 0; i < table->field_count; i++)
		needs |= table->fields[i]->need;
	if (!options->no_pss || !(needs & NEED_ROLLUP))
		return;
	table->field_count = 0;
	set_table_defaults(&list, true);
	table->sort = metric_get(SCOPE_PROCESS, PROC_RSS);
	table->ascending = false;
}

static void apply_order(const struct options *options, struct table_settings *table)
{
	if (!options->sort_given)
		return;
	table->sort = options->sort;
	table->ascending = options->ascending;
}

static void apply_screen(const struct options *options, struct settings *settings)
{
	if (options->delay_given)
		settings->delay_ns = options->delay_ns;
	if (options->grouping != GROUPING_NONE)
		settings->grouping = options->grouping;
	if (options->palette_given)
		settings->palette = options->palette;
	settings->threads |= options->threads;
	settings->hide_idle |= options->hide_idle;
	settings->command_line |= options->command_line;
	settings->ascii |= options->ascii;
	settings->mouse &= !options->no_mouse;
}

int options_apply(const struct options *options, struct settings *settings, struct err *err)
{
	struct parsing parsing = { .err = err };
	struct table_settings *table =
		options->record == SCOPE_CGROUP ? &settings->cgroups : &settings->processes;
	struct list list = { table->fields, &table->field_count, options->record, true };

	leave_out_pss(options, &settings->processes);
	/* The screen of the machine has no columns to choose. */
	if (options->record != SCOPE_SYSTEM && apply_lists(&parsing, options, &list))
		return -1;
	apply_order(options, &settings->processes);
	apply_screen(options, settings);
	return 0;
}
