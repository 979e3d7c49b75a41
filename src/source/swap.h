/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swap areas (/proc/swaps), and what zram makes of those that are zram devices. Part of the system record. */
#ifndef SOURCE_SWAP_H
#define SOURCE_SWAP_H

#include "model/snapshot.h"
#include "source/kfile.h"
#include "util/rootfs.h"

/* FILE is ROOT's /proc/swaps; BUF (CAP bytes) is scratch. Fills snapshot->swaps with the first
 * SWAP_AREAS_MAX areas and the SWAP_AREAS_* and ZRAM_* metrics with all of them, so that swap_areas above
 * the rows present shows what was left out. Without CONFIG_SWAP all is UNSUPPORTED; without a zram area
 * ZRAM_* are NOT_APPLICABLE. */
void swap_read(struct kfile *file, const struct rootfs *root, char *buf, size_t cap, struct snapshot *snapshot);

#endif
