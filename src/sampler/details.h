/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readings of one process that cost extra and are made on demand: /proc/PID/status where the scan does not
 * deliver RSS by kind, user name, command line, cgroup, OOM score.
 */
#ifndef SAMPLER_DETAILS_H
#define SAMPLER_DETAILS_H

#include <stdint.h>

#include "model/snapshot.h"
#include "sampler/track.h"
#include "source/procfs.h"
#include "source/users.h"
#include "util/rootfs.h"

struct details {
	unsigned needs;			/* enum need bits; of a watched process everything is read */
	const struct rootfs *root;
	struct procfs *procfs;
	struct users *users;
	int64_t now_ns;			/* CLOCK_BOOTTIME of the sample */
};

void details_init(struct details *details, unsigned needs, const struct rootfs *root, struct procfs *procfs,
		  struct users *users);

/* A new sample begins at NOW_NS. */
void details_begin(struct details *details, int64_t now_ns);

/* Completes T's scan row: RSS by kind for a process that moved, and what status alone knows when it is
 * wanted. */
void details_complete(struct details *details, struct tracked *t);

/* Fills the texts of T that are needed, renews them when they are old, and sets them and the OOM score in
 * ROW; the others are SKIPPED there, but kept in T for when they are needed again. */
void details_fill(struct details *details, struct tracked *t, struct process *row);

#endif
