/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps that the parsers of kernel text share. As in util/num.h, P is where to read and END is one past the
 * last byte; nothing here reads at or beyond END.
 */
#ifndef PARSE_SCAN_H
#define PARSE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/num.h"

/* Past spaces and tabs. */
static inline const char *scan_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

/* The newline that ends the line at P, or END. */
static inline const char *scan_line_end(const char *p, const char *end)
{
	const char *newline = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;

	return newline ? newline : end;
}

/* Takes the next line, without its newline, off *P; false at the end of the text. */
static inline bool scan_line(const char **p, const char *end, const char **line, const char **line_end)
{
	if (*p >= end)
		return false;
	*line = *p;
	*line_end = scan_line_end(*p, end);
	*p = *line_end < end ? *line_end + 1 : end;
	return true;
}

/* Whether the bytes from P to END begin with PREFIX; then *P is moved past it. */
static inline bool scan_prefix(const char **p, const char *end, const char *prefix, size_t len)
{
	if ((size_t)(end - *p) < len || memcmp(*p, prefix, len))
		return false;
	*p += len;
	return true;
}

/* "   1234 kB" from P to the line's END, as bytes (the kernel's kB are KiB). 0 or -EBADMSG: no number,
 * something other than " kB" and blanks behind it, or more than INT64_MAX bytes. A missing unit is
 * malformed: the text was cut off, and so may the number be. */
static inline int scan_kib(const char *p, const char *end, int64_t *bytes)
{
	uint64_t kib;

	p = scan_blanks(p, end);
	if (num_u64(&p, end, &kib) || kib > INT64_MAX / 1024)
		return -EBADMSG;
	p = scan_blanks(p, end);
	if (!scan_prefix(&p, end, "kB", 2) || scan_blanks(p, end) != end)
		return -EBADMSG;
	*bytes = (int64_t)kib * 1024;
	return 0;
}

#endif
