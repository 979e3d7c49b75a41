/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user wants of probes. */
#ifndef SAMPLER_PROBE_WISH_H
#define SAMPLER_PROBE_WISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/faults.h"

struct probe_wish {
	bool allowed;			/* may be attached when a need asks for it; else its values are SKIPPED */
	bool required;			/* attached from the start, and an error when it cannot be had */
	struct faults_config faults;
	const int32_t *pids;		/* processes to keep latencies of, each for itself; the caller's */
	size_t pid_count;		/* of the first FAULT_WATCHED_MAX they are kept */
};

#endif
