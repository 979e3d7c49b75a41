/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault probe beside faultgen, which takes a known number of faults of one class: on every tier that this kernel offers, these
 * are what it counts in that class and in no other, in what memory, and how long they took; and all tiers together, attached at the
 * same time, count the same. What is right comes from getrusage, /proc/PID/stat and the clock around them.
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

enum { BPF_TIERS = FAULT_TIER_TRACEPOINT + 1, PARTS = 2, AT_ONCE = 64 };

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
	struct probe_status status;
	char name[32];
	bool blind;		/* faults through get_user_pages() are seen by their number alone */
	bool untimed;		/* and these have no time */
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
	bool by_perf;

	*tier = (struct tier){ .faults = NULL };
	tier->faults = faults_open(&root, &config, &tier->status, err);
	if (!tier->faults)
		return false;
	by_perf = tier->status.completion && !strcmp(tier->status.completion, "perf event");
	tier->blind = which == FAULT_TIER_TRACEPOINT || (by_perf && has_own_rss());
	tier->untimed = which == FAULT_TIER_TRACEPOINT || by_perf;
	snprintf(tier->name, sizeof tier->name, "%s%s", faults_tier_name(which),
		 part == FAULT_PART_LATENCY ? "" : " without latency");
	return true;
}

/*
 * How often the kernel did not run a program of ours because the same was interrupted on that processor, by its own word
 * (recursion_misses, 5.12). It happens where one is preempted in a trampoline or, from 7.0, a tracepoint. Whose entry is missed is
 * counted and of class other.
 */
static uint64_t programs_missed(void)
{
	DIR *dir = opendir("/proc/self/fdinfo");
	unsigned long long sum = 0, one;
	struct dirent *entry;

	if (!dir)
		tap_bail("/proc/self/fdinfo: %s", strerror(errno));
	while ((entry = readdir(dir))) {
		int fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);
		FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
		char line[128];

		while (file && fgets(line, sizeof line, file))
			if (sscanf(line, "recursion_misses: %llu", &one) == 1)
				sum += one;
		if (file)
			fclose(file);
	}
	closedir(dir);
	return sum;
}

/* -- faultgen between two readings ------------------------------------------------------------------------- */

struct run {
	struct fault_sums grown, after;
	uint64_t timed[FAULT_CLASSES], least_ns[FAULT_CLASSES], most_ns[FAULT_CLASSES];	/* by the histograms */
	uint64_t missed;
	struct gen_counters shown;	/* in /proc/PID/stat at the end */
	char line[GEN_LINE_BYTES];
	int status;
	const char *skip;
};

static void read_timed(struct run *run, struct faults *faults, int sign)
{
	struct fault_reading reading;

	reader_read(faults, &reading);
	for (unsigned class = 0; reading.watched && class < FAULT_CLASSES; class++) {
		for (unsigned b = 0; b < FAULT_BUCKETS; b++) {
			uint64_t count = reading.watched[0][class][b];

			if (sign < 0)
				count = -count;
			run->timed[class] += count;
			run->least_ns[class] += b ? count << b : 0;
			run->most_ns[class] += count << (b + 1);
		}
	}
}

static void take_faults(const struct tier *tier, const struct gen_class *class, unsigned threads, struct run *run)
{
	int32_t pids[FAULT_WATCHED_MAX] = { 0 };
	struct fault_sums before;
	struct gen gen;

	memset(run, 0, sizeof *run);
	gen_start(&gen, class, gen_count_of(class->name), threads);
	if (fgets(run->line, sizeof run->line, gen.from) && !strncmp(run->line, "ready ", 6)) {
		pids[0] = gen.pid;
		if (faults_watch(tier->faults, pids))
			tap_bail("%s: faults_watch", tier->name);
		run->missed = programs_missed();
		read_timed(run, tier->faults, -1);
		before = reader_sums(tier->faults, gen.pid);
		fputs("go\n", gen.to);
		fflush(gen.to);
		if (!fgets(run->line, sizeof run->line, gen.from))
			run->line[0] = '\0';
		run->after = reader_sums(tier->faults, gen.pid);
		run->grown = sums_growth(&before, &run->after);
		read_timed(run, tier->faults, 1);
		run->missed = programs_missed() - run->missed;
		run->shown = gen_counters(gen.pid);
	}
	run->status = gen_finish(&gen);
	run->line[strcspn(run->line, "\n")] = '\0';
	run->skip = strstr(run->line, " skip=");
}

/* COUNT of CLASS and none of any other, but that entries which were missed are of class other. */
static bool is_only(const struct run *run, enum fault_class class, uint64_t count)
{
	uint64_t other = class == FAULT_OTHER ? 0 : run->grown.count[FAULT_OTHER];

	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		if (c != (unsigned)class && c != FAULT_OTHER && run->grown.count[c])
			return false;
	return run->grown.count[class] + other == count && other <= run->missed;
}

/* How many lie in the memory they should; what was not seen lies nowhere. Every file is on a disk in a machine of our own. */
static void check_memory(const struct run *run, const struct wanted *wants, bool blind, uint64_t count, const char *what)
{
	uint64_t expected = blind || wants->memory == FAULT_MEMORIES ? 0 : count - run->grown.count[FAULT_OTHER];
	bool any = !getenv("MEMTIDE_DISPOSABLE") || !expected;

	if (!tap_ok(sums_memory(&run->grown) == expected && (any || run->grown.memory[wants->memory] == expected),
		    "%s: %" PRIu64 " of them in memory that is known", what, expected))
		sums_note(&run->grown);
}

/* The last fault of a thread may get its time, and whose memory it was in, only with the thread's next event: before as after. */
static void check_latency(const struct run *run, enum fault_class class, unsigned threads, uint64_t count, const char *what)
{
	uint64_t timed = run->timed[class], ns = run->grown.ns[class], all_ns = 0;
	long wall = gen_field(run->line, "wall_ns");

	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		all_ns += run->after.ns[c];
	if (!tap_ok(timed + threads + run->missed >= count && timed <= count + threads, "%s: %" PRIu64 " have a time", what, timed))
		sums_note(&run->grown);
	if (!tap_ok(ns >= run->least_ns[class] && ns <= run->most_ns[class] && run->after.max_ns <= all_ns,
		    "%s: their time fits the histogram", what))
		tap_note("%" PRIu64 " ns, histogram %" PRIu64 " to %" PRIu64 ", longest %" PRIu64, ns, run->least_ns[class],
			 run->most_ns[class], run->after.max_ns);
	/* The time of each thread's warm-up may not have been told before. */
	if (!tap_ok(ns > 0 && ns <= ((uint64_t)wall + run->after.max_ns) * threads, "%s: and the time that passed", what))
		tap_note("%" PRIu64 " ns of %ld by %u threads, longest %" PRIu64, ns, wall, threads, run->after.max_ns);
}

static void check_run(const struct tier *tier, const struct wanted *wants, const struct run *run, unsigned count, unsigned threads,
		      const char *what)
{
	bool blind = wants->through_gup && tier->blind, is_accounted = fault_class_is_accounted(wants->class);
	enum fault_class class = blind ? FAULT_OTHER : wants->class;
	uint64_t rusage = (uint64_t)(gen_field(run->line, "minor") + gen_field(run->line, "major"));

	if (!tap_ok(run->status == 0 && is_only(run, class, count), "%s: %u of class %s and no other", what, count,
		    fault_class_key(class))) {
		tap_note("%" PRIu64 " runs of programs missed", run->missed);
		sums_note(&run->grown);
	}
	if (!tap_ok(sums_accounted(&run->grown) == rusage, "%s: all classes together are the %" PRIu64 " of getrusage", what, rusage))
		sums_note(&run->grown);
	if (!tap_ok(sums_accounted(&run->after) == (uint64_t)(run->shown.minor + run->shown.major),
		    "%s: and since its birth the %ld of /proc/PID/stat", what, run->shown.minor + run->shown.major))
		sums_note(&run->after);
	check_memory(run, wants, blind && tier->status.active == FAULT_TIER_TRACEPOINT, is_accounted ? count : 0, what);
	if (wants->remote && tier->status.active != FAULT_TIER_TRACEPOINT)
		tap_ok(run->grown.remote + threads + run->missed >= count && run->grown.remote <= count + threads,
		       "%s: %" PRIu64 " in the memory of another process", what, run->grown.remote);
	else
		tap_ok(!run->grown.remote, "%s: none in the memory of another process", what);
	if (is_accounted && !(wants->through_gup && tier->untimed))
		check_latency(run, class, threads, count, what);
	else if (is_accounted)
		tap_ok(!run->timed[class] && !run->grown.ns[class], "%s: none has a time", what);
}

static void test_class(const struct tier *tier, const struct gen_class *class, unsigned threads)
{
	const struct wanted *wants = wanted_of(class->name);
	char what[160];
	struct run run;

	snprintf(what, sizeof what, "%s: %s, %u thread%s", tier->name, class->name, threads, threads > 1 ? "s" : "");
	if (!wants) {
		tap_ok(false, "%s: this test knows the class", what);
		return;
	}
	if (wants->through_gup && tier->status.active == FAULT_TIER_TRACEPOINT && threads > 1) {
		tap_skip(what, "threads that take no other faults are unknown to this tier");
		return;
	}
	take_faults(tier, class, threads, &run);
	if (run.skip && run.status == 77 && class->needy)
		tap_skip(what, "%s", run.skip + strlen(" skip="));
	else
		check_run(tier, wants, &run, gen_count_of(class->name), threads, what);
}

/* -- latencies that are known ------------------------------------------------------------------------------ */

/* All threads are blocked at once, and none goes on before the delay is over. */
static void test_blocked(const struct tier *tier)
{
	enum { DELAY_NS = 20 * 1000 * 1000, BUCKET = 24 };	/* of 16.8 ms and more; none of them is counted below */
	const struct gen_class class = { .name = "userfault", .needy = true, .resolve = "0.02" };
	int32_t pids[FAULT_WATCHED_MAX] = { 0 };
	unsigned count = gen_count_of(class.name);
	struct fault_reading reading;
	struct fault_sums sums = { .remote = 0 };
	char line[GEN_LINE_BYTES] = "";
	uint64_t slow = 0;
	struct gen gen;

	gen_start(&gen, &class, count, AT_ONCE);
	pids[0] = gen.pid;
	if (!fgets(line, sizeof line, gen.from) || strncmp(line, "ready ", 6)) {
		tap_skip("userfaults resolved late", "%s", line);
		gen_finish(&gen);
		return;
	}
	if (faults_watch(tier->faults, pids))
		tap_bail("%s: faults_watch", tier->name);
	fputs("go\n", gen.to);
	fflush(gen.to);
	if (!fgets(line, sizeof line, gen.from))
		tap_bail("faultgen ended");
	gen_finish(&gen);
	tap_ok(reader_ended(tier->faults, &reading, gen.pid, &sums), "%s: %d threads blocked at once have ended", tier->name, AT_ONCE);
	for (unsigned b = BUCKET; reading.watched && b < FAULT_BUCKETS; b++)
		slow += reading.watched[0][FAULT_USERFAULT][b];
	if (!tap_ok(slow == count, "%s: all %u of their userfaults took as long as that was", tier->name, count))
		tap_note("%" PRIu64, slow);
	tap_ok(sums.max_ns >= DELAY_NS && sums.ns[FAULT_USERFAULT] >= (uint64_t)count * DELAY_NS,
	       "%s: longest %" PRIu64 " ns, together %" PRIu64, tier->name, sums.max_ns, sums.ns[FAULT_USERFAULT]);
}

static void test_tier(enum fault_tier which, const struct gen_class *classes, size_t count)
{
	struct fault_reading reading;
	struct tier tier;
	struct err err;

	if (!tier_open(&tier, which, FAULT_PART_LATENCY, &err)) {
		tap_skip(faults_tier_name(which), "%s", err.text);
		return;
	}
	tap_note("%s: ends by %s", tier.name, tier.status.completion);
	for (size_t i = 0; i < count; i++) {
		test_class(&tier, &classes[i], 1);
		if (!classes[i].single)
			test_class(&tier, &classes[i], 3);
	}
	test_blocked(&tier);
	reader_read(tier.faults, &reading);
	tap_ok(!reading.lost && !reading.lost_processes, "%s: nothing was lost", tier.name);
	faults_close(tier.faults);
}

/* -- all at once ------------------------------------------------------------------------------------------- */

static size_t open_all(struct tier tiers[PARTS * BPF_TIERS])
{
	size_t count = 0;
	struct err err;

	for (int which = 0; which < (int)BPF_TIERS; which++) {
		count += tier_open(&tiers[count], (enum fault_tier)which, FAULT_PART_LATENCY, &err);
		count += tier_open(&tiers[count], (enum fault_tier)which, FAULT_PART_CLASSES, &err);
	}
	return count;
}

/* Whether two that saw all of the same faults say the same of them. */
static bool agree(const struct fault_sums *a, const struct fault_sums *b)
{
	return !memcmp(a->count, b->count, sizeof a->count) && !memcmp(a->memory, b->memory, sizeof a->memory);
}

static void check_agreement(const struct tier *tiers, const struct fault_sums *grown, size_t open, const char *name, uint64_t missed)
{
	const struct wanted *wants = wanted_of(name);

	for (size_t i = 1; i < open; i++) {
		if (!wants->through_gup && !missed) {
			if (!tap_ok(agree(&grown[0], &grown[i]), "%s and %s at once say the same: %s", tiers[0].name, tiers[i].name,
				    name)) {
				sums_note(&grown[0]);
				sums_note(&grown[i]);
			}
		} else {
			tap_ok(sums_accounted(&grown[0]) == sums_accounted(&grown[i]), "%s and %s at once count the same: %s",
			       tiers[0].name, tiers[i].name, name);
		}
	}
}

static void test_agreement(const struct tier *tiers, size_t open, const struct gen_class *class)
{
	struct fault_sums before[PARTS * BPF_TIERS], grown[PARTS * BPF_TIERS];
	uint64_t missed = programs_missed();
	char line[GEN_LINE_BYTES] = "";
	struct gen gen;

	gen_start(&gen, class, gen_count_of(class->name), 1);
	if (!fgets(line, sizeof line, gen.from) || strncmp(line, "ready ", 6)) {
		tap_skip("all tiers at once", "%s", class->name);
		gen_finish(&gen);
		return;
	}
	for (size_t i = 0; i < open; i++)
		before[i] = reader_sums(tiers[i].faults, gen.pid);
	fputs("go\n", gen.to);
	fflush(gen.to);
	if (!fgets(line, sizeof line, gen.from))
		tap_bail("faultgen ended");
	for (size_t i = 0; i < open; i++) {
		struct fault_sums after = reader_sums(tiers[i].faults, gen.pid);

		grown[i] = sums_growth(&before[i], &after);
	}
	gen_finish(&gen);
	check_agreement(tiers, grown, open, class->name, programs_missed() - missed);
}

static void test_all(const struct gen_class *classes, size_t count)
{
	struct tier tiers[PARTS * BPF_TIERS];
	size_t open = open_all(tiers);

	if (open < 2)
		tap_skip("all tiers at once", "there are none");
	for (size_t i = 0; open > 1 && i < count; i++)
		if (wanted_of(classes[i].name))
			test_agreement(tiers, open, &classes[i]);
	for (size_t i = 0; i < open; i++)
		faults_close(tiers[i].faults);
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
