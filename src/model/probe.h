/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes: what memtide attaches to the kernel. Each has several ways to do it, its tiers; the best one that really attaches
 * and then counts faults of our own right is taken, and what kept the better ones away is told.
 */
#ifndef MODEL_PROBE_H
#define MODEL_PROBE_H

#include <stdbool.h>
#include <stdint.h>

enum probe { PROBE_FAULTS, PROBE_COUNT };

/* "faults" */
const char *probe_name(enum probe probe);

/* Static: of a probe that nothing shown needs. */
const struct probe_status *probe_unwanted(enum probe probe);

enum probe_tier_state {
	TIER_UNTRIED,		/* a better one was taken, or another was asked for */
	TIER_ACTIVE,
	TIER_FAILED,		/* reason and remedy say why */
};

enum { PROBE_TIERS_MAX = 6 };

struct probe_tier_status {
	const char *name;	/* static: "fentry" */
	enum probe_tier_state state;
	char reason[192];	/* of a failure: "kprobe handle_mm_fault: Operation not permitted" */
	char remedy[160];	/* what the user can do about it; empty for nothing */
};

/* Never changed once a snapshot points to it. */
struct probe_status {
	const char *name;			/* static: probe_name() */
	bool wanted;				/* else nothing was tried and the rest is empty */
	int active;				/* index into tiers, -1 for none */
	struct probe_tier_status tiers[PROBE_TIERS_MAX];	/* best first */
	unsigned tier_count;
	const char *completion;			/* static: how the end of an event is known: "fexit", "memcg event", "perf event"; or NULL */
	int64_t attached_boottime_ns, attached_real_ns;		/* what counts since attach counts since then */
	int64_t attach_ns;			/* how long trying and attaching took */
	/* Run time of the probe's BPF programs for one event, measured at attach with the kernel's own statistics, which add some 20 ns
	 * for each program; 0 when it could not be measured. */
	int64_t event_ns;
};

/* The name of the active tier, "none" without one. */
const char *probe_tier_name(const struct probe_status *status);

/* Why the best of the tiers that were tried in vain is not in use, one line with its remedy, cut to SIZE bytes; "" when the best
 * of all is, or nothing was tried. */
void probe_why(const struct probe_status *status, char *text, int size);

#endif
