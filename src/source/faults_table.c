/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/faults_table.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) (hash_oom = 1)
static _Thread_local int hash_oom;
#include <uthash.h>

#include "util/clock.h"

enum {
	CHECKS = 64,		/* processes a reading asks the kernel whether they are still there */
	GRACE_NS = 2000000000,	/* that an end may take to be told: the kernel frees a task some time after it is gone */
};

struct faults_key {
	uint64_t start_time_ns;
	int64_t pid;
};

struct faults_entry {
	struct fault_process process;
	struct faults_key key;
	uint64_t leader_ended;	/* the reading that heard of it, 0 for not yet */
	size_t first_pending;	/* its index + 1, 0 for none */
	uint64_t pending_before, pending_now;	/* what is pending in one number, to see that it is the same */
	int64_t gone_ns;	/* when it was found to be gone, 0 for not yet */
	bool several_threads;
	UT_hash_handle hh;
};

struct faults_pending {
	struct faults_entry *entry;	/* NULL when only the machine has it */
	int32_t tid;
	size_t next;			/* of the same process: its index + 1, 0 for none */
	uint8_t class, memory;		/* + 1, 0 for none */
	uint32_t other;
};

void faults_table_free(struct faults_table *table)
{
	struct faults_entry *entry, *next;

	HASH_ITER(hh, table->entries, entry, next) {
		HASH_DEL(table->entries, entry);
		free(entry);
	}
	free(table->sorted);
	free(table->pending);
	*table = (struct faults_table){ .tick_ns = table->tick_ns };
}

static void forget(struct faults_table *table, struct faults_entry *entry)
{
	if (table->next_check == entry)
		table->next_check = entry->hh.next;
	HASH_DEL(table->entries, entry);
	free(entry);
}

static void sums_pend(struct fault_sums *sums, const struct faults_pending *pending, int sign)
{
	uint64_t one = sign < 0 ? UINT64_MAX : 1;

	if (pending->class)
		sums->count[pending->class - 1] += one;
	if (pending->memory)
		sums->memory[pending->memory - 1] += one;
	sums->count[FAULT_OTHER] += one * pending->other;
}

void faults_table_begin(struct faults_table *table)
{
	struct faults_entry *entry, *next;

	for (size_t i = 0; i < table->pending_count; i++) {
		sums_pend(&table->machine, &table->pending[i], -1);
		if (table->pending[i].entry)
			sums_pend(&table->pending[i].entry->process.sums, &table->pending[i], -1);
	}
	table->pending_count = 0;
	table->reading++;
	HASH_ITER(hh, table->entries, entry, next) {
		if (entry->process.ended) {
			forget(table, entry);
			continue;
		}
		entry->process.changed = false;
		entry->pending_before = entry->pending_now;
		entry->pending_now = 0;
		entry->first_pending = 0;
	}
}

static struct faults_entry *find(struct faults_table *table, const struct fault_record *record)
{
	struct faults_key key = { record->start_time_ns, record->pid };
	struct faults_entry *entry;

	HASH_FIND(hh, table->entries, &key, sizeof key, entry);
	return entry;
}

static struct faults_entry *add(struct faults_table *table, const struct fault_record *record)
{
	struct faults_entry *entry;

	entry = HASH_COUNT(table->entries) < FAULTS_TABLE_MAX ? calloc(1, sizeof *entry) : NULL;
	if (!entry)
		return NULL;
	entry->key = (struct faults_key){ record->start_time_ns, record->pid };
	entry->process.pid = record->pid;
	entry->process.start_time = record->start_time_ns / table->tick_ns;
	entry->process.changed = true;
	hash_oom = 0;
	HASH_ADD(hh, table->entries, key, sizeof entry->key, entry);
	if (!hash_oom)
		return entry;
	free(entry);
	return NULL;
}

static bool add_value(struct fault_sums *sums, unsigned slot, uint64_t amount)
{
	if (slot < FAULT_SLOT_MEMORY)
		sums->count[slot - FAULT_SLOT_COUNT] += amount;
	else if (slot < FAULT_SLOT_REMOTE)
		sums->memory[slot - FAULT_SLOT_MEMORY] += amount;
	else if (slot == FAULT_SLOT_REMOTE)
		sums->remote += amount;
	else if (slot < FAULT_SLOT_MAX_NS)
		sums->ns[slot - FAULT_SLOT_NS] += amount;
	else if (slot == FAULT_SLOT_MAX_NS)
		sums->max_ns = amount > sums->max_ns ? amount : sums->max_ns;
	else
		return false;
	return true;
}

/* Without memory for it the next settling tells it. */
static void add_pending(struct faults_table *table, struct faults_entry *entry, const struct fault_record *record)
{
	struct faults_pending *pending;

	if ((!record->pending_class && !record->pending_other) || record->pending_class > FAULT_CLASSES ||
	    record->pending_memory > FAULT_MEMORIES)
		return;
	if (table->pending_count == table->pending_capacity) {
		size_t wanted = table->pending_capacity ? table->pending_capacity * 2 : 64;

		pending = realloc(table->pending, wanted * sizeof *pending);
		if (!pending)
			return;
		table->pending = pending;
		table->pending_capacity = wanted;
	}
	pending = &table->pending[table->pending_count++];
	*pending = (struct faults_pending){ entry, record->tid, 0, record->pending_class, record->pending_memory,
					    record->pending_other };
	sums_pend(&table->machine, pending, 1);
	if (!entry)
		return;
	pending->next = entry->first_pending;
	entry->first_pending = table->pending_count;
	sums_pend(&entry->process.sums, pending, 1);
	entry->pending_now += ((uint64_t)record->pending_other << 16 | (uint64_t)record->pending_class << 8 |
			       record->pending_memory) * (2 * (uint64_t)(uint32_t)record->tid + 1);
}

/* The thread TID of ENTRY has settled what was pending, and told it. */
static void drop_pending(struct faults_table *table, struct faults_entry *entry, int32_t tid)
{
	for (size_t at = entry->first_pending; at; at = table->pending[at - 1].next) {
		struct faults_pending *pending = &table->pending[at - 1];

		if (pending->tid != tid)
			continue;
		sums_pend(&table->machine, pending, -1);
		sums_pend(&entry->process.sums, pending, -1);
		pending->class = pending->memory = 0;
		pending->other = 0;
	}
}

static void take(struct faults_table *table, const struct fault_record *record, const uint64_t *values)
{
	struct faults_entry *entry = NULL;

	if (record->pid) {
		entry = find(table, record);
		if (!entry && (record->values || record->pending_class || record->pending_other))
			entry = add(table, record);
		if (!entry && record->values)
			table->lost_processes++;
	}
	for (unsigned i = 0; i < record->values; i++) {
		unsigned slot = (unsigned)(values[i] >> FAULT_VALUE_SHIFT);
		uint64_t amount = values[i] & ((UINT64_C(1) << FAULT_VALUE_SHIFT) - 1);

		if (!add_value(&table->machine, slot, amount))
			table->lost++;
		else if (entry)
			add_value(&entry->process.sums, slot, amount);
	}
	if (entry && (record->flags & FAULT_RECORD_ENDED))
		drop_pending(table, entry, record->tid);
	add_pending(table, entry, record);
	if (!entry)
		return;
	memcpy(entry->process.comm, record->comm, sizeof entry->process.comm);
	entry->process.comm[sizeof entry->process.comm - 1] = '\0';
	entry->process.changed = entry->process.changed || record->values;
	if (record->tid != record->pid)
		entry->several_threads = true;
	if (record->flags & FAULT_RECORD_LEADER)
		entry->leader_ended = table->reading;
}

ptrdiff_t faults_table_feed(struct faults_table *table, const void *data, size_t len)
{
	const char *bytes = data;
	size_t used = 0;

	while (len - used >= sizeof(struct fault_record)) {
		uint64_t values[FAULT_SLOTS];
		struct fault_record record;
		size_t size;

		memcpy(&record, bytes + used, sizeof record);
		if (record.values > FAULT_SLOTS)
			return -EBADMSG;
		size = record.values * sizeof *values;
		if (len - used - sizeof record < size)
			break;
		memcpy(values, bytes + used + sizeof record, size);
		take(table, &record, values);
		used += sizeof record + size;
	}
	return (ptrdiff_t)used;
}

/* The first thread is released last, but what other threads tell may come a moment later. */
static bool has_ended(const struct faults_table *table, const struct faults_entry *entry)
{
	return entry->leader_ended && (!entry->several_threads || entry->leader_ended < table->reading);
}

/* The end of a process whose first thread never faulted, or whose last record was lost, is not told. */
static void check(struct faults_table *table, struct faults_entry *entry, int64_t now_ns)
{
	if (entry->leader_ended)
		return;
	if (!kill(entry->process.pid, 0) || errno != ESRCH)
		entry->gone_ns = 0;
	else if (!entry->gone_ns)
		entry->gone_ns = now_ns;
	else if (now_ns - entry->gone_ns >= GRACE_NS)
		entry->leader_ended = table->reading;
}

static void check_some(struct faults_table *table)
{
	int64_t now = clock_monotonic_ns();

	for (int i = 0; i < CHECKS && table->entries; i++) {
		struct faults_entry *entry = table->next_check ? table->next_check : table->entries;

		table->next_check = entry->hh.next;
		check(table, entry, now);
		if (!table->next_check)
			break;
	}
}

static int by_process(const void *a, const void *b)
{
	const struct fault_process *x = *(struct fault_process *const *)a, *y = *(struct fault_process *const *)b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->start_time > y->start_time) - (x->start_time < y->start_time);
}

int faults_table_end(struct faults_table *table, struct fault_reading *reading)
{
	size_t count = HASH_COUNT(table->entries), i = 0;
	struct faults_entry *entry, *next;

	if (count > table->sorted_capacity) {
		struct fault_process **sorted = realloc(table->sorted, (count + count / 2) * sizeof *sorted);

		if (!sorted)
			return -ENOMEM;
		table->sorted = sorted;
		table->sorted_capacity = count + count / 2;
	}
	check_some(table);
	HASH_ITER(hh, table->entries, entry, next) {
		entry->process.ended = has_ended(table, entry);
		entry->process.changed = entry->process.changed || entry->pending_now != entry->pending_before;
		table->sorted[i++] = &entry->process;
	}
	if (i)
		qsort(table->sorted, i, sizeof *table->sorted, by_process);
	reading->processes = table->sorted;
	reading->count = i;
	reading->machine = table->machine;
	reading->lost_processes = table->lost_processes;
	reading->lost += table->lost;
	return 0;
}
