/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/total.h"

#include <string.h>

/* The process metrics that add up, in the order of their slots: those of the fault probe come last. */
#define SLOT_SUM(id)	PROC_##id,
#define SLOT_ALONE(id)
#define PROCESS(id, key, title, unit, kind, sum, ...) SLOT_##sum(id)
static const uint16_t slots[] = {
#include "model/metrics_process.def"
#include "model/metrics_faults.def"
};
#undef PROCESS
#undef SLOT_SUM
#undef SLOT_ALONE

#define SLOT_SUM	+ 1
#define SLOT_ALONE	+ 0
#define PROCESS(id, key, title, unit, kind, sum, ...) SLOT_##sum
enum {
	SLOT_COUNT = sizeof slots / sizeof *slots,
	SLOTS_STORED = 0
#include "model/metrics_process.def"
};
#undef PROCESS

_Static_assert((int)SLOT_COUNT <= (int)TOTAL_MAX, "struct total has too few slots");

int arrange_total_slot(const struct metric *metric)
{
	if (metric->scope != SCOPE_PROCESS || metric->sum != METRIC_SUM)
		return -1;
	for (int i = 0; i < SLOT_COUNT; i++)
		if (slots[i] == metric->index)
			return i;
	return -1;
}

struct value arrange_total(const struct total *total, const struct metric *metric)
{
	int slot = arrange_total_slot(metric);

	if (slot < 0)
		return value_none(VALUE_NOT_APPLICABLE);
	return (struct value){ total->amount[slot], total->status[slot] };
}

void total_clear(struct total *total)
{
	memset(total, 0, sizeof *total);
	memset(total->status, VALUE_NOT_APPLICABLE, sizeof total->status);
}

/* What a sum of A and B is: estimated as soon as a part is, or has moved since it was read; without an amount only when no part has one. */
static uint8_t combined(uint8_t a, uint8_t b)
{
	if (a == VALUE_LOST || b == VALUE_LOST)
		return VALUE_LOST;
	if (a == VALUE_ESTIMATED || b == VALUE_ESTIMATED || a == VALUE_STALE || b == VALUE_STALE)
		return VALUE_ESTIMATED;
	if (value_has_amount(a) || value_has_amount(b))
		return VALUE_OK;
	return a == VALUE_NOT_APPLICABLE || b == VALUE_PENDING ? b : a;
}

static void add(struct total *total, int slot, int64_t amount, uint8_t status)
{
	if (status == VALUE_NOT_APPLICABLE)
		return;
	if (__builtin_add_overflow(total->amount[slot], amount, &total->amount[slot]))
		status = VALUE_LOST;
	total->status[slot] = combined(total->status[slot], status);
	if (!value_has_amount(total->status[slot]))
		total->amount[slot] = 0;
}

void total_add_process(struct total *total, const struct process *process)
{
	int count = process->faults ? SLOT_COUNT : SLOTS_STORED;

	total->processes++;
	total->has_faults |= process->faults != NULL;
	for (int i = 0; i < count; i++) {
		struct value value = process_value(process, slots[i]);

		if (value_has_amount(value.status)) {
			add(total, i, value.amount, value.status);
		} else if (value.status != VALUE_NOT_APPLICABLE) {
			total->missing[i]++;
			/* A lost process makes a lower bound, not a lost sum. */
			add(total, i, 0, value.status == VALUE_LOST ? VALUE_GONE : value.status);
		}
	}
}

void total_add(struct total *total, const struct total *part)
{
	int count = part->has_faults ? SLOT_COUNT : SLOTS_STORED;

	total->processes += part->processes;
	total->has_faults |= part->has_faults;
	for (int i = 0; i < count; i++) {
		total->missing[i] += part->missing[i];
		add(total, i, part->amount[i], part->status[i]);
	}
}
