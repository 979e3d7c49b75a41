/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* qsort_r */
#endif
#include "model/select.h"

#include <stdlib.h>
#include <string.h>

/* -- which ------------------------------------------------------------------------------------------------ */

static int compare_pids(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static bool has_pid(const struct selection *selection, int32_t pid)
{
	return bsearch(&pid, selection->pids, selection->pid_count, sizeof pid, compare_pids) != NULL;
}

/* Both rates are known and nothing happened; what is unknown (a new process) is not idle. */
static bool is_idle(const struct process *process)
{
	struct value faults = process_value(process, PROC_FAULT_RATE);
	struct value cpu = process_value(process, PROC_CPU_PERCENT);

	return value_has_amount(faults.status) && !faults.amount && value_has_amount(cpu.status) && !cpu.amount;
}

static bool has_uid(const struct process *process, uint32_t uid)
{
	struct value value = process_value(process, PROC_UID);

	return value_has_amount(value.status) && value.amount == uid;
}

/* -- in which order --------------------------------------------------------------------------------------- */

/* What the order of two rows depends on, gathered once: the rows themselves are too large to visit at each
 * comparison. */
struct entry {
	int64_t amount;
	const char *text;	/* instead of the amount, for text metrics */
	uint32_t row;		/* rows are in order of pid and start time */
	bool known;
};

struct order {
	const struct snapshot *snapshot;
	const struct metric *metric;
	bool ascending;
};

static struct entry entry_of(const struct order *order, uint32_t row)
{
	const struct process *process = &order->snapshot->processes[row];
	enum process_metric metric = (enum process_metric)order->metric->index;
	struct value value = process_value(process, metric);
	struct entry entry = { .row = row, .amount = value.amount, .known = value_has_amount(value.status) };

	if (order->metric->unit == UNIT_TEXT) {
		char unused[16];

		entry.text = process_text(process, metric, unused);
		entry.known = entry.text != NULL;
	}
	return entry;
}

static int compare_entries(const void *left, const void *right, void *context)
{
	const struct entry *a = left, *b = right;
	const struct order *order = context;
	int by = 0;

	if (a->known != b->known)
		return a->known ? -1 : 1;
	if (a->known)
		by = a->text ? strcmp(a->text, b->text) : (a->amount > b->amount) - (a->amount < b->amount);
	if (by)
		return order->ascending ? by : -by;
	return (a->row > b->row) - (a->row < b->row);
}

static int compare_rows(const void *left, const void *right, void *context)
{
	struct entry a = entry_of(context, *(const uint32_t *)left);
	struct entry b = entry_of(context, *(const uint32_t *)right);

	return compare_entries(&a, &b, context);
}

static void sort_rows(struct order *order, uint32_t *pick, size_t count)
{
	struct entry *entries = malloc(count * sizeof *entries);

	if (!entries) {		/* slower, but needs no memory */
		qsort_r(pick, count, sizeof *pick, compare_rows, order);
		return;
	}
	for (size_t i = 0; i < count; i++)
		entries[i] = entry_of(order, pick[i]);
	qsort_r(entries, count, sizeof *entries, compare_entries, order);
	for (size_t i = 0; i < count; i++)
		pick[i] = entries[i].row;
	free(entries);
}

bool selection_match(const struct selection *selection, const struct process *process)
{
	if (selection->pids && !has_pid(selection, (int32_t)process->amount[PROC_PID]))
		return false;
	if (selection->by_uid && !has_uid(process, selection->uid))
		return false;
	if (selection->hide_idle && is_idle(process))
		return false;
	return !selection->filter || filter_match(selection->filter, process);
}

size_t selection_apply(const struct selection *selection, const struct snapshot *snapshot, uint32_t *pick)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->process_count; i++)
		if (selection_match(selection, &snapshot->processes[i]))
			pick[count++] = (uint32_t)i;
	if (selection->sort && count > 1) {
		struct order order = { snapshot, selection->sort, selection->ascending };

		sort_rows(&order, pick, count);
	}
	return count;
}
