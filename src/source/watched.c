/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/watched.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/readfile.h"
#include "util/text.h"

/* A kernel thread or zombie has no program: the link cannot be read, with ENOENT. Nor is it captured. */
static void read_exe(struct watched *watched, int dirfd, bool live)
{
	char path[PATH_MAX];
	ssize_t len = readlinkat(dirfd, "exe", path, sizeof path);

	if (len < 0 && errno == ENOENT) {
		watched->exe_status = live ? VALUE_NOT_APPLICABLE : VALUE_UNSUPPORTED;
		return;
	}
	if (len < 0) {
		watched->exe_status = (uint8_t)value_status_from_process_errno(errno);
		return;
	}
	watched->exe = text_new(path, (size_t)len);
	watched->exe_status = watched->exe ? VALUE_OK : VALUE_LOST;
}

static void add_limit(struct watched *watched, const struct parse_limit *parsed)
{
	struct limit *limit;

	if (watched->limit_count == LIMITS_MAX)
		return;
	limit = &watched->limits[watched->limit_count++];
	text_clean(limit->name, sizeof limit->name, parsed->name, parsed->name_len);
	text_clean(limit->unit, sizeof limit->unit, parsed->unit, parsed->unit_len);
	limit->soft = parsed->soft;
	limit->hard = parsed->hard;
}

static void read_limits(struct watched *watched, struct procfs *procfs, int dirfd)
{
	struct parse_limit parsed;
	const char *text = procfs->buffer;
	ssize_t read = readfile_at(dirfd, "limits", procfs->buffer, PROCFS_BUFFER);
	size_t len;
	int ret;

	if (read < 0) {
		watched->limits_status = (uint8_t)value_status_from_process_errno((int)-read);
		if (read == -ENOENT && !procfs->root->live)
			watched->limits_status = VALUE_UNSUPPORTED;
		return;
	}
	len = (size_t)read;
	while ((ret = parse_limit_next(&text, &len, &parsed)))
		if (ret > 0)
			add_limit(watched, &parsed);
	watched->limits_status = watched->limit_count ? VALUE_OK : VALUE_UNSUPPORTED;
}

/* What an ended process does not show is no property of it. */
static void end_meanwhile(struct watched *watched)
{
	watched->gone = true;
	if (watched->exe_status != VALUE_OK)
		watched->exe_status = VALUE_GONE;
	if (watched->limits_status != VALUE_OK)
		watched->limits_status = VALUE_GONE;
}

struct watched *watched_read(struct procfs *procfs, int32_t pid, int64_t start_time)
{
	struct watched *watched = calloc(1, sizeof *watched);
	int dirfd;

	if (!watched)
		return NULL;
	watched->pid = pid;
	watched->start_time = start_time;
	dirfd = procfs_process_open(procfs, pid, (uint64_t)start_time);
	if (dirfd < 0) {
		watched->gone = dirfd == -ESRCH || dirfd == -ENOENT;
		watched->exe_status = watched->limits_status = (uint8_t)value_status_from_process_errno(-dirfd);
		return watched;
	}
	read_exe(watched, dirfd, procfs->root->live);
	read_limits(watched, procfs, dirfd);
	if (faccessat(dirfd, "stat", F_OK, 0))
		end_meanwhile(watched);
	close(dirfd);
	return watched;
}
