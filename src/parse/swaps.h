/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/swaps (mm/swapfile.c, swap_show) and mm_stat of a zram device (drivers/block/zram/zram_drv.c).
 * Pure: no I/O, no allocation, no globals, no locale.
 */
#ifndef PARSE_SWAPS_H
#define PARSE_SWAPS_H

#include <stddef.h>
#include <stdint.h>

struct parse_swap {
	const char *name;	/* into the text, not terminated; escaped: parse_octal_unescape() */
	size_t name_len;
	const char *type;	/* "partition" or "file", not terminated */
	size_t type_len;
	int64_t size_bytes, used_bytes, priority;
};

/* Parses the line at *TEXT, advances *TEXT and *LEN past it. The heading is passed over. 1 for a swap area,
 * 0 at the end, -EBADMSG for a line that is none or has no newline (it is skipped, so the caller may go
 * on). */
int parse_swap_next(const char **text, size_t *len, struct parse_swap *swap);

/* The N of a swap area called ".../zramN" that is a partition, -1 for any other. */
int parse_swap_zram_number(const struct parse_swap *swap);

struct parse_zram {
	int64_t original_bytes, compressed_bytes;	/* of the pages held */
	int64_t used_bytes;				/* RAM taken */
};

/* The first three numbers of mm_stat (4.2 and later). 0, or -EBADMSG. */
int parse_zram_mm_stat(const char *text, size_t len, struct parse_zram *zram);

#endif
