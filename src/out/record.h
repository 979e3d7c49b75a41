/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One record of a snapshot seen alike whatever its scope, for writers that walk a list of fields. */
#ifndef OUT_RECORD_H
#define OUT_RECORD_H

#include "model/snapshot.h"

/* Points into a snapshot, and lives no longer than it. */
struct record {
	const int64_t *amount;		/* NULL for processes, and so is status */
	const uint8_t *status;
	const struct process *process;	/* NULL for other scopes */
};

enum { RECORD_TEXT_MAX = 16 };

struct record record_process(const struct process *process);
struct record record_system(const struct snapshot *snapshot);
struct record record_cgroup(const struct cgroup *cgroup);

/* True for the units whose outward form is text: UNIT_TEXT, UNIT_STATE, UNIT_POLICY. */
bool record_unit_is_text(enum unit unit);

/* The value of METRIC, which is of the record's scope. A text that should be there and is not (it was dropped
 * for want of memory) is LOST. */
struct value record_value(const struct record *record, const struct metric *metric);

/* The text of a metric whose unit is text and whose value has an amount. BUF is for letters and policies. */
const char *record_text(const struct record *record, const struct metric *metric, char buf[RECORD_TEXT_MAX]);

/* The bounds of an ESTIMATED value, or NULL. */
const struct bounds *record_bounds(const struct record *record, const struct metric *metric);

#endif
