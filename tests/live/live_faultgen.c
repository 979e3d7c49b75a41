/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * faultgen makes the faults it says, and no other: for every class it lists, what getrusage shows around them
 * equals what the class is to cost on this kernel; and from "ready" to the result the counters of
 * /proc/PID/stat grow by just that, so that whoever attaches in between sees these faults only. Tests of fault
 * probes stand on this.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "gen.h"
#include "tap.h"

struct attempt {
	char line[GEN_LINE_BYTES];
	int status;
	struct gen_counters expected, stat;	/* what getrusage was to show, and by how much /proc/PID/stat has grown */
};

static void attempt(const struct gen_class *class, unsigned threads, struct attempt *attempt)
{
	struct gen_counters before, after;
	struct gen gen;

	*attempt = (struct attempt){ .status = 0 };
	gen_start(&gen, class, gen_count_of(class->name), threads);
	if (gen_ready(&gen, attempt->line)) {
		before = gen_counters(gen.pid);
		gen_go(&gen, attempt->line);
		after = gen_counters(gen.pid);
		attempt->stat = (struct gen_counters){ after.minor - before.minor, after.major - before.major };
	}
	attempt->status = gen_finish(&gen);
	attempt->expected = (struct gen_counters){ gen_field(attempt->line, "expect_minor"),
						   gen_field(attempt->line, "expect_major") };
}

static bool counters_are(const struct attempt *attempt, const char *minor, const char *major)
{
	return gen_field(attempt->line, minor) == attempt->expected.minor &&
	       gen_field(attempt->line, major) == attempt->expected.major;
}

static bool is_shown(const struct attempt *attempt)
{
	return attempt->status == 0 && !gen_skipped(attempt->line) && attempt->expected.minor >= 0 &&
	       attempt->expected.major >= 0 && counters_are(attempt, "minor", "major") &&
	       counters_are(attempt, "thread_minor", "thread_major");
}

static bool is_all(const struct attempt *attempt)
{
	return attempt->status == 0 && attempt->stat.minor == attempt->expected.minor &&
	       attempt->stat.major == attempt->expected.major;
}

/* The kernel may account one otherwise, rarely: major for a page that was locked just then, or once more for a processor
 * that had yet to hear of a mapping's change. */
static void test_class(const struct gen_class *class, unsigned threads)
{
	struct attempt one;
	char what[128];

	snprintf(what, sizeof(what), "%s%s, %u thread%s", class->name, class->nobody ? " as nobody" : "",
		 threads, threads > 1 ? "s" : "");
	for (int i = 0; i < 3; i++) {
		attempt(class, threads, &one);
		if (gen_skipped(one.line) || (is_shown(&one) && is_all(&one)))
			break;
	}
	if (gen_skipped(one.line) && one.status == 77 && class->needy) {
		tap_skip(what, "%s", gen_skipped(one.line));
		return;
	}
	if (class->nobody && one.status == 126) {
		tap_skip(what, "nobody may not run faultgen where it lies");
		return;
	}
	if (!tap_ok(is_shown(&one), "%s: getrusage shows %ld minor and %ld major faults", what, one.expected.minor,
		    one.expected.major))
		tap_note("exit status %d: %s", one.status, one.line);
	if (!tap_ok(is_all(&one), "%s: the process took no other", what))
		tap_note("/proc/PID/stat: %ld minor, %ld major", one.stat.minor, one.stat.major);
}

/* Memory that cannot be locked is touched instead; fork, threads and signals are what that could miss. */
static void test_unprivileged(const struct gen_class *classes, size_t count)
{
	static const char *const names[] = { "demand_zero", "cow", "sigbus", "remote_read" };

	for (size_t i = 0; i < count && !geteuid(); i++) {
		for (size_t j = 0; j < sizeof(names) / sizeof(*names); j++) {
			struct gen_class class = classes[i];

			if (strcmp(class.name, names[j]))
				continue;
			class.nobody = true;
			test_class(&class, 3);
		}
	}
}

int main(void)
{
	static struct gen_class classes[GEN_CLASSES_MAX];
	size_t count = gen_classes(classes);
	const char *failed;

	signal(SIGPIPE, SIG_IGN);
	if (getenv("MEMTIDE_DISPOSABLE")) {
		failed = gen_prepare_machine();
		if (!tap_ok(!failed, "zram can be had as swap"))
			tap_note("%s: %s", failed, strerror(errno));
	} else {
		tap_note("this machine is not ours: swap and huge pages as they are");
	}
	for (size_t i = 0; i < count; i++) {
		test_class(&classes[i], 1);
		if (!classes[i].single)
			test_class(&classes[i], 3);
		if (!strcmp(classes[i].name, "userfault"))
			test_class(&classes[i], 64);
	}
	test_unprivileged(classes, count);
	if (getenv("MEMTIDE_DISPOSABLE"))
		gen_restore_machine();
	return tap_done();
}
