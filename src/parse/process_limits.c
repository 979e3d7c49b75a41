/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "parse/process.h"
#include "parse/scan.h"

enum { NAME_COLUMNS = 25 };

static int scan_amount(const char **p, const char *end, int64_t *amount)
{
	uint64_t number;

	*p = scan_blanks(*p, end);
	if (scan_prefix(p, end, "unlimited", 9)) {
		*amount = INT64_MAX;
	} else {
		if (num_u64(p, end, &number))
			return -EBADMSG;
		*amount = number > INT64_MAX ? INT64_MAX : (int64_t)number;
	}
	return *p < end && **p != ' ' ? -EBADMSG : 0;
}

static size_t trimmed(const char *p, const char *end)
{
	while (end > p && end[-1] == ' ')
		end--;
	return (size_t)(end - p);
}

static int parse_line(const char *p, const char *end, struct parse_limit *limit)
{
	if (end - p <= NAME_COLUMNS || p[NAME_COLUMNS] != ' ')
		return -EBADMSG;
	limit->name = p;
	limit->name_len = trimmed(p, p + NAME_COLUMNS);
	p += NAME_COLUMNS;
	if (!limit->name_len || scan_amount(&p, end, &limit->soft) || scan_amount(&p, end, &limit->hard))
		return -EBADMSG;
	p = scan_blanks(p, end);
	limit->unit = p;
	limit->unit_len = trimmed(p, end);
	return 0;
}

int parse_limit_next(const char **text, size_t *len, struct parse_limit *limit)
{
	static const char titles[] = "Limit  ";
	const char *end = *text + *len, *line, *line_end;
	int ret;

	do {
		if (!scan_line(text, end, &line, &line_end)) {
			*len = 0;
			return 0;
		}
		*len = (size_t)(end - *text);
	} while (line_end < end && (size_t)(line_end - line) >= sizeof titles - 1 &&
		 !memcmp(line, titles, sizeof titles - 1));
	ret = line_end < end ? parse_line(line, line_end, limit) : -EBADMSG;
	return ret ? ret : 1;
}
