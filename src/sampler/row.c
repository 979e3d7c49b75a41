/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/row.h"

#include "sampler/estimate.h"

/* Metrics that are one field of smaps_rollup, or the sum of two. */
static const struct {
	enum process_metric metric;
	enum smaps_field field, second;	/* second SMAPS_COUNT: none */
} smaps_metrics[] = {
	{ PROC_PSS, SMAPS_PSS, SMAPS_COUNT },
	{ PROC_PSS_ANON, SMAPS_PSS_ANON, SMAPS_COUNT },
	{ PROC_PSS_FILE, SMAPS_PSS_FILE, SMAPS_COUNT },
	{ PROC_PSS_SHMEM, SMAPS_PSS_SHMEM, SMAPS_COUNT },
	{ PROC_PSS_DIRTY, SMAPS_PSS_DIRTY, SMAPS_COUNT },
	{ PROC_USS, SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_DIRTY },
	{ PROC_SHARED, SMAPS_SHARED_CLEAN, SMAPS_SHARED_DIRTY },
	{ PROC_SWAP, SMAPS_SWAP, SMAPS_COUNT },
	{ PROC_SWAP_PSS, SMAPS_SWAP_PSS, SMAPS_COUNT },
	{ PROC_EPSS, SMAPS_PSS, SMAPS_SWAP_PSS },
	{ PROC_REFERENCED, SMAPS_REFERENCED, SMAPS_COUNT },
	{ PROC_ANON_HUGE, SMAPS_ANON_HUGE, SMAPS_COUNT },
	{ PROC_SHMEM_HUGE, SMAPS_SHMEM_PMD, SMAPS_COUNT },
	{ PROC_FILE_HUGE, SMAPS_FILE_PMD, SMAPS_COUNT },
	{ PROC_HUGETLB, SMAPS_SHARED_HUGETLB, SMAPS_PRIVATE_HUGETLB },
	{ PROC_KSM, SMAPS_KSM, SMAPS_COUNT },
	{ PROC_LAZYFREE, SMAPS_LAZYFREE, SMAPS_COUNT },
};

enum { SMAPS_METRICS = sizeof smaps_metrics / sizeof *smaps_metrics };

static const struct {
	enum process_metric metric;
	enum estimable slot;
} estimable_metrics[EST_COUNT] = {
	{ PROC_PSS, EST_PSS },
	{ PROC_PSS_ANON, EST_PSS_ANON },
	{ PROC_PSS_FILE, EST_PSS_FILE },
	{ PROC_PSS_SHMEM, EST_PSS_SHMEM },
};

static void set_if(struct process *row, enum process_metric metric, bool have, int64_t amount,
		   enum value_status otherwise)
{
	process_set(row, metric, have ? value_ok(amount) : value_none(otherwise));
}

static void fill_memory(struct process *row, const struct tracked *t)
{
	const struct task_sample *task = &t->task;
	static const enum process_metric memory[] = {
		PROC_VIRTUAL, PROC_RSS, PROC_RSS_ANON, PROC_RSS_FILE, PROC_RSS_SHMEM, PROC_RSS_PEAK, PROC_LOCKED,
		PROC_PAGETABLES,
	};
	bool kinds = task->have & TASK_HAVE_KINDS, detail = task->have & TASK_HAVE_DETAIL;
	/* The procfs tier reads status only when a metric needs it. */
	enum value_status missing = t->status_error ? value_status_from_process_errno(t->status_error) : VALUE_SKIPPED;

	if (task->no_mm) {
		for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
			process_set(row, memory[i], value_none(VALUE_NOT_APPLICABLE));
		return;
	}
	process_set(row, PROC_VIRTUAL, value_ok(task->virtual_bytes));
	process_set(row, PROC_RSS, value_ok(task->rss_bytes));
	set_if(row, PROC_RSS_ANON, kinds, task->rss_anon_bytes, missing);
	set_if(row, PROC_RSS_FILE, kinds, task->rss_file_bytes, missing);
	set_if(row, PROC_RSS_SHMEM, kinds, task->rss_shmem_bytes, missing);
	set_if(row, PROC_RSS_PEAK, detail, task->rss_peak_bytes, missing);
	set_if(row, PROC_LOCKED, detail, task->locked_bytes, missing);
	set_if(row, PROC_PAGETABLES, detail, task->pagetables_bytes, missing);
}

void row_fill_core(struct process *row, const struct tracked *t)
{
	const struct task_sample *task = &t->task;

	process_set(row, PROC_PID, value_ok(task->pid));
	process_set(row, PROC_START_TIME, value_ok((int64_t)task->start_time));
	process_set(row, PROC_PPID, value_ok(task->ppid));
	set_if(row, PROC_UID, task->uid != UINT32_MAX, task->uid, VALUE_DENIED);
	process_set(row, PROC_STATE, value_ok(task->state));
	process_set(row, PROC_THREADS, value_ok(task->threads));
	process_set(row, PROC_SCHED_POLICY, value_ok(task->policy));
	process_set(row, PROC_RT_PRIORITY, value_ok(task->rt_priority));
	process_set(row, PROC_CPU_SECONDS, value_ok((int64_t)task->cpu_ns));
	set_if(row, PROC_OOM_SCORE_ADJ, task->have & TASK_HAVE_OOM_ADJ, task->oom_score_adj, VALUE_SKIPPED);
	process_set(row, PROC_OOM_SCORE, value_none(VALUE_SKIPPED));
	process_set(row, PROC_FAULTS_MINOR, value_ok((int64_t)task->faults_minor));
	process_set(row, PROC_FAULTS_MAJOR, value_ok((int64_t)task->faults_major));
	fill_memory(row, t);
}

/* All smaps metrics get STATUS. */
static void fill_none(struct process *row, enum value_status status)
{
	for (int i = 0; i < SMAPS_METRICS; i++)
		process_set(row, smaps_metrics[i].metric, value_none(status));
	process_set(row, PROC_PSS_AGE, value_none(status));
}

static void fill_exact(struct process *row, const struct tracked *t, enum value_status status)
{
	const struct parse_smaps *smaps = &t->exact.smaps;

	for (int i = 0; i < SMAPS_METRICS; i++) {
		unsigned first = smaps_metrics[i].field, second = smaps_metrics[i].second;
		bool has = smaps->have & 1u << first;
		int64_t amount = smaps->bytes[first];

		if (second != SMAPS_COUNT) {
			has = has && (smaps->have & 1u << second);
			amount += smaps->bytes[second];
		}
		process_set(row, smaps_metrics[i].metric,
			    has ? (struct value){ amount, status } : value_none(VALUE_UNSUPPORTED));
	}
}

static void fill_estimate(struct process *row, const struct tracked *t, const struct row_context *context)
{
	struct estimate estimate;

	estimate_pss(t, context->ksm_active, &estimate);
	for (int i = 0; i < EST_COUNT; i++) {
		enum process_metric metric = estimable_metrics[i].metric;
		enum estimable slot = estimable_metrics[i].slot;

		if (row->status[metric] == VALUE_UNSUPPORTED)
			continue;
		process_set(row, metric, (struct value){ estimate.bytes[slot], VALUE_ESTIMATED });
		row->bounds[slot] = estimate.bounds[slot];
	}
}

/* Why there is no exact reading of a process that could have one. */
static enum value_status why_not_exact(const struct tracked *t, const struct row_context *context)
{
	if (t->verdict == PSS_FAILED && t->exact.error)
		return value_status_from_process_errno(t->exact.error);
	if (t->protected || t->over_limit || context->suspended)
		return VALUE_SKIPPED;
	return VALUE_PENDING;
}

void row_fill_pss(struct process *row, const struct tracked *t, const struct row_context *context)
{
	bool exact = t->verdict == PSS_EXACT || (t->verdict == PSS_FAILED && t->exact.at_ns);

	if (t->task.no_mm) {
		fill_none(row, VALUE_NOT_APPLICABLE);
		return;
	}
	if (t->verdict == PSS_REFUSED || !context->want_pss) {
		fill_none(row, t->verdict == PSS_REFUSED ? VALUE_DENIED : VALUE_SKIPPED);
		return;
	}
	if (exact) {
		fill_exact(row, t, tracked_still_exact(t) ? VALUE_OK : VALUE_STALE);
		process_set(row, PROC_PSS_AGE, value_ok(context->now_ns > t->exact.at_ns ?
							context->now_ns - t->exact.at_ns : 0));
		if (tracked_still_exact(t) || !tracked_has_kinds(t))
			return;
	} else {
		fill_none(row, why_not_exact(t, context));
	}
	if (tracked_has_kinds(t) && row->status[PROC_PSS] != VALUE_GONE)
		fill_estimate(row, t, context);
}
