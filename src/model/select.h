/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes a view shows, and in which order. */
#ifndef MODEL_SELECT_H
#define MODEL_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/filter.h"
#include "model/metric.h"
#include "model/snapshot.h"

struct selection {
	const int32_t *pids;		/* only these, in ascending order; NULL for all */
	size_t pid_count;
	bool by_uid;			/* only processes of this effective uid */
	uint32_t uid;
	bool hide_idle;			/* not those known to have neither faulted nor run since the
					 * previous sample */
	const struct filter *filter;	/* NULL for none */
	const struct metric *sort;	/* process scope; NULL: by pid, ascending */
	bool ascending;			/* texts and pids default to true, numbers to false: the caller
					 * decides */
};

/* Whether PROCESS is among the selected; the order does not matter. */
bool selection_match(const struct selection *selection, const struct process *process);

#endif
