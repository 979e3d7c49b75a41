/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * faultgen makes the faults it says, and no other: for every class it lists, what getrusage shows around them
 * equals what the class is to cost on this kernel; and from "ready" to the result the counters of
 * /proc/PID/stat grow by just that, so that whoever attaches in between sees these faults only. Tests of fault
 * probes stand on this.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

enum { CLASSES_MAX = 64, LINE_BYTES = 1024, NOBODY = 65534 };

struct listed {
	char name[64];
	bool single;	/* threads */
	bool needy;	/* needs more than an ordinary machine: a skip is no failure */
	bool nobody;	/* run without any privilege, not even locked memory */
};

struct counters {
	long minor, major;
};

/* -- a machine of our own ---------------------------------------------------------------------------------- */

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/* The size stands once the kernel has the compressor: a machine has modules for some of them only. */
static bool zram_size(void)
{
	/* Debian has but deflate built into 5.10 and 6.1, and whatever zram asks for itself from 6.12 on */
	static const char *const algorithms[] = { "lzo-rle\n", "lzo\n", "lz4\n", "zstd\n", "deflate\n" };

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		write_text("/sys/block/zram0/comp_algorithm", algorithms[i]);
		if (write_text("/sys/block/zram0/disksize", "64M\n"))
			return true;
	}
	return false;
}

/* In a virtual machine: no readahead of swap, some huge pages, and zram before all other swap. */
static void machine_prepare(void)
{
	const char *failed = NULL;

	if (!getenv("MEMTIDE_DISPOSABLE")) {
		tap_note("this machine is not ours: swap and huge pages as they are");
		return;
	}
	write_text("/proc/sys/vm/page-cluster", "0\n");
	write_text("/proc/sys/vm/nr_hugepages", "16\n");
	errno = 0;
	if (!zram_size())
		failed = "/sys/block/zram0/disksize";
	else if (system("mkswap /dev/zram0 >/dev/null"))
		failed = "mkswap";
	else if (swapon("/dev/zram0", SWAP_FLAG_PREFER | 100))
		failed = "swapon";
	if (!tap_ok(!failed, "zram can be had as swap"))
		tap_note("%s: %s", failed, strerror(errno));
}

/* Swap on zram is gone again for the tests that follow. */
static void machine_restore(void)
{
	if (!getenv("MEMTIDE_DISPOSABLE"))
		return;
	swapoff("/dev/zram0");
	write_text("/sys/block/zram0/reset", "1\n");
	write_text("/proc/sys/vm/nr_hugepages", "0\n");
	write_text("/proc/sys/vm/page-cluster", "3\n");
}

/* -- faultgen ---------------------------------------------------------------------------------------------- */

struct faultgen {
	pid_t pid;
	FILE *to, *from;
};

static bool become_nobody(void)
{
	const struct rlimit none = { 0, 0 };

	return !setrlimit(RLIMIT_MEMLOCK, &none) && !setgroups(0, NULL) && !setgid(NOBODY) && !setuid(NOBODY);
}

static void start(struct faultgen *gen, const struct listed *class, unsigned count, unsigned threads)
{
	const char *dir = access("/mnt/disk", W_OK) ? "." : "/mnt/disk";
	char counts[16], of_threads[16];
	int to[2], from[2];

	snprintf(counts, sizeof(counts), "%u", count);
	snprintf(of_threads, sizeof(of_threads), "%u", threads);
	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		tap_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	gen->pid = fork();
	if (gen->pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (!gen->pid) {
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		if (!class->nobody || become_nobody())
			execlp("faultgen", "faultgen", "-c", class->name, "-n", counts, "-t", of_threads,
			       "-d", dir, "--handshake", (char *)NULL);
		_exit(errno == EACCES ? 126 : 127);
	}
	close(to[0]);
	close(from[1]);
	gen->to = fdopen(to[1], "w");
	gen->from = fdopen(from[0], "r");
	if (!gen->to || !gen->from)
		tap_bail("no memory");
}

/* The exit status, -1 for a signal. */
static int finish(struct faultgen *gen)
{
	int status;

	fclose(gen->to);
	fclose(gen->from);
	if (waitpid(gen->pid, &status, 0) != gen->pid)
		tap_bail("waitpid: %s", strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* min_flt and maj_flt of /proc/PID/stat: of all its threads, as the kernel adds them up. */
static struct counters stat_counters(pid_t pid)
{
	struct counters counters = { -1, -1 };
	char path[64], text[LINE_BYTES];
	const char *after;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file || !fgets(text, sizeof(text), file))
		tap_bail("%s: %s", path, strerror(errno));
	fclose(file);
	after = strrchr(text, ')');
	if (!after || sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %ld %*u %ld", &counters.minor,
			     &counters.major) != 2)
		tap_bail("%s: %s", path, text);
	return counters;
}

static long field(const char *line, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), " %s=", name);
	at = strstr(line, key);
	return at ? atol(at + strlen(key)) : -1;
}

/* How many huge pages fit anywhere; small ones cost nothing. */
static unsigned count_of(const char *class)
{
	return !strcmp(class, "thp") || !strcmp(class, "hugetlb") ? 4 : 192;
}

static bool counters_are(const char *line, const char *minor, const char *major, struct counters expected)
{
	return field(line, minor) == expected.minor && field(line, major) == expected.major;
}

static void test_class(const struct listed *class, unsigned threads)
{
	char line[LINE_BYTES] = "", what[128];
	struct counters before, after, expected;
	struct faultgen gen;
	const char *reason;
	int status;

	snprintf(what, sizeof(what), "%s%s, %u thread%s", class->name, class->nobody ? " as nobody" : "",
		 threads, threads > 1 ? "s" : "");
	start(&gen, class, count_of(class->name), threads);
	if (fgets(line, sizeof(line), gen.from) && !strncmp(line, "ready ", 6)) {
		before = stat_counters(gen.pid);
		fputs("go\n", gen.to);
		fflush(gen.to);
		if (!fgets(line, sizeof(line), gen.from))
			line[0] = '\0';
		after = stat_counters(gen.pid);
	} else {
		before = after = (struct counters){ 0, 0 };
	}
	status = finish(&gen);
	line[strcspn(line, "\n")] = '\0';
	reason = strstr(line, " skip=");
	if (reason && status == 77 && class->needy) {
		tap_skip(what, "%s", reason + strlen(" skip="));
		return;
	}
	if (class->nobody && status == 126) {
		tap_skip(what, "nobody may not run faultgen where it lies");
		return;
	}
	expected = (struct counters){ field(line, "expect_minor"), field(line, "expect_major") };
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

static size_t classes_read(struct listed *classes)
{
	FILE *list = popen("faultgen --list", "r");
	char line[LINE_BYTES];
	size_t count = 0;

	while (list && count < CLASSES_MAX && fgets(line, sizeof(line), list)) {
		if (sscanf(line, "%63s", classes[count].name) != 1)
			continue;
		classes[count].single = strstr(line, " single ") != NULL;
		classes[count++].needy = strstr(line, "(needs ") != NULL;
	}
	if (!list || pclose(list) || !count)
		tap_bail("faultgen --list");
	return count;
}

/* Memory that cannot be locked is touched instead; fork, threads and signals are what that could miss. */
static void test_unprivileged(const struct listed *classes, size_t count)
{
	static const char *const names[] = { "demand_zero", "cow", "sigbus", "remote_read" };

	for (size_t i = 0; i < count && !geteuid(); i++) {
		for (size_t j = 0; j < sizeof(names) / sizeof(*names); j++) {
			struct listed class = classes[i];

			if (strcmp(class.name, names[j]))
				continue;
			class.nobody = true;
			test_class(&class, 3);
		}
	}
}

int main(void)
{
	static struct listed classes[CLASSES_MAX];
	size_t count = classes_read(classes);

	signal(SIGPIPE, SIG_IGN);
	machine_prepare();
	for (size_t i = 0; i < count; i++) {
		test_class(&classes[i], 1);
		if (!classes[i].single)
			test_class(&classes[i], 3);
		if (!strcmp(classes[i].name, "userfault"))
			test_class(&classes[i], 64);
	}
	test_unprivileged(classes, count);
	machine_restore();
	return tap_done();
}
