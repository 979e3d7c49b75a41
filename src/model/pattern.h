/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regular expressions with a bounded cost.
 *
 * POSIX extended regular expressions by the C library's regcomp(), which multiplies repetitions out: a short
 * pattern such as ((a{255}){255}){255} would take gigabytes. Such patterns, deep nesting and back-references
 * (which make matching exponential) are refused before regcomp() sees them.
 */
#ifndef MODEL_PATTERN_H
#define MODEL_PATTERN_H

#include <regex.h>
#include <stddef.h>

/* Compiles PATTERN (NUL-terminated) with REG_EXTENDED | REG_NOSUB. 0, or -EINVAL with WHY (CAP bytes) saying
 * what is wrong; then there is nothing to regfree(). */
int pattern_compile(regex_t *regex, const char *pattern, char *why, size_t cap);

#endif
