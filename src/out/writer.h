/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output formats. A writer turns snapshots into bytes in a buffer; it does no I/O and knows only snapshots.
 */
#ifndef OUT_WRITER_H
#define OUT_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/arrange.h"
#include "model/metric.h"
#include "model/snapshot.h"
#include "util/buf.h"

enum format {
	FORMAT_TABLE,		/* for people: a few lines about the machine, then columns */
	FORMAT_JSON,		/* JSON Lines: header record, then per sample system, cgroup, process records */
	FORMAT_CSV,		/* RFC 4180 with LF: one heading line, then the rows of one record kind */
	FORMAT_OPENMETRICS,	/* OpenMetrics 1.0 text, one complete exposition per sample */
	FORMAT_COUNT
};

struct writer_config {
	enum format format;
	enum scope record;			/* CSV and table: which record kind makes the rows */
	/* Of RECORD's scope, in output order. Named twice, written once; none: all that are not derived. */
	const struct metric *const *fields;
	size_t field_count;
	/* JSON and OpenMetrics: also system and cgroup records, when there are any in the snapshot, with all of
	 * their fields that readers cannot derive. Else only records of RECORD's scope. */
	bool all_records;
	unsigned columns;			/* table: terminal width to cut at, 0 for no limit */
	unsigned rows;				/* table: at most so many process rows, 0 for all */
	bool emphasis;				/* table: SGR sequences allowed (a terminal, NO_COLOR unset) */
	bool utf8;				/* table: tree lines of box-drawing characters, not of ASCII */
};

struct writer;

/* "table", "json", "csv", "openmetrics"; -1 when NAME is none of them. */
int writer_format_find(const char *name);
const char *writer_format_name(enum format format);

/* NULL on ENOMEM. CONFIG and its fields array are copied. */
struct writer *writer_new(const struct writer_config *config);
void writer_free(struct writer *writer);	/* NULL-safe */

/* Appends SNAPSHOT to OUT; what comes once (JSON header record, CSV heading) precedes the first sample.
 * ARRANGEMENT is of SNAPSHOT: the rows of processes to show, in order. Threads are records of their own ("thread"),
 * which OpenMetrics leaves out. Exited processes are records of JSON alone ("exit"), once what the fault probe counted of
 * them is final; only JSON may be given them. Only tables show rows of cgroups among processes. A failed allocation
 * leaves OUT failed and its text incomplete. */
void writer_sample(struct writer *writer, const struct snapshot *snapshot, const struct arrangement *arrangement,
		   struct buf *out);

#endif
