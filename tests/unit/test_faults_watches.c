/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Latencies of single processes: of a kernel that is played here, which counts by pid, each process gets its own and no other's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/derive.h"
#include "model/faults.h"
#include "sampler/faults_rows.h"
#include "sampler/faults_watches.h"
#include "source/faults_tier.h"

static const struct host host;

enum { READS_MAX = 16, BUCKET = 10 };

/* The kernel with its processes, and who looks at it. */
struct world {
	struct faults source;
	int32_t pids[FAULT_WATCHED_MAX];
	uint64_t watched[FAULT_WATCHED_MAX][FAULT_CLASSES][FAULT_BUCKETS];
	struct fault_process reads[READS_MAX], *list[READS_MAX];	/* sorted */
	struct fault_reading reading;
	struct faults_rows rows;
	struct faults_watches watches;
	struct snapshot *previous, *now;
};

/* Those that were watched already go on, others begin with nothing: see faults.h. */
static int watch(struct faults *source, const int32_t pids[FAULT_WATCHED_MAX])
{
	struct world *world = (struct world *)source;

	for (int i = 0; i < FAULT_WATCHED_MAX; i++)
		if (pids[i] != world->pids[i])
			memset(world->watched[i], 0, sizeof world->watched[i]);
	memcpy(world->pids, pids, sizeof world->pids);
	return 0;
}

static void open_world(struct world *world)
{
	struct faults_told told = { .processes = true, .latency = true, .memory = true };

	memset(told.class, true, sizeof told.class);
	*world = (struct world){ .source = { .watch = watch, .tells_latency = true } };
	assert_int_equal(faults_rows_init(&world->rows, &told), 0);
	world->now = snapshot_new(&host, 0);
}

static void close_world(struct world *world)
{
	snapshot_unref(world->previous);
	snapshot_unref(world->now);
	faults_rows_free(&world->rows);
}

static struct fault_process *process_of(struct world *world, int pid, int start)
{
	struct fault_reading *reading = &world->reading;
	size_t at = 0;

	while (at < reading->count && (world->reads[at].pid < pid || (world->reads[at].pid == pid &&
								       world->reads[at].start_time < (uint64_t)start)))
		at++;
	if (at == reading->count || world->reads[at].pid != pid || world->reads[at].start_time != (uint64_t)start) {
		assert_true(reading->count < READS_MAX);
		memmove(&world->reads[at + 1], &world->reads[at], (reading->count++ - at) * sizeof *world->reads);
		world->reads[at] = (struct fault_process){ .pid = pid, .start_time = (uint64_t)start };
	}
	return &world->reads[at];
}

/* Process PID, which started at START, takes COWS faults of 1 to 2 us. */
static void take(struct world *world, int pid, int start, uint64_t cows)
{
	struct fault_process *process = process_of(world, pid, start);

	process->sums.count[FAULT_COW] += cows;
	process->sums.ns[FAULT_COW] += cows * 1500;
	process->changed = true;
	for (int i = 0; i < FAULT_WATCHED_MAX; i++)
		if (world->pids[i] == pid)
			world->watched[i][FAULT_COW][BUCKET] += cows;
}

static void end(struct world *world, int pid, int start)
{
	process_of(world, pid, start)->ended = true;
}

/* The scan finds it. */
static void run(struct world *world, int pid, int start)
{
	struct process *row = snapshot_add_process(world->now);

	process_set(row, PROC_PID, value_ok(pid));
	process_set(row, PROC_START_TIME, value_ok(start));
}

/* What was ended is told for the last time. */
static void forget_ended(struct world *world)
{
	size_t kept = 0;

	for (size_t i = 0; i < world->reading.count; i++) {
		world->reads[i].changed = false;
		if (!world->reads[i].ended)
			world->reads[kept++] = world->reads[i];
	}
	world->reading.count = kept;
}

static struct snapshot *sample(struct world *world)
{
	struct snapshot *now = world->now;

	now->boottime_ns = world->previous ? world->previous->boottime_ns + 1000000000 : 0;
	for (size_t i = 0; i < world->reading.count; i++)
		world->list[i] = &world->reads[i];
	world->reading.processes = world->list;
	world->reading.watched = world->watched;
	faults_rows_fill(&world->rows, &world->reading, world->previous, now);
	derive(world->previous, now);
	faults_rows_end(&world->rows, &world->reading, now);
	faults_watches_fill(&world->watches, &world->source, &world->reading, now);
	forget_ended(world);
	snapshot_unref(world->previous);
	world->previous = now;
	world->now = snapshot_new(&host, 0);
	return now;
}

static void choose(struct world *world, int32_t first, const int32_t *pids, size_t count, bool attached)
{
	int32_t chosen[FAULT_WATCHED_MAX];

	if (!attached) {
		faults_watches_choose(&world->watches, &world->source, first, pids, count);
		return;
	}
	/* As the source does when it is attached. */
	faults_watches_begin(&world->watches, first, pids, count, chosen);
	faults_watch(&world->source, chosen);
}

/* ROW has a histogram of this many faults. */
static void check(const struct process *row, uint64_t cows, bool whole)
{
	const struct fault_latencies *latencies = row->faults->latencies;

	assert_non_null(latencies);
	assert_int_equal(latencies->buckets[FAULT_COW][BUCKET], cows);
	assert_int_equal(latencies->whole, whole);
	assert_int_equal(process_value(row, PROC_FAULT_P50).status, cows ? VALUE_ESTIMATED : VALUE_NOT_APPLICABLE);
	if (!cows)
		return;
	assert_in_range(process_value(row, PROC_FAULT_P99).amount, 1024, 2048);
	assert_int_equal(process_bounds(row, PROC_FAULT_P50)->low, 1024);
	assert_int_equal(process_bounds(row, PROC_FAULT_P99)->high, 2048);
}

static void check_none(const struct process *row)
{
	assert_null(row->faults->latencies);
	assert_int_equal(process_value(row, PROC_FAULT_P50).status, VALUE_SKIPPED);
	assert_int_equal(process_value(row, PROC_FAULT_P99).status, VALUE_SKIPPED);
	assert_null(process_bounds(row, PROC_FAULT_P50));
}

/* -- who is watched --------------------------------------------------------------------------------------- */

static void test_watched(void **state)
{
	static const int32_t pids[] = { 5, 7 };
	struct world world;
	struct snapshot *now, *kept;

	(void)state;
	open_world(&world);
	choose(&world, 0, pids, 2, true);
	take(&world, 5, 1, 10);
	take(&world, 6, 1, 10);
	for (int pid = 5; pid < 8; pid++)
		run(&world, pid, 1);
	kept = snapshot_ref(sample(&world));
	for (int i = 1; i < 4; i++) {
		for (int pid = 5; pid < 8; pid++)
			run(&world, pid, 1);
		take(&world, 5, 1, i == 2);	/* with a sample of no fault before and after */
		now = sample(&world);
		check(&now->processes[0], 10 + (i >= 2), true);
		check_none(&now->processes[1]);
		check(&now->processes[2], 0, true);
	}
	check(&kept->processes[0], 10, true);
	snapshot_unref(kept);
	/* Who is watched no more has nothing of what was, though its faults are those of the sample before. */
	choose(&world, 0, pids + 1, 1, false);
	run(&world, 5, 1);
	run(&world, 7, 1);
	now = sample(&world);
	check_none(&now->processes[0]);
	assert_int_equal(process_value(&now->processes[0], PROC_FAULTS_COW).amount, 11);
	check(&now->processes[1], 0, true);
	close_world(&world);
}

/* The one looked at comes first, those given go on beside it as far as there is place. */
static void test_first(void **state)
{
	static const int32_t pids[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	struct world world;
	struct snapshot *now;

	(void)state;
	open_world(&world);
	choose(&world, 0, pids, 10, true);
	assert_int_equal(world.watches.left_out, 2);
	for (int step = 0; step < 3; step++) {
		if (step == 1)
			choose(&world, 9, pids, 10, false);
		if (step == 2)
			choose(&world, 3, pids, 8, false);
		for (int pid = 1; pid <= 10; pid++) {
			run(&world, pid, 1);
			take(&world, pid, 1, (uint64_t)pid);
		}
		now = sample(&world);
		for (int pid = 1; pid <= 7; pid++)
			check(&now->processes[pid - 1], (uint64_t)(pid * (step + 1)), true);
		check_none(&now->processes[9]);
		if (step == 1) {
			assert_int_equal(world.watches.left_out, 2);
			check_none(&now->processes[7]);
			check(&now->processes[8], 9, false);
		} else {
			check(&now->processes[7], 8, !step);
			check_none(&now->processes[8]);
		}
	}
	assert_int_equal(world.watches.left_out, 0);
	close_world(&world);
}

/* -- whose it is ------------------------------------------------------------------------------------------ */

static const int32_t five = 5;

/* Process 5, started at 1, is watched from the start, has taken 10 and been seen. */
static void open_taken(struct world *world)
{
	open_world(world);
	choose(world, 0, &five, 1, true);
	run(world, 5, 1);
	take(world, 5, 1, 10);
	sample(world);
}

/* What it took after the last scan that saw it, too. */
static void test_ended(void **state)
{
	struct world world;
	struct snapshot *now;

	(void)state;
	open_taken(&world);
	take(&world, 5, 1, 3);	/* out of sight, but the kernel has not freed it yet */
	now = sample(&world);
	assert_int_equal(now->exited_count, 1);
	check(&now->exited[0], 13, true);
	take(&world, 5, 1, 1);
	end(&world, 5, 1);
	now = sample(&world);
	assert_int_equal(now->exited[0].faults_end, FAULTS_END_NEW);
	check(&now->exited[0], 14, true);
	/* The next owner has nothing of it. */
	take(&world, 5, 9, 2);
	run(&world, 5, 9);
	now = sample(&world);
	check(&now->exited[0], 14, true);
	check(&now->processes[0], 2, false);
	close_world(&world);
}

/* Both took faults between two samples: whose is whose nobody knows. */
static void test_reused(void **state)
{
	struct world world;
	struct snapshot *now;

	(void)state;
	open_taken(&world);
	take(&world, 5, 1, 3);
	end(&world, 5, 1);
	take(&world, 5, 9, 4);
	run(&world, 5, 9);
	now = sample(&world);
	check_none(&now->processes[0]);
	check(&now->exited[0], 10, true);	/* as last seen */
	run(&world, 5, 9);
	take(&world, 5, 9, 2);
	now = sample(&world);
	check(&now->processes[0], 2, false);
	close_world(&world);
}

/* The kernel tells the end of the one before late: it gets nothing of the next one's, nor loses what was known of it. */
static void test_late_end(void **state)
{
	struct world world;
	struct snapshot *now;

	(void)state;
	open_taken(&world);
	take(&world, 5, 9, 4);
	run(&world, 5, 9);
	now = sample(&world);
	check(&now->exited[0], 10, true);
	check_none(&now->processes[0]);
	end(&world, 5, 1);
	run(&world, 5, 9);
	take(&world, 5, 9, 2);
	now = sample(&world);
	check(&now->exited[0], 10, true);
	check(&now->processes[0], 2, false);
	close_world(&world);

	open_world(&world);
	choose(&world, 0, &five, 1, true);
	run(&world, 5, 9);
	sample(&world);
	end(&world, 5, 1);
	run(&world, 5, 9);
	take(&world, 5, 9, 2);
	check(&sample(&world)->processes[0], 2, true);
	close_world(&world);
}

/* A process that takes none is told by the scan alone. */
static void test_reused_quietly(void **state)
{
	struct world world;
	struct snapshot *now;

	(void)state;
	open_world(&world);
	choose(&world, 0, &five, 1, true);
	run(&world, 5, 1);
	sample(&world);
	run(&world, 5, 9);
	now = sample(&world);
	check_none(&now->processes[0]);
	run(&world, 5, 9);
	take(&world, 5, 9, 2);
	now = sample(&world);
	check(&now->processes[0], 2, false);
	close_world(&world);
}

/* It comes after the attaching, before or after a scan, and may be gone before the next. */
static void test_born_later(void **state)
{
	struct world world;
	struct snapshot *now;

	(void)state;
	open_world(&world);
	choose(&world, 0, &five, 1, true);
	sample(&world);
	take(&world, 5, 3, 6);	/* between the scan and the reading */
	sample(&world);
	run(&world, 5, 3);
	take(&world, 5, 3, 1);
	now = sample(&world);
	check(&now->processes[0], 7, true);
	close_world(&world);

	open_world(&world);
	choose(&world, 0, &five, 1, true);
	sample(&world);
	take(&world, 5, 3, 6);
	end(&world, 5, 3);
	now = sample(&world);
	check(&now->exited[0], 6, true);
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watched),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_reused),
		cmocka_unit_test(test_late_end),
		cmocka_unit_test(test_reused_quietly),
		cmocka_unit_test(test_born_later),
	};

	return cmocka_run_group_tests_name("faults_watches", tests, NULL, NULL);
}
