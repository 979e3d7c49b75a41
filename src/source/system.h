/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system record: /proc/meminfo, /proc/vmstat, /proc/pressure, /proc/swaps with zram, and the settings that
 * decide how memory is handed out. No privilege is needed for any of it on an ordinary machine.
 */
#ifndef SOURCE_SYSTEM_H
#define SOURCE_SYSTEM_H

#include "model/snapshot.h"
#include "util/err.h"
#include "util/rootfs.h"

struct system_source;

/* ROOT must outlive the source. Keeps about 30 descriptors open. NULL with ERR set on ENOMEM. */
struct system_source *system_source_open(const struct rootfs *root, struct err *err);
void system_source_close(struct system_source *source);	/* NULL-safe */

/* Fills the system metrics that come from these files, the settings, the swap areas, the meminfo fields
 * that memtide does not know, and notices about what is missing and how to get it. A metric this kernel or
 * build lacks becomes UNSUPPORTED, one whose file may not be read DENIED, one whose text is malformed LOST;
 * other metrics are left alone. snapshot->host must give the page size. 0, or -errno when not even meminfo
 * could be read (everything is filled in also then). */
int system_read(struct system_source *source, struct snapshot *snapshot);

#endif
