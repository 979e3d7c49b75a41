/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel file that is read again and again: opened once, then read from its start each time, which makes
 * the kernel produce the text anew without the cost of a path walk and an open.
 */
#ifndef SOURCE_KFILE_H
#define SOURCE_KFILE_H

#include <stddef.h>
#include <sys/types.h>

#include "model/value.h"

struct kfile {
	int dirfd;		/* not owned; may be -1: then every read is -ENOENT */
	const char *path;	/* not owned */
	int fd;			/* -1 while it is not open */
};

void kfile_init(struct kfile *file, int dirfd, const char *path);
void kfile_close(struct kfile *file);

/* Reads the whole file into BUF (at most CAP - 1 bytes, NUL-terminated), opening it if need be. Returns the
 * length, or -errno; -EFBIG when there is more, for then the last line may be cut and no line is to be
 * trusted. A file that could not be opened is tried again at the next read; one that went away (a module
 * was unloaded) is opened anew. */
ssize_t kfile_read(struct kfile *file, char *buf, size_t cap);

/* What the values of a file are when its read failed with ERR (negative): LOST when we lacked the room, else as
 * value_status_from_errno(). */
enum value_status kfile_status(ssize_t err);

#endif
