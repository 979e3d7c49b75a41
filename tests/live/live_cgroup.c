/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cgroup records on the running kernel: a cgroup made here, charged with a known amount of memory, against
 * its files as the kernel shows them before and after, then driven into its limit; and cgroups that come
 * and go during the walk.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <mntent.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "source/cgroup.h"
#include "tap.h"

enum { MIB = 1 << 20, LIMIT = 64 * MIB, CHARGE = 24 * MIB, SLACK = 4 * MIB, TRIES = 200, PATH_BYTES = 512,
       TEXT_BYTES = 8192, SOURCE_BYTES = 160 };

struct run {
	struct rootfs root;
	struct host host;
	struct cgroup_source *source;
	struct snapshot *snapshot;
	bool v1;
	char mount[PATH_BYTES / 2];	/* of the hierarchy with the memory controller */
	char name[64];			/* of the cgroup made here, with its '/' */
};

static ssize_t read_text(const char *path, char *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, TEXT_BYTES - 1);

	if (fd >= 0)
		close(fd);
	text[got < 0 ? 0 : got] = '\0';
	return got;
}

static bool write_text(const char *dir, const char *file, const char *text)
{
	char path[PATH_BYTES];
	bool done;
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* Finds the hierarchy as the C library sees mounts, in a way of its own. */
static bool find_mount(struct run *run)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	bool found = false;
	struct mntent *entry;

	while (mounts && !run->v1 && (entry = getmntent(mounts))) {
		char path[PATH_BYTES];

		if (!strcmp(entry->mnt_type, "cgroup") && hasmntopt(entry, "memory")) {
			run->v1 = found = true;
		} else if (!found && !strcmp(entry->mnt_type, "cgroup2")) {
			snprintf(path, sizeof path, "%s/memory.stat", entry->mnt_dir);
			found = !access(path, R_OK);
			if (!found)
				continue;
		} else {
			continue;
		}
		snprintf(run->mount, sizeof run->mount, "%s", entry->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

static void cgroup_dir(const struct run *run, char dir[PATH_BYTES])
{
	snprintf(dir, PATH_BYTES, "%s%s", run->mount, run->name);
}

static void sample(struct run *run)
{
	snapshot_unref(run->snapshot);
	run->snapshot = snapshot_new(&run->host, 0);
	if (!run->snapshot)
		tap_bail("no memory");
	if (cgroup_read(run->source, run->snapshot))
		tap_bail("cgroups cannot be read");
}

static const struct cgroup *find(const struct run *run, const char *path)
{
	for (size_t i = 0; i < run->snapshot->cgroup_count; i++)
		if (!strcmp(run->snapshot->cgroups[i].path->s, path))
			return &run->snapshot->cgroups[i];
	return NULL;
}

/* The number of METRIC as its file of the made cgroup shows it; INT64_MIN when there is none. "max" is -1. */
static int64_t kernel_number(const struct run *run, const struct metric *metric)
{
	char source[SOURCE_BYTES], dir[PATH_BYTES], path[2 * PATH_BYTES], *text, *slash, *part, *name;
	static char buffer[TEXT_BYTES + 1] = "\n";	/* so that every line begins behind a newline */
	int64_t number = INT64_MIN;

	snprintf(source, sizeof source, "%s", metric->source);
	slash = strstr(source, " / ");
	if (slash)
		*slash = '\0';
	part = run->v1 ? slash ? slash + 3 : NULL : source;
	if (!part || *part == '-')
		return number;
	name = strstr(part, ": ");
	if (name) {
		*name = '\n';		/* "\nanon" */
		memmove(name + 1, name + 2, strlen(name + 2) + 1);
	}
	cgroup_dir(run, dir);
	snprintf(path, sizeof path, "%s/%.*s", dir, (int)(name ? name - part : (ptrdiff_t)strlen(part)), part);
	if (read_text(path, buffer + 1) < 0)
		return number;
	if (!name)
		return !strcmp(buffer, "\nmax\n") ? -1 : strtoll(buffer + 1, NULL, 10);
	for (text = buffer; (text = strstr(text, name)); text++)
		if (text[strlen(name)] == ' ')
			number = strtoll(text + strlen(name), NULL, 10);
	return number;
}

static bool is_unlimited(const struct run *run, int64_t number)
{
	return number == -1 || (run->v1 && number >= INT64_MAX - run->host.page_bytes);
}

/* Whether VALUE can follow from two readings of the kernel, where OLD and NEW enclose it in time. */
static bool agrees(const struct run *run, struct value value, int64_t old, int64_t new)
{
	if (old == INT64_MIN)
		return value.status == VALUE_UNSUPPORTED;
	if (is_unlimited(run, old))
		return value.status == VALUE_NOT_APPLICABLE;
	return value.status == VALUE_OK && (old < new ? old <= value.amount && value.amount <= new :
						       new <= value.amount && value.amount <= old);
}

/* Holds every metric but pressure against the kernel's files, often enough to meet a quiet moment. */
static void test_against_files(struct run *run)
{
	bool good[CG_COUNT] = { false };
	unsigned compared = 0, wrong = 0;

	for (int try = 0; try < 10; try++) {
		static int64_t old[CG_COUNT];
		const struct cgroup *cgroup;

		for (unsigned i = 0; i < CG_COUNT; i++)
			old[i] = kernel_number(run, metric_get(SCOPE_CGROUP, i));
		sample(run);
		cgroup = find(run, run->name);
		for (unsigned i = 0; cgroup && i < CG_COUNT; i++)
			good[i] |= agrees(run, (struct value){ cgroup->amount[i], cgroup->status[i] }, old[i],
					  kernel_number(run, metric_get(SCOPE_CGROUP, i)));
	}
	for (unsigned i = 0; i < CG_COUNT; i++) {
		const struct metric *metric = metric_get(SCOPE_CGROUP, i);

		if (strstr(metric->source, "pressure"))
			continue;
		compared++;
		if (good[i])
			continue;
		wrong++;
		tap_note("%s: not as in %s", metric->key, metric->source);
	}
	tap_ok(!wrong, "all %u metrics agree with the kernel's files", compared);
}

/* A child in the made cgroup that maps and touches BYTES, says so with a byte, and waits to be killed. */
static pid_t charge(const struct run *run, size_t bytes, int *ready)
{
	char dir[PATH_BYTES], pid[16];
	int pipe_fds[2];
	pid_t child;

	if (pipe(pipe_fds))
		tap_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	child = fork();
	if (child < 0)
		tap_bail("fork: %s", strerror(errno));
	if (child) {
		close(pipe_fds[1]);
		*ready = pipe_fds[0];
		return child;
	}
	cgroup_dir(run, dir);
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	if (write_text(dir, "cgroup.procs", pid)) {
		char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory != MAP_FAILED) {
			madvise(memory, bytes, MADV_NOHUGEPAGE);
			memset(memory, 1, bytes);
			if (write(pipe_fds[1], "x", 1) == 1)
				pause();
		}
	}
	_exit(1);
}

static bool wait_ready(int fd)
{
	char byte;
	bool ready = read(fd, &byte, 1) == 1;

	close(fd);
	return ready;
}

static void end_child(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* How much memory.stat may lack: the kernel gathers its sums from the CPUs in batches (MEMCG_CHARGE_BATCH,
 * 32 or 64 pages), up to 5.12 only when one is full, later also every two seconds (mm/memcontrol.c). */
static int64_t stat_lag(const struct run *run)
{
	int64_t lag = sysconf(_SC_NPROCESSORS_ONLN) * 64 * run->host.page_bytes;

	return lag < CHARGE / 4 ? lag : CHARGE / 4;
}

static void test_charge(struct run *run)
{
	const struct timespec pause_time = { .tv_nsec = 50000000 };
	const struct cgroup *cgroup = NULL;
	int64_t lag = stat_lag(run);
	int ready;
	pid_t child = charge(run, CHARGE, &ready);

	if (!wait_ready(ready)) {
		end_child(child);
		tap_skip("charged memory", "no process may be moved into the cgroup");
		return;
	}
	for (int try = 0; try < TRIES; try++) {
		sample(run);
		cgroup = find(run, run->name);
		if (!cgroup || cgroup->amount[CG_ANON] >= CHARGE - lag)
			break;
		nanosleep(&pause_time, NULL);
	}
	if (tap_ok(cgroup != NULL, "the cgroup made here has a record")) {
		tap_ok(cgroup->status[CG_ANON] == VALUE_OK && cgroup->amount[CG_ANON] >= CHARGE - lag &&
		       cgroup->amount[CG_ANON] < CHARGE + SLACK,
		       "anon_bytes is what the child touched (%" PRId64 ")", cgroup->amount[CG_ANON]);
		tap_ok(cgroup->amount[CG_CURRENT] >= CHARGE && cgroup->amount[CG_CURRENT] < CHARGE + 2 * SLACK,
		       "current_bytes is that and little more (%" PRId64 ")", cgroup->amount[CG_CURRENT]);
		tap_ok(cgroup->amount[CG_MAX] == LIMIT, "max_bytes is the limit set");
		tap_ok(cgroup->amount[CG_PGFAULT] >= (CHARGE - lag) / run->host.page_bytes,
		       "pgfault_total has its faults");
		test_against_files(run);
	}
	end_child(child);
}

static void test_oom(struct run *run)
{
	const struct cgroup *cgroup;
	int64_t before, swap_max;
	int ready, status;
	char dir[PATH_BYTES];
	pid_t child;

	/* Without swap, so that the limit is met. */
	cgroup_dir(run, dir);
	if (run->v1)
		write_text(dir, "memory.memsw.limit_in_bytes", "67108864");
	else
		write_text(dir, "memory.swap.max", "0");
	sample(run);
	cgroup = find(run, run->name);
	if (!cgroup || cgroup->status[CG_OOM_KILLS] != VALUE_OK) {
		tap_skip("a process over the limit", "this kernel does not count oom_kill");
		return;
	}
	before = cgroup->amount[CG_OOM_KILLS];
	swap_max = cgroup->amount[run->v1 ? CG_MEMSW_MAX : CG_SWAP_MAX];
	tap_note("swap limit %" PRId64, swap_max);
	child = charge(run, 3 * (size_t)LIMIT, &ready);
	if (wait_ready(ready)) {
		end_child(child);
		tap_skip("a process over the limit", "it was swapped instead of killed");
		return;
	}
	waitpid(child, &status, 0);
	sample(run);
	cgroup = find(run, run->name);
	tap_ok(WIFSIGNALED(status) && cgroup && cgroup->amount[CG_OOM_KILLS] == before + 1,
	       "a process killed at the limit shows in oom_kills_total");
	tap_ok(cgroup && cgroup->status[CG_PEAK] == VALUE_OK ?
	       cgroup->amount[CG_PEAK] > LIMIT - SLACK && cgroup->amount[CG_PEAK] <= LIMIT :
	       cgroup && cgroup->status[CG_PEAK] == VALUE_UNSUPPORTED,
	       "peak_bytes is near the limit, or not there");
}

/* A child that makes and removes a cgroup below the made one as fast as it can. */
static pid_t churn(const struct run *run)
{
	char dir[PATH_BYTES], path[2 * PATH_BYTES];
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		tap_bail("fork: %s", strerror(errno));
	if (child)
		return child;
	cgroup_dir(run, dir);
	snprintf(path, sizeof path, "%s/churn", dir);
	for (;;) {
		mkdir(path, 0755);
		rmdir(path);
	}
}

static void test_churn(struct run *run)
{
	unsigned absent = 0, seen = 0, bad = 0;
	char dir[PATH_BYTES], path[2 * PATH_BYTES], name[PATH_BYTES];
	pid_t child;

	cgroup_dir(run, dir);
	if (!run->v1)
		write_text(dir, "cgroup.subtree_control", "+memory");
	snprintf(name, sizeof name, "%s/churn", run->name);
	child = churn(run);
	for (int i = 0; i < TRIES; i++) {
		const struct cgroup *cgroup;

		sample(run);
		absent += !find(run, run->name);
		cgroup = find(run, name);
		seen += cgroup != NULL;
		bad += cgroup && cgroup->status[CG_CURRENT] != VALUE_OK;
		for (size_t j = 1; j < run->snapshot->cgroup_count; j++)
			bad += !run->snapshot->cgroups[j].path;
	}
	end_child(child);
	snprintf(path, sizeof path, "%s/churn", dir);
	rmdir(path);
	tap_note("the cgroup that comes and goes was met in %u of %d walks", seen, TRIES);
	tap_ok(!absent && !bad, "cgroups that vanish during the walk do no harm");
}

/* As root of a machine that lets us; otherwise only what is there already is read. */
static bool make_cgroup(struct run *run)
{
	char dir[PATH_BYTES];

	snprintf(run->name, sizeof run->name, "/memtide-live-%d", (int)getpid());
	if (!run->v1)
		write_text(run->mount, "cgroup.subtree_control", "+memory");
	cgroup_dir(run, dir);
	if (mkdir(dir, 0755))
		return false;
	if (write_text(dir, run->v1 ? "memory.limit_in_bytes" : "memory.max", "67108864"))
		return true;
	rmdir(dir);
	return false;
}

static void remove_cgroup(const struct run *run)
{
	const struct timespec pause_time = { .tv_nsec = 20000000 };
	char dir[PATH_BYTES];

	cgroup_dir(run, dir);
	for (int try = 0; rmdir(dir) && errno == EBUSY && try < TRIES; try++)
		nanosleep(&pause_time, NULL);
}

int main(void)
{
	struct run run = { .host = { .page_bytes = sysconf(_SC_PAGESIZE) } };
	struct err err;

	if (rootfs_open(&run.root, NULL, &err))
		tap_bail("%s", err.text);
	run.source = cgroup_source_open(&run.root, &err);
	if (!run.source)
		tap_bail("%s", err.text);
	if (!find_mount(&run)) {
		tap_ok(!strcmp(cgroup_source_name(run.source), "none"),
		       "no memory controller, and none is found");
		return tap_done();
	}
	tap_ok(!strcmp(cgroup_source_name(run.source), run.v1 ? "cgroup1" : "cgroup2"), "%s at %s",
	       cgroup_source_name(run.source), run.mount);
	sample(&run);
	tap_ok(run.snapshot->cgroup_count && run.snapshot->cgroups[0].status[CG_ANON] == VALUE_OK,
	       "%zu cgroups, the first is %s", run.snapshot->cgroup_count, run.snapshot->cgroups[0].path->s);
	if (make_cgroup(&run)) {
		test_charge(&run);
		test_oom(&run);
		test_churn(&run);
		remove_cgroup(&run);
	} else {
		tap_skip("charged memory", "no cgroup can be made here: %s", strerror(errno));
	}
	snapshot_unref(run.snapshot);
	cgroup_source_close(run.source);
	rootfs_close(&run.root);
	return tap_done();
}
