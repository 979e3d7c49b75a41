/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what is known of a process to its row in the snapshot. No I/O: every value gets a status here. */
#ifndef SAMPLER_ROW_H
#define SAMPLER_ROW_H

#include "model/snapshot.h"
#include "sampler/track.h"

/* Identity and everything that comes with the scan, but for texts: see details.h. */
void row_fill_core(struct process *row, const struct tracked *t);

struct row_context {
	int64_t now_ns;			/* CLOCK_BOOTTIME of the sample */
	bool want_pss;			/* PSS is wanted of this process; else its fields are SKIPPED */
	bool suspended;			/* no reads are made now (guard.h, or a limit of 0) */
	bool ksm_active;
};

/* Everything from smaps_rollup: exact, carried forward, or why not. */
void row_fill_pss(struct process *row, const struct tracked *t, const struct row_context *context);

#endif
