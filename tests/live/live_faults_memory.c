/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In what memory faults are taken: a process that touches memory of one kind at a time. Everything it had before is locked, so that
 * it takes no faults but these, and what /proc/PID/stat shows of them is what the probe counts there and nowhere else.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "actor.h"
#include "fault_reader.h"
#include "gen.h"
#include "tap.h"

/* Pages of a file lie so far apart that mapping one maps no other (fault_around_bytes). */
enum { PAGES = 48, HUGE_PAGES = 2, FILE_STRIDE = 64 * 1024 };

static struct rootfs root;
static size_t page;

/* Of the program itself, never touched before. */
static char bss[(PAGES + 1) * 64 * 1024];

static void die(const char *what)
{
	printf("# %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

/* What the next touch takes. */
static struct {
	char *memory;
	size_t pages, stride;
	bool write;
} target;

static void touch_target(void)
{
	for (size_t i = 0; i < target.pages; i++) {
		volatile char *byte = target.memory + i * target.stride;

		if (target.write)
			*byte = 1;
		else
			(void)*byte;
	}
}

static void set_target(char *memory, size_t pages, size_t stride, bool write_it)
{
	target.memory = memory;
	target.pages = pages;
	target.stride = stride;
	target.write = write_it;
}

static void map_target(size_t stride, int prot, int flags, int fd)
{
	char *memory = mmap(NULL, PAGES * stride, prot, flags, fd, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	set_target(memory, PAGES, stride, prot & PROT_WRITE);
}

/* Where files are made. */
static const char *directory(void)
{
	return access("/mnt/disk", W_OK) ? "." : "/mnt/disk";
}

/* Of an unnamed file, with its pages in the cache. */
static void map_file(int prot, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "%s/live_faults.XXXXXX", directory());
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		die(path);
	unlink(path);
	for (size_t i = 0; i < PAGES; i++)
		if (pwrite(fd, "x", 1, (off_t)(i * FILE_STRIDE)) != 1)
			die("pwrite");
	if (ftruncate(fd, PAGES * FILE_STRIDE))
		die("ftruncate");
	map_target(FILE_STRIDE, prot, flags, fd);
	close(fd);
}

static char *page_from(char *address)
{
	return (char *)(((uintptr_t)address + page - 1) / page * page);
}

static void prepare_heap(void)
{
	char *start = sbrk((intptr_t)((PAGES + 1) * page));

	if (start == (void *)-1)
		die("sbrk");
	set_target(page_from(start), PAGES, page, true);
}

static void prepare_bss(void)
{
	char *start = page_from(bss);

	if (munlock(start, PAGES * page) || madvise(start, PAGES * page, MADV_DONTNEED))
		die("madvise");
	set_target(start, PAGES, page, true);
}

/* Below its present end, the lowest page first: for that one it grows. */
static void prepare_stack(void)
{
	unsigned long low = 0, high = 0;
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "re");

	while (maps && fgets(line, sizeof line, maps))
		if (strstr(line, "[stack]") && sscanf(line, "%lx-%lx", &low, &high) != 2)
			low = 0;
	if (!maps || !low || munlock((void *)low, high - low))
		die("/proc/self/maps");
	fclose(maps);
	set_target((char *)low - PAGES * page, PAGES, page, true);
}

static void prepare_sysv(void)
{
	int id = shmget(IPC_PRIVATE, PAGES * page, 0600);
	void *memory = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	if (memory == (void *)-1)
		die("shmget");
	shmctl(id, IPC_RMID, NULL);
	set_target(memory, PAGES, page, true);
}

/* The number behind KEY in /proc/meminfo, 0 when there is none. */
static size_t meminfo(const char *key)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	size_t number = 0;

	while (file && fgets(line, sizeof line, file))
		if (!strncmp(line, key, strlen(key)))
			number = (size_t)atol(line + strlen(key));
	if (file)
		fclose(file);
	return number;
}

static void prepare_hugetlb(void)
{
	size_t bytes = meminfo("Hugepagesize:") * 1024;
	char *memory = mmap(NULL, HUGE_PAGES * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap of huge pages");
	set_target(memory, HUGE_PAGES, bytes, true);
}

enum { ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS, BOTH = PROT_READ | PROT_WRITE };

static void prepare_anon(void) { map_target(page, BOTH, ANONYMOUS, -1); }
static void prepare_data(void) { map_file(BOTH, MAP_PRIVATE); }
static void prepare_text(void) { map_file(PROT_READ | PROT_EXEC, MAP_PRIVATE); }
static void prepare_file_private(void) { map_file(PROT_READ, MAP_PRIVATE); }
static void prepare_file_shared(void) { map_file(BOTH, MAP_SHARED); }
static void prepare_shared_anon(void) { map_target(page, BOTH, MAP_SHARED | MAP_ANONYMOUS, -1); }

static void prepare_memfd(void)
{
	int fd = memfd_create("live_faults", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)(PAGES * page)))
		die("memfd_create");
	map_target(page, BOTH, MAP_SHARED, fd);
}

static void prepare_device(void)
{
	map_target(page, BOTH, MAP_PRIVATE, open("/dev/zero", O_RDWR | O_CLOEXEC));
}

static const struct touched {
	const char *what;
	enum fault_memory memory;
	void (*prepare)(void);
} kinds[] = {
	{ "private anonymous memory", FAULT_IN_ANON, prepare_anon },
	{ "the heap of brk", FAULT_IN_HEAP, prepare_heap },
	{ "the stack", FAULT_IN_STACK, prepare_stack },
	{ "bss", FAULT_IN_DATA, prepare_bss },
	{ "a private writable mapping of a file", FAULT_IN_DATA, prepare_data },
	{ "an executable mapping of a file", FAULT_IN_TEXT, prepare_text },
	{ "a private mapping of a file, read only", FAULT_IN_FILE_PRIVATE, prepare_file_private },
	{ "a shared mapping of a file", FAULT_IN_FILE_SHARED, prepare_file_shared },
	{ "a memfd", FAULT_IN_SHMEM, prepare_memfd },
	{ "shared anonymous memory", FAULT_IN_SHMEM, prepare_shared_anon },
	{ "System V shared memory", FAULT_IN_SHMEM, prepare_sysv },
	{ "/dev/zero", FAULT_IN_DEVICE, prepare_device },
	{ "hugetlb memory", FAULT_IN_HUGETLB, prepare_hugetlb },
};

enum { KINDS = sizeof kinds / sizeof *kinds, LOCK = 'L', TOUCH = 'T', PREPARE = 'a' };

/* Huge pages would take one fault for many. */
static void act(char letter, void *unused)
{
	(void)unused;
	if (letter == TOUCH)
		touch_target();
	else if (letter == LOCK && (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) || mlockall(MCL_CURRENT)))
		die("mlockall");
	else if (letter != LOCK)
		kinds[letter - PREPARE].prepare();
}

/* The sums of PID, and what /proc/PID/stat SHOWS of minor + major at the same time. */
static struct fault_sums look(struct faults *faults, pid_t pid, uint64_t *shows)
{
	struct fault_sums sums = { .remote = 0 };
	struct fault_reading reading;

	for (int i = 0; i < READER_PATIENCE; i++) {
		*shows = gen_faults(pid);
		reader_read(faults, &reading);
		sums = reading_sums(&reading, pid);
		if (gen_faults(pid) == *shows)
			break;
	}
	return sums;
}

/* Why there is no memory of KIND here; NULL when there is. */
static const char *lacking(const struct touched *kind)
{
	struct statfs fs;

	if (kind->memory == FAULT_IN_HUGETLB && meminfo("HugePages_Free:") < HUGE_PAGES)
		return "no huge pages are free (vm.nr_hugepages)";
	if ((kind->memory == FAULT_IN_FILE_PRIVATE || kind->memory == FAULT_IN_FILE_SHARED) &&
	    !statfs(directory(), &fs) && fs.f_type == TMPFS_MAGIC)
		return "files are in memory here";
	return NULL;
}

static void test_kind(struct faults *faults, const char *tier, struct actor *actor, const struct touched *kind)
{
	uint64_t pages = kind->memory == FAULT_IN_HUGETLB ? HUGE_PAGES : PAGES, shown_before, shown;
	struct fault_sums before, after, grown;
	const char *lacks = lacking(kind);
	char what[128];

	snprintf(what, sizeof what, "%s: %s", tier, kind->what);
	if (lacks) {
		tap_skip(what, "%s", lacks);
		return;
	}
	actor_do(actor, (char)(PREPARE + (kind - kinds)));
	before = look(faults, actor->pid, &shown_before);
	actor_do(actor, TOUCH);
	after = look(faults, actor->pid, &shown);
	grown = sums_growth(&before, &after);
	shown -= shown_before;
	if (!tap_ok(grown.memory[kind->memory] >= pages && sums_memory(&grown) == shown && sums_accounted(&grown) == shown,
		    "%s: %" PRIu64 " of its %" PRIu64 " faults are in %s", what, pages, shown, fault_memory_key(kind->memory)))
		sums_note(&grown);
	if (kind->memory == FAULT_IN_STACK)
		tap_ok(grown.count[FAULT_STACK_GROWTH] == 1 && grown.count[FAULT_DEMAND_ZERO] >= pages - 1,
		       "%s: it grew once", what);
}

static void test_tier(enum fault_tier tier)
{
	struct faults_config config = { .tier = (int)tier, .part = FAULT_PART_CLASSES };
	struct probe_status status;
	struct faults *faults;
	struct actor actor;
	struct err err;

	faults = faults_open(&root, &config, &status, &err);
	if (!faults) {
		reader_lacks(tier, &err);
		return;
	}
	actor_start(&actor, act, NULL);
	actor_do(&actor, LOCK);
	actor_do(&actor, TOUCH);
	for (unsigned i = 0; i < KINDS; i++)
		test_kind(faults, faults_tier_name(tier), &actor, &kinds[i]);
	actor_end(&actor);
	faults_close(faults);
}

int main(void)
{
	struct err err;

	page = (size_t)sysconf(_SC_PAGESIZE);
	if (rootfs_open(&root, NULL, &err))
		tap_bail("%s", err.text);
	if (getenv("MEMTIDE_DISPOSABLE"))
		gen_prepare_machine();
	for (int tier = FAULT_TIER_FENTRY; tier <= FAULT_TIER_TRACEPOINT; tier++)
		test_tier((enum fault_tier)tier);
	if (getenv("MEMTIDE_DISPOSABLE"))
		gen_restore_machine();
	rootfs_close(&root);
	return tap_done();
}
