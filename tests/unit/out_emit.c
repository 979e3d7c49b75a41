/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * out_emit FORMAT SCOPE SAMPLES [COLUMNS [ROWS]]: samples of out_sample.h as a writer gives them, with all
 * fields of SCOPE; of "all-SCOPE" with the other records as well.
 * out_emit raw SCOPE: sample 0 field by field, as it is in memory: row, key, unit, kind, status, amount, low,
 * high, and the text in hexadecimal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/record.h"
#include "out/writer.h"
#include "out_sample.h"

static void raw_field(size_t row, const struct record *record, const struct metric *metric)
{
	struct value value = record->process ? process_value(record->process, metric->index) :
				(struct value){ record->amount[metric->index], record->status[metric->index] };
	const struct bounds *bounds =
		record->process ? process_bounds(record->process, metric->index) : NULL;
	char letter[RECORD_TEXT_MAX];
	const char *text = record->process ? process_text(record->process, metric->index, letter) : NULL;

	printf("%zu %s %d %s %s %jd ", row, metric->key, metric->unit, metric_kind_name(metric->kind),
	       value_status_name(value.status), (intmax_t)value.amount);
	if (bounds)
		printf("%jd %jd ", (intmax_t)bounds->low, (intmax_t)bounds->high);
	else
		printf("- - ");
	putchar(text ? 'x' : '-');
	for (; text && *text; text++)
		printf("%02x", (unsigned char)*text);
	putchar('\n');
}

static void raw_record(size_t row, struct record record, enum scope scope)
{
	for (unsigned i = 0; i < metric_count(scope); i++)
		raw_field(row, &record, metric_get(scope, i));
}

static void raw(const struct snapshot *snapshot, enum scope scope)
{
	if (scope == SCOPE_SYSTEM)
		raw_record(0, record_system(snapshot), scope);
	for (size_t i = 0; scope == SCOPE_CGROUP && i < snapshot->cgroup_count; i++)
		raw_record(i, record_cgroup(&snapshot->cgroups[i]), scope);
	for (size_t i = 0; scope == SCOPE_PROCESS && i < snapshot->process_count; i++)
		raw_record(i, record_process(&snapshot->processes[i]), scope);
}

static void emit(struct writer *writer, bool exited, const struct snapshot *snapshot, struct buf *out)
{
	struct arrangement arrangement = { 0 };
	struct arrange_config everything = { .grouping = GROUPING_NONE, .exited = exited };

	if (arrange(&arrangement, snapshot, &everything))
		abort();
	writer_sample(writer, snapshot, &arrangement, out);
	arrangement_free(&arrangement);
}

int main(int argc, char **argv)
{
	const struct metric *fields[PROC_COUNT + SYS_COUNT + CG_COUNT];
	struct writer_config config = { .record = SCOPE_PROCESS, .fields = fields };
	struct buf out = { 0 };

	if (argc < 3)
		return 2;
	config.all_records = !strncmp(argv[2], "all-", 4);
	for (int scope = 0; scope < SCOPE_COUNT; scope++)
		if (!strcmp(argv[2] + 4 * config.all_records, metric_scope_name(scope)))
			config.record = (enum scope)scope;
	if (!strcmp(argv[1], "raw")) {
		struct snapshot *snapshot = out_sample(0);

		raw(snapshot, config.record);
		snapshot_unref(snapshot);
		return 0;
	}
	if (argc < 4 || writer_format_find(argv[1]) < 0)
		return 2;
	config.format = (enum format)writer_format_find(argv[1]);
	config.columns = argc > 4 ? (unsigned)atoi(argv[4]) : 0;
	config.rows = argc > 5 ? (unsigned)atoi(argv[5]) : 0;
	for (unsigned i = 0; i < metric_count(config.record); i++)
		fields[config.field_count++] = metric_get(config.record, i);

	struct writer *writer = writer_new(&config);

	if (!writer)
		return 1;
	for (unsigned i = 0; i < (unsigned)atoi(argv[3]); i++) {
		struct snapshot *snapshot = out_sample(i);

		emit(writer, config.format == FORMAT_JSON, snapshot, &out);
		snapshot_unref(snapshot);
	}
	fwrite(out.data, 1, out.len, stdout);
	writer_free(writer);
	buf_free(&out);
	return out.failed;
}
