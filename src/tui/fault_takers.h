/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who takes the faults of a class: a list of processes, the one with the highest rate first, then by count. */
#ifndef TUI_FAULT_TAKERS_H
#define TUI_FAULT_TAKERS_H

#include "tui/app.h"
#include "tui/list.h"

/* Starts zeroed. */
struct fault_takers {
	struct list list;
	uint32_t *order;		/* indexes of snapshot->processes that took some */
	size_t capacity;
	uint64_t key;			/* process_key() under the cursor, which stays there; 0: at the top */
	unsigned class;			/* that was filled in last */
	int first_row;			/* as last drawn; -1 when not shown */
	struct area area;
};

void fault_takers_free(struct fault_takers *takers);

/* From APP's snapshot. CLASS: enum fault_class, or FAULT_ALL. */
void fault_takers_fill(struct fault_takers *takers, struct app *app, unsigned class);

/* The process under the cursor, NULL when there is none. */
const struct process *fault_takers_chosen(const struct fault_takers *takers, const struct app *app);

/* The cursor was moved: it stays with this process from now on. */
void fault_takers_keep(struct fault_takers *takers, const struct app *app);

/* FOCUS: the cursor is here. */
void fault_takers_draw(struct fault_takers *takers, const struct app *app, struct canvas *canvas, struct area area,
		       bool focus);

/* Whether any process's faults are known at all. */
bool fault_takers_are_told(const struct app *app);

/* Metrics of a class's faults in a process. */
enum process_metric fault_takers_count(unsigned class);
enum process_metric fault_takers_rate(unsigned class);
enum process_metric fault_takers_time(unsigned class);

#endif
