/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system record on the running kernel, against other readings of the same files: awk's, stdio's,
 * sysinfo(2) and sysconf(3). They read before and after memtide; what lies between is right. A counter has
 * to be right each time. A gauge may leave that range and come back, so it has many tries; and awk, which
 * is a process itself, moves some (KernelStack) that are the same before and after, so gauges are held
 * against stdio's reading.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "source/system.h"
#include "tap.h"

enum { FIELDS_MAX = 512, NAME_BYTES = 64, AWK_TRIES = 5, STDIO_TRIES = 200 };

/* One file as somebody else sees it. */
struct reading {
	unsigned count;
	struct field {
		char name[NAME_BYTES];
		int64_t value;
	} fields[FIELDS_MAX];
};

struct run {
	struct rootfs root;
	struct host host;
	struct system_source *source;
	struct snapshot *snapshot;
};

/* Lines of "name value" or "name: value kB". */
static void read_fields(FILE *file, struct reading *reading)
{
	char line[256];

	reading->count = 0;
	while (reading->count < FIELDS_MAX && fgets(line, sizeof line, file)) {
		struct field *field = &reading->fields[reading->count++];
		size_t len;

		if (sscanf(line, "%63s %" SCNd64, field->name, &field->value) != 2)
			tap_bail("not understood: %s", line);
		if (strstr(line, " kB"))
			field->value *= 1024;
		len = strlen(field->name);
		if (field->name[len - 1] == ':')
			field->name[len - 1] = '\0';
	}
}

/* awk's idea of the first three words of each line. */
static void awk_read(const char *path, struct reading *reading)
{
	char command[128];
	FILE *out;

	snprintf(command, sizeof command, "awk '{ print $1, $2, $3 }' %s", path);
	out = popen(command, "r");
	if (!out)
		tap_bail("awk: %s", strerror(errno));
	read_fields(out, reading);
	if (pclose(out))
		tap_bail("awk cannot read %s", path);
}

static void stdio_read(const char *path, struct reading *reading)
{
	FILE *file = fopen(path, "r");

	if (!file)
		tap_bail("%s: %s", path, strerror(errno));
	read_fields(file, reading);
	fclose(file);
}

/* The value of NAME, or the sum of the names it stands for when it ends in '*'. */
static bool reading_find(const struct reading *reading, const char *name, int64_t *value)
{
	size_t len = strlen(name);
	bool sum = name[len - 1] == '*', found = false;

	*value = 0;
	for (unsigned i = 0; i < reading->count; i++) {
		const struct field *field = &reading->fields[i];

		if (sum ? strncmp(field->name, name, len - 1) : strcmp(field->name, name))
			continue;
		*value += field->value;
		found = true;
	}
	return found;
}

static void sample(struct run *run)
{
	snapshot_unref(run->snapshot);
	run->snapshot = snapshot_new(&run->host, 0);
	if (!run->snapshot)
		tap_bail("no memory");
	if (system_read(run->source, run->snapshot))
		tap_bail("/proc/meminfo cannot be read");
}

static bool between(int64_t value, int64_t a, int64_t b)
{
	return a < b ? a <= value && value <= b : b <= value && value <= a;
}

/* One comparison of all metrics of FILE, marking those that were right in GOOD. Counts those that cannot be
 * excused. */
static unsigned compare(struct run *run, void (*read)(const char *path, struct reading *reading),
			const char *prefix, const char *path, bool *good)
{
	static struct reading before, after;
	unsigned wrong = 0;

	read(path, &before);
	sample(run);
	read(path, &after);
	for (unsigned i = 0; i < SYS_COUNT; i++) {
		const struct metric *metric = metric_get(SCOPE_SYSTEM, i);
		const char *name;
		struct value value = system_value(run->snapshot, (enum system_metric)i);
		int64_t a, b;
		bool right, present;

		if (strncmp(metric->source, prefix, strlen(prefix)))
			continue;
		name = metric->source + strlen(prefix);
		present = reading_find(&before, name, &a);
		present = reading_find(&after, name, &b) && present;
		right = present ? value.status == VALUE_OK && between(value.amount, a, b) :
				  value.status == VALUE_UNSUPPORTED;
		good[i] |= right;
		if (right || (present && value.status == VALUE_OK && metric->kind == KIND_GAUGE))
			continue;	/* a gauge may have gone away and come back */
		tap_note("%s: %s %" PRId64 ", should be %" PRId64 " to %" PRId64, metric->key,
			 value_status_name(value.status), value.amount, a, b);
		wrong++;
	}
	return wrong;
}

static void test_file(struct run *run, const char *prefix, const char *path)
{
	bool good[SYS_COUNT] = { false }, good_awk[SYS_COUNT] = { false };
	unsigned wrong = 0, total = 0, never = 0;

	for (int i = 0; i < AWK_TRIES; i++)
		wrong += compare(run, awk_read, prefix, path, good_awk);
	for (int i = 0; i < STDIO_TRIES; i++)
		wrong += compare(run, stdio_read, prefix, path, good);
	tap_ok(!wrong, "%s: counters lie between two readings, and what is not there is unsupported", path);
	for (unsigned i = 0; i < SYS_COUNT; i++) {
		const struct metric *metric = metric_get(SCOPE_SYSTEM, i);

		if (strncmp(metric->source, prefix, strlen(prefix)))
			continue;
		total++;
		if (!good[i]) {
			tap_note("never right: %s", metric->key);
			never++;
		}
	}
	tap_ok(total > 50 && !never, "%s: each of %u metrics was seen between two readings", path, total);
}

static int64_t amount(const struct run *run, enum system_metric metric)
{
	return run->snapshot->system_amount[metric];
}

static bool is_ok(const struct run *run, enum system_metric metric)
{
	return run->snapshot->system_status[metric] == VALUE_OK;
}

static int64_t bytes(const struct sysinfo *info, unsigned long units)
{
	return (int64_t)units * info->mem_unit;
}

static void test_sysinfo(struct run *run)
{
	struct sysinfo info;

	sample(run);
	if (sysinfo(&info))
		tap_bail("sysinfo: %s", strerror(errno));
	tap_ok(is_ok(run, SYS_MEM_TOTAL) && amount(run, SYS_MEM_TOTAL) == bytes(&info, info.totalram),
	       "mem_total_bytes is that of sysinfo (%" PRId64 ")", amount(run, SYS_MEM_TOTAL));
	tap_ok(is_ok(run, SYS_SWAP_TOTAL) && amount(run, SYS_SWAP_TOTAL) == bytes(&info, info.totalswap),
	       "swap_total_bytes is that of sysinfo (%" PRId64 ")", amount(run, SYS_SWAP_TOTAL));
	tap_ok(is_ok(run, SYS_PAGE_SIZE) && amount(run, SYS_PAGE_SIZE) == sysconf(_SC_PAGESIZE),
	       "page_size_bytes is that of sysconf");
	if (is_ok(run, SYS_SWAP_AREAS))
		tap_ok(amount(run, SYS_SWAP_AREAS_SIZE) == amount(run, SYS_SWAP_TOTAL),
		       "the sizes of the %u swap areas add up to swap_total_bytes", run->snapshot->swap_count);
	else
		tap_skip("swap areas", "this kernel has no /proc/swaps");
	for (unsigned i = 0; i < run->snapshot->extra_count; i++)
		tap_note("unknown in meminfo: %s %" PRId64, run->snapshot->extra[i].name,
			 run->snapshot->extra[i].bytes);
}

static bool read_line(const char *path, char *line, size_t cap)
{
	FILE *file = fopen(path, "r");
	bool got = file && fgets(line, (int)cap, file);

	if (file)
		fclose(file);
	return got;
}

static void test_settings(struct run *run)
{
	static const struct {
		enum system_metric metric;
		const char *path;
		int64_t scale;
	} numbers[] = {
		{ SYS_OVERCOMMIT_MEMORY, "/proc/sys/vm/overcommit_memory", 1 },
		{ SYS_OVERCOMMIT_RATIO, "/proc/sys/vm/overcommit_ratio", 1000 },
		{ SYS_SWAPPINESS, "/proc/sys/vm/swappiness", 1 },
		{ SYS_MIN_FREE, "/proc/sys/vm/min_free_kbytes", 1024 },
		{ SYS_THP_SIZE, "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", 1 },
		{ SYS_LRU_GEN_ENABLED, "/sys/kernel/mm/lru_gen/enabled", 1 },
		{ SYS_KSM_RUN, "/sys/kernel/mm/ksm/run", 1 },
	};
	char line[256], bracketed[64];

	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		if (!read_line(numbers[i].path, line, sizeof line))
			tap_ok(!is_ok(run, numbers[i].metric), "%s is not there", numbers[i].path);
		else
			tap_ok(is_ok(run, numbers[i].metric) && amount(run, numbers[i].metric) ==
			       strtoll(line, NULL, 0) * numbers[i].scale, "%s", numbers[i].path);
	}
	for (unsigned i = 0; i < 3; i++) {
		static const char *const files[] = { "enabled", "defrag", "shmem_enabled" };
		const struct setting *setting = &run->snapshot->settings[i];
		char path[128];

		snprintf(path, sizeof path, "/sys/kernel/mm/transparent_hugepage/%s", files[i]);
		snprintf(bracketed, sizeof bracketed, "[%s]", setting->text);
		if (!read_line(path, line, sizeof line))
			tap_ok(setting->status == VALUE_UNSUPPORTED, "%s is not there", path);
		else
			tap_ok(setting->status == VALUE_OK && strstr(line, bracketed), "%s is %s",
			       setting->name, setting->text);
	}
}

/* "some ... total=N" of a pressure file in nanoseconds, -1 when it cannot be read. */
static int64_t pressure_total(const char *path)
{
	char line[256];
	const char *total;

	if (!read_line(path, line, sizeof line))
		return -1;
	total = strstr(line, "total=");
	return total ? strtoll(total + 6, NULL, 10) * 1000 : -1;
}

static void test_pressure(struct run *run)
{
	static const struct {
		const char *path;
		enum system_metric metric;
	} files[] = {
		{ "/proc/pressure/memory", SYS_PSI_MEMORY_SOME_TIME },
		{ "/proc/pressure/cpu", SYS_PSI_CPU_SOME_TIME },
		{ "/proc/pressure/io", SYS_PSI_IO_SOME_TIME },
	};

	for (int i = 0; i < 3; i++) {
		int64_t before = pressure_total(files[i].path), after;

		sample(run);
		after = pressure_total(files[i].path);
		if (before >= 0)
			tap_ok(is_ok(run, files[i].metric) &&
			       between(amount(run, files[i].metric), before, after),
			       "%s: the stall time lies between two readings", files[i].path);
		else
			tap_ok(run->snapshot->system_status[files[i].metric] == VALUE_UNSUPPORTED &&
			       run->snapshot->notice_count,
			       "%s: not here, and a notice says so", files[i].path);
	}
}

/* What is known by doing it: touching N pages is at least N page faults. */
static void test_faults(struct run *run)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = 2000;
	int64_t before;
	char *memory;

	sample(run);
	before = amount(run, SYS_VM_PGFAULT);
	memory = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	madvise(memory, pages * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < pages; i++)
		memory[i * page] = 1;
	sample(run);
	tap_ok(amount(run, SYS_VM_PGFAULT) - before >= (int64_t)pages,
	       "touching %zu pages shows as page faults", pages);
	munmap(memory, pages * page);
}

int main(void)
{
	struct run run = { .host = { .page_bytes = sysconf(_SC_PAGESIZE) } };
	struct err err;

	if (rootfs_open(&run.root, NULL, &err))
		tap_bail("%s", err.text);
	run.source = system_source_open(&run.root, &err);
	if (!run.source)
		tap_bail("%s", err.text);
	test_sysinfo(&run);
	test_settings(&run);
	test_pressure(&run);
	test_faults(&run);
	test_file(&run, "meminfo: ", "/proc/meminfo");
	test_file(&run, "vmstat: ", "/proc/vmstat");
	snapshot_unref(run.snapshot);
	system_source_close(run.source);
	rootfs_close(&run.root);
	return tap_done();
}
