/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which tier of the fault probe is taken, and what is said of the others. The BPF tiers are this file's, so
 * that they can fail and miscount on purpose; perf and procfs are the real ones. The one that counts right has
 * its counts from the kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "source/faults_tier.h"

/* What the tiers fentry, kprobe, tracepoint and bpf-iterator do. */
static enum behaviour { FAILS, RIGHT, LOSES_SOME, COUNTS_TWICE, MISTAKES_CLASS, UNREADABLE, OTHER_PROCESS } plan[4];

struct fake {
	struct faults base;
	enum behaviour behaviour;
	unsigned readings;
	struct fault_process process, *list[1];
};

static int opened, closed;

static uint64_t own_faults(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
}

static int read_fake(struct faults *faults, struct fault_reading *reading)
{
	struct fake *fake = (struct fake *)faults;
	uint64_t count = own_faults();

	if (fake->behaviour == UNREADABLE)
		return -EIO;
	/* One reading is of before, the other of after the faults that the self-test takes. */
	if (fake->behaviour == LOSES_SOME && fake->readings++)
		count -= 33;
	fake->process = (struct fault_process){ .pid = getpid() };
	if (fake->behaviour == OTHER_PROCESS)
		fake->process.pid = getppid();
	fake->process.sums.count[fake->behaviour == MISTAKES_CLASS ? FAULT_COW : FAULT_DEMAND_ZERO] =
		fake->behaviour == COUNTS_TWICE ? 2 * count : count;
	/* What the kernel does not account is no part of the sum. */
	fake->process.sums.count[FAULT_SIGBUS] = count * 5;
	fake->list[0] = &fake->process;
	reading->processes = fake->list;
	reading->count = 1;
	return 0;
}

static void close_fake(struct faults *faults)
{
	closed++;
	free(faults);
}

struct faults *faults_open_bpf(const struct rootfs *root, enum fault_tier tier, const struct faults_config *config,
			       struct tier_failure *failure)
{
	struct fake *fake;

	(void)root;
	(void)config;
	if (plan[tier] == FAILS) {
		tier_fail(failure, "be root", "tier %d is\nnot to be had", (int)tier);
		return NULL;
	}
	fake = calloc(1, sizeof *fake);
	assert_non_null(fake);
	fake->behaviour = plan[tier];
	fake->base = (struct faults){
		.completion = "fake", .tells_processes = true, .tells_latency = true, .read = read_fake, .close = close_fake,
	};
	fake->base.tells_class[FAULT_DEMAND_ZERO] = tier != FAULT_TIER_ITERATOR;
	opened++;
	return &fake->base;
}

static enum behaviour iterator = FAILS;

static struct faults *open_tiers(enum behaviour fentry, enum behaviour kprobe, enum behaviour tracepoint,
				 const struct faults_config *config, struct probe_status *status, struct err *err)
{
	struct rootfs root;
	struct faults *faults;

	plan[0] = fentry;
	plan[1] = kprobe;
	plan[2] = tracepoint;
	plan[3] = iterator;
	opened = closed = 0;
	assert_int_equal(rootfs_open(&root, NULL, err), 0);
	faults = faults_open(&root, config, status, err);
	rootfs_close(&root);
	return faults;
}

static void test_best_first(void **state)
{
	struct faults_config config = { .tier = -1, .part = FAULT_PART_LATENCY };
	struct probe_status status;
	struct err err;
	struct faults *faults = open_tiers(RIGHT, RIGHT, RIGHT, &config, &status, &err);
	char why[512];
	(void)state;

	assert_non_null(faults);
	assert_int_equal(opened, 1);
	assert_string_equal(probe_tier_name(&status), "fentry");
	assert_string_equal(status.completion, "fake");
	assert_true(status.wanted && status.attached_boottime_ns > 0 && status.attached_real_ns > 0);
	assert_int_equal(status.tiers[FAULT_TIER_KPROBE].state, TIER_UNTRIED);
	probe_why(&status, why, sizeof why);
	assert_string_equal(why, "");
	faults_close(faults);
	assert_int_equal(closed, 1);
}

static void test_failures_are_told(void **state)
{
	struct faults_config config = { .tier = -1, .part = FAULT_PART_CLASSES };
	struct probe_status status;
	struct err err;
	struct faults *faults = open_tiers(FAILS, FAILS, RIGHT, &config, &status, &err);
	char why[512];
	(void)state;

	assert_non_null(faults);
	assert_string_equal(probe_tier_name(&status), "tracepoint");
	probe_why(&status, why, sizeof why);
	assert_string_equal(why, "fentry: tier 0 is?not to be had (be root)");
	assert_int_equal(status.tiers[FAULT_TIER_KPROBE].state, TIER_FAILED);
	probe_why(&status, why, 12);
	assert_string_equal(why, "fentry: tie");
	faults_close(faults);
}

/* A tier that miscounts is passed over, and let go. */
static void check_refused(enum behaviour behaviour, enum fault_part part, const char *reason)
{
	struct faults_config config = { .tier = -1, .part = part };
	struct probe_status status;
	struct err err;
	struct faults *faults = open_tiers(behaviour, RIGHT, RIGHT, &config, &status, &err);

	assert_non_null(faults);
	assert_string_equal(probe_tier_name(&status), "kprobe");
	assert_non_null(strstr(status.tiers[FAULT_TIER_FENTRY].reason, reason));
	assert_int_equal(opened, 2);
	assert_int_equal(closed, 1);
	faults_close(faults);
}

static void test_miscounts(void **state)
{
	(void)state;
	check_refused(LOSES_SOME, FAULT_PART_CLASSES, "self-test: counts ");
	check_refused(COUNTS_TWICE, FAULT_PART_CLASSES, "self-test: counts ");
	check_refused(OTHER_PROCESS, FAULT_PART_CLASSES, "self-test: counts 0 of our own faults");
	check_refused(UNREADABLE, FAULT_PART_CLASSES, "self-test: Input/output error");
	check_refused(MISTAKES_CLASS, FAULT_PART_CLASSES, "self-test: takes 0 of 64 first writes");
}

static void test_totals_know_no_classes(void **state)
{
	struct faults_config config = { .tier = FAULT_TIER_FENTRY, .part = FAULT_PART_TOTALS };
	struct probe_status status;
	struct err err;
	struct faults *faults = open_tiers(MISTAKES_CLASS, FAILS, FAILS, &config, &status, &err);
	(void)state;

	assert_non_null(faults);
	assert_string_equal(probe_tier_name(&status), "fentry");
	faults_close(faults);
}

/* For totals no fault is looked at, and who looks at none is not enough for classes. */
static void test_totals_of_processes(void **state)
{
	struct faults_config config = { .tier = -1, .part = FAULT_PART_TOTALS, .whole = true };
	struct probe_status status;
	struct err err;
	struct faults *faults;
	(void)state;

	iterator = RIGHT;
	faults = open_tiers(RIGHT, RIGHT, RIGHT, &config, &status, &err);
	assert_non_null(faults);
	assert_string_equal(probe_tier_name(&status), "bpf-iterator");
	assert_int_equal(status.tiers[FAULT_TIER_FENTRY].state, TIER_UNTRIED);
	assert_int_equal(opened, 1);
	faults_close(faults);
	config.part = FAULT_PART_CLASSES;
	assert_null(open_tiers(FAILS, FAILS, FAILS, &config, &status, &err));
	assert_non_null(strstr(status.tiers[FAULT_TIER_ITERATOR].reason, "only totals"));
	iterator = LOSES_SOME;
	config = (struct faults_config){ .tier = FAULT_TIER_ITERATOR, .part = FAULT_PART_TOTALS };
	assert_null(open_tiers(FAILS, FAILS, FAILS, &config, &status, &err));
	assert_non_null(strstr(err.text, "self-test: counts "));
	iterator = FAILS;
}

static void test_one_tier_or_none(void **state)
{
	struct faults_config config = { .tier = FAULT_TIER_KPROBE, .part = FAULT_PART_LATENCY };
	struct probe_status status;
	struct err err;
	struct faults *faults;
	char why[512];
	(void)state;

	assert_null(open_tiers(RIGHT, FAILS, RIGHT, &config, &status, &err));
	assert_int_equal(opened, 0);
	assert_string_equal(err.text, "faults: kprobe: tier 1 is?not to be had (be root)");
	assert_string_equal(probe_tier_name(&status), "none");
	assert_int_equal(status.attached_boottime_ns, 0);
	config.tier = FAULT_TIER_TRACEPOINT;
	faults = open_tiers(RIGHT, RIGHT, RIGHT, &config, &status, &err);
	assert_non_null(faults);
	probe_why(&status, why, sizeof why);
	assert_string_equal(why, "chosen by --tier faults=tracepoint");
	faults_close(faults);
}

/* What needs no privilege is there when all else fails, unless it would not do. */
static void test_totals_only(void **state)
{
	struct faults_config config = { .tier = -1, .part = FAULT_PART_LATENCY };
	struct probe_status status;
	struct err err;
	struct faults *faults = open_tiers(FAILS, FAILS, FAILS, &config, &status, &err);
	(void)state;

	assert_non_null(faults);
	assert_false(faults_tells_processes(faults) || faults_tells_latency(faults) ||
		     faults_tells_class(faults, FAULT_COW));
	faults_close(faults);
	config.whole = true;
	assert_null(open_tiers(FAILS, FAILS, FAILS, &config, &status, &err));
	assert_string_equal(err.text, "faults: fentry: tier 0 is?not to be had (be root)");
	assert_non_null(strstr(status.tiers[FAULT_TIER_PROCFS].reason, "only totals"));
	config.part = FAULT_PART_TOTALS;
	faults = open_tiers(FAILS, FAILS, FAILS, &config, &status, &err);
	assert_non_null(faults);
	faults_close(faults);
}

static void test_captured_machine(void **state)
{
	struct faults_config config = { .tier = -1, .part = FAULT_PART_TOTALS };
	struct rootfs root;
	struct probe_status status;
	struct err err;
	(void)state;

	assert_int_equal(rootfs_open(&root, TEST_DATA_DIR "/cli/tree", &err), 0);
	assert_null(faults_open(&root, &config, &status, &err));
	assert_non_null(strstr(err.text, "faults: a captured machine"));
	assert_string_equal(probe_tier_name(&status), "none");
	rootfs_close(&root);
}

static void test_unwanted(void **state)
{
	char why[64] = "x";
	(void)state;

	assert_string_equal(probe_unwanted(PROBE_FAULTS)->name, probe_name(PROBE_FAULTS));
	assert_false(probe_unwanted(PROBE_FAULTS)->wanted);
	assert_string_equal(probe_tier_name(probe_unwanted(PROBE_FAULTS)), "none");
	probe_why(probe_unwanted(PROBE_FAULTS), why, sizeof why);
	assert_string_equal(why, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_best_first), cmocka_unit_test(test_failures_are_told), cmocka_unit_test(test_miscounts),
		cmocka_unit_test(test_totals_know_no_classes), cmocka_unit_test(test_totals_of_processes),
		cmocka_unit_test(test_one_tier_or_none),
		cmocka_unit_test(test_totals_only), cmocka_unit_test(test_captured_machine), cmocka_unit_test(test_unwanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
