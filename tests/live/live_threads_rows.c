/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live_threads.h"

struct sampler *samplers[2];
struct users *users;
struct rootfs root;

struct snapshot *sample(struct sampler *sampler)
{
	struct err err = { "" };
	struct snapshot *snapshot = sampler_sample(sampler, &err);

	if (!snapshot)
		tap_bail("sample: %s", err.text);
	return snapshot;
}

const struct process *find_thread(const struct snapshot *snapshot, pid_t pid, pid_t tid)
{
	for (size_t i = 0; i < snapshot->thread_count; i++) {
		const struct process *row = &snapshot->threads[i];

		if (row->amount[PROC_PID] == pid && row->amount[PROC_TID] == tid)
			return row;
	}
	return NULL;
}

size_t count_threads(const struct snapshot *snapshot, pid_t pid)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->thread_count; i++)
		count += snapshot->threads[i].amount[PROC_PID] == pid;
	return count;
}

bool rows_in_order(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->thread_count; i++) {
		const struct process *row = &snapshot->threads[i], *before = i ? row - 1 : NULL;
		const struct process *owner = &snapshot->processes[row->owner];

		if (!row->is_thread || row->owner >= snapshot->process_count ||
		    owner->amount[PROC_PID] != row->amount[PROC_PID] || owner->amount[PROC_THREADS] < 2)
			return false;
		if (before && (before->amount[PROC_PID] > row->amount[PROC_PID] ||
			       (before->amount[PROC_PID] == row->amount[PROC_PID] &&
				before->amount[PROC_TID] >= row->amount[PROC_TID])))
			return false;
	}
	return true;
}

void samplers_close(void)
{
	for (int i = 0; i < 2; i++)
		sampler_close(samplers[i]);
	users_close(users);
	rootfs_close(&root);
}
