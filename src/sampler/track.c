/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/track.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	HUGE_BYTES = 2 << 20,		/* a PMD mapping costs one step; its exact size matters little */
	ERROR_RATIO_START = ERROR_RATIO_ONE / 4,	/* new anonymous pages are mostly private */
	TOUCH_MIN_BYTES = 256 << 10,	/* smaller changes of file and shared memory are not told to sharers */
};

int track_open(struct track *track)
{
	memset(track, 0, sizeof *track);
	track->shares = share_table_new();
	return track->shares ? 0 : -ENOMEM;
}

static void tracked_free(struct track *track, struct tracked *t)
{
	share_drop(track->shares, &t->share);
	for (int i = 0; i < TEXT_COUNT; i++)
		text_unref(t->text[i]);
	free(t);
}

void track_close(struct track *track)
{
	for (size_t i = 0; i < track->count; i++)
		tracked_free(track, track->list[i]);
	free(track->list);
	share_table_free(track->shares);
	memset(track, 0, sizeof *track);
}

static struct signature signature_of(const struct task_sample *task)
{
	return (struct signature){
		.rss = { [SHARE_ANON] = task->rss_anon_bytes, [SHARE_FILE] = task->rss_file_bytes,
			 [SHARE_SHMEM] = task->rss_shmem_bytes },
		.faults = task->faults_minor + task->faults_major,
		.swap_bytes = task->swap_bytes,
	};
}

/* The anonymous family: known from the scan alone, so a fork is noticed in the sample it happens in. */
static void share_family(struct track *track, struct tracked *t)
{
	struct share_item family = { 0, t->task.image, SHARE_ANON, t->task.rss_anon_bytes };
	bool known = (t->task.have & TASK_HAVE_IMAGE) && t->task.image && tracked_has_kinds(t) &&
		     t->task.rss_anon_bytes >= SHARE_MIN_BYTES;

	share_set(track->shares, &t->share, 1u << SHARE_ANON, &family, known);
}

/* An exec replaced the address space: nothing read before it is true any more. */
static void tracked_exec(struct track *track, struct tracked *t)
{
	share_set(track->shares, &t->share, 1u << SHARE_FILE | 1u << SHARE_SHMEM, NULL, 0);
	share_settle(&t->share);
	t->execed = true;
	t->verdict = PSS_NEVER;
	t->exact.at_ns = 0;
	t->maps_at_ns = 0;
	t->page_cost_ps = 0;
	t->error_ratio = ERROR_RATIO_START;
	t->threads_checked_ns = t->realtime_until_ns = 0;
	memset(t->text_read_ns, 0, sizeof t->text_read_ns);
}

static void tell_sharers(struct track *track, struct tracked *t)
{
	for (enum share_kind kind = SHARE_FILE; kind < SHARE_KINDS; kind++) {
		int64_t delta = t->signature.rss[kind] - t->previous_signature.rss[kind];

		if (delta >= TOUCH_MIN_BYTES || delta <= -TOUCH_MIN_BYTES)
			share_touch(track->shares, &t->share, kind, delta);
	}
}

/* RSS by kind and the effective user cost a read of their own in the procfs tier: as long as neither RSS nor faults
 * moved, the old figures are the present ones. */
static void keep_details(struct task_sample *now, const struct task_sample *before, bool stirred)
{
	if (!(now->have & TASK_HAVE_KINDS)) {
		now->rss_anon_bytes = before->rss_anon_bytes;
		now->rss_file_bytes = before->rss_file_bytes;
		now->rss_shmem_bytes = before->rss_shmem_bytes;
		if (!stirred)
			now->have |= before->have & TASK_HAVE_KINDS;
	}
	if (now->uid == UINT32_MAX)
		now->uid = before->uid;
	if (now->swap_bytes < 0 && !stirred)
		now->swap_bytes = before->swap_bytes;
}

static bool same_image(const struct task_sample *a, const struct task_sample *b)
{
	if (a->no_mm != b->no_mm)
		return false;
	if ((a->have & b->have & TASK_HAVE_IMAGE) && a->image != b->image)
		return false;
	return true;
}

static void tracked_refresh(struct track *track, struct tracked *t, const struct task_sample *row)
{
	struct task_sample now = *row;
	bool same = same_image(&now, &t->task);

	t->stirred = !same || now.rss_bytes != t->task.rss_bytes || now.faults_minor != t->task.faults_minor ||
		     now.faults_major != t->task.faults_major;
	keep_details(&now, &t->task, t->stirred);
	if (now.threads != t->task.threads)
		t->threads_checked_ns = t->realtime_until_ns = 0;
	t->is_new = false;
	t->execed = false;
	if (memcmp(now.comm, t->task.comm, sizeof now.comm))
		memset(t->text_read_ns, 0, sizeof t->text_read_ns);
	if (now.uid != t->task.uid) {
		t->text_read_ns[TEXT_USER] = 0;
		if (t->verdict == PSS_REFUSED)
			t->verdict = PSS_NEVER;
	}
	t->task = now;
	t->previous_signature = t->signature;
	if (!same)
		tracked_exec(track, t);
}

static struct tracked *tracked_new(const struct task_sample *row)
{
	struct tracked *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->task = *row;
	t->is_new = true;
	t->stirred = true;
	t->error_ratio = ERROR_RATIO_START;
	return t;
}

void tracked_complete(struct track *track, struct tracked *t)
{
	bool learnt = tracked_has_kinds(t) && !t->had_kinds;

	t->signature = signature_of(&t->task);
	if (t->is_new || t->execed)
		t->previous_signature = t->signature;
	if (t->stirred || learnt) {
		share_family(track, t);
		tell_sharers(track, t);
	}
	if (learnt)
		t->previous_signature = t->signature;	/* it moved some time ago, not now */
	t->had_kinds = tracked_has_kinds(t);
}

void track_update(struct track *track, const struct task_sample *rows, size_t count)
{
	struct tracked **list = malloc((count ? count : 1) * sizeof *list);
	size_t kept = 0, old = 0;

	if (!list) {
		track->lost += count;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct task_sample *row = &rows[i];
		struct tracked *t = NULL;

		while (old < track->count && track->list[old]->task.pid < row->pid)
			tracked_free(track, track->list[old++]);
		if (old < track->count && track->list[old]->task.pid == row->pid) {
			t = track->list[old++];
			if (t->task.start_time != row->start_time) {
				tracked_free(track, t);
				t = NULL;
			}
		}
		if (t)
			tracked_refresh(track, t, row);
		else if ((t = tracked_new(row))) {
			t->initial = !track->scanned;
			t->share.quiet_kinds = t->initial ? SHARE_ALL_KINDS : 0;
		}
		if (t)
			list[kept++] = t;
		else
			track->lost++;
	}
	while (old < track->count)
		tracked_free(track, track->list[old++]);
	free(track->list);
	track->list = list;
	track->count = kept;
	track->scanned = true;
}

struct tracked *track_find(const struct track *track, int32_t pid)
{
	size_t low = 0, high = track->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (track->list[middle]->task.pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < track->count && track->list[low]->task.pid == pid ? track->list[low] : NULL;
}

int64_t tracked_anon_moved(const struct tracked *t, int64_t page_bytes)
{
	const struct signature *now = &t->signature, *then = &t->exact.signature;
	int64_t moved = now->rss[SHARE_ANON] - then->rss[SHARE_ANON];
	int64_t faulted = (int64_t)(now->faults - then->faults) * page_bytes;

	if (faulted > now->rss[SHARE_ANON])
		faulted = now->rss[SHARE_ANON];
	return (moved < 0 ? -moved : moved) + faulted / 2;
}

int64_t tracked_walk_pages(const struct tracked *t, int64_t page_bytes)
{
	const struct task_sample *task = &t->task;
	int64_t resident = tracked_has_kinds(t) ?
		task->rss_anon_bytes + task->rss_file_bytes + task->rss_shmem_bytes : task->rss_bytes;
	int64_t huge = 0;

	if (t->exact.at_ns) {
		huge = t->exact.smaps.bytes[SMAPS_ANON_HUGE] + t->exact.smaps.bytes[SMAPS_SHMEM_PMD] +
		       t->exact.smaps.bytes[SMAPS_FILE_PMD];
		/* Whatever was faulted in since may have replaced huge mappings by base pages. */
		huge -= (int64_t)(t->signature.faults - t->exact.signature.faults) * page_bytes;
	}
	if (huge < 0)
		huge = 0;
	if (huge > resident)
		huge = resident;
	return (resident - huge) / page_bytes + huge / HUGE_BYTES + 1;
}

bool tracked_still_exact(const struct tracked *t)
{
	const struct signature *now = &t->signature, *then = &t->exact.signature;

	if (!t->exact.at_ns)
		return false;
	for (int kind = 0; kind < SHARE_KINDS; kind++)
		if (now->rss[kind] != then->rss[kind] || t->share.error[kind])
			return false;
	return now->faults == then->faults && now->swap_bytes == then->swap_bytes;
}

uint64_t tracked_layout(const struct tracked *t)
{
	return (uint64_t)t->task.virtual_bytes ^ (uint64_t)t->task.map_count << 48 ^ t->task.image;
}
