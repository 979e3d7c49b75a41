/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CSV after RFC 4180, but with LF at the end of lines, as Unix tools expect.
 *
 * One heading line, then one row per record of one kind: record and time (and path of a cgroup), the fields,
 * and three columns that keep what a cell cannot say: na "key=status;...", est "key=low..high;...", stale
 * "key=seconds;...". A value that could not be had is an empty cell.
 */
#include "out/escape.h"
#include "out/format.h"
#include "out/number.h"
#include "out/record.h"

struct csv {
	struct writer writer;
	bool started;			/* the heading is out */
	struct buf stamp;		/* record and time cells of this sample */
	struct buf na, est, stale;	/* cells of the row being written */
};

static void put_heading(const struct writer *writer, struct buf *out)
{
	enum scope scope = writer->config.record;
	const struct fields *fields = &writer->fields[scope];

	buf_puts(out, "record,time");
	if (scope == SCOPE_CGROUP)
		buf_puts(out, ",path");
	for (size_t i = 0; i < fields->count; i++) {
		buf_putc(out, ',');
		buf_puts(out, fields->list[i]->key);
	}
	buf_puts(out, ",na,est,stale\n");
}

/* ;key= */
static void put_key(struct buf *cell, const char *key)
{
	if (cell->len)
		buf_putc(cell, ';');
	buf_puts(cell, key);
	buf_putc(cell, '=');
}

static void put_remarks(struct csv *csv, const struct record *record, const struct metric *metric,
			enum value_status status)
{
	const struct bounds *bounds = record_bounds(record, metric);

	if (!value_has_amount(status)) {
		put_key(&csv->na, metric->key);
		buf_puts(&csv->na, value_status_name(status));
	}
	if (bounds) {
		put_key(&csv->est, metric->key);
		number_amount(&csv->est, metric->unit, bounds->low);
		buf_add(&csv->est, "..", 2);
		number_amount(&csv->est, metric->unit, bounds->high);
	}
	if (status == VALUE_STALE) {
		put_key(&csv->stale, metric->key);
		if (record->process && value_has_amount(record->process->status[PROC_PSS_AGE]))
			number_amount(&csv->stale, UNIT_SECONDS, record->process->amount[PROC_PSS_AGE]);
	}
}

static void put_cell(struct csv *csv, struct buf *out, const struct record *record, const struct metric *metric)
{
	struct value value = record_value(record, metric);
	char letter[RECORD_TEXT_MAX];

	buf_putc(out, ',');
	if (value_has_amount(value.status)) {
		if (record_unit_is_text(metric->unit))
			escape_csv(out, record_text(record, metric, letter));
		else
			number_amount(out, metric->unit, value.amount);
	}
	if (value.status != VALUE_OK)
		put_remarks(csv, record, metric, value.status);
}

static void put_remark_cell(struct buf *out, struct buf *cell)
{
	out->failed |= cell->failed;
	buf_putc(out, ',');
	buf_add(out, cell->data, cell->len);
	buf_clear(cell);
}

static void put_row(struct csv *csv, struct buf *out, const struct record *record, const char *path)
{
	enum scope scope = csv->writer.config.record;
	const struct fields *fields = &csv->writer.fields[scope];

	buf_add(out, csv->stamp.data, csv->stamp.len);
	if (scope == SCOPE_CGROUP) {
		buf_putc(out, ',');
		escape_csv(out, path);
	}
	for (size_t i = 0; i < fields->count; i++)
		put_cell(csv, out, record, fields->list[i]);
	put_remark_cell(out, &csv->na);
	put_remark_cell(out, &csv->est);
	put_remark_cell(out, &csv->stale);
	buf_putc(out, '\n');
	buf_checkpoint(out);
}

/* What begins each row of a record of KIND. */
static void set_stamp(struct csv *csv, const char *kind, const struct snapshot *snapshot, struct buf *out)
{
	buf_clear(&csv->stamp);
	buf_puts(&csv->stamp, kind);
	buf_putc(&csv->stamp, ',');
	number_time(&csv->stamp, snapshot->real_ns);
	out->failed |= csv->stamp.failed;
}

static void put_processes(struct csv *csv, const struct snapshot *snapshot, const struct arrangement *arrangement,
			  struct buf *out)
{
	bool threads = false;

	for (size_t i = 0; i < arrangement->row_count; i++) {
		const struct row *row = &arrangement->rows[i];
		struct record record;

		if (row->kind != ROW_PROCESS && row->kind != ROW_THREAD)
			continue;
		if (threads != (row->kind == ROW_THREAD)) {
			threads = !threads;
			set_stamp(csv, threads ? "thread" : "process", snapshot, out);
		}
		record = record_process(snapshot_row(snapshot, row->index));
		put_row(csv, out, &record, NULL);
	}
}

static void csv_sample(struct writer *writer, const struct snapshot *snapshot, const struct arrangement *arrangement,
		       struct buf *out)
{
	struct csv *csv = (struct csv *)writer;
	enum scope scope = writer->config.record;
	struct record record;

	if (!csv->started)
		put_heading(writer, out);
	csv->started = true;
	set_stamp(csv, metric_scope_name(scope), snapshot, out);
	switch (scope) {
	case SCOPE_SYSTEM:
		record = record_system(snapshot);
		put_row(csv, out, &record, NULL);
		break;
	case SCOPE_CGROUP:
		for (size_t i = 0; i < snapshot->cgroup_count; i++) {
			const struct text *path = snapshot->cgroups[i].path;

			record = record_cgroup(&snapshot->cgroups[i]);
			put_row(csv, out, &record, path ? path->s : "");
		}
		break;
	default:
		put_processes(csv, snapshot, arrangement, out);
	}
}

static void csv_fini(struct writer *writer)
{
	struct csv *csv = (struct csv *)writer;

	buf_free(&csv->stamp);
	buf_free(&csv->na);
	buf_free(&csv->est);
	buf_free(&csv->stale);
}

const struct format_ops format_csv = {
	.name = "csv",
	.size = sizeof(struct csv),
	.sample = csv_sample,
	.fini = csv_fini,
};
