/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/faults.h"
#include "util/text.h"

struct text *text_new(const char *bytes, size_t len)
{
	/* Cleaning never lengthens: each bad byte or character becomes one '?'. */
	struct text *text = malloc(sizeof *text + len + 1);

	if (!text)
		return NULL;
	text->refs = 1;
	text->len = (unsigned)text_clean(text->s, len + 1, bytes, len);
	return text;
}

struct text *text_ref(struct text *text)
{
	if (text)
		__atomic_add_fetch(&text->refs, 1, __ATOMIC_RELAXED);
	return text;
}

void text_unref(struct text *text)
{
	if (text && !__atomic_sub_fetch(&text->refs, 1, __ATOMIC_ACQ_REL))
		free(text);
}

struct snapshot *snapshot_new(const struct host *host, size_t processes)
{
	struct snapshot *snapshot = calloc(1, sizeof *snapshot);

	if (!snapshot)
		return NULL;
	snapshot->refs = 1;
	snapshot->host = host;
	for (enum probe probe = 0; probe < PROBE_COUNT; probe++)
		snapshot->probes[probe] = probe_unwanted(probe);
	if (processes) {
		snapshot->processes = calloc(processes, sizeof *snapshot->processes);
		if (!snapshot->processes) {
			free(snapshot);
			return NULL;
		}
		snapshot->process_capacity = processes;
	}
	return snapshot;
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
	__atomic_add_fetch(&snapshot->refs, 1, __ATOMIC_RELAXED);
	return snapshot;
}

static void free_rows(struct process *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (int t = 0; t < TEXT_COUNT; t++)
			text_unref(rows[i].text[t]);
		fault_values_unref(rows[i].faults);
	}
	free(rows);
}

void snapshot_unref(struct snapshot *snapshot)
{
	if (!snapshot || __atomic_sub_fetch(&snapshot->refs, 1, __ATOMIC_ACQ_REL))
		return;
	free_rows(snapshot->processes, snapshot->process_count);
	free_rows(snapshot->threads, snapshot->thread_count);
	free_rows(snapshot->exited, snapshot->exited_count);
	if (snapshot->watched)
		text_unref(snapshot->watched->exe);
	free(snapshot->watched);
	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		text_unref(snapshot->cgroups[i].path);
	for (unsigned i = 0; i < snapshot->swap_count; i++)
		text_unref(snapshot->swaps[i].name);
	text_unref(snapshot->longest_read_comm);
	free(snapshot->cgroups);
	free(snapshot->faults);
	free(snapshot);
}

/* One more zeroed row in a growing array, or NULL. */
static void *grow(void **rows, size_t *count, size_t *capacity, size_t size)
{
	if (*count == *capacity) {
		size_t wanted = *capacity ? *capacity + *capacity / 2 + 1 : 64;
		void *bigger = realloc(*rows, wanted * size);

		if (!bigger)
			return NULL;
		*rows = bigger;
		*capacity = wanted;
	}
	char *row = (char *)*rows + (*count)++ * size;

	memset(row, 0, size);
	return row;
}

static struct process *add_row(struct process **rows, size_t *count, size_t *capacity)
{
	struct process *row = grow((void **)rows, count, capacity, sizeof **rows);

	if (row)
		row->previous = -1;
	return row;
}

struct process *snapshot_add_process(struct snapshot *snapshot)
{
	return add_row(&snapshot->processes, &snapshot->process_count, &snapshot->process_capacity);
}

struct process *snapshot_add_thread(struct snapshot *snapshot)
{
	return add_row(&snapshot->threads, &snapshot->thread_count, &snapshot->thread_capacity);
}

struct process *snapshot_add_exited(struct snapshot *snapshot)
{
	return add_row(&snapshot->exited, &snapshot->exited_count, &snapshot->exited_capacity);
}

struct cgroup *snapshot_add_cgroup(struct snapshot *snapshot)
{
	return grow((void **)&snapshot->cgroups, &snapshot->cgroup_count, &snapshot->cgroup_capacity,
		    sizeof *snapshot->cgroups);
}

uint64_t process_key(const struct process *process)
{
	uint64_t start = (uint64_t)process->amount[PROC_START_TIME] & ((UINT64_C(1) << 41) - 1);
	uint64_t thread = process->is_thread ? UINT64_C(1) << 63 : 0;
	int64_t id = process->amount[process->is_thread ? PROC_TID : PROC_PID];

	return thread | start << 22 | ((uint64_t)id & 0x3fffff);
}

void snapshot_add_notice(struct snapshot *snapshot, const char *topic, const char *text, const char *remedy)
{
	for (unsigned i = 0; i < snapshot->notice_count; i++)
		if (!strcmp(snapshot->notices[i].topic, topic))
			return;
	if (snapshot->notice_count == NOTICES_MAX)
		return;
	struct notice *notice = &snapshot->notices[snapshot->notice_count++];

	notice->topic = topic;
	text_clean(notice->text, sizeof notice->text, text, strlen(text));
	text_clean(notice->remedy, sizeof notice->remedy, remedy, strlen(remedy));
}

/* SCHED_* numbers of include/uapi/linux/sched.h. */
static const char *const policy_names[] = { "other", "fifo", "rr", "batch", NULL, "idle", "deadline", "ext" };

static enum process_text text_slot(enum process_metric metric)
{
	switch (metric) {
	case PROC_COMM: return TEXT_COMM;
	case PROC_USER: return TEXT_USER;
	case PROC_CMDLINE: return TEXT_CMDLINE;
	case PROC_CGROUP: return TEXT_CGROUP;
	default: return TEXT_COUNT;
	}
}

const char *process_text(const struct process *process, enum process_metric metric, char *buf)
{
	enum process_text slot = text_slot(metric);
	struct value value = process_value(process, metric);
	int64_t amount = value.amount;

	if (!value_has_amount(value.status))
		return NULL;
	if (slot != TEXT_COUNT)
		return process->text[slot] ? process->text[slot]->s : NULL;
	switch (metric_get(SCOPE_PROCESS, metric)->unit) {
	case UNIT_STATE:
		buf[0] = amount > ' ' && amount < 127 ? (char)amount : '?';
		buf[1] = '\0';
		return buf;
	case UNIT_POLICY:
		if (amount >= 0 && amount < (int64_t)(sizeof policy_names / sizeof *policy_names) &&
		    policy_names[amount])
			return policy_names[amount];
		snprintf(buf, 16, "%d", (int)amount);
		return buf;
	default:
		return NULL;
	}
}

const struct bounds *process_bounds(const struct process *process, enum process_metric metric)
{
	const struct fault_latencies *latencies = process->faults ? process->faults->latencies : NULL;

	switch (metric) {
	case PROC_PSS: return &process->bounds[EST_PSS];
	case PROC_PSS_ANON: return &process->bounds[EST_PSS_ANON];
	case PROC_PSS_FILE: return &process->bounds[EST_PSS_FILE];
	case PROC_PSS_SHMEM: return &process->bounds[EST_PSS_SHMEM];
	case PROC_FAULT_P50: return latencies ? &latencies->p50 : NULL;
	case PROC_FAULT_P99: return latencies ? &latencies->p99 : NULL;
	default: return NULL;
	}
}
