/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/metric.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#define ROW(scope, slot, key, title, unit, kind, sum, need, width, source, help) \
	[slot] = { key, title, help, source, scope, UNIT_##unit, KIND_##kind, METRIC_##sum, need, width, slot },
#define ROW_ALONE(scope, slot, key, title, unit, kind, ...) \
	ROW(scope, slot, key, title, unit, kind, ALONE, __VA_ARGS__)

static const struct metric process_metrics[] = {
#define PROCESS(id, ...) ROW(SCOPE_PROCESS, PROC_##id, __VA_ARGS__)
#include "model/metrics_process.def"
#include "model/metrics_faults.def"
#undef PROCESS
};

static const struct metric system_metrics[] = {
#define SYSTEM(id, ...) ROW_ALONE(SCOPE_SYSTEM, SYS_##id, __VA_ARGS__)
#include "model/metrics_system.def"
#undef SYSTEM
};

static const struct metric cgroup_metrics[] = {
#define CGROUP(id, ...) ROW_ALONE(SCOPE_CGROUP, CG_##id, __VA_ARGS__)
#include "model/metrics_cgroup.def"
#undef CGROUP
};

static const struct {
	const char *name;
	const struct metric *rows;
	unsigned count;
} scopes[SCOPE_COUNT] = {
	[SCOPE_PROCESS] = { "process", process_metrics, PROC_COUNT },
	[SCOPE_SYSTEM] = { "system", system_metrics, SYS_COUNT },
	[SCOPE_CGROUP] = { "cgroup", cgroup_metrics, CG_COUNT },
};

const struct metric *metric_get(enum scope scope, unsigned index)
{
	assert(index < scopes[scope].count);
	return &scopes[scope].rows[index];
}

unsigned metric_count(enum scope scope)
{
	return scopes[scope].count;
}

static int matches(const char *have, size_t have_len, const char *name, size_t len)
{
	return have_len == len && !strncasecmp(have, name, len);
}

/* Length of KEY without the suffix that only states its unit or kind. */
static size_t key_stem(const char *key)
{
	static const char *const suffixes[] = { "_bytes", "_seconds_total", "_seconds", "_total" };
	size_t len = strlen(key);

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		size_t n = strlen(suffixes[i]);

		if (len > n && !strcmp(key + len - n, suffixes[i]))
			return len - n;
	}
	return len;
}

const struct metric *metric_find(enum scope scope, const char *name, size_t len)
{
	const struct metric *rows = scopes[scope].rows;
	unsigned count = scopes[scope].count;

	for (unsigned i = 0; i < count; i++)
		if (matches(rows[i].key, strlen(rows[i].key), name, len))
			return &rows[i];
	for (unsigned i = 0; i < count; i++)
		if (matches(rows[i].title, strlen(rows[i].title), name, len))
			return &rows[i];
	for (unsigned i = 0; i < count; i++)
		if (matches(rows[i].key, key_stem(rows[i].key), name, len))
			return &rows[i];
	return NULL;
}

const char *metric_scope_name(enum scope scope)
{
	return scopes[scope].name;
}

const char *metric_kind_name(enum kind kind)
{
	static const char *const names[] = {
		[KIND_GAUGE] = "gauge",
		[KIND_COUNTER] = "counter",
		[KIND_LABEL] = "label",
		[KIND_DERIVED] = "derived",
	};

	return names[kind];
}

const char *metric_unit_name(enum unit unit)
{
	static const char *const names[UNIT_COUNT] = {
		[UNIT_NONE] = "",
		[UNIT_BYTES] = "bytes",
		[UNIT_SECONDS] = "seconds",
		[UNIT_PERCENT] = "percent",
		[UNIT_RATIO] = "ratio",
		[UNIT_PER_SECOND] = "per second",
		[UNIT_BYTES_PER_SECOND] = "bytes per second",
		[UNIT_STATE] = "letter",
		[UNIT_POLICY] = "name",
		[UNIT_TEXT] = "text",
	};

	return names[unit];
}
