/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is needed is read, and nothing else: the kernel tells (inotify) which files of a captured tree the
 * sampler opens. Then a watched process on the running machine, against /proc.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sampler/sampler.h"

enum { PROCESSES_MAX = 32, EVENTS_MAX = 1024, WATCHED = 26832, MIB = 1 << 20 };

/* Files below proc/PID opened since the events were last read. */
static struct {
	int fd;
	int32_t pid[PROCESSES_MAX];	/* by watch descriptor, which the kernel numbers from 1 */
	int count;
	struct {
		int32_t pid;
		char name[32];
	} opened[EVENTS_MAX];
	int opened_count;
} notes;

static char tree_dir[] = "needs-XXXXXX";	/* a copy, as other tests read the original at the same time */
static struct rootfs tree, live;

static void note_opens(void)
{
	char buffer[16384] __attribute__((aligned(8)));
	ssize_t len;

	notes.opened_count = 0;
	while ((len = read(notes.fd, buffer, sizeof buffer)) > 0) {
		const struct inotify_event *event;

		for (char *p = buffer; p < buffer + len; p += sizeof *event + event->len) {
			event = (const struct inotify_event *)p;
			assert_true(event->wd > 0 && event->wd <= notes.count && notes.opened_count < EVENTS_MAX);
			if (!event->len || event->mask & IN_ISDIR)
				continue;
			notes.opened[notes.opened_count].pid = notes.pid[event->wd - 1];
			snprintf(notes.opened[notes.opened_count++].name, sizeof notes.opened[0].name, "%s", event->name);
		}
	}
}

/* How often NAME of PID (0: of anybody) was opened. */
static int opens(int32_t pid, const char *name)
{
	int count = 0;

	for (int i = 0; i < notes.opened_count; i++)
		count += (!pid || notes.opened[i].pid == pid) && !strcmp(notes.opened[i].name, name);
	return count;
}

/* None of the files that cost extra. */
static void assert_nothing_extra(void)
{
	static const char *const extra[] = { "cmdline", "cgroup", "oom_score", "oom_score_adj", "status", "smaps_rollup", "smaps",
					     "maps" };

	for (size_t i = 0; i < sizeof extra / sizeof *extra; i++)
		assert_int_equal(opens(0, extra[i]), 0);
}

static int set_up(void **state)
{
	struct dirent *entry;
	char path[512];
	DIR *dir;

	(void)state;
	snprintf(path, sizeof path, "%s/proc", tree_dir);
	dir = opendir(path);
	assert_non_null(dir);
	notes.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	assert_true(notes.fd >= 0);
	notes.count = 0;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		assert_true(notes.count < PROCESSES_MAX);
		notes.pid[notes.count++] = atoi(entry->d_name);
		snprintf(path, sizeof path, "%s/proc/%.16s", tree_dir, entry->d_name);
		assert_int_equal(inotify_add_watch(notes.fd, path, IN_OPEN), notes.count);
	}
	closedir(dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return close(notes.fd);
}

static struct sampler *open_sampler(const struct rootfs *root, unsigned needs, enum task_tier tier, bool no_pss,
				    struct users **users)
{
	struct sampler_config config = {
		.needs = needs, .no_pss = no_pss, .interval_ns = 1000000000, .tier = tier, .pss_budget_ppm = 1000000,
		.pss_first_budget_ppm = 1000000, .stall_limit_ns = 1000000000,
	};
	struct sampler *sampler;
	struct err err;

	*users = users_open(root);
	assert_non_null(*users);
	sampler = sampler_open(&config, root, *users, &err);
	if (!sampler)
		fail_msg("%s", err.text);
	return sampler;
}

static void close_sampler(struct sampler *sampler, struct users *users)
{
	sampler_close(sampler);
	users_close(users);
}

static struct snapshot *sample(struct sampler *sampler)
{
	struct err err;
	struct snapshot *snapshot = sampler_sample(sampler, &err);

	if (!snapshot)
		fail_msg("%s", err.text);
	note_opens();
	return snapshot;
}

static void need(struct sampler *sampler, unsigned needs)
{
	struct err err;

	assert_int_equal(sampler_set_needs(sampler, needs, &err), 0);
}

static const struct process *row_of(const struct snapshot *snapshot, int32_t pid)
{
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].amount[PROC_PID] == pid)
			return &snapshot->processes[i];
	fail_msg("process %d is missing", pid);
	return NULL;
}

/* The text of PATH with NULs made spaces and what is white at the end cut. */
static char *read_text(const char *path, char *text, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, cap - 1);

	assert_true(len >= 0);
	close(fd);
	while (len && (!text[len - 1] || text[len - 1] == '\n'))
		len--;
	text[len] = '\0';
	for (ssize_t i = 0; i < len; i++)
		if (!text[i])
			text[i] = ' ';
	return text;
}

/* The name that the tree's passwd has for the effective uid in PID's status. */
static const char *user_of(int32_t pid, char *text, size_t cap)
{
	const struct passwd *record;
	unsigned uid;
	char path[512], *line;
	FILE *file;

	snprintf(path, sizeof path, "%s/etc/passwd", tree_dir);
	file = fopen(path, "re");
	snprintf(path, sizeof path, "%s/proc/%d/status", tree_dir, pid);
	line = strstr(read_text(path, text, cap), "\nUid:");
	assert_true(file && line && sscanf(line, " Uid: %*u %u", &uid) == 1);
	while ((record = fgetpwent(file)) && record->pw_uid != uid)
		;
	assert_non_null(record);
	snprintf(text, cap, "%s", record->pw_name);
	fclose(file);
	return text;
}

static void test_texts(void **state)
{
	struct users *users;
	struct sampler *sampler = open_sampler(&tree, NEED_CORE, TIER_PROCFS, false, &users);
	struct snapshot *snapshot = sample(sampler);
	char path[512], text[4096], buf[16];

	(void)state;
	if (!opens(WATCHED, "stat"))
		skip();		/* a file system that tells nothing */
	assert_nothing_extra();
	snapshot_unref(snapshot);

	need(sampler, NEED_CORE | NEED_CMDLINE);
	snapshot = sample(sampler);
	for (int i = 0; i < notes.count; i++) {
		assert_int_equal(opens(notes.pid[i], "cmdline"), 1);
		snprintf(path, sizeof path, "%s/proc/%d/cmdline", tree_dir, notes.pid[i]);
		assert_string_equal(process_text(row_of(snapshot, notes.pid[i]), PROC_CMDLINE, buf),
				    read_text(path, text, sizeof text));
	}
	assert_int_equal(opens(0, "cgroup") + opens(0, "oom_score") + opens(0, "status"), 0);
	snapshot_unref(snapshot);

	need(sampler, NEED_CORE);
	note_opens();
	snapshot = sample(sampler);
	assert_nothing_extra();
	assert_int_equal(row_of(snapshot, WATCHED)->status[PROC_CMDLINE], VALUE_SKIPPED);
	assert_null(row_of(snapshot, WATCHED)->text[TEXT_CMDLINE]);
	snapshot_unref(snapshot);

	need(sampler, NEED_CORE | NEED_CGROUP | NEED_USER | NEED_OOM);
	snapshot = sample(sampler);
	assert_int_equal(opens(0, "cgroup"), notes.count);
	assert_int_equal(opens(0, "oom_score"), notes.count);
	assert_int_equal(opens(0, "cmdline"), 0);
	snprintf(path, sizeof path, "%s/proc/%d/oom_score", tree_dir, WATCHED);
	assert_int_equal(row_of(snapshot, WATCHED)->amount[PROC_OOM_SCORE], atoi(read_text(path, text, sizeof text)));
	assert_string_equal(process_text(row_of(snapshot, WATCHED), PROC_USER, buf), user_of(WATCHED, text, sizeof text));
	snapshot_unref(snapshot);
	close_sampler(sampler, users);
}

static void finish_first_pass(struct sampler *sampler)
{
	while (!sampler_first_pass(sampler, 1000000000))
		;
	note_opens();
}

/* What was read stays read while nobody wants to see it. */
static void test_pss_rests(void **state)
{
	struct users *users;
	struct sampler *sampler = open_sampler(&tree, NEED_CORE, TIER_PROCFS, false, &users);
	struct snapshot *snapshot = sample(sampler);
	int64_t pss;

	(void)state;
	if (!opens(WATCHED, "stat"))
		skip();
	assert_int_equal(row_of(snapshot, WATCHED)->status[PROC_PSS], VALUE_SKIPPED);
	assert_int_equal(snapshot->system_status[SYS_PSS_TOTAL], VALUE_SKIPPED);
	assert_int_equal(sampler_request_exact(sampler, WATCHED), -EOPNOTSUPP);
	assert_int_equal(sampler_request_exact(sampler, INT32_MAX), -ESRCH);
	snapshot_unref(snapshot);

	need(sampler, NEED_CORE | NEED_ROLLUP);
	assert_false(sampler_first_pass_done(sampler));
	snapshot = sample(sampler);
	assert_int_equal(opens(0, "smaps_rollup"), 0);	/* the first pass does it */
	snapshot_unref(snapshot);
	finish_first_pass(sampler);
	assert_int_equal(opens(WATCHED, "smaps_rollup"), 1);
	snapshot = sample(sampler);
	assert_int_equal(row_of(snapshot, WATCHED)->status[PROC_PSS], VALUE_OK);
	assert_int_equal(snapshot->system_status[SYS_PSS_TOTAL], VALUE_OK);
	pss = row_of(snapshot, WATCHED)->amount[PROC_PSS];
	snapshot_unref(snapshot);

	need(sampler, NEED_CORE);
	assert_true(sampler_first_pass_done(sampler));
	snapshot = sample(sampler);
	assert_nothing_extra();
	assert_int_equal(row_of(snapshot, WATCHED)->status[PROC_PSS], VALUE_SKIPPED);
	snapshot_unref(snapshot);

	need(sampler, NEED_CORE | NEED_ROLLUP);
	snapshot = sample(sampler);
	assert_int_equal(opens(WATCHED, "smaps_rollup"), 0);
	assert_int_equal(row_of(snapshot, WATCHED)->status[PROC_PSS], VALUE_OK);
	assert_int_equal(row_of(snapshot, WATCHED)->amount[PROC_PSS], pss);
	snapshot_unref(snapshot);
	close_sampler(sampler, users);
}

static int64_t start_time_of(struct sampler *sampler, int32_t pid)
{
	struct snapshot *snapshot = sample(sampler);
	int64_t start_time = row_of(snapshot, pid)->amount[PROC_START_TIME];

	snapshot_unref(snapshot);
	return start_time;
}

/* Every metric that one of the needs of a single process stands for. */
static void assert_all_known(const struct process *row)
{
	unsigned of_process = NEED_STATUS | NEED_DETAIL | NEED_ROLLUP | NEED_CMDLINE | NEED_CGROUP | NEED_OOM | NEED_USER;

	for (unsigned i = 0; i < metric_count(SCOPE_PROCESS); i++) {
		const struct metric *metric = metric_get(SCOPE_PROCESS, i);

		if (metric->kind != KIND_DERIVED && metric->need & of_process &&
		    (process_value(row, i).status == VALUE_SKIPPED || process_value(row, i).status == VALUE_PENDING))
			fail_msg("%s is not known", metric->key);
	}
}

static void test_watch(void **state)
{
	static const char *const files[] = { "cmdline", "cgroup", "oom_score", "oom_score_adj", "status", "smaps_rollup" };
	struct users *users;
	struct sampler *sampler = open_sampler(&tree, NEED_CORE, TIER_PROCFS, false, &users);
	int64_t start_time = start_time_of(sampler, WATCHED);
	struct snapshot *snapshot;

	(void)state;
	if (!opens(WATCHED, "stat"))
		skip();
	/* Another process that had the pid is nobody. */
	sampler_watch(sampler, WATCHED, start_time + 1);
	snapshot = sample(sampler);
	assert_nothing_extra();
	snapshot_unref(snapshot);
	sampler_watch(sampler, 0, 0);

	sampler_watch(sampler, WATCHED, start_time);
	snapshot = sample(sampler);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		assert_true(opens(WATCHED, files[i]) > 0);
		assert_int_equal(opens(0, files[i]), opens(WATCHED, files[i]));
	}
	assert_all_known(row_of(snapshot, WATCHED));
	assert_int_equal(row_of(snapshot, WATCHED)->status[PROC_PSS], VALUE_OK);
	assert_int_equal(row_of(snapshot, WATCHED + 1)->status[PROC_PSS], VALUE_SKIPPED);
	assert_int_equal(row_of(snapshot, WATCHED + 1)->status[PROC_CMDLINE], VALUE_SKIPPED);
	assert_int_equal(snapshot->system_status[SYS_PSS_TOTAL], VALUE_SKIPPED);
	snapshot_unref(snapshot);
	assert_int_equal(sampler_request_exact(sampler, WATCHED + 1), -EOPNOTSUPP);
	assert_int_equal(sampler_request_exact(sampler, WATCHED), 0);
	snapshot = sample(sampler);
	assert_int_equal(opens(WATCHED, "smaps_rollup"), 1);
	assert_int_equal(opens(0, "smaps_rollup"), 1);
	snapshot_unref(snapshot);

	/* From one to everybody: the others get their first pass. */
	need(sampler, NEED_CORE | NEED_ROLLUP);
	finish_first_pass(sampler);
	assert_int_equal(opens(WATCHED, "smaps_rollup"), 0);
	assert_int_equal(opens(WATCHED + 1, "smaps_rollup"), 1);
	need(sampler, NEED_CORE);
	sampler_watch(sampler, 0, 0);
	snapshot = sample(sampler);
	assert_nothing_extra();
	assert_int_equal(row_of(snapshot, WATCHED)->status[PROC_PSS], VALUE_SKIPPED);
	snapshot_unref(snapshot);
	close_sampler(sampler, users);
}

/* Who forbids the reads means everybody's. */
static void test_no_pss(void **state)
{
	struct users *users;
	struct sampler *sampler = open_sampler(&tree, NEED_CORE, TIER_PROCFS, true, &users);
	int64_t start_time = start_time_of(sampler, WATCHED);
	struct snapshot *snapshot;

	(void)state;
	if (!opens(WATCHED, "stat"))
		skip();
	need(sampler, NEED_CORE | NEED_ROLLUP);
	sampler_watch(sampler, WATCHED, start_time);
	assert_true(sampler_first_pass_done(sampler));
	assert_int_equal(sampler_request_exact(sampler, WATCHED), -EOPNOTSUPP);
	snapshot = sample(sampler);
	assert_int_equal(opens(0, "smaps_rollup") + opens(0, "smaps") + opens(0, "maps"), 0);
	assert_int_equal(row_of(snapshot, WATCHED)->status[PROC_PSS], VALUE_SKIPPED);
	assert_int_equal(row_of(snapshot, WATCHED)->status[PROC_RSS_ANON], VALUE_OK);
	snapshot_unref(snapshot);
	close_sampler(sampler, users);
}

/* Whom not to read may depend on what nobody wants to see. */
static void test_protect(void **state)
{
	struct filter *filter = filter_parse("cmdline~actors", NULL);
	const struct filter *protect[] = { filter };
	struct sampler_config config = {
		.needs = NEED_CORE, .interval_ns = 1000000000, .tier = TIER_PROCFS, .pss_budget_ppm = 1000000,
		.pss_first_budget_ppm = 1000000, .stall_limit_ns = 1000000000, .protect = protect, .protect_count = 1,
	};
	struct users *users = users_open(&tree);
	struct snapshot *snapshot;
	struct sampler *sampler;
	struct err err;

	(void)state;
	assert_non_null(filter);
	sampler = sampler_open(&config, &tree, users, &err);
	assert_non_null(sampler);
	snapshot = sample(sampler);
	if (!opens(WATCHED, "stat"))
		skip();
	assert_nothing_extra();
	snapshot_unref(snapshot);
	need(sampler, NEED_CORE | NEED_ROLLUP);
	snapshot_unref(sample(sampler));
	assert_int_equal(opens(WATCHED, "cmdline"), 1);
	finish_first_pass(sampler);
	assert_int_equal(opens(WATCHED, "smaps_rollup"), 0);
	close_sampler(sampler, users);
	filter_free(filter);
}

static void test_cgroups(void **state)
{
	struct users *users;
	struct rootfs root;
	struct err err;

	(void)state;
	assert_int_equal(rootfs_open(&root, TEST_DATA_DIR "/fixtures/x86_64-4k", &err), 0);
	struct sampler *sampler = open_sampler(&root, NEED_CORE, TIER_PROCFS, false, &users);

	for (int round = 0; round < 3; round++) {
		struct snapshot *snapshot = sample(sampler);

		assert_int_equal(snapshot->cgroup_count > 0, round & 1);
		snapshot_unref(snapshot);
		need(sampler, round & 1 ? NEED_CORE : NEED_CORE | NEED_CGROUPS);
	}
	close_sampler(sampler, users);
	rootfs_close(&root);
}

static pid_t child(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		char *memory = mmap(NULL, 16 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (memory == MAP_FAILED)
			_exit(1);
		memset(memory, 1, 16 * MIB);
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

/* The number behind KEY in /proc/PID/NAME; the first in the file with an empty KEY. -1 without one. */
static int64_t proc_number(pid_t pid, const char *name, const char *key)
{
	char path[64], text[8192], *at;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	at = strstr(read_text(path, text, sizeof text), key);
	return at ? atoll(at + strlen(key)) : -1;
}

static void watch_live(enum task_tier tier)
{
	struct users *users;
	struct sampler *sampler = open_sampler(&live, NEED_CORE, tier, false, &users);
	pid_t pid = child();
	struct snapshot *snapshot;
	const struct process *row;
	char path[64], text[4096], buf[16];

	sampler_watch(sampler, pid, start_time_of(sampler, pid));
	snapshot_unref(sample(sampler));
	snapshot = sample(sampler);
	row = row_of(snapshot, pid);
	assert_all_known(row);
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	assert_string_equal(process_text(row, PROC_CMDLINE, buf), read_text(path, text, sizeof text));
	assert_int_equal(row->amount[PROC_OOM_SCORE_ADJ], proc_number(pid, "oom_score_adj", ""));
	assert_int_equal(row->amount[PROC_LOCKED], proc_number(pid, "status", "VmLck:") * 1024);
	assert_int_equal(row->amount[PROC_PAGETABLES], proc_number(pid, "status", "VmPTE:") * 1024);
	if (!access("/proc/self/smaps_rollup", F_OK)) {
		int64_t private = proc_number(pid, "smaps_rollup", "Private_Clean:") +
				  proc_number(pid, "smaps_rollup", "Private_Dirty:");

		assert_in_range(row->amount[PROC_USS], private * 1024 - MIB, private * 1024 + MIB);
		assert_true(row->amount[PROC_USS] >= 16 * MIB);
	}
	assert_int_equal(row_of(snapshot, getpid())->status[PROC_PSS], VALUE_SKIPPED);
	snapshot_unref(snapshot);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	snapshot_unref(sample(sampler));
	close_sampler(sampler, users);
}

static void test_watch_live(void **state)
{
	(void)state;
	watch_live(TIER_PROCFS);
	watch_live(TIER_AUTO);
}

static int copy_tree(void)
{
	char command[1024];

	if (!mkdtemp(tree_dir))
		return -1;
	/* An ordinary user cannot read every file of it. */
	snprintf(command, sizeof command, "cp -R %s/cli/tree/. %s 2>/dev/null; chmod -R u+w %s && test -d %s/proc/%d",
		 TEST_DATA_DIR, tree_dir, tree_dir, tree_dir, WATCHED + 1);
	return system(command);
}

static void remove_tree(void)
{
	char command[64];

	snprintf(command, sizeof command, "rm -rf %s", tree_dir);
	if (system(command))
		fprintf(stderr, "%s remains\n", tree_dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_texts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pss_rests, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_watch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_pss, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_protect, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cgroups, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_watch_live, set_up, tear_down),
	};
	struct err err = { "" };
	int failed;

	if (copy_tree() || rootfs_open(&tree, tree_dir, &err) || rootfs_open(&live, NULL, &err)) {
		fprintf(stderr, "cannot copy or open the tree: %s\n", err.text);
		return 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rootfs_close(&tree);
	rootfs_close(&live);
	remove_tree();
	return failed;
}
