/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/cgroup (kernel/cgroup/cgroup.c, proc_cgroup_show): lines of "ID:CONTROLLER,CONTROLLER:PATH". */
#include <errno.h>

#include "parse/process.h"
#include "parse/scan.h"

/* Whether the comma separated list from P to END names CONTROLLER; a named hierarchy ("name=memory") does
 * not. */
static bool lists_memory(const char *p, const char *end)
{
	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *item_end = comma ? comma : end;

		if (item_end - p == 6 && !memcmp(p, "memory", 6))
			return true;
		p = comma ? comma + 1 : end;
	}
	return false;
}

int parse_cgroup_memory_path(const char *text, size_t len, const char **path, size_t *path_len, bool *is_v1)
{
	const char *p = text, *end = text + len, *line, *line_end;
	bool found = false;

	while (scan_line(&p, end, &line, &line_end)) {
		const char *list, *colon;
		uint64_t id;
		bool v1;

		if (line_end == end)
			break;	/* no newline: the path is cut off */
		if (num_u64(&line, line_end, &id) || !scan_prefix(&line, line_end, ":", 1))
			continue;
		list = line;
		colon = list < line_end ? memchr(list, ':', (size_t)(line_end - list)) : NULL;
		if (!colon || colon + 1 >= line_end || colon[1] != '/')
			continue;
		v1 = lists_memory(list, colon);
		if (!v1 && (found || id || colon != list))
			continue;
		*path = colon + 1;
		*path_len = (size_t)(line_end - *path);
		*is_v1 = v1;
		if (v1)
			return 0;
		found = true;
	}
	return found ? 0 : -ENOENT;
}
