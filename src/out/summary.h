/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines about the machine above a table: what is known, nothing for what is not. */
#ifndef OUT_SUMMARY_H
#define OUT_SUMMARY_H

#include "model/overview.h"
#include "model/snapshot.h"
#include "util/buf.h"

/* What one sample needs of the previous one; starts zeroed. */
struct summary {
	struct self_cpu cpu;
};

/* Host and time: one line, without its newline. */
void summary_title(struct buf *out, const struct snapshot *snapshot);

/* All lines after the title, each with its newline: memory, pressure, processes (SHOWN of all), memtide itself,
 * and one line a notice. Keeps in SUMMARY what the next sample needs. */
void summary_lines(struct summary *summary, struct buf *out, const struct snapshot *snapshot, size_t shown);

#endif
