/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the records of the fault probe (bpf/fault.h) to sums by process and of the machine. No I/O but for finding out who has ended. */
#ifndef SOURCE_FAULTS_TABLE_H
#define SOURCE_FAULTS_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "source/faults.h"

enum { FAULTS_TABLE_MAX = 65536 };	/* processes; further ones count for the machine alone */

struct faults_entry;
struct faults_pending;

/* Zero-initialize and set tick_ns; faults_table_free() releases the rest. */
struct faults_table {
	uint64_t tick_ns;		/* length of a clock tick */
	struct faults_entry *entries;	/* a hash by process */
	struct fault_process **sorted;
	size_t sorted_capacity;
	struct faults_pending *pending;	/* what is in the sums only until the next reading */
	size_t pending_count, pending_capacity;
	struct fault_sums machine;
	uint64_t reading;
	uint64_t lost_processes;
	uint64_t lost;			/* faults of records that did not make sense */
	struct faults_entry *next_check;
};

void faults_table_free(struct faults_table *table);

/* A reading begins: those that ended with the last one are forgotten. */
void faults_table_begin(struct faults_table *table);

/* Takes the whole records in DATA and returns how many bytes that were; -EBADMSG for what is no record. */
ptrdiff_t faults_table_feed(struct faults_table *table, const void *data, size_t len);

/* It ends: fills READING's processes, count, machine and lost_processes. 0 or -ENOMEM. */
int faults_table_end(struct faults_table *table, struct fault_reading *reading);

#endif
