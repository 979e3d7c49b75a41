/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growth of PSS over more than one interval: struct growth of snapshot.h. Part of derive(). */
#ifndef MODEL_GROWTH_H
#define MODEL_GROWTH_H

#include "model/snapshot.h"

/* Carries NOW's growth on from BEFORE (NULL for a new process), and fills PSS_GROWN and PSS_GROWN_MINUTE. */
void growth_carry(const struct process *before, struct process *now, int64_t boottime_ns);

#endif
