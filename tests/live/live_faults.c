/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault probe beside faultgen, which takes a known number of faults of one class: on every tier that this kernel offers, each
 * class gets exactly these, and all classes together what getrusage shows.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "gen.h"
#include "model/faults.h"
#include "source/faults.h"
#include "tap.h"

enum { NONE = -1 };

/* What the probe makes of a class of faultgen's where the tier sees everything. */
static const struct {
	const char *name;
	int class;
	bool through_gup;	/* taken through get_user_pages() */
	bool remote;		/* in the memory of another process */
} wanted[] = {
	{ .name = "demand_zero", .class = FAULT_DEMAND_ZERO },
	{ .name = "zero_page", .class = FAULT_ZERO_PAGE },
	{ .name = "zero_page_write", .class = FAULT_DEMAND_ZERO },
	{ .name = "refault", .class = FAULT_DEMAND_ZERO },
	{ .name = "cow", .class = FAULT_COW },
	{ .name = "cow_data", .class = FAULT_COW },
	{ .name = "wp_reuse", .class = FAULT_WP_REUSE },
	{ .name = "cow_file_mapped", .class = FAULT_COW_FILE },
	{ .name = "cow_file_unmapped", .class = FAULT_COW_FILE },
	{ .name = "file_minor", .class = FAULT_FILE_MINOR },
	{ .name = "file_major", .class = FAULT_FILE_MAJOR },
	{ .name = "shared_write", .class = FAULT_SHARED_WRITE },
	{ .name = "shared_write_shm", .class = FAULT_SHARED_WRITE },
	{ .name = "mkwrite", .class = FAULT_MKWRITE },
	{ .name = "swap_in", .class = FAULT_SWAP_IN },
	{ .name = "swap_cache", .class = FAULT_SWAP_CACHE },
	{ .name = "thp", .class = FAULT_THP },
	{ .name = "mthp", .class = FAULT_DEMAND_ZERO },
	{ .name = "hugetlb", .class = FAULT_HUGETLB },
	{ .name = "userfault", .class = FAULT_USERFAULT },
	{ .name = "stack_growth", .class = FAULT_STACK_GROWTH },
	{ .name = "sigbus", .class = FAULT_SIGBUS },
	{ .name = "invalid", .class = FAULT_INVALID },
	{ .name = "populate", .class = FAULT_DEMAND_ZERO, .through_gup = true },
	{ .name = "mlock", .class = FAULT_DEMAND_ZERO, .through_gup = true },
	{ .name = "remote_read", .class = FAULT_ZERO_PAGE, .through_gup = true, .remote = true },
	{ .name = "remote_peek", .class = FAULT_ZERO_PAGE, .through_gup = true, .remote = true },
};

static struct rootfs root;

/* The sums of PID so far; nothing when the probe has heard of no fault of it. */
static struct fault_sums read_sums(struct faults *faults, pid_t pid)
{
	struct fault_sums sums = { .remote = 0 };
	struct fault_reading reading;
	int error = faults_read(faults, &reading);

	if (error)
		tap_bail("faults_read: %s", strerror(-error));
	if (reading.lost)
		tap_note("%" PRIu64 " faults lost", reading.lost);
	for (size_t i = 0; i < reading.count; i++)
		if (reading.processes[i]->pid == pid && !reading.processes[i]->ended)
			sums = reading.processes[i]->sums;
	return sums;
}

static uint64_t accounted(const struct fault_sums *sums)
{
	uint64_t sum = 0;

	for (unsigned class = 0; class < FAULT_CLASSES; class++)
		if (fault_class_is_accounted((enum fault_class)class))
			sum += sums->count[class];
	return sum;
}

static void note_growth(const struct fault_sums *before, const struct fault_sums *after)
{
	for (unsigned class = 0; class < FAULT_CLASSES; class++)
		if (after->count[class] != before->count[class])
			tap_note("%s: %" PRIu64, fault_class_key((enum fault_class)class),
				 after->count[class] - before->count[class]);
}

/* Up to 6.1 threads have RSS counters of their own, which tell nothing where a fault's end is not seen. */
static bool has_own_rss(void)
{
	int major = 0, minor = 0;
	struct utsname name;

	return !uname(&name) && sscanf(name.release, "%d.%d", &major, &minor) == 2 && (major < 6 || (major == 6 && minor < 2));
}

/* Where the tier cannot look at faults through get_user_pages(), they are of class other. */
static int class_wanted(const char *name, enum fault_tier tier, bool *remote)
{
	bool blind = tier == FAULT_TIER_TRACEPOINT || (tier == FAULT_TIER_KPROBE && has_own_rss());

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		if (strcmp(wanted[i].name, name))
			continue;
		*remote = wanted[i].remote && tier != FAULT_TIER_TRACEPOINT;
		return wanted[i].through_gup && blind ? (int)FAULT_OTHER : wanted[i].class;
	}
	return NONE;
}

struct run {
	struct fault_sums before, after;
	uint64_t shown;		/* growth of minor + major in /proc/PID/stat meanwhile */
	char line[GEN_LINE_BYTES];
	int status;
	const char *skip;
};

static void take_faults(struct faults *faults, const struct gen_class *class, unsigned count, unsigned threads,
			struct run *run)
{
	struct gen_counters first, last;
	struct gen gen;

	memset(run, 0, sizeof *run);
	gen_start(&gen, class, count, threads);
	if (fgets(run->line, sizeof run->line, gen.from) && !strncmp(run->line, "ready ", 6)) {
		first = gen_counters(gen.pid);
		run->before = read_sums(faults, gen.pid);
		fputs("go\n", gen.to);
		fflush(gen.to);
		if (!fgets(run->line, sizeof run->line, gen.from))
			run->line[0] = '\0';
		run->after = read_sums(faults, gen.pid);
		last = gen_counters(gen.pid);
		run->shown = (uint64_t)(last.minor + last.major - first.minor - first.major);
	}
	run->status = gen_finish(&gen);
	run->line[strcspn(run->line, "\n")] = '\0';
	run->skip = strstr(run->line, " skip=");
}

static void check_latency(const struct run *run, int class, unsigned threads, const char *what)
{
	uint64_t ns = run->after.ns[class] - run->before.ns[class];
	long wall = gen_field(run->line, "wall_ns");

	/* The time of each thread's warm-up may not have been told before. */
	if (!tap_ok(ns > 0 && ns <= ((uint64_t)wall + run->after.max_ns) * threads,
		    "%s: they took some of the time that passed", what))
		tap_note("%" PRIu64 " ns of %ld by %u threads, longest %" PRIu64, ns, wall, threads, run->after.max_ns);
}

static void test_class(struct faults *faults, const struct probe_status *status, const struct gen_class *class,
		       unsigned threads)
{
	unsigned count = gen_count_of(class->name);
	enum fault_tier tier = (enum fault_tier)status->active;
	char what[160];
	struct run run;
	uint64_t grown, rusage, stray;
	bool remote = false;
	int wants = class_wanted(class->name, tier, &remote);

	snprintf(what, sizeof what, "%s: %s, %u thread%s", faults_tier_name(tier), class->name, threads, threads > 1 ? "s" : "");
	if (wants == (int)FAULT_OTHER && tier == FAULT_TIER_TRACEPOINT && threads > 1) {
		tap_skip(what, "threads that take no other faults are unknown to this tier");
		return;
	}
	if (wants == NONE) {
		tap_ok(false, "%s: this test knows the class", what);
		return;
	}
	take_faults(faults, class, count, threads, &run);
	if (run.skip && run.status == 77 && class->needy) {
		tap_skip(what, "%s", run.skip + strlen(" skip="));
		return;
	}
	grown = run.after.count[wants] - run.before.count[wants];
	rusage = (uint64_t)(gen_field(run.line, "minor") + gen_field(run.line, "major"));
	/* Others than those it was asked for are in stat, too: none as a rule. */
	stray = run.shown - rusage;
	if (!tap_ok(run.status == 0 && grown >= count && grown - count <= stray, "%s: %u of class %s", what, count,
		    fault_class_key((enum fault_class)wants)))
		note_growth(&run.before, &run.after);
	grown = accounted(&run.after) - accounted(&run.before);
	if (!tap_ok(run.status == 0 && grown == run.shown && run.shown >= rusage,
		    "%s: all classes together are the %" PRIu64 " of its stat, %" PRIu64 " in getrusage", what, run.shown, rusage))
		tap_note("%" PRIu64, grown);
	if (remote)
		tap_ok(run.after.remote - run.before.remote == count, "%s: in the memory of another process", what);
	if (wants != FAULT_OTHER && wants != FAULT_INVALID && wants != FAULT_SIGBUS && strcmp(class->name, "populate") &&
	    strcmp(class->name, "mlock") && strncmp(class->name, "remote", 6))
		check_latency(&run, wants, threads, what);
}

static void test_tier(enum fault_tier tier, const struct gen_class *classes, size_t count)
{
	struct faults_config config = { .tier = (int)tier, .part = FAULT_PART_LATENCY };
	struct probe_status status;
	struct faults *faults;
	struct err err;

	faults = faults_open(&root, &config, &status, &err);
	if (!faults) {
		tap_skip(faults_tier_name(tier), "%s", err.text);
		return;
	}
	tap_note("%s: ends by %s", faults_tier_name(tier), status.completion ? status.completion : "nothing");
	for (size_t i = 0; i < count; i++) {
		test_class(faults, &status, &classes[i], 1);
		if (!classes[i].single)
			test_class(faults, &status, &classes[i], 3);
		if (!strcmp(classes[i].name, "userfault"))
			test_class(faults, &status, &classes[i], 64);
	}
	faults_close(faults);
}

/* Two tiers at once, of the same faults. */
static void test_agreement(const struct gen_class *class)
{
	struct faults *faults[2] = { NULL, NULL };
	struct fault_sums grown[2];
	unsigned open = 0;
	char names[64] = "";

	for (int tier = FAULT_TIER_FENTRY; tier <= FAULT_TIER_TRACEPOINT && open < 2; tier++) {
		struct faults_config config = { .tier = tier, .part = FAULT_PART_CLASSES };
		struct probe_status status;
		struct err err;

		faults[open] = faults_open(&root, &config, &status, &err);
		if (!faults[open])
			continue;
		snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", open ? " and " : "",
			 faults_tier_name((enum fault_tier)tier));
		open++;
	}
	if (open < 2) {
		tap_skip("two tiers at once", "there is but %s", open ? names : "none");
	} else {
		char line[GEN_LINE_BYTES];
		struct gen gen;

		gen_start(&gen, class, 500, 3);
		if (!fgets(line, sizeof line, gen.from) || strncmp(line, "ready ", 6))
			tap_bail("faultgen: %s", line);
		for (int i = 0; i < 2; i++)
			grown[i] = read_sums(faults[i], gen.pid);
		fputs("go\n", gen.to);
		fflush(gen.to);
		if (!fgets(line, sizeof line, gen.from))
			tap_bail("faultgen ended");
		for (int i = 0; i < 2; i++) {
			struct fault_sums after = read_sums(faults[i], gen.pid);

			for (unsigned c = 0; c < FAULT_CLASSES; c++)
				grown[i].count[c] = after.count[c] - grown[i].count[c];
		}
		gen_finish(&gen);
		tap_ok(!memcmp(grown[0].count, grown[1].count, sizeof grown[0].count), "%s count the same: %s", names,
		       class->name);
	}
	faults_close(faults[0]);
	faults_close(faults[1]);
}

int main(void)
{
	static struct gen_class classes[GEN_CLASSES_MAX];
	size_t count = gen_classes(classes);
	struct err err;

	signal(SIGPIPE, SIG_IGN);
	if (rootfs_open(&root, NULL, &err))
		tap_bail("%s", err.text);
	if (getenv("MEMTIDE_DISPOSABLE") && gen_prepare_machine())
		tap_note("no zram as swap: %s", strerror(errno));
	for (int tier = FAULT_TIER_FENTRY; tier <= FAULT_TIER_TRACEPOINT; tier++)
		test_tier((enum fault_tier)tier, classes, count);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(classes[i].name, "demand_zero") || !strcmp(classes[i].name, "cow") ||
		    !strcmp(classes[i].name, "file_minor"))
			test_agreement(&classes[i]);
	if (getenv("MEMTIDE_DISPOSABLE"))
		gen_restore_machine();
	rootfs_close(&root);
	return tap_done();
}
