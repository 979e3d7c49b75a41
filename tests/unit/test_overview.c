/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RAM and swap by kind, on meminfo of real kernels, against an independent reading of the same text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bundle.h"
#include "model/overview.h"
#include "source/system.h"

static const char *const fixtures[] = {
	"arm64-16k", "hidepid-invisible", "hostile",   "kernel-5.10",
	"no-psi",    "smaps-only",        "v1-hybrid", "x86_64-4k",
};

static const char *const bundles[] = {
	"5.10-x86_64", "5.10-x86_64-v1", "6.1-x86_64",     "6.1-arm64",
	"6.12-x86_64", "6.12-arm64-16k", "6.18-x86_64-v1", "7.2-x86_64",
};

static struct snapshot *read_tree(const char *dir, struct host *host)
{
	struct rootfs root;
	struct err err;
	struct system_source *source;
	struct snapshot *snapshot;

	*host = (struct host){ .page_bytes = 4096 };
	assert_int_equal(rootfs_open(&root, dir, &err), 0);
	source = system_source_open(&root, &err);
	assert_non_null(source);
	snapshot = snapshot_new(host, 0);
	assert_non_null(snapshot);
	assert_int_equal(system_read(source, snapshot), 0);
	system_source_close(source);
	rootfs_close(&root);
	return snapshot;
}

/* The bytes of NAME in meminfo, 0 when it is not there. */
static int64_t field(const char *meminfo, const char *name)
{
	int64_t bytes = 0;

	bundle_number(meminfo, name, strlen(name), &bytes);
	return bytes;
}

static int64_t sum(const struct memory_split *split)
{
	int64_t total = 0;

	for (unsigned i = 0; i < MEMORY_KIND_COUNT; i++) {
		assert_true(split->bytes[i] >= 0);
		total += split->bytes[i];
	}
	return total;
}

static void check_memory(const struct snapshot *snapshot, const char *meminfo)
{
	int64_t total = field(meminfo, "MemTotal"), shmem = field(meminfo, "Shmem");
	struct memory_split split;

	assert_true(overview_split_memory(snapshot, &split));
	assert_int_equal(split.total_bytes, total);
	assert_int_equal(sum(&split), total);
	assert_int_equal(split.bytes[MEMORY_ANON], field(meminfo, "AnonPages"));
	assert_int_equal(split.bytes[MEMORY_FILE],
			 field(meminfo, "Cached") + field(meminfo, "Buffers") - shmem);
	assert_int_equal(split.bytes[MEMORY_SHMEM], shmem);
	assert_int_equal(split.bytes[MEMORY_HUGE], field(meminfo, "Hugetlb"));
	assert_int_equal(split.bytes[MEMORY_SLAB],
			 field(meminfo, "SReclaimable") + field(meminfo, "SUnreclaim"));
	assert_int_equal(split.bytes[MEMORY_PAGETABLES],
			 field(meminfo, "PageTables") + field(meminfo, "SecPageTables"));
	assert_int_equal(split.bytes[MEMORY_FREE], field(meminfo, "MemFree"));
	assert_true(split.bytes[MEMORY_KERNEL] >= field(meminfo, "Percpu") + field(meminfo, "KernelStack"));
	assert_true(split.bytes[MEMORY_KERNEL] >= field(meminfo, "VmallocUsed"));
	/* All of these machines are idle: little is in no counter. Were a kind counted twice or forgotten, this
	 * would not hold. */
	assert_true(split.bytes[MEMORY_OTHER] < total / 10);
}

static void check_swap(const struct snapshot *snapshot, const char *meminfo)
{
	int64_t total = field(meminfo, "SwapTotal"), unused = field(meminfo, "SwapFree");
	struct swap_split split;

	assert_true(overview_split_swap(snapshot, &split));
	assert_int_equal(split.total_bytes, total);
	assert_int_equal(split.bytes[SWAP_FREE], unused);
	assert_int_equal(split.bytes[SWAP_CACHED], field(meminfo, "SwapCached"));
	assert_int_equal(split.bytes[SWAP_OUT] + split.bytes[SWAP_CACHED], total - unused);
}

static void check_tree(const char *dir)
{
	struct host host;
	struct snapshot *snapshot = read_tree(dir, &host);
	char *meminfo = bundle_text(dir, "proc/meminfo");

	assert_non_null(meminfo);
	check_memory(snapshot, meminfo);
	check_swap(snapshot, meminfo);
	free(meminfo);
	snapshot_unref(snapshot);
}

static void test_fixtures(void **state)
{
	char dir[4096];

	for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
		snprintf(dir, sizeof dir, "%s/fixtures/%s", TEST_DATA_DIR, fixtures[i]);
		check_tree(dir);
	}
}

static void test_kernels(void **state)
{
	char dir[256];

	for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++) {
		bundle_unpack(bundles[i], dir, sizeof dir);
		check_tree(dir);
		bundle_remove(dir);
	}
}

static struct snapshot *empty(struct host *host)
{
	struct snapshot *snapshot;

	*host = (struct host){ .page_bytes = 4096 };
	snapshot = snapshot_new(host, 0);
	assert_non_null(snapshot);
	return snapshot;
}

static void test_unknown_is_no_split(void **state)
{
	struct host host;
	struct snapshot *snapshot = empty(&host);
	struct memory_split memory;
	struct swap_split swap;

	assert_false(overview_split_memory(snapshot, &memory));
	assert_false(overview_split_swap(snapshot, &swap));
	system_set(snapshot, SYS_MEM_TOTAL, value_none(VALUE_DENIED));
	assert_false(overview_split_memory(snapshot, &memory));
	snapshot_unref(snapshot);
}

/* Counters are read one after the other, and a replayed log may hold anything. */
static void test_never_more_than_total(void **state)
{
	static const int64_t amounts[] = { 1, 1000, INT64_MAX, INT64_MIN, -1, 0 };
	struct host host;
	struct snapshot *snapshot = empty(&host);
	struct memory_split memory;
	struct swap_split swap;

	for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
		for (unsigned slot = 0; slot < SYS_COUNT; slot++)
			system_set(snapshot, (enum system_metric)slot, value_ok(amounts[i]));
		system_set(snapshot, SYS_MEM_TOTAL, value_ok(1500));
		system_set(snapshot, SYS_SWAP_TOTAL, value_ok(1500));
		assert_true(overview_split_memory(snapshot, &memory));
		assert_int_equal(sum(&memory), 1500);
		assert_true(overview_split_swap(snapshot, &swap));
		assert_int_equal(swap.bytes[SWAP_OUT] + swap.bytes[SWAP_CACHED] + swap.bytes[SWAP_FREE], 1500);
		for (unsigned kind = 0; kind < SWAP_KIND_COUNT; kind++)
			assert_true(swap.bytes[kind] >= 0);
	}
	snapshot_unref(snapshot);
}

static void test_own_cpu(void **state)
{
	struct self_cpu before = { 0 };
	struct host host;
	struct snapshot *snapshot = empty(&host);
	struct value share;

	system_set(snapshot, SYS_SELF_CPU, value_ok(40000000));
	snapshot->boottime_ns = INT64_C(5000000000);
	assert_int_equal(overview_self_cpu(&before, snapshot).status, VALUE_PENDING);
	system_set(snapshot, SYS_SELF_CPU, value_ok(45000000));
	snapshot->boottime_ns = INT64_C(7000000000);
	share = overview_self_cpu(&before, snapshot);
	assert_int_equal(share.status, VALUE_OK);
	assert_int_equal(share.amount, 250); /* 5 ms in 2 s */
	snapshot->boottime_ns = INT64_C(6000000000);
	assert_int_equal(overview_self_cpu(&before, snapshot).status, VALUE_PENDING);
	snapshot_unref(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_kernels),
		cmocka_unit_test(test_unknown_is_no_split),
		cmocka_unit_test(test_never_more_than_total),
		cmocka_unit_test(test_own_cpu),
	};

	return cmocka_run_group_tests_name("overview", tests, NULL, NULL);
}
