/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is read of one process beyond the scan: smaps_rollup, maps, and texts.
 *
 * A process is opened as a directory descriptor of /proc/PID whose start time was checked. The descriptor
 * stays bound to that process: after its end every read fails with ESRCH, also when the pid is reused.
 */
#ifndef SOURCE_PROCFS_H
#define SOURCE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"
#include "parse/process.h"
#include "util/rootfs.h"

struct procfs {
	const struct rootfs *root;
	bool has_rollup;	/* false: PSS is summed up from smaps (before 4.14, or CONFIG_PROC_PAGE_MONITOR trees) */
	char *buffer;		/* PROCFS_BUFFER bytes, shared by all reads */
};

enum {
	PROCFS_BUFFER = 64 << 10,
	PROCFS_MAPS_LIMIT = 4 << 20,	/* bytes of maps read of one process; the rest is left out */
	PROCFS_CMDLINE_LIMIT = 4096,
};

/* What one read cost. */
struct read_cost {
	int64_t wall_ns;	/* how long the target's mmap lock may have been held */
	int64_t cpu_ns;		/* of this thread */
};

/* 0, or -ENOMEM. */
int procfs_open(struct procfs *procfs, const struct rootfs *root);
void procfs_close(struct procfs *procfs);

/* A descriptor of /proc/PID, the caller's to close, or -errno: -ESRCH when that process is gone. */
int procfs_process_open(struct procfs *procfs, int32_t pid, uint64_t start_time);

/* smaps_rollup, or the sum of smaps, in bytes. Takes the target's mmap lock for reading: see pss.h. Needs
 * PTRACE_MODE_READ on the target: same user, CAP_SYS_PTRACE, or CAP_PERFMON on newer kernels. 0 or -errno: -EACCES when refused,
 * -ESRCH when there is no address space (any more). COST is filled in either case. */
int procfs_read_smaps(struct procfs *procfs, int dirfd, struct parse_smaps *smaps, struct read_cost *cost);

/* Calls MAP for each mapping in order. The kernel takes the mmap lock only for 4 KiB of text at a time. Stops after
 * PROCFS_MAPS_LIMIT bytes. 0 or -errno. Same permission as smaps. */
int procfs_read_maps(struct procfs *procfs, int dirfd, void (*map)(void *context, const struct parse_map *map),
		     void *context);

/* Command line with arguments joined by spaces, cleaned; an empty text for a process without one. NULL with *ERR
 * set to an errno when unreadable. */
struct text *procfs_read_cmdline(struct procfs *procfs, int dirfd, int *err);

/* Path of the process in the hierarchy with the memory controller. As above. */
struct text *procfs_read_cgroup(struct procfs *procfs, int dirfd, int *err);

/* oom_score or oom_score_adj (NAME); 0 or -errno. */
int procfs_read_number(int dirfd, const char *name, int64_t *number);

#endif
