/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON Lines. One header record, then per sample one system record, the cgroup records and the process records, as
 * far as they are asked for, and with fields of the fault probe an exit record for every process that has ended.
 *
 * Every record has record, time, boottime_ns and sequence. A value that could not be had is null, and the
 * record's "na" maps its key to the status; "est" holds the bounds of estimated values, "stale" the age of
 * stale ones.
 */
#include <string.h>

#include "config.h"
#include "model/faults.h"
#include "out/escape.h"
#include "out/format.h"
#include "out/number.h"
#include "out/record.h"

enum { JSON_SCHEMA = 1 };

struct json {
	struct writer writer;
	bool started;			/* the header record is out */
	struct buf stamp;		/* time, boottime_ns and sequence members of this sample */
	struct buf na, est, stale;	/* members of the maps of the record being written */
	struct notice notices[NOTICES_MAX];	/* as last written */
	unsigned notice_count;
};

/* ,"key": */
static void put_key(struct buf *out, const char *key)
{
	if (out->len && out->data[out->len - 1] != '{')
		buf_putc(out, ',');
	buf_putc(out, '"');
	buf_puts(out, key);
	buf_add(out, "\":", 2);
}

/* A text that nobody knows is empty in struct host, and null outside. */
static void put_text(struct buf *out, const char *key, const char *text)
{
	put_key(out, key);
	if (text && *text)
		escape_json(out, text);
	else
		buf_puts(out, "null");
}

/* A property of the machine that can only be positive; 0 means unknown. */
static void put_property(struct buf *out, const char *key, enum unit unit, int64_t amount)
{
	put_key(out, key);
	if (amount > 0)
		number_amount(out, unit, amount);
	else
		buf_puts(out, "null");
}

static void put_absence(struct json *json, struct buf *out, const char *key, enum value_status status)
{
	buf_puts(out, "null");
	put_key(&json->na, key);
	buf_putc(&json->na, '"');
	buf_puts(&json->na, value_status_name(status));
	buf_putc(&json->na, '"');
}

static void put_value(struct json *json, struct buf *out, const char *key, enum unit unit, struct value value)
{
	put_key(out, key);
	if (value_has_amount(value.status))
		number_amount(out, unit, value.amount);
	else
		put_absence(json, out, key, value.status);
}

static void put_bounds(struct json *json, const struct metric *metric, const struct bounds *bounds)
{
	put_key(&json->est, metric->key);
	buf_putc(&json->est, '[');
	number_amount(&json->est, metric->unit, bounds->low);
	buf_putc(&json->est, ',');
	number_amount(&json->est, metric->unit, bounds->high);
	buf_putc(&json->est, ']');
}

/* Only process values go stale, and their age is that of the last read of smaps_rollup. */
static void put_stale(struct json *json, const struct record *record, const struct metric *metric)
{
	put_key(&json->stale, metric->key);
	if (record->process && value_has_amount(record->process->status[PROC_PSS_AGE]))
		number_amount(&json->stale, UNIT_SECONDS, record->process->amount[PROC_PSS_AGE]);
	else
		buf_puts(&json->stale, "null");
}

static void put_field(struct json *json, struct buf *out, const struct record *record,
		      const struct metric *metric)
{
	struct value value = record_value(record, metric);
	const struct bounds *bounds;
	char letter[RECORD_TEXT_MAX];

	if (record_unit_is_text(metric->unit) && value_has_amount(value.status)) {
		put_key(out, metric->key);
		escape_json(out, record_text(record, metric, letter));
	} else {
		put_value(json, out, metric->key, metric->unit, value);
	}
	if (value.status == VALUE_STALE)
		put_stale(json, record, metric);
	bounds = value.status == VALUE_ESTIMATED ? record_bounds(record, metric) : NULL;
	if (bounds)
		put_bounds(json, metric, bounds);
}

static void put_map(struct buf *out, const char *key, struct buf *members)
{
	out->failed |= members->failed;
	if (members->len) {
		put_key(out, key);
		buf_putc(out, '{');
		buf_add(out, members->data, members->len);
		buf_putc(out, '}');
	}
	buf_clear(members);
}

static void put_maps(struct json *json, struct buf *out)
{
	put_map(out, "na", &json->na);
	put_map(out, "est", &json->est);
	put_map(out, "stale", &json->stale);
}

static void begin_record(const struct json *json, struct buf *out, const char *name)
{
	buf_puts(out, "{\"record\":\"");
	buf_puts(out, name);
	buf_putc(out, '"');
	buf_add(out, json->stamp.data, json->stamp.len);
}

static void end_record(struct buf *out)
{
	buf_add(out, "}\n", 2);
	buf_checkpoint(out);
}

static void put_stamp(struct buf *stamp, const struct snapshot *snapshot)
{
	buf_clear(stamp);
	buf_puts(stamp, ",\"time\":\"");
	number_time(stamp, snapshot->real_ns);
	buf_puts(stamp, "\",\"boottime_ns\":");
	buf_i64(stamp, snapshot->boottime_ns);
	buf_puts(stamp, ",\"sequence\":");
	buf_i64(stamp, (int64_t)snapshot->sequence);
}

static bool notices_changed(const struct json *json, const struct snapshot *snapshot)
{
	if (json->notice_count != snapshot->notice_count)
		return true;
	for (unsigned i = 0; i < json->notice_count; i++)
		if (strcmp(json->notices[i].topic, snapshot->notices[i].topic) ||
		    strcmp(json->notices[i].text, snapshot->notices[i].text) ||
		    strcmp(json->notices[i].remedy, snapshot->notices[i].remedy))
			return true;
	return false;
}

static void put_notices(struct json *json, struct buf *out, const struct snapshot *snapshot)
{
	put_key(out, "notices");
	buf_putc(out, '[');
	for (unsigned i = 0; i < snapshot->notice_count; i++) {
		buf_puts(out, i ? ",{" : "{");
		put_text(out, "topic", snapshot->notices[i].topic);
		put_text(out, "text", snapshot->notices[i].text);
		put_text(out, "remedy", snapshot->notices[i].remedy);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
	memcpy(json->notices, snapshot->notices, sizeof json->notices);
	json->notice_count = snapshot->notice_count;
}

static void put_tiers(struct buf *out, const struct probe_status *status)
{
	static const char *const states[] = {
		[TIER_UNTRIED] = "untried", [TIER_ACTIVE] = "active", [TIER_FAILED] = "failed",
	};

	put_key(out, "tiers");
	buf_putc(out, '[');
	for (unsigned i = 0; i < status->tier_count; i++) {
		const struct probe_tier_status *tier = &status->tiers[i];

		buf_puts(out, i ? ",{" : "{");
		put_text(out, "name", tier->name);
		put_text(out, "state", states[tier->state]);
		put_text(out, "reason", tier->reason);
		put_text(out, "remedy", tier->remedy);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

/* What is null was not attached. */
static void put_probe(struct buf *out, const struct probe_status *status)
{
	bool active = status->active >= 0;
	char why[512];

	put_key(out, status->name);
	buf_putc(out, '{');
	put_text(out, "tier", active ? probe_tier_name(status) : NULL);
	put_text(out, "completion", status->completion);
	put_key(out, "attached");
	if (active) {
		buf_putc(out, '"');
		number_time(out, status->attached_real_ns);
		buf_putc(out, '"');
	} else {
		buf_puts(out, "null");
	}
	put_property(out, "attached_boottime_ns", UNIT_NONE, status->attached_boottime_ns);
	put_property(out, "attach_seconds", UNIT_SECONDS, status->attach_ns);
	probe_why(status, why, sizeof why);
	put_text(out, "why", why);
	put_tiers(out, status);
	buf_putc(out, '}');
}

static void put_probes(struct buf *out, const struct snapshot *snapshot)
{
	put_key(out, "probes");
	buf_putc(out, '{');
	for (enum probe probe = 0; probe < PROBE_COUNT; probe++)
		put_probe(out, snapshot->probes[probe]);
	buf_putc(out, '}');
}

static void put_header(struct json *json, struct buf *out, const struct snapshot *snapshot)
{
	const struct host *host = snapshot->host;
	int64_t boot_ns;

	begin_record(json, out, "header");
	put_key(out, "schema");
	buf_i64(out, JSON_SCHEMA);
	put_text(out, "program", PACKAGE_NAME);
	put_text(out, "version", PACKAGE_VERSION);
	put_text(out, "host", host->hostname);
	put_text(out, "kernel", host->kernel);
	put_text(out, "machine", host->machine);
	put_text(out, "boot_id", host->boot_id);
	put_key(out, "boot_time");
	if (__builtin_sub_overflow(snapshot->real_ns, snapshot->boottime_ns, &boot_ns)) {
		buf_puts(out, "null");
	} else {
		buf_putc(out, '"');
		number_time(out, boot_ns);
		buf_putc(out, '"');
	}
	put_property(out, "page_bytes", UNIT_BYTES, host->page_bytes);
	put_property(out, "clock_ticks_per_second", UNIT_NONE, host->clock_ticks);
	put_property(out, "cpus", UNIT_NONE, host->cpus);
	put_property(out, "interval_seconds", UNIT_SECONDS, host->interval_ns);
	put_text(out, "task_tier", host->task_tier);
	put_text(out, "task_tier_why", host->task_tier_why);
	put_probes(out, snapshot);
	put_notices(json, out, snapshot);
	end_record(out);
}

static void put_fields(struct json *json, struct buf *out, const struct record *record, enum scope scope)
{
	const struct fields *fields = &json->writer.fields[scope];

	for (size_t i = 0; i < fields->count; i++) {
		unsigned slot = fields->list[i]->index;

		if (fields_leave_out(fields, fields->list[i], record_value(record, fields->list[i]).status))
			continue;
		if (scope != SCOPE_PROCESS ||
		    (slot != PROC_PID && slot != PROC_START_TIME && slot != PROC_COMM))
			put_field(json, out, record, fields->list[i]);
	}
	put_maps(json, out);
}

/* How many bytes one byte of compressed memory stands for. */
static struct value zram_ratio(const struct swap_area *area)
{
	struct value original = area->zram_original_bytes, compressed = area->zram_compressed_bytes;
	int64_t thousandths;

	if (!value_has_amount(original.status))
		return original;
	if (!value_has_amount(compressed.status))
		return compressed;
	if (compressed.amount <= 0 || __builtin_mul_overflow(original.amount, 1000, &thousandths))
		return value_none(VALUE_NOT_APPLICABLE);
	return value_ok(thousandths / compressed.amount);
}

static void put_swap_area(struct json *json, struct buf *out, const struct swap_area *area)
{
	buf_putc(out, '{');
	put_text(out, "name", area->name ? area->name->s : NULL);
	put_value(json, out, "size_bytes", UNIT_BYTES, value_ok(area->size_bytes));
	put_value(json, out, "used_bytes", UNIT_BYTES, value_ok(area->used_bytes));
	put_value(json, out, "priority", UNIT_NONE, value_ok(area->priority));
	if (area->zram_original_bytes.status != VALUE_NOT_APPLICABLE) {
		put_value(json, out, "zram_original_bytes", UNIT_BYTES, area->zram_original_bytes);
		put_value(json, out, "zram_compressed_bytes", UNIT_BYTES, area->zram_compressed_bytes);
		put_value(json, out, "zram_used_bytes", UNIT_BYTES, area->zram_used_bytes);
		put_value(json, out, "zram_ratio", UNIT_RATIO, zram_ratio(area));
	}
	put_map(out, "na", &json->na);
	buf_putc(out, '}');
}

static void put_quantile(struct buf *out, const char *key, const uint64_t buckets[FAULT_BUCKETS], unsigned quantile)
{
	struct value value = fault_quantile(buckets, quantile, NULL);

	if (!value_has_amount(value.status))
		return;
	put_key(out, key);
	number_amount(out, UNIT_SECONDS, value.amount);
}

static void put_buckets(struct buf *out, const uint64_t buckets[FAULT_BUCKETS])
{
	bool first = true;

	put_key(out, "buckets");
	buf_putc(out, '[');
	for (unsigned b = 0; b < FAULT_BUCKETS; b++) {
		if (!buckets[b])
			continue;
		buf_puts(out, first ? "[" : ",[");
		first = false;
		if (b < FAULT_BUCKETS - 1)
			buf_i64(out, INT64_C(2) << b);
		else
			buf_puts(out, "null");	/* no bound */
		buf_putc(out, ',');
		buf_i64(out, (int64_t)buckets[b]);
		buf_putc(out, ']');
	}
	buf_putc(out, ']');
}

static void put_fault_class(struct json *json, struct buf *out, enum fault_class class, struct value total,
			    struct value time, const uint64_t buckets[FAULT_BUCKETS])
{
	put_key(out, fault_class_key(class));
	buf_putc(out, '{');
	put_value(json, out, "total", UNIT_NONE, total);
	put_value(json, out, "seconds", UNIT_SECONDS, time);
	put_quantile(out, "p50_seconds", buckets, FAULT_MEDIAN);
	put_quantile(out, "p99_seconds", buckets, FAULT_P99);
	put_buckets(out, buckets);
	put_map(out, "na", &json->na);
	buf_putc(out, '}');
}

static void put_machine_faults(struct json *json, struct buf *out, const struct fault_machine *machine)
{
	put_key(out, "fault_classes");
	buf_putc(out, '{');
	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		put_fault_class(json, out, c, machine->class[c].count, machine->class[c].ns, machine->buckets[c]);
	buf_putc(out, '}');
}

/* Of a watched process: the classes that it took faults of, and those that cannot be told. */
static void put_process_faults(struct json *json, struct buf *out, const struct process *process)
{
	const struct fault_latencies *latencies = process->faults->latencies;

	put_key(out, "fault_classes");
	buf_putc(out, '{');
	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		struct value total = process_value(process, fault_metric_count(c));

		if (total.amount || !value_has_amount(total.status))
			put_fault_class(json, out, c, total, process_value(process, fault_metric_seconds(c)),
					latencies->buckets[c]);
	}
	buf_putc(out, '}');
}

static void put_system(struct json *json, struct buf *out, const struct snapshot *snapshot)
{
	struct record record = record_system(snapshot);

	begin_record(json, out, "system");
	for (unsigned i = 0; i < snapshot->setting_count; i++) {
		const struct setting *setting = &snapshot->settings[i];

		if (setting->status == VALUE_OK)
			put_text(out, setting->name, setting->text);
		else
			put_value(json, out, setting->name, UNIT_NONE, value_none(setting->status));
	}
	put_fields(json, out, &record, SCOPE_SYSTEM);
	put_text(out, "pss_read_longest_comm",
		 snapshot->longest_read_comm ? snapshot->longest_read_comm->s : NULL);
	put_key(out, "meminfo_other");
	buf_putc(out, '{');
	for (unsigned i = 0; i < snapshot->extra_count; i++) {
		if (i)
			buf_putc(out, ',');
		escape_json(out, snapshot->extra[i].name);
		buf_putc(out, ':');
		buf_i64(out, snapshot->extra[i].bytes);
	}
	buf_putc(out, '}');
	put_key(out, "swaps");
	buf_putc(out, '[');
	for (unsigned i = 0; i < snapshot->swap_count; i++) {
		if (i)
			buf_putc(out, ',');
		put_swap_area(json, out, &snapshot->swaps[i]);
	}
	buf_putc(out, ']');
	if (snapshot->faults)
		put_machine_faults(json, out, snapshot->faults);
	if (notices_changed(json, snapshot))
		put_notices(json, out, snapshot);
	end_record(out);
}

static void put_cgroup(struct json *json, struct buf *out, const struct cgroup *cgroup)
{
	struct record record = record_cgroup(cgroup);

	begin_record(json, out, "cgroup");
	put_text(out, "path", cgroup->path ? cgroup->path->s : NULL);
	put_fields(json, out, &record, SCOPE_CGROUP);
	end_record(out);
}

/* NAME is "process" or "exit". */
static void put_process(struct json *json, struct buf *out, const char *name, const struct process *process)
{
	struct record record = record_process(process);

	begin_record(json, out, name);
	put_field(json, out, &record, metric_get(SCOPE_PROCESS, PROC_PID));
	put_field(json, out, &record, metric_get(SCOPE_PROCESS, PROC_START_TIME));
	put_field(json, out, &record, metric_get(SCOPE_PROCESS, PROC_COMM));
	put_fields(json, out, &record, SCOPE_PROCESS);
	if (process->faults && process->faults->latencies)
		put_process_faults(json, out, process);
	end_record(out);
}

/* Of a thread only what belongs to a thread. */
static void put_thread(struct json *json, struct buf *out, const struct process *thread)
{
	static const enum process_metric identity[] = { PROC_PID, PROC_TID, PROC_START_TIME, PROC_COMM };
	const struct fields *fields = &json->writer.fields[SCOPE_PROCESS];
	struct record record = record_process(thread);

	begin_record(json, out, "thread");
	for (unsigned i = 0; i < sizeof identity / sizeof *identity; i++)
		put_field(json, out, &record, metric_get(SCOPE_PROCESS, identity[i]));
	for (size_t i = 0; i < fields->count; i++) {
		unsigned slot = fields->list[i]->index;

		if (process_value(thread, slot).status != VALUE_NOT_APPLICABLE && slot != PROC_PID && slot != PROC_TID &&
		    slot != PROC_START_TIME && slot != PROC_COMM)
			put_field(json, out, &record, fields->list[i]);
	}
	put_maps(json, out);
	end_record(out);
}

static void put_rows(struct json *json, struct buf *out, const struct snapshot *snapshot,
		     const struct arrangement *arrangement)
{
	for (size_t i = 0; i < arrangement->row_count; i++) {
		const struct row *row = &arrangement->rows[i];

		if (row->kind == ROW_PROCESS)
			put_process(json, out, "process", snapshot_row(snapshot, row->index));
		else if (row->kind == ROW_THREAD)
			put_thread(json, out, snapshot_row(snapshot, row->index));
		else if (row->kind == ROW_EXITED && snapshot_row(snapshot, row->index)->faults_end == FAULTS_END_NEW)
			put_process(json, out, "exit", snapshot_row(snapshot, row->index));
	}
}

static void json_sample(struct writer *writer, const struct snapshot *snapshot, const struct arrangement *arrangement,
			struct buf *out)
{
	struct json *json = (struct json *)writer;

	put_stamp(&json->stamp, snapshot);
	if (!json->started)
		put_header(json, out, snapshot);
	json->started = true;
	if (writer_shows(writer, SCOPE_SYSTEM))
		put_system(json, out, snapshot);
	if (writer_shows(writer, SCOPE_CGROUP))
		for (size_t i = 0; i < snapshot->cgroup_count; i++)
			put_cgroup(json, out, &snapshot->cgroups[i]);
	if (writer_shows(writer, SCOPE_PROCESS))
		put_rows(json, out, snapshot, arrangement);
	out->failed |= json->stamp.failed;
}

static void json_fini(struct writer *writer)
{
	struct json *json = (struct json *)writer;

	buf_free(&json->stamp);
	buf_free(&json->na);
	buf_free(&json->est);
	buf_free(&json->stale);
}

const struct format_ops format_json = {
	.name = "json",
	.size = sizeof(struct json),
	.sample = json_sample,
	.fini = json_fini,
};
