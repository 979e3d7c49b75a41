/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collector's thread and its mailbox: on this machine, on a captured tree, and on one that vanishes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "feed/feed.h"

enum {
	HANG_MS = 120000,		/* what takes longer will never come */
	SOME_SAMPLES = 10,
	MIB = 1 << 20,
};

#define HOUR_NS INT64_C(3600000000000)	/* no tick of its own comes within a test */

static struct rootfs live, captured;

static struct sampler_config config_of(unsigned needs)
{
	return (struct sampler_config){
		.needs = needs,
		.interval_ns = HOUR_NS,
		.tier = TIER_PROCFS,
		.pss_budget_ppm = 900000,
		.pss_first_budget_ppm = 900000,
		.stall_limit_ns = 1000000000,
		.pss_max_age_ns = HOUR_NS,
	};
}

struct opened {
	struct feed *feed;
	struct users *users;
};

static struct opened open_feed(const struct sampler_config *config, const struct rootfs *root)
{
	struct opened opened = { .users = users_open(root) };
	struct err err = { "" };

	assert_non_null(opened.users);
	opened.feed = feed_collector_open(config, root, opened.users, &err);
	if (!opened.feed)
		fail_msg("%s", err.text);
	return opened;
}

static void close_feed(struct opened *opened)
{
	opened->feed->ops->close(opened->feed);
	users_close(opened->users);
}

static bool readable(struct feed *feed, int timeout_ms)
{
	struct pollfd pollfd = { .fd = feed->ops->fd(feed), .events = POLLIN };

	return poll(&pollfd, 1, timeout_ms) == 1;
}

static struct snapshot *next(struct feed *feed)
{
	struct err err = { "" };
	struct snapshot *snapshot;

	if (!readable(feed, HANG_MS))
		fail_msg("no snapshot");
	snapshot = feed->ops->take(feed, &err);
	if (!snapshot)
		fail_msg("%s", err.text);
	return snapshot;
}

static const struct process *row_of(const struct snapshot *snapshot, int32_t pid)
{
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].amount[PROC_PID] == pid)
			return &snapshot->processes[i];
	fail_msg("process %d is missing", pid);
	return NULL;
}

/* The text of /proc/PID/NAME, NULs made spaces and trailing ones and newlines cut. */
static void read_own(int32_t pid, const char *name, char *text, size_t cap)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	len = read(fd, text, cap - 1);
	close(fd);
	assert_true(len >= 0);
	while (len && (!text[len - 1] || text[len - 1] == '\n'))
		len--;
	text[len] = '\0';
	for (ssize_t i = 0; i < len; i++)
		if (!text[i])
			text[i] = ' ';
}

static unsigned entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void test_first_snapshot(void **state)
{
	struct sampler_config config = config_of(NEED_CORE);
	struct opened opened = open_feed(&config, &live);
	struct feed *feed = opened.feed;
	struct snapshot *snapshot = next(feed);
	struct err err = { "stale" };
	char comm[32], buf[16];

	(void)state;
	assert_true(feed->live);
	read_own(getpid(), "comm", comm, sizeof comm);
	assert_string_equal(process_text(row_of(snapshot, getpid()), PROC_COMM, buf), comm);
	assert_null(process_text(row_of(snapshot, getpid()), PROC_CMDLINE, buf));
	assert_false(readable(feed, 0));
	assert_null(feed->ops->take(feed, &err));
	assert_string_equal(err.text, "");
	snapshot_unref(snapshot);
	close_feed(&opened);
}

/* A view that shows more gets it, of processes known before, without waiting for a tick. */
static void test_request(void **state)
{
	struct sampler_config config = config_of(NEED_CORE);
	struct opened opened = open_feed(&config, &live);
	struct feed_request request = { .interval_ns = HOUR_NS,
					.needs = NEED_CORE | NEED_CMDLINE | NEED_CGROUP | NEED_USER };
	struct passwd *user = getpwuid(geteuid());
	struct snapshot *snapshot = next(opened.feed);
	char text[4096], buf[16], uid[16];
	const struct process *row;

	(void)state;
	snapshot_unref(snapshot);
	opened.feed->ops->request(opened.feed, &request);
	snapshot = next(opened.feed);
	row = row_of(snapshot, getpid());
	read_own(getpid(), "cmdline", text, sizeof text);
	assert_string_equal(process_text(row, PROC_CMDLINE, buf), text);
	snprintf(uid, sizeof uid, "%u", geteuid());
	assert_string_equal(process_text(row, PROC_USER, buf), user ? user->pw_name : uid);
	read_own(getpid(), "cgroup", text, sizeof text);
	if (row->status[PROC_CGROUP] == VALUE_OK)
		assert_non_null(strstr(text, process_text(row, PROC_CGROUP, buf)));
	snapshot_unref(snapshot);
	/* Less is no hurry, but goes with the next. */
	request.needs = NEED_CORE;
	opened.feed->ops->request(opened.feed, &request);
	assert_false(readable(opened.feed, 0));
	opened.feed->ops->sample_now(opened.feed);
	snapshot = next(opened.feed);
	assert_int_equal(row_of(snapshot, getpid())->status[PROC_CMDLINE], VALUE_SKIPPED);
	snapshot_unref(snapshot);
	close_feed(&opened);
}

static void test_sample_now(void **state)
{
	struct sampler_config config = config_of(NEED_CORE);
	struct opened opened = open_feed(&config, &live);
	uint64_t sequence;

	(void)state;
	for (sequence = 0; sequence < 5; sequence++) {
		struct snapshot *snapshot = next(opened.feed);

		assert_int_equal(snapshot->sequence, sequence);
		snapshot_unref(snapshot);
		opened.feed->ops->sample_now(opened.feed);
	}
	close_feed(&opened);
}

/* Ticks come by themselves, also when the interval becomes short while the thread waits; what nobody takes is
 * replaced. */
static void test_interval(void **state)
{
	struct sampler_config config = config_of(NEED_CORE);
	struct opened opened = open_feed(&config, &captured);
	struct feed_request request = { .needs = NEED_CORE, .interval_ns = 1000000 };
	uint64_t sequence = 0;
	bool replaced = false;

	(void)state;
	snapshot_unref(next(opened.feed));
	opened.feed->ops->request(opened.feed, &request);
	for (int i = 0; i < 10000 && !replaced; i++) {
		struct snapshot *snapshot = next(opened.feed);

		assert_true(snapshot->sequence > sequence);
		replaced = snapshot->sequence > sequence + 1;
		sequence = snapshot->sequence;
		snapshot_unref(snapshot);
		usleep(5000);
	}
	assert_true(replaced);
	close_feed(&opened);
}

static void wait_for_pss(struct feed *feed)
{
	bool filled = false;

	while (!filled) {
		struct snapshot *snapshot = next(feed);

		filled = row_of(snapshot, getpid())->status[PROC_PSS_AGE] == VALUE_OK;
		snapshot_unref(snapshot);
	}
}

/* The snapshot that shows the end of the first pass comes by itself, also when PSS is wanted only later. */
static void test_fills_in(void **state)
{
	struct feed_request request = { .interval_ns = HOUR_NS, .needs = NEED_CORE | NEED_STATUS | NEED_ROLLUP };
	struct sampler_config config = config_of(request.needs);
	struct opened opened = open_feed(&config, &live);

	(void)state;
	wait_for_pss(opened.feed);
	close_feed(&opened);
	config = config_of(NEED_CORE);
	opened = open_feed(&config, &live);
	snapshot_unref(next(opened.feed));
	opened.feed->ops->request(opened.feed, &request);
	wait_for_pss(opened.feed);
	close_feed(&opened);
}

static int64_t rollup_pss_anon(pid_t pid)
{
	char text[4096], *line;

	read_own(pid, "smaps_rollup", text, sizeof text);
	line = strstr(text, "Pss_Anon:");
	return line ? atoll(line + strlen("Pss_Anon:")) * 1024 : -1;
}

static pid_t large_child(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		char *memory = mmap(NULL, 32 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (memory == MAP_FAILED)
			_exit(1);
		memset(memory, 1, 32 * MIB);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/* Nobody may be read, but who is asked for. */
static void test_exact(void **state)
{
	struct sampler_config config = config_of(NEED_CORE | NEED_STATUS | NEED_ROLLUP);
	struct opened opened;
	pid_t pid;
	bool exact = false;

	(void)state;
	if (access("/proc/self/smaps_rollup", F_OK))
		skip();
	config.stall_limit_ns = 0;
	pid = large_child();
	opened = open_feed(&config, &live);
	struct snapshot *snapshot = next(opened.feed);

	assert_int_equal(row_of(snapshot, pid)->status[PROC_PSS], VALUE_ESTIMATED);
	snapshot_unref(snapshot);
	opened.feed->ops->request_exact(opened.feed, pid);
	for (int i = 0; i < SOME_SAMPLES && !exact; i++) {
		const struct process *row;

		snapshot = next(opened.feed);
		row = row_of(snapshot, pid);
		exact = row->status[PROC_PSS] == VALUE_OK;
		if (exact && rollup_pss_anon(pid) >= 0)
			assert_in_range(row->amount[PROC_PSS_ANON], rollup_pss_anon(pid) - MIB, rollup_pss_anon(pid) + MIB);
		snapshot_unref(snapshot);
		opened.feed->ops->sample_now(opened.feed);
	}
	assert_true(exact);
	/* More than can wait, and of processes that do not exist. */
	for (int32_t i = 0; i < 200; i++)
		opened.feed->ops->request_exact(opened.feed, INT32_MAX - i);
	snapshot_unref(next(opened.feed));
	close_feed(&opened);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* A captured tree stands still, so its first snapshot is complete. */
static void test_captured(void **state)
{
	struct sampler_config config = config_of(NEED_CORE | NEED_STATUS | NEED_ROLLUP | NEED_CMDLINE);
	struct opened opened = open_feed(&config, &captured);
	struct snapshot *snapshot = next(opened.feed);
	char buf[16];

	(void)state;
	assert_false(opened.feed->live);
	assert_int_equal(snapshot->sequence, 0);
	assert_true(snapshot->process_count > 1);
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct process *row = &snapshot->processes[i];

		assert_non_null(process_text(row, PROC_COMM, buf));
		assert_true(row->status[PROC_PSS] == VALUE_OK || row->status[PROC_PSS] == VALUE_NOT_APPLICABLE ||
			    row->status[PROC_PSS] == VALUE_GONE || row->status[PROC_PSS] == VALUE_DENIED);
	}
	FILE *file = fopen(TEST_DATA_DIR "/cli/tree/proc/26831/smaps_rollup", "re");
	long long kib = -1;
	char line[256];

	assert_non_null(file);
	while (kib < 0 && fgets(line, sizeof line, file))
		sscanf(line, "Pss: %lld", &kib);
	fclose(file);
	assert_int_equal(row_of(snapshot, 26831)->amount[PROC_PSS], kib * 1024);
	snapshot_unref(snapshot);
	close_feed(&opened);
}

/* A tree with one process that goes away while it is looked at: a clear error, again and again, and an
 * orderly end. */
static void test_vanishing(void **state)
{
	char dir[] = "collector-XXXXXX", command[512];
	struct sampler_config config = config_of(NEED_CORE);
	struct snapshot *snapshot;
	struct opened opened;
	struct rootfs root;
	struct err err = { "" };

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(command, sizeof command, "mkdir %s/proc && cp -R %s/cli/tree/proc/26831 %s/proc/ && chmod -R u+rwX %s", dir,
		 TEST_DATA_DIR, dir, dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(rootfs_open(&root, dir, &err), 0);
	opened = open_feed(&config, &root);
	snapshot = next(opened.feed);
	assert_int_equal(snapshot->process_count, 1);
	snapshot_unref(snapshot);
	/* Processes may all end; that is no error. */
	snprintf(command, sizeof command, "rm -rf %s/proc/26831", dir);
	assert_int_equal(system(command), 0);
	opened.feed->ops->sample_now(opened.feed);
	snapshot = next(opened.feed);
	assert_int_equal(snapshot->process_count, 0);
	snapshot_unref(snapshot);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
	opened.feed->ops->sample_now(opened.feed);
	for (int i = 0; i < 3; i++) {
		assert_true(readable(opened.feed, HANG_MS));
		err.text[0] = '\0';
		assert_null(opened.feed->ops->take(opened.feed, &err));
		assert_non_null(strstr(err.text, strerror(ENOENT)));
		opened.feed->ops->sample_now(opened.feed);
	}
	close_feed(&opened);
	rootfs_close(&root);
}

/* The thread as the kernel shows it: named, and no signal meant for the view ends up in it. */
static void test_thread(void **state)
{
	struct sampler_config config = config_of(NEED_CORE);
	struct opened opened = open_feed(&config, &live);
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT, SIGCHLD, SIGALRM, SIGPIPE };
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	bool found = false;

	(void)state;
	assert_non_null(dir);
	snapshot_unref(next(opened.feed));
	while ((entry = readdir(dir))) {
		char name[64], text[8192], *line;
		unsigned long long blocked;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "task/%.16s/status", entry->d_name);
		read_own(getpid(), name, text, sizeof text);
		if (strncmp(text, "Name:\tmemtide-collect\n", 22))
			continue;
		found = true;
		line = strstr(text, "SigBlk:");
		assert_non_null(line);
		blocked = strtoull(line + 7, NULL, 16);
		for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
			assert_true(blocked & 1ull << (signals[i] - 1));
	}
	closedir(dir);
	assert_true(found);
	close_feed(&opened);
}

static unsigned threads_at_start;

/* One that has been joined is listed for a moment longer. */
static unsigned threads_left(void)
{
	unsigned threads = entries("/proc/self/task");

	for (int i = 0; i < 500 && threads != threads_at_start; i++) {
		usleep(10000);
		threads = entries("/proc/self/task");
	}
	return threads;
}

/* Opened and closed in every state; nothing stays behind. */
static void test_close(void **state)
{
	struct sampler_config config = config_of(NEED_CORE | NEED_STATUS | NEED_ROLLUP | NEED_CMDLINE | NEED_CGROUPS);
	unsigned files = entries("/proc/self/fd");

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct opened opened = open_feed(&config, i % 2 ? &live : &captured);

		if (i % 4 >= 2)
			snapshot_unref(next(opened.feed));
		for (int n = 0; n < i % 8; n++)
			opened.feed->ops->sample_now(opened.feed);
		close_feed(&opened);
	}
	assert_int_equal(entries("/proc/self/fd"), files);
	assert_int_equal(threads_left(), threads_at_start);
}

/* What cannot be opened is said by open, with nothing left behind. */
static void test_cannot_open(void **state)
{
	struct sampler_config config = config_of(NEED_CORE);
	struct users *users = users_open(&captured);
	unsigned files = entries("/proc/self/fd");
	struct err err = { "" };

	(void)state;
	config.tier = TIER_BPF;		/* not for a captured tree */
	assert_null(feed_collector_open(&config, &captured, users, &err));
	assert_true(strlen(err.text) > 0);
	assert_int_equal(entries("/proc/self/fd"), files);
	users_close(users);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_snapshot),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_sample_now),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_fills_in),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_captured),
		cmocka_unit_test(test_vanishing),
		cmocka_unit_test(test_thread),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_cannot_open),
	};
	struct err err;
	int failed;

	threads_at_start = entries("/proc/self/task");
	if (rootfs_open(&live, NULL, &err) || rootfs_open(&captured, TEST_DATA_DIR "/cli/tree", &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rootfs_close(&live);
	rootfs_close(&captured);
	return failed;
}
