/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPU budget of PSS reads, on a captured tree where a read costs some microseconds and time is what the
 * test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sampler/pss.h"
#include "util/clock.h"

#define SECOND_NS INT64_C(1000000000)

enum {
	TINY_PPM = 1,		/* 2 us are kept: a process is read as long as there is any, so one at a time */
	READABLE_MIN = 4,	/* processes of the tree that can be read */
};

struct fixture {
	struct rootfs root;
	struct task_source *source;
	struct task_table table;
	struct procfs procfs;
	struct track track;
	struct guard guard;
	struct pss *pss;
	int64_t now_ns;
};

static void open_fixture(struct fixture *f)
{
	struct pss_config config = {
		.budget_ppm = TINY_PPM, .first_budget_ppm = 1000000, .stall_limit_ns = SECOND_NS, .page_bytes = 4096,
		.interval_ns = SECOND_NS,
	};
	struct err err;

	*f = (struct fixture){ .now_ns = 0 };
	assert_int_equal(rootfs_open(&f->root, TEST_DATA_DIR "/cli/tree", &err), 0);
	f->source = task_source_open_procfs(&f->root, &err);
	assert_non_null(f->source);
	assert_int_equal(task_source_scan(f->source, &f->table), 0);
	assert_int_equal(procfs_open(&f->procfs, &f->root), 0);
	assert_int_equal(track_open(&f->track), 0);
	guard_open(&f->guard, &f->root);
	f->pss = pss_new(&config, &f->procfs, &f->track, &f->guard);
	assert_non_null(f->pss);
	track_update(&f->track, f->table.rows, f->table.count);
	for (size_t i = 0; i < f->track.count; i++)
		tracked_complete(&f->track, f->track.list[i]);
	assert_true(pss_first_pass(f->pss, 60 * SECOND_NS));
	assert_true(pss_stats(f->pss)->reads >= READABLE_MIN);
	/* After the pauses between two reads of one process. */
	f->now_ns = clock_boottime_ns() + 3600 * SECOND_NS;
	pss_update(f->pss, f->now_ns);
}

static void close_fixture(struct fixture *f)
{
	pss_free(f->pss);
	track_close(&f->track);
	guard_close(&f->guard);
	procfs_close(&f->procfs);
	task_table_free(&f->table);
	task_source_close(f->source);
	rootfs_close(&f->root);
}

/* Makes everybody due. */
static void forget(struct fixture *f)
{
	for (size_t i = 0; i < f->track.count; i++) {
		f->track.list[i]->verdict = PSS_NEVER;
		f->track.list[i]->not_before_ns = 0;
	}
}

/* How many are read when the next update comes after SECONDS. */
static uint64_t reads_after(struct fixture *f, int64_t seconds)
{
	uint64_t before = pss_stats(f->pss)->reads;

	f->now_ns += seconds * SECOND_NS;
	pss_update(f->pss, f->now_ns);
	return pss_stats(f->pss)->reads - before;
}

/* A machine that slept for a day has not saved up a day's budget; one that is looked at once a day has. */
static void test_kept(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	forget(&f);
	assert_int_equal(reads_after(&f, 86400), 1);
	pss_set_interval(f.pss, 86400 * SECOND_NS);
	forget(&f);
	assert_true(reads_after(&f, 86400) > 1);
	close_fixture(&f);
}

/* What the user asks for is not paid by everybody else. */
static void test_asked_for(void **state)
{
	struct fixture f;
	uint64_t reads;

	(void)state;
	open_fixture(&f);
	for (size_t i = 0; i < f.track.count; i++)
		f.track.list[i]->want_exact = true;
	reads = reads_after(&f, 1);
	assert_true(reads >= READABLE_MIN);
	forget(&f);
	assert_int_equal(reads_after(&f, 1), 1);
	close_fixture(&f);
}

/* Coming back from a rest: nobody's reading is lost, those never tried are a first pass, and the rest earned
 * nothing. */
static void test_begin(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	pss_begin(f.pss, false);
	assert_true(pss_first_pass_done(f.pss));
	assert_int_equal(reads_after(&f, 86400), 0);
	forget(&f);
	pss_begin(f.pss, false);
	assert_false(pss_first_pass_done(f.pss));
	assert_int_equal(reads_after(&f, 1), 0);
	assert_true(pss_first_pass(f.pss, 60 * SECOND_NS));
	forget(&f);
	f.track.list[f.track.count - 2]->watched = true;
	pss_begin(f.pss, true);
	assert_true(pss_first_pass_done(f.pss));
	reads_after(&f, 1);
	for (size_t i = 0; i < f.track.count; i++)
		assert_true(f.track.list[i]->watched == (f.track.list[i]->verdict != PSS_NEVER));
	close_fixture(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_asked_for),
		cmocka_unit_test(test_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
