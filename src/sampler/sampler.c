/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/sampler.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/derive.h"
#include "sampler/details.h"
#include "sampler/faults_probe.h"
#include "sampler/notices.h"
#include "sampler/pss.h"
#include "sampler/row.h"
#include "sampler/track.h"
#include "source/cgroup.h"
#include "source/guard.h"
#include "source/host.h"
#include "source/procfs.h"
#include "source/self.h"
#include "source/system.h"
#include "source/task.h"
#include "source/threads.h"
#include "source/watched.h"
#include "util/clock.h"

struct sampler {
	struct sampler_config config;
	const struct rootfs *root;
	struct host host;
	struct task_source *source;
	struct task_table scan;
	struct track track;
	struct procfs procfs;
	struct guard guard;
	struct details details;
	struct pss *pss;		/* NULL when PSS is not wanted; only of the watched process without NEED_ROLLUP */
	struct pss *resting_pss;	/* what was learnt when it was wanted last */
	struct system_source *system;
	struct cgroup_source *cgroups;	/* NULL when not wanted */
	struct threads_source threads;
	struct faults_probe faults;
	bool everybodys_pss;
	int32_t watch_pid;		/* 0 for nobody */
	int64_t watch_start_time;
	struct snapshot *previous;
	uint64_t sequence;
	uint64_t row_lost;
	bool exact_requested;
};

static int open_source(struct sampler *sampler, struct err *err)
{
	struct err why = { "" };

	if (sampler->config.tier != TIER_PROCFS) {
		sampler->source = task_source_open_bpf(sampler->root, &why);
		if (!sampler->source && sampler->config.tier == TIER_BPF)
			return err_set(err, "--tier bpf: %s", why.text);
	} else {
		err_set(&why, "chosen by --tier procfs");
	}
	if (!sampler->source)
		sampler->source = task_source_open_procfs(sampler->root, err);
	if (!sampler->source)
		return -1;
	sampler->host.task_tier = task_source_name(sampler->source);
	snprintf(sampler->host.task_tier_why, sizeof sampler->host.task_tier_why, "%s", why.text);
	return 0;
}

static int open_pss(struct sampler *sampler)
{
	const struct sampler_config *config = &sampler->config;
	struct pss_config pss = {
		.budget_ppm = config->pss_budget_ppm,
		.first_budget_ppm = config->pss_first_budget_ppm,
		.stall_limit_ns = config->stall_limit_ns,
		.max_age_ns = config->pss_max_age_ns,
		.page_bytes = sampler->host.page_bytes,
		.interval_ns = config->interval_ns,
	};

	sampler->pss = sampler->resting_pss;
	sampler->resting_pss = NULL;
	if (!sampler->pss)
		sampler->pss = pss_new(&pss, &sampler->procfs, &sampler->track, &sampler->guard);
	return sampler->pss ? 0 : -ENOMEM;
}

static bool wants_everybodys_pss(const struct sampler *sampler)
{
	return sampler->config.needs & NEED_ROLLUP && !sampler->config.no_pss;
}

/* What is read of processes beyond the scan: what is wanted, and what decides whose PSS may be read and when. */
static unsigned details_needs(const struct sampler *sampler, bool want_pss)
{
	unsigned needs = sampler->config.needs;

	if (!want_pss)
		return needs;
	for (size_t f = 0; f < sampler->config.protect_count; f++)
		needs |= filter_needs(sampler->config.protect[f]);
	/* RSS by kind tells when to read again. */
	return sampler->config.needs & NEED_ROLLUP ? needs | NEED_STATUS : needs;
}

static bool wants_faults(const struct sampler *sampler)
{
	return sampler->config.needs & NEED_FAULTS;
}

/* Opens and puts away parts as needs and watching want it. 0, or -1 with ERR set: then some part is missing. */
static int open_demanded(struct sampler *sampler, struct err *err)
{
	bool everybody = wants_everybodys_pss(sampler), had_pss = sampler->pss;
	bool want_pss = everybody || (sampler->watch_pid && !sampler->config.no_pss);

	sampler->details.needs = details_needs(sampler, want_pss);
	if (want_pss && !had_pss && open_pss(sampler))
		return err_set(err, "out of memory");
	if (!want_pss && had_pss) {
		sampler->resting_pss = sampler->pss;
		sampler->pss = NULL;
	}
	if (want_pss && (!had_pss || everybody != sampler->everybodys_pss))
		pss_begin(sampler->pss, !everybody);
	sampler->everybodys_pss = everybody;
	if (!(sampler->config.needs & NEED_CGROUPS)) {
		cgroup_source_close(sampler->cgroups);
		sampler->cgroups = NULL;
	} else if (!sampler->cgroups) {
		sampler->cgroups = cgroup_source_open(sampler->root, NULL);
		if (!sampler->cgroups)
			return err_set(err, "out of memory");
	}
	switch (faults_probe_demand(&sampler->faults, wants_faults(sampler), clock_boottime_ns(), err)) {
	case 0: return 0;
	case -ENOMEM: return err_set(err, "out of memory");
	default: return -1;
	}
}

static int open_parts(struct sampler *sampler, struct users *users, struct err *err)
{
	guard_open(&sampler->guard, sampler->root);
	if (open_source(sampler, err))
		return -1;
	sampler->system = system_source_open(sampler->root, err);
	if (!sampler->system)
		return -1;
	details_init(&sampler->details, sampler->config.needs, sampler->root, &sampler->procfs, users);
	sampler->threads = (struct threads_source){ sampler->source, &sampler->procfs, users };
	sampler->faults = (struct faults_probe){ .root = sampler->root, .wish = sampler->config.probes };
	if (procfs_open(&sampler->procfs, sampler->root) || track_open(&sampler->track))
		return err_set(err, "out of memory");
	return open_demanded(sampler, err);
}

struct sampler *sampler_open(const struct sampler_config *config, const struct rootfs *root, struct users *users,
			     struct err *err)
{
	struct sampler *sampler = calloc(1, sizeof *sampler);

	if (!sampler) {
		err_set(err, "out of memory");
		return NULL;
	}
	sampler->config = *config;
	sampler->root = root;
	host_read(&sampler->host, root);
	sampler->host.interval_ns = config->interval_ns;
	if (open_parts(sampler, users, err)) {
		sampler_close(sampler);
		return NULL;
	}
	malloc_trim(0);	/* loading BPF takes many times what running it does */
	return sampler;
}

void sampler_close(struct sampler *sampler)
{
	if (!sampler)
		return;
	snapshot_unref(sampler->previous);
	pss_free(sampler->pss);
	pss_free(sampler->resting_pss);
	if (sampler->track.shares)
		track_close(&sampler->track);
	procfs_close(&sampler->procfs);
	guard_close(&sampler->guard);
	system_source_close(sampler->system);
	cgroup_source_close(sampler->cgroups);
	faults_probe_close(&sampler->faults);
	task_table_free(&sampler->scan);
	task_source_close(sampler->source);
	free(sampler);
}

const struct host *sampler_host(const struct sampler *sampler)
{
	return &sampler->host;
}

int sampler_request_exact(struct sampler *sampler, int32_t pid)
{
	struct tracked *t = track_find(&sampler->track, pid);

	if (!t)
		return -ESRCH;
	if (!sampler->pss || (!sampler->everybodys_pss && !t->watched))
		return -EOPNOTSUPP;
	t->want_exact = true;
	return 0;
}

bool sampler_first_pass_done(const struct sampler *sampler)
{
	return !sampler->pss || pss_first_pass_done(sampler->pss);
}

bool sampler_first_pass_step(struct sampler *sampler, int64_t *pause_ns)
{
	enum { SLICE_NS = 10000000 };
	int64_t ppm = sampler->config.pss_first_budget_ppm;

	*pause_ns = 0;
	if (!sampler->pss || pss_first_pass(sampler->pss, SLICE_NS))
		return true;
	if (ppm < 1000000)
		*pause_ns = (int64_t)SLICE_NS * (1000000 - ppm) / ppm;
	return false;
}

bool sampler_first_pass(struct sampler *sampler, int64_t wall_ns)
{
	int64_t end = clock_monotonic_ns() + wall_ns, pause_ns;

	while (!sampler_first_pass_step(sampler, &pause_ns)) {
		struct timespec pause = { pause_ns / 1000000000, pause_ns % 1000000000 };

		if (clock_monotonic_ns() + pause_ns >= end)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* One row per process, up to what is needed to decide whether its PSS may be read. */
static void add_rows(struct sampler *sampler, struct snapshot *snapshot, int64_t now_ns)
{
	struct track *track = &sampler->track;

	for (size_t i = 0; i < track->count; i++) {
		struct tracked *t = track->list[i];
		struct process *row = snapshot_add_process(snapshot);

		if (!row) {
			sampler->row_lost += track->count - i;
			return;
		}
		row_fill_core(row, t);
		details_fill(&sampler->details, t, row);
		t->protected = t->task.realtime || now_ns < t->realtime_until_ns;
		for (size_t f = 0; f < sampler->config.protect_count && !t->protected; f++)
			t->protected = filter_match(sampler->config.protect[f], row);
	}
}

static void add_pss(struct sampler *sampler, struct snapshot *snapshot)
{
	const struct pss_stats *stats = sampler->pss ? pss_stats(sampler->pss) : NULL;
	struct value sharing = system_value(snapshot, SYS_KSM_SHARING);
	struct row_context context = {
		.now_ns = clock_boottime_ns(),
		.suspended = stats && (stats->suspended || !sampler->config.stall_limit_ns),
		.ksm_active = !value_has_amount(sharing.status) ? false : sharing.amount > 0,
	};

	/* Rows that did not fit are at the end of the list. */
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct tracked *t = sampler->track.list[i];

		context.want_pss = sampler->pss && (sampler->everybodys_pss || t->watched);
		row_fill_pss(&snapshot->processes[i], t, &context);
	}
}

static void set_count(struct snapshot *snapshot, enum system_metric metric, uint64_t count)
{
	system_set(snapshot, metric, value_ok((int64_t)count));
}

static void add_pss_statistics(struct sampler *sampler, struct snapshot *snapshot)
{
	const struct pss_stats *stats;
	uint64_t estimated = 0;
	int64_t sum = 0;

	if (!sampler->everybodys_pss) {
		for (enum system_metric m = 0; m < SYS_COUNT; m++)
			if (metric_get(SCOPE_SYSTEM, m)->need & NEED_ROLLUP)
				system_set(snapshot, m, value_none(VALUE_SKIPPED));
		return;
	}
	for (size_t i = 0; i < snapshot->process_count; i++) {
		struct value pss = process_value(&snapshot->processes[i], PROC_PSS);

		if (value_has_amount(pss.status))
			sum += pss.amount;
		estimated += pss.status == VALUE_ESTIMATED;
	}
	stats = pss_stats(sampler->pss);
	system_set(snapshot, SYS_PSS_TOTAL, value_ok(sum));
	set_count(snapshot, SYS_PSS_ESTIMATED, estimated);
	set_count(snapshot, SYS_PSS_READS, stats->reads);
	system_set(snapshot, SYS_PSS_READ_TIME, value_ok(stats->cpu_ns));
	system_set(snapshot, SYS_PSS_READ_LONGEST,
		   stats->reads ? value_ok(stats->longest_ns) : value_none(VALUE_PENDING));
	system_set(snapshot, SYS_PSS_READ_LONGEST_PID,
		   stats->reads ? value_ok(stats->longest_pid) : value_none(VALUE_PENDING));
	snapshot->longest_read_comm = text_ref(stats->longest_comm);
	set_count(snapshot, SYS_PSS_OVERRUNS, stats->overruns);
	set_count(snapshot, SYS_PSS_LAG_PROCESSES, stats->lag_processes);
	system_set(snapshot, SYS_PSS_LAG_OLDEST, value_ok(stats->lag_oldest_ns));
	set_count(snapshot, SYS_PSS_OVER_LIMIT, stats->over_limit);
	set_count(snapshot, SYS_PSS_PROTECTED, stats->protected);
	set_count(snapshot, SYS_PSS_DENIED, stats->refused);
}

static void add_self(struct sampler *sampler, struct snapshot *snapshot)
{
	struct self_usage self;

	self_read(&self);
	system_set(snapshot, SYS_SELF_CPU, self.cpu);
	system_set(snapshot, SYS_SELF_RSS, self.rss);
	system_set(snapshot, SYS_SELF_RSS_PEAK, self.rss_peak);
	system_set(snapshot, SYS_SELF_BPF, value_ok(task_source_bpf_bytes(sampler->source) +
						   (sampler->faults.source ? faults_bpf_bytes(sampler->faults.source) : 0)));
	set_count(snapshot, SYS_PROCESSES, sampler->track.count);
	set_count(snapshot, SYS_SCAN_LOST, sampler->scan.lost + sampler->track.lost + sampler->row_lost);
}

static void mark_watched(struct sampler *sampler)
{
	for (size_t i = 0; i < sampler->track.count; i++) {
		struct tracked *t = sampler->track.list[i];

		t->watched = t->task.pid == sampler->watch_pid && (int64_t)t->task.start_time == sampler->watch_start_time;
	}
}

static int scan(struct sampler *sampler, struct err *err)
{
	int ret = task_source_scan(sampler->source, &sampler->scan);

	if (ret)
		return err_set(err, "cannot list processes: %s", strerror(-ret));
	track_update(&sampler->track, sampler->scan.rows, sampler->scan.count);
	mark_watched(sampler);
	for (size_t i = 0; i < sampler->track.count; i++) {
		details_complete(&sampler->details, sampler->track.list[i]);
		tracked_complete(&sampler->track, sampler->track.list[i]);
	}
	return 0;
}

static void request_exact(struct sampler *sampler)
{
	if (sampler->exact_requested)
		return;
	sampler->exact_requested = true;
	for (size_t i = 0; i < sampler->config.exact_count; i++)
		sampler_request_exact(sampler, sampler->config.exact_pids[i]);
}

int sampler_set_needs(struct sampler *sampler, unsigned needs, struct err *err)
{
	unsigned before = sampler->config.needs;

	sampler->config.needs = needs;
	if (!open_demanded(sampler, err))
		return 0;
	sampler->config.needs = before;
	open_demanded(sampler, NULL);	/* had all it needs */
	return -1;
}

void sampler_set_interval(struct sampler *sampler, int64_t interval_ns)
{
	sampler->config.interval_ns = interval_ns;
	if (sampler->pss)
		pss_set_interval(sampler->pss, interval_ns);
	if (sampler->resting_pss)
		pss_set_interval(sampler->resting_pss, interval_ns);
}

void sampler_watch(struct sampler *sampler, int32_t pid, int64_t start_time)
{
	sampler->watch_pid = pid;
	sampler->watch_start_time = start_time;
	mark_watched(sampler);
	faults_probe_watch(&sampler->faults, pid);
	open_demanded(sampler, NULL);	/* without memory for it the next sample tries again */
}

/* What is read of the watched process alone; when it has ended, what was read last. */
static void add_watched(struct sampler *sampler, struct snapshot *snapshot)
{
	const struct watched *last = sampler->previous ? sampler->previous->watched : NULL;
	struct watched *watched;

	if (!sampler->watch_pid)
		return;
	watched = watched_read(&sampler->procfs, sampler->watch_pid, sampler->watch_start_time);
	if (watched && watched->gone && last && last->pid == watched->pid && last->start_time == watched->start_time) {
		text_unref(watched->exe);
		*watched = *last;
		text_ref(watched->exe);
		watched->gone = true;
	}
	snapshot->watched = watched;	/* NULL without memory for it */
}

struct snapshot *sampler_sample(struct sampler *sampler, struct err *err)
{
	int64_t now = clock_boottime_ns();
	struct snapshot *snapshot;

	if (open_demanded(sampler, err))
		return NULL;
	details_begin(&sampler->details, now);
	if (scan(sampler, err))
		return NULL;
	snapshot = snapshot_new(&sampler->host, sampler->track.count);
	if (!snapshot) {
		err_set(err, "out of memory for %zu processes", sampler->track.count);
		return NULL;
	}
	host_clocks(&sampler->host, sampler->root, &snapshot->real_ns, &snapshot->boottime_ns);
	request_exact(sampler);
	snapshot->sequence = sampler->sequence++;
	system_read(sampler->system, snapshot);
	if (sampler->cgroups)
		cgroup_read(sampler->cgroups, snapshot);
	add_rows(sampler, snapshot, now);
	faults_probe_read(&sampler->faults, wants_faults(sampler), sampler->previous, snapshot);
	if (sampler->config.needs & NEED_THREADS)
		threads_read(&sampler->threads, snapshot);
	if (sampler->pss)
		pss_update(sampler->pss, now);
	add_pss(sampler, snapshot);
	add_pss_statistics(sampler, snapshot);
	add_self(sampler, snapshot);
	add_watched(sampler, snapshot);
	notices_add(snapshot, sampler->everybodys_pss ? pss_stats(sampler->pss) : NULL, sampler->root->live);
	derive(sampler->previous, snapshot);
	faults_probe_finish(&sampler->faults, wants_faults(sampler), snapshot);
	snapshot_unref(sampler->previous);
	sampler->previous = snapshot_ref(snapshot);
	return snapshot;
}

int sampler_prime(struct sampler *sampler, struct err *err)
{
	struct snapshot *snapshot = sampler_sample(sampler, err);

	if (!snapshot)
		return -1;
	snapshot_unref(snapshot);
	snapshot_unref(sampler->previous);
	sampler->previous = NULL;
	sampler->sequence = 0;
	return 0;
}
