/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/maps (fs/proc/task_mmu.c, show_vma_header_prefix). */
#include <errno.h>

#include "parse/process.h"
#include "parse/scan.h"

/* "r-xp", or "rw-s" for a shared mapping. */
static bool read_permissions(const char **p, const char *end, struct parse_map *map)
{
	const char *s = *p;

	if (end - s < 4)
		return false;
	if ((s[0] != 'r' && s[0] != '-') || (s[1] != 'w' && s[1] != '-') || (s[2] != 'x' && s[2] != '-') ||
	    (s[3] != 's' && s[3] != 'p'))
		return false;
	map->readable = s[0] == 'r';
	map->writable = s[1] == 'w';
	map->executable = s[2] == 'x';
	map->shared = s[3] == 's';
	*p += 4;
	return true;
}

/* "08:02" */
static bool read_device(const char **p, const char *end, struct parse_map *map)
{
	uint64_t major, minor;

	if (num_hex64(p, end, &major) || !scan_prefix(p, end, ":", 1) || num_hex64(p, end, &minor))
		return false;
	if (major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	map->dev_major = (uint32_t)major;
	map->dev_minor = (uint32_t)minor;
	return true;
}

static bool read_line(const char *p, const char *end, struct parse_map *map)
{
	if (num_hex64(&p, end, &map->start) || !scan_prefix(&p, end, "-", 1) || num_hex64(&p, end, &map->end))
		return false;
	if (map->start >= map->end)
		return false;
	if (!scan_prefix(&p, end, " ", 1) || !read_permissions(&p, end, map))
		return false;
	if (!scan_prefix(&p, end, " ", 1) || num_hex64(&p, end, &map->offset))
		return false;
	if (!scan_prefix(&p, end, " ", 1) || !read_device(&p, end, map))
		return false;
	if (!scan_prefix(&p, end, " ", 1) || num_u64(&p, end, &map->inode))
		return false;
	if (p < end && *p != ' ')
		return false;
	while (p < end && *p == ' ')
		p++;
	map->path = p;
	map->path_len = (size_t)(end - p);
	return true;
}

int parse_map_next(const char **text, size_t *len, struct parse_map *map)
{
	const char *end = *text + *len, *line, *line_end;
	bool cut;

	if (!scan_line(text, end, &line, &line_end))
		return 0;
	*len = (size_t)(end - *text);
	cut = line_end == end;
	*map = (struct parse_map){ .path = line };
	return !cut && read_line(line, line_end, map) ? 1 : -EBADMSG;
}
