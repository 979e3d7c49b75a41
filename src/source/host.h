/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What machine this is: live, or as DIR/memtide-host of a captured tree says (util/rootfs.h). */
#ifndef SOURCE_HOST_H
#define SOURCE_HOST_H

#include "model/snapshot.h"
#include "util/rootfs.h"

/* Fills everything but interval and tier; what a captured tree does not say stays empty, the page size 4096, the tick 100. */
void host_read(struct host *host, const struct rootfs *root);

/* Present time; of a captured tree the moment of the capture, so that a fixture always gives the same output. */
void host_clocks(const struct host *host, const struct rootfs *root, int64_t *real_ns, int64_t *boottime_ns);

#endif
