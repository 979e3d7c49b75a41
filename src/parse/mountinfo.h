/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/mountinfo (fs/proc_namespace.c, show_mountinfo). Pure: no I/O, no allocation, no globals, no
 * locale. */
#ifndef PARSE_MOUNTINFO_H
#define PARSE_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>

/* Texts point into the input and are not terminated; root and point are escaped: parse_octal_unescape(). */
struct parse_mount {
	const char *root;	/* what of the file system is mounted: "/" for all of it */
	size_t root_len;
	const char *point;	/* where, below the root of the process */
	size_t point_len;
	const char *type;	/* "cgroup2" */
	size_t type_len;
	const char *options;	/* of the file system: "rw,memory" */
	size_t options_len;
};

/* Parses the line at *TEXT, advances *TEXT and *LEN past it. 1 for a mount, 0 at the end, -EBADMSG for a
 * line that is none or has no newline (it is skipped, so the caller may go on). */
int parse_mount_next(const char **text, size_t *len, struct parse_mount *mount);

/* Whether the comma-separated options of the file system name OPTION. */
bool parse_mount_has_option(const struct parse_mount *mount, const char *option);

#endif
