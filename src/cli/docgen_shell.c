/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The generated parts of the bash and zsh completions. */
#include <string.h>

#include "cli/docgen.h"
#include "cli/option_table.h"

/* Keys of SCOPE, separated by blanks, indented and wrapped. */
static void keys(struct buf *out, enum scope scope, const char *indent)
{
	size_t column = 0;

	for (unsigned i = 0; i < metric_count(scope); i++) {
		const char *key = metric_get(scope, i)->key;

		if (!column || column + strlen(key) + 1 > 90) {
			buf_printf(out, "%s%s%s", column ? "\n" : "", indent, key);
			column = strlen(indent) + strlen(key);
		} else {
			buf_printf(out, " %s", key);
			column += strlen(key) + 1;
		}
	}
}

/* -- bash ------------------------------------------------------------------------------------------------- */

static void bash_pattern(struct buf *out, const struct option_row *row)
{
	if (row->letter)
		buf_printf(out, "-%c | ", row->letter);
	buf_printf(out, "--%s", row->name);
}

/* What completes the argument of ROW; NULL for words, which come from the row. */
static const char *bash_action(const struct option_row *row)
{
	switch (row->complete) {
	case COMPLETE_FIELDS: return "_memtide_list \"all $(_memtide_keys)\"";
	case COMPLETE_SORT: return "_memtide_list \"$_memtide_process_keys\"";
	case COMPLETE_PIDS: return "_memtide_list \"$(cd /proc && echo [0-9]*)\"";
	case COMPLETE_USER: return "_memtide_reply -u";
	case COMPLETE_DIRECTORY: return "_memtide_reply -d";
	case COMPLETE_NOTHING: return "COMPREPLY=()";
	case COMPLETE_WORDS: break;
	}
	return NULL;
}

static void bash_argument(struct buf *out, const struct option_row *row)
{
	const char *action = bash_action(row);

	buf_puts(out, "\t");
	bash_pattern(out, row);
	buf_puts(out, ") ");
	if (action)
		buf_puts(out, action);
	else
		buf_printf(out, "_memtide_reply -W '%s'", row->words);
	buf_puts(out, " ;;\n");
}

static void bash_keys(struct buf *out)
{
	for (int scope = 0; scope < SCOPE_COUNT; scope++) {
		buf_printf(out, "_memtide_%s_keys='\n", metric_scope_name((enum scope)scope));
		keys(out, (enum scope)scope, "\t");
		buf_puts(out, "'\n");
	}
}

void docgen_bash(struct buf *out)
{
	bash_keys(out);
	buf_puts(out, "\n_memtide_options='");
	for (unsigned i = 0; i < option_count; i++) {
		if (option_table[i].letter)
			buf_printf(out, "\n\t-%c", option_table[i].letter);
		buf_printf(out, "%s--%s", option_table[i].letter ? " " : "\n\t", option_table[i].name);
	}
	buf_puts(out, "'\n\n# Completes the argument of the option $1; fails when it takes none.\n"
		 "_memtide_argument() {\n\tcase $1 in\n");
	for (unsigned i = 0; i < option_count; i++)
		if (option_table[i].argument)
			bash_argument(out, &option_table[i]);
	buf_puts(out, "\t*) return 1 ;;\n\tesac\n}\n");
}

/* -- zsh -------------------------------------------------------------------------------------------------- */

/* TEXT inside '...[...]': quotes, brackets and colons. */
static void zsh_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'') {
			buf_puts(out, "'\\''");
			continue;
		}
		if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
}

static void zsh_argument(struct buf *out, const struct option_row *row)
{
	static const char *const actions[] = {
		[COMPLETE_NOTHING] = "",
		[COMPLETE_FIELDS] = "_memtide_fields",
		[COMPLETE_SORT] = "_memtide_sort",
		[COMPLETE_PIDS] = "_sequence _pids",
		[COMPLETE_USER] = "_users",
		[COMPLETE_DIRECTORY] = "_directories",
	};

	buf_putc(out, ':');
	zsh_text(out, row->argument);
	buf_putc(out, ':');
	if (row->complete == COMPLETE_WORDS)
		buf_printf(out, "(%s)", row->words);
	else
		buf_puts(out, actions[row->complete]);
}

static void zsh_option(struct buf *out, const struct option_row *row)
{
	buf_puts(out, "\t\t");
	if (row->letter)
		buf_printf(out, "'(-%c --%s)'{-%c%s,--%s%s}'", row->letter, row->name, row->letter,
			   row->argument ? "+" : "", row->name, row->argument ? "=" : "");
	else
		buf_printf(out, "'--%s%s", row->name, row->argument ? "=" : "");
	buf_putc(out, '[');
	zsh_text(out, row->help);
	buf_putc(out, ']');
	if (row->argument)
		zsh_argument(out, row);
	buf_puts(out, "' \\\n");
}

void docgen_zsh(struct buf *out)
{
	for (int scope = 0; scope < SCOPE_COUNT; scope++) {
		buf_printf(out, "_memtide_%s_keys=(\n", metric_scope_name((enum scope)scope));
		keys(out, (enum scope)scope, "\t");
		buf_puts(out, "\n)\n");
	}
	buf_puts(out, "\n_memtide() {\n\t_arguments -s -S \\\n");
	for (unsigned i = 0; i < option_count; i++)
		zsh_option(out, &option_table[i]);
	buf_puts(out, "\t\t&& return\n}\n");
}
