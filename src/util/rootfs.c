/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1	/* O_PATH */
#endif
#include "util/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

static const long proc_magic = 0x9fa0;	/* PROC_SUPER_MAGIC, include/uapi/linux/magic.h */

static int open_dir(int dirfd, const char *path)
{
	return openat(dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Whether FD really is a procfs: an empty /proc of a chroot or an early boot is not. */
static bool is_procfs(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && (long)fs.f_type == proc_magic;
}

static int open_live(struct rootfs *root, struct err *err)
{
	root->root_fd = open_dir(AT_FDCWD, "/");
	if (root->root_fd < 0)
		return err_set(err, "/: %s", strerror(errno));
	root->proc_fd = open_dir(root->root_fd, "proc");
	if (root->proc_fd < 0)
		return err_set(err, "/proc: %s (mount it: mount -t proc proc /proc)", strerror(errno));
	if (!is_procfs(root->proc_fd))
		return err_set(err, "/proc: not mounted (mount it: mount -t proc proc /proc)");
	return 0;
}

static int open_captured(struct rootfs *root, const char *dir, struct err *err)
{
	root->root_fd = open_dir(AT_FDCWD, dir);
	if (root->root_fd < 0)
		return err_set(err, "%s: %s (--root takes a directory that holds proc and sys)", dir,
			       strerror(errno));
	root->proc_fd = open_dir(root->root_fd, "proc");
	if (root->proc_fd < 0)
		return err_set(err, "%s/proc: %s (--root takes the directory that holds proc and sys)", dir,
			       strerror(errno));
	return 0;
}

int rootfs_open(struct rootfs *root, const char *dir, struct err *err)
{
	*root = (struct rootfs){ .root_fd = -1, .proc_fd = -1, .sys_fd = -1, .live = !dir };
	if (dir ? open_captured(root, dir, err) : open_live(root, err)) {
		rootfs_close(root);
		return -1;
	}
	root->sys_fd = open_dir(root->root_fd, "sys");
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void rootfs_close(struct rootfs *root)
{
	close_fd(&root->sys_fd);
	close_fd(&root->proc_fd);
	close_fd(&root->root_fd);
}
