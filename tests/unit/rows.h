/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots made by hand, for tests of what works on snapshots. Include after cmocka.h. */
#ifndef TESTS_ROWS_H
#define TESTS_ROWS_H

#include <string.h>

#include "model/snapshot.h"

static inline struct process *rows_add(struct snapshot *snapshot, int32_t pid, const char *comm)
{
	struct process *process = snapshot_add_process(snapshot);

	assert_non_null(process);
	process_set(process, PROC_PID, value_ok(pid));
	process->text[TEXT_COMM] = text_new(comm, strlen(comm));
	assert_non_null(process->text[TEXT_COMM]);
	process_set(process, PROC_COMM, value_ok(0));
	return process;
}

#endif
