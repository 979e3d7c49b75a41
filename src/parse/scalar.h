/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that hold one thing: a number of /proc/sys, /sys or a cgroup, or a choice. Pure: no I/O, no
 * allocation, no globals, no locale. One newline may follow.
 */
#ifndef PARSE_SCALAR_H
#define PARSE_SCALAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "-12", "12", or "0x0007" (lru_gen/enabled). 0 or -EBADMSG. */
int parse_scalar(const char *text, size_t len, int64_t *value);

/* A cgroup's limit or use in bytes: a number, or "max" for no limit (*UNLIMITED, and *VALUE is 0). 0 or
 * -EBADMSG. */
int parse_scalar_or_max(const char *text, size_t len, int64_t *value, bool *unlimited);

/* The chosen word of "always [madvise] never", or a text of one line as it is. Points into the text. 0, or
 * -EBADMSG when that is empty. */
int parse_choice(const char *text, size_t len, const char **choice, size_t *choice_len);

#endif
