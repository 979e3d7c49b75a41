/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/pss_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sampler/estimate.h"
#include "sampler/pss.h"
#include "source/task_procfs.h"
#include "util/clock.h"

enum {
	DEFAULT_PAGE_COST_PS = 80000,	/* 80 ns: the upper end of what was measured on x86-64 */
	CALIBRATE_BYTES = 4 << 20,
	CALIBRATE_READS = 3,
	LEARN_MIN_PAGES = 256,		/* below, the fixed cost of a read hides that of a page */
	PAUSE_FACTOR = 50,		/* the pause between two reads of one process, in read times */
	RATIO_MIN_BYTES = 64 << 10,	/* a smaller move teaches nothing about estimates */
	RATIO_FLOOR = 2,		/* of ERROR_RATIO_ONE: no estimate is trusted for ever */
	MAPS_AGAIN_S = 10,
	RETRY_S = 10,
	THREADS_AGAIN_S = 30,
};

static const int64_t second_ns = 1000000000;

/* CPU time of the cheapest of a few reads of our own rollup. */
static int64_t own_read_ns(struct procfs *procfs, int dirfd)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < CALIBRATE_READS; i++) {
		struct parse_smaps smaps;
		struct read_cost cost;

		if (!procfs_read_smaps(procfs, dirfd, &smaps, &cost) && cost.cpu_ns < best)
			best = cost.cpu_ns;
	}
	return best;
}

static uint32_t calibrate(struct procfs *procfs, int64_t page_bytes)
{
	int dirfd = openat(procfs->root->proc_fd, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int64_t without = INT64_MAX, with = INT64_MAX, pages = CALIBRATE_BYTES / page_bytes;
	char *memory = MAP_FAILED;

	if (dirfd < 0)
		return DEFAULT_PAGE_COST_PS;
	without = own_read_ns(procfs, dirfd);
	memory = mmap(NULL, CALIBRATE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory != MAP_FAILED) {
		madvise(memory, CALIBRATE_BYTES, MADV_NOHUGEPAGE);
		for (int64_t i = 0; i < pages; i++)
			memory[i * page_bytes] = 1;
		with = own_read_ns(procfs, dirfd);
		munmap(memory, CALIBRATE_BYTES);
	}
	close(dirfd);
	if (without == INT64_MAX || with == INT64_MAX || with <= without)
		return DEFAULT_PAGE_COST_PS;
	/* Cold caches in a real target cost more than our own warm pages. */
	int64_t ps = (with - without) * 1000 * 2 / pages;

	if (ps < DEFAULT_PAGE_COST_PS)
		return DEFAULT_PAGE_COST_PS;
	return ps > UINT32_MAX ? UINT32_MAX : (uint32_t)ps;
}

void pss_reader_init(struct pss_reader *reader, const struct pss_config *config, struct procfs *procfs,
		     struct share_table *shares, struct pss_stats *stats)
{
	*reader = (struct pss_reader){ config, procfs, shares, stats, DEFAULT_PAGE_COST_PS, 1 };
	if (procfs->root->live)
		reader->page_cost_ps = calibrate(procfs, config->page_bytes);
}

int64_t pss_reader_predict_ns(const struct pss_reader *reader, const struct tracked *t)
{
	int64_t pages = tracked_walk_pages(t, reader->config->page_bytes);
	int64_t known = t->page_cost_ps ? t->page_cost_pages : 0;
	uint32_t unknown_ps = t->page_cost_ps > reader->page_cost_ps ? t->page_cost_ps : reader->page_cost_ps;

	/* What was learnt of a small walk in warm caches does not hold for a large one. */
	if (known > pages)
		known = pages;
	return (int64_t)(((__int128)known * t->page_cost_ps + (__int128)(pages - known) * unknown_ps) / 1000);
}

/* The cost of a page follows a costlier reading at once and a cheaper one slowly: predictions err to the safe side. */
static void learn(struct tracked *t, int64_t page_bytes, const struct read_cost *cost)
{
	int64_t pages = tracked_walk_pages(t, page_bytes), ps;

	if (pages < LEARN_MIN_PAGES)
		return;
	ps = cost->cpu_ns * 1000 / pages;
	if (ps > UINT32_MAX)
		ps = UINT32_MAX;
	if (t->page_cost_ps > ps)
		ps = t->page_cost_ps - (t->page_cost_ps - ps) / 4;
	t->page_cost_ps = ps ? (uint32_t)ps : 1;
	t->page_cost_pages = pages;
}

/* How far the estimate of T's anonymous memory was off, now that SMAPS tells. Distrust comes at once, trust with each reading. */
static void learn_ratio(struct tracked *t, int64_t page_bytes, const struct parse_smaps *smaps)
{
	int64_t moved = tracked_anon_moved(t, page_bytes), off, ratio;
	struct estimate estimate;

	if (t->verdict != PSS_EXACT || moved < RATIO_MIN_BYTES || !(smaps->have & 1u << SMAPS_PSS_ANON))
		return;
	estimate_pss(t, false, &estimate);
	off = estimate.bytes[EST_PSS_ANON] - smaps->bytes[SMAPS_PSS_ANON];
	ratio = (off < 0 ? -off : off) * ERROR_RATIO_ONE / moved;
	if (ratio < t->error_ratio)
		ratio = (t->error_ratio + ratio) / 2;
	t->error_ratio = ratio < RATIO_FLOOR ? RATIO_FLOOR : ratio > ERROR_RATIO_ONE ? ERROR_RATIO_ONE : (uint32_t)ratio;
}

/* The largest file-backed objects of one process, while its maps are read. */
struct map_items {
	struct share_item items[SHARE_ITEMS_MAX];
	size_t count;
};

static enum share_kind map_kind(const struct parse_map *map)
{
	static const char *const shmem[] = { "/memfd:", "/SYSV", "/dev/shm/", "/dev/zero", "/anon_hugepage" };

	for (size_t i = 0; i < sizeof shmem / sizeof *shmem; i++) {
		size_t len = strlen(shmem[i]);

		if (map->path_len >= len && !memcmp(map->path, shmem[i], len))
			return SHARE_SHMEM;
	}
	return SHARE_FILE;
}

static void add_map(void *context, const struct parse_map *map)
{
	struct map_items *items = context;
	uint64_t device = (uint64_t)map->dev_major << 32 | map->dev_minor;
	struct share_item *smallest = NULL;
	int64_t bytes = (int64_t)(map->end - map->start);

	if (!map->inode)
		return;
	/* Device 0 minor 0 would meet the anonymous families, whose identity begins with 0. */
	device |= 1ull << 63;
	for (size_t i = 0; i < items->count; i++) {
		struct share_item *item = &items->items[i];

		if (item->major == device && item->minor == map->inode) {
			item->bytes += bytes;
			return;
		}
		if (!smallest || item->bytes < smallest->bytes)
			smallest = item;
	}
	if (items->count < SHARE_ITEMS_MAX)
		smallest = &items->items[items->count++];
	else if (smallest->bytes >= bytes)
		return;
	*smallest = (struct share_item){ device, map->inode, map_kind(map), bytes };
}

/* What a process maps, at most as much of each object as it has resident of that kind. */
static void share_maps(struct pss_reader *reader, struct tracked *t, struct map_items *found)
{
	size_t kept = 0;

	for (size_t i = 0; i < found->count; i++) {
		struct share_item item = found->items[i];
		int64_t resident = t->signature.rss[item.kind];

		if (item.bytes > resident)
			item.bytes = resident;
		if (item.bytes >= SHARE_MIN_BYTES)
			found->items[kept++] = item;
	}
	share_set(reader->shares, &t->share, 1u << SHARE_FILE | 1u << SHARE_SHMEM, found->items, kept);
}

static bool maps_due(const struct tracked *t, int64_t now_ns)
{
	int64_t rss = t->signature.rss[SHARE_FILE] + t->signature.rss[SHARE_SHMEM];
	int64_t moved = rss > t->maps_rss ? rss - t->maps_rss : t->maps_rss - rss;

	if (!tracked_has_kinds(t))
		return false;
	if (!t->maps_at_ns)
		return rss >= SHARE_MIN_BYTES;
	if (moved >= SHARE_MIN_BYTES)
		return true;
	return tracked_layout(t) != t->layout && now_ns - t->maps_at_ns >= MAPS_AGAIN_S * second_ns;
}

static void read_maps(struct pss_reader *reader, struct tracked *t, int dirfd, int64_t now_ns)
{
	struct map_items found = { .count = 0 };

	int ret = procfs_read_maps(reader->procfs, dirfd, add_map, &found);

	t->layout = tracked_layout(t);
	t->maps_at_ns = now_ns;
	t->maps_rss = t->signature.rss[SHARE_FILE] + t->signature.rss[SHARE_SHMEM];
	if (!ret)
		share_maps(reader, t, &found);
	else if (ret == -EACCES || ret == -EPERM)
		t->verdict = PSS_REFUSED;
}

static uint32_t next_random(struct pss_reader *reader)
{
	reader->seed = reader->seed * 1103515245u + 12345u;
	return reader->seed >> 8;	/* 24 bits */
}

/* Ages are spread, so that what was read together does not come due together. */
static int64_t age_due(struct pss_reader *reader, const struct tracked *t, int64_t now_ns)
{
	int64_t age = reader->config->max_age_ns, span = t->exact.at_ns ? age / 5 : age - age / 10;

	return now_ns + age - (int64_t)((__int128)span * next_random(reader) >> 24);
}

static void count_read(struct pss_reader *reader, const struct tracked *t, const struct read_cost *cost,
		       int64_t predicted_ns)
{
	struct pss_stats *stats = reader->stats;
	int64_t limit = reader->config->stall_limit_ns;

	stats->reads++;
	if (cost->wall_ns > limit && predicted_ns <= limit)
		stats->overruns++;
	if (cost->wall_ns > stats->longest_ns) {
		stats->longest_ns = cost->wall_ns;
		stats->longest_pid = t->task.pid;
		text_unref(stats->longest_comm);
		stats->longest_comm = text_new(t->task.comm, strnlen(t->task.comm, sizeof t->task.comm));
	}
}

/* A thread may be real-time while the leader is not, and the procfs scan sees only the leader. */
static bool became_protected(struct pss_reader *reader, struct tracked *t, int dirfd, int64_t now_ns)
{
	struct task_sample threads = t->task;

	if ((t->task.have & TASK_HAVE_THREAD_POLICY) || t->want_exact || t->task.threads < 2 ||
	    (t->threads_checked_ns && now_ns - t->threads_checked_ns < THREADS_AGAIN_S * second_ns))
		return false;
	t->threads_checked_ns = now_ns;
	if (task_procfs_check_realtime(dirfd, &threads) || !threads.realtime)
		return false;
	t->realtime_until_ns = now_ns + THREADS_AGAIN_S * second_ns;
	t->protected = true;
	return true;
}

static void read_one(struct pss_reader *reader, struct tracked *t, int dirfd, int64_t now_ns)
{
	int64_t predicted = pss_reader_predict_ns(reader, t);
	struct parse_smaps smaps;
	struct read_cost cost;
	int ret = procfs_read_smaps(reader->procfs, dirfd, &smaps, &cost);

	t->not_before_ns = now_ns + PAUSE_FACTOR * cost.wall_ns;
	if (ret) {
		t->exact.error = -ret;
		t->verdict = ret == -EACCES || ret == -EPERM ? PSS_REFUSED : PSS_FAILED;
		t->not_before_ns = now_ns + RETRY_S * second_ns;
		if (t->verdict == PSS_FAILED && ret != -ESRCH)
			reader->stats->failures++;
		return;
	}
	count_read(reader, t, &cost, predicted);
	learn_ratio(t, reader->config->page_bytes, &smaps);
	t->age_due_ns = age_due(reader, t, now_ns);
	t->exact = (struct exact){ smaps, t->signature, clock_boottime_ns(), cost.wall_ns, 0 };
	t->verdict = PSS_EXACT;
	learn(t, reader->config->page_bytes, &cost);
	share_settle(&t->share);
	if (maps_due(t, now_ns))
		read_maps(reader, t, dirfd, now_ns);
}

int64_t pss_reader_read(struct pss_reader *reader, struct tracked *t, int64_t now_ns)
{
	int64_t cpu = clock_thread_cpu_ns();
	int dirfd = procfs_process_open(reader->procfs, t->task.pid, t->task.start_time);

	if (dirfd < 0) {
		t->verdict = PSS_FAILED;
		t->exact.error = -dirfd;
		t->exact.at_ns = 0;
		t->not_before_ns = now_ns + RETRY_S * second_ns;
	} else {
		if (!became_protected(reader, t, dirfd, now_ns))
			read_one(reader, t, dirfd, now_ns);
		close(dirfd);
	}
	t->want_exact = false;
	cpu = clock_thread_cpu_ns() - cpu;
	reader->stats->cpu_ns += cpu;
	return cpu;
}

int64_t pss_reader_follow(struct pss_reader *reader, struct tracked *t, int64_t now_ns)
{
	int64_t cpu = clock_thread_cpu_ns();
	int dirfd;

	if (!maps_due(t, now_ns))
		return 0;
	dirfd = procfs_process_open(reader->procfs, t->task.pid, t->task.start_time);
	if (dirfd >= 0) {
		read_maps(reader, t, dirfd, now_ns);
		close(dirfd);
	}
	cpu = clock_thread_cpu_ns() - cpu;
	reader->stats->cpu_ns += cpu;
	return cpu;
}
