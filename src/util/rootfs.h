/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where /proc and /sys are: the live ones, or those of a captured tree (--root DIR).
 *
 * Everything is opened relative to these directory descriptors, so that the whole program runs on a captured
 * tree. A captured tree may hold DIR/memtide-host, lines of "key value" with page_bytes, clock_ticks, cpus,
 * hostname, kernel, machine, boottime_ns, real_ns, and DIR/etc/passwd for user names.
 */
#ifndef UTIL_ROOTFS_H
#define UTIL_ROOTFS_H

#include <stdbool.h>

#include "util/err.h"

/* The descriptors are O_PATH: openat(), fstatat() and readlinkat() take them; to list a directory, open "."
 * below it. */
struct rootfs {
	int root_fd;	/* DIR itself, or "/" */
	int proc_fd;
	int sys_fd;	/* -1 when there is no sys */
	bool live;
};

/* DIR NULL for the live machine. 0, or -1 with ERR set; a missing proc is an error, a missing sys is not. */
int rootfs_open(struct rootfs *root, const char *dir, struct err *err);
void rootfs_close(struct rootfs *root);

#endif
