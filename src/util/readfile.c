/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/readfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum { GROW_FIRST = 4096 };

/* Reads to the end of the file or until CAP bytes are there. */
static ssize_t read_full(int fd, char *buf, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t got = read(fd, buf + len, cap - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

static int open_at(int dirfd, const char *path)
{
	int fd;

	do
		fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

ssize_t readfile_fd(int fd, char *buf, size_t cap)
{
	ssize_t len;

	if (!cap)
		return -EINVAL;
	len = read_full(fd, buf, cap - 1);
	buf[len < 0 ? 0 : len] = '\0';
	return len;
}

ssize_t readfile_at(int dirfd, const char *path, char *buf, size_t cap)
{
	ssize_t len;
	int fd;

	if (!cap)
		return -EINVAL;
	fd = open_at(dirfd, path);
	if (fd < 0) {
		buf[0] = '\0';
		return fd;
	}
	len = readfile_fd(fd, buf, cap);
	close(fd);
	return len;
}

/* Makes room for at least NEED bytes, doubling but never beyond MAX, which is at least NEED. */
static int grow(char **buf, size_t *cap, size_t need, size_t max)
{
	size_t wanted = *cap < GROW_FIRST ? GROW_FIRST : *cap;
	char *bigger;

	if (need <= *cap)
		return 0;
	while (wanted < need)
		wanted = wanted > max / 2 ? max : wanted * 2;
	if (wanted > max)
		wanted = max;
	bigger = realloc(*buf, wanted);
	if (!bigger)
		return -ENOMEM;
	*buf = bigger;
	*cap = wanted;
	return 0;
}

static ssize_t read_growing(int fd, char **buf, size_t *cap, size_t limit)
{
	size_t len = 0;

	for (;;) {
		size_t end = limit + 1;
		ssize_t got;
		int err = grow(buf, cap, len + 2 < end ? len + 2 : end, end);

		if (err)
			return err;
		if (*cap < end)
			end = *cap;
		got = read_full(fd, *buf + len, end - 1 - len);
		if (got < 0)
			return got;
		len += (size_t)got;
		if (len < end - 1 || len >= limit) {
			(*buf)[len] = '\0';
			return (ssize_t)len;
		}
	}
}

ssize_t readfile_grow_at(int dirfd, const char *path, char **buf, size_t *cap, size_t limit)
{
	ssize_t len;
	int fd;

	if (!*buf)
		*cap = 0;
	if (limit > SSIZE_MAX - 1)
		limit = SSIZE_MAX - 1;
	fd = open_at(dirfd, path);
	if (fd < 0)
		return fd;
	len = read_growing(fd, buf, cap, limit);
	close(fd);
	return len;
}
