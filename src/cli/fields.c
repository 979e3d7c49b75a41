/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of fields (-F) and the sort key (-o), resolved when the record kind is known. */
#include <string.h>

#include "cli/option_table.h"
#include "model/suggest.h"

enum { SHOWN_MAX = 40 };

/* Who holds the memory, and what is it doing? */
static const enum process_metric default_fields[] = {
	PROC_PID, PROC_USER, PROC_PSS, PROC_PSS_ANON, PROC_PSS_FILE, PROC_PSS_SHMEM, PROC_USS, PROC_SWAP,
	PROC_RSS, PROC_PSS_GROWTH, PROC_FAULT_RATE, PROC_COMM,
};

/* The same without smaps_rollup. */
static const enum process_metric default_fields_no_pss[] = {
	PROC_PID, PROC_USER, PROC_RSS, PROC_RSS_ANON, PROC_RSS_FILE, PROC_RSS_SHMEM, PROC_RSS_PEAK,
	PROC_VIRTUAL, PROC_PAGETABLES, PROC_FAULT_RATE, PROC_COMM,
};

static size_t find(const struct options *options, const struct metric *metric)
{
	size_t i = 0;

	while (i < options->field_count && options->fields[i] != metric)
		i++;
	return i;
}

/* A field that is already there stays where it is. */
static void add(struct options *options, const struct metric *metric)
{
	if (find(options, metric) == options->field_count)
		options->fields[options->field_count++] = metric;
}

static void add_all(struct options *options)
{
	for (unsigned i = 0; i < metric_count(options->record); i++)
		add(options, metric_get(options->record, i));
}

static void remove_at(struct options *options, size_t at)
{
	options->field_count--;
	memmove(&options->fields[at], &options->fields[at + 1],
		(options->field_count - at) * sizeof options->fields[0]);
}

/* For machines: every measured field that costs no file beside those that PSS needs anyway. */
static void set_machine_defaults(struct options *options)
{
	unsigned files = NEED_CORE | NEED_USER | NEED_STATUS | (options->no_pss ? 0 : NEED_ROLLUP);

	for (unsigned i = 0; i < metric_count(SCOPE_PROCESS); i++) {
		const struct metric *metric = metric_get(SCOPE_PROCESS, i);

		if (metric->kind != KIND_DERIVED && !(metric->need & ~files))
			add(options, metric);
	}
}

static void set_defaults(struct options *options)
{
	const enum process_metric *slots = options->no_pss ? default_fields_no_pss : default_fields;
	size_t count = options->no_pss ? sizeof default_fields_no_pss / sizeof *slots :
					 sizeof default_fields / sizeof *slots;

	if (options->record != SCOPE_PROCESS) {
		add_all(options);
		return;
	}
	if (options->format != FORMAT_TABLE) {
		set_machine_defaults(options);
		return;
	}
	for (size_t i = 0; i < count; i++)
		add(options, metric_get(SCOPE_PROCESS, slots[i]));
}

static int unknown(const struct parsing *parsing, enum scope scope, const char *name, size_t len)
{
	const char *near = metric_suggest(scope, name, len);

	return option_error(parsing, "unknown %s field '%.*s' (%s%s%s)", metric_scope_name(scope),
			    len > SHOWN_MAX ? SHOWN_MAX : (int)len, name,
			    near ? "did you mean " : "-O lists the fields", near ? near : "", near ? "?" : "");
}

/* One item of a list; SIGN is 0 in a list that replaces. */
static int apply_item(const struct parsing *parsing, char sign, const char *name, size_t len)
{
	struct options *options = parsing->options;

	if (len == 3 && !memcmp(name, "all", 3) && sign != '-') {
		add_all(options);
		return 0;
	}
	const struct metric *metric = metric_find(options->record, name, len);

	if (!metric)
		return unknown(parsing, options->record, name, len);
	if (sign != '-') {
		add(options, metric);
		return 0;
	}
	size_t at = find(options, metric);

	if (at == options->field_count)
		return option_error(parsing, "%s is not among the fields shown (nothing to remove)",
				    metric->key);
	remove_at(options, at);
	return 0;
}

static int apply_list(const struct parsing *parsing, const char *list)
{
	bool is_signed = *list == '+' || *list == '-';

	if (!is_signed)
		parsing->options->field_count = 0;
	for (;;) {
		size_t len = strcspn(list, ",");
		char sign = *list == '+' || *list == '-' ? *list : 0;

		if (is_signed != (sign != 0))
			return option_error(parsing,
					    "some fields have a sign and some have none (give all of them "
					    "+ or -, or none)");
		if (len == (sign != 0))
			return option_error(parsing, "an empty field name (separate names by single commas)");
		if (apply_item(parsing, sign, list + (sign != 0), len - (sign != 0)))
			return -1;
		if (!list[len])
			break;
		list += len + 1;
	}
	if (!parsing->options->field_count)
		return option_error(parsing, "leaves no field to show (keep one)");
	return 0;
}

/* The command line takes the place of the command name. */
static void show_command_line(struct options *options)
{
	const struct metric *cmdline = metric_get(SCOPE_PROCESS, PROC_CMDLINE);
	size_t comm = find(options, metric_get(SCOPE_PROCESS, PROC_COMM));

	if (find(options, cmdline) == options->field_count && comm < options->field_count)
		options->fields[comm] = cmdline;
	else
		add(options, cmdline);
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
	options->sort = metric_find(SCOPE_PROCESS, name, strlen(name));
	if (!options->sort)
		return unknown(parsing, SCOPE_PROCESS, name, strlen(name));
	options->ascending = sign ? sign == '-' : options->sort->kind == KIND_LABEL;
	return 0;
}

static const struct option_row *row_named(const char *name)
{
	const struct option_row *row = option_table;

	while (strcmp(row->name, name) != 0)
		row++;
	return row;
}

int option_fields_resolve(struct parsing *parsing)
{
	set_defaults(parsing->options);
	parsing->row = row_named("fields");
	for (unsigned i = 0; i < parsing->field_list_count; i++) {
		parsing->value = parsing->field_lists[i];
		if (apply_list(parsing, parsing->value))
			return -1;
	}
	if (parsing->command_line)
		show_command_line(parsing->options);
	parsing->row = row_named("sort");
	parsing->value = parsing->sort;
	return resolve_sort(parsing);
}
