/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/record.h"

struct record record_process(const struct process *process)
{
	return (struct record){ .process = process };
}

struct record record_system(const struct snapshot *snapshot)
{
	return (struct record){ snapshot->system_amount, snapshot->system_status, NULL };
}

struct record record_cgroup(const struct cgroup *cgroup)
{
	return (struct record){ cgroup->amount, cgroup->status, NULL };
}

bool record_unit_is_text(enum unit unit)
{
	return unit == UNIT_TEXT || unit == UNIT_STATE || unit == UNIT_POLICY;
}

static struct value raw_value(const struct record *record, unsigned slot)
{
	if (record->process)
		return process_value(record->process, slot);
	return (struct value){ record->amount[slot], record->status[slot] };
}

struct value record_value(const struct record *record, const struct metric *metric)
{
	struct value value = raw_value(record, metric->index);
	char buf[RECORD_TEXT_MAX];

	if (metric->unit == UNIT_TEXT && value_has_amount(value.status) && !record_text(record, metric, buf))
		return value_none(VALUE_LOST);
	return value;
}

const char *record_text(const struct record *record, const struct metric *metric, char buf[RECORD_TEXT_MAX])
{
	return record->process ? process_text(record->process, metric->index, buf) : NULL;
}

const struct bounds *record_bounds(const struct record *record, const struct metric *metric)
{
	if (!record->process || raw_value(record, metric->index).status != VALUE_ESTIMATED)
		return NULL;
	return process_bounds(record->process, metric->index);
}
