/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the stream of the BPF task iterator (bpf/shared.h) to rows of a task table. No I/O.
 *
 *	task_records_begin(), task_records_feed() for each piece read, task_records_end().
 */
#ifndef SOURCE_TASK_RECORDS_H
#define SOURCE_TASK_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "shared.h"
#include "source/task.h"

struct task_records_leader;

/* Zero-initialize, set page_bytes and clock_ticks; task_records_free() releases what scans have grown. */
struct task_records {
	int64_t page_bytes, clock_ticks;
	struct task_table *table;
	struct task_records_leader *leaders;	/* key and row, in the order of the stream */
	size_t leader_count, leader_capacity;
	struct task_record_thread_mm *early;	/* threads met before their leader */
	size_t early_count, early_capacity;
};

void task_records_free(struct task_records *records);

/* Rows will be added to TABLE. */
void task_records_begin(struct task_records *records, struct task_table *table);

/* Consumes the whole records in DATA. Returns the bytes consumed; the caller brings the rest again with what
 * follows. -EBADMSG for what is not a record, -ENOMEM. */
ptrdiff_t task_records_feed(struct task_records *records, const void *data, size_t len);

/* Completes the rows: threads that came early, sums, bounds. */
void task_records_end(struct task_records *records);

/* The letter that /proc/PID/stat prints for a task's state and exit_state. */
char task_records_state(uint32_t state, uint32_t exit_state);

#endif
