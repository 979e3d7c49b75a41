/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse/keyed.h"

#include <errno.h>

#include "parse/scan.h"

static bool name_byte(char c)
{
	return c != ' ' && c != '\t' && c != ':' && c != '\n';
}

/* ": 1234 kB" or " 1234" up to END. */
static int parse_value(const char *p, const char *end, struct parse_keyed *line)
{
	uint64_t value;

	if (p < end && *p == ':')
		p++;
	p = scan_blanks(p, end);
	if (num_u64(&p, end, &value))
		return -EBADMSG;
	p = scan_blanks(p, end);
	line->kib = scan_prefix(&p, end, "kB", 2);
	if (scan_blanks(p, end) != end || value > (uint64_t)INT64_MAX / (line->kib ? 1024 : 1))
		return -EBADMSG;
	line->value = (int64_t)value * (line->kib ? 1024 : 1);
	return 0;
}

int parse_keyed_next(const char **text, size_t *len, struct parse_keyed *line)
{
	const char *p = *text, *end = p + *len, *line_end;
	int err;

	while (p < end && *p == '\n')
		p++;
	*line = (struct parse_keyed){ .name = p };
	if (p == end) {
		*text = end;
		*len = 0;
		return 0;
	}
	while (p < end && name_byte(*p))
		p++;
	line->name_len = (size_t)(p - line->name);
	line_end = scan_line_end(p, end);
	err = line->name_len && line_end < end ? parse_value(p, line_end, line) : -EBADMSG;
	*text = line_end < end ? line_end + 1 : end;
	*len = (size_t)(end - *text);
	return err ? err : 1;
}
