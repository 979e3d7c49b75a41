/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel files of one named number a line: meminfo ("MemFree:  1234 kB"), vmstat and memory.stat ("pgfault
 * 1234"). Pure: no I/O, no allocation, no globals, no locale. Input need not be NUL-terminated and may hold
 * anything.
 */
#ifndef PARSE_KEYED_H
#define PARSE_KEYED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct parse_keyed {
	const char *name;	/* into the text, not terminated: up to the first blank or ':' */
	size_t name_len;
	int64_t value;		/* in bytes when kib, else the number as it is */
	bool kib;		/* the line ends in " kB", which is the kernel's word for KiB */
};

/* Parses the line at *TEXT, advances *TEXT and *LEN past it. 1 for a line, 0 at the end. -EBADMSG for a
 * line that is none of these (no number, another unit, more than INT64_MAX, or no newline, so that the
 * number may have been cut): it is skipped, so the caller may go on; name and name_len are set, name_len 0
 * when there is none. Empty lines are passed over. */
int parse_keyed_next(const char **text, size_t *len, struct parse_keyed *line);

#endif
