/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/find.h"

#include <string.h>

enum { KEY_PID_BITS = 22 };	/* see process_key() */

static int64_t key_pid(uint64_t key)
{
	return (int64_t)(key & ((UINT64_C(1) << KEY_PID_BITS) - 1));
}

static bool is_before(const struct process *process, uint64_t key)
{
	if (process->amount[PROC_PID] != key_pid(key))
		return process->amount[PROC_PID] < key_pid(key);
	return process_key(process) < key;
}

const struct process *find_process(const struct snapshot *snapshot, uint64_t key)
{
	size_t low = 0, high = snapshot->process_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (is_before(&snapshot->processes[middle], key))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == snapshot->process_count || process_key(&snapshot->processes[low]) != key)
		return NULL;
	return &snapshot->processes[low];
}

const struct process *find_pid(const struct snapshot *snapshot, int64_t pid)
{
	size_t low = 0, high = snapshot->process_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (snapshot->processes[middle].amount[PROC_PID] <= pid)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || snapshot->processes[low - 1].amount[PROC_PID] != pid)
		return NULL;
	return &snapshot->processes[low - 1];
}

const struct cgroup *find_cgroup(const struct snapshot *snapshot, const char *path, size_t len)
{
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		const struct text *have = snapshot->cgroups[i].path;

		if (have->len == len && !memcmp(have->s, path, len))
			return &snapshot->cgroups[i];
	}
	return NULL;
}
