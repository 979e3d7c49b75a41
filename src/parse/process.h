/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsers of /proc/PID text files. Pure: no I/O, no allocation, no globals, no locale. Input need not be
 * NUL-terminated and may be truncated anywhere; unknown lines and trailing fields of newer kernels are ignored.
 * Return 0, or -EBADMSG when what must be there is not; then the result is unspecified.
 */
#ifndef PARSE_PROCESS_H
#define PARSE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* /proc/PID/stat (fs/proc/array.c, do_task_stat). */
struct parse_stat {
	int32_t pid, ppid;
	char comm[64];		/* raw bytes between the first '(' and the last ')', NUL-terminated;
				 * 15 at most but for kernel workers; what exceeds 63 is cut */
	char state;
	uint32_t flags;		/* PF_*: PF_KTHREAD is 0x00200000 */
	uint64_t minflt, majflt;
	uint64_t utime, stime;	/* clock ticks */
	int64_t num_threads;
	uint64_t starttime;	/* clock ticks since boot */
	uint64_t vsize;		/* bytes */
	int64_t rss;		/* pages; approximate on 6.2 and later */
	uint64_t startcode, startstack;	/* 0 or 1 without ptrace permission */
	uint32_t rt_priority, policy;
	bool has_layout;	/* startcode and startstack were disclosed */
};
/* -EBADMSG also when a number is cut off, negative where that makes no sense, or beyond its type. */
int parse_stat(const char *text, size_t len, struct parse_stat *stat);

/* /proc/PID/statm, in pages. */
struct parse_statm {
	int64_t size, resident, shared;
};
int parse_statm(const char *text, size_t len, struct parse_statm *statm);

/* /proc/PID/status: the fields memtide uses; `have` has bit (1 << field) for each one present. */
enum status_field {
	STATUS_TGID, STATUS_NSPID_DEPTH /* number of entries in NSpid */, STATUS_UID_EFFECTIVE,
	STATUS_VMSIZE, STATUS_VMLCK, STATUS_VMHWM, STATUS_VMRSS, STATUS_RSSANON, STATUS_RSSFILE,
	STATUS_RSSSHMEM, STATUS_VMPTE, STATUS_VMSWAP, STATUS_THREADS,
	STATUS_COUNT
};
struct parse_status {
	int64_t v[STATUS_COUNT];	/* bytes for Vm* and Rss*, else the number */
	uint32_t have;
};
/* Never -EBADMSG: a zombie's or kernel thread's status just lacks fields. A malformed field and a last line
 * without its newline (its number may be cut) are absent. */
int parse_status(const char *text, size_t len, struct parse_status *status);

/* /proc/PID/smaps_rollup, or the sum over all VMAs of /proc/PID/smaps (5.10 to 7.2: fs/proc/task_mmu.c). */
enum smaps_field {
	SMAPS_RSS, SMAPS_PSS, SMAPS_PSS_DIRTY, SMAPS_PSS_ANON, SMAPS_PSS_FILE, SMAPS_PSS_SHMEM,
	SMAPS_SHARED_CLEAN, SMAPS_SHARED_DIRTY, SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_DIRTY,
	SMAPS_REFERENCED, SMAPS_ANONYMOUS, SMAPS_KSM, SMAPS_LAZYFREE,
	SMAPS_ANON_HUGE, SMAPS_SHMEM_PMD, SMAPS_FILE_PMD,
	SMAPS_SHARED_HUGETLB, SMAPS_PRIVATE_HUGETLB, SMAPS_SWAP, SMAPS_SWAP_PSS, SMAPS_LOCKED,
	SMAPS_COUNT
};
struct parse_smaps {
	int64_t bytes[SMAPS_COUNT];
	uint32_t have;
};
/* Adds up every line of a known field, so one parser serves both files and text that arrives in pieces cut
 * at line ends. Zero-initialize *SMAPS first. -EBADMSG on a known field whose number is malformed, cut off
 * or overflows. smaps rounds PSS down to KiB in every VMA, so that its sum is up to 1 KiB a VMA less than
 * the rollup's. */
int parse_smaps_add(const char *text, size_t len, struct parse_smaps *smaps);

/* One line of /proc/PID/maps. */
struct parse_map {
	uint64_t start, end, offset;
	bool readable, writable, executable, shared;
	uint32_t dev_major, dev_minor;
	uint64_t inode;		/* 0 for anonymous memory */
	const char *path;	/* into the text, not terminated, raw but for newlines (\012);
				 * " (deleted)" follows when unlinked; empty when there is none */
	size_t path_len;
};
/* Parses the line at *TEXT, advances *TEXT and *LEN past it. 1 for a line, 0 at the end, -EBADMSG for a line
 * that is not a mapping (it is skipped, so the caller may go on), nor a last line without its newline. */
int parse_map_next(const char **text, size_t *len, struct parse_map *map);

/* One line of /proc/PID/limits (fs/proc/base.c, proc_pid_limits): name in 25 columns, two limits, unit. */
struct parse_limit {
	const char *name, *unit;	/* into the text, not terminated, raw; the unit may be empty */
	size_t name_len, unit_len;
	int64_t soft, hard;		/* INT64_MAX for "unlimited", and for what is larger */
};
/* As parse_map_next(); the line of titles is skipped. A last line without its newline is -EBADMSG. */
int parse_limit_next(const char **text, size_t *len, struct parse_limit *limit);

/* /proc/PID/cgroup: the path of the hierarchy that has the memory controller: the v1 line naming "memory"
 * if there is one, else the v2 line "0::". Points into the text, begins with '/', raw. A last line without
 * its newline does not count. -ENOENT when there is none. */
int parse_cgroup_memory_path(const char *text, size_t len, const char **path, size_t *path_len, bool *is_v1);

#endif
