/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table for people: a few lines about the machine, a heading, one line of totals over the additive columns,
 * then the rows. The system record is a list instead: title, value and help of one metric a line.
 *
 * Numbers are never cut: a column widens to its longest number. Texts are cut at their column's width (marked
 * +) when there is a width to keep to, and have all the room they need otherwise.
 */
#include <stdlib.h>
#include <string.h>

#include "out/cell.h"
#include "out/escape.h"
#include "out/format.h"
#include "out/rows.h"
#include "out/summary.h"
#include "util/text.h"

/* A cell, in struct table texts. */
struct span {
	size_t at;
	unsigned len, columns;
};

/* The column of a cgroup's path has no metric. */
struct column {
	const struct metric *metric;
	const char *title;
	bool left;
	bool text;	/* free text, which may be cut */
	unsigned width;
};

struct table {
	struct writer writer;
	bool started;
	struct summary summary;
	struct column *columns;
	size_t column_count;
	struct span *spans;		/* row by row */
	size_t span_count, span_capacity;
	struct buf texts;
	struct buf line;
	struct buf name;
};

/* Ends a line: cut at the width of the terminal, without blanks at its end. */
static void put_line(struct table *table, struct buf *out, bool bold)
{
	struct buf *line = &table->line;
	size_t len = line->len;

	if (table->writer.config.columns)
		len = text_prefix(line->data ? line->data : "", len, table->writer.config.columns);
	while (len && line->data[len - 1] == ' ')
		len--;
	bold &= table->writer.config.emphasis;
	if (bold)
		buf_puts(out, "\033[1m");
	buf_add(out, line->data, len);
	if (bold)
		buf_puts(out, "\033[0m");
	buf_putc(out, '\n');
	buf_checkpoint(out);
	out->failed |= line->failed;
	buf_clear(line);
}

/* Puts each line of TEXT out, cut. */
static void put_lines(struct table *table, struct buf *out, const struct buf *text)
{
	const char *at = text->data, *end = at + text->len, *newline;

	for (; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			newline = end;
		buf_add(&table->line, at, (size_t)(newline - at));
		put_line(table, out, false);
	}
}

static void pad(struct buf *line, unsigned columns)
{
	static const char blanks[] = "                ";

	for (unsigned part; columns; columns -= part) {
		part = columns < sizeof blanks - 1 ? columns : (unsigned)sizeof blanks - 1;
		buf_add(line, blanks, part);
	}
}

static bool make_columns(struct table *table)
{
	enum scope scope = table->writer.config.record;
	const struct fields *fields = &table->writer.fields[scope];
	struct column *columns = malloc((fields->count + 1) * sizeof *columns);
	size_t count = 0;

	if (!columns)
		return false;
	for (size_t i = 0; i < fields->count; i++) {
		const struct metric *metric = fields->list[i];

		columns[count++] = (struct column){ metric, metric->title, cell_is_left(metric),
						    metric->unit == UNIT_TEXT, 0 };
	}
	if (scope == SCOPE_CGROUP)
		columns[count++] = (struct column){ NULL, "PATH", true, true, 0 };
	table->columns = columns;
	table->column_count = count;
	return true;
}

/* A column starts as wide as its metric asks and its title needs. */
static void reset_columns(struct table *table)
{
	for (size_t i = 0; i < table->column_count; i++) {
		struct column *column = &table->columns[i];
		unsigned title = (unsigned)strlen(column->title);

		column->width = column->metric && column->metric->width > title ? column->metric->width : title;
	}
	table->span_count = 0;
	buf_clear(&table->texts);
	buf_putc(&table->texts, ' ');	/* so that it has memory, whatever the cells */
}

/* The next cell, row by row. Column I gets wider when the cell needs it and it may. */
static bool add_cell(struct table *table, size_t i, const char *s)
{
	unsigned limit = table->writer.config.columns;
	struct column *column = &table->columns[i];

	if (table->span_count == table->span_capacity) {
		size_t wanted = table->span_capacity ? table->span_capacity * 2 : 256;
		struct span *bigger = realloc(table->spans, wanted * sizeof *bigger);

		if (!bigger)
			return false;
		table->spans = bigger;
		table->span_capacity = wanted;
	}
	struct span *span = &table->spans[table->span_count++];
	size_t at = table->texts.len;

	escape_plain(&table->texts, s);
	if (table->texts.failed)
		return false;

	const char *text = table->texts.data + at;
	size_t len = table->texts.len - at;

	/* What comes last takes the rest of the line, and put_line() cuts it. */
	if (column->text && limit && i + 1 < table->column_count && text_columns(text, len) > column->width) {
		table->texts.len = at + text_prefix(text, len, column->width - 1);
		buf_putc(&table->texts, '+');
		len = table->texts.len - at;
		text = table->texts.data + at;
	}
	*span = (struct span){ at, (unsigned)len, (unsigned)text_columns(text, len) };
	if (span->columns > column->width)
		column->width = span->columns;
	return !table->texts.failed;
}

static bool add_row(struct table *table, const struct record *record, const char *path)
{
	char cell[CELL_MAX];

	for (size_t i = 0; i < table->column_count; i++) {
		const struct metric *metric = table->columns[i].metric;

		if (!add_cell(table, i, metric ? cell_text(cell, record, metric) : path))
			return false;
	}
	return true;
}

/* The column that names a row, where tree lines, cgroups and the number of rows go: the last text. */
static size_t name_column(const struct table *table)
{
	size_t name = SIZE_MAX;

	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].text)
			name = i;
	return name;
}

/* A line of sums: NAME goes to the name column. */
static bool add_totals(struct table *table, const struct total *total, const char *name)
{
	size_t named = name_column(table);
	char cell[CELL_MAX];

	for (size_t i = 0; i < table->column_count; i++) {
		const struct metric *metric = table->columns[i].metric;
		const char *s = i == named ? name : metric ? rows_total(cell, total, metric, CELL_AUTO) : "";

		if (!add_cell(table, i, s))
			return false;
	}
	return true;
}

static bool has_totals(const struct table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].metric && arrange_total_slot(table->columns[i].metric) >= 0)
			return true;
	return false;
}

/* S (LEN bytes, COLUMNS wide) in column I of the line. */
static void put_cell(struct table *table, size_t i, const char *s, size_t len, unsigned columns)
{
	const struct column *column = &table->columns[i];
	unsigned blanks = column->width > columns ? column->width - columns : 0;

	if (i)
		buf_putc(&table->line, ' ');
	if (!column->left)
		pad(&table->line, blanks);
	buf_add(&table->line, s, len);
	if (column->left && i + 1 < table->column_count)
		pad(&table->line, blanks);
}

static void put_grid(struct table *table, struct buf *out)
{
	for (size_t i = 0; i < table->column_count; i++) {
		size_t len = strlen(table->columns[i].title);

		put_cell(table, i, table->columns[i].title, len, (unsigned)len);
	}
	put_line(table, out, true);
	for (size_t n = 0; n < table->span_count; n++) {
		const struct span *span = &table->spans[n];
		size_t i = n % table->column_count;

		put_cell(table, i, table->texts.data + span->at, span->len, span->columns);
		if (i + 1 == table->column_count)
			put_line(table, out, false);
	}
}

static bool add_cgroups(struct table *table, const struct snapshot *snapshot)
{
	bool ok = true;

	for (size_t i = 0; ok && i < snapshot->cgroup_count; i++) {
		const struct cgroup *cgroup = &snapshot->cgroups[i];
		struct record record = record_cgroup(cgroup);

		ok = add_row(table, &record, cgroup->path ? cgroup->path->s : "");
	}
	return ok;
}

/* What a row has in a column: a thread its own ID in that of the PID, unless the TID has a column. */
static const struct metric *metric_in(const struct table *table, const struct process *process, const struct column *column)
{
	const struct metric *tid = metric_get(SCOPE_PROCESS, PROC_TID);

	if (!process->is_thread || column->metric->index != PROC_PID)
		return column->metric;
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].metric == tid)
			return column->metric;
	return tid;
}

/* A process or thread, its name behind the lines of a tree. */
static bool add_process(struct table *table, const struct process *process, const struct row *row)
{
	struct record record = record_process(process);
	size_t named = name_column(table);
	char cell[CELL_MAX];
	bool ok = true;

	buf_clear(&table->name);
	rows_tree_lines(&table->name, row, !table->writer.config.utf8);
	for (size_t i = 0; ok && i < table->column_count; i++) {
		const char *s = cell_text(cell, &record, metric_in(table, process, &table->columns[i]));

		if (i == named && row->depth) {
			buf_puts(&table->name, s);
			s = table->name.failed ? s : table->name.data;
		}
		ok = add_cell(table, i, s);
	}
	return ok;
}

static bool add_group(struct table *table, const struct snapshot *snapshot, const struct arrangement *arrangement,
		      const struct row *row)
{
	buf_clear(&table->name);
	rows_cgroup_label(&table->name, snapshot, arrangement, row, CELL_AUTO);
	return !table->name.failed && add_totals(table, &arrangement->totals[row->total], table->name.data);
}

static bool add_rows(struct table *table, const struct snapshot *snapshot, const struct arrangement *arrangement)
{
	unsigned limit = table->writer.config.rows;
	bool ok = true;

	if (has_totals(table)) {
		buf_clear(&table->name);
		buf_printf(&table->name, "total of %u", arrangement->shown.processes);
		ok = !table->name.failed && add_totals(table, &arrangement->shown, table->name.data);
	}
	for (size_t i = 0; ok && i < arrangement->row_count && (!limit || i < limit); i++) {
		const struct row *row = &arrangement->rows[i];

		if (row->kind == ROW_CGROUP)
			ok = add_group(table, snapshot, arrangement, row);
		else
			ok = add_process(table, snapshot_row(snapshot, row->index), row);
	}
	return ok;
}

/* The system record as a list. */
static void put_system(struct table *table, struct buf *out, const struct snapshot *snapshot)
{
	const struct fields *fields = &table->writer.fields[SCOPE_SYSTEM];
	struct record record = record_system(snapshot);
	unsigned titles = 0;
	char cell[CELL_MAX];

	for (size_t i = 0; i < fields->count; i++)
		if (strlen(fields->list[i]->title) > titles)
			titles = (unsigned)strlen(fields->list[i]->title);
	for (size_t i = 0; i < fields->count; i++) {
		const struct metric *metric = fields->list[i];
		const char *s = cell_text(cell, &record, metric);
		unsigned title = (unsigned)strlen(metric->title), len = (unsigned)strlen(s);

		buf_puts(&table->line, metric->title);
		pad(&table->line, titles - title + 1);
		pad(&table->line, len < metric->width ? metric->width - len : 0);
		buf_puts(&table->line, s);
		buf_puts(&table->line, "  ");
		buf_puts(&table->line, metric->help);
		put_line(table, out, false);
	}
}

static void table_sample(struct writer *writer, const struct snapshot *snapshot, const struct arrangement *arrangement,
			 struct buf *out)
{
	struct table *table = (struct table *)writer;
	struct buf lines = { 0 };

	if (!table->columns && !make_columns(table)) {
		out->failed = true;
		return;
	}
	if (table->started)
		buf_putc(out, '\n');
	table->started = true;
	summary_title(&lines, snapshot);
	buf_putc(&lines, '\n');
	if (writer->config.record != SCOPE_SYSTEM)
		summary_lines(&table->summary, &lines, snapshot, arrangement->shown.processes);
	put_lines(table, out, &lines);
	out->failed |= lines.failed;
	buf_free(&lines);
	buf_putc(out, '\n');
	if (writer->config.record == SCOPE_SYSTEM) {
		put_system(table, out, snapshot);
		return;
	}
	reset_columns(table);
	if (writer->config.record == SCOPE_CGROUP ? add_cgroups(table, snapshot) : add_rows(table, snapshot, arrangement))
		put_grid(table, out);
	else
		out->failed = true;
}

static void table_fini(struct writer *writer)
{
	struct table *table = (struct table *)writer;

	free(table->columns);
	free(table->spans);
	buf_free(&table->texts);
	buf_free(&table->line);
	buf_free(&table->name);
}

const struct format_ops format_table = {
	.name = "table",
	.size = sizeof(struct table),
	.sample = table_sample,
	.fini = table_fini,
};
