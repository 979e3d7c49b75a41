/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/select.h"

#include <stdlib.h>

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
