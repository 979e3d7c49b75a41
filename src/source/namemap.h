/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which name in a kernel file feeds which metric: taken from the `source` texts of the metric table, so
 * that the table is the only list there is.
 *
 * A source is "FILE", "FILE: NAME", or two of these for two ways the kernel may present it (cgroup v2 and
 * v1), as in "memory.max / memory.limit_in_bytes", with "-" for a way that lacks it. A NAME that ends in
 * '*' stands for the sum of all names that begin with what precedes it up to their last '_': "pgalloc_*" is
 * pgalloc_dma + pgalloc_normal + ...
 */
#ifndef SOURCE_NAMEMAP_H
#define SOURCE_NAMEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/metric.h"
#include "model/value.h"

enum { NAMEMAP_NAMES = 256, NAMEMAP_HASH = 1024 };

/* One side of a metric's source. */
struct source_part {
	const char *file;	/* not terminated; NULL when this side lacks the metric */
	size_t file_len;
	const char *name;	/* not terminated; NULL when the file is a value by itself */
	size_t name_len;
};

/* SIDE 0 is the first (or only) one, 1 what follows " / ". */
struct source_part source_part(const struct metric *metric, unsigned side);

/* Whether PART is of FILE. */
bool source_part_is(const struct source_part *part, const char *file);

/* The values of one record, by slot. */
struct slots {
	int64_t *amount;
	uint8_t *status;	/* enum value_status */
};

/* The names of one file. Filled once, looked up in constant time. */
struct namemap {
	unsigned count;
	struct namemap_name {
		const char *name;	/* into the metric table, not terminated; without the '*' of a sum */
		uint16_t len;
		uint16_t slot;
		bool sum;
	} names[NAMEMAP_NAMES];
	uint16_t hash[NAMEMAP_HASH];	/* open addressing; index + 1, 0 for empty */
};

/* Collects the metrics of SCOPE whose SIDE of the source is in FILE. */
void namemap_init(struct namemap *map, enum scope scope, unsigned side, const char *file);

/* The entry for NAME, or for the sum that NAME is part of; NULL for a name that no metric wants. */
const struct namemap_name *namemap_find(const struct namemap *map, const char *name, size_t len);

/* Marks every metric of the file: no amount, because of STATUS. */
void namemap_set_all(const struct namemap *map, enum value_status status, struct slots slots);

/* The metrics of a "name value" file (parse/keyed.h). Those the text does not have become UNSUPPORTED,
 * those whose line is malformed LOST. UNKNOWN, unless NULL, is called for each line of a name that no
 * metric wants. Returns the number of malformed lines. */
struct parse_keyed;
unsigned namemap_parse(const struct namemap *map, const char *text, size_t len, struct slots slots,
		       void (*unknown)(void *context, const struct parse_keyed *line), void *context);

/* The metrics of a pressure file (parse/psi.h), likewise. 0 or -EBADMSG (then all are LOST). */
int namemap_parse_psi(const struct namemap *map, const char *text, size_t len, struct slots slots);

#endif
