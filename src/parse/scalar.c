/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse/scalar.h"

#include <errno.h>

#include "parse/scan.h"

/* END less a final newline. */
static const char *text_end(const char *text, size_t len)
{
	return len && text[len - 1] == '\n' ? text + len - 1 : text + len;
}

int parse_scalar(const char *text, size_t len, int64_t *value)
{
	const char *p = text, *end = text_end(text, len);
	uint64_t hex;

	if (scan_prefix(&p, end, "0x", 2)) {
		if (num_hex64(&p, end, &hex) || p != end || hex > INT64_MAX)
			return -EBADMSG;
		*value = (int64_t)hex;
		return 0;
	}
	return num_i64(&p, end, value) || p != end ? -EBADMSG : 0;
}

int parse_scalar_or_max(const char *text, size_t len, int64_t *value, bool *unlimited)
{
	const char *p = text, *end = text_end(text, len);

	*value = 0;
	*unlimited = scan_prefix(&p, end, "max", 3);
	if (*unlimited)
		return p == end ? 0 : -EBADMSG;
	return num_i64(&p, end, value) || p != end || *value < 0 ? -EBADMSG : 0;
}

int parse_choice(const char *text, size_t len, const char **choice, size_t *choice_len)
{
	const char *end = scan_line_end(text, text + len);
	const char *open = text < end ? memchr(text, '[', (size_t)(end - text)) : NULL;
	const char *close = open ? memchr(open, ']', (size_t)(end - open)) : NULL;

	*choice = close ? open + 1 : text;
	*choice_len = (size_t)((close ? close : end) - *choice);
	return *choice_len ? 0 : -EBADMSG;
}
