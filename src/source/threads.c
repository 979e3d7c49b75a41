/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/threads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/task_procfs.h"
#include "util/text.h"

/* A thread and the index of its process's row. */
struct found {
	struct thread_sample thread;
	uint32_t owner;
};

struct finding {
	struct snapshot *snapshot;
	struct found *found;
	size_t count, capacity;
	uint32_t owner;		/* of the thread visited last */
};

static bool has_several(const struct process *process)
{
	return value_has_amount(process->status[PROC_THREADS]) && process->amount[PROC_THREADS] > 1;
}

static void keep(struct finding *finding, const struct thread_sample *thread)
{
	enum { FIRST = 256 };

	if (finding->count == finding->capacity) {
		size_t wanted = finding->capacity ? finding->capacity * 2 : FIRST;
		struct found *larger = wanted > THREADS_MAX ? NULL :
				       realloc(finding->found, wanted * sizeof *larger);

		if (!larger) {
			finding->snapshot->threads_lost++;
			return;
		}
		finding->found = larger;
		finding->capacity = wanted;
	}
	finding->found[finding->count++] = (struct found){ *thread, finding->owner };
}

/* -1, 0 or 1 as the row comes before, is, or comes after the thread's process. */
static int compare_owner(const struct process *row, const struct thread_sample *thread)
{
	int64_t start_time = (int64_t)thread->process_start_time;

	if (row->amount[PROC_PID] != thread->pid)
		return row->amount[PROC_PID] < thread->pid ? -1 : 1;
	return (row->amount[PROC_START_TIME] > start_time) - (row->amount[PROC_START_TIME] < start_time);
}

/* Puts the index of the thread's process in FINDING->owner. False when the scan did not show that process, or
 * with one thread only. */
static bool find_owner(struct finding *finding, const struct thread_sample *thread)
{
	const struct process *rows = finding->snapshot->processes;
	size_t low = 0, high = finding->snapshot->process_count;

	if (finding->owner < high && !compare_owner(&rows[finding->owner], thread))
		return has_several(&rows[finding->owner]);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_owner(&rows[middle], thread);

		if (!order) {
			finding->owner = (uint32_t)middle;
			return has_several(&rows[middle]);
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static void take_any(void *context, const struct thread_sample *thread)
{
	struct finding *finding = context;

	if (find_owner(finding, thread))
		keep(finding, thread);
}

static void take_of_owner(void *context, const struct thread_sample *thread)
{
	keep(context, thread);
}

/* Threads of the process in row OWNER, which were not shown otherwise. */
static void read_process(struct threads_source *source, struct finding *finding, uint32_t owner)
{
	struct snapshot *snapshot = finding->snapshot;
	const struct process *process = &snapshot->processes[owner];
	struct thread_visitor visitor = { take_of_owner, finding };
	uint64_t tick_ns = 1000000000u / (uint64_t)snapshot->host->clock_ticks;
	bool live = source->procfs->root->live;
	int fd, ret;

	if (finding->count == THREADS_MAX) {
		snapshot->threads_lost += (size_t)process->amount[PROC_THREADS];
		return;
	}
	fd = procfs_process_open(source->procfs, (int32_t)process->amount[PROC_PID],
				 (uint64_t)process->amount[PROC_START_TIME]);
	finding->owner = owner;
	ret = fd < 0 ? fd : task_procfs_read_threads(fd, live, tick_ns, &visitor);
	if (fd >= 0)
		close(fd);
	if (ret && (!live || (ret != -ESRCH && ret != -ENOENT)))
		snapshot->threads_lost += (size_t)process->amount[PROC_THREADS];
}

static int compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	return (x->thread.tid > y->thread.tid) - (x->thread.tid < y->thread.tid);
}

static void sort(struct finding *finding)
{
	for (size_t i = 1; i < finding->count; i++)
		if (compare_found(&finding->found[i - 1], &finding->found[i]) > 0) {
			qsort(finding->found, finding->count, sizeof *finding->found, compare_found);
			return;
		}
}

/* Reads what one walk over all threads did not show: processes hidden from it, or everything where there is no
 * such walk. */
static void read_rest(struct threads_source *source, struct finding *finding)
{
	const struct snapshot *snapshot = finding->snapshot;
	size_t shown = finding->count, at = 0;

	for (uint32_t i = 0; i < snapshot->process_count; i++) {
		while (at < shown && finding->found[at].owner < i)
			at++;
		if (has_several(&snapshot->processes[i]) && (at == shown || finding->found[at].owner != i))
			read_process(source, finding, i);
	}
}

static void copy_text(struct process *row, const struct process *owner, enum process_metric metric,
		      enum process_text slot)
{
	row->text[slot] = text_ref(owner->text[slot]);
	process_set(row, metric, process_value(owner, metric));
}

static void set_text(struct process *row, enum process_metric metric, enum process_text slot, struct text *text)
{
	row->text[slot] = text;
	process_set(row, metric, value_none(text ? VALUE_OK : VALUE_LOST));
}

/* Most threads have their process's name: then its text is shared. */
static void set_comm(struct process *row, const struct process *owner, const struct thread_sample *thread)
{
	size_t len = strnlen(thread->comm, sizeof thread->comm);
	const struct text *theirs = owner->text[TEXT_COMM];
	char cleaned[sizeof thread->comm + 1];

	text_clean(cleaned, sizeof cleaned, thread->comm, len);
	if (theirs && !strcmp(theirs->s, cleaned))
		copy_text(row, owner, PROC_COMM, TEXT_COMM);
	else
		set_text(row, PROC_COMM, TEXT_COMM, text_new(thread->comm, len));
}

static void set_user(struct process *row, const struct process *owner, const struct thread_sample *thread,
		     struct users *users)
{
	struct value theirs = process_value(owner, PROC_UID);

	if (thread->uid == UINT32_MAX || (value_has_amount(theirs.status) && theirs.amount == thread->uid)) {
		process_set(row, PROC_UID, theirs);
		copy_text(row, owner, PROC_USER, TEXT_USER);
		return;
	}
	process_set(row, PROC_UID, value_ok(thread->uid));
	if (owner->status[PROC_USER] == VALUE_SKIPPED)
		process_set(row, PROC_USER, value_none(VALUE_SKIPPED));
	else
		set_text(row, PROC_USER, TEXT_USER, users_name(users, thread->uid));
}

static void fill(struct process *row, const struct process *owner, const struct found *found,
		 struct users *users)
{
	const struct thread_sample *thread = &found->thread;

	for (enum process_metric m = 0; m < PROC_STORED; m++)
		process_set(row, m, value_none(VALUE_NOT_APPLICABLE));
	row->is_thread = true;
	row->owner = found->owner;
	process_set(row, PROC_PID, process_value(owner, PROC_PID));
	process_set(row, PROC_TID, value_ok(thread->tid));
	process_set(row, PROC_START_TIME, value_ok((int64_t)thread->start_time));
	set_comm(row, owner, thread);
	process_set(row, PROC_PPID, process_value(owner, PROC_PPID));
	set_user(row, owner, thread, users);
	process_set(row, PROC_STATE, value_ok(thread->state));
	copy_text(row, owner, PROC_CGROUP, TEXT_CGROUP);
	process_set(row, PROC_SCHED_POLICY, value_ok(thread->policy));
	process_set(row, PROC_RT_PRIORITY, value_ok(thread->rt_priority));
	process_set(row, PROC_CPU_SECONDS, value_ok((int64_t)thread->cpu_ns));
	process_set(row, PROC_FAULTS_MINOR, value_ok((int64_t)thread->faults_minor));
	process_set(row, PROC_FAULTS_MAJOR, value_ok((int64_t)thread->faults_major));
}

static void add_rows(const struct finding *finding, struct users *users)
{
	struct snapshot *snapshot = finding->snapshot;

	for (size_t i = 0; i < finding->count; i++) {
		const struct found *found = &finding->found[i];
		struct process *row = snapshot_add_thread(snapshot);

		if (!row) {
			snapshot->threads_lost += finding->count - i;
			return;
		}
		fill(row, &snapshot->processes[found->owner], found, users);
	}
}

void threads_read(struct threads_source *source, struct snapshot *snapshot)
{
	struct finding finding = { .snapshot = snapshot };
	struct thread_visitor visitor = { take_any, &finding };

	if (task_source_threads(source->tasks, &visitor)) {
		finding.count = 0;
		snapshot->threads_lost = 0;
	}
	/* When some did not fit, their processes are not hidden, but counted. */
	if (!snapshot->threads_lost) {
		sort(&finding);
		read_rest(source, &finding);
	}
	sort(&finding);
	add_rows(&finding, source->users);
	free(finding.found);
}
