/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse/mountinfo.h"

#include <errno.h>

#include "parse/scan.h"

/* Takes the next word off *P; words are separated by one blank. */
static bool take_word(const char **p, const char *end, const char **word, size_t *len)
{
	const char *start = *p, *blank = start < end ? memchr(start, ' ', (size_t)(end - start)) : NULL;

	*word = start;
	*len = (size_t)((blank ? blank : end) - start);
	*p = blank ? blank + 1 : end;
	return *len;
}

/* 36 35 98:0 ROOT POINT mount-options [optional ...] - TYPE source OPTIONS */
static int parse_line(const char *p, const char *end, struct parse_mount *mount)
{
	const char *word;
	size_t len;

	for (int i = 0; i < 3; i++)
		if (!take_word(&p, end, &word, &len))
			return -EBADMSG;
	if (!take_word(&p, end, &mount->root, &mount->root_len) ||
	    !take_word(&p, end, &mount->point, &mount->point_len) || !take_word(&p, end, &word, &len))
		return -EBADMSG;
	do {
		if (!take_word(&p, end, &word, &len))
			return -EBADMSG;
	} while (len != 1 || *word != '-');
	if (!take_word(&p, end, &mount->type, &mount->type_len))
		return -EBADMSG;
	take_word(&p, end, &word, &len);	/* the source may be empty */
	take_word(&p, end, &mount->options, &mount->options_len);
	return 0;
}

int parse_mount_next(const char **text, size_t *len, struct parse_mount *mount)
{
	const char *p = *text, *end = p + *len, *line, *line_end;
	int ret = 0;

	if (scan_line(&p, end, &line, &line_end))
		ret = line_end == end || parse_line(line, line_end, mount) ? -EBADMSG : 1;
	*text = p;
	*len = (size_t)(end - p);
	return ret;
}

bool parse_mount_has_option(const struct parse_mount *mount, const char *option)
{
	const char *p = mount->options, *end = p + mount->options_len;
	size_t len = strlen(option);

	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma ? comma : end;

		if ((size_t)(stop - p) == len && !memcmp(p, option, len))
			return true;
		p = comma ? comma + 1 : end;
	}
	return false;
}
