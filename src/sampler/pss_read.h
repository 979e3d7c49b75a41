/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making one read of a process's PSS, learning from it, and predicting the next one. Used by pss.c only. */
#ifndef SAMPLER_PSS_READ_H
#define SAMPLER_PSS_READ_H

#include <stdint.h>

#include "sampler/share.h"
#include "sampler/track.h"
#include "source/procfs.h"

struct pss_config;
struct pss_stats;

struct pss_reader {
	const struct pss_config *config;
	struct procfs *procfs;
	struct share_table *shares;
	struct pss_stats *stats;
	uint32_t page_cost_ps;		/* of processes not read yet, this machine's */
	uint32_t seed;
};

/* Measures what a base page costs on this machine with 4 MiB of memtide's own memory (a live root only). */
void pss_reader_init(struct pss_reader *reader, const struct pss_config *config, struct procfs *procfs,
		     struct share_table *shares, struct pss_stats *stats);

/* Predicted wall time of a read of T. */
int64_t pss_reader_predict_ns(const struct pss_reader *reader, const struct tracked *t);

/* Reads T and takes the result over. Returns the CPU time spent in all. A process found to have real-time threads is marked
 * protected and not read, unless want_exact. */
int64_t pss_reader_read(struct pss_reader *reader, struct tracked *t, int64_t now_ns);

/* Reads only T's maps, when they are due, so that its sharers are known without a walk of its page tables. Returns the CPU time
 * spent. */
int64_t pss_reader_follow(struct pss_reader *reader, struct tracked *t, int64_t now_ns);

#endif
