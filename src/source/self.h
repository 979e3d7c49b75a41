/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What memtide itself costs. Always of the live process, also when a captured tree is shown. */
#ifndef SOURCE_SELF_H
#define SOURCE_SELF_H

#include "model/value.h"

struct self_usage {
	struct value cpu;	/* ns of user and system time, all threads */
	struct value rss;	/* bytes: VmRSS of /proc/self/statm */
	struct value rss_peak;	/* bytes: ru_maxrss */
};

void self_read(struct self_usage *usage);

#endif
