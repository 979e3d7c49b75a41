/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tiers of the fault probe that are BPF programs (bpf/fault.bpf.c). The object stays: its maps are read, and the
 * destructors of its links detach. The kernel does so too, when the process ends in whatever way.
 */
#include "config.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "fault.skel.h"
#include "source/bpf.h"
#include "source/faults_table.h"
#include "source/faults_tier.h"
#include "util/clock.h"
#include "util/readfile.h"

enum {
	LINKS_MAX = 13,
	THREADS_MAX = 65536,		/* that sums are kept of in task storage: 64 MiB if all of them fault */
	HASH_THREADS_MAX = 8192,	/* in the preallocated hash of kernels before 5.12: 8 MiB */
	THREAD_BYTES = 1024,		/* of kernel memory for the sums of one */
	MEASURED_FAULTS = 256,
	ENDED_BYTES = 4 << 20,		/* ring of threads that ended: some 20,000 */
};

/* How the end of a fault is known. */
enum completion { COMPLETION_NONE, COMPLETION_FEXIT, COMPLETION_MEMCG, COMPLETION_PERF };

static const char *const completion_names[] = {
	[COMPLETION_FEXIT] = "fexit",
	[COMPLETION_MEMCG] = "memcg event",
	[COMPLETION_PERF] = "perf event",
};

struct faults_bpf {
	struct faults base;
	struct fault *skel;
	struct bpf_link *links[LINKS_MAX];
	unsigned link_count;
	int iterator_fd;
	int cpus;			/* possible */
	int *perf_fds;			/* two for each CPU, -1 for none */
	struct ring_buffer *ended;
	struct faults_table table;
	int64_t maps_bytes;
	uint32_t watch_generation;	/* the last one */
	uint64_t *buckets;		/* one set for each possible CPU */
	uint64_t watched[FAULT_WATCHED_MAX][FAULT_CLASSES][FAULT_BUCKETS];
	char *buffer;
};

/* -- what this kernel has --------------------------------------------------------------------------------- */

/* A tracepoint that BTF knows can be attached to. */
static bool has_tracepoint(const struct btf *btf, const char *name)
{
	char type[64];

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return btf__find_by_name_kind(btf, type, BTF_KIND_TYPEDEF) > 0;
}

static bool struct_has_member(const struct btf *btf, const char *structure, const char *member)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;
	const struct btf_member *members = type ? btf_members(type) : NULL;

	for (unsigned i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, members[i].name_off), member))
			return true;
	return false;
}

struct features {
	bool storage;		/* task storage for tracing programs: 5.12 */
	bool own_rss;		/* threads have RSS counters of their own, and no tracepoint tells (up to 6.1) */
	bool memcg_event;	/* count_memcg_events: 6.13 */
	bool memcg_charge;	/* the same of each page charged: CONFIG_MEMCG_V1 */
	bool user_event;	/* exceptions:page_fault_user, x86 */
	bool counts_writers;	/* mappings can be looked up and kept: 6.4 */
};

static int find_features(struct features *features, struct tier_failure *failure)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (libbpf_get_error(btf)) {
		tier_fail(failure, bpf_remedy(ENOENT), "/sys/kernel/btf/vmlinux: %s", strerror(errno));
		return -1;
	}
	features->storage = libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_task_storage_get, NULL) == 1;
	features->own_rss = struct_has_member(btf, "task_struct", "rss_stat");
	features->memcg_event = features->memcg_charge = has_tracepoint(btf, "count_memcg_events");
	features->user_event = has_tracepoint(btf, "page_fault_user");
	features->counts_writers = struct_has_member(btf, "vm_area_struct", "vm_lock_seq") ||
				   struct_has_member(btf, "mm_struct", "mm_lock_seq");
	btf__free(btf);
	return 0;
}

/* -- loading ---------------------------------------------------------------------------------------------- */

/* include/linux/errno.h: what the kernel says of trampolines on an architecture without them; libc has no word for it. */
enum { KERNEL_ENOTSUPP = 524 };

static int fail(struct tier_failure *failure, const char *what, int error)
{
	if (error == KERNEL_ENOTSUPP)
		tier_fail(failure, "", "%s: not supported by this kernel on this architecture", what);
	/* Of a missing privilege libbpf tells many a thing, but not that. */
	else if (*bpf_complaint() && error != EPERM)
		tier_fail(failure, bpf_remedy(error), "%s: %s (%s)", what, strerror(error), bpf_complaint());
	else
		tier_fail(failure, bpf_remedy(error), "%s: %s", what, strerror(error));
	return -1;
}

/* The order of a huge page, as mm_page_alloc tells it. */
static unsigned huge_order(const struct rootfs *root)
{
	char text[32];
	unsigned long long bytes = 0;
	unsigned order = 0;

	if (readfile_at(root->sys_fd, "kernel/mm/transparent_hugepage/hpage_pmd_size", text, sizeof(text)) > 0)
		bytes = strtoull(text, NULL, 10);
	if (!bytes)
		return UINT32_MAX;	/* there are none */
	for (unsigned long long size = (unsigned long long)sysconf(_SC_PAGESIZE); size < bytes; size *= 2)
		order++;
	return order;
}

static void choose_programs(struct fault *skel, enum fault_tier tier, const struct features *features,
			    enum completion completion)
{
	bool fentry = tier == FAULT_TIER_FENTRY, tracepoint = tier == FAULT_TIER_TRACEPOINT, looks = tier != FAULT_TIER_ITERATOR;

	bpf_program__set_autoload(skel->progs.fault_fentry, fentry);
	bpf_program__set_autoload(skel->progs.fault_fexit, fentry);
	bpf_program__set_autoload(skel->progs.fault_kprobe, tier == FAULT_TIER_KPROBE);
	bpf_program__set_autoload(skel->progs.fault_user, tracepoint);
	bpf_program__set_autoload(skel->progs.fault_kernel, tracepoint);
	bpf_program__set_autoload(skel->progs.fault_rss, looks && !features->own_rss);
	bpf_program__set_autoload(skel->progs.fault_exit, features->storage || features->counts_writers || !looks);
	bpf_program__set_autoload(skel->progs.fault_memcg, completion == COMPLETION_MEMCG);
	bpf_program__set_autoload(skel->progs.fault_page, looks && (completion != COMPLETION_MEMCG || !features->memcg_charge));
	bpf_program__set_autoload(skel->progs.fault_perf, completion == COMPLETION_PERF);
}

static void set_constants(struct faults_bpf *faults, const struct rootfs *root, enum fault_tier tier, enum fault_part part,
			  const struct features *features)
{
	struct fault *skel = faults->skel;

	skel->rodata->use_storage = features->storage;
	skel->rodata->want_latency = part == FAULT_PART_LATENCY;
	skel->rodata->all_threads = tier == FAULT_TIER_ITERATOR;
	skel->rodata->page_by_charge = features->memcg_charge;
	skel->rodata->sigbus_by_signal = tier != FAULT_TIER_FENTRY;
	skel->rodata->page_bytes = (__u32)sysconf(_SC_PAGESIZE);
	skel->rodata->huge_order = huge_order(root);
	skel->rodata->max_threads = THREADS_MAX;
	skel->rodata->attached_ns = (__u64)clock_boottime_ns();
	bpf_map__set_autocreate(skel->maps.fault_storage, features->storage);
	bpf_map__set_autocreate(skel->maps.fault_hash, !features->storage);
	bpf_map__set_max_entries(skel->maps.fault_hash, HASH_THREADS_MAX);
	bpf_map__set_max_entries(skel->maps.fault_ended, ENDED_BYTES);
	if (tier == FAULT_TIER_ITERATOR)
		bpf_map__set_max_entries(skel->maps.fault_fronts, 1);	/* it looks at no fault */
}

/* -- attaching -------------------------------------------------------------------------------------------- */

static int attach(struct faults_bpf *faults, struct bpf_program *program, struct tier_failure *failure)
{
	struct bpf_link *link = bpf_program__attach(program);

	if (!link) {
		fail(failure, bpf_program__section_name(program), errno);
		if (program == faults->skel->progs.fault_kprobe && errno == ENOENT)
			snprintf(failure->remedy, sizeof(failure->remedy), "needs CONFIG_KPROBE_EVENTS");
		return -1;
	}
	faults->links[faults->link_count++] = link;
	return 0;
}

static int attach_perf_event(struct faults_bpf *faults, int cpu, int which, struct tier_failure *failure)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = which ? PERF_COUNT_SW_PAGE_FAULTS_MAJ : PERF_COUNT_SW_PAGE_FAULTS_MIN,
		.sample_period = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 && errno == ENODEV)
		return 0;	/* offline */
	if (fd < 0)
		return fail(failure, "perf_event_open", errno);
	faults->perf_fds[2 * cpu + which] = fd;
	if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, bpf_program__fd(faults->skel->progs.fault_perf)) ||
	    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		return fail(failure, "perf event", errno);
	return 0;
}

static int attach_perf(struct faults_bpf *faults, struct tier_failure *failure)
{
	faults->perf_fds = malloc(2 * (size_t)faults->cpus * sizeof(*faults->perf_fds));
	if (!faults->perf_fds)
		return fail(failure, "perf event", ENOMEM);
	memset(faults->perf_fds, -1, 2 * (size_t)faults->cpus * sizeof(*faults->perf_fds));
	for (int cpu = 0; cpu < faults->cpus; cpu++)
		for (int which = 0; which < 2; which++)
			if (attach_perf_event(faults, cpu, which, failure))
				return -1;
	return 0;
}

static ptrdiff_t feed(void *context, const void *data, size_t len)
{
	return faults_table_feed(context, data, len);
}

static int feed_ended(void *context, void *data, size_t len)
{
	ptrdiff_t used = faults_table_feed(context, data, len);

	return used < 0 ? (int)used : 0;
}

/* The iterator runs before anything is attached: it tells the programs which pid namespace is ours. */
static int attach_iterator(struct faults_bpf *faults, struct tier_failure *failure)
{
	int error;

	if (attach(faults, faults->skel->progs.fault_iter, failure))
		return -1;
	faults->iterator_fd = bpf_link__fd(faults->links[0]);
	error = bpf_run_iterator(faults->iterator_fd, faults->buffer, feed, &faults->table);
	return error ? fail(failure, "iter/task", -error) : 0;
}

/* Ends first and entries last: a fault that is entered is one whose end will be seen. */
static int attach_all(struct faults_bpf *faults, enum completion completion, struct tier_failure *failure)
{
	struct bpf_program *const programs[] = {
		faults->skel->progs.fault_free, faults->skel->progs.fault_exit, faults->skel->progs.fault_signal, faults->skel->progs.fault_rss,
		faults->skel->progs.fault_page, faults->skel->progs.fault_memcg, faults->skel->progs.fault_fexit,
		faults->skel->progs.fault_fentry, faults->skel->progs.fault_kprobe, faults->skel->progs.fault_user,
		faults->skel->progs.fault_kernel,
	};

	if (attach_iterator(faults, failure))
		return -1;
	if (completion == COMPLETION_PERF && attach_perf(faults, failure))
		return -1;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (bpf_program__autoload(programs[i]) && attach(faults, programs[i], failure))
			return -1;
	return 0;
}

/* -- reading ---------------------------------------------------------------------------------------------- */

static uint64_t threads_kept(const struct faults_bpf *faults)
{
	int64_t threads = faults->skel->bss->fault_threads;

	return threads > 0 ? (uint64_t)threads : 0;
}

static int read_buckets(struct faults_bpf *faults, struct fault_reading *reading)
{
	enum { COUNTS = FAULT_CLASSES * FAULT_BUCKETS };
	__u32 zero = 0;
	int error;

	error = bpf_map__lookup_elem(faults->skel->maps.fault_latency, &zero, sizeof(zero), faults->buckets,
				     COUNTS * sizeof(*faults->buckets) * (size_t)faults->cpus, 0);
	if (error)
		return error;
	for (int cpu = 0; cpu < faults->cpus; cpu++)
		for (unsigned i = 0; i < COUNTS; i++)
			reading->buckets[i / FAULT_BUCKETS][i % FAULT_BUCKETS] += faults->buckets[(size_t)cpu * COUNTS + i];
	return 0;
}

static int read_watched(struct faults_bpf *faults, struct fault_reading *reading)
{
	for (__u32 i = 0; i < FAULT_WATCHED_MAX; i++) {
		int error = bpf_map__lookup_elem(faults->skel->maps.fault_watched, &i, sizeof(i), faults->watched[i],
						 sizeof(faults->watched[i]), 0);

		if (error)
			return error;
	}
	reading->watched = faults->watched;
	return 0;
}

/* Nobody counts in an element while it is cleared. */
static int watch_bpf(struct faults *base, const int32_t pids[FAULT_WATCHED_MAX])
{
	struct faults_bpf *faults = (struct faults_bpf *)base;
	struct fault__bss *bss = faults->skel->bss;
	bool any = false, other = false;
	int error = 0;

	for (__u32 i = 0; i < FAULT_WATCHED_MAX; i++) {
		any = any || pids[i];
		if (bss->watched_pid[i] == pids[i])
			continue;
		other = true;
		bss->watched_pid[i] = 0;
		memset(faults->watched[i], 0, sizeof(faults->watched[i]));
		error = bpf_map__update_elem(faults->skel->maps.fault_watched, &i, sizeof(i), faults->watched[i],
					     sizeof(faults->watched[i]), BPF_ANY);
		if (error)
			break;
		bss->watched_pid[i] = pids[i];
	}
	if (other && ++faults->watch_generation == UINT32_MAX)
		faults->watch_generation = 1;
	__atomic_store_n(&bss->watch_generation, any ? faults->watch_generation : 0, __ATOMIC_RELEASE);
	return error;
}

/* Those that ended come last: what is pending of one that ends meanwhile is taken back when its end is heard of. */
static int read_bpf(struct faults *base, struct fault_reading *reading)
{
	struct faults_bpf *faults = (struct faults_bpf *)base;
	int error;

	faults_table_begin(&faults->table);
	error = bpf_run_iterator(faults->iterator_fd, faults->buffer, feed, &faults->table);
	if (!error)
		error = ring_buffer__consume(faults->ended);
	if (error < 0)
		return error;
	if (base->tells_latency)
		error = read_buckets(faults, reading);
	if (error >= 0 && base->tells_latency && faults->skel->bss->watch_generation)
		error = read_watched(faults, reading);
	if (error < 0)
		return error;
	reading->lost = faults->skel->bss->fault_lost;
	reading->missed = bpf_runs(faults->skel->obj).missed;
	reading->threads = threads_kept(faults);
	reading->threads_left_out = faults->skel->bss->fault_left_out;
	return faults_table_end(&faults->table, reading);
}

static int64_t bytes_bpf(const struct faults *base)
{
	const struct faults_bpf *faults = (const struct faults_bpf *)base;
	return faults->maps_bytes + (faults->skel->rodata->use_storage ? (int64_t)threads_kept(faults) * THREAD_BYTES : 0);
}

static void close_bpf(struct faults *base)
{
	struct faults_bpf *faults = (struct faults_bpf *)base;

	for (unsigned i = faults->link_count; i > 0; i--)
		bpf_link__destroy(faults->links[i - 1]);
	for (int i = 0; faults->perf_fds && i < 2 * faults->cpus; i++)
		if (faults->perf_fds[i] >= 0)
			close(faults->perf_fds[i]);
	free(faults->perf_fds);
	ring_buffer__free(faults->ended);
	fault__destroy(faults->skel);
	faults_table_free(&faults->table);
	free(faults->buckets);
	free(faults->buffer);
	free(faults);
}

/* -- opening ---------------------------------------------------------------------------------------------- */

static enum completion choose_completion(enum fault_tier tier, enum fault_part part, const struct features *features)
{
	if (tier == FAULT_TIER_ITERATOR)
		return COMPLETION_NONE;
	if (tier == FAULT_TIER_FENTRY)
		return COMPLETION_FEXIT;
	if (part < FAULT_PART_LATENCY && !features->own_rss)
		return COMPLETION_NONE;
	return features->memcg_event ? COMPLETION_MEMCG : COMPLETION_PERF;
}

static bool is_offered(enum fault_tier tier, const struct features *features, struct tier_failure *failure)
{
	if (tier != FAULT_TIER_TRACEPOINT)
		return true;
	if (!features->user_event)
		tier_fail(failure, "x86 alone has it", "tracepoint exceptions:page_fault_user: not in this kernel");
	else if (!features->counts_writers)
		tier_fail(failure, "needs Linux 6.4", "mappings cannot be looked up in this kernel");
	return features->user_event && features->counts_writers;
}

static struct faults_bpf *prepare(enum fault_tier tier, enum fault_part part)
{
	struct faults_bpf *faults = calloc(1, sizeof(*faults));
	bool looks = tier != FAULT_TIER_ITERATOR, latency = looks && part == FAULT_PART_LATENCY;

	if (!faults)
		return NULL;
	faults->base = (struct faults){
		.tells_processes = true, .tells_latency = latency,
		.read = read_bpf, .bpf_bytes = bytes_bpf, .close = close_bpf,
		.watch = latency ? watch_bpf : NULL,
	};
	for (unsigned class = 0; class < FAULT_CLASSES; class++)
		faults->base.tells_class[class] = looks && (class != FAULT_OOM || tier == FAULT_TIER_FENTRY);
	faults->table.tick_ns = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);
	faults->cpus = libbpf_num_possible_cpus();
	faults->buffer = malloc(BPF_ITERATOR_BYTES);
	if (faults->cpus > 0)
		faults->buckets = malloc(sizeof(*faults->buckets) * FAULT_CLASSES * FAULT_BUCKETS * (size_t)faults->cpus);
	if (faults->buckets && faults->buffer)
		return faults;
	close_bpf(&faults->base);
	return NULL;
}

/* True when FEATURES work as a fault of our own shows, else those that do not are taken out: from 7.0 on task storage cannot be
 * allocated on a machine without cmpxchg16b, such as QEMU's default one; memory cgroups can be switched off at boot. */
static bool features_work(const struct faults_bpf *faults, struct features *features)
{
	const struct fault__bss *bss = faults->skel->bss;
	bool memcg = bpf_program__autoload(faults->skel->progs.fault_memcg);
	struct features before = *features;

	tier_take_faults(1);
	features->storage = before.storage && bss->fault_threads > 0;
	features->memcg_event = before.memcg_event && (!memcg || bss->memcg_ends);
	features->memcg_charge = before.memcg_charge && (!memcg || bss->memcg_charges);
	return features->storage == before.storage && features->memcg_event == before.memcg_event &&
	       features->memcg_charge == before.memcg_charge;
}

/* The kernel measures run times only now, for a fraction of a millisecond. */
static void measure(struct faults_bpf *faults)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	int64_t before = bpf_runs(faults->skel->obj).time_ns;

	if (fd < 0)
		return;
	tier_take_faults(MEASURED_FAULTS);
	faults->base.event_ns = (bpf_runs(faults->skel->obj).time_ns - before) / MEASURED_FAULTS;
	close(fd);
}

static int open_with(struct faults_bpf *faults, const struct rootfs *root, enum fault_tier tier,
		     const struct faults_config *config, const struct features *features, struct tier_failure *failure)
{
	enum completion completion = choose_completion(tier, config->part, features);
	int error;

	faults->base.completion = completion_names[completion];
	faults->skel = fault__open();
	if (!faults->skel)
		return fail(failure, "bpf object", errno);
	choose_programs(faults->skel, tier, features, completion);
	set_constants(faults, root, tier, config->part, features);
	error = fault__load(faults->skel);
	if (error)
		return fail(failure, "loading", -error);
	faults->ended = ring_buffer__new(bpf_map__fd(faults->skel->maps.fault_ended), feed_ended, &faults->table, NULL);
	if (!faults->ended)
		return fail(failure, "ring buffer", errno);
	if (config->watch && faults->base.watch)
		faults->base.watch(&faults->base, config->watch);
	faults->maps_bytes = bpf_maps_bytes(root, faults->skel->obj);
	return attach_all(faults, completion, failure);
}

static struct faults_bpf *open_bpf(const struct rootfs *root, enum fault_tier tier, const struct faults_config *config,
				   struct tier_failure *failure)
{
	struct features features = { .storage = false };
	struct faults_bpf *faults;
	char why[BPF_WHY_MAX];

	if (!bpf_view_is_true(root, why)) {
		tier_fail(failure, "", "%s", why);
		return NULL;
	}
	if (find_features(&features, failure) || !is_offered(tier, &features, failure))
		return NULL;
	for (;;) {
		faults = prepare(tier, config->part);
		if (!faults) {
			tier_fail(failure, "", "%s", strerror(ENOMEM));
			return NULL;
		}
		if (open_with(faults, root, tier, config, &features, failure)) {
			close_bpf(&faults->base);
			return NULL;
		}
		if (features_work(faults, &features)) {
			measure(faults);
			return faults;
		}
		close_bpf(&faults->base);
	}
}

struct faults *faults_open_bpf(const struct rootfs *root, enum fault_tier tier, const struct faults_config *config,
			       struct tier_failure *failure)
{
	struct faults_bpf *faults;

	bpf_loading_begin();
	faults = open_bpf(root, tier, config, failure);
	bpf_loading_end();
	malloc_trim(0);
	return faults ? &faults->base : NULL;
}
