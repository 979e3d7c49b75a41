/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system record on files captured from real kernels: every metric of every kernel against an independent
 * reading of the same text, and what becomes of what is missing, unknown or broken.
 */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "bundle.h"
#include "source/system.h"

static const struct {
	const char *name;
	int64_t page_bytes;
	bool psi;
} bundles[] = {
	{ "5.10-x86_64", 4096, true }, { "5.10-x86_64-v1", 4096, false }, { "6.1-x86_64", 4096, true },
	{ "6.1-arm64", 4096, true }, { "6.12-x86_64", 4096, true }, { "6.12-arm64-16k", 16384, false },
	{ "6.18-x86_64-v1", 4096, true }, { "7.2-x86_64", 4096, true },
};

enum { BUNDLES = sizeof bundles / sizeof *bundles };

struct fixture {
	char dir[256];
	struct host host;
	struct rootfs root;
	struct system_source *source;
	struct snapshot *snapshot;
	int ret;
};

static void fixture_read(struct fixture *f, int64_t page_bytes)
{
	struct err err;

	memset(&f->host, 0, sizeof f->host);
	f->host.page_bytes = page_bytes;
	assert_int_equal(rootfs_open(&f->root, f->dir, &err), 0);
	f->source = system_source_open(&f->root, &err);
	assert_non_null(f->source);
	f->snapshot = snapshot_new(&f->host, 0);
	assert_non_null(f->snapshot);
	f->ret = system_read(f->source, f->snapshot);
}

static void fixture_close(struct fixture *f)
{
	snapshot_unref(f->snapshot);
	system_source_close(f->source);
	rootfs_close(&f->root);
	bundle_remove(f->dir);
}

static void check(const struct fixture *f, enum system_metric metric, int64_t amount)
{
	assert_int_equal(f->snapshot->system_status[metric], VALUE_OK);
	assert_int_equal(f->snapshot->system_amount[metric], amount);
}

static void check_none(const struct fixture *f, enum system_metric metric, enum value_status status)
{
	assert_int_equal(f->snapshot->system_status[metric], status);
	assert_int_equal(f->snapshot->system_amount[metric], 0);
}

/* The sum of the lines of TEXT that begin with the LEN bytes of STEM. */
static int sum_lines(const char *text, const char *stem, size_t len, int64_t *sum)
{
	int found = 0;

	*sum = 0;
	for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL)
		if (!strncmp(line, stem, len)) {
			*sum += strtoll(strchr(line, ' '), NULL, 10);
			found++;
		}
	return found;
}

/* "some avg10" or "some total" of a pressure file. */
static int expect_psi(const char *text, const char *name, int64_t *number)
{
	char which[16], field[16];

	assert_int_equal(sscanf(name, "%15s %15s", which, field), 2);
	for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		const char *at = strncmp(line, which, 4) ? NULL : strstr(line, field);

		if (!at)
			continue;
		*number = (int64_t)(strtod(at + strlen(field) + 1, NULL) * 1000 + 0.5);
		return 1;
	}
	return 0;
}

/* What METRIC must be, read independently. -1 when its source is no kernel file, 0 when the kernel lacks it. */
static int expect(const char *dir, const struct metric *metric, int64_t page_bytes, int64_t *number)
{
	char path[128], *text;
	const char *colon = strstr(metric->source, ": ");
	size_t len;
	int found;

	if (!strncmp(metric->source, "/proc/sys/", 10) || !strncmp(metric->source, "/sys/kernel/mm/", 15)) {
		text = bundle_text(dir, metric->source);
		if (text)
			*number = strtoll(text, NULL, 0);
		if (strstr(metric->source, "kbytes"))
			*number *= 1024;
		else if (strstr(metric->source, "/ksm/") && metric->unit == UNIT_BYTES &&
			 !strstr(metric->source, "profit"))
			*number *= page_bytes;
		else if (metric->unit == UNIT_PERCENT)
			*number *= 1000;
		free(text);
		return text != NULL;
	}
	if (!colon || strstr(metric->source, "fdinfo"))
		return -1;
	snprintf(path, sizeof path, "proc/%.*s", (int)(colon - metric->source), metric->source);
	text = bundle_text(dir, path);
	colon += 2;
	len = strlen(colon);
	if (!text)
		found = 0;
	else if (strstr(path, "pressure"))
		found = expect_psi(text, colon, number);
	else if (colon[len - 1] == '*')
		found = sum_lines(text, colon, len - 1, number);
	else
		found = bundle_number(text, colon, len, number);
	free(text);
	return found;
}

static void test_every_metric_of_every_kernel(void **state)
{
	(void)state;
	for (int b = 0; b < BUNDLES; b++) {
		struct fixture f;
		unsigned ok = 0;

		bundle_unpack(bundles[b].name, f.dir, sizeof f.dir);
		fixture_read(&f, bundles[b].page_bytes);
		assert_int_equal(f.ret, 0);
		for (unsigned i = 0; i < SYS_COUNT; i++) {
			const struct metric *metric = metric_get(SCOPE_SYSTEM, i);
			int64_t number = 0;
			int found = expect(f.dir, metric, bundles[b].page_bytes, &number);

			if (found > 0) {
				check(&f, (enum system_metric)i, number);
				ok++;
			} else if (!found) {
				check_none(&f, (enum system_metric)i, VALUE_UNSUPPORTED);
			}
		}
		assert_in_range(ok, 170, SYS_COUNT);
		/* Nothing of these kernels' meminfo is unknown. */
		assert_int_equal(f.snapshot->extra_count, 0);
		check(&f, SYS_MEMINFO_LOST, 0);
		assert_int_equal(f.snapshot->notice_count, bundles[b].psi ? 0 : 1);
		fixture_close(&f);
	}
}

/* Names of vmstat that are deliberately no metric, because meminfo or another metric has them. */
static bool left_out(const char *name)
{
	static const char *const names[] = {
		"nr_free_pages", "nr_mlock", "nr_bounce", "nr_free_cma", "nr_unaccepted", "nr_inactive_anon",
		"nr_active_anon", "nr_inactive_file", "nr_active_file", "nr_unevictable", "nr_slab_reclaimable",
		"nr_slab_unreclaimable", "nr_anon_pages", "nr_mapped", "nr_dirty", "nr_writeback",
		"nr_writeback_temp", "nr_shmem", "nr_shmem_hugepages", "nr_shmem_pmdmapped",
		"nr_file_hugepages", "nr_file_pmdmapped", "nr_anon_transparent_hugepages", "nr_vmalloc",
		"nr_kernel_stack", "nr_page_table_pages", "nr_sec_page_table_pages", "nr_swapcached",
		"nr_balloon_pages", "nr_gpu_active", "nr_gpu_reclaim", "nr_unstable",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name))
			return true;
	return !strncmp(name, "nr_zone_", 8) && strcmp(name, "nr_zone_write_pending");
}

static bool is_metric(const char *name)
{
	char source[96];

	for (unsigned i = 0; i < SYS_COUNT; i++) {
		const char *have = metric_get(SCOPE_SYSTEM, i)->source;
		size_t len = strlen(have);

		snprintf(source, sizeof source, "vmstat: %s", name);
		if (!strcmp(have, source) || (have[len - 1] == '*' && !strncmp(have, source, len - 1)))
			return true;
	}
	return false;
}

static void test_all_of_vmstat_is_known(void **state)
{
	(void)state;
	for (int b = 0; b < BUNDLES; b++) {
		char dir[256], *text, *save = NULL;
		unsigned seen = 0;

		bundle_unpack(bundles[b].name, dir, sizeof dir);
		text = bundle_text(dir, "proc/vmstat");
		for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
			seen++;
			line[strcspn(line, " ")] = '\0';
			if (is_metric(line) == left_out(line))
				fail_msg("%s: vmstat has %s", bundles[b].name, line);
		}
		assert_in_range(seen, 140, 250);
		free(text);
		bundle_remove(dir);
	}
}

/* Figures read by eye from the capture, in case both readings above are wrong alike. */
static void test_7_2(void **state)
{
	struct fixture f;
	struct snapshot *s;
	(void)state;

	bundle_unpack("7.2-x86_64", f.dir, sizeof f.dir);
	fixture_read(&f, 4096);
	s = f.snapshot;
	check(&f, SYS_MEM_TOTAL, 482197504);
	check(&f, SYS_SWAP_FREE, 124344 * 1024);
	check(&f, SYS_GPU_ACTIVE, 0);
	check(&f, SYS_VM_PGALLOC, 32 + 21598);
	check(&f, SYS_PSI_MEMORY_SOME_AVG10, 360);
	check(&f, SYS_PSI_MEMORY_FULL_TIME, 51027000);
	check(&f, SYS_LRU_GEN_ENABLED, 7);
	check(&f, SYS_MIN_FREE, 2713 * 1024);
	check(&f, SYS_OVERCOMMIT_RATIO, 50000);
	check(&f, SYS_PAGE_SIZE, 4096);
	check(&f, SYS_SWAP_AREAS, 1);
	check(&f, SYS_SWAP_AREAS_SIZE, 131068 * 1024);
	check(&f, SYS_SWAP_AREAS_USED, 6724 * 1024);
	check(&f, SYS_ZRAM_ORIGINAL, 6889472);
	check(&f, SYS_ZRAM_COMPRESSED, 5246268);
	check(&f, SYS_ZRAM_USED, 6246400);
	check(&f, SYS_ZRAM_RATIO, 1313);	/* 1.3132 */
	assert_int_equal(s->swap_count, 1);
	assert_string_equal(s->swaps[0].name->s, "/dev/zram0");
	assert_int_equal(s->swaps[0].priority, -1);
	assert_int_equal(s->swaps[0].zram_compressed_bytes.amount, 5246268);
	assert_int_equal(s->setting_count, 4);
	assert_string_equal(s->settings[0].name, "transparent_hugepage_enabled");
	assert_string_equal(s->settings[0].text, "never");
	assert_string_equal(s->settings[2].text, "never");
	/* /sys/module was not captured. */
	assert_int_equal(s->settings[3].status, VALUE_UNSUPPORTED);
	fixture_close(&f);
}

static void test_16k_pages(void **state)
{
	struct fixture f;
	(void)state;

	bundle_unpack("6.12-arm64-16k", f.dir, sizeof f.dir);
	bundle_write(f.dir, "sys/kernel/mm/ksm/pages_sharing", "3\n");
	fixture_read(&f, 16384);
	check(&f, SYS_KSM_SHARING, 49152);
	check(&f, SYS_THP_SIZE, 33554432);
	check(&f, SYS_PAGE_SIZE, 16384);
	check_none(&f, SYS_DIRECT_MAP_4K, VALUE_UNSUPPORTED);
	assert_string_equal(f.snapshot->settings[0].text, "always");
	assert_string_equal(f.snapshot->settings[1].text, "madvise");
	/* booted with psi=0 */
	check_none(&f, SYS_PSI_IO_FULL_TIME, VALUE_UNSUPPORTED);
	assert_string_equal(f.snapshot->notices[0].topic, "psi");
	assert_non_null(strstr(f.snapshot->notices[0].remedy, "psi=1"));
	fixture_close(&f);
}

static void test_cpu_full_before_5_13(void **state)
{
	struct fixture f;
	(void)state;

	bundle_unpack("5.10-x86_64", f.dir, sizeof f.dir);
	fixture_read(&f, 4096);
	assert_int_equal(f.snapshot->system_status[SYS_PSI_CPU_SOME_TIME], VALUE_OK);
	check_none(&f, SYS_PSI_CPU_FULL_TIME, VALUE_UNSUPPORTED);
	fixture_close(&f);
}

static void test_no_swap(void **state)
{
	struct fixture f;
	(void)state;

	bundle_unpack("6.18-x86_64-v1", f.dir, sizeof f.dir);
	fixture_read(&f, 4096);
	check(&f, SYS_SWAP_AREAS, 0);
	check(&f, SYS_SWAP_AREAS_USED, 0);
	check_none(&f, SYS_ZRAM_RATIO, VALUE_NOT_APPLICABLE);
	check_none(&f, SYS_ZRAM_ORIGINAL, VALUE_NOT_APPLICABLE);
	fixture_close(&f);
}

/* Two zram areas, a file, and a device whose mm_stat is not there. */
static void test_swap_areas(void **state)
{
	struct fixture f;
	(void)state;

	bundle_mkdir(f.dir, sizeof f.dir);
	bundle_write(f.dir, "proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
					  "/dev/zram0 partition\t1000\t\t10\t\t100\n"
					  "/dev/zram1 partition\t1000\t\t20\t\t100\n"
					  "/a\\040\\033[31mb file\t\t5000\t\t7\t\t-2\n");
	bundle_write(f.dir, "sys/block/zram0/mm_stat", "4096 1024 8192 0 0 0 0 0 0\n");
	bundle_write(f.dir, "sys/block/zram1/mm_stat", "0 0 0 0 0 0 0 0 0\n");
	fixture_read(&f, 4096);
	assert_int_equal(f.ret, -ENOENT);
	check(&f, SYS_SWAP_AREAS, 3);
	check(&f, SYS_SWAP_AREAS_SIZE, 7000 * 1024);
	check(&f, SYS_SWAP_AREAS_USED, 37 * 1024);
	check(&f, SYS_ZRAM_ORIGINAL, 4096);
	check(&f, SYS_ZRAM_RATIO, 4000);
	assert_int_equal(f.snapshot->swap_count, 3);
	assert_string_equal(f.snapshot->swaps[2].name->s, "/a ?[31mb");
	assert_int_equal(f.snapshot->swaps[2].zram_used_bytes.status, VALUE_NOT_APPLICABLE);
	snapshot_unref(f.snapshot);
	bundle_delete(f.dir, "sys/block/zram1/mm_stat");
	f.snapshot = snapshot_new(&f.host, 0);
	system_read(f.source, f.snapshot);
	check_none(&f, SYS_ZRAM_ORIGINAL, VALUE_UNSUPPORTED);
	check_none(&f, SYS_ZRAM_RATIO, VALUE_UNSUPPORTED);
	assert_int_equal(f.snapshot->swaps[0].zram_original_bytes.amount, 4096);
	assert_int_equal(f.snapshot->swaps[1].zram_original_bytes.status, VALUE_UNSUPPORTED);
	fixture_close(&f);
}

static void test_many_swap_areas(void **state)
{
	char text[8192];
	size_t len = 0;
	struct fixture f;
	(void)state;

	for (int i = 0; i < 40; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "/f%d file 4 1 0\n", i);
	bundle_mkdir(f.dir, sizeof f.dir);
	bundle_write(f.dir, "proc/swaps", text);
	fixture_read(&f, 4096);
	assert_int_equal(f.snapshot->swap_count, SWAP_AREAS_MAX);
	check(&f, SYS_SWAP_AREAS, 40);
	check(&f, SYS_SWAP_AREAS_SIZE, 40 * 4096);
	fixture_close(&f);
}

/* A kernel of the future: unknown fields are passed on, as far as there is room, or counted. */
static void test_unknown_meminfo(void **state)
{
	char text[8192];
	struct fixture f;
	size_t len;
	(void)state;

	len = (size_t)snprintf(text, sizeof text, "MemTotal: 8 kB\nQuantumPages: 5\nN\x1b[2J\xff: 1 kB\n");
	for (int i = 0; i < EXTRA_MAX + 3; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "Future%d:    %d kB\n", i, i);
	bundle_mkdir(f.dir, sizeof f.dir);
	bundle_write(f.dir, "proc/meminfo", text);
	fixture_read(&f, 4096);
	assert_int_equal(f.ret, 0);
	check(&f, SYS_MEM_TOTAL, 8192);
	check_none(&f, SYS_MEM_FREE, VALUE_UNSUPPORTED);
	assert_int_equal(f.snapshot->extra_count, EXTRA_MAX);
	assert_string_equal(f.snapshot->extra[0].name, "N?[2J?");
	assert_string_equal(f.snapshot->extra[1].name, "Future0");
	assert_string_equal(f.snapshot->extra[31].name, "Future30");
	assert_int_equal(f.snapshot->extra[31].bytes, 30 * 1024);
	check(&f, SYS_MEMINFO_LOST, 1 + 4);	/* the one that is not in kB, and what did not fit */
	fixture_close(&f);
}

static void test_malformed(void **state)
{
	struct fixture f;
	(void)state;

	bundle_mkdir(f.dir, sizeof f.dir);
	bundle_write(f.dir, "proc/meminfo", "MemTotal: 1 kB\nMemFree: lots\nCached: 7 kB\nBuffers: 12");
	bundle_write(f.dir, "proc/vmstat", "pgalloc_dma 5\npgalloc_normal x\npgalloc_movable 7\n"
					   "pgfault 9\nnonsense\n");
	bundle_write(f.dir, "proc/pressure/io", "some avg10=oops\n");
	bundle_write(f.dir, "proc/pressure/memory", "some avg10=0.50 avg60=0.00 avg300=0.00 total=5\n");
	bundle_write(f.dir, "proc/swaps", "garbage\n");
	bundle_write(f.dir, "proc/sys/vm/swappiness", "sixty\n");
	bundle_write(f.dir, "proc/sys/vm/min_free_kbytes", "9223372036854775807\n");
	bundle_write(f.dir, "sys/kernel/mm/transparent_hugepage/enabled", "\n");
	fixture_read(&f, 4096);
	check(&f, SYS_MEM_TOTAL, 1024);
	check_none(&f, SYS_MEM_FREE, VALUE_LOST);
	check(&f, SYS_CACHED, 7168);
	check_none(&f, SYS_BUFFERS, VALUE_LOST);
	check_none(&f, SYS_VM_PGALLOC, VALUE_LOST);	/* part of a sum is no sum */
	check(&f, SYS_VM_PGFAULT, 9);
	check_none(&f, SYS_PSI_IO_SOME_AVG10, VALUE_LOST);
	check(&f, SYS_PSI_MEMORY_SOME_AVG10, 500);
	check_none(&f, SYS_PSI_MEMORY_FULL_AVG10, VALUE_UNSUPPORTED);
	check_none(&f, SYS_SWAP_AREAS, VALUE_LOST);
	check_none(&f, SYS_ZRAM_RATIO, VALUE_LOST);
	check_none(&f, SYS_SWAPPINESS, VALUE_LOST);
	check_none(&f, SYS_MIN_FREE, VALUE_LOST);
	assert_int_equal(f.snapshot->settings[0].status, VALUE_LOST);
	assert_string_equal(f.snapshot->notices[0].topic, "meminfo");
	assert_string_equal(f.snapshot->notices[0].text, "2 lines not understood");
	fixture_close(&f);
}

/* A text larger than any kernel's is not half understood. */
static void test_too_large(void **state)
{
	enum { SIZE = 80 << 10 };
	char *text = malloc(SIZE);
	struct fixture f;
	(void)state;

	assert_non_null(text);
	memset(text, '\n', SIZE - 1);
	memcpy(text, "MemTotal: 1 kB\n", 15);
	text[SIZE - 1] = '\0';
	bundle_mkdir(f.dir, sizeof f.dir);
	bundle_write(f.dir, "proc/meminfo", text);
	fixture_read(&f, 4096);
	assert_int_equal(f.ret, -EFBIG);
	check_none(&f, SYS_MEM_TOTAL, VALUE_LOST);
	fixture_close(&f);
	free(text);
}

/* The next read sees what changed, and a file that was not there before. */
static void test_reread(void **state)
{
	struct fixture f;
	(void)state;

	bundle_mkdir(f.dir, sizeof f.dir);
	bundle_write(f.dir, "proc/meminfo", "MemTotal: 10 kB\nMemFree: 123456 kB\n");
	fixture_read(&f, 4096);
	check(&f, SYS_MEM_FREE, 123456 * 1024);
	check_none(&f, SYS_VM_PGFAULT, VALUE_UNSUPPORTED);
	bundle_write(f.dir, "proc/meminfo", "MemTotal: 10 kB\nMemFree: 1 kB\n");
	bundle_write(f.dir, "proc/vmstat", "pgfault 4\n");
	snapshot_unref(f.snapshot);
	f.snapshot = snapshot_new(&f.host, 0);
	system_read(f.source, f.snapshot);
	check(&f, SYS_MEM_FREE, 1024);
	check(&f, SYS_VM_PGFAULT, 4);
	fixture_close(&f);
}

static void test_nothing_there(void **state)
{
	struct fixture f;
	(void)state;

	bundle_mkdir(f.dir, sizeof f.dir);
	bundle_write(f.dir, "proc/x", "");
	fixture_read(&f, 4096);
	assert_int_equal(f.ret, -ENOENT);
	for (unsigned i = 0; i < SYS_COUNT; i++) {
		const struct metric *metric = metric_get(SCOPE_SYSTEM, i);

		if (i == SYS_PAGE_SIZE)
			continue;
		assert_false(value_has_amount(f.snapshot->system_status[i]));
		assert_int_equal(f.snapshot->system_amount[i], 0);
		if (!strncmp(metric->source, "meminfo: ", 9) || !strncmp(metric->source, "/proc/sys/", 10))
			check_none(&f, (enum system_metric)i, VALUE_UNSUPPORTED);
	}
	fixture_close(&f);
}

static void check_key(const struct metric *metric)
{
	size_t len = strlen(metric->key);
	bool total = len > 6 && !strcmp(metric->key + len - 6, "_total");

	for (const char *c = metric->key; *c; c++)
		assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_');
	if (total != (metric->kind == KIND_COUNTER))
		fail_msg("%s: only counters end in _total", metric->key);
	if (metric->unit == UNIT_BYTES && (len < 6 || strcmp(metric->key + len - 6, "_bytes")))
		fail_msg("%s: is in bytes", metric->key);
	if (!isupper((unsigned char)*metric->help) && !isdigit((unsigned char)*metric->help) &&
	    strncmp(metric->help, "tmpfs", 5) && strncmp(metric->help, "hugetlb", 7))
		fail_msg("%s: help begins with '%c'", metric->key, *metric->help);
	assert_int_not_equal(metric->help[strlen(metric->help) - 1], '.');
	assert_true(strlen(metric->help) > 8);
}

static void test_table(void **state)
{
	static const enum scope scopes[] = { SCOPE_SYSTEM, SCOPE_CGROUP };
	(void)state;

	for (int s = 0; s < 2; s++)
		for (unsigned i = 0; i < metric_count(scopes[s]); i++) {
			const struct metric *metric = metric_get(scopes[s], i);

			check_key(metric);
			/* Each is found by its own key and title, so both are unique. */
			assert_ptr_equal(metric_find(scopes[s], metric->key, strlen(metric->key)), metric);
			if (metric_find(scopes[s], metric->title, strlen(metric->title)) != metric)
				fail_msg("%s: its title %s is another's", metric->key, metric->title);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_every_metric_of_every_kernel),
		cmocka_unit_test(test_all_of_vmstat_is_known),
		cmocka_unit_test(test_7_2),
		cmocka_unit_test(test_16k_pages),
		cmocka_unit_test(test_cpu_full_before_5_13),
		cmocka_unit_test(test_no_swap),
		cmocka_unit_test(test_swap_areas),
		cmocka_unit_test(test_many_swap_areas),
		cmocka_unit_test(test_unknown_meminfo),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_reread),
		cmocka_unit_test(test_nothing_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
