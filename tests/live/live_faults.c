/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault probe beside faultgen, which takes a known number of faults of one class: on every tier that this kernel offers, these
 * are what it counts in that class and in no other, in what memory, and how long they took; and all tiers at once say the same.
 * What is right comes from faultgen, /proc/PID/stat and the clock.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "fault_reader.h"
#include "gen.h"
#include "tap.h"

enum { BPF_TIERS = FAULT_TIER_TRACEPOINT + 1, TIERS_MAX = 2 * BPF_TIERS };

/* What the probe makes of a class of faultgen's where the tier sees everything. */
struct wanted {
	const char *name;
	enum fault_class class;
	enum fault_memory memory;	/* files being on a disk; FAULT_MEMORIES for none */
	bool through_gup;		/* taken through get_user_pages() */
	bool remote;			/* in the memory of another process */
};

static const struct wanted wanted[] = {
	{ "demand_zero", FAULT_DEMAND_ZERO, FAULT_IN_ANON, false, false },
	{ "zero_page", FAULT_ZERO_PAGE, FAULT_IN_ANON, false, false },
	{ "zero_page_write", FAULT_DEMAND_ZERO, FAULT_IN_ANON, false, false },
	{ "refault", FAULT_DEMAND_ZERO, FAULT_IN_ANON, false, false },
	{ "cow", FAULT_COW, FAULT_IN_ANON, false, false },
	{ "cow_data", FAULT_COW, FAULT_IN_DATA, false, false },
	{ "wp_reuse", FAULT_WP_REUSE, FAULT_IN_ANON, false, false },
	{ "cow_file_mapped", FAULT_COW_FILE, FAULT_IN_DATA, false, false },
	{ "cow_file_unmapped", FAULT_COW_FILE, FAULT_IN_DATA, false, false },
	{ "file_minor", FAULT_FILE_MINOR, FAULT_IN_FILE_PRIVATE, false, false },
	{ "file_major", FAULT_FILE_MAJOR, FAULT_IN_FILE_PRIVATE, false, false },
	{ "shared_write", FAULT_SHARED_WRITE, FAULT_IN_FILE_SHARED, false, false },
	{ "shared_write_shm", FAULT_SHARED_WRITE, FAULT_IN_SHMEM, false, false },
	{ "mkwrite", FAULT_MKWRITE, FAULT_IN_FILE_SHARED, false, false },
	{ "swap_in", FAULT_SWAP_IN, FAULT_IN_ANON, false, false },
	{ "swap_cache", FAULT_SWAP_CACHE, FAULT_IN_ANON, false, false },
	{ "thp", FAULT_THP, FAULT_IN_ANON, false, false },
	{ "mthp", FAULT_DEMAND_ZERO, FAULT_IN_ANON, false, false },
	{ "hugetlb", FAULT_HUGETLB, FAULT_IN_HUGETLB, false, false },
	{ "userfault", FAULT_USERFAULT, FAULT_IN_ANON, false, false },
	{ "stack_growth", FAULT_STACK_GROWTH, FAULT_IN_STACK, false, false },
	{ "sigbus", FAULT_SIGBUS, FAULT_MEMORIES, false, false },
	{ "invalid", FAULT_INVALID, FAULT_MEMORIES, false, false },
	{ "populate", FAULT_DEMAND_ZERO, FAULT_IN_ANON, true, false },
	{ "mlock", FAULT_DEMAND_ZERO, FAULT_IN_ANON, true, false },
	{ "remote_read", FAULT_ZERO_PAGE, FAULT_IN_ANON, true, true },
	{ "remote_peek", FAULT_ZERO_PAGE, FAULT_IN_ANON, true, true },
};

static const struct wanted *wanted_of(const char *name)
{
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (!strcmp(wanted[i].name, name))
			return &wanted[i];
	return NULL;
}

static struct rootfs root;

/* A tier, attached. */
struct tier {
	struct faults *faults;
	enum fault_tier which;
	char name[32];
	bool tells_latency;
	/* Of faults through get_user_pages(): */
	bool no_class, no_time, no_memory;
};

/* Up to 6.1 threads have RSS counters of their own, which tell nothing where a fault's end is not seen. */
static bool has_own_rss(void)
{
	int major = 0, minor = 0;
	struct utsname name;

	return !uname(&name) && sscanf(name.release, "%d.%d", &major, &minor) == 2 && (major < 6 || (major == 6 && minor < 2));
}

static bool tier_open(struct tier *tier, enum fault_tier which, enum fault_part part, struct err *err)
{
	struct faults_config config = { .tier = (int)which, .part = part };
	struct probe_status status;
	bool by_perf;

	*tier = (struct tier){ .which = which, .tells_latency = part == FAULT_PART_LATENCY };
	tier->faults = faults_open(&root, &config, &status, err);
	if (!tier->faults)
		return false;
	by_perf = status.completion && !strcmp(status.completion, "perf event");
	tier->no_memory = which == FAULT_TIER_TRACEPOINT;
	tier->no_class = tier->no_memory || (by_perf && has_own_rss());
	tier->no_time = tier->no_memory || by_perf;
	snprintf(tier->name, sizeof tier->name, "%s%s", faults_tier_name(which), tier->tells_latency ? "" : " without latency");
	return true;
}

/* -- faultgen between two readings ------------------------------------------------------------------------- */

/* What a tier says of a process. */
struct seen {
	struct fault_sums sums;
	uint64_t buckets[FAULT_CLASSES][FAULT_BUCKETS];
};

struct run {
	pid_t pid;
	unsigned count, threads;		/* asked for */
	char line[GEN_LINE_BYTES];
	int status;
	uint64_t shown, shown_before;		/* minor + major in /proc/PID/stat */
	uint64_t missed;			/* faults that may be of another class */
	struct seen before[TIERS_MAX], after[TIERS_MAX];
};

/* Returns what /proc/PID/stat shows while all TIERS are read. */
static uint64_t look(const struct tier *tiers, size_t open, pid_t pid, struct seen seen[])
{
	uint64_t shown = 0;

	for (int i = 0; i < READER_PATIENCE; i++) {
		shown = gen_faults(pid);
		for (size_t t = 0; t < open; t++) {
			struct fault_reading reading;

			reader_read(tiers[t].faults, &reading);
			seen[t].sums = reading_sums(&reading, pid);
			if (reading.watched)
				memcpy(seen[t].buckets, reading.watched[0], sizeof seen[t].buckets);
		}
		if (gen_faults(pid) == shown)
			break;
	}
	return shown;
}

/* How many faults the kernel accounted otherwise than faultgen expected: major, as when a page was locked just then, or minor. */
static uint64_t otherwise(const char *line)
{
	long minor = gen_field(line, "expect_minor") - gen_field(line, "minor");
	long major = gen_field(line, "expect_major") - gen_field(line, "major");

	return (uint64_t)(minor > 0 ? minor : 0) + (uint64_t)(major > 0 ? major : 0);
}

static void take_faults(const struct tier *tiers, size_t open, const struct gen_class *class, unsigned threads, struct run *run)
{
	int32_t pids[FAULT_WATCHED_MAX] = { 0 };
	struct gen gen;

	memset(run, 0, sizeof *run);
	run->count = gen_count_of(class->name);
	run->threads = threads;
	gen_start(&gen, class, run->count, threads);
	run->pid = pids[0] = gen.pid;
	if (gen_ready(&gen, run->line)) {
		for (size_t t = 0; t < open; t++)
			if (tiers[t].tells_latency && faults_watch(tiers[t].faults, pids))
				tap_bail("%s: faults_watch", tiers[t].name);
		run->missed = programs_missed();
		run->shown_before = look(tiers, open, gen.pid, run->before);
		gen_go(&gen, run->line);
		run->shown = look(tiers, open, gen.pid, run->after);
		run->missed = programs_missed() - run->missed + otherwise(run->line);
	}
	run->status = gen_finish(&gen);
}

static bool run_skipped(const struct run *run, const struct gen_class *class, const char *what)
{
	const char *reason = gen_skipped(run->line);

	if (!reason || run->status != 77 || !class->needy)
		return false;
	tap_skip(what, "%s", reason);
	return true;
}

/* -- one tier ---------------------------------------------------------------------------------------------- */

/* Of all that /proc/PID/stat shows, faultgen was asked for EXPECTED: others are none as a rule. */
static uint64_t run_strays(const struct run *run, uint64_t expected)
{
	return run->shown - run->shown_before - expected;
}

static void check_class(const struct run *run, const struct fault_sums *grown, enum fault_class class, const char *what)
{
	uint64_t count = run->count, strays = run_strays(run, fault_class_is_accounted(class) ? count : 0);
	uint64_t all = run->shown - run->shown_before, unaccounted = 0;

	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		if (c != (unsigned)class && !fault_class_is_accounted((enum fault_class)c))
			unaccounted += grown->count[c];
	if (!tap_ok(run->status == 0 && strays <= all && grown->count[class] + run->missed >= count &&
		    grown->count[class] <= count + strays && unaccounted <= run->missed,
		    "%s: %" PRIu64 " of class %s", what, count, fault_class_key(class))) {
		tap_note("%" PRIu64 " missed, %" PRIu64 " others", run->missed, strays);
		sums_note(grown);
	}
	if (!tap_ok(sums_accounted(grown) == all && sums_accounted(&run->after[0].sums) == run->shown,
		    "%s: all classes together are the %" PRIu64 " of /proc/PID/stat, and the %" PRIu64 " since its birth", what, all,
		    run->shown))
		sums_note(&run->after[0].sums);
}

/* How many lie in the memory they should; what was not seen lies nowhere. Only in a machine of our own every file is on a disk. */
static void check_memory(const struct run *run, const struct fault_sums *grown, enum fault_memory memory, uint64_t expected,
			 uint64_t strays, const char *what)
{
	bool any = memory == FAULT_MEMORIES || !getenv("MEMTIDE_DISPOSABLE");
	uint64_t known = sums_memory(grown), there = any ? known : grown->memory[memory];

	if (!tap_ok(there + run->missed >= expected && known <= expected + strays, "%s: %" PRIu64 " in %s", what, expected,
		    any ? "memory of any kind" : fault_memory_key(memory)))
		sums_note(grown);
}

/* The last fault of a thread may get its time, and whose memory it was in, only with the thread's next event: before as after. */
static void check_remote(const struct run *run, const struct fault_sums *grown, bool expected, const char *what)
{
	if (expected)
		tap_ok(grown->remote + run->threads + run->missed >= run->count && grown->remote <= run->count + run->threads,
		       "%s: %" PRIu64 " in the memory of another process", what, grown->remote);
	else
		tap_ok(!grown->remote, "%s: none in the memory of another process", what);
}

static void check_latency(const struct run *run, const struct fault_sums *grown, enum fault_class class, bool expected,
			  const char *what)
{
	uint64_t timed = 0, least = 0, most = 0, ns = grown->ns[class], longest = grown->max_ns;
	uint64_t strays = run_strays(run, run->count), wall = (uint64_t)gen_field(run->line, "wall_ns");

	for (unsigned b = 0; b < FAULT_BUCKETS; b++) {
		uint64_t count = run->after[0].buckets[class][b] - run->before[0].buckets[class][b];

		timed += count;
		least += b ? count << b : 0;
		most += count << (b + 1);
	}
	if (!expected) {
		tap_ok(!timed && !ns, "%s: none has a time", what);
		return;
	}
	if (!tap_ok(timed + run->threads + run->missed >= run->count && timed <= run->count + run->threads + strays,
		    "%s: %" PRIu64 " have a time", what, timed))
		sums_note(grown);
	if (!tap_ok(ns >= least && ns <= most, "%s: their time fits the histogram", what))
		tap_note("%" PRIu64 " ns, histogram %" PRIu64 " to %" PRIu64, ns, least, most);
	/* The time of each thread's warm-up may not have been told before. */
	if (!tap_ok(ns <= wall * run->threads + longest * (run->threads + strays), "%s: and the time that passed", what))
		tap_note("%" PRIu64 " ns of %" PRIu64 " by %u threads, longest %" PRIu64, ns, wall, run->threads, longest);
}

static void check_run(const struct tier *tier, const struct wanted *wants, const struct run *run, const char *what)
{
	struct fault_sums grown = sums_growth(&run->before[0].sums, &run->after[0].sums);
	enum fault_class class = wants->through_gup && tier->no_class ? FAULT_OTHER : wants->class;
	uint64_t accounted = fault_class_is_accounted(class) ? run->count : 0;
	bool seen = !wants->through_gup || !tier->no_memory;

	check_class(run, &grown, class, what);
	check_memory(run, &grown, wants->memory, seen ? accounted : 0, run_strays(run, accounted), what);
	check_remote(run, &grown, wants->remote && seen, what);
	if (accounted)
		check_latency(run, &grown, class, !wants->through_gup || !tier->no_time, what);
}

static void test_class(const struct tier *tier, const struct gen_class *class, unsigned threads)
{
	const struct wanted *wants = wanted_of(class->name);
	static struct run run;
	char what[160];

	snprintf(what, sizeof what, "%s: %s, %u thread%s", tier->name, class->name, threads, threads > 1 ? "s" : "");
	if (!wants) {
		tap_ok(false, "%s: this test knows the class", what);
		return;
	}
	take_faults(tier, 1, class, threads, &run);
	if (!run_skipped(&run, class, what))
		check_run(tier, wants, &run, what);
}

/* All threads are blocked at once, and none goes on before the delay is over. */
static void test_blocked(const struct tier *tier)
{
	enum { THREADS = 64, DELAY_NS = 20 * 1000 * 1000, BUCKET = 24 /* of 16.8 ms and more */ };
	const struct gen_class class = { .name = "userfault", .needy = true, .resolve = "0.02" };
	struct fault_sums sums = { .remote = 0 };
	struct fault_reading reading;
	static struct run run;
	uint64_t slow = 0;

	take_faults(tier, 1, &class, THREADS, &run);
	if (run_skipped(&run, &class, tier->name))
		return;
	if (!tap_ok(reader_ended(tier->faults, &reading, run.pid, &sums), "%s: %d threads blocked at once have ended", tier->name,
		    THREADS))
		return;
	for (unsigned b = BUCKET; reading.watched && b < FAULT_BUCKETS; b++)
		slow += reading.watched[0][FAULT_USERFAULT][b];
	/* Of the warm-up, which is not delayed, each thread's last may be told late, and have been slow. */
	if (!tap_ok(slow + run.missed >= run.count && slow <= run.count + THREADS,
		    "%s: all %u of their userfaults took as long as that was", tier->name, run.count))
		tap_note("%" PRIu64 ", %" PRIu64 " missed", slow, run.missed);
	tap_ok(sums.max_ns >= DELAY_NS && sums.ns[FAULT_USERFAULT] + run.missed * DELAY_NS >= run.count * DELAY_NS,
	       "%s: longest %" PRIu64 " ns, together %" PRIu64, tier->name, sums.max_ns, sums.ns[FAULT_USERFAULT]);
}

static void test_tier(enum fault_tier which, const struct gen_class *classes, size_t count)
{
	struct tier tier;
	struct err err;

	if (!tier_open(&tier, which, FAULT_PART_LATENCY, &err)) {
		reader_lacks(which, &err);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		test_class(&tier, &classes[i], 1);
		if (!classes[i].single)
			test_class(&tier, &classes[i], 3);
	}
	test_blocked(&tier);
	faults_close(tier.faults);
}

/* -- all at once ------------------------------------------------------------------------------------------- */

static size_t open_all(struct tier tiers[TIERS_MAX])
{
	size_t count = 0;
	struct err err;

	for (int which = 0; which < (int)BPF_TIERS; which++) {
		count += tier_open(&tiers[count], (enum fault_tier)which, FAULT_PART_LATENCY, &err);
		count += tier_open(&tiers[count], (enum fault_tier)which, FAULT_PART_CLASSES, &err);
	}
	return count;
}

/* Whether two say the same of what both could see. */
static bool agree(const struct fault_sums *a, const struct fault_sums *b, bool saw_all)
{
	if (!saw_all)
		return sums_accounted(a) == sums_accounted(b);
	return !memcmp(a->count, b->count, sizeof a->count) && !memcmp(a->memory, b->memory, sizeof a->memory);
}

static void test_agreement(const struct tier *tiers, size_t open, const struct gen_class *class)
{
	const struct wanted *wants = wanted_of(class->name);
	struct fault_sums first, other;
	static struct run run;
	char what[96];

	snprintf(what, sizeof what, "all at once: %.63s", class->name);
	take_faults(tiers, open, class, 1, &run);
	if (run_skipped(&run, class, what))
		return;
	first = sums_growth(&run.before[0].sums, &run.after[0].sums);
	for (size_t t = 1; t < open; t++) {
		other = sums_growth(&run.before[t].sums, &run.after[t].sums);
		if (tap_ok(run.status == 0 && agree(&first, &other, wants && !wants->through_gup && !run.missed),
			   "%s: %s and %s agree", what, tiers[0].name, tiers[t].name))
			continue;
		sums_note(&first);
		sums_note(&other);
	}
}

static void test_all(const struct gen_class *classes, size_t count)
{
	struct tier tiers[TIERS_MAX];
	size_t open = open_all(tiers);

	if (open < 2)
		tap_skip("all at once", "no tier can be had");
	for (size_t i = 0; open > 1 && i < count; i++)
		test_agreement(tiers, open, &classes[i]);
	for (size_t t = 0; t < open; t++)
		faults_close(tiers[t].faults);
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
	for (int which = 0; which < (int)BPF_TIERS; which++)
		test_tier((enum fault_tier)which, classes, count);
	test_all(classes, count);
	if (getenv("MEMTIDE_DISPOSABLE"))
		gen_restore_machine();
	rootfs_close(&root);
	return tap_done();
}
