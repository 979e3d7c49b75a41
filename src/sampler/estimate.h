/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the PSS of a process is likely to be now, when it was not read just now. Pure: no I/O. */
#ifndef SAMPLER_ESTIMATE_H
#define SAMPLER_ESTIMATE_H

#include "model/snapshot.h"
#include "sampler/track.h"

struct estimate {
	int64_t bytes[EST_COUNT];
	struct bounds bounds[EST_COUNT];
};

/*
 * By kind: the last exact reading, if there is one, plus what the resident set gained since (or scaled down with what it lost)
 * and what sharers coming and going are expected to have changed; else the resident set divided among those who are
 * known to map it. Bounds: a page is resident once per process, so PSS <= RSS; anonymous memory of a process without
 * relatives is its own, so PSS_ANON >= RSS_ANON / family unless KSM merges pages. For files and shared memory sharers
 * may be invisible (other namespaces, refused processes): the low bound is 0. Both are widened by what RSS itself
 * moves between two moments.
 *
 * T must have its RSS by kind. KSM_ACTIVE: the kernel has merged pages.
 */
void estimate_pss(const struct tracked *t, bool ksm_active, struct estimate *estimate);

#endif
