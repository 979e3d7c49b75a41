/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals reach the process that was meant and no other, and what is read of a watched process is what the
 * kernel's own calls say: prlimit(2), and the program that was started.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
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
	tap_ok(ret && strstr(err.text, "has ended") && !ended_by(actor.pid, false),
	       "another start time gets nothing: %s", err.text);
	ret = process_signal(&root, actor.pid, start, SIGUSR1, &err);
	tap_ok(!ret && ended_by(actor.pid, true) == SIGUSR1, "the process gets the signal");
	tap_ok(process_signal(&root, actor.pid, start, SIGTERM, &err) && strstr(err.text, "has ended"),
	       "afterwards: %s", err.text);
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
	tap_ok(process_signal(&captured, getpid(), start_time_of(getpid()), SIGKILL, &err),
	       "a captured tree: %s", err.text);
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
		_exit(!process_signal(&root, parent, start, SIGKILL, &err) ||
		      !strstr(err.text, "not permitted"));
	}
	waitpid(child, &status, 0);
	tap_ok(!status || strstr(err.text, "pidfd"), "another user's process is refused");
}

/* In a pid namespace of its own with the /proc of the one above: what is 2 here is another process there. */
static int confused(void)
{
	struct err err = { "" };
	pid_t child = fork();
	int refused;

	if (!child)
		for (;;)
			pause();
	if (child != 2)
		return 2;
	refused = process_signal(&root, 2, start_time_of(2), SIGKILL, &err) && strstr(err.text, "namespace");
	return refused && kill(child, 0) == 0 && !ended_by(child, false) ? 0 : 1;
}

static void test_namespace(void)
{
	int status;
	pid_t child;

	if (faccessat(root.proc_fd, "2/stat", F_OK, 0)) {
		tap_skip("another pid namespace", "there is no process 2");
		return;
	}
	fflush(stdout);
	child = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	if (child < 0) {
		tap_skip("another pid namespace", "clone: %s", strerror(errno));
		return;
	}
	if (!child)
		_exit(confused());
	waitpid(child, &status, 0);
	tap_ok(!status, "with the /proc of another pid namespace nobody is signalled");
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
	tap_ok(watched->gone && !watched->exe && watched->exe_status == VALUE_GONE &&
	       watched->limits_status == VALUE_GONE, "gone when it has ended");
	free(watched);
}

/* PF_KTHREAD of include/linux/sched.h in the flags of /proc/2/stat. */
static bool is_kernel_thread(pid_t pid)
{
	char path[32], text[1024];
	struct parse_stat stat;
	ssize_t len;

	snprintf(path, sizeof path, "%d/stat", (int)pid);
	len = readfile_at(root.proc_fd, path, text, sizeof text);
	return len > 0 && !parse_stat(text, (size_t)len, &stat) && stat.flags & 0x00200000;
}

static bool copy_to(int fd, const char *path)
{
	char bytes[65536];
	int from = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = from < 0 ? -1 : 0;

	while (from >= 0 && (len = read(from, bytes, sizeof bytes)) > 0)
		if (write(fd, bytes, (size_t)len) != len)
			break;
	if (from >= 0)
		close(from);
	return !len;
}

/* A program that has been unlinked, and a kernel thread, which has none. */
static void test_exe(void)
{
	char path[] = "/tmp/live_signal.XXXXXX", want[PATH_MAX];
	int fd = mkostemp(path, O_CLOEXEC), status;
	struct watched *watched;
	pid_t child;

	if (!copy_to(fd, "/proc/self/exe") || fchmod(fd, 0700) || close(fd))
		tap_bail("%s: %s", path, strerror(errno));
	fflush(stdout);
	child = fork();
	if (!child) {
		execl(path, path, "wait", (char *)NULL);
		_exit(1);
	}
	waitpid(child, &status, WUNTRACED);
	unlink(path);
	if (!WIFSTOPPED(status))
		tap_bail("%s could not be run", path);
	watched = watched_read(&procfs, child, start_time_of(child));
	snprintf(want, sizeof want, "%s (deleted)", path);
	tap_ok(watched->exe && !strcmp(watched->exe->s, want), "an unlinked program: %s",
	       watched->exe ? watched->exe->s : "none");
	text_unref(watched->exe);
	free(watched);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	if (!is_kernel_thread(2)) {
		tap_skip("a kernel thread", "process 2 is none here");
		return;
	}
	watched = watched_read(&procfs, 2, start_time_of(2));
	tap_ok(!watched->exe && watched->exe_status == (geteuid() ? VALUE_DENIED : VALUE_NOT_APPLICABLE),
	       "a kernel thread has no program");
	tap_ok(limit_named(watched, "Max open files"), "but it has limits");
	free(watched);
}

int main(int argc, char **argv)
{
	struct err err;

	if (argc > 1 && !strcmp(argv[1], "wait")) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return raise(SIGSTOP);
	}
	if (rootfs_open(&root, NULL, &err) || procfs_open(&procfs, &root))
		tap_bail("%s", err.text);
	test_right_one();
	test_reused_pid();
	test_refused();
	test_namespace();
	test_watched();
	test_exe();
	procfs_close(&procfs);
	rootfs_close(&root);
	return tap_done();
}
