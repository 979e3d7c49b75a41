/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cgroup records on trees captured from real kernels (v2, v1, hybrid) and on made-up hostile ones. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bundle.h"
#include "source/cgroup.h"

static const struct {
	const char *name;
	const char *mount;	/* of the memory hierarchy */
	int64_t page_bytes;
	bool v1;
} bundles[] = {
	{ "5.10-x86_64", "sys/fs/cgroup", 4096, false },
	{ "5.10-x86_64-v1", "sys/fs/cgroup/memory", 4096, true },
	{ "6.1-x86_64", "sys/fs/cgroup", 4096, false },
	{ "6.1-arm64", "sys/fs/cgroup", 4096, false },
	{ "6.12-x86_64", "sys/fs/cgroup", 4096, false },
	{ "6.12-arm64-16k", "sys/fs/cgroup", 16384, false },
	{ "6.18-x86_64-v1", "sys/fs/cgroup/memory", 4096, true },
	{ "7.2-x86_64", "sys/fs/cgroup", 4096, false },
};

struct fixture {
	char dir[256];
	struct host host;
	struct rootfs root;
	struct cgroup_source *source;
	struct snapshot *snapshot;
	int ret;
};

static void fixture_read(struct fixture *f, int64_t page_bytes)
{
	struct err err;

	memset(&f->host, 0, sizeof f->host);
	f->host.page_bytes = page_bytes;
	assert_int_equal(rootfs_open(&f->root, f->dir, &err), 0);
	f->source = cgroup_source_open(&f->root, &err);
	assert_non_null(f->source);
	f->snapshot = snapshot_new(&f->host, 0);
	assert_non_null(f->snapshot);
	f->ret = cgroup_read(f->source, f->snapshot);
}

static void fixture_close(struct fixture *f)
{
	snapshot_unref(f->snapshot);
	cgroup_source_close(f->source);
	rootfs_close(&f->root);
	bundle_remove(f->dir);
}

static void check(const struct cgroup *cgroup, enum cgroup_metric metric, int64_t amount)
{
	assert_int_equal(cgroup->status[metric], VALUE_OK);
	assert_int_equal(cgroup->amount[metric], amount);
}

static void check_none(const struct cgroup *cgroup, enum cgroup_metric metric, enum value_status status)
{
	assert_int_equal(cgroup->status[metric], status);
	assert_int_equal(cgroup->amount[metric], 0);
}

static void check_system(const struct fixture *f, enum system_metric metric, int64_t amount)
{
	assert_int_equal(f->snapshot->system_status[metric], VALUE_OK);
	assert_int_equal(f->snapshot->system_amount[metric], amount);
}

static const struct cgroup *find(const struct fixture *f, const char *path)
{
	for (size_t i = 0; i < f->snapshot->cgroup_count; i++)
		if (!strcmp(f->snapshot->cgroups[i].path->s, path))
			return &f->snapshot->cgroups[i];
	return NULL;
}

enum { SOURCE_BYTES = 160 };

/* The side of METRIC's source for this version of cgroups, split by hand. False when it has none. */
static bool split_source(const struct metric *metric, bool v1, char file[SOURCE_BYTES],
			 char name[SOURCE_BYTES])
{
	char source[SOURCE_BYTES], *slash, *part, *colon;

	snprintf(source, sizeof source, "%s", metric->source);
	slash = strstr(source, " / ");
	if (slash)
		*slash = '\0';
	part = v1 ? slash ? slash + 3 : NULL : source;
	if (!part || !strcmp(part, "-"))
		return false;
	colon = strstr(part, ": ");
	snprintf(name, SOURCE_BYTES, "%s", colon ? colon + 2 : "");
	if (colon)
		*colon = '\0';
	snprintf(file, SOURCE_BYTES, "%s", part);
	return true;
}

enum expected { ABSENT_FILE, ABSENT_NAME, NUMBER, NO_LIMIT };

static enum expected expect(const char *text, const char *name, int64_t page_bytes, int64_t *number)
{
	char which[16], field[16];

	if (!text)
		return ABSENT_FILE;
	if (!*name) {
		*number = strtoll(text, NULL, 10);
		if (!strcmp(text, "max\n") || *number == INT64_MAX / page_bytes * page_bytes)
			return NO_LIMIT;
		return NUMBER;
	}
	if (strchr(name, ' ') && sscanf(name, "%15s %15s", which, field) == 2) {	/* pressure */
		const char *line = strstr(text, which), *at = line ? strstr(line, field) : NULL;

		if (!at)
			return ABSENT_NAME;
		*number = (int64_t)(strtod(at + strlen(field) + 1, NULL) * 1000 + 0.5);
		return NUMBER;
	}
	return bundle_number(text, name, strlen(name), number) ? NUMBER : ABSENT_NAME;
}

/* Every metric of one record against an independent reading. Returns how many have an amount. */
static unsigned check_record(const struct fixture *f, int b, const struct cgroup *cgroup)
{
	bool root = !strcmp(cgroup->path->s, "/");
	unsigned amounts = 0;

	for (unsigned i = 0; i < CG_COUNT; i++) {
		char file[SOURCE_BYTES], name[SOURCE_BYTES], path[1024], *text;
		int64_t number = 0;
		enum expected expected;

		if (!split_source(metric_get(SCOPE_CGROUP, i), bundles[b].v1, file, name)) {
			check_none(cgroup, (enum cgroup_metric)i, VALUE_UNSUPPORTED);
			continue;
		}
		snprintf(path, sizeof path, "%s%s/%s", bundles[b].mount, cgroup->path->s, file);
		text = bundle_text(f->dir, path);
		expected = expect(text, name, bundles[b].page_bytes, &number);
		free(text);
		if (expected == NUMBER)
			check(cgroup, (enum cgroup_metric)i, number);
		else if (expected == NO_LIMIT || (expected == ABSENT_FILE && root && !bundles[b].v1))
			check_none(cgroup, (enum cgroup_metric)i, VALUE_NOT_APPLICABLE);
		else
			check_none(cgroup, (enum cgroup_metric)i, VALUE_UNSUPPORTED);
		amounts += expected == NUMBER;
	}
	return amounts;
}

static void test_every_metric_of_every_kernel(void **state)
{
	static const char *const paths[] = { "/", "/a", "/a/b", "/a/b c" };
	(void)state;

	for (int b = 0; b < (int)(sizeof bundles / sizeof *bundles); b++) {
		struct fixture f;
		bool three = !strcmp(bundles[b].name, "6.18-x86_64-v1");

		bundle_unpack(bundles[b].name, f.dir, sizeof f.dir);
		fixture_read(&f, bundles[b].page_bytes);
		assert_int_equal(f.ret, 0);
		assert_string_equal(cgroup_source_name(f.source), bundles[b].v1 ? "cgroup1" : "cgroup2");
		assert_int_equal(f.snapshot->cgroup_count, three ? 3 : 4);
		check_system(&f, SYS_CGROUPS, three ? 3 : 4);
		check_system(&f, SYS_CGROUPS_LOST, 0);
		assert_int_equal(f.snapshot->notice_count, 0);
		for (size_t i = 0; i < f.snapshot->cgroup_count; i++) {
			const struct cgroup *cgroup = &f.snapshot->cgroups[i];

			assert_string_equal(cgroup->path->s, paths[i]);
			assert_in_range(check_record(&f, b, cgroup), bundles[b].v1 ? 25 : 33, CG_COUNT);
		}
		fixture_close(&f);
	}
}

/* Figures read by eye from the captures. */
static void test_v2(void **state)
{
	const struct cgroup *cgroup;
	struct fixture f;
	(void)state;

	bundle_unpack("7.2-x86_64", f.dir, sizeof f.dir);
	fixture_read(&f, 4096);
	cgroup = find(&f, "/a");
	check(cgroup, CG_CURRENT, 31801344);
	check(cgroup, CG_PEAK, 32227328);
	check(cgroup, CG_LOW, 1048576);
	check(cgroup, CG_MIN, 0);
	check(cgroup, CG_MAX, 33554432);
	check_none(cgroup, CG_HIGH, VALUE_NOT_APPLICABLE);
	check_none(cgroup, CG_SWAP_MAX, VALUE_NOT_APPLICABLE);
	check(cgroup, CG_SWAP_CURRENT, 6885376);
	check(cgroup, CG_HIGH_EVENTS, 11);
	check(cgroup, CG_SHMEM, 30781440);
	check(cgroup, CG_PERCPU, 15808);
	check(cgroup, CG_PSWPOUT, 1681);
	check(cgroup, CG_PSI_SOME_AVG10, 360);
	check(cgroup, CG_PSI_FULL_TIME, 58719000);
	check_none(cgroup, CG_MEMSW_CURRENT, VALUE_UNSUPPORTED);
	check(find(&f, "/a/b"), CG_HIGH, 31457280);
	check(find(&f, "/"), CG_ANON, 237568);
	check_none(find(&f, "/"), CG_CURRENT, VALUE_NOT_APPLICABLE);
	check_none(find(&f, "/"), CG_MAX, VALUE_NOT_APPLICABLE);
	fixture_close(&f);
}

static void test_v1(void **state)
{
	const struct cgroup *cgroup;
	struct fixture f;
	(void)state;

	bundle_unpack("5.10-x86_64-v1", f.dir, sizeof f.dir);
	fixture_read(&f, 4096);
	cgroup = find(&f, "/a/b");
	check(cgroup, CG_CURRENT, 37859328);
	check(cgroup, CG_PEAK, 38014976);
	check_none(cgroup, CG_MAX, VALUE_NOT_APPLICABLE);
	check_none(cgroup, CG_SOFT_LIMIT, VALUE_NOT_APPLICABLE);
	check_none(cgroup, CG_MEMSW_MAX, VALUE_NOT_APPLICABLE);
	check(cgroup, CG_MEMSW_CURRENT, 37859328);
	check(cgroup, CG_KERNEL, 94208);
	check(cgroup, CG_FILE, 37576704);
	check(cgroup, CG_SWAP_CURRENT, 0);
	check(cgroup, CG_OOM_KILLS, 0);
	check_none(cgroup, CG_LOW, VALUE_UNSUPPORTED);
	check_none(cgroup, CG_PSI_SOME_TIME, VALUE_UNSUPPORTED);
	check(find(&f, "/a"), CG_MAX, 33554432);
	check(find(&f, "/"), CG_FILE, 39739392);
	fixture_close(&f);
}

/* What a 32-bit kernel and one with 64 KiB pages show for no limit. */
static void test_v1_no_limit(void **state)
{
	static const struct {
		const char *text;
		int64_t page_bytes;
	} none[] = {
		{ "8796093018112\n", 4096 },
		{ "9223372036854771712\n", 4096 },
		{ "9223372036854710272\n", 65536 },
	};
	(void)state;

	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		struct fixture f;

		bundle_mkdir(f.dir, sizeof f.dir);
		bundle_write(f.dir, "proc/1/mountinfo",
			     "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
		bundle_write(f.dir, "sys/fs/cgroup/memory/memory.usage_in_bytes", "4096\n");
		bundle_write(f.dir, "sys/fs/cgroup/memory/memory.limit_in_bytes", none[i].text);
		fixture_read(&f, none[i].page_bytes);
		check(&f.snapshot->cgroups[0], CG_CURRENT, 4096);
		check_none(&f.snapshot->cgroups[0], CG_MAX, VALUE_NOT_APPLICABLE);
		fixture_close(&f);
	}
}

static void make_cgroup(const char *dir, const char *path)
{
	char file[1024];

	snprintf(file, sizeof file, "sys/fs/cgroup%s/memory.current", path);
	bundle_write(dir, file, "4096\n");
	snprintf(file, sizeof file, "sys/fs/cgroup%s/memory.stat", path);
	bundle_write(dir, file, "anon 4096\nfuture 1\n");
}

static void make_root(char *dir, size_t cap)
{
	bundle_mkdir(dir, cap);
	bundle_write(dir, "proc/x", "");
	bundle_write(dir, "sys/fs/cgroup/memory.stat", "anon 0\n");
}

/* A captured tree without mountinfo; a part without the controller; '/' sorts first. */
static void test_walk(void **state)
{
	static const char *const paths[] = { "/", "/.x", "/a", "/a/b", "/a/b/c", "/a b", "/a-b" };
	struct fixture f;
	(void)state;

	make_root(f.dir, sizeof f.dir);
	for (size_t i = sizeof paths / sizeof *paths - 1; i > 0; i--)
		make_cgroup(f.dir, paths[i]);
	bundle_write(f.dir, "sys/fs/cgroup/none/cgroup.procs", "");
	make_cgroup(f.dir, "/none/below");
	fixture_read(&f, 4096);
	assert_int_equal(f.snapshot->cgroup_count, sizeof paths / sizeof *paths);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		assert_string_equal(f.snapshot->cgroups[i].path->s, paths[i]);
	check_system(&f, SYS_CGROUPS_LOST, 0);
	fixture_close(&f);
}

static void test_hostile_names(void **state)
{
	char link[512];
	struct fixture f;
	(void)state;

	make_root(f.dir, sizeof f.dir);
	make_cgroup(f.dir, "/\x1b]0;x\x07\xff\n");
	make_cgroup(f.dir, "/real");
	snprintf(link, sizeof link, "%s/sys/fs/cgroup/link", f.dir);
	assert_int_equal(symlink("real", link), 0);
	snprintf(link, sizeof link, "%s/sys/fs/cgroup/loop", f.dir);
	assert_int_equal(symlink(".", link), 0);
	snprintf(link, sizeof link, "%s/sys/fs/cgroup/real/memory.max", f.dir);
	assert_int_equal(symlink("memory.current", link), 0);
	fixture_read(&f, 4096);
	assert_int_equal(f.snapshot->cgroup_count, 3);
	assert_string_equal(f.snapshot->cgroups[1].path->s, "/?]0;x???");
	assert_string_equal(f.snapshot->cgroups[2].path->s, "/real");
	assert_false(value_has_amount(f.snapshot->cgroups[2].status[CG_MAX]));
	fixture_close(&f);
}

static void test_too_deep(void **state)
{
	char path[512] = "";
	struct fixture f;
	(void)state;

	make_root(f.dir, sizeof f.dir);
	for (int depth = 1; depth <= CGROUP_DEPTH_MAX + 5; depth++) {
		strcat(path, "/d");
		make_cgroup(f.dir, path);
	}
	fixture_read(&f, 4096);
	assert_int_equal(f.snapshot->cgroup_count, 1 + CGROUP_DEPTH_MAX);
	check_system(&f, SYS_CGROUPS, 1 + CGROUP_DEPTH_MAX);
	check_system(&f, SYS_CGROUPS_LOST, 1);
	fixture_close(&f);
}

static void test_too_many(void **state)
{
	struct fixture f;
	(void)state;

	make_root(f.dir, sizeof f.dir);
	for (int i = 0; i < CGROUPS_MAX + 10; i++) {
		char path[32];

		snprintf(path, sizeof path, "/c%d", i);
		make_cgroup(f.dir, path);
	}
	fixture_read(&f, 4096);
	assert_int_equal(f.snapshot->cgroup_count, CGROUPS_MAX);
	check_system(&f, SYS_CGROUPS_LOST, 11);		/* the root took one place */
	fixture_close(&f);
}

static void test_malformed(void **state)
{
	struct fixture f;
	(void)state;

	make_root(f.dir, sizeof f.dir);
	make_cgroup(f.dir, "/a");
	bundle_write(f.dir, "sys/fs/cgroup/a/memory.max", "lots\n");
	bundle_write(f.dir, "sys/fs/cgroup/a/memory.high", "");
	bundle_write(f.dir, "sys/fs/cgroup/a/memory.events", "low 1\noom x\nmax 2");
	bundle_write(f.dir, "sys/fs/cgroup/a/memory.pressure", "some avg10=x\n");
	bundle_write(f.dir, "sys/fs/cgroup/a/memory.low/x", "");
	fixture_read(&f, 4096);
	check_none(find(&f, "/a"), CG_MAX, VALUE_LOST);
	check_none(find(&f, "/a"), CG_HIGH, VALUE_LOST);
	check(find(&f, "/a"), CG_LOW_EVENTS, 1);
	check_none(find(&f, "/a"), CG_OOM_EVENTS, VALUE_LOST);
	check_none(find(&f, "/a"), CG_MAX_EVENTS, VALUE_LOST);	/* cut */
	check_none(find(&f, "/a"), CG_OOM_KILLS, VALUE_UNSUPPORTED);
	check_none(find(&f, "/a"), CG_PSI_FULL_TIME, VALUE_LOST);
	assert_false(value_has_amount(find(&f, "/a")->status[CG_LOW]));
	fixture_close(&f);
}

/* Without a cgroup namespace a container sees its part of the hierarchy; paths are those of the whole. */
static void test_part_of_a_hierarchy(void **state)
{
	struct fixture f;
	(void)state;

	make_root(f.dir, sizeof f.dir);
	bundle_write(f.dir, "proc/1/mountinfo",
		     "30 23 0:26 /docker/x\\040y /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate\n");
	make_cgroup(f.dir, "");
	make_cgroup(f.dir, "/inner");
	fixture_read(&f, 4096);
	assert_int_equal(f.snapshot->cgroup_count, 2);
	assert_string_equal(f.snapshot->cgroups[0].path->s, "/docker/x y");
	assert_string_equal(f.snapshot->cgroups[1].path->s, "/docker/x y/inner");
	check(&f.snapshot->cgroups[0], CG_CURRENT, 4096);
	check_none(&f.snapshot->cgroups[0], CG_PEAK, VALUE_UNSUPPORTED);
	fixture_close(&f);
}

/* Appears after the first read, and vanishes again. */
static void test_none(void **state)
{
	struct fixture f;
	(void)state;

	bundle_mkdir(f.dir, sizeof f.dir);
	bundle_write(f.dir, "proc/x", "");
	bundle_write(f.dir, "sys/x", "");
	fixture_read(&f, 4096);
	assert_int_equal(f.ret, -ENOENT);
	assert_string_equal(cgroup_source_name(f.source), "none");
	assert_int_equal(f.snapshot->cgroup_count, 0);
	assert_int_equal(f.snapshot->system_status[SYS_CGROUPS], VALUE_UNSUPPORTED);
	assert_int_equal(f.snapshot->system_status[SYS_CGROUPS_LOST], VALUE_UNSUPPORTED);
	assert_string_equal(f.snapshot->notices[0].topic, "cgroups");
	snapshot_unref(f.snapshot);
	bundle_write(f.dir, "sys/fs/cgroup/memory.stat", "anon 3\n");
	f.snapshot = snapshot_new(&f.host, 0);
	assert_int_equal(cgroup_read(f.source, f.snapshot), 0);
	assert_int_equal(f.snapshot->cgroup_count, 1);
	check(&f.snapshot->cgroups[0], CG_ANON, 3);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_metric_of_every_kernel),
		cmocka_unit_test(test_v2),
		cmocka_unit_test(test_v1),
		cmocka_unit_test(test_v1_no_limit),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_too_deep),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_part_of_a_hierarchy),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
