/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What writer.c and the formats share: a format is one file that defines one struct format_ops. */
#ifndef OUT_FORMAT_H
#define OUT_FORMAT_H

#include "out/writer.h"

struct format_ops {
	const char *name;
	size_t size;	/* of the format's own struct, which begins with struct writer; zeroed when made */
	void (*sample)(struct writer *writer, const struct snapshot *snapshot,
		       const struct arrangement *arrangement, struct buf *out);
	void (*fini)(struct writer *writer);	/* frees what the struct holds, not itself; NULL for nothing */
};

extern const struct format_ops format_table, format_json, format_csv, format_openmetrics;

struct fields {
	const struct metric **list;	/* each metric once */
	size_t count;
	bool chosen;			/* else all of the scope that readers cannot derive */
};

struct writer {
	const struct format_ops *ops;
	struct writer_config config;		/* its fields are not kept: see below */
	struct fields fields[SCOPE_COUNT];	/* as configured; of other scopes all that is not derived */
};

/* Whether METRIC with STATUS is left out: it is of a probe that nobody wants, and nobody chose it. */
bool fields_leave_out(const struct fields *fields, const struct metric *metric, enum value_status status);

/* Whether records of SCOPE are asked for. */
bool writer_shows(const struct writer *writer, enum scope scope);

#endif
