/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever the grouping, the selected rows become a forest of nodes: a flat list is one of roots only, cgroups are roots with
 * their processes as children. Totals go up from the deepest nodes, all nodes are sorted once, handed to their parents in that
 * order, and written out from the top.
 */
#include "model/arrange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/arrange_nodes.h"
#include "model/total.h"

enum { DEPTH_MAX = UINT16_MAX, BRANCHES = 32 };

/* -- memory ----------------------------------------------------------------------------------------------- */

static int reserve(void **array, size_t *capacity, size_t wanted, size_t size)
{
	void *bigger;

	if (wanted <= *capacity)
		return 0;
	wanted += wanted / 4 + 16;
	bigger = realloc(*array, wanted * size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*capacity = wanted;
	return 0;
}

static int reserve_nodes(struct nodes *nodes, size_t wanted)
{
	return reserve((void **)&nodes->list, &nodes->capacity, wanted, sizeof *nodes->list);
}

void arrangement_free(struct arrangement *arrangement)
{
	struct nodes *nodes = arrangement->scratch;

	if (nodes) {
		free(nodes->list);
		free(nodes->order);
		free(nodes);
	}
	free(arrangement->rows);
	free(arrangement->totals);
	*arrangement = (struct arrangement){ 0 };
}

static int add_node(struct nodes *nodes, uint32_t row, enum row_kind kind, uint64_t key)
{
	int ret = reserve_nodes(nodes, nodes->count + 1);

	if (ret)
		return ret;
	nodes->list[nodes->count++] = (struct node){ .row = row, .kind = (uint8_t)kind, .key = key, .parent = NODE_NONE,
						     .first = NODE_NONE, .last = NODE_NONE, .next = NODE_NONE,
						     .total = ROW_NO_TOTAL };
	return 0;
}

int nodes_add_group(struct nodes *nodes, uint32_t row, uint64_t key)
{
	return add_node(nodes, row, ROW_CGROUP, key);
}

/* -- which rows ------------------------------------------------------------------------------------------- */

static int add_selected(struct nodes *nodes, const struct arrange_config *config)
{
	const struct snapshot *snapshot = nodes->snapshot;
	size_t exited = snapshot->process_count + snapshot->thread_count;
	int ret = 0;

	for (size_t i = 0; i < snapshot->process_count && !ret; i++)
		if (selection_match(&config->selection, &snapshot->processes[i]))
			ret = add_node(nodes, (uint32_t)i, ROW_PROCESS, process_key(&snapshot->processes[i]));
	for (size_t i = 0; config->exited && i < snapshot->exited_count && !ret; i++)
		if (selection_match(&config->selection, &snapshot->exited[i]))
			ret = add_node(nodes, (uint32_t)(exited + i), ROW_EXITED, process_key(&snapshot->exited[i]));
	return ret;
}

/* -- totals ----------------------------------------------------------------------------------------------- */

/* Depths of all nodes. A parent of a parent that leads back to where it began is cut off there. */
static void find_depths(struct nodes *nodes)
{
	enum { UNKNOWN = 0, WALKING = 1, KNOWN = 2 };

	for (size_t i = 0; i < nodes->count; i++) {
		uint32_t at = (uint32_t)i, below = NODE_NONE, up;

		/* Up to a known node, turning the links on the way round to find back. */
		while (at != NODE_NONE && nodes->list[at].state == UNKNOWN) {
			nodes->list[at].state = WALKING;
			nodes->list[at].next = below;
			below = at;
			at = nodes->list[at].parent;
		}
		if (at != NODE_NONE && nodes->list[at].state == WALKING) {
			nodes->list[below].parent = NODE_NONE;
			at = NODE_NONE;
		}
		for (up = at; below != NODE_NONE; up = below, below = at) {
			struct node *node = &nodes->list[below];

			at = node->next;
			node->depth = up == NODE_NONE ? 0 : nodes->list[up].depth + 1;
			node->state = KNOWN;
			node->next = NODE_NONE;
		}
	}
}

/* Fills nodes->order with all nodes, the deepest first. */
static int order_by_depth(struct nodes *nodes)
{
	uint32_t deepest = 0;
	uint32_t *starts;
	int ret = reserve((void **)&nodes->order, &nodes->order_capacity, nodes->count, sizeof *nodes->order);

	if (ret)
		return ret;
	for (size_t i = 0; i < nodes->count; i++)
		if (nodes->list[i].depth > deepest)
			deepest = nodes->list[i].depth;
	starts = calloc((size_t)deepest + 2, sizeof *starts);
	if (!starts)
		return -ENOMEM;
	for (size_t i = 0; i < nodes->count; i++)
		starts[deepest - nodes->list[i].depth + 1]++;
	for (uint32_t d = 1; d <= deepest + 1; d++)
		starts[d] += starts[d - 1];
	for (size_t i = 0; i < nodes->count; i++)
		nodes->order[starts[deepest - nodes->list[i].depth]++] = (uint32_t)i;
	free(starts);
	return 0;
}

static void add_own(struct total *total, const struct nodes *nodes, const struct node *node)
{
	if (node->kind == ROW_PROCESS)
		total_add_process(total, snapshot_row(nodes->snapshot, node->row));
}

/* The total of PARENT, made when its first child turns up. */
static struct total *parent_total(struct arrangement *arrangement, struct nodes *nodes, uint32_t parent)
{
	struct node *node = &nodes->list[parent];
	struct total *total;

	if (node->total == ROW_NO_TOTAL) {
		if (reserve((void **)&arrangement->totals, &arrangement->total_capacity, arrangement->total_count + 1,
			    sizeof *arrangement->totals))
			return NULL;
		node->total = (uint32_t)arrangement->total_count++;
		total_clear(&arrangement->totals[node->total]);
		add_own(&arrangement->totals[node->total], nodes, node);
	}
	total = &arrangement->totals[node->total];
	return total;
}

/* Deepest first, so that each node is complete when it is added to its parent. */
static int add_totals(struct arrangement *arrangement, struct nodes *nodes)
{
	total_clear(&arrangement->shown);
	for (size_t i = 0; i < nodes->count; i++) {
		const struct node *node = &nodes->list[nodes->order[i]];
		struct total *total = &arrangement->shown;

		if (node->parent != NODE_NONE)
			total = parent_total(arrangement, nodes, node->parent);
		if (!total)
			return -ENOMEM;
		if (node->total != ROW_NO_TOTAL)
			total_add(total, &arrangement->totals[node->total]);
		else
			add_own(total, nodes, node);
	}
	total_clear(&arrangement->all);
	if (arrangement->shown.processes == nodes->snapshot->process_count) {
		arrangement->all = arrangement->shown;
		return 0;
	}
	for (size_t i = 0; i < nodes->snapshot->process_count; i++)
		total_add_process(&arrangement->all, &nodes->snapshot->processes[i]);
	return 0;
}

/* -- order ------------------------------------------------------------------------------------------------ */

/* What the order of two rows depends on, gathered once: the rows themselves are too large to visit at each comparison. */
struct entry {
	int64_t amount;
	const char *text;	/* instead of the amount, for text metrics */
	const char *path;	/* of a cgroup, else NULL */
	uint32_t node;
	bool known;
};

static struct entry entry_of(const struct arrangement *arrangement, const struct nodes *nodes, uint32_t i,
			     const struct metric *metric)
{
	const struct node *node = &nodes->list[i];
	struct entry entry = { .node = i };
	struct value value;

	if (node->kind == ROW_CGROUP)
		entry.path = nodes_cgroup_path(nodes, node);
	if (node->kind == ROW_CGROUP && metric->index == PROC_CGROUP) {
		entry.text = entry.path;
		entry.known = true;
		return entry;
	}
	if (node->kind == ROW_CGROUP || (node->total != ROW_NO_TOTAL && metric->sum == METRIC_SUM)) {
		value = arrange_total(&arrangement->totals[node->total], metric);
	} else if (metric->unit == UNIT_TEXT) {
		entry.text = process_text(snapshot_row(nodes->snapshot, node->row), metric->index, NULL);
		entry.known = entry.text != NULL;
		return entry;
	} else {
		value = process_value(snapshot_row(nodes->snapshot, node->row), metric->index);
	}
	entry.amount = value.amount;
	entry.known = value_has_amount(value.status);
	return entry;
}

/* Between equals pid and start time decide, which is the order of nodes, or the path of a cgroup. */
static int compare(const void *left, const void *right, void *context)
{
	const struct entry *a = left, *b = right;
	const bool *ascending = context;
	int by = 0;

	if (a->known != b->known)
		return a->known ? -1 : 1;
	if (a->known && a->text && b->text)
		by = strcmp(a->text, b->text);
	else if (a->known)
		by = (a->amount > b->amount) - (a->amount < b->amount);
	if (by)
		return *ascending ? by : -by;
	if (a->path && b->path)
		return strcmp(a->path, b->path);
	return (a->node > b->node) - (a->node < b->node);
}

/* Fills nodes->order with all nodes in the order of the selection. */
static int sort_nodes(const struct arrangement *arrangement, struct nodes *nodes, const struct selection *selection)
{
	bool ascending = selection->ascending;
	struct entry *entries;

	for (size_t i = 0; i < nodes->count; i++)
		nodes->order[i] = (uint32_t)i;
	if (!selection->sort || nodes->count < 2)
		return 0;
	entries = malloc(nodes->count * sizeof *entries);
	if (!entries)
		return -ENOMEM;
	for (size_t i = 0; i < nodes->count; i++)
		entries[i] = entry_of(arrangement, nodes, (uint32_t)i, selection->sort);
	qsort_r(entries, nodes->count, sizeof *entries, compare, &ascending);
	for (size_t i = 0; i < nodes->count; i++)
		nodes->order[i] = entries[i].node;
	free(entries);
	return 0;
}

/* Chains the roots, and the children of each parent, in the order found. */
static void link_nodes(struct nodes *nodes)
{
	nodes->first = nodes->last = NODE_NONE;
	for (size_t i = 0; i < nodes->count; i++) {
		uint32_t at = nodes->order[i], parent = nodes->list[at].parent;
		uint32_t *first = parent == NODE_NONE ? &nodes->first : &nodes->list[parent].first;
		uint32_t *last = parent == NODE_NONE ? &nodes->last : &nodes->list[parent].last;

		if (*last == NODE_NONE)
			*first = at;
		else
			nodes->list[*last].next = at;
		*last = at;
	}
}

/* -- rows ------------------------------------------------------------------------------------------------- */

static struct row *add_row(struct arrangement *arrangement)
{
	if (reserve((void **)&arrangement->rows, &arrangement->row_capacity, arrangement->row_count + 1,
		    sizeof *arrangement->rows))
		return NULL;
	return &arrangement->rows[arrangement->row_count++];
}

/* BRANCHES of a row at DEPTH whose ancestors are those of the row before it. */
static uint32_t branches(uint32_t before, uint32_t depth, bool more)
{
	uint32_t bit = depth < BRANCHES ? depth : BRANCHES - 1;
	uint32_t above = bit ? before & (UINT32_MAX >> (BRANCHES - bit)) : 0;

	return above | (more ? UINT32_C(1) << bit : 0);
}

/* The first thread of the process in row OWNER; threads are in the order of their processes. */
static size_t first_thread(const struct snapshot *snapshot, uint32_t owner)
{
	size_t low = 0, high = snapshot->thread_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (snapshot->threads[middle].owner < owner)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int add_threads(struct arrangement *arrangement, const struct nodes *nodes, const struct node *node, uint32_t above)
{
	const struct snapshot *snapshot = nodes->snapshot;
	size_t i = first_thread(snapshot, node->row);

	for (; i < snapshot->thread_count && snapshot->threads[i].owner == node->row; i++) {
		bool more = node->first != NODE_NONE ||
			    (i + 1 < snapshot->thread_count && snapshot->threads[i + 1].owner == node->row);
		struct row *row = add_row(arrangement);

		if (!row)
			return -ENOMEM;
		*row = (struct row){ .key = process_key(&snapshot->threads[i]),
				     .index = (uint32_t)(snapshot->process_count + i), .text = ROW_NO_INDEX,
				     .total = ROW_NO_TOTAL, .kind = ROW_THREAD,
				     .depth = (uint16_t)(node->depth < DEPTH_MAX ? node->depth + 1 : DEPTH_MAX),
				     .branches = branches(above, node->depth + 1, more) };
	}
	return 0;
}

static bool has_threads(const struct nodes *nodes, const struct node *node)
{
	const struct snapshot *snapshot = nodes->snapshot;
	size_t i;

	if (node->kind != ROW_PROCESS || !snapshot->thread_count)
		return false;
	i = first_thread(snapshot, node->row);
	return i < snapshot->thread_count && snapshot->threads[i].owner == node->row;
}

static uint32_t find_cgroup(const struct snapshot *snapshot, const char *path)
{
	size_t low = 0, high = snapshot->cgroup_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct text *text = snapshot->cgroups[middle].path;
		int by = strcmp(text ? text->s : "", path);

		if (!by)
			return (uint32_t)middle;
		if (by < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return ROW_NO_INDEX;
}

/* Writes NODE; what is below it follows unless it is folded. */
static int put_node(struct arrangement *arrangement, const struct nodes *nodes, const struct arrange_config *config,
		    struct node *node, uint32_t above)
{
	bool threads = config->threads && has_threads(nodes, node), in_set;
	struct row *row = add_row(arrangement);
	uint32_t mask = branches(above, node->depth, node->next != NODE_NONE);

	if (!row)
		return -ENOMEM;
	in_set = config->folded && keyset_has(config->folded, node->key);
	node->folded = (threads || node->first != NODE_NONE) && in_set != config->fold_all;
	*row = (struct row){ .key = node->key, .index = node->row, .text = ROW_NO_INDEX, .total = node->total,
			     .branches = mask, .kind = node->kind, .folded = node->folded,
			     .depth = (uint16_t)(node->depth < DEPTH_MAX ? node->depth : DEPTH_MAX) };
	if (node->kind == ROW_CGROUP) {
		row->text = node->row;
		row->index = find_cgroup(nodes->snapshot, arrange_cgroup_path(nodes->snapshot, row));
	}
	return threads && !node->folded ? add_threads(arrangement, nodes, node, mask) : 0;
}

static int put_nodes(struct arrangement *arrangement, struct nodes *nodes, const struct arrange_config *config)
{
	uint32_t at = nodes->first, mask = 0;

	while (at != NODE_NONE) {
		struct node *node = &nodes->list[at];
		int ret = put_node(arrangement, nodes, config, node, mask);

		if (ret)
			return ret;
		mask = branches(mask, node->depth, node->next != NODE_NONE);
		if (node->first != NODE_NONE && !node->folded) {
			at = node->first;
			continue;
		}
		while (at != NODE_NONE && nodes->list[at].next == NODE_NONE)
			at = nodes->list[at].parent;
		if (at != NODE_NONE)
			at = nodes->list[at].next;
	}
	return 0;
}

/* -- all of it -------------------------------------------------------------------------------------------- */

static int build(struct arrangement *arrangement, struct nodes *nodes, const struct arrange_config *config)
{
	int ret = add_selected(nodes, config);

	if (!ret && config->grouping == GROUPING_TREE)
		ret = nodes_link_tree(nodes);
	else if (!ret && config->grouping == GROUPING_CGROUP)
		ret = nodes_link_cgroups(nodes);
	if (ret)
		return ret;
	find_depths(nodes);
	ret = order_by_depth(nodes);
	if (!ret)
		ret = add_totals(arrangement, nodes);
	if (!ret)
		ret = sort_nodes(arrangement, nodes, &config->selection);
	if (ret)
		return ret;
	link_nodes(nodes);
	return put_nodes(arrangement, nodes, config);
}

int arrange(struct arrangement *arrangement, const struct snapshot *snapshot, const struct arrange_config *config)
{
	struct nodes *nodes = arrangement->scratch;
	int ret;

	arrangement->row_count = arrangement->total_count = 0;
	if (!nodes)
		nodes = arrangement->scratch = calloc(1, sizeof *nodes);
	if (!nodes)
		return -ENOMEM;
	nodes->snapshot = snapshot;
	nodes->count = 0;
	ret = build(arrangement, nodes, config);
	if (ret) {
		arrangement->row_count = arrangement->total_count = 0;
		total_clear(&arrangement->shown);
		total_clear(&arrangement->all);
	}
	return ret;
}

uint64_t arrange_cgroup_key(const char *path)
{
	uint64_t hash = UINT64_C(14695981039346656037);	/* FNV-1a */

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * UINT64_C(1099511628211);
	/* A thread without a tid, which no process_key() is. */
	return (hash & ~UINT64_C(0x3fffff)) | UINT64_C(1) << 63;
}

const char *arrange_cgroup_path(const struct snapshot *snapshot, const struct row *row)
{
	const char *path = process_text(snapshot_row(snapshot, row->text), PROC_CGROUP, NULL);

	return path ? path : "";
}

size_t arrange_find(const struct arrangement *arrangement, uint64_t key)
{
	for (size_t i = 0; i < arrangement->row_count; i++)
		if (arrangement->rows[i].key == key)
			return i;
	return SIZE_MAX;
}
