/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What could not be had, why, and how to get it: one line each, for every view. */
#ifndef SAMPLER_NOTICES_H
#define SAMPLER_NOTICES_H

#include "model/snapshot.h"
#include "sampler/pss.h"

/* STATS NULL when PSS is not wanted. LIVE false for a captured tree. */
void notices_add(struct snapshot *snapshot, const struct pss_stats *stats, bool live);

#endif
