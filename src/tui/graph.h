/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page with the history of one metric of a process, a cgroup or the machine. */
#ifndef TUI_GRAPH_H
#define TUI_GRAPH_H

#include "model/metric.h"
#include "tui/app.h"

/* KEY as in history.h. NAME is whose history it is, for people, cleaned ("4711 postgres"); it is copied.
 * METRIC is of SCOPE and may be NULL: the one that says most about memory. A metric that nobody recorded so
 * far begins now. NULL on ENOMEM. */
struct view *graph_new(struct app *app, enum scope scope, uint64_t key, const char *name,
		       const struct metric *metric);

#endif
