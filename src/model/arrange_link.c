/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is below whom: processes below their nearest selected ancestor, or below their cgroup. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/arrange_nodes.h"

/* -- tree ------------------------------------------------------------------------------------------------- */

/* Index of the process PID, or NODE_NONE. */
static uint32_t find_process(const struct snapshot *snapshot, int64_t pid)
{
	size_t low = 0, high = snapshot->process_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (snapshot->processes[middle].amount[PROC_PID] < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < snapshot->process_count && snapshot->processes[low].amount[PROC_PID] == pid ? (uint32_t)low : NODE_NONE;
}

static uint32_t find_parent(const struct snapshot *snapshot, const struct process *process)
{
	struct value ppid = process_value(process, PROC_PPID);

	return value_has_amount(ppid.status) && ppid.amount > 0 ? find_process(snapshot, ppid.amount) : NODE_NONE;
}

/*
 * NEAREST holds for each process its node, or, as far as known, what its nearest selected ancestor has: LOOKING marks
 * the chain being followed, so that a cycle ends it.
 */
enum { LOOKING = NODE_NONE - 1, UNKNOWN = NODE_NONE - 2 };

static uint32_t nearest_selected(const struct snapshot *snapshot, uint32_t *nearest, uint32_t from)
{
	uint32_t at = from, found, step;

	while (at != NODE_NONE && nearest[at] == UNKNOWN) {
		nearest[at] = LOOKING;
		at = find_parent(snapshot, &snapshot->processes[at]);
	}
	found = at == NODE_NONE || nearest[at] == LOOKING ? NODE_NONE : nearest[at];
	for (at = from; at != NODE_NONE && nearest[at] == LOOKING; at = step) {
		step = find_parent(snapshot, &snapshot->processes[at]);
		nearest[at] = found;
	}
	return found;
}

int nodes_link_tree(struct nodes *nodes)
{
	const struct snapshot *snapshot = nodes->snapshot;
	uint32_t *nearest = malloc((snapshot->process_count + 1) * sizeof *nearest);

	if (!nearest)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->process_count; i++)
		nearest[i] = UNKNOWN;
	for (size_t i = 0; i < nodes->count; i++)
		if (nodes->list[i].kind == ROW_PROCESS)
			nearest[nodes->list[i].row] = (uint32_t)i;
	for (size_t i = 0; i < nodes->count; i++) {
		uint32_t parent = NODE_NONE;

		if (nodes->list[i].kind == ROW_PROCESS)
			parent = find_parent(snapshot, &snapshot->processes[nodes->list[i].row]);
		if (parent != NODE_NONE)
			nodes->list[i].parent = nearest_selected(snapshot, nearest, parent);
	}
	free(nearest);
	return 0;
}

/* -- cgroups ---------------------------------------------------------------------------------------------- */

/* Groups by path, as a hash table of node numbers. */
struct groups {
	uint32_t *slots;
	size_t capacity;	/* a power of two, above twice the number of nodes */
};

const char *nodes_cgroup_path(const struct nodes *nodes, const struct node *node)
{
	const char *path = process_text(snapshot_row(nodes->snapshot, node->row), PROC_CGROUP, NULL);

	return path ? path : "";
}

static uint32_t *find_group(const struct groups *groups, const struct nodes *nodes, const char *path, uint64_t key)
{
	size_t i = (size_t)(key >> 24) & (groups->capacity - 1);

	while (groups->slots[i] != NODE_NONE && strcmp(nodes_cgroup_path(nodes, &nodes->list[groups->slots[i]]), path))
		i = (i + 1) & (groups->capacity - 1);
	return &groups->slots[i];
}

int nodes_link_cgroups(struct nodes *nodes)
{
	struct groups groups = { .capacity = 64 };
	size_t members = nodes->count;
	int ret = 0;

	while (groups.capacity < 2 * members + 2)
		groups.capacity *= 2;
	groups.slots = malloc(groups.capacity * sizeof *groups.slots);
	if (!groups.slots)
		return -ENOMEM;
	for (size_t i = 0; i < groups.capacity; i++)
		groups.slots[i] = NODE_NONE;
	for (size_t i = 0; i < members && !ret; i++) {
		const char *path = nodes_cgroup_path(nodes, &nodes->list[i]);
		uint64_t key = arrange_cgroup_key(path);
		uint32_t *group = find_group(&groups, nodes, path, key);

		if (*group == NODE_NONE) {
			ret = nodes_add_group(nodes, nodes->list[i].row, key);
			if (!ret)
				*group = (uint32_t)nodes->count - 1;
		}
		nodes->list[i].parent = *group;
	}
	free(groups.slots);
	return ret;
}
