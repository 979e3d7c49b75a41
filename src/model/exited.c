/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/exited.h"

#include <stdlib.h>
#include <string.h>

#include "model/faults.h"

/* A row to keep, and what decides who stays when there are too many. */
struct candidate {
	const struct process *row;
	int64_t rss_bytes;
};

static int by_rss(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	return (a->rss_bytes < b->rss_bytes) - (a->rss_bytes > b->rss_bytes);
}

static int by_identity(const void *left, const void *right)
{
	const struct process *a = ((const struct candidate *)left)->row, *b = ((const struct candidate *)right)->row;
	int64_t x = a->amount[PROC_PID], y = b->amount[PROC_PID];

	if (x == y) {
		x = a->amount[PROC_START_TIME];
		y = b->amount[PROC_START_TIME];
	}
	return (x > y) - (x < y);
}

static bool is_there(const struct snapshot *snapshot, const struct process *row)
{
	struct candidate wanted = { .row = row };
	size_t low = 0, high = snapshot->process_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct candidate candidate = { .row = &snapshot->processes[middle] };
		int by = by_identity(&candidate, &wanted);

		if (!by)
			return true;
		if (by < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Rows of PREVIOUS that no row of CURRENT goes on from, which are in order. Returns how many; counts only when LIST is NULL. */
static size_t list_gone(const struct snapshot *previous, const struct snapshot *current, struct candidate *list)
{
	size_t count = 0, next = 0;

	for (size_t i = 0; i < current->process_count + 1; i++) {
		bool end = i == current->process_count;
		size_t kept = end ? previous->process_count : (size_t)current->processes[i].previous;

		if (!end && current->processes[i].previous < 0)
			continue;
		for (; next < kept; next++, count++)
			if (list)
				list[count] = (struct candidate){ &previous->processes[next],
								  previous->processes[next].amount[PROC_RSS] };
		next = kept + 1;
	}
	for (size_t i = 0; i < previous->exited_count; i++) {
		/* One that a scan missed has not ended. */
		if (previous->exited[i].exited_samples >= EXITED_SAMPLES || is_there(current, &previous->exited[i]))
			continue;
		if (list)
			list[count] = (struct candidate){ &previous->exited[i], previous->exited[i].amount[PROC_RSS] };
		count++;
	}
	return count;
}

static bool keep(struct snapshot *current, const struct process *row)
{
	struct process *copy = snapshot_add_exited(current);

	if (!copy)
		return false;
	*copy = *row;
	for (int t = 0; t < TEXT_COUNT; t++)
		text_ref(copy->text[t]);
	fault_values_ref(copy->faults);
	if (copy->exited_samples && copy->faults_end == FAULTS_END_NEW)
		copy->faults_end = FAULTS_END_TOLD;
	copy->exited_samples++;
	copy->previous = -1;
	return true;
}

void exited_carry(const struct snapshot *previous, struct snapshot *current)
{
	size_t count = list_gone(previous, current, NULL), kept;
	struct candidate *list;

	current->exited_lost = previous->exited_lost;
	if (!count)
		return;
	list = malloc(count * sizeof *list);
	if (!list) {
		current->exited_lost += count;
		return;
	}
	list_gone(previous, current, list);
	kept = count < EXITED_MAX ? count : EXITED_MAX;
	if (count > kept)
		qsort(list, count, sizeof *list, by_rss);
	qsort(list, kept, sizeof *list, by_identity);
	current->exited_lost += count - kept;
	for (size_t i = 0; i < kept; i++)
		current->exited_lost += !keep(current, list[i].row);
	free(list);
}
