/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/signal.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
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

static bool started_at(const struct rootfs *root, int32_t pid, int64_t start_time)
{
	char path[32], text[1024];
	struct parse_stat stat;
	ssize_t len;

	snprintf(path, sizeof path, "%d/stat", (int)pid);
	len = readfile_at(root->proc_fd, path, text, sizeof text);
	return len > 0 && !parse_stat(text, (size_t)len, &stat) &&
	       stat.starttime == (uint64_t)start_time;
}

static int refused(int error, int32_t pid, struct err *err)
{
	switch (error) {
	case ESRCH:
		return err_set(err, "process %d: has ended", (int)pid);
	case EPERM:
		return err_set(err, "process %d: not permitted (only its own user and root may)", (int)pid);
	case ENOSYS:
		return err_set(err, "process %d: this kernel has no pidfd_open (Linux 5.3 has); use kill(1)", (int)pid);
	default:
		return err_set(err, "process %d: %s", (int)pid, strerror(error));
	}
}

int process_signal(const struct rootfs *root, int32_t pid, int64_t start_time, int signo, struct err *err)
{
	int fd, ret = 0;

	if (!root->live)
		return err_set(err, "process %d: is of a captured machine, not of this one", (int)pid);
	if (pid <= 0)
		return refused(ESRCH, pid, err);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return refused(errno, pid, err);
	if (!started_at(root, pid, start_time))
		ret = refused(ESRCH, pid, err);
	else if (syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0))
		ret = refused(errno, pid, err);
	close(fd);
	return ret;
}
