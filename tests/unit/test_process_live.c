/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parsers of /proc/PID on the running kernel, against what system calls and awk say of the same process. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exact.h"
#include "parse/process.h"
#include "util/readfile.h"

/* The whole of /proc/PID/NAME (PID 0: self), in a block that only the caller frees. */
static char *read_process(pid_t pid, const char *name, size_t *len)
{
	char path[64], *text = NULL;
	size_t cap = 0;
	ssize_t got;

	if (!pid)
		pid = getpid();
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	got = readfile_grow_at(AT_FDCWD, path, &text, &cap, 64 << 20);
	if (got < 0) {
		free(text);
		return NULL;
	}
	*len = (size_t)got;
	return text;
}

static void read_stat(pid_t pid, struct parse_stat *stat)
{
	size_t len;
	char *text = read_process(pid, "stat", &len);

	assert_non_null(text);
	assert_int_equal(parse_stat(text, len, stat), 0);
	free(text);
}

static void read_status(pid_t pid, struct parse_status *status)
{
	size_t len;
	char *text = read_process(pid, "status", &len);

	assert_non_null(text);
	assert_int_equal(parse_status(text, len, status), 0);
	free(text);
}

/* Identity, names that try to look like other fields, faults and CPU time against getrusage(2). */
static void test_self(void **state)
{
	struct rusage before, after;
	struct parse_stat stat;
	long tick_us = 1000000 / sysconf(_SC_CLK_TCK);
	char name[16];
	(void)state;

	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	prctl(PR_SET_NAME, "a) R 1 (\n) Z 2");
	getrusage(RUSAGE_SELF, &before);
	read_stat(0, &stat);
	getrusage(RUSAGE_SELF, &after);
	prctl(PR_SET_NAME, name);

	assert_int_equal(stat.pid, getpid());
	assert_int_equal(stat.ppid, getppid());
	assert_string_equal(stat.comm, "a) R 1 (\n) Z 2");
	assert_int_equal(stat.state, 'R');
	assert_in_range(stat.minflt, before.ru_minflt, after.ru_minflt);
	assert_in_range(stat.majflt, before.ru_majflt, after.ru_majflt);
	/* The kernel scales both from one sum, so that each may be a tick off. */
	assert_true((int64_t)(stat.utime - 1) * tick_us <=
		    after.ru_utime.tv_sec * 1000000 + after.ru_utime.tv_usec);
	assert_int_equal(stat.policy, sched_getscheduler(0));
	assert_true(stat.has_layout);
}

static void *wait_for_end(void *barrier)
{
	pthread_barrier_wait(barrier);
	pthread_barrier_wait(barrier);
	return NULL;
}

static void test_threads(void **state)
{
	pthread_barrier_t barrier;
	pthread_t threads[3];
	struct parse_stat stat;
	struct parse_status status;
	(void)state;

	pthread_barrier_init(&barrier, NULL, 4);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, wait_for_end, &barrier), 0);
	pthread_barrier_wait(&barrier);
	read_stat(0, &stat);
	read_status(0, &status);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
	assert_int_equal(stat.num_threads, 4);
	assert_int_equal(status.v[STATUS_THREADS], 4);
	assert_int_equal(status.v[STATUS_TGID], getpid());
	assert_int_equal(status.v[STATUS_UID_EFFECTIVE], geteuid());
}

enum { DIRTY_BYTES = 8 << 20, LOCKED_BYTES = 1 << 16 };

/* A child that holds DIRTY_BYTES of its own and has stopped; LOCKED: LOCKED_BYTES of them are. */
static pid_t stopped_child(bool *locked)
{
	int ends[2], status;
	char done = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		char *memory = mmap(NULL, DIRTY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				    -1, 0);

		prctl(PR_SET_PDEATHSIG, SIGKILL);	/* a test that fails leaves no stopped process behind */
		if (memory == MAP_FAILED)
			_exit(1);
		madvise(memory, DIRTY_BYTES, MADV_NOHUGEPAGE);
		memset(memory, 1, DIRTY_BYTES);
		/* The plain call: sanitizers make mlock() do nothing. */
		done = syscall(SYS_mlock, memory, LOCKED_BYTES) ? 'n' : 'y';
		if (write(ends[1], &done, 1) != 1)
			_exit(1);
		raise(SIGSTOP);
		_exit(0);
	}
	assert_int_equal(read(ends[0], &done, 1), 1);
	*locked = done == 'y';
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

struct line {
	char name[32];
	int64_t kib;
};

/* What awk makes of TEXT: for each key the sum of its lines' first numbers. Returns how many keys. */
static size_t read_by_awk(const char *text, size_t len, struct line *lines, size_t max)
{
	char path[] = "/tmp/test_process_live.XXXXXX", command[256];
	int fd = mkstemp(path);
	size_t count = 0;
	long long sum;
	FILE *awk;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	snprintf(command, sizeof(command), "awk 'sub(/:$/, \"\", $1) { sum[$1] += $2 } "
		 "END { for (key in sum) printf \"%%s %%.0f\\n\", key, sum[key] }' %s", path);
	awk = popen(command, "r");
	assert_non_null(awk);
	while (count < max && fscanf(awk, "%31s %lld", lines[count].name, &sum) == 2)
		lines[count++].kib = sum;
	assert_int_equal(pclose(awk), 0);
	unlink(path);
	return count;
}

/* The bytes of NAME in what awk read, -1 when it is not there. */
static int64_t awk_bytes(const struct line *lines, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(lines[i].name, name))
			return lines[i].kib * 1024;
	return -1;
}

static const struct { const char *name; enum smaps_field field; } smaps_keys[] = {
	{ "Rss", SMAPS_RSS }, { "Pss", SMAPS_PSS }, { "Pss_Dirty", SMAPS_PSS_DIRTY },
	{ "Pss_Anon", SMAPS_PSS_ANON }, { "Pss_File", SMAPS_PSS_FILE }, { "Pss_Shmem", SMAPS_PSS_SHMEM },
	{ "Shared_Clean", SMAPS_SHARED_CLEAN }, { "Shared_Dirty", SMAPS_SHARED_DIRTY },
	{ "Private_Clean", SMAPS_PRIVATE_CLEAN }, { "Private_Dirty", SMAPS_PRIVATE_DIRTY },
	{ "Referenced", SMAPS_REFERENCED }, { "Anonymous", SMAPS_ANONYMOUS }, { "KSM", SMAPS_KSM },
	{ "LazyFree", SMAPS_LAZYFREE }, { "AnonHugePages", SMAPS_ANON_HUGE },
	{ "ShmemPmdMapped", SMAPS_SHMEM_PMD }, { "FilePmdMapped", SMAPS_FILE_PMD },
	{ "Shared_Hugetlb", SMAPS_SHARED_HUGETLB }, { "Private_Hugetlb", SMAPS_PRIVATE_HUGETLB },
	{ "Swap", SMAPS_SWAP }, { "SwapPss", SMAPS_SWAP_PSS }, { "Locked", SMAPS_LOCKED },
};

static void check_smaps_against_awk(const char *file, const char *text, size_t len)
{
	struct parse_smaps smaps = { .have = 0 };
	struct line lines[64];
	size_t count = read_by_awk(text, len, lines, 64);

	assert_int_equal(parse_smaps_add(text, len, &smaps), 0);
	for (size_t i = 0; i < SMAPS_COUNT; i++) {
		enum smaps_field field = smaps_keys[i].field;
		int64_t bytes = smaps.have & 1u << field ? smaps.bytes[field] : -1;
		int64_t awk = awk_bytes(lines, count, smaps_keys[i].name);

		if (bytes != awk)
			fail_msg("%s of %s: %lld, awk says %lld", smaps_keys[i].name, file, (long long)bytes,
				 (long long)awk);
	}
	assert_true(smaps.bytes[SMAPS_PRIVATE_DIRTY] >= DIRTY_BYTES);
	assert_true(smaps.bytes[SMAPS_RSS] >= smaps.bytes[SMAPS_PSS]);
}

static void test_smaps(void **state)
{
	static const char *const files[] = { "smaps", "smaps_rollup" };
	bool locked;
	pid_t pid = stopped_child(&locked);
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		size_t len;
		char *text = read_process(pid, files[i], &len);

		assert_true(text || !strcmp(files[i], "smaps_rollup"));	/* there since 4.14, if configured */
		if (text)
			check_smaps_against_awk(files[i], text, len);
		free(text);
	}
	end_child(pid);
}

/* A stopped child: its sizes as awk reads them, and as statm counts the same in pages. */
static void test_memory(void **state)
{
	static const struct { const char *name; enum status_field field; } keys[] = {
		{ "VmSize", STATUS_VMSIZE }, { "VmLck", STATUS_VMLCK }, { "VmHWM", STATUS_VMHWM },
		{ "VmRSS", STATUS_VMRSS }, { "RssAnon", STATUS_RSSANON }, { "RssFile", STATUS_RSSFILE },
		{ "RssShmem", STATUS_RSSSHMEM }, { "VmPTE", STATUS_VMPTE }, { "VmSwap", STATUS_VMSWAP },
	};
	int64_t page = sysconf(_SC_PAGESIZE);
	bool locked;
	pid_t pid = stopped_child(&locked);
	struct parse_status status;
	struct parse_statm statm;
	struct parse_stat stat;
	struct line lines[128];
	size_t len, count;
	char *text = read_process(pid, "status", &len);
	(void)state;

	assert_non_null(text);
	count = read_by_awk(text, len, lines, 128);
	assert_int_equal(parse_status(text, len, &status), 0);
	free(text);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_true(status.have & 1u << keys[i].field);
		assert_int_equal(status.v[keys[i].field], awk_bytes(lines, count, keys[i].name));
	}
	assert_int_equal(status.v[STATUS_VMLCK], locked ? LOCKED_BYTES : 0);
	assert_true(status.v[STATUS_RSSANON] >= DIRTY_BYTES);

	text = read_process(pid, "statm", &len);
	assert_non_null(text);
	assert_int_equal(parse_statm(text, len, &statm), 0);
	free(text);
	assert_int_equal(statm.size * page, status.v[STATUS_VMSIZE]);
	assert_int_equal(statm.resident * page, status.v[STATUS_VMRSS]);
	assert_int_equal(statm.shared * page, status.v[STATUS_RSSFILE] + status.v[STATUS_RSSSHMEM]);

	read_stat(pid, &stat);
	assert_int_equal(stat.ppid, getpid());
	assert_int_equal(stat.state, 'T');
	assert_int_equal(stat.vsize, status.v[STATUS_VMSIZE]);
	end_child(pid);
}

/* The start time lies between the clock's readings around fork(2), in ticks since boot. */
static void test_start_time(void **state)
{
	struct timespec before, after;
	long ticks = sysconf(_SC_CLK_TCK);
	struct parse_stat stat;
	bool locked;
	pid_t pid;
	(void)state;

	clock_gettime(CLOCK_BOOTTIME, &before);
	pid = stopped_child(&locked);
	clock_gettime(CLOCK_BOOTTIME, &after);
	read_stat(pid, &stat);
	end_child(pid);
	assert_in_range(stat.starttime, before.tv_sec * ticks + before.tv_nsec / (1000000000 / ticks),
			after.tv_sec * ticks + after.tv_nsec / (1000000000 / ticks));
}

/* A mapping of our own, found by its address: file, offset, device and inode as fstat(2) has them. */
static void test_maps(void **state)
{
	long page = sysconf(_SC_PAGESIZE);
	char path[] = "/tmp/a b\nc.XXXXXX";
	int fd = mkstemp(path), found = 0, ret;
	struct parse_map map;
	struct stat st;
	const char *p;
	size_t len;
	char *memory, *text;
	(void)state;

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4 * page), 0);
	assert_int_equal(fstat(fd, &st), 0);
	memory = mmap(NULL, 2 * (size_t)page, PROT_READ, MAP_SHARED, fd, page);
	assert_true(memory != MAP_FAILED);
	unlink(path);
	text = read_process(0, "maps", &len);
	assert_non_null(text);
	for (p = text; (ret = parse_map_next(&p, &len, &map)); ) {
		assert_int_equal(ret, 1);	/* every line of the kernel's is understood */
		if (map.start != (uintptr_t)memory)
			continue;
		found++;
		assert_int_equal(map.end, (uintptr_t)memory + 2 * (size_t)page);
		assert_int_equal(map.offset, page);
		assert_true(map.readable && !map.writable && !map.executable && map.shared);
		assert_int_equal(map.inode, st.st_ino);
		assert_int_equal(map.path_len, strlen("/tmp/a b\\012c.XXXXXX (deleted)"));
		assert_memory_equal(map.path, "/tmp/a b\\012c.", strlen("/tmp/a b\\012c."));
	}
	assert_int_equal(found, 1);
	munmap(memory, 2 * (size_t)page);
	close(fd);
	free(text);
}

static void check_one(pid_t pid)
{
	struct parse_stat stat;
	struct parse_statm statm;
	size_t len;
	char *text = read_process(pid, "stat", &len);

	if (!text)
		return;		/* it has ended */
	if (parse_stat(text, len, &stat))
		fail_msg("not understood: %.*s", (int)len, text);
	free(text);
	assert_int_equal(stat.pid, pid);
	text = read_process(pid, "statm", &len);
	if (text && parse_statm(text, len, &statm))
		fail_msg("not understood: %.*s", (int)len, text);
	free(text);
}

/* Every process there is: nothing the kernel prints is refused, and a process that is read is who it is. */
static void test_everyone(void **state)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned seen = 0;
	(void)state;

	assert_non_null(proc);
	while ((entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0)
			continue;
		check_one(pid);
		seen++;
	}
	closedir(proc);
	assert_true(seen > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_self), cmocka_unit_test(test_threads), cmocka_unit_test(test_smaps),
		cmocka_unit_test(test_memory), cmocka_unit_test(test_start_time), cmocka_unit_test(test_maps),
		cmocka_unit_test(test_everyone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
