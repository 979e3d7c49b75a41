/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/kfile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void kfile_init(struct kfile *file, int dirfd, const char *path)
{
	*file = (struct kfile){ .dirfd = dirfd, .path = path, .fd = -1 };
}

void kfile_close(struct kfile *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

static int open_file(struct kfile *file)
{
	if (file->fd >= 0)
		return 0;
	if (file->dirfd < 0)
		return -ENOENT;
	do
		file->fd = openat(file->dirfd, file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	while (file->fd < 0 && errno == EINTR);
	return file->fd < 0 ? -errno : 0;
}

static ssize_t read_whole(int fd, char *buf, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t got = pread(fd, buf + len, cap - len, (off_t)len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got) {
			buf[len] = '\0';
			return (ssize_t)len;
		}
		len += (size_t)got;
	}
	return -EFBIG;
}

ssize_t kfile_read(struct kfile *file, char *buf, size_t cap)
{
	ssize_t len = -ENODEV;

	for (int attempt = 0; attempt < 2 && (len == -ENODEV || len == -ESTALE); attempt++) {
		int err = open_file(file);

		if (err)
			return err;
		len = read_whole(file->fd, buf, cap);
		if (len < 0)
			kfile_close(file);
	}
	return len;
}

enum value_status kfile_status(ssize_t err)
{
	switch (-err) {
	case EFBIG:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return VALUE_LOST;
	default:
		return value_status_from_errno((int)-err);
	}
}
