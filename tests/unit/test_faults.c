/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From readings of the fault probe to rows: values, rates, what snapshots share, and who ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/arrange.h"
#include "model/derive.h"
#include "sampler/faults_probe.h"

static const struct host host;
static const int64_t second = 1000000000;

enum { READS_MAX = 2 * EXITED_MAX };

/* A sampler whose processes and readings are given by hand. */
struct scene {
	struct faults_rows rows;
	struct snapshot *previous, *now;
	struct fault_process reads[READS_MAX], *list[READS_MAX];
	struct fault_reading reading;
	bool failed;
};

static struct faults_told all_told(void)
{
	struct faults_told told = { .processes = true, .latency = true, .memory = true, .otherwise = VALUE_UNSUPPORTED };

	memset(told.class, true, sizeof told.class);
	return told;
}

static void scene_open(struct scene *scene, struct faults_told told)
{
	*scene = (struct scene){ .failed = false };
	assert_int_equal(faults_rows_init(&scene->rows, &told), 0);
	scene->now = snapshot_new(&host, 0);
}

static void scene_close(struct scene *scene)
{
	snapshot_unref(scene->previous);
	snapshot_unref(scene->now);
	faults_rows_free(&scene->rows);
}

/* The next sample has process PID, which started at START. */
static void run(struct scene *scene, int64_t pid, int64_t start)
{
	struct process *row = snapshot_add_process(scene->now);

	process_set(row, PROC_PID, value_ok(pid));
	process_set(row, PROC_START_TIME, value_ok(start));
	process_set(row, PROC_RSS, value_ok(4096));
}

/* The next reading has it, with COWS faults of 1 us; to be given in order. */
static struct fault_process *count(struct scene *scene, int pid, int start, uint64_t cows)
{
	size_t at = scene->reading.count++;
	struct fault_process *read = &scene->reads[at];

	*read = (struct fault_process){ .pid = pid, .start_time = (uint64_t)start, .comm = "short\033", .changed = true };
	read->sums.count[FAULT_COW] = cows;
	read->sums.ns[FAULT_COW] = cows * 1000;
	read->sums.max_ns = 1000;
	read->sums.memory[FAULT_IN_HEAP] = cows;
	scene->list[at] = read;
	scene->reading.machine.count[FAULT_COW] += cows;
	return read;
}

static struct snapshot *sample(struct scene *scene, int64_t seconds)
{
	struct snapshot *now = scene->now;

	now->boottime_ns = seconds * second;
	scene->reading.processes = scene->list;
	faults_rows_fill(&scene->rows, scene->failed ? NULL : &scene->reading, scene->previous, now);
	now->faults = calloc(1, sizeof *now->faults);
	assert_non_null(now->faults);
	faults_rows_machine(&scene->rows, &scene->reading, 4096, now->faults);
	derive(scene->previous, now);
	if (!scene->failed)
		faults_rows_end(&scene->rows, &scene->reading, now);
	fault_machine_publish(now, VALUE_SKIPPED);
	snapshot_unref(scene->previous);
	scene->previous = now;
	scene->now = snapshot_new(&host, 0);
	scene->reading = (struct fault_reading){ .count = 0 };
	return now;
}

static void check(const struct process *row, enum process_metric metric, int64_t amount)
{
	struct value value = process_value(row, metric);

	if (value.status != VALUE_OK || value.amount != amount)
		fail_msg("%s is %lld (%s), not %lld", metric_get(SCOPE_PROCESS, metric)->key, (long long)value.amount,
			 value_status_name(value.status), (long long)amount);
}

static void check_none(const struct process *row, enum process_metric metric, enum value_status status)
{
	assert_int_equal(process_value(row, metric).status, status);
	assert_int_equal(process_value(row, metric).amount, 0);
}

/* -- rows ------------------------------------------------------------------------------------------------- */

static void test_rates(void **state)
{
	struct scene scene;
	struct snapshot *now;

	(void)state;
	scene_open(&scene, all_told());
	run(&scene, 5, 1);
	count(&scene, 5, 1, 10);
	now = sample(&scene, 10);
	check(&now->processes[0], PROC_FAULTS_COW, 10);
	check_none(&now->processes[0], PROC_FAULT_RATE_COW, VALUE_PENDING);
	run(&scene, 5, 1);
	count(&scene, 5, 1, 110)->sums.count[FAULT_SIGBUS] = 3;
	now = sample(&scene, 12);
	check(&now->processes[0], PROC_FAULTS_COW, 110);
	check(&now->processes[0], PROC_FAULT_RATE_COW, 50 * 1000);
	check(&now->processes[0], PROC_FAULTS_SEEN, 110);	/* the kernel does not account SIGBUS */
	check(&now->processes[0], PROC_FAULTS_SEEN_RATE, 50 * 1000);
	check(&now->processes[0], PROC_FAULT_SECONDS, 110000);
	check(&now->processes[0], PROC_FAULT_PERCENT, 5);	/* 100 us of 2 s */
	check(&now->processes[0], PROC_FAULT_MAX, 1000);
	check(&now->processes[0], PROC_FAULTS_IN_HEAP, 110);
	check(&now->processes[0], PROC_FAULT_RATE_SIGBUS, 1500);
	/* Another process of that number begins with nothing. */
	run(&scene, 5, 2);
	now = sample(&scene, 13);
	check(&now->processes[0], PROC_FAULTS_COW, 0);
	check_none(&now->processes[0], PROC_FAULT_RATE_COW, VALUE_PENDING);
	scene_close(&scene);
}

static void test_sharing(void **state)
{
	struct scene scene;
	struct snapshot *now;
	const struct fault_values *idle, *quiet;

	(void)state;
	scene_open(&scene, all_told());
	for (int i = 0; i < 4; i++) {
		run(&scene, 5, 1);
		run(&scene, 6, 1);
		run(&scene, 7, 1);
		count(&scene, 6, 1, 10)->changed = !i;
		now = sample(&scene, i);
		assert_ptr_equal(now->processes[0].faults, now->processes[2].faults);
		check(&now->processes[0], PROC_FAULTS_COW, 0);
		check(&now->processes[1], PROC_FAULTS_COW, 10);
		if (!i) {
			check_none(&now->processes[0], PROC_FAULT_RATE_COW, VALUE_PENDING);
			check_none(&now->processes[1], PROC_FAULT_RATE_COW, VALUE_PENDING);
			continue;
		}
		check(&now->processes[0], PROC_FAULT_RATE_COW, 0);
		check(&now->processes[1], PROC_FAULT_RATE_COW, 0);
		/* From the first sample with these rates on nothing is made anew. */
		if (i > 1) {
			assert_ptr_equal(now->processes[0].faults, idle);
			assert_ptr_equal(now->processes[1].faults, quiet);
		}
		idle = now->processes[0].faults;
		quiet = now->processes[1].faults;
	}
	scene_close(&scene);
}

/* A snapshot that somebody keeps does not change when later ones share its values. */
static void test_kept_snapshot(void **state)
{
	struct scene scene;
	struct snapshot *kept;

	(void)state;
	scene_open(&scene, all_told());
	run(&scene, 5, 1);
	sample(&scene, 0);
	run(&scene, 5, 1);
	count(&scene, 5, 1, 8);
	kept = snapshot_ref(sample(&scene, 1));
	check(&kept->processes[0], PROC_FAULT_RATE_COW, 8000);
	for (int i = 2; i < 4; i++) {
		run(&scene, 5, 1);
		count(&scene, 5, 1, 8)->changed = false;
		check(&sample(&scene, i)->processes[0], PROC_FAULT_RATE_COW, 0);
		check(&kept->processes[0], PROC_FAULT_RATE_COW, 8000);
	}
	snapshot_unref(kept);
	scene_close(&scene);
}

static void test_untold(void **state)
{
	struct faults_told told = all_told();
	struct scene scene;
	struct snapshot *now;

	(void)state;
	told.class[FAULT_OOM] = told.latency = told.memory = false;
	scene_open(&scene, told);
	for (int i = 0; i < 2; i++) {
		run(&scene, 5, 1);
		count(&scene, 5, 1, 10);
		now = sample(&scene, i);
	}
	check(&now->processes[0], PROC_FAULTS_COW, 10);
	check(&now->processes[0], PROC_FAULT_RATE_COW, 0);
	check_none(&now->processes[0], PROC_FAULTS_OOM, VALUE_UNSUPPORTED);
	check_none(&now->processes[0], PROC_FAULT_RATE_OOM, VALUE_UNSUPPORTED);
	check_none(&now->processes[0], PROC_FAULT_SECONDS_COW, VALUE_UNSUPPORTED);
	check_none(&now->processes[0], PROC_FAULT_PERCENT, VALUE_UNSUPPORTED);
	check_none(&now->processes[0], PROC_FAULT_MAX, VALUE_UNSUPPORTED);
	check_none(&now->processes[0], PROC_FAULTS_IN_HEAP, VALUE_UNSUPPORTED);
	assert_int_equal(now->faults->class[FAULT_OOM].rate.status, VALUE_UNSUPPORTED);
	assert_int_equal(now->faults->class[FAULT_COW].percent.status, VALUE_UNSUPPORTED);
	assert_false(now->faults->has_buckets);
	scene_close(&scene);
	scene_open(&scene, (struct faults_told){ .otherwise = VALUE_DENIED });
	run(&scene, 5, 1);
	now = sample(&scene, 0);
	for (unsigned m = PROC_STORED; m < PROC_COUNT; m++)
		check_none(&now->processes[0], m, VALUE_DENIED);
	scene_close(&scene);
}

/* What is not known is not 0, and what was missed is no rate. */
static void test_failed_reading(void **state)
{
	struct scene scene;
	struct snapshot *now;

	(void)state;
	scene_open(&scene, all_told());
	for (int i = 0; i < 3; i++) {
		run(&scene, 5, 1);
		run(&scene, 6, 1);
		count(&scene, 5, 1, 10)->changed = i != 2;
		scene.failed = i == 1;
		now = sample(&scene, i);
		if (i == 1) {
			check_none(&now->processes[0], PROC_FAULTS_COW, VALUE_LOST);
			check_none(&now->processes[1], PROC_FAULTS_COW, VALUE_LOST);
		}
	}
	check(&now->processes[0], PROC_FAULTS_COW, 10);
	check_none(&now->processes[0], PROC_FAULT_RATE_COW, VALUE_PENDING);
	check(&now->processes[1], PROC_FAULTS_COW, 0);
	check_none(&now->processes[1], PROC_FAULT_RATE_COW, VALUE_PENDING);
	scene_close(&scene);
}

static void test_unwanted(void **state)
{
	struct snapshot *snapshot = snapshot_new(&host, 0);
	struct process *process = snapshot_add_process(snapshot), *thread = snapshot_add_thread(snapshot);

	(void)state;
	thread->is_thread = true;
	check_none(process, PROC_FAULTS_COW, VALUE_SKIPPED);
	check_none(thread, PROC_FAULTS_COW, VALUE_NOT_APPLICABLE);
	assert_ptr_equal(snapshot->probes[PROBE_FAULTS], probe_unwanted(PROBE_FAULTS));
	fault_machine_publish(snapshot, VALUE_SKIPPED);
	assert_int_equal(system_value(snapshot, SYS_FAULTS_COW).status, VALUE_SKIPPED);
	snapshot_unref(snapshot);
}

/* -- those that ended ------------------------------------------------------------------------------------- */

static void test_last_values(void **state)
{
	struct scene scene;
	struct snapshot *now;

	(void)state;
	scene_open(&scene, all_told());
	run(&scene, 5, 1);
	run(&scene, 6, 1);
	run(&scene, 7, 1);
	count(&scene, 5, 1, 10);
	count(&scene, 7, 1, 70)->ended = true;	/* after it was scanned, before the probe was read */
	now = sample(&scene, 0);
	assert_int_equal(now->exited_count, 0);
	count(&scene, 5, 1, 14)->ended = true;
	now = sample(&scene, 1);
	assert_int_equal(now->exited_count, 3);
	check(&now->exited[0], PROC_FAULTS_COW, 14);
	check(&now->exited[1], PROC_FAULTS_COW, 0);
	check(&now->exited[2], PROC_FAULTS_COW, 70);
	for (int i = 0; i < 3; i++)
		assert_int_equal(now->exited[i].faults_end, FAULTS_END_NEW);
	now = sample(&scene, 2);
	assert_int_equal(now->exited_count, 3);
	check(&now->exited[0], PROC_FAULTS_COW, 14);
	for (int i = 0; i < 3; i++)
		assert_int_equal(now->exited[i].faults_end, FAULTS_END_TOLD);
	scene_close(&scene);
}

/* The kernel frees a task some time after it is out of sight. */
static void test_late_end(void **state)
{
	struct scene scene;
	struct snapshot *now;

	(void)state;
	scene_open(&scene, all_told());
	run(&scene, 5, 1);
	count(&scene, 5, 1, 10);
	sample(&scene, 0);
	count(&scene, 5, 1, 12);
	now = sample(&scene, 1);
	check(&now->exited[0], PROC_FAULTS_COW, 12);
	assert_int_equal(now->exited[0].faults_end, FAULTS_END_NOT);
	count(&scene, 5, 1, 13)->ended = true;
	now = sample(&scene, 2);
	assert_int_equal(now->exited_count, 1);
	check(&now->exited[0], PROC_FAULTS_COW, 13);
	assert_int_equal(now->exited[0].faults_end, FAULTS_END_NEW);
	scene_close(&scene);
}

static void test_between_samples(void **state)
{
	struct scene scene;
	struct snapshot *now;
	const struct process *row;

	(void)state;
	scene_open(&scene, all_told());
	run(&scene, 4, 1);
	run(&scene, 9, 1);
	sample(&scene, 0);
	run(&scene, 4, 1);
	count(&scene, 5, 2, 10)->ended = true;
	count(&scene, 6, 2, 10);	/* not in the scan yet */
	now = sample(&scene, 1);
	assert_int_equal(now->exited_count, 2);
	row = &now->exited[0];
	check(row, PROC_PID, 5);
	check(row, PROC_START_TIME, 2);
	assert_string_equal(row->text[TEXT_COMM]->s, "short?");
	check(row, PROC_FAULTS_COW, 10);
	assert_int_equal(row->faults_end, FAULTS_END_NEW);
	check_none(row, PROC_RSS, VALUE_GONE);
	check_none(row, PROC_FAULT_RATE_COW, VALUE_GONE);
	check(&now->exited[1], PROC_PID, 9);
	scene_close(&scene);
}

/* Of a storm the ones of the most faults are kept, sample after sample; the others are counted. */
static void test_storm(void **state)
{
	enum { SAMPLES = 4, EACH = EXITED_MAX + 100 };
	struct scene scene;
	struct snapshot *now;

	(void)state;
	scene_open(&scene, all_told());
	for (int i = 0; i < SAMPLES; i++) {
		unsigned found = 0;

		for (int pid = 1; pid <= EACH; pid++)
			count(&scene, pid, 10 + i, (uint64_t)pid)->ended = true;
		now = sample(&scene, i);
		assert_true(now->exited_count <= 2 * EXITED_MAX);
		for (size_t e = 0; e < now->exited_count; e++) {
			const struct process *row = &now->exited[e];

			assert_true(!e || row[-1].amount[PROC_PID] < row->amount[PROC_PID] ||
				    (row[-1].amount[PROC_PID] == row->amount[PROC_PID] &&
				     row[-1].amount[PROC_START_TIME] < row->amount[PROC_START_TIME]));
			if (row->faults_end != FAULTS_END_NEW)
				continue;
			assert_in_range(row->amount[PROC_PID], EACH - EXITED_MAX + 1, EACH);
			assert_int_equal(row->amount[PROC_START_TIME], 10 + i);
			check(row, PROC_FAULTS_COW, row->amount[PROC_PID]);
			found++;
		}
		assert_int_equal(found, EXITED_MAX);
		assert_int_equal(system_value(now, SYS_FAULTS_LOST_PROCESSES).amount, (i + 1) * (EACH - EXITED_MAX));
	}
	scene_close(&scene);
}

/* -- the machine and groups ------------------------------------------------------------------------------- */

static void test_machine(void **state)
{
	struct scene scene;
	struct snapshot *now;

	(void)state;
	scene_open(&scene, all_told());
	count(&scene, 5, 1, 10);
	sample(&scene, 0);
	count(&scene, 5, 1, 30);
	scene.reading.machine.count[FAULT_THP] = 2;
	scene.reading.machine.count[FAULT_INVALID] = 9;
	scene.reading.machine.ns[FAULT_THP] = 4000000;
	scene.reading.lost = 4;
	now = sample(&scene, 4);
	assert_int_equal(now->faults->total.amount, 32);
	assert_int_equal(now->faults->total_rate.amount, 5500);
	assert_int_equal(now->faults->class[FAULT_COW].rate.amount, 5000);
	assert_int_equal(now->faults->class[FAULT_THP].percent.amount, 100);	/* 0.1 % */
	assert_int_equal(now->faults->minor.status, VALUE_UNSUPPORTED);
	assert_int_equal(system_value(now, SYS_FAULTS_SEEN).amount, 32);
	assert_int_equal(system_value(now, SYS_FAULTS_SEEN_RATE).amount, 5500);
	assert_int_equal(system_value(now, SYS_FAULTS_THP).amount, 2);
	assert_int_equal(system_value(now, SYS_FAULT_SECONDS_THP).amount, 4000000);
	assert_int_equal(system_value(now, SYS_FAULTS_INVALID).amount, 9);
	assert_int_equal(system_value(now, SYS_FAULTS_LOST).amount, 4);
	assert_int_equal(system_value(now, SYS_FAULT_BPF).amount, 4096);
	scene_close(&scene);
	/* A tier of totals. */
	scene_open(&scene, (struct faults_told){ .otherwise = VALUE_UNSUPPORTED });
	scene.reading.has_totals = true;
	scene.reading.minor = 100;
	scene.reading.major = 7;
	now = sample(&scene, 0);
	assert_int_equal(now->faults->total.amount, 107);
	assert_int_equal(system_value(now, SYS_FAULTS_MINOR_SEEN).amount, 100);
	assert_int_equal(system_value(now, SYS_FAULTS_MAJOR_SEEN).amount, 7);
	assert_int_equal(system_value(now, SYS_FAULTS_COW).status, VALUE_UNSUPPORTED);
	scene_close(&scene);
}

static void test_totals(void **state)
{
	const struct metric *cow = metric_get(SCOPE_PROCESS, PROC_FAULTS_COW);
	struct arrange_config config = { .grouping = GROUPING_TREE };
	struct arrangement arrangement = { 0 };
	struct scene scene;
	struct snapshot *now;

	(void)state;
	scene_open(&scene, all_told());
	for (int pid = 1; pid < 5; pid++) {
		run(&scene, pid, 1);
		process_set(&scene.now->processes[pid - 1], PROC_PPID, value_ok(pid / 2));
		count(&scene, pid, 1, (uint64_t)pid * 10);
	}
	now = sample(&scene, 0);
	assert_int_equal(arrange(&arrangement, now, &config), 0);
	assert_int_equal(arrange_total(&arrangement.all, cow).amount, 100);
	assert_int_equal(arrangement.rows[1].key, process_key(&now->processes[1]));
	assert_int_equal(arrange_total(&arrangement.totals[arrangement.rows[1].total], cow).amount, 20 + 40);
	assert_int_equal(arrange_total(&arrangement.all, metric_get(SCOPE_PROCESS, PROC_FAULT_MAX)).status,
			 VALUE_NOT_APPLICABLE);
	arrangement_free(&arrangement);
	scene_close(&scene);
}

/* -- quantiles -------------------------------------------------------------------------------------------- */

static int by_size(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* In the bucket that the true quantile of the same latencies is in. */
static void test_quantile_of_latencies(void **state)
{
	enum { COUNT = 1000 };
	static const unsigned quantiles[] = { 1, 10, 500, 900, 990, 999, 1000 };
	uint64_t latencies[COUNT], buckets[FAULT_BUCKETS] = { 0 }, seed = 88172645463325252u;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		latencies[i] = (seed & 0xffffffff) >> (seed >> 32) % 24;
		buckets[latencies[i] < 2 ? 0 : 63 - __builtin_clzll(latencies[i])]++;
	}
	qsort(latencies, COUNT, sizeof *latencies, by_size);
	for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
		uint64_t exact = latencies[quantiles[i] * COUNT / 1000 - 1];
		uint64_t low = exact < 2 ? 0 : UINT64_C(1) << (63 - __builtin_clzll(exact));
		struct bounds bounds;
		struct value value = fault_quantile(buckets, quantiles[i], &bounds);

		assert_int_equal(value.status, VALUE_ESTIMATED);
		assert_in_range(value.amount, low, low ? 2 * low : 2);
		assert_int_equal(bounds.low, low);
		assert_int_equal(bounds.high, low ? 2 * low : 2);
	}
}

static void test_quantile_ends(void **state)
{
	uint64_t buckets[FAULT_BUCKETS] = { 0 };
	struct bounds bounds;

	(void)state;
	assert_int_equal(fault_quantile(buckets, 500, NULL).status, VALUE_NOT_APPLICABLE);
	buckets[10] = 100;
	assert_int_equal(fault_quantile(buckets, 0, NULL).amount, 1024);
	assert_int_equal(fault_quantile(buckets, 500, NULL).amount, 1536);
	assert_int_equal(fault_quantile(buckets, 1000, NULL).amount, 2048);
	buckets[10] = 0;
	buckets[FAULT_BUCKETS - 1] = 1;
	assert_true(fault_quantile(buckets, 990, &bounds).amount > INT64_C(1) << (FAULT_BUCKETS - 1));
	assert_int_equal(bounds.low, INT64_C(1) << (FAULT_BUCKETS - 1));
	assert_int_equal(bounds.high, INT64_MAX);
	buckets[0] = UINT64_MAX / 2;
	assert_in_range(fault_quantile(buckets, 990, NULL).amount, 0, 2);
}

/* -- attaching -------------------------------------------------------------------------------------------- */

/* By the tier that works everywhere: it is there as long as needed and a minute more, and what snapshots point to stays. */
static void test_linger(void **state)
{
	struct rootfs root;
	struct faults_probe probe = { .root = &root };
	const struct attached_status *first;
	struct snapshot *snapshot = snapshot_new(&host, 0);

	(void)state;
	assert_int_equal(rootfs_open(&root, NULL, NULL), 0);
	probe.wish = (struct probe_wish){ .faults = { .tier = FAULT_TIER_PROCFS, .part = FAULT_PART_TOTALS } };
	assert_int_equal(faults_probe_demand(&probe, true, 1, NULL), 0);
	assert_null(probe.source);	/* not allowed */
	probe.wish.allowed = true;
	assert_int_equal(faults_probe_demand(&probe, false, 1, NULL), 0);
	assert_null(probe.source);	/* not needed */
	assert_int_equal(faults_probe_demand(&probe, true, 100 * second, NULL), 0);
	assert_non_null(probe.source);
	faults_probe_read(&probe, true, NULL, snapshot);
	faults_probe_finish(&probe, true, snapshot);
	assert_string_equal(probe_tier_name(snapshot->probes[PROBE_FAULTS]), "procfs");
	assert_int_equal(snapshot->faults->total.status, VALUE_OK);
	assert_int_equal(system_value(snapshot, SYS_FAULTS_COW).status, VALUE_UNSUPPORTED);
	first = probe.statuses;
	faults_probe_demand(&probe, false, 159 * second, NULL);
	assert_non_null(probe.source);
	faults_probe_demand(&probe, true, 159 * second, NULL);
	faults_probe_demand(&probe, false, 218 * second, NULL);
	assert_non_null(probe.source);
	assert_ptr_equal(probe.statuses, first);
	faults_probe_demand(&probe, false, 219 * second, NULL);
	assert_null(probe.source);
	faults_probe_demand(&probe, true, 220 * second, NULL);
	assert_non_null(probe.source);
	assert_ptr_not_equal(probe.statuses, first);
	assert_string_equal(probe_tier_name(snapshot->probes[PROBE_FAULTS]), "procfs");
	snapshot_unref(snapshot);
	faults_probe_close(&probe);
	rootfs_close(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_kept_snapshot),
		cmocka_unit_test(test_untold),
		cmocka_unit_test(test_failed_reading),
		cmocka_unit_test(test_unwanted),
		cmocka_unit_test(test_last_values),
		cmocka_unit_test(test_late_end),
		cmocka_unit_test(test_between_samples),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_quantile_of_latencies),
		cmocka_unit_test(test_quantile_ends),
		cmocka_unit_test(test_linger),
	};

	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
