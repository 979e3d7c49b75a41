// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Both task sources in a changing world: pid and time namespaces, captured trees, fork, exec and shared memory,
 * every process of the machine, and a storm of short-lived ones.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live_task.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* Runs BODY in a child made with these clone flags; each line it writes, "1 text" or "0 text", becomes a
 * test. */
static void run_inside(const char *what, int flags, void (*body)(FILE *out))
{
	char line[256];
	int pipes[2], status;
	FILE *in;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		tap_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0) {
		tap_skip(what, "clone: %s", strerror(errno));
		close(pipes[0]);
		close(pipes[1]);
		return;
	}
	if (pid == 0) {
		FILE *out = fdopen(pipes[1], "w");

		setvbuf(out, NULL, _IOLBF, 0);
		body(out);
		_exit(0);
	}
	close(pipes[1]);
	in = fdopen(pipes[0], "r");
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		tap_ok(line[0] == '1', "%s:%s", what, line + 1);
	}
	fclose(in);
	waitpid(pid, &status, 0);
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status), "%s: ran to its end", what);
}

static void pause_body(void *arg)
{
	(void)arg;
}

/* A namespace of its own sees two processes: itself as 1, and its child as 2. */
static void look_around(FILE *out, const char *name, struct task_source *source)
{
	struct task_table table = { 0 };
	pid_t pid = child_start(pause_body, NULL);
	const struct task_sample *row;
	struct truth truth;
	int error = task_source_scan(source, &table);

	truth_read(pid, 0, &truth);
	fprintf(out, "%d %s: two processes\n", !error && table.count == 2, name);
	row = row_of(&table, 1);
	fprintf(out, "%d %s: 1 has no parent here\n", row && row->ppid == 0, name);
	row = row_of(&table, pid);
	fprintf(out, "%d %s: its child has 1 for a parent\n", row && row->ppid == 1 && row->pid == truth.pid &&
		row->start_time == (uint64_t)truth.starttime, name);
	child_end(pid);
	task_table_free(&table);
}

static void pid_namespace_body(FILE *out)
{
	struct task_source *source;
	struct rootfs root;
	struct err err = { "" };

	fprintf(out, "%d we are process 1\n", getpid() == 1);
	if (!rootfs_open(&root, NULL, &err)) {
		source = task_source_open_bpf(&root, &err);
		fprintf(out, "%d the iterator refuses another namespace's /proc\n", !source);
		rootfs_close(&root);
	}
	/* In a chroot / need not be a mount point; /proc is. */
	if ((mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) && mount(NULL, "/proc", NULL, MS_PRIVATE, NULL)) ||
	    mount("proc", "/proc", "proc", 0, NULL) || rootfs_open(&root, NULL, &err)) {
		fprintf(out, "0 mounting a /proc of our own: %s %s\n", strerror(errno), err.text);
		return;
	}
	source = task_source_open_procfs(&root, &err);
	look_around(out, "procfs", source);
	task_source_close(source);
	source = task_source_open_bpf(&root, &err);
	if (source) {
		look_around(out, "bpf", source);
		task_source_close(source);
	}
}

static void test_pid_namespace(struct task_source *bpf, struct task_source *procfs)
{
	struct task_table table = { 0 };
	pid_t pid;

	run_inside("pid namespace", CLONE_NEWPID | CLONE_NEWNS, pid_namespace_body);
	pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		for (;;)
			pause();
	if (pid < 0) {
		tap_skip("pid namespace from outside", "clone: %s", strerror(errno));
		return;
	}
	for (int i = !bpf; i < 2; i++) {
		const struct task_sample *row;

		scan(i ? procfs : bpf, &table);
		row = row_of(&table, pid);
		tap_ok(row && row->ppid == getpid(), "%s: process 1 of a namespace below, by its pid here",
		       task_source_name(i ? procfs : bpf));
	}
	child_end(pid);
	task_table_free(&table);
}

static void time_namespace_body(FILE *out)
{
	static const char offset[] = "boottime 1000 0\n";
	int fd, status;
	pid_t pid;

	if (unshare(CLONE_NEWTIME)) {
		fprintf(out, "1 is not to be had (%s)\n", strerror(errno));
		return;
	}
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, offset, sizeof(offset) - 1) < 0) {
		fprintf(out, "0 its offset cannot be set: %s\n", strerror(errno));
		return;
	}
	pid = fork();
	if (pid == 0) {
		struct rootfs root;
		struct err err;

		_exit(rootfs_open(&root, NULL, &err) || task_source_open_bpf(&root, &err));
	}
	waitpid(pid, &status, 0);
	fprintf(out, "%d the iterator refuses a shifted boot time\n", status == 0);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!text) {
		if (mkdir(path, 0755))
			tap_bail("%s: %s", path, strerror(errno));
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		tap_bail("%s: %s", path, strerror(errno));
	close(fd);
}

static void remove_file(const char *dir, const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (remove(path))
		tap_note("%s: %s", path, strerror(errno));
}

/* A captured tree: other pages, other ticks, names that are no pids, a process without statm. */
static void test_captured(void)
{
	static const char stat[] = "80 (a) b) S 1 80 80 0 -1 4194560 100 0 7 0 3 2 0 0 20 0 4 0 1234 32768000 "
		"50 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
	static const char *const dirs[] = { "proc", "proc/0", "proc/012", "proc/77", "proc/78", "proc/80",
		"proc/12x", "proc/4294967376", "proc/99999999999999999999" };
	static const char *const files[] = { "memtide-host", "proc/012/stat", "proc/4294967376/stat",
		"proc/77/stat", "proc/78/stat", "proc/79", "proc/80/stat", "proc/80/statm" };
	static const char *const texts[] = { "page_bytes 16384\nclock_ticks 250\n", stat, stat, stat, "78 (cut",
		"not a directory", stat, "2000 300 200 1 0 2 0\n" };
	char dir[] = "/tmp/live_task.XXXXXX";
	struct task_table table = { 0 };
	struct task_source *source;
	struct rootfs root;
	struct err err;

	if (!mkdtemp(dir))
		tap_bail("%s: %s", dir, strerror(errno));
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		write_file(dir, dirs[i], NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		write_file(dir, files[i], texts[i]);
	if (rootfs_open(&root, dir, &err))
		tap_bail("%s", err.text);
	tap_ok(!task_source_open_bpf(&root, &err), "captured tree: the iterator refuses");
	source = task_source_open_procfs(&root, &err);
	tap_ok(source && !task_source_scan(source, &table) && table.count == 2,
	       "captured tree: 77 and 80 are processes");
	if (table.count == 2) {
		const struct task_sample *row = &table.rows[1];

		tap_ok(table.rows[0].pid == 77 && table.rows[0].rss_bytes == 50 * 16384, "77: rss of stat");
		tap_ok(row->pid == 80 && row->rss_bytes == 300 * 16384, "80: rss of statm, pages of 16 KiB");
		tap_ok(row->cpu_ns == 20000000, "80: five ticks of 4 ms");
		tap_ok(!strcmp(row->comm, "a) b") && row->uid == UINT32_MAX,
		       "80: a name with a bracket, no owner");
		tap_ok(!(row->have & (TASK_HAVE_IMAGE | TASK_HAVE_KINDS)),
		       "80: what was not disclosed is absent");
	}
	task_table_free(&table);
	task_source_close(source);
	rootfs_close(&root);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		remove_file(dir, files[i]);
	for (size_t i = sizeof(dirs) / sizeof(dirs[0]); i > 0; i--)
		remove_file(dir, dirs[i - 1]);
	rmdir(dir);
}

static void exec_body(void *arg)
{
	(void)arg;
	execl("/proc/self/exe", "live_task_world", "--stop", (char *)NULL);
	_exit(111);
}

static int share_memory(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 0;
}

/* One image and memory for each exec, one image for each fork, one memory for each CLONE_VM. */
static void test_image(struct task_source *bpf, struct task_source *procfs)
{
	static char stack[64 * 1024] __attribute__((aligned(16)));
	pid_t forked = child_start(pause_body, NULL), execed = child_start(exec_body, NULL);
	pid_t shared = clone(share_memory, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	struct task_table table = { 0 };

	for (int i = !bpf; i < 2; i++) {
		const char *name = task_source_name(i ? procfs : bpf);
		const struct task_sample *self, *row;

		scan(i ? procfs : bpf, &table);
		self = row_of(&table, getpid());
		row = row_of(&table, forked);
		if (!tap_ok(self && row && row_of(&table, execed) && row_of(&table, shared), "%s: all four",
			    name))
			continue;
		tap_ok(self->image == row->image, "%s: a fork keeps the image", name);
		tap_ok(self->mm_id != row->mm_id || !self->mm_id, "%s: but not the memory", name);
		tap_ok(self->image != row_of(&table, execed)->image, "%s: an exec has another", name);
		tap_ok(self->mm_id == row_of(&table, shared)->mm_id, "%s: CLONE_VM shares the memory", name);
	}
	child_end(forked);
	child_end(execed);
	child_end(shared);
	task_table_free(&table);
}

static bool same_but_moving(const struct task_sample *a, const struct task_sample *b)
{
	return a->ppid == b->ppid && a->uid == b->uid && a->kernel_thread == b->kernel_thread &&
	       a->no_mm == b->no_mm && a->policy == b->policy && a->rt_priority == b->rt_priority &&
	       (a->kernel_thread || !strcmp(a->comm, b->comm));	/* /proc adds a worker's queue to its name */
}

/* Every process that is there before and after, unchanged, must be there between, and be the same. */
static void test_machine(struct task_source *bpf, struct task_source *procfs)
{
	struct task_table before = { 0 }, between = { 0 }, after = { 0 };
	unsigned missing = 0, different = 0, invented = 0, compared = 0, kernel = 0;
	uint64_t ours;

	scan(procfs, &before);
	scan(bpf, &between);
	scan(procfs, &after);
	ours = row_of(&before, getpid())->start_time;
	for (size_t i = 0; i < before.count; i++) {
		const struct task_sample *first = &before.rows[i], *last = row_of(&after, first->pid);
		const struct task_sample *row = row_of(&between, first->pid);

		if (!last || last->start_time != first->start_time || !same_but_moving(first, last))
			continue;
		compared++;
		kernel += first->kernel_thread;
		missing += !row;
		if (row && (row->start_time != first->start_time || !same_but_moving(first, row))) {
			different++;
			tap_note("%d %s differs", row->pid, row->comm);
		}
	}
	for (size_t i = 0; i < between.count; i++)
		invented += between.rows[i].start_time < ours && !row_of(&before, between.rows[i].pid);
	tap_note("%u processes, %u of them kernel threads", compared, kernel);
	tap_ok(compared > 0 && !missing, "machine: the iterator misses none (%u)", missing);
	tap_ok(!different, "machine: and differs in none (%u)", different);
	tap_ok(!invented, "machine: and invents none (%u)", invented);
	task_table_free(&before);
	task_table_free(&between);
	task_table_free(&after);
}

static void storm_body(void)
{
	for (;;) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

/* Processes vanish between any two reads. */
static void test_storm(struct task_source *source)
{
	struct task_table table = { 0 };
	unsigned disordered = 0, absent = 0, failed = 0;
	pid_t storms[3];

	for (size_t i = 0; i < 3; i++) {
		storms[i] = fork();
		if (storms[i] == 0)
			storm_body();
	}
	for (int n = 0; n < 200; n++) {
		failed += task_source_scan(source, &table) != 0;
		for (size_t i = 1; i < table.count; i++)
			disordered += table.rows[i - 1].pid >= table.rows[i].pid;
		absent += !row_of(&table, getpid()) || !row_of(&table, storms[0]);
	}
	tap_ok(!failed && !table.lost, "fork storm: %s: 200 scans", task_source_name(source));
	tap_ok(!disordered, "fork storm: each pid once, in order");
	tap_ok(!absent, "fork storm: who stays is always there");
	for (size_t i = 0; i < 3; i++)
		child_end(storms[i]);
	task_table_free(&table);
}

int main(int argc, char **argv)
{
	struct task_source *bpf, *procfs;
	struct rootfs root;

	if (argc == 2 && !strcmp(argv[1], "--stop"))
		return raise(SIGSTOP);			/* exec_body() */
	open_sources(&root, &bpf, &procfs);
	test_captured();
	test_image(bpf, procfs);
	test_pid_namespace(bpf, procfs);
	run_inside("time namespace", 0, time_namespace_body);
	if (bpf) {
		test_machine(bpf, procfs);
		test_storm(bpf);
	}
	test_storm(procfs);
	task_source_close(bpf);
	task_source_close(procfs);
	rootfs_close(&root);
	return tap_done();
}
