/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forest that arrange.c builds, and what finds parents in it. Internal to these files. */
#ifndef MODEL_ARRANGE_NODES_H
#define MODEL_ARRANGE_NODES_H

#include "model/arrange.h"

enum { NODE_NONE = UINT32_MAX };

struct node {
	uint64_t key;
	uint32_t row;			/* of snapshot_row(); of a cgroup one of its processes */
	uint32_t parent;
	uint32_t first, last, next;	/* children, and the next sibling */
	uint32_t depth;
	uint32_t total;
	uint8_t kind;			/* enum row_kind */
	uint8_t state;
	bool folded;
};

struct nodes {
	const struct snapshot *snapshot;
	struct node *list;		/* processes by pid, then exited ones, then cgroups */
	size_t count, capacity;
	uint32_t *order;
	size_t order_capacity;
	uint32_t first, last;		/* roots */
};

/* Set the parent of every node; cycles may remain. 0 or -ENOMEM. */
int nodes_link_tree(struct nodes *nodes);
int nodes_link_cgroups(struct nodes *nodes);

/* One more node: a cgroup, seen at the process in ROW. 0 or -ENOMEM. */
int nodes_add_group(struct nodes *nodes, uint32_t row, uint64_t key);

/* The path of a cgroup, or of the cgroup that a process is in; "" when unknown. */
const char *nodes_cgroup_path(const struct nodes *nodes, const struct node *node);

#endif
