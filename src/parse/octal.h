/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's way of writing names into tables: blanks, newlines and backslashes as \ooo (fs/seq_file.c).
 * Pure. */
#ifndef PARSE_OCTAL_H
#define PARSE_OCTAL_H

#include <stddef.h>

/* Copies the LEN bytes of SRC to DST (CAP bytes), turning each \ooo up to \377 into its byte; any other
 * backslash stays. Returns the length written, at most CAP; not terminated. What does not fit is cut. */
size_t parse_octal_unescape(char *dst, size_t cap, const char *src, size_t len);

#endif
