/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/signal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "parse/process.h"
#include "util/readfile.h"

/* Numbers that all architectures share (5.1 and 5.3); libc headers older than those lack them. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* 0 when /proc speaks of pids as our system calls do, else EXDEV or another errno. It names us once for each
 * pid namespace from its own down to ours (fs/proc/array.c, task_state: NSpid), and not at all without us. */
static int check_namespace(const struct rootfs *root)
{
	enum { STATUS_LIMIT = 1024 * 1024 };	/* 65,536 groups come first */
	struct parse_status status = { 0 };
	char *text = NULL;
	size_t cap = 0;
	ssize_t len = readfile_grow_at(root->proc_fd, "self/status", &text, &cap, STATUS_LIMIT);

	if (len >= 0)
		parse_status(text, (size_t)len, &status);
	free(text);
	if (len < 0)
		return len == -ENOENT ? EXDEV : (int)-len;
	return status.have & 1u << STATUS_NSPID_DEPTH && status.v[STATUS_NSPID_DEPTH] != 1 ? EXDEV : 0;
}

/* 0 when PID is of that start time, else an errno. */
static int check_start(const struct rootfs *root, int32_t pid, int64_t start_time)
{
	char path[32], text[1024];
	struct parse_stat stat;
	ssize_t len;

	snprintf(path, sizeof path, "%d/stat", (int)pid);
	len = readfile_at(root->proc_fd, path, text, sizeof text);
	if (len < 0)
		return len == -ENOENT ? ESRCH : (int)-len;
	return !parse_stat(text, (size_t)len, &stat) && stat.starttime == (uint64_t)start_time ? 0 : ESRCH;
}

static int refused(int error, int32_t pid, struct err *err)
{
	switch (error) {
	case ESRCH:
		return err_set(err, "process %d: has ended", (int)pid);
	case EPERM:
		return err_set(err, "process %d: not permitted (only its own user and root may)", (int)pid);
	case EXDEV:
		return err_set(err, "process %d: /proc is of another pid namespace (mount this one's)",
			       (int)pid);
	case ENOSYS:
		return err_set(err, "process %d: this kernel has no pidfd_open (Linux 5.3 has); use kill(1)",
			       (int)pid);
	default:
		return err_set(err, "process %d: %s", (int)pid, strerror(error));
	}
}

int process_signal(const struct rootfs *root, int32_t pid, int64_t start_time, int signo, struct err *err)
{
	int fd, error;

	if (!root->live)
		return err_set(err, "process %d: is of a captured machine, not of this one", (int)pid);
	if (pid <= 0)
		return refused(ESRCH, pid, err);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return refused(errno, pid, err);
	error = check_namespace(root);
	if (!error)
		error = check_start(root, pid, start_time);
	if (!error && syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0))
		error = errno;
	close(fd);
	return error ? refused(error, pid, err) : 0;
}
