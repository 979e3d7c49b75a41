/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Following processes from scan to scan: who is new, gone, changed, another one with the same pid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sampler/estimate.h"
#include "sampler/track.h"

enum { MIB = 1 << 20, PAGE = 4096 };

static struct task_sample sample(int32_t pid, uint64_t start, int64_t anon, uint64_t image)
{
	return (struct task_sample){
		.pid = pid, .start_time = start, .have = TASK_HAVE_CORE | TASK_HAVE_KINDS | TASK_HAVE_DETAIL | TASK_HAVE_IMAGE,
		.comm = "test", .state = 'S', .threads = 1, .rss_bytes = anon, .rss_anon_bytes = anon, .image = image,
		.mm_id = (uint64_t)pid, .virtual_bytes = 2 * anon, .faults_minor = (uint64_t)anon / PAGE,
	};
}

static void scan(struct track *track, const struct task_sample *rows, size_t count)
{
	track_update(track, rows, count);
	for (size_t i = 0; i < track->count; i++)
		tracked_complete(track, track->list[i]);
}

/* As if T had just been read, all of its anonymous memory its own. */
static void read_exactly(struct tracked *t)
{
	t->verdict = PSS_EXACT;
	t->exact.at_ns = 1;
	t->exact.signature = t->signature;
	t->exact.smaps.bytes[SMAPS_PSS] = t->exact.smaps.bytes[SMAPS_PSS_ANON] = t->signature.rss[SHARE_ANON];
	t->exact.smaps.have = ~0u;
	share_settle(&t->share);
}

static void test_come_and_go(void **state)
{
	const struct task_sample first[] = { sample(10, 1, MIB, 1), sample(20, 2, MIB, 2), sample(30, 3, MIB, 3) };
	const struct task_sample second[] = { sample(5, 9, MIB, 5), sample(10, 1, MIB, 1), sample(20, 8, MIB, 2) };
	struct track track;
	struct tracked *ten;

	(void)state;
	assert_int_equal(track_open(&track), 0);
	scan(&track, first, 3);
	ten = track_find(&track, 10);
	assert_true(ten->is_new && ten->initial);
	read_exactly(ten);
	read_exactly(track_find(&track, 20));
	scan(&track, second, 3);
	assert_int_equal(track.count, 3);
	assert_ptr_equal(track_find(&track, 10), ten);
	assert_false(ten->is_new);
	assert_true(tracked_still_exact(ten));
	assert_null(track_find(&track, 30));
	assert_true(track_find(&track, 5)->is_new);
	assert_false(track_find(&track, 5)->initial);
	/* The same pid with another start time is another process. */
	assert_true(track_find(&track, 20)->is_new);
	assert_int_equal(track_find(&track, 20)->verdict, PSS_NEVER);
	scan(&track, NULL, 0);
	assert_int_equal(track.count, 0);
	assert_int_equal(share_member_count(track.shares), 0);
	track_close(&track);
}

static void test_exec_forgets(void **state)
{
	struct task_sample row = sample(10, 1, 64 * MIB, 1);
	struct track track;
	struct tracked *t;

	(void)state;
	track_open(&track);
	scan(&track, &row, 1);
	t = track_find(&track, 10);
	read_exactly(t);
	row.image = 2;
	row.rss_bytes = row.rss_anon_bytes = MIB;
	scan(&track, &row, 1);
	assert_true(t->execed);
	assert_int_equal(t->verdict, PSS_NEVER);
	assert_false(tracked_still_exact(t));
	track_close(&track);
}

/* A fork is known from the scan it happens in: the parent's old reading is expected to be half off. */
static void test_fork_and_exit(void **state)
{
	struct task_sample rows[] = { sample(10, 1, 128 * MIB, 1), sample(11, 2, 128 * MIB, 1) };
	struct estimate estimate;
	struct track track;
	struct tracked *parent;

	(void)state;
	track_open(&track);
	scan(&track, rows, 1);
	parent = track_find(&track, 10);
	read_exactly(parent);
	scan(&track, rows, 2);
	assert_false(tracked_still_exact(parent));
	assert_int_equal(parent->share.error[SHARE_ANON], -64 * MIB);
	estimate_pss(parent, false, &estimate);
	assert_int_equal(estimate.bytes[EST_PSS], 64 * MIB);
	assert_true(estimate.bounds[EST_PSS].low <= 64 * MIB && estimate.bounds[EST_PSS].high >= 128 * MIB);
	scan(&track, rows, 1);
	assert_true(tracked_still_exact(parent));
	track_close(&track);
}

static void test_estimates_follow_rss(void **state)
{
	struct task_sample row = sample(10, 1, 100 * MIB, 1);
	struct estimate estimate;
	struct track track;
	struct tracked *t;

	(void)state;
	track_open(&track);
	scan(&track, &row, 1);
	t = track_find(&track, 10);
	/* Never read: all of it its own, as far as anybody knows. */
	estimate_pss(t, false, &estimate);
	assert_int_equal(estimate.bytes[EST_PSS], 100 * MIB);
	assert_true(estimate.bounds[EST_PSS].low > 99 * MIB);
	/* Merged pages may be anybody's. */
	estimate_pss(t, true, &estimate);
	assert_int_equal(estimate.bounds[EST_PSS].low, 0);
	read_exactly(t);
	t->exact.smaps.bytes[SMAPS_PSS_ANON] = 60 * MIB;
	row.rss_bytes = row.rss_anon_bytes = 130 * MIB;
	scan(&track, &row, 1);
	estimate_pss(t, false, &estimate);
	assert_in_range(estimate.bytes[EST_PSS], 69 * MIB, 130 * MIB);
	assert_true(estimate.bounds[EST_PSS].low <= estimate.bytes[EST_PSS]);
	assert_true(estimate.bytes[EST_PSS] <= estimate.bounds[EST_PSS].high);
	track_close(&track);
}

/* Huge mappings make a walk short, until faults may have replaced them. */
static void test_walk_pages(void **state)
{
	struct task_sample row = sample(10, 1, 1024 * MIB, 1);
	struct track track;
	struct tracked *t;

	(void)state;
	row.faults_minor = 600;
	track_open(&track);
	scan(&track, &row, 1);
	t = track_find(&track, 10);
	assert_int_equal(tracked_walk_pages(t, PAGE), 1024 * MIB / PAGE + 1);
	read_exactly(t);
	t->exact.smaps.bytes[SMAPS_ANON_HUGE] = 1024 * MIB;
	assert_int_equal(tracked_walk_pages(t, PAGE), 512 + 1);
	row.faults_minor += 131072;
	scan(&track, &row, 1);
	assert_int_equal(tracked_walk_pages(t, PAGE), 131072 + 256 + 1);
	row.faults_minor += 1000000;
	scan(&track, &row, 1);
	assert_int_equal(tracked_walk_pages(t, PAGE), 1024 * MIB / PAGE + 1);
	track_close(&track);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_come_and_go),
		cmocka_unit_test(test_exec_forgets),
		cmocka_unit_test(test_fork_and_exit),
		cmocka_unit_test(test_estimates_follow_rss),
		cmocka_unit_test(test_walk_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
