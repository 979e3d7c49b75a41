/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenMetrics 1.0 text: one complete exposition per sample, without timestamps, closed by # EOF.
 *
 * Families are memtide_<scope>_<key>. A value that could not be had is not exposed; memtide_<scope>_absent
 * counts how many are missing, by key and status. An estimated value is exposed as the number it is shown as,
 * and memtide_process_estimate_bytes says so by giving its bounds. Labels of the metric table become labels of
 * an info family.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "model/faults.h"
#include "out/escape.h"
#include "out/format.h"
#include "out/number.h"
#include "out/record.h"

/* Bounds of one unit are a family. */
enum { BOUNDS_BYTES, BOUNDS_SECONDS, BOUNDS };

struct om_row {
	struct record record;
	size_t label_at, label_len;	/* its part of struct openmetrics labels */
};

struct openmetrics {
	struct writer writer;
	struct om_row *rows;		/* of the scope being written */
	size_t row_count, row_capacity;
	struct buf labels;		/* pid="1",comm="init" of each row, without braces */
	struct buf set;			/* labels of the samples being written, where a row has several sets */
	struct buf absent;		/* samples of the _absent family of the scope being written */
	struct buf estimates[BOUNDS];	/* samples of the families of bounds */
};

/* One more label of the set that began at START. */
static void put_label(struct buf *out, size_t start, const char *name, const char *value)
{
	if (out->len > start)
		buf_putc(out, ',');
	buf_puts(out, name);
	buf_add(out, "=\"", 2);
	escape_label(out, value);
	buf_putc(out, '"');
}

/* The lines that begin a family. NAME is without _total; UNIT may be empty. */
static void put_family(struct buf *out, const char *name, const char *type, const char *unit, const char *help)
{
	buf_printf(out, "# TYPE %s %s\n", name, type);
	if (*unit)
		buf_printf(out, "# UNIT %s %s\n", name, unit);
	buf_printf(out, "# HELP %s ", name);
	escape_label(out, help);
	buf_putc(out, '\n');
}

static bool ends_with(const char *s, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len > n && !strncmp(s + len - n, suffix, n);
}

/* The unit with which KEY (LEN bytes, less _total) ends, as the specification demands of a # UNIT; or "". */
static const char *key_unit(const char *key, size_t len)
{
	static const struct {
		const char *suffix, *unit;
	} units[] = {
		{ "_bytes_per_second", "bytes_per_second" },
		{ "_per_second", "per_second" },
		{ "_bytes", "bytes" },
		{ "_seconds", "seconds" },
		{ "_percent", "percent" },
		{ "_ratio", "ratio" },
	};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (ends_with(key, len, units[i].suffix))
			return units[i].unit;
	return "";
}

static void put_metric_family(struct buf *out, const struct metric *metric)
{
	size_t len = strlen(metric->key);
	bool counter = metric->kind == KIND_COUNTER;
	char name[128];

	if (counter && ends_with(metric->key, len, "_total"))
		len -= strlen("_total");
	snprintf(name, sizeof name, "memtide_%s_%.*s", metric_scope_name(metric->scope), (int)len, metric->key);
	put_family(out, name, counter ? "counter" : "gauge", key_unit(metric->key, len), metric->help);
}

/* memtide_process_pss_bytes{...} */
static void put_series(struct openmetrics *om, struct buf *out, const char *prefix, const struct om_row *row)
{
	buf_puts(out, prefix);
	if (row->label_len) {
		buf_putc(out, '{');
		buf_add(out, om->labels.data + row->label_at, row->label_len);
		buf_putc(out, '}');
	}
	buf_putc(out, ' ');
}

static void put_bound(struct openmetrics *om, const struct metric *metric, const struct om_row *row,
		      const char *side, int64_t amount)
{
	bool seconds = metric->unit == UNIT_SECONDS;
	struct buf *out = &om->estimates[seconds ? BOUNDS_SECONDS : BOUNDS_BYTES];
	const char *name = seconds ? "memtide_process_estimate_seconds" : "memtide_process_estimate_bytes";

	if (!out->len)
		put_family(out, name, "gauge", seconds ? "seconds" : "bytes",
			   "Inclusive bounds of a value that was estimated rather than read");
	buf_puts(out, name);
	buf_putc(out, '{');
	buf_add(out, om->labels.data + row->label_at, row->label_len);
	buf_puts(out, ",key=\"");
	buf_puts(out, metric->key);
	buf_puts(out, "\",bound=\"");
	buf_puts(out, side);
	buf_puts(out, "\"} ");
	number_amount(out, metric->unit, amount);
	buf_putc(out, '\n');
}

static void put_absent(struct openmetrics *om, const struct metric *metric,
		       const uint64_t missing[VALUE_STATUS_COUNT])
{
	const char *scope = metric_scope_name(metric->scope);
	struct buf *out = &om->absent;

	for (int status = 0; status < VALUE_STATUS_COUNT; status++) {
		if (!missing[status])
			continue;
		if (!out->len) {
			char name[64];

			snprintf(name, sizeof name, "memtide_%s_absent", scope);
			put_family(out, name, "gauge", "",
				   "Values that could not be had, by metric and reason");
		}
		buf_printf(out, "memtide_%s_absent{key=\"%s\",status=\"%s\"} ", scope, metric->key,
			   value_status_name(status));
		buf_i64(out, (int64_t)missing[status]);
		buf_putc(out, '\n');
	}
}

/* All samples of one metric: a family must be in one piece. */
static void put_metric(struct openmetrics *om, struct buf *out, const struct metric *metric)
{
	uint64_t missing[VALUE_STATUS_COUNT] = { 0 };
	char prefix[128];
	bool begun = false;

	snprintf(prefix, sizeof prefix, "memtide_%s_%s", metric_scope_name(metric->scope), metric->key);
	for (size_t i = 0; i < om->row_count; i++) {
		const struct om_row *row = &om->rows[i];
		struct value value = record_value(&row->record, metric);
		const struct bounds *bounds;

		/* A counter below 0 is invalid, and can only come of a broken reading. */
		if (metric->kind == KIND_COUNTER && value.amount < 0)
			value = value_none(VALUE_LOST);
		if (!value_has_amount(value.status)) {
			missing[value.status] += !fields_leave_out(&om->writer.fields[metric->scope], metric, value.status);
			continue;
		}
		if (!begun)
			put_metric_family(out, metric);
		begun = true;
		put_series(om, out, prefix, row);
		number_amount(out, metric->unit, value.amount);
		buf_putc(out, '\n');
		buf_checkpoint(out);
		bounds = record_bounds(&row->record, metric);
		if (bounds) {
			put_bound(om, metric, row, "low", bounds->low);
			put_bound(om, metric, row, "high", bounds->high);
		}
	}
	put_absent(om, metric, missing);
}

static bool is_label(const struct metric *metric)
{
	return metric->kind == KIND_LABEL || record_unit_is_text(metric->unit);
}

/* The labels of every process series. */
static const enum process_metric identity[] = { PROC_PID, PROC_START_TIME, PROC_COMM, PROC_USER };

static bool is_identity(const struct metric *metric)
{
	for (size_t i = 0; i < sizeof identity / sizeof *identity; i++)
		if (metric == metric_get(SCOPE_PROCESS, identity[i]))
			return true;
	return false;
}

/* One more label, unless the metric has no value here. */
static void put_metric_label(struct buf *out, size_t start, const struct record *record,
			     const struct metric *metric)
{
	struct value value = record_value(record, metric);
	char letter[RECORD_TEXT_MAX];

	if (!value_has_amount(value.status))
		return;
	if (record_unit_is_text(metric->unit)) {
		put_label(out, start, metric->key, record_text(record, metric, letter));
		return;
	}
	if (out->len > start)
		buf_putc(out, ',');
	buf_puts(out, metric->key);
	buf_add(out, "=\"", 2);
	number_amount(out, metric->unit, value.amount);
	buf_putc(out, '"');
}

/* memtide_<scope>_info: the selected fields that are not measurements. */
static void put_info(struct openmetrics *om, struct buf *out, enum scope scope)
{
	const struct fields *fields = &om->writer.fields[scope];
	const char *name = metric_scope_name(scope);
	size_t wanted = 0;

	for (size_t i = 0; i < fields->count; i++)
		wanted += is_label(fields->list[i]) && !is_identity(fields->list[i]);
	if (!wanted || !om->row_count)
		return;
	buf_printf(out, "# TYPE memtide_%s info\n# HELP memtide_%s What describes a %s\n", name, name, name);
	for (size_t r = 0; r < om->row_count; r++) {
		const struct om_row *row = &om->rows[r];

		buf_printf(out, "memtide_%s_info{", name);

		size_t start = out->len;

		buf_add(out, om->labels.data + row->label_at, row->label_len);
		for (size_t i = 0; i < fields->count; i++)
			if (is_label(fields->list[i]) && !is_identity(fields->list[i]))
				put_metric_label(out, start, &row->record, fields->list[i]);
		buf_puts(out, "} 1\n");
		buf_checkpoint(out);
	}
}

/* Starts the next row, whose labels follow. NULL on ENOMEM. */
static struct om_row *add_row(struct openmetrics *om, struct record record)
{
	if (om->row_count == om->row_capacity) {
		size_t wanted = om->row_capacity ? om->row_capacity * 2 : 64;
		struct om_row *bigger = realloc(om->rows, wanted * sizeof *bigger);

		if (!bigger)
			return NULL;
		om->rows = bigger;
		om->row_capacity = wanted;
	}
	om->rows[om->row_count] = (struct om_row){ record, om->labels.len, 0 };
	return &om->rows[om->row_count++];
}

static void clear_rows(struct openmetrics *om)
{
	om->row_count = 0;
	buf_clear(&om->labels);
	buf_clear(&om->absent);
	for (int i = 0; i < BOUNDS; i++)
		buf_clear(&om->estimates[i]);
}

static bool add_process(struct openmetrics *om, const struct process *process)
{
	struct om_row *row = add_row(om, record_process(process));

	if (!row)
		return false;
	for (size_t i = 0; i < sizeof identity / sizeof *identity; i++)
		put_metric_label(&om->labels, row->label_at, &row->record,
				 metric_get(SCOPE_PROCESS, identity[i]));
	row->label_len = om->labels.len - row->label_at;
	return true;
}

static bool add_cgroup(struct openmetrics *om, const struct cgroup *cgroup)
{
	struct om_row *row = add_row(om, record_cgroup(cgroup));

	if (!row)
		return false;
	put_label(&om->labels, row->label_at, "path", cgroup->path ? cgroup->path->s : "");
	row->label_len = om->labels.len - row->label_at;
	return true;
}

/* Everything about the rows collected so far. */
static void put_scope(struct openmetrics *om, struct buf *out, enum scope scope)
{
	const struct fields *fields = &om->writer.fields[scope];

	if (om->labels.failed) {
		out->failed = true;
		return;
	}
	put_info(om, out, scope);
	for (size_t i = 0; i < fields->count; i++)
		if (!is_label(fields->list[i]))
			put_metric(om, out, fields->list[i]);
	for (int i = 0; i < BOUNDS; i++) {
		buf_add(out, om->estimates[i].data, om->estimates[i].len);
		out->failed |= om->estimates[i].failed;
	}
	buf_add(out, om->absent.data, om->absent.len);
	out->failed |= om->absent.failed;
}

static void put_gauge(struct buf *out, const char *name, const char *help, enum unit unit, int64_t amount)
{
	put_family(out, name, "gauge", key_unit(name, strlen(name)), help);
	buf_puts(out, name);
	buf_putc(out, ' ');
	number_amount(out, unit, amount);
	buf_putc(out, '\n');
}

static void put_program(struct buf *out, const struct snapshot *snapshot)
{
	const struct host *host = snapshot->host;

	buf_puts(out,
		 "# TYPE memtide info\n# HELP memtide The program and the machine it looks at\nmemtide_info{");

	size_t start = out->len;

	put_label(out, start, "version", PACKAGE_VERSION);
	put_label(out, start, "host", host->hostname);
	put_label(out, start, "kernel", host->kernel);
	put_label(out, start, "machine", host->machine);
	put_label(out, start, "boot_id", host->boot_id);
	put_label(out, start, "task_tier", host->task_tier ? host->task_tier : "");
	for (enum probe probe = 0; probe < PROBE_COUNT; probe++) {
		char label[32];

		snprintf(label, sizeof label, "%s_tier", probe_name(probe));
		put_label(out, start, label, probe_tier_name(snapshot->probes[probe]));
	}
	buf_puts(out, "} 1\n");
	put_gauge(out, "memtide_sample_time_seconds", "Time of this sample since the epoch", UNIT_SECONDS,
		  snapshot->real_ns);
	put_gauge(out, "memtide_sample_boottime_seconds", "Time of this sample since boot, suspension included",
		  UNIT_SECONDS, snapshot->boottime_ns);
}

/* name{label="value"} bytes */
static void put_labelled_bytes(struct buf *out, const char *name, const char *label, const char *value,
			       int64_t bytes)
{
	buf_puts(out, name);
	buf_putc(out, '{');
	put_label(out, out->len, label, value);
	buf_puts(out, "} ");
	buf_i64(out, bytes);
	buf_putc(out, '\n');
}

static void put_meminfo_other(struct buf *out, const struct snapshot *snapshot)
{
	static const char name[] = "memtide_system_meminfo_other_bytes";

	if (snapshot->extra_count)
		put_family(out, name, "gauge", "bytes", "Fields of meminfo that this version has no name for");
	for (unsigned i = 0; i < snapshot->extra_count; i++)
		put_labelled_bytes(out, name, "name", snapshot->extra[i].name, snapshot->extra[i].bytes);
}

static const struct swap_family {
	const char *name, *help;
} swap_families[] = {
	{ "memtide_system_swap_area_size_bytes", "Size of a swap area" },
	{ "memtide_system_swap_area_used_bytes", "Used part of a swap area" },
	{ "memtide_system_swap_area_zram_original_bytes", "Uncompressed size of what a zram area holds" },
	{ "memtide_system_swap_area_zram_compressed_bytes", "Compressed size of what a zram area holds" },
	{ "memtide_system_swap_area_zram_used_bytes", "Memory that a zram area takes" },
};

enum { SWAP_FAMILIES = sizeof swap_families / sizeof *swap_families };

/* The value of AREA in family INDEX. */
static struct value swap_value(const struct swap_area *area, size_t index)
{
	const struct value values[SWAP_FAMILIES] = {
		value_ok(area->size_bytes),
		value_ok(area->used_bytes),
		area->zram_original_bytes,
		area->zram_compressed_bytes,
		area->zram_used_bytes,
	};

	return values[index];
}

/* One family over all swap areas where it has an amount. */
static void put_swap_family(struct buf *out, const struct snapshot *snapshot, size_t index)
{
	const struct swap_family *family = &swap_families[index];
	bool begun = false;

	for (unsigned i = 0; i < snapshot->swap_count; i++) {
		const struct text *name = snapshot->swaps[i].name;
		struct value value = swap_value(&snapshot->swaps[i], index);

		if (!value_has_amount(value.status))
			continue;
		if (!begun)
			put_family(out, family->name, "gauge", "bytes", family->help);
		begun = true;
		put_labelled_bytes(out, family->name, "area", name ? name->s : "", value.amount);
	}
}

/* Upper bounds of the classic buckets: from 2^9 ns on, below which no fault ends, to 2^33 ns, 8.6 s. */
enum { LE_FIRST = 8, LE_LAST = 32 };

/* Faults of one class: SET are the labels of its samples. Without an amount of TIME there is neither sum nor, for the format
 * has both or none, count. */
static void put_class_durations(struct buf *out, const char *name, const char *set,
				const uint64_t buckets[FAULT_BUCKETS], struct value time)
{
	uint64_t count = 0;

	for (unsigned b = 0; b < FAULT_BUCKETS; b++) {
		count += buckets[b];
		if (b < LE_FIRST || b > LE_LAST)
			continue;
		buf_printf(out, "%s_bucket{%s,le=\"", name, set);
		number_amount(out, UNIT_SECONDS, INT64_C(2) << b);
		buf_printf(out, "\"} %" PRIu64 "\n", count);
	}
	buf_printf(out, "%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", name, set, count);
	if (!value_has_amount(time.status))
		return;
	buf_printf(out, "%s_count{%s} %" PRIu64 "\n", name, set, count);
	buf_printf(out, "%s_sum{%s} ", name, set);
	number_amount(out, UNIT_SECONDS, time.amount);
	buf_putc(out, '\n');
}

static void put_system_durations(struct buf *out, const struct fault_machine *machine)
{
	static const char name[] = "memtide_system_fault_duration_seconds";
	char set[64];

	put_family(out, name, "histogram", "seconds",
		   "How long page faults of a class took, all processes together, since the probe was attached");
	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		if (!value_has_amount(machine->class[c].ns.status))
			continue;
		snprintf(set, sizeof set, "class=\"%s\"", fault_class_key(c));
		put_class_durations(out, name, set, machine->buckets[c], machine->class[c].ns);
	}
}

/* The classes that a watched process took faults of. The time of those before it was watched is no part of the histogram. */
static void put_row_durations(struct openmetrics *om, struct buf *out, const char *name, const struct om_row *row)
{
	const struct process *process = row->record.process;
	const struct fault_latencies *latencies = process->faults->latencies;

	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		struct value total = process_value(process, fault_metric_count(c)), time = value_none(VALUE_SKIPPED);
		struct buf *set = &om->set;

		if (!total.amount)
			continue;
		if (latencies->whole)
			time = process_value(process, fault_metric_seconds(c));
		buf_clear(set);
		buf_add(set, om->labels.data + row->label_at, row->label_len);
		put_label(set, 0, "class", fault_class_key(c));
		if (!set->failed)
			put_class_durations(out, name, set->data, latencies->buckets[c], time);
		out->failed |= set->failed;
		buf_checkpoint(out);
	}
}

static void put_process_durations(struct openmetrics *om, struct buf *out)
{
	static const char name[] = "memtide_process_fault_duration_seconds";
	bool begun = false;

	for (size_t i = 0; i < om->row_count; i++) {
		const struct fault_values *values = om->rows[i].record.process->faults;

		if (!values || !values->latencies)
			continue;
		if (!begun)
			put_family(out, name, "histogram", "seconds",
				   "How long page faults of a class took in a watched process, since it is watched");
		begun = true;
		put_row_durations(om, out, name, &om->rows[i]);
	}
}

static void put_system(struct openmetrics *om, struct buf *out, const struct snapshot *snapshot)
{
	clear_rows(om);
	if (!add_row(om, record_system(snapshot))) {
		out->failed = true;
		return;
	}
	put_scope(om, out, SCOPE_SYSTEM);
	if (snapshot->faults && snapshot->faults->has_buckets)
		put_system_durations(out, snapshot->faults);
	put_meminfo_other(out, snapshot);
	for (size_t i = 0; i < SWAP_FAMILIES; i++)
		put_swap_family(out, snapshot, i);
}

static void openmetrics_sample(struct writer *writer, const struct snapshot *snapshot,
			       const struct arrangement *arrangement, struct buf *out)
{
	struct openmetrics *om = (struct openmetrics *)writer;

	put_program(out, snapshot);
	if (writer_shows(writer, SCOPE_SYSTEM))
		put_system(om, out, snapshot);
	if (writer_shows(writer, SCOPE_CGROUP)) {
		clear_rows(om);
		for (size_t i = 0; i < snapshot->cgroup_count; i++)
			out->failed |= !add_cgroup(om, &snapshot->cgroups[i]);
		put_scope(om, out, SCOPE_CGROUP);
	}
	if (writer_shows(writer, SCOPE_PROCESS)) {
		clear_rows(om);
		for (size_t i = 0; i < arrangement->row_count; i++)
			if (arrangement->rows[i].kind == ROW_PROCESS)
				out->failed |= !add_process(om, snapshot_row(snapshot, arrangement->rows[i].index));
		put_scope(om, out, SCOPE_PROCESS);
		put_process_durations(om, out);
	}
	buf_puts(out, "# EOF\n");
}

static void openmetrics_fini(struct writer *writer)
{
	struct openmetrics *om = (struct openmetrics *)writer;

	free(om->rows);
	buf_free(&om->labels);
	buf_free(&om->set);
	buf_free(&om->absent);
	for (int i = 0; i < BOUNDS; i++)
		buf_free(&om->estimates[i]);
}

const struct format_ops format_openmetrics = {
	.name = "openmetrics",
	.size = sizeof(struct openmetrics),
	.sample = openmetrics_sample,
	.fini = openmetrics_fini,
};
