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

static bool counters_are(const char *line, const char *minor, const char *major, struct gen_counters expected)
{
	return gen_field(line, minor) == expected.minor && gen_field(line, major) == expected.major;
}

static void test_class(const struct gen_class *class, unsigned threads)
{
	char line[GEN_LINE_BYTES], what[128];
	struct gen_counters before, after, expected;
	struct gen gen;
	const char *reason;
	int status;

	snprintf(what, sizeof(what), "%s%s, %u thread%s", class->name, class->nobody ? " as nobody" : "",
		 threads, threads > 1 ? "s" : "");
	gen_start(&gen, class, gen_count_of(class->name), threads);
	if (gen_ready(&gen, line)) {
		before = gen_counters(gen.pid);
		gen_go(&gen, line);
		after = gen_counters(gen.pid);
	} else {
		before = after = (struct gen_counters){ 0, 0 };
	}
	status = gen_finish(&gen);
	reason = gen_skipped(line);
	if (reason && status == 77 && class->needy) {
		tap_skip(what, "%s", reason);
		return;
	}
	if (class->nobody && status == 126) {
		tap_skip(what, "nobody may not run faultgen where it lies");
		return;
	}
	expected = (struct gen_counters){ gen_field(line, "expect_minor"), gen_field(line, "expect_major") };
	if (!tap_ok(status == 0 && !reason && expected.minor >= 0 && expected.major >= 0 &&
		    counters_are(line, "minor", "major", expected) &&
		    counters_are(line, "thread_minor", "thread_major", expected),
		    "%s: getrusage shows %ld minor and %ld major faults", what, expected.minor, expected.major))
		tap_note("exit status %d: %s", status, line);
	if (!tap_ok(status == 0 && after.minor - before.minor == expected.minor &&
		    after.major - before.major == expected.major, "%s: the process took no other", what))
		tap_note("/proc/PID/stat: %ld minor, %ld major", after.minor - before.minor,
			 after.major - before.major);
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
