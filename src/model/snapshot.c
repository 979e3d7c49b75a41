/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
		text->refs++;
	return text;
}

void text_unref(struct text *text)
{
	if (text && --text->refs == 0)
		free(text);
}

struct snapshot *snapshot_new(const struct host *host, size_t processes)
{
	struct snapshot *snapshot = calloc(1, sizeof *snapshot);

	if (!snapshot)
		return NULL;
	snapshot->refs = 1;
	snapshot->host = host;
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
	snapshot->refs++;
	return snapshot;
}

void snapshot_unref(struct snapshot *snapshot)
{
	if (!snapshot || --snapshot->refs)
		return;
	for (size_t i = 0; i < snapshot->process_count; i++)
		for (int t = 0; t < TEXT_COUNT; t++)
			text_unref(snapshot->processes[i].text[t]);
	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		text_unref(snapshot->cgroups[i].path);
	for (unsigned i = 0; i < snapshot->swap_count; i++)
		text_unref(snapshot->swaps[i].name);
	text_unref(snapshot->longest_read_comm);
	free(snapshot->processes);
	free(snapshot->cgroups);
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

struct process *snapshot_add_process(struct snapshot *snapshot)
{
	struct process *process = grow((void **)&snapshot->processes, &snapshot->process_count,
				       &snapshot->process_capacity, sizeof *snapshot->processes);

	if (process)
		process->previous = -1;
	return process;
}

struct cgroup *snapshot_add_cgroup(struct snapshot *snapshot)
{
	return grow((void **)&snapshot->cgroups, &snapshot->cgroup_count, &snapshot->cgroup_capacity,
		    sizeof *snapshot->cgroups);
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
	int64_t amount = process->amount[metric];

	if (!value_has_amount(process->status[metric]))
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
	switch (metric) {
	case PROC_PSS: return &process->bounds[EST_PSS];
	case PROC_PSS_ANON: return &process->bounds[EST_PSS_ANON];
	case PROC_PSS_FILE: return &process->bounds[EST_PSS_FILE];
	case PROC_PSS_SHMEM: return &process->bounds[EST_PSS_SHMEM];
	default: return NULL;
	}
}
