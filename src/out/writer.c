/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/writer.h"

#include <stdlib.h>
#include <string.h>

#include "out/format.h"

static const struct format_ops *const formats[FORMAT_COUNT] = {
	[FORMAT_TABLE] = &format_table,
	[FORMAT_JSON] = &format_json,
	[FORMAT_CSV] = &format_csv,
	[FORMAT_OPENMETRICS] = &format_openmetrics,
};

int writer_format_find(const char *name)
{
	for (int i = 0; i < FORMAT_COUNT; i++)
		if (!strcmp(formats[i]->name, name))
			return i;
	return -1;
}

const char *writer_format_name(enum format format)
{
	return formats[format]->name;
}

/* Adds a field unless it is there: a key twice would be wrong in JSON and in OpenMetrics. */
static void fields_add(struct fields *fields, const struct metric *metric)
{
	for (size_t i = 0; i < fields->count; i++)
		if (fields->list[i] == metric)
			return;
	fields->list[fields->count++] = metric;
}

/* The fields chosen by CONFIG or, where nobody chose, all that readers cannot derive themselves. False on
 * ENOMEM. */
static bool fields_init(struct fields *fields, enum scope scope, const struct writer_config *config)
{
	unsigned all = metric_count(scope);
	bool chosen = scope == config->record && config->field_count;

	/* At most all of them, as none is taken twice. */
	fields->list = malloc((all + 1) * sizeof *fields->list);
	if (!fields->list)
		return false;
	fields->chosen = chosen;
	for (size_t i = 0; chosen && i < config->field_count; i++)
		fields_add(fields, config->fields[i]);
	for (unsigned i = 0; !chosen && i < all; i++)
		if (metric_get(scope, i)->kind != KIND_DERIVED)
			fields_add(fields, metric_get(scope, i));
	return true;
}

bool fields_leave_out(const struct fields *fields, const struct metric *metric, enum value_status status)
{
	return !fields->chosen && metric->need & NEED_FAULTS && status == VALUE_SKIPPED;
}

struct writer *writer_new(const struct writer_config *config)
{
	const struct format_ops *ops = formats[config->format];
	struct writer *writer = calloc(1, ops->size);

	if (!writer)
		return NULL;
	writer->ops = ops;
	writer->config = *config;
	writer->config.fields = NULL;
	for (int scope = 0; scope < SCOPE_COUNT; scope++) {
		if (!fields_init(&writer->fields[scope], scope, config)) {
			writer_free(writer);
			return NULL;
		}
	}
	return writer;
}

void writer_free(struct writer *writer)
{
	if (!writer)
		return;
	if (writer->ops->fini)
		writer->ops->fini(writer);
	for (int scope = 0; scope < SCOPE_COUNT; scope++)
		free(writer->fields[scope].list);
	free(writer);
}

void writer_sample(struct writer *writer, const struct snapshot *snapshot, const struct arrangement *arrangement,
		   struct buf *out)
{
	writer->ops->sample(writer, snapshot, arrangement, out);
}

bool writer_shows(const struct writer *writer, enum scope scope)
{
	return scope == writer->config.record || (writer->config.all_records && scope != SCOPE_PROCESS);
}
