/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user wants of probes. */
#ifndef SAMPLER_PROBE_WISH_H
#define SAMPLER_PROBE_WISH_H

#include <stdbool.h>

#include "source/faults.h"

struct probe_wish {
	bool allowed;			/* may be attached when a need asks for it; else its values are SKIPPED */
	bool required;			/* attached from the start, and an error when it cannot be had */
	struct faults_config faults;
};

#endif
