/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tiers of the fault probe that every machine has, perf and procfs: between what faultgen says it took and
 * what the kernel counted for the whole machine. And the program where something is missing: privilege, BTF,
 * locked memory, descriptors, a CPU.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "source/faults.h"
#include "tap.h"

enum { FAULTS = 20000, NOBODY = 65534, TEXT_BYTES = 32 * 1024 };

/* A fault is counted in two places one after the other: one in flight for each thread that is about to run. */
enum { IN_FLIGHT = 256 };

static struct rootfs root;

/* -- figures of others ------------------------------------------------------------------------------------- */

static unsigned long long vmstat(const char *name)
{
	char line[256], key[64];
	unsigned long long value;
	FILE *file = fopen("/proc/vmstat", "re");

	if (!file)
		tap_bail("/proc/vmstat: %s", strerror(errno));
	while (fgets(line, sizeof line, file)) {
		if (sscanf(line, "%63s %llu", key, &value) == 2 && !strcmp(key, name)) {
			fclose(file);
			return value;
		}
	}
	tap_bail("/proc/vmstat: no %s", name);
	return 0;
}

/* Runs faultgen and waits for it. False when it cannot make these here. */
static bool take_faults(const char *class, int count, unsigned long long *minor, unsigned long long *major)
{
	char command[256], line[1024] = "";
	const char *min, *maj;
	FILE *out;

	snprintf(command, sizeof command, "exec faultgen -c %s -n %d -d %s", class, count,
		 access("/mnt/disk", W_OK) ? "." : "/mnt/disk");
	out = popen(command, "re");
	if (!out)
		tap_bail("popen: %s", strerror(errno));
	if (!fgets(line, sizeof line, out))
		line[0] = '\0';
	pclose(out);
	min = strstr(line, " minor=");
	maj = strstr(line, " major=");
	if (!min || !maj)
		return false;
	*minor = strtoull(min + 7, NULL, 10);
	*major = strtoull(maj + 7, NULL, 10);
	return true;
}

static unsigned open_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* -- totals ---------------------------------------------------------------------------------------------- */

static void test_totals(enum fault_tier tier, const char *class, int count)
{
	struct faults_config config = { .tier = (int)tier, .part = FAULT_PART_TOTALS };
	const char *name = faults_tier_name(tier);
	unsigned long long least_minor = 0, least_major = 0, all = vmstat("pgfault");
	unsigned descriptors = open_descriptors();
	struct fault_reading before, after;
	struct probe_status status;
	struct err err;
	struct faults *faults = faults_open(&root, &config, &status, &err);
	char what[64];

	snprintf(what, sizeof what, "%s: %s", name, class);
	if (!faults) {
		tap_skip(what, "%s", err.text);
		return;
	}
	if (faults_read(faults, &before))
		tap_bail("%s: unreadable", name);
	if (!take_faults(class, count, &least_minor, &least_major)) {
		tap_skip(what, "faultgen makes none here");
		faults_close(faults);
		return;
	}
	if (!tap_ok(!faults_read(faults, &after) && after.has_totals, "%s: read after them", what))
		tap_bail("%s: unreadable", name);
	all = vmstat("pgfault") - all;
	tap_ok(after.minor - before.minor >= least_minor, "%s: at least %llu minor faults: %llu", what, least_minor,
	       (unsigned long long)(after.minor - before.minor));
	tap_ok(after.major - before.major >= least_major, "%s: at least %llu major faults: %llu", what, least_major,
	       (unsigned long long)(after.major - before.major));
	tap_ok(after.minor + after.major - before.minor - before.major <= all + IN_FLIGHT,
	       "%s: not more than pgfault grew by, %llu", what, all);
	faults_close(faults);
	tap_ok(open_descriptors() == descriptors, "%s: nothing stays open", what);
}

/* -- a CPU goes and comes back --------------------------------------------------------------------------- */

static bool set_online(const char *state)
{
	int fd = open("/sys/devices/system/cpu/cpu1/online", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, state, 1) == 1;

	if (fd >= 0)
		close(fd);
	return done;
}

static void take_faults_on_cpu1(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = FAULTS / 10 * page;
	cpu_set_t cpus, before;
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CPU_ZERO(&cpus);
	CPU_SET(1, &cpus);
	if (memory == MAP_FAILED || sched_getaffinity(0, sizeof before, &before) ||
	    sched_setaffinity(0, sizeof cpus, &cpus))
		tap_bail("CPU 1: %s", strerror(errno));
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	for (size_t at = 0; at < bytes; at += page)
		*(volatile char *)(memory + at) = 1;
	munmap(memory, bytes);
	sched_setaffinity(0, sizeof before, &before);
}

static void test_hotplug(void)
{
	struct faults_config config = { .tier = FAULT_TIER_PERF, .part = FAULT_PART_TOTALS };
	struct fault_reading reading[4];
	struct probe_status status;
	struct err err;
	struct faults *faults;
	unsigned long long counted;

	if (!getenv("MEMTIDE_DISPOSABLE") || access("/sys/devices/system/cpu/cpu1/online", W_OK)) {
		tap_skip("perf: a CPU goes offline", "needs a virtual machine of several CPUs");
		return;
	}
	faults = faults_open(&root, &config, &status, &err);
	if (!faults)
		tap_bail("%s", err.text);
	take_faults_on_cpu1();
	if (faults_read(faults, &reading[0]) || !set_online("0"))
		tap_bail("CPU 1 cannot be put offline: %s", strerror(errno));
	tap_ok(!faults_read(faults, &reading[1]) && !faults_read(faults, &reading[2]) &&
	       reading[1].minor >= reading[0].minor && reading[2].minor >= reading[1].minor,
	       "perf: what a CPU counted stays when it goes offline");
	if (!set_online("1") || faults_read(faults, &reading[2]) || faults_read(faults, &reading[2]))
		tap_bail("CPU 1 cannot be put online: %s", strerror(errno));
	take_faults_on_cpu1();
	counted = faults_read(faults, &reading[3]) ? 0 : reading[3].minor - reading[2].minor;
	tap_ok(counted >= FAULTS / 10, "perf: it counts again when it has come back: %llu", counted);
	faults_close(faults);
}

/* -- the program where something is missing -------------------------------------------------------------- */

struct result {
	int status;	/* of the exit; -1 for a signal */
	char out[TEXT_BYTES], err[TEXT_BYTES];
};

static void read_file(int fd, char *text)
{
	ssize_t len = pread(fd, text, TEXT_BYTES - 1, 0);

	text[len > 0 ? len : 0] = '\0';
	close(fd);
}

enum { EXIT_SETUP = 121, EXIT_EXEC = 122 };

/* Runs memtide after PREPARE, which says whether it could. False when it was not run. */
static bool run(struct result *result, bool (*prepare)(void), const char *const *args)
{
	int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC), status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0 || out < 0 || err < 0)
		tap_bail("fork, memfd_create: %s", strerror(errno));
	if (!pid) {
		if (!prepare())
			_exit(EXIT_SETUP);
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		execvp("memtide", (char *const *)args);
		_exit(EXIT_EXEC);
	}
	if (waitpid(pid, &status, 0) != pid)
		tap_bail("waitpid: %s", strerror(errno));
	result->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	read_file(out, result->out);
	read_file(err, result->err);
	return result->status != EXIT_SETUP && result->status != EXIT_EXEC;
}

/* The line of TIER in what --doctor printed, "faults   perf          active" and so on, "" without. */
static const char *tier_line(const struct result *result, const char *tier, char *line, size_t size)
{
	char start[32];
	const char *at;

	snprintf(start, sizeof start, "\nfaults   %-13s ", tier);
	at = strstr(result->out, start);
	snprintf(line, size, "%.*s", at ? (int)strcspn(at + 1, "\n") : 0, at ? at + 1 : "");
	return line;
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part);
}

/* Starts all the same, shows processes, and --doctor says what is missing. */
static bool check_starts(const char *what, bool (*prepare)(void), struct result *doctor)
{
	static const char *const sample[] = { "memtide", "-b", "-n", "1", "--rows", "3", "--no-pss", NULL };
	static const char *const examine[] = { "memtide", "--doctor", NULL };
	static struct result result;

	if (!run(doctor, prepare, examine)) {
		tap_skip(what, "cannot be arranged here");
		return false;
	}
	if (!tap_ok(doctor->status == 0 && !*doctor->err && has(doctor->out, "\nfaults "), "%s: --doctor", what))
		tap_note("%d: %s", doctor->status, doctor->err);
	if (!tap_ok(run(&result, prepare, sample) && result.status == 0 && has(result.out, "PID"), "%s: it starts", what))
		tap_note("%d: %s", result.status, result.err);
	return true;
}

static void check_probes_refused(const char *what, bool (*prepare)(void))
{
	static const char *const args[] = { "memtide", "-b", "-n", "1", "--probes", "faults", NULL };
	static struct result result;

	run(&result, prepare, args);
	if (!tap_ok(result.status == 1 && !strncmp(result.err, "memtide: faults: ", 17) &&
		    strcspn(result.err, "\n") == strlen(result.err) - 1, "%s: --probes faults fails in one line", what))
		tap_note("%d: %s", result.status, result.err);
}

static bool be_nobody(void)
{
	return !setgroups(0, NULL) && !setgid(NOBODY) && !setuid(NOBODY);
}

static void test_nobody(void)
{
	static struct result doctor;
	char line[512], paranoid[16] = "", says[64];
	FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");

	if (!file || !fgets(paranoid, sizeof paranoid, file))
		tap_bail("perf_event_paranoid: %s", strerror(errno));
	fclose(file);
	paranoid[strcspn(paranoid, "\n")] = '\0';
	if (!check_starts("as nobody", be_nobody, &doctor))
		return;
	tap_ok(has(tier_line(&doctor, "fentry", line, sizeof line), " failed "), "as nobody: no BPF: %s", line);
	tier_line(&doctor, "perf", line, sizeof line);
	if (atoi(paranoid) <= 0) {
		tap_skip("as nobody: perf is denied", "perf_event_paranoid is %s", paranoid);
	} else {
		snprintf(says, sizeof says, "perf_event_paranoid of at most 0 (it is %s)", paranoid);
		tap_ok(has(line, " failed ") && has(line, says), "as nobody: %s", line);
	}
	tap_ok(has(tier_line(&doctor, "procfs", line, sizeof line), atoi(paranoid) > 0 ? " active" : " works"),
	       "as nobody: /proc/vmstat is left");
	check_probes_refused("as nobody", be_nobody);
}

static bool hide(const char *path)
{
	if (access(path, F_OK))
		return true;
	return !mount("none", path, "tmpfs", MS_NOSUID, "mode=755,size=4k");
}

static bool own_mounts(void)
{
	return !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static bool hide_btf(void)
{
	return own_mounts() && hide("/sys/kernel/btf");
}

static bool hide_tracefs(void)
{
	return own_mounts() && hide("/sys/kernel/tracing") && hide("/sys/kernel/debug");
}

static bool little_locked_memory(void)
{
	const struct rlimit limit = { 64 << 10, 64 << 10 };

	return !setrlimit(RLIMIT_MEMLOCK, &limit);
}

static bool few_descriptors(void)
{
	/* three of the standard ones, three of the rootfs, and one: less than two a CPU */
	const struct rlimit limit = { 7, 7 };

	return !setrlimit(RLIMIT_NOFILE, &limit);
}

static bool nothing(void)
{
	return true;
}

static void test_btf(void)
{
	static struct result doctor;
	char line[512];

	if (!check_starts("without BTF", hide_btf, &doctor))
		return;
	tap_ok(has(tier_line(&doctor, "fentry", line, sizeof line), " failed ") &&
	       has(tier_line(&doctor, "tracepoint", line, sizeof line), " failed "), "without BTF: %s", line);
	tap_ok(has(doctor.out, "\nBTF of the kernel          missing (needs CONFIG_DEBUG_INFO_BTF"),
	       "without BTF: it says so");
	check_probes_refused("without BTF", hide_btf);
}

/* The first word of the state of each tier, as in "failed active works". */
static void states_of(const struct result *result, char *states, size_t size)
{
	size_t len = 0;

	for (int tier = 0; tier < FAULT_TIERS; tier++) {
		char line[512], state[16] = "";

		tier_line(result, faults_tier_name((enum fault_tier)tier), line, sizeof line);
		sscanf(line, "%*s %*s %15s", state);
		len += (size_t)snprintf(states + len, size - len, "%s ", state);
	}
}

static void test_same(const char *what, bool (*prepare)(void), const char *expected)
{
	static struct result doctor;
	char states[128];

	if (!check_starts(what, prepare, &doctor))
		return;
	states_of(&doctor, states, sizeof states);
	tap_ok(!strcmp(states, expected), "%s: the same tiers as otherwise: %s", what, states);
}

/* -- what is held back ----------------------------------------------------------------------------------- */

static unsigned long long capabilities(pid_t pid, const char *name)
{
	char path[64], line[256];
	unsigned long long set = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (!strncmp(line, name, strlen(name)))
			set = strtoull(line + strlen(name) + 1, NULL, 16);
	if (file)
		fclose(file);
	return set;
}

/* Between samples a running memtide has no capability to load anything, and it still may; and it reads
 * everybody's memory. */
static void test_held_back(void)
{
	static const unsigned long long loading = 1ull << CAP_SYS_ADMIN | 1ull << CAP_SYS_MODULE | 1ull << CAP_BPF;
	unsigned long long pss = 0;
	const char *row;
	char pid[16];
	const char *const args[] = { "memtide", "-n", "1", "-p", pid, "-F", "pss", "--format", "csv", NULL };
	static struct result result;
	bool lowered = false;
	pid_t other = fork(), memtide;

	if (!other) {
		if (!be_nobody())
			_exit(1);
		pause();
		_exit(0);
	}
	memtide = fork();
	if (!memtide) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(null, STDOUT_FILENO);
		execlp("memtide", "memtide", "-b", "-d", "0.1", "--no-pss", "--probes", "all", (char *)NULL);
		_exit(1);
	}
	if (other < 0 || memtide < 0)
		tap_bail("fork: %s", strerror(errno));
	/* It may be looked at while it is starting, or taking a sample. */
	for (int tries = 0; tries < 1000 && !lowered; tries++) {
		unsigned long long effective = capabilities(memtide, "CapEff"), permitted = capabilities(memtide, "CapPrm");

		lowered = effective && !(effective & loading) && permitted & loading;
		usleep(10000);
	}
	tap_ok(lowered, "what only loading takes is permitted and not effective");
	kill(memtide, SIGKILL);
	waitpid(memtide, NULL, 0);
	snprintf(pid, sizeof pid, "%d", (int)other);
	run(&result, nothing, args);
	row = strstr(result.out, "\nprocess,");
	if (!tap_ok(row && sscanf(row, "\nprocess,%*[^,],%llu", &pss) == 1 && pss, "the memory of another user's process is read"))
		tap_note("%d: %s%s", result.status, result.out, result.err);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
}

static void test_descriptors(void)
{
	static const char *const examine[] = { "memtide", "--doctor", NULL };
	static struct result doctor;
	char line[512];

	if (!run(&doctor, few_descriptors, examine))
		tap_bail("setrlimit: %s", strerror(errno));
	tier_line(&doctor, "perf", line, sizeof line);
	if (!tap_ok(has(line, " failed ") && has(line, "raise ulimit -n"), "few descriptors: %s", line))
		tap_note("%d: %s", doctor.status, doctor.err);
}

int main(void)
{
	static const char *const examine[] = { "memtide", "--doctor", NULL };
	static struct result doctor;
	char states[128];
	struct err err;

	if (rootfs_open(&root, NULL, &err))
		tap_bail("%s", err.text);
	for (int tier = FAULT_TIER_PERF; tier <= FAULT_TIER_PROCFS; tier++) {
		test_totals((enum fault_tier)tier, "demand_zero", FAULTS);
		test_totals((enum fault_tier)tier, "file_major", 64);
	}
	test_hotplug();
	if (geteuid()) {
		tap_skip("the program where something is missing", "needs root to take it away");
		return tap_done();
	}
	if (!run(&doctor, nothing, examine))
		tap_bail("memtide does not run");
	states_of(&doctor, states, sizeof states);
	tap_note("%s", states);
	test_nobody();
	test_btf();
	test_same("64 KiB of locked memory", little_locked_memory, states);
	test_same("without tracefs", hide_tracefs, states);
	test_descriptors();
	if (capabilities(getpid(), "CapEff") & 1ull << CAP_SYS_ADMIN)
		test_held_back();
	else
		tap_skip("capabilities held back", "none to hold back");
	return tap_done();
}
