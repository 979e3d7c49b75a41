/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded reads of small kernel files. */
#ifndef UTIL_READFILE_H
#define UTIL_READFILE_H

#include <stddef.h>
#include <sys/types.h>

/* Reads PATH under DIRFD into BUF (at most CAP - 1 bytes, NUL-terminated). Returns the length; what lies beyond
 * is cut. -errno on failure. Retries EINTR; opens with O_CLOEXEC | O_NONBLOCK | O_NOCTTY. */
ssize_t readfile_at(int dirfd, const char *path, char *buf, size_t cap);

/* As above from an open descriptor, from its current offset. */
ssize_t readfile_fd(int fd, char *buf, size_t cap);

/* Grows *BUF (malloc'ed, may start NULL, with *CAP) up to LIMIT bytes as needed. Returns the length; what lies
 * beyond LIMIT is cut. -errno on failure; *BUF stays valid and the caller's to free. */
ssize_t readfile_grow_at(int dirfd, const char *path, char **buf, size_t *cap, size_t limit);

#endif
