/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --help, --version and --list-fields print. */
#include "config.h"

#include <string.h>

#include "cli/option_table.h"
#include "out/escape.h"

enum { HELP_COLUMN = 28, HELP_WIDTH = 80 };

static void pad(struct buf *out, size_t from, size_t to)
{
	for (; from < to; from++)
		buf_putc(out, ' ');
}

/* TEXT from column HELP_COLUMN, broken at blanks. */
static void wrap(struct buf *out, const char *text)
{
	size_t column = HELP_COLUMN;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (column > HELP_COLUMN && column + 1 + word > HELP_WIDTH) {
			buf_putc(out, '\n');
			pad(out, 0, HELP_COLUMN);
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
			buf_putc(out, ' ');
			column++;
		}
		buf_add(out, text, word);
		column += word;
		text += word;
		text += *text == ' ';
	}
	buf_putc(out, '\n');
}

static void print_option(struct buf *out, const struct option_row *row)
{
	size_t start = out->len;

	if (row->letter)
		buf_printf(out, "  -%c, --%s", row->letter, row->name);
	else
		buf_printf(out, "      --%s", row->name);
	if (row->argument)
		buf_printf(out, " %s", row->argument);
	size_t used = out->len - start;

	if (used + 2 > HELP_COLUMN) {
		buf_putc(out, '\n');
		used = 0;
	}
	pad(out, used, HELP_COLUMN);
	wrap(out, row->help);
}

void options_print_help(struct buf *out)
{
	buf_puts(out, "Usage: memtide [OPTION]...\n"
		 "Show which process holds how much memory: PSS, kept fresh at little cost.\n");
	for (int group = 0; group < GROUP_COUNT; group++) {
		buf_printf(out, "\n%s:\n", option_group_title((enum option_group)group));
		for (unsigned i = 0; i < option_count; i++)
			if (option_table[i].group == (enum option_group)group)
				print_option(out, &option_table[i]);
	}
	buf_puts(out, "\nExit status: 0 done, 1 failed, 2 wrong usage. See memtide(1) for more.\n");
}

void options_print_version(struct buf *out)
{
	buf_printf(out, "memtide %s\n", PACKAGE_VERSION);
#ifdef HAVE_BPF
	buf_puts(out, "BPF: built in\n");
#else
	buf_puts(out, "BPF: not built in (configured --without-bpf)\n");
#endif
#ifdef HAVE_NCURSES
	buf_puts(out, "ncurses: built in\n");
#else
	buf_puts(out, "ncurses: not built in (configured --without-ncurses); only batch output, with -b\n");
#endif
	buf_puts(out, "License: GPL-2.0-or-later. There is no warranty, to the extent permitted by law.\n");
}

static void print_field_json(struct buf *out, const struct metric *metric)
{
	const struct {
		const char *name, *text;
	} members[] = {
		{ "scope", metric_scope_name(metric->scope) },
		{ "key", metric->key },
		{ "title", metric->title },
		{ "unit", metric_unit_name(metric->unit) },
		{ "kind", metric_kind_name(metric->kind) },
		{ "source", metric->source },
		{ "help", metric->help },
	};

	buf_puts(out, "{\"record\":\"field\"");
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		buf_printf(out, ",\"%s\":", members[i].name);
		escape_json(out, members[i].text);
	}
	buf_puts(out, "}\n");
}

static void print_field_csv(struct buf *out, const struct metric *metric)
{
	const char *const cells[] = {
		metric_scope_name(metric->scope), metric->key, metric->title, metric_unit_name(metric->unit),
		metric_kind_name(metric->kind), metric->source, metric->help,
	};

	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		if (i)
			buf_putc(out, ',');
		escape_csv(out, cells[i]);
	}
	buf_puts(out, "\r\n");
}

static void print_field_row(struct buf *out, const struct metric *metric)
{
	buf_printf(out, "%-32s %-12s %-16s %-8s %s [%s]\n", metric->key, metric->title,
		   metric_unit_name(metric->unit), metric_kind_name(metric->kind), metric->help,
		   metric->source);
}

void options_print_fields(const struct options *options, struct buf *out)
{
	void (*print)(struct buf *, const struct metric *) = print_field_row;

	if (options->format == FORMAT_JSON) {
		print = print_field_json;
	} else if (options->format == FORMAT_CSV) {
		print = print_field_csv;
		buf_puts(out, "scope,key,title,unit,kind,source,help\r\n");
	} else {
		buf_printf(out, "%-32s %-12s %-16s %-8s %s\n", "KEY", "TITLE", "UNIT", "KIND",
			   "MEANING [SOURCE]");
	}
	for (unsigned i = 0; i < metric_count(options->record); i++)
		print(out, metric_get(options->record, i));
}
