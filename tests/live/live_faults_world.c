/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault probe and processes that come and go: what getrusage and wait4 show of those that were born after it was attached is what
 * it counts, whoever has ended, and when the probe's own process is killed nothing of it stays in the kernel.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef HAVE_BPF
#include <bpf/bpf.h>
#endif

#include "fault_reader.h"
#include "gen.h"
#include "tap.h"

enum { CHILDREN = 300, THREADS = 8, PAGES = 40, PATIENCE = 200 };

static struct rootfs root;

static void touch(size_t pages)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(3);
	for (size_t i = 0; i < pages; i++)
		*(volatile char *)(memory + i * page) = 1;
}

struct child {
	pid_t pid;
	uint64_t rusage, counted;
	unsigned ends;
};

static void take_ends(const struct fault_reading *reading, struct child *children, unsigned *ended)
{
	for (size_t i = 0; i < reading->count; i++) {
		const struct fault_process *process = reading->processes[i];

		for (unsigned c = 0; process->ended && c < CHILDREN; c++) {
			if (children[c].pid != process->pid)
				continue;
			children[c].counted += sums_accounted(&process->sums);
			*ended += !children[c].ends++;
		}
	}
}

/* Each with another number of faults, and read from time to time while they come and go. */
static void test_children(struct faults *faults, const char *tier)
{
	static struct child children[CHILDREN];
	struct fault_reading reading;
	unsigned ended = 0, right = 0, told_once = 0;
	uint64_t lost = 0;

	memset(children, 0, sizeof children);
	for (unsigned i = 0; i < CHILDREN; i++) {
		struct rusage usage;
		int status;

		fflush(stdout);
		children[i].pid = fork();
		if (!children[i].pid) {
			touch(1 + i % PAGES);
			_exit(0);
		}
		if (wait4(children[i].pid, &status, 0, &usage) != children[i].pid)
			tap_bail("wait4: %s", strerror(errno));
		children[i].rusage = (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
		if (i % 50 == 49) {
			reader_read(faults, &reading);
			take_ends(&reading, children, &ended);
		}
	}
	for (int i = 0; i < PATIENCE && ended < CHILDREN; i++) {
		usleep(20000);
		reader_read(faults, &reading);
		take_ends(&reading, children, &ended);
		lost = reading.lost;
	}
	for (unsigned i = 0; i < CHILDREN; i++) {
		right += children[i].counted == children[i].rusage;
		told_once += children[i].ends == 1;
		if (children[i].counted != children[i].rusage)
			tap_note("child %u: %" PRIu64 " of %" PRIu64 ", told %u times", i, children[i].counted,
				 children[i].rusage, children[i].ends);
	}
	tap_ok(told_once == CHILDREN, "%s: the end of each of %d children is told once (%u)", tier, CHILDREN, told_once);
	tap_ok(right == CHILDREN && !lost, "%s: with the faults that wait4 shows (%u of %d)", tier, right, CHILDREN);
}

static void *toucher(void *unused)
{
	(void)unused;
	touch(PAGES);
	return NULL;
}

/* Threads that have ended still count for their process, which is what /proc/PID/stat shows. */
static void test_threads(struct faults *faults, const char *tier)
{
	uint64_t shown = 0, counted = 0, lost = 0;
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready))
		tap_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		pthread_t threads[THREADS];

		for (int i = 0; i < THREADS; i++)
			pthread_create(&threads[i], NULL, toucher, NULL);
		for (int i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(ready[0], &byte, 1) != 1)
		tap_bail("the child ended");
	for (int t = 0; t < PATIENCE; t++) {
		struct fault_reading reading;
		struct fault_sums sums;

		reader_read(faults, &reading);
		sums = reading_sums(&reading, pid);
		counted = sums_accounted(&sums);
		lost = reading.lost;
		shown = gen_faults(pid);
		if (counted == shown)
			break;
		usleep(20000);
	}
	if (!tap_ok(counted == shown, "%s: with %d threads that ended it has %" PRIu64 " of the %" PRIu64 " in stat", tier, THREADS,
		    counted, shown))
		tap_note("%" PRIu64 " faults lost", lost);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

static void test_tier(enum fault_tier tier)
{
	struct faults_config config = { .tier = (int)tier, .part = FAULT_PART_LATENCY };
	struct probe_status status;
	struct faults *faults;
	struct err err;

	faults = faults_open(&root, &config, &status, &err);
	if (!faults) {
		reader_lacks(tier, &err);
		return;
	}
	test_children(faults, faults_tier_name(tier));
	test_threads(faults, faults_tier_name(tier));
	faults_close(faults);
}

#ifdef HAVE_BPF
/* Programs of this machine whose names begin as ours do. */
static unsigned programs(void)
{
	unsigned count = 0;
	__u32 id = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = { .type = 0 };
		__u32 len = sizeof info;
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && !strncmp(info.name, "fault_", 6))
			count++;
		if (fd >= 0)
			close(fd);
	}
	return count;
}

/* Another memtide of this machine may come and go meanwhile: so it is tried a few times. */
static void test_killed(void)
{
	unsigned before = 0, during = 0, after = 0;
	bool good = false, attached = true;

	for (int attempt = 0; attempt < 5 && !good && attached; attempt++) {
		int ready[2];
		char byte;
		pid_t pid;

		before = programs();
		if (pipe(ready))
			tap_bail("pipe: %s", strerror(errno));
		fflush(stdout);
		pid = fork();
		if (!pid) {
			struct faults_config config = { .tier = -1, .part = FAULT_PART_LATENCY, .whole = true };
			struct probe_status status;
			struct err err;

			if (!faults_open(&root, &config, &status, &err) || write(ready[1], "x", 1) != 1)
				_exit(1);
			for (;;)
				pause();
		}
		close(ready[1]);
		attached = read(ready[0], &byte, 1) == 1;
		during = programs();
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(ready[0]);
		for (int i = 0; i < PATIENCE && (i == 0 || after != before); i++) {
			after = programs();
			usleep(20000);
		}
		good = during > before && after == before;
	}
	if (!attached)
		tap_skip("killed", "no tier of the probe is a BPF program here");
	else
		tap_ok(good, "killed, no program of the probe stays: %u before, %u attached, %u after", before, during, after);
}
#endif

int main(void)
{
	struct err err;

	signal(SIGPIPE, SIG_IGN);
	if (rootfs_open(&root, NULL, &err))
		tap_bail("%s", err.text);
	for (int tier = FAULT_TIER_FENTRY; tier <= FAULT_TIER_ITERATOR; tier++)
		test_tier((enum fault_tier)tier);
#ifdef HAVE_BPF
	test_killed();
#endif
	rootfs_close(&root);
	return tap_done();
}
