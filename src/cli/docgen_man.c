/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The generated sections of the manual page, in mdoc(7), and the field table of the README. */
#include <string.h>

#include "cli/docgen.h"
#include "cli/option_table.h"
#include "tui/keymap.h"

enum { LINE_MAX_COLUMNS = 76 };

/* Characters that roff would take for something else; a '-' that begins a word is a minus, others are hyphens.
 * */
static void man_char(struct buf *out, char c, bool first)
{
	switch (c) {
	case '\\': buf_puts(out, "\\e"); break;
	case '-': buf_puts(out, first ? "\\-" : "-"); break;
	case '\'': buf_puts(out, "\\(aq"); break;
	case '^': buf_puts(out, "\\(ha"); break;
	case '~': buf_puts(out, "\\(ti"); break;
	default: buf_putc(out, c);
	}
}

static size_t line_length(const struct buf *out)
{
	size_t at = out->len;

	while (at && out->data[at - 1] != '\n')
		at--;
	return out->len - at;
}

static void fresh_line(struct buf *out)
{
	if (line_length(out))
		buf_putc(out, '\n');
}

/* "--name", possibly with punctuation behind: a line of its own. */
static void man_flag(struct buf *out, const char *word, size_t len)
{
	size_t name = strcspn(word, ".,;:) ");

	fresh_line(out);
	buf_puts(out, ".Fl \\-");
	buf_add(out, word + 2, name - 2);
	if (name < len) {
		buf_putc(out, ' ');
		buf_add(out, word + name, len - name);
	}
	buf_putc(out, '\n');
}

static void man_word(struct buf *out, const char *word, size_t len)
{
	if (len > 2 && word[0] == '-' && word[1] == '-') {
		man_flag(out, word, len);
		return;
	}
	size_t used = line_length(out);

	if (used && used + 1 + len > LINE_MAX_COLUMNS)
		buf_putc(out, '\n');
	else if (used)
		buf_putc(out, ' ');
	if (!line_length(out) && (*word == '.' || *word == '\''))
		buf_puts(out, "\\&");
	for (size_t i = 0; i < len; i++)
		man_char(out, word[i], !i);
	/* mdoc wants each sentence to begin a line. */
	if (word[len - 1] == '.')
		buf_putc(out, '\n');
}

/* Prose, wrapped. */
static void man_text(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		if (len)
			man_word(out, text, len);
		text += len + (text[len] == ' ');
	}
}

/* One sentence that lacks its stop. */
static void man_sentence(struct buf *out, const char *text)
{
	man_text(out, text);
	if (!line_length(out)) {	/* it ended in an option's name, on a line just closed */
		out->len--;
		buf_puts(out, " .\n");
		return;
	}
	buf_puts(out, ".\n");
}

static void man_option(struct buf *out, const struct option_row *row)
{
	buf_puts(out, ".It ");
	if (row->letter) {
		buf_printf(out, "Fl %c", row->letter);
		if (row->argument)
			buf_printf(out, " Ar %s", row->argument);
		buf_puts(out, " , ");
	}
	buf_puts(out, "Fl \\-");
	buf_puts(out, row->name);
	if (row->argument)
		buf_printf(out, " Ar %s", row->argument);
	buf_putc(out, '\n');
	man_sentence(out, row->help);
	if (row->detail) {
		man_text(out, row->detail);
		fresh_line(out);
	}
}

void docgen_man_options(struct buf *out)
{
	for (int group = 0; group < GROUP_COUNT; group++) {
		buf_printf(out, ".Ss %s\n.Bl -tag -width Ds\n", option_group_title((enum option_group)group));
		for (unsigned i = 0; i < option_count; i++)
			if (option_table[i].group == (enum option_group)group)
				man_option(out, &option_table[i]);
		buf_puts(out, ".El\n");
	}
}

void docgen_man_fields(struct buf *out, enum scope scope)
{
	buf_puts(out, ".Bl -tag -width Ds\n");
	for (unsigned i = 0; i < metric_count(scope); i++) {
		const struct metric *metric = metric_get(scope, i);
		const char *unit = metric_unit_name(metric->unit);

		buf_printf(out, ".It Cm %s , Cm %s Pq %s%s%s\n", metric->key, metric->title, unit,
			   *unit ? ", " : "", metric_kind_name(metric->kind));
		man_sentence(out, metric->help);
		buf_puts(out, "Source: ");
		out->len--;	/* man_text puts the blank back */
		man_sentence(out, metric->source);
	}
	buf_puts(out, ".El\n");
}

/* -- keys ------------------------------------------------------------------------------------------------- */

/* Where a key has its meaning, when that is neither everywhere nor on all screens: " (processes, cgroups)". */
static void key_places(struct buf *out, unsigned contexts)
{
	static const char *const names[] = { "processes", "cgroups", "machine", "details",
					     "graph",	  "fields",  "choices", "texts" };
	const char *separator = " (";

	if ((contexts & CONTEXT_SCREENS) == CONTEXT_SCREENS)
		return;
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		if (!(contexts >> i & 1))
			continue;
		buf_printf(out, "%s%s", separator, names[i]);
		separator = ", ";
	}
	buf_putc(out, ')');
}

static void man_key_row(struct buf *out, const struct key_binding *row)
{
	struct buf text = { 0 };
	char name[KEY_NAME_MAX];

	buf_puts(out, ".It");
	for (unsigned k = 0; k < KEYS_MAX && row->keys[k]; k++) {
		buf_puts(out, k ? " , Ic \\&" : " Ic \\&");	/* not to be taken for punctuation */
		for (const char *c = key_name(row->keys[k], name); *c; c++)
			man_char(out, *c, c == name);
	}
	buf_putc(out, '\n');
	buf_puts(&text, row->help);
	key_places(&text, row->contexts);
	man_sentence(out, text.data);
	buf_free(&text);
}

void docgen_man_keys(struct buf *out)
{
	for (int group = 0; group < KEYS_GROUP_COUNT; group++) {
		buf_printf(out, ".Ss %s\n.Bl -tag -width Ds -compact\n", keymap_group_title((enum key_group)group));
		for (unsigned i = 0; i < COMMAND_COUNT - 1; i++)
			if (keymap_row(i)->group == (enum key_group)group)
				man_key_row(out, keymap_row(i));
		buf_puts(out, ".El\n");
	}
}

static void markdown_cell(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|' || *text == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
}

void docgen_markdown_fields(struct buf *out)
{
	buf_puts(out, "\n| Column | Key | Meaning | Read from |\n|---|---|---|---|\n");
	for (unsigned i = 0; i < metric_count(SCOPE_PROCESS); i++) {
		const struct metric *metric = metric_get(SCOPE_PROCESS, i);

		buf_puts(out, "| ");
		markdown_cell(out, metric->title);
		buf_printf(out, " | `%s` | ", metric->key);
		markdown_cell(out, metric->help);
		buf_puts(out, " | ");
		markdown_cell(out, metric->source);
		buf_puts(out, " |\n");
	}
	buf_puts(out, "\n");
}

void docgen_markdown_keys(struct buf *out)
{
	char name[KEY_NAME_MAX];

	for (int group = 0; group < KEYS_GROUP_COUNT; group++) {
		buf_printf(out, "\n| %s | |\n|---|---|\n", keymap_group_title((enum key_group)group));
		for (unsigned i = 0; i < COMMAND_COUNT - 1; i++) {
			const struct key_binding *row = keymap_row(i);

			if (row->group != (enum key_group)group)
				continue;
			buf_puts(out, "|");
			for (unsigned k = 0; k < KEYS_MAX && row->keys[k]; k++) {
				buf_puts(out, k ? ", `" : " `");
				buf_puts(out, key_name(row->keys[k], name));
				buf_puts(out, "`");
			}
			buf_puts(out, " | ");
			markdown_cell(out, row->help);
			key_places(out, row->contexts);
			buf_puts(out, " |\n");
		}
	}
	buf_puts(out, "\n");
}
