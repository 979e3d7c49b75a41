/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/guard.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/readfile.h"

enum { THROTTLE_PAUSE_S = 10 };

/* Where the CPU controller may be mounted, below /sys. Version 2 first. */
static const struct {
	const char *mount, *limit;
	const char *controller;		/* of the line in /proc/self/cgroup; "" is version 2 */
} places[] = {
	{ "fs/cgroup", "cpu.max", "" },
	{ "fs/cgroup/unified", "cpu.max", "" },
	{ "fs/cgroup/cpu,cpuacct", "cpu.cfs_quota_us", "cpu" },
	{ "fs/cgroup/cpu", "cpu.cfs_quota_us", "cpu" },
};

/* True when TEXT is a quota: "50000 100000", not "max ..." and not "-1". */
static bool is_quota(const char *text)
{
	return text[0] >= '0' && text[0] <= '9';
}

static uint64_t throttled_count(const char *text)
{
	const char *line = strstr(text, "nr_throttled ");

	return line ? strtoull(line + strlen("nr_throttled "), NULL, 10) : 0;
}

static void add_level(struct guard *guard, const struct rootfs *root, const char *dir, const char *limit)
{
	char path[4200], text[1024];
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, limit);
	if (guard->levels == GUARD_LEVELS || readfile_at(root->sys_fd, path, text, sizeof text) <= 0 || !is_quota(text))
		return;
	snprintf(path, sizeof path, "%s/cpu.stat", dir);
	fd = openat(root->sys_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (readfile_fd(fd, text, sizeof text) > 0)
		guard->throttled[guard->levels] = throttled_count(text);
	guard->stat_fd[guard->levels++] = fd;
}

/* Every directory from MOUNT/PATH up to MOUNT. */
static void add_levels(struct guard *guard, const struct rootfs *root, const char *mount, const char *path,
		       const char *limit)
{
	char dir[4096];
	size_t mount_len = strlen(mount);
	int len = snprintf(dir, sizeof dir, "%s%s", mount, path);

	if (len < 0 || (size_t)len >= sizeof dir)
		return;
	for (;;) {
		char *slash = strrchr(dir, '/');

		add_level(guard, root, dir, limit);
		if (!slash || (size_t)(slash - dir) < mount_len)
			return;
		*slash = '\0';
	}
}

/* Path of the cgroup named by CONTROLLER in the text of /proc/self/cgroup; NULL when it has no such line. */
static char *controller_path(char *text, const char *controller, char **rest)
{
	for (char *line = strtok_r(text, "\n", rest); line; line = strtok_r(NULL, "\n", rest)) {
		char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL, *save;

		if (!path)
			continue;
		*path++ = '\0';
		list++;
		if (!*controller && !*list)
			return path;
		if (!*controller)
			continue;
		for (char *name = strtok_r(list, ",", &save); name; name = strtok_r(NULL, ",", &save))
			if (!strcmp(name, controller))
				return path;
	}
	return NULL;
}

static void find_quotas(struct guard *guard, const struct rootfs *root)
{
	char text[8192];

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char *rest, *path;

		if (readfile_at(root->proc_fd, "self/cgroup", text, sizeof text) <= 0)
			return;
		path = controller_path(text, places[i].controller, &rest);
		if (path)
			add_levels(guard, root, places[i].mount, strcmp(path, "/") ? path : "", places[i].limit);
	}
}

void guard_open(struct guard *guard, const struct rootfs *root)
{
	memset(guard, 0, sizeof *guard);
	guard->live = root->live;
	if (!root->live)
		return;
	if (sched_getscheduler(0) == SCHED_IDLE) {
		struct sched_param param = { 0 };

		guard->idle_policy = sched_setscheduler(0, SCHED_OTHER, &param) != 0;
	}
	if (root->sys_fd >= 0)
		find_quotas(guard, root);
}

void guard_close(struct guard *guard)
{
	for (int i = 0; i < guard->levels; i++)
		close(guard->stat_fd[i]);
	guard->levels = 0;
}

bool guard_has_quota(const struct guard *guard)
{
	return guard->levels > 0;
}

const char *guard_check(struct guard *guard, int64_t now_ns)
{
	char text[1024];

	if (!guard->live)
		return NULL;
	if (guard->idle_policy)
		return "memtide runs under SCHED_IDLE";
	for (int i = 0; i < guard->levels; i++) {
		uint64_t now;
		ssize_t len = pread(guard->stat_fd[i], text, sizeof text - 1, 0);

		if (len <= 0)
			continue;
		text[len] = '\0';
		now = throttled_count(text);
		if (now != guard->throttled[i])
			guard->until_ns = now_ns + (int64_t)THROTTLE_PAUSE_S * 1000000000;
		guard->throttled[i] = now;
	}
	return now_ns < guard->until_ns ? "memtide's cgroup is being throttled by its CPU quota" : NULL;
}
