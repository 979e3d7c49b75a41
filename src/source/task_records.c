/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/task_records.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "source/task_source.h"

/* As in task.c: more than there can be. */
enum { ENTRIES_FIRST = 256, ENTRIES_MAX = 4 * 1024 * 1024 };

struct task_records_leader {
	uint32_t key;
	uint32_t row;
};

void task_records_free(struct task_records *records)
{
	free(records->leaders);
	free(records->early);
	*records = (struct task_records){ 0 };
}

void task_records_begin(struct task_records *records, struct task_table *table)
{
	records->table = table;
	records->leader_count = 0;
	records->early_count = 0;
}

/* include/linux/sched.h and fs/proc/array.c: the bits of TASK_REPORT in order, then idle. TASK_IDLE is an
 * uninterruptible sleep that does not count as load; TASK_RTLOCK_WAIT (5.15) and TASK_FROZEN (6.1) are shown as
 * uninterruptible, and their bits mean nothing in older kernels. */
char task_records_state(uint32_t state, uint32_t exit_state)
{
	enum { REPORT = 0x7f, UNINTERRUPTIBLE = 0x2, NOLOAD = 0x400, IDLE = UNINTERRUPTIBLE | NOLOAD,
	       RTLOCK_WAIT = 0x1000, FROZEN = 0x8000, REPORT_IDLE = 0x80 };
	static const char letters[] = "RSDTtXZPI";
	uint32_t shown = (state | exit_state) & REPORT;
	unsigned index = 0;

	if ((state & IDLE) == IDLE)
		shown = REPORT_IDLE;
	if (state & (RTLOCK_WAIT | FROZEN))
		shown = UNINTERRUPTIBLE;
	while (shown) {
		index++;
		shown >>= 1;
	}
	return letters[index];
}

/* Makes room for one more of *COUNT elements. */
static bool grow(void **array, size_t count, size_t *capacity, size_t element)
{
	size_t wanted = *capacity ? *capacity * 2 : ENTRIES_FIRST;
	void *larger;

	if (count < *capacity)
		return true;
	if (wanted > ENTRIES_MAX)
		return false;
	larger = realloc(*array, wanted * element);
	if (!larger)
		return false;
	*array = larger;
	*capacity = wanted;
	return true;
}

/* Adds a thread's share to its process. RSS stays unclamped until task_records_end(). */
static void add_thread(const struct task_records *records, const struct task_record_thread *thread,
		       struct task_sample *row)
{
	row->cpu_ns += thread->cpu_ns;
	row->faults_minor += thread->faults_minor;
	row->faults_major += thread->faults_major;
	row->rss_file_bytes += thread->rss_residue[TASK_RSS_FILE] * records->page_bytes;
	row->rss_anon_bytes += thread->rss_residue[TASK_RSS_ANON] * records->page_bytes;
	row->rss_shmem_bytes += thread->rss_residue[TASK_RSS_SHMEM] * records->page_bytes;
	row->swap_bytes += thread->rss_residue[TASK_RSS_SWAP] * records->page_bytes;
	if (task_policy_is_realtime(thread->policy))
		row->realtime = true;
}

static void set_mm(const struct task_records *records, const struct task_record_mm *mm, struct task_sample *row)
{
	int64_t page = records->page_bytes;

	if (!(mm->flags & TASK_MM_PRESENT) || !row->no_mm)
		return;
	row->no_mm = false;
	row->mm_id = mm->id;
	row->map_count = mm->map_count;
	row->virtual_bytes = (int64_t)mm->total_pages * page;
	row->rss_peak_bytes = (int64_t)mm->peak_pages * page;
	row->locked_bytes = (int64_t)mm->locked_pages * page;
	row->pagetables_bytes = (int64_t)mm->pagetables_bytes;
	row->rss_file_bytes += mm->rss_pages[TASK_RSS_FILE] * page;
	row->rss_anon_bytes += mm->rss_pages[TASK_RSS_ANON] * page;
	row->rss_shmem_bytes += mm->rss_pages[TASK_RSS_SHMEM] * page;
	row->swap_bytes += mm->rss_pages[TASK_RSS_SWAP] * page;
	row->image = task_image_hash(mm->start_code, mm->start_stack);
	row->have |= TASK_HAVE_IMAGE;
	if (mm->flags & TASK_MM_APPROXIMATE)
		row->have |= TASK_RSS_APPROXIMATE;
}

static void set_group(const struct task_records *records, const struct task_record_leader *leader,
		      struct task_sample *row)
{
	const struct task_record_group *group = &leader->group;

	row->pid = group->pid;
	row->ppid = group->ppid;
	row->uid = group->uid;
	row->have = TASK_HAVE_CORE | TASK_HAVE_KINDS | TASK_HAVE_DETAIL | TASK_HAVE_OOM_ADJ |
		    TASK_HAVE_THREAD_POLICY;
	row->start_time = group->start_time_ns / (1000000000u / (uint64_t)records->clock_ticks);
	memcpy(row->comm, group->comm, sizeof(row->comm) - 1);
	row->state = task_records_state(group->state, group->exit_state);
	row->kernel_thread = group->flags & TASK_PF_KTHREAD;
	row->no_mm = true;
	row->policy = leader->thread.policy;
	row->rt_priority = leader->thread.rt_priority;
	row->oom_score_adj = (int16_t)group->oom_score_adj;
	row->threads = group->threads;
	row->cpu_ns = group->dead_cpu_ns;
	row->faults_minor = group->dead_faults_minor;
	row->faults_major = group->dead_faults_major;
	row->swap_bytes = 0;
}

static int add_leader(struct task_records *records, const struct task_record_leader *leader)
{
	struct task_sample *row;

	if (!grow((void **)&records->leaders, records->leader_count, &records->leader_capacity,
		  sizeof(*records->leaders)))
		return -ENOMEM;
	row = task_table_add(records->table);
	if (!row)
		return 0;
	records->leaders[records->leader_count++] = (struct task_records_leader){
		.key = leader->thread.key,
		.row = (uint32_t)(records->table->count - 1),
	};
	set_group(records, leader, row);
	set_mm(records, &leader->mm, row);
	add_thread(records, &leader->thread, row);
	return 0;
}

/* MM is NULL unless the thread carries its process's memory. */
static void give_thread(const struct task_records *records, const struct task_record_thread *thread,
			const struct task_record_mm *mm, struct task_sample *row)
{
	add_thread(records, thread, row);
	if (mm)
		set_mm(records, mm, row);
}

/* Threads usually follow their leader at once. One that does not (the pid counter has wrapped) is kept. */
static int take_thread(struct task_records *records, const struct task_record_thread *thread,
		       const struct task_record_mm *mm)
{
	size_t last = records->leader_count;
	struct task_record_thread_mm *early;

	if (last && records->leaders[last - 1].key == thread->key) {
		give_thread(records, thread, mm, &records->table->rows[records->leaders[last - 1].row]);
		return 0;
	}
	if (!grow((void **)&records->early, records->early_count, &records->early_capacity,
		  sizeof(*records->early)))
		return -ENOMEM;
	early = &records->early[records->early_count++];
	*early = (struct task_record_thread_mm){ .thread = *thread };
	if (mm)
		early->mm = *mm;
	return 0;
}

static size_t record_size(uint8_t kind)
{
	switch (kind) {
	case TASK_RECORD_LEADER:
		return sizeof(struct task_record_leader);
	case TASK_RECORD_THREAD:
		return sizeof(struct task_record_thread);
	case TASK_RECORD_THREAD_MM:
		return sizeof(struct task_record_thread_mm);
	default:
		return 0;
	}
}

static int take_record(struct task_records *records, uint8_t kind, const char *data)
{
	union {
		struct task_record_thread thread;
		struct task_record_leader leader;
		struct task_record_thread_mm thread_mm;
	} record;

	memcpy(&record, data, record_size(kind));
	if (kind == TASK_RECORD_LEADER)
		return add_leader(records, &record.leader);
	if (kind == TASK_RECORD_THREAD_MM)
		return take_thread(records, &record.thread, &record.thread_mm.mm);
	return take_thread(records, &record.thread, NULL);
}

ptrdiff_t task_records_feed(struct task_records *records, const void *data, size_t len)
{
	const char *at = data, *end = at + len;

	while ((size_t)(end - at) >= sizeof(struct task_record_thread)) {
		uint8_t kind = (uint8_t)at[offsetof(struct task_record_thread, kind)];
		size_t size = record_size(kind);
		int error;

		if (!size)
			return -EBADMSG;
		if ((size_t)(end - at) < size)
			break;
		error = take_record(records, kind, at);
		if (error)
			return error;
		at += size;
	}
	return at - (const char *)data;
}

static int compare_leaders(const void *a, const void *b)
{
	const struct task_records_leader *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static void place_early(struct task_records *records)
{
	if (!records->early_count || !records->leader_count)
		return;
	qsort(records->leaders, records->leader_count, sizeof(*records->leaders), compare_leaders);
	for (size_t i = 0; i < records->early_count; i++) {
		const struct task_record_thread_mm *early = &records->early[i];
		struct task_records_leader wanted = { .key = early->thread.key }, *leader;

		leader = bsearch(&wanted, records->leaders, records->leader_count, sizeof(wanted),
				 compare_leaders);
		if (leader)
			give_thread(records, &early->thread, &early->mm, &records->table->rows[leader->row]);
	}
}

static int64_t not_negative(int64_t bytes)
{
	return bytes > 0 ? bytes : 0;
}

void task_records_end(struct task_records *records)
{
	place_early(records);
	for (size_t i = 0; i < records->leader_count; i++) {
		struct task_sample *row = &records->table->rows[records->leaders[i].row];

		row->rss_file_bytes = not_negative(row->rss_file_bytes);
		row->rss_anon_bytes = not_negative(row->rss_anon_bytes);
		row->rss_shmem_bytes = not_negative(row->rss_shmem_bytes);
		row->swap_bytes = not_negative(row->swap_bytes);
		row->rss_bytes = row->rss_file_bytes + row->rss_anon_bytes + row->rss_shmem_bytes;
		if (row->rss_peak_bytes < row->rss_bytes)
			row->rss_peak_bytes = row->rss_bytes;
	}
}
