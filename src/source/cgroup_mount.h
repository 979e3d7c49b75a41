/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the cgroup hierarchy with the memory controller is mounted. */
#ifndef SOURCE_CGROUP_MOUNT_H
#define SOURCE_CGROUP_MOUNT_H

#include <stdbool.h>

#include "util/rootfs.h"

enum { CGROUP_MOUNT_PATH = 1024 };

struct cgroup_mount {
	int fd;				/* directory of its topmost visible cgroup; the caller's to close */
	bool v1;
	/* Path of that cgroup in the hierarchy, raw, "" for the root: a container may see only a part of it. */
	char prefix[CGROUP_MOUNT_PATH];
};

/* Prefers v1 when it has the memory controller, then v2; of several mounts of one hierarchy the first that
 * shows all of it. 0, -ENOENT when there is none, or another -errno. */
int cgroup_mount_find(const struct rootfs *root, struct cgroup_mount *mount);

#endif
