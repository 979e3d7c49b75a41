/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/cgroup_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "parse/mountinfo.h"
#include "parse/octal.h"
#include "util/readfile.h"

enum { MOUNTINFO_LIMIT = 4 << 20 };

/* include/uapi/linux/magic.h */
static const long cgroup1_magic = 0x27e0eb, cgroup2_magic = 0x63677270;

/* How good a candidate is; 0 for none. A whole v1 memory hierarchy beats a part of one, beats v2. */
enum rank { RANK_NONE, RANK_V2_PART, RANK_V2, RANK_V1_PART, RANK_V1 };

static bool is(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(s, word, len);
}

static enum rank rank_mount(const struct parse_mount *mount)
{
	bool whole = is(mount->root, mount->root_len, "/");

	if (is(mount->type, mount->type_len, "cgroup2"))
		return whole ? RANK_V2 : RANK_V2_PART;
	if (is(mount->type, mount->type_len, "cgroup") && parse_mount_has_option(mount, "memory"))
		return whole ? RANK_V1 : RANK_V1_PART;
	return RANK_NONE;
}

/* The directory PATH below the root, when it is a cgroup file system of that version (a mount may hide
 * under another) and has the memory controller. */
static int open_dir(const struct rootfs *root, const char *path, bool v1)
{
	int fd, err = -ENOENT;
	struct statfs fs;

	while (*path == '/')
		path++;
	fd = openat(root->root_fd, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (root->live && (fstatfs(fd, &fs) || (long)fs.f_type != (v1 ? cgroup1_magic : cgroup2_magic)))
		goto close;
	if (faccessat(fd, v1 ? "memory.usage_in_bytes" : "memory.stat", F_OK, 0)) {
		err = -errno;
		goto close;
	}
	return fd;
close:
	close(fd);
	return err;
}

static int try_mount(const struct rootfs *root, const struct parse_mount *parsed, struct cgroup_mount *mount)
{
	bool v1 = is(parsed->type, parsed->type_len, "cgroup");
	char path[CGROUP_MOUNT_PATH];
	size_t len;
	int fd;

	if (parsed->point_len >= sizeof path || parsed->root_len >= sizeof mount->prefix)
		return -ENAMETOOLONG;
	len = parse_octal_unescape(path, sizeof path - 1, parsed->point, parsed->point_len);
	path[len] = '\0';
	fd = open_dir(root, path, v1);
	if (fd < 0)
		return fd;
	if (mount->fd >= 0)
		close(mount->fd);
	mount->fd = fd;
	mount->v1 = v1;
	len = parse_octal_unescape(mount->prefix, sizeof mount->prefix - 1, parsed->root, parsed->root_len);
	while (len && mount->prefix[len - 1] == '/')
		len--;
	mount->prefix[len] = '\0';
	return 0;
}

static int find_in_mountinfo(const struct rootfs *root, struct cgroup_mount *mount)
{
	const char *path = root->live ? "self/mountinfo" : "1/mountinfo";
	enum rank best = RANK_NONE;
	struct parse_mount parsed;
	char *buf = NULL;
	const char *text;
	size_t cap = 0, len;
	ssize_t got = readfile_grow_at(root->proc_fd, path, &buf, &cap, MOUNTINFO_LIMIT);
	int ret, err = -ENOENT;

	if (got < 0) {
		free(buf);
		return (int)got;
	}
	text = buf;
	len = (size_t)got;
	while ((ret = parse_mount_next(&text, &len, &parsed))) {
		enum rank rank = ret > 0 ? rank_mount(&parsed) : RANK_NONE;

		if (rank <= best)
			continue;
		ret = try_mount(root, &parsed, mount);
		if (!ret) {
			best = rank;
			err = 0;
		} else if (err) {
			err = ret;
		}
	}
	free(buf);
	return err;
}

static int find_in_usual_places(const struct rootfs *root, struct cgroup_mount *mount)
{
	static const struct {
		const char *path;
		bool v1;
	} places[] = {
		{ "sys/fs/cgroup/memory", true },
		{ "sys/fs/cgroup", false },
		{ "sys/fs/cgroup/unified", false },
	};

	for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
		mount->fd = open_dir(root, places[i].path, places[i].v1);
		mount->v1 = places[i].v1;
		if (mount->fd >= 0)
			return 0;
	}
	return mount->fd;
}

int cgroup_mount_find(const struct rootfs *root, struct cgroup_mount *mount)
{
	int err;

	*mount = (struct cgroup_mount){ .fd = -1 };
	err = find_in_mountinfo(root, mount);
	if (err && !root->live)
		err = find_in_usual_places(root, mount);
	return err;
}
