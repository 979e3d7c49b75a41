/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals reach the process that was meant and no other, and what is read of a watched process is what the kernel's own calls
 * say: prlimit(2), and the program that was started.
 */
#include <errno.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"
#include "source/signal.h"
#include "source/watched.h"
#include "util/readfile.h"

static struct rootfs root;
static struct procfs procfs;

static void stay(char letter, void *context)
{
	(void)letter;
	(void)context;
}

static int64_t start_time_of(pid_t pid)
{
	char path[32], text[1024];
	struct parse_stat stat;
	ssize_t len;

	snprintf(path, sizeof path, "%d/stat", (int)pid);
	len = readfile_at(root.proc_fd, path, text, sizeof text);
	if (len <= 0 || parse_stat(text, (size_t)len, &stat))
		tap_bail("cannot read %s", path);
	return (int64_t)stat.starttime;
}

/* Signal that ended PID, 0 when it lives. */
static int ended_by(pid_t pid, bool wait)
{
	int status;

	if (waitpid(pid, &status, wait ? 0 : WNOHANG) != pid)
		return 0;
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static void test_right_one(void)
{
	struct actor actor, bystander;
	struct err err = { "" };
	int64_t start;
	int ret;

	actor_start(&actor, stay, NULL);
	actor_start(&bystander, stay, NULL);
	start = start_time_of(actor.pid);
	ret = process_signal(&root, actor.pid, start - 1, SIGTERM, &err);
	if (strstr(err.text, "pidfd")) {
		tap_skip("signals", "%s", err.text);
		return;
	}
	tap_ok(ret && strstr(err.text, "has ended") && !ended_by(actor.pid, false), "another start time gets nothing: %s",
	       err.text);
	ret = process_signal(&root, actor.pid, start, SIGUSR1, &err);
	tap_ok(!ret && ended_by(actor.pid, true) == SIGUSR1, "the process gets the signal");
	tap_ok(process_signal(&root, actor.pid, start, SIGTERM, &err) && strstr(err.text, "has ended"), "afterwards: %s",
	       err.text);
	tap_ok(!ended_by(bystander.pid, false), "nobody else does");
	kill(bystander.pid, SIGKILL);
	ended_by(bystander.pid, true);
}

static void test_reused_pid(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	struct actor actor;
	struct err err = { "" };
	int64_t start;
	pid_t pid, again;

	actor_start(&actor, stay, NULL);
	pid = actor.pid;
	start = start_time_of(pid);
	kill(pid, SIGKILL);
	ended_by(pid, true);
	usleep(50000);	/* start times count in ticks of 10 ms */
	args.set_tid = (uint64_t)(uintptr_t)&pid;
	args.set_tid_size = 1;
	again = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (!again) {
		pause();
		_exit(0);
	}
	if (again < 0) {
		tap_skip("pid reuse", "clone3 with set_tid: %s", strerror(errno));
		return;
	}
	tap_ok(process_signal(&root, pid, start, SIGKILL, &err) && !ended_by(again, false),
	       "a reused pid is not the process that was meant: %s", err.text);
	kill(again, SIGKILL);
	ended_by(again, true);
}

static void test_refused(void)
{
	struct rootfs captured = root;
	struct err err = { "" };
	pid_t child;
	int status;

	captured.live = false;
	tap_ok(process_signal(&captured, getpid(), start_time_of(getpid()), SIGKILL, &err), "a captured tree: %s", err.text);
	if (geteuid()) {
		tap_skip("refused by the kernel", "needs root to become somebody else");
		return;
	}
	fflush(stdout);
	child = fork();
	if (!child) {
		pid_t parent = getppid();
		int64_t start = start_time_of(parent);

		if (setuid(65534))
			_exit(2);
		_exit(process_signal(&root, parent, start, SIGKILL, &err) && strstr(err.text, "not permitted") ? 0 : 1);
	}
	waitpid(child, &status, 0);
	tap_ok(!status || strstr(err.text, "pidfd"), "another user's process is refused");
}

static const struct limit *limit_named(const struct watched *watched, const char *name)
{
	for (unsigned i = 0; i < watched->limit_count; i++)
		if (!strcmp(watched->limits[i].name, name))
			return &watched->limits[i];
	return NULL;
}

static void test_watched(void)
{
	struct rlimit set = { 123456, 234567 };
	struct watched *watched;
	const struct limit *limit;
	struct actor actor;
	char exe[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
	int64_t start;

	actor_start(&actor, stay, NULL);
	start = start_time_of(actor.pid);
	if (prlimit(actor.pid, RLIMIT_MEMLOCK, &set, NULL))
		tap_bail("prlimit: %s", strerror(errno));
	watched = watched_read(&procfs, actor.pid, start);
	limit = limit_named(watched, "Max locked memory");
	tap_ok(limit && limit->soft == 123456 && limit->hard == 234567 && !strcmp(limit->unit, "bytes"),
	       "a limit set by prlimit");
	limit = limit_named(watched, "Max cpu time");
	tap_ok(limit && limit->soft == INT64_MAX && limit->hard == INT64_MAX, "no limit of CPU time");
	exe[len < 0 ? 0 : len] = '\0';
	tap_ok(watched->exe && !strcmp(watched->exe->s, exe) && !watched->gone, "the program: %s", exe);
	text_unref(watched->exe);
	free(watched);
	kill(actor.pid, SIGKILL);
	ended_by(actor.pid, true);
	watched = watched_read(&procfs, actor.pid, start);
	tap_ok(watched->gone && !watched->exe && watched->exe_status == VALUE_GONE && watched->limits_status == VALUE_GONE,
	       "gone when it has ended");
	free(watched);
}

int main(void)
{
	struct err err;

	if (rootfs_open(&root, NULL, &err) || procfs_open(&procfs, &root))
		tap_bail("%s", err.text);
	test_right_one();
	test_reused_pid();
	test_refused();
	test_watched();
	procfs_close(&procfs);
	rootfs_close(&root);
	return tap_done();
}
