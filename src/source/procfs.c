/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/readfile.h"

int procfs_open(struct procfs *procfs, const struct rootfs *root)
{
	procfs->root = root;
	procfs->has_rollup = true;
	procfs->buffer = malloc(PROCFS_BUFFER);
	if (!procfs->buffer)
		return -ENOMEM;
	/* On a live machine our own files tell what the kernel has; a captured tree is asked per process. */
	if (root->live)
		procfs->has_rollup = !faccessat(root->proc_fd, "self/smaps_rollup", F_OK, 0);
	return 0;
}

void procfs_close(struct procfs *procfs)
{
	free(procfs->buffer);
	procfs->buffer = NULL;
}

int procfs_process_open(struct procfs *procfs, int32_t pid, uint64_t start_time)
{
	char name[16], text[1024];
	struct parse_stat stat;
	ssize_t len;
	int fd;

	snprintf(name, sizeof name, "%d", pid);
	fd = openat(procfs->root->proc_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	len = readfile_at(fd, "stat", text, sizeof text);
	if (len >= 0 && !parse_stat(text, (size_t)len, &stat) && stat.starttime == start_time)
		return fd;
	close(fd);
	return len < 0 && len != -ENOENT ? (int)len : -ESRCH;
}

/* Feeds TEXT's complete lines to smaps; returns the bytes consumed, or -EBADMSG. */
static ssize_t feed_lines(const char *text, size_t len, bool last, struct parse_smaps *smaps)
{
	const char *end = last ? text + len : memrchr(text, '\n', len);
	size_t take = !end ? 0 : last ? len : (size_t)(end - text) + 1;

	if (parse_smaps_add(text, take, smaps))
		return -EBADMSG;
	return (ssize_t)take;
}

static int read_smaps_fd(struct procfs *procfs, int fd, struct parse_smaps *smaps)
{
	size_t have = 0;

	for (;;) {
		ssize_t n = read(fd, procfs->buffer + have, PROCFS_BUFFER - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		have += (size_t)n;
		ssize_t used = feed_lines(procfs->buffer, have, n == 0, smaps);

		if (used < 0)
			return (int)used;
		if (n == 0)
			return 0;
		if (!used && have == PROCFS_BUFFER)
			return -EBADMSG;	/* a line of 64 KiB is not smaps */
		have -= (size_t)used;
		memmove(procfs->buffer, procfs->buffer + used, have);
	}
}

int procfs_read_smaps(struct procfs *procfs, int dirfd, struct parse_smaps *smaps, struct read_cost *cost)
{
	int64_t wall = clock_monotonic_ns(), cpu = clock_thread_cpu_ns();
	int fd, ret;

	memset(smaps, 0, sizeof *smaps);
	fd = procfs->has_rollup ? openat(dirfd, "smaps_rollup", O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0 && (!procfs->has_rollup || errno == ENOENT))
		fd = openat(dirfd, "smaps", O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		ret = errno == ENOENT ? -ESRCH : -errno;
	} else {
		ret = read_smaps_fd(procfs, fd, smaps);
		close(fd);
	}
	cost->wall_ns = clock_monotonic_ns() - wall;
	cost->cpu_ns = clock_thread_cpu_ns() - cpu;
	if (!ret && !(smaps->have & (1u << SMAPS_RSS)))
		ret = -ESRCH;	/* empty: no address space */
	return ret;
}

int procfs_read_maps(struct procfs *procfs, int dirfd, void (*map)(void *context, const struct parse_map *map),
		     void *context)
{
	size_t have = 0, total = 0;
	int ret = 0, fd = openat(dirfd, "maps", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	while (total < PROCFS_MAPS_LIMIT) {
		ssize_t n = read(fd, procfs->buffer + have, PROCFS_BUFFER - have);
		const char *text = procfs->buffer, *newline;
		struct parse_map one;
		size_t len;
		int got;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			ret = n < 0 ? -errno : 0;
			break;
		}
		total += (size_t)n;
		have += (size_t)n;
		newline = memrchr(procfs->buffer, '\n', have);
		if (!newline) {
			if (have == PROCFS_BUFFER)
				break;
			continue;
		}
		len = (size_t)(newline - procfs->buffer) + 1;
		have -= len;
		while ((got = parse_map_next(&text, &len, &one)))
			if (got > 0)
				map(context, &one);
		memmove(procfs->buffer, newline + 1, have);
	}
	close(fd);
	return ret;
}

struct text *procfs_read_cmdline(struct procfs *procfs, int dirfd, int *err)
{
	char *buffer = procfs->buffer;
	ssize_t len = readfile_at(dirfd, "cmdline", buffer, PROCFS_CMDLINE_LIMIT + 1);
	struct text *text;

	if (len < 0) {
		*err = (int)-len;
		return NULL;
	}
	while (len > 0 && buffer[len - 1] == '\0')
		len--;
	for (ssize_t i = 0; i < len; i++)
		if (buffer[i] == '\0')
			buffer[i] = ' ';
	text = text_new(buffer, (size_t)len);
	*err = text ? 0 : ENOMEM;
	return text;
}

struct text *procfs_read_cgroup(struct procfs *procfs, int dirfd, int *err)
{
	ssize_t len = readfile_at(dirfd, "cgroup", procfs->buffer, PROCFS_BUFFER);
	const char *path;
	size_t path_len;
	struct text *text;
	bool v1;

	if (len < 0) {
		*err = (int)-len;
		return NULL;
	}
	*err = -parse_cgroup_memory_path(procfs->buffer, (size_t)len, &path, &path_len, &v1);
	if (*err) {
		*err = EOPNOTSUPP;
		return NULL;
	}
	text = text_new(path, path_len);
	*err = text ? 0 : ENOMEM;
	return text;
}

int procfs_read_number(int dirfd, const char *name, int64_t *number)
{
	char text[32], *end;
	ssize_t len = readfile_at(dirfd, name, text, sizeof text);

	if (len < 0)
		return (int)len;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return end == text || errno ? -EBADMSG : 0;
}
