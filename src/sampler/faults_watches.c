/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/faults_watches.h"

#include "model/faults.h"
#include "model/find.h"

/* -- whom to watch ---------------------------------------------------------------------------------------- */

/* Tells SOURCE; a tier without latencies refuses, and then its readings have none. */
static void tell(struct faults_watches *watches, struct faults *source)
{
	int32_t pids[FAULT_WATCHED_MAX];

	/* Twice: what begins anew has to be let go in between. */
	for (int again = 0; again < 2; again++) {
		for (unsigned i = 0; i < FAULT_WATCHED_MAX; i++) {
			pids[i] = watches->list[i].anew && !again ? 0 : watches->list[i].pid;
			watches->list[i].anew = watches->list[i].anew && !again;
		}
		faults_watch(source, pids);
	}
}

static struct faults_watch *find_watch(struct faults_watches *watches, int32_t pid)
{
	for (unsigned i = 0; i < FAULT_WATCHED_MAX; i++)
		if (watches->list[i].pid == pid)
			return &watches->list[i];
	return NULL;
}

static bool is_in(const int32_t *pids, size_t count, int32_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

static void choose(struct faults_watches *watches, int32_t first, const int32_t *pids, size_t count, bool from_start)
{
	int32_t wanted[FAULT_WATCHED_MAX] = { first };
	size_t some = first != 0;

	watches->left_out = 0;
	for (size_t i = 0; i < count; i++) {
		if (pids[i] == first)
			continue;
		if (some < FAULT_WATCHED_MAX)
			wanted[some++] = pids[i];
		else
			watches->left_out++;
	}
	for (unsigned i = 0; i < FAULT_WATCHED_MAX; i++)
		if (!is_in(wanted, some, watches->list[i].pid))
			watches->list[i] = (struct faults_watch){ .pid = 0 };
	for (size_t i = 0; i < some; i++)
		if (!find_watch(watches, wanted[i]))
			*find_watch(watches, 0) = (struct faults_watch){
				.pid = wanted[i], .start_time = -1, .whole = from_start, .anew = !from_start };
}

void faults_watches_begin(struct faults_watches *watches, int32_t first, const int32_t *pids, size_t count,
			  int32_t chosen[FAULT_WATCHED_MAX])
{
	*watches = (struct faults_watches){ .left_out = 0 };
	choose(watches, first, pids, count, true);
	for (unsigned i = 0; i < FAULT_WATCHED_MAX; i++)
		chosen[i] = watches->list[i].pid;
}

void faults_watches_choose(struct faults_watches *watches, struct faults *source, int32_t first, const int32_t *pids,
			   size_t count)
{
	choose(watches, first, pids, count, false);
	tell(watches, source);
}

/* -- whose they are --------------------------------------------------------------------------------------- */

static size_t first_of_pid(const struct fault_reading *reading, int32_t pid)
{
	size_t low = 0, high = reading->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (reading->processes[middle]->pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* That a process with the pid and START_TIME is there. False when another has been known. */
static bool meet(struct faults_watch *watch, int64_t start_time)
{
	if (start_time <= watch->start_time)
		return true;	/* of an older one only the end was told late */
	if (watch->known)
		return false;
	watch->known = true;
	watch->start_time = start_time;
	return true;
}

/* Finds out whose the latencies are, if that is not known, and whether there may be more of it. False when they may be of
 * several. ROW: who had the pid in the scan. */
static bool identify(struct faults_watch *watch, const struct fault_reading *reading, const struct process *row, bool *runs)
{
	for (size_t i = first_of_pid(reading, watch->pid);
	     i < reading->count && reading->processes[i]->pid == watch->pid; i++) {
		const struct fault_process *read = reading->processes[i];

		if (!meet(watch, (int64_t)read->start_time))
			return false;
		*runs = (int64_t)read->start_time == watch->start_time && !read->ended;
	}
	/* A younger one that the reading does not have took no fault. */
	if (row && !watch->known)
		meet(watch, row->amount[PROC_START_TIME]);
	*runs = *runs || (row && row->amount[PROC_START_TIME] == watch->start_time);
	return true;
}

static bool is_of(const struct process *row, const struct faults_watch *watch)
{
	return row->amount[PROC_PID] == watch->pid && row->amount[PROC_START_TIME] == watch->start_time;
}

static struct process *find_exited(const struct snapshot *snapshot, const struct faults_watch *watch)
{
	for (size_t i = 0; i < snapshot->exited_count; i++)
		if (is_of(&snapshot->exited[i], watch))
			return &snapshot->exited[i];
	return NULL;
}

static void fill(struct faults_watch *watch, const struct fault_reading *reading, const uint64_t (*buckets)[FAULT_BUCKETS],
		 struct snapshot *snapshot)
{
	const struct process *found = find_pid(snapshot, watch->pid);
	struct process *row = found ? &snapshot->processes[found - snapshot->processes] : NULL;
	bool runs = false, sole = identify(watch, reading, row, &runs);
	struct process *owner = row && is_of(row, watch) ? row : find_exited(snapshot, watch);

	if (sole && watch->known && owner && fault_values_own(owner))
		fault_values_watch(owner->faults, buckets, watch->whole);
	if (sole && (runs || !watch->known))
		return;
	watch->known = watch->whole = false;
	watch->anew = true;
}

void faults_watches_fill(struct faults_watches *watches, struct faults *source, const struct fault_reading *reading,
			 struct snapshot *snapshot)
{
	bool anew = false;

	if (!reading->watched)
		return;
	for (unsigned i = 0; i < FAULT_WATCHED_MAX; i++) {
		if (!watches->list[i].pid)
			continue;
		fill(&watches->list[i], reading, reading->watched[i], snapshot);
		anew = anew || watches->list[i].anew;
	}
	if (anew)
		tell(watches, source);
}
