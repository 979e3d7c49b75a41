/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse/swaps.h"

#include <errno.h>
#include <stdbool.h>

#include "parse/scan.h"

enum { ZRAM_DIGITS_MAX = 4 };

/* Takes the next word off *P; false when there is none. */
static bool take_word(const char **p, const char *end, const char **word, size_t *len)
{
	const char *start = scan_blanks(*p, end), *stop = start;

	while (stop < end && *stop != ' ' && *stop != '\t')
		stop++;
	*word = start;
	*len = (size_t)(stop - start);
	*p = stop;
	return stop != start;
}

static int take_kib(const char **p, const char *end, int64_t *bytes)
{
	const char *s = scan_blanks(*p, end);
	uint64_t kib;

	if (num_u64(&s, end, &kib) || kib > INT64_MAX / 1024)
		return -EBADMSG;
	*bytes = (int64_t)kib * 1024;
	*p = s;
	return 0;
}

static int parse_line(const char *p, const char *end, struct parse_swap *swap)
{
	if (!take_word(&p, end, &swap->name, &swap->name_len) ||
	    !take_word(&p, end, &swap->type, &swap->type_len) ||
	    take_kib(&p, end, &swap->size_bytes) || take_kib(&p, end, &swap->used_bytes))
		return -EBADMSG;
	p = scan_blanks(p, end);
	if (num_i64(&p, end, &swap->priority) || scan_blanks(p, end) != end)
		return -EBADMSG;
	return 0;
}

int parse_swap_next(const char **text, size_t *len, struct parse_swap *swap)
{
	const char *p = *text, *end = p + *len, *line, *line_end;
	int ret = 0;

	while (!ret && scan_line(&p, end, &line, &line_end)) {
		const char *heading = line;

		if (scan_prefix(&heading, line_end, "Filename", 8) && heading < line_end &&
		    (*heading == ' ' || *heading == '\t'))
			continue;
		ret = line_end == end || parse_line(line, line_end, swap) ? -EBADMSG : 1;
	}
	*text = p;
	*len = (size_t)(end - p);
	return ret;
}

int parse_swap_zram_number(const struct parse_swap *swap)
{
	const char *end = swap->name + swap->name_len, *p = end;
	uint64_t number;

	while (p > swap->name && p[-1] != '/')
		p--;
	if (swap->type_len != 9 || memcmp(swap->type, "partition", 9) || p == swap->name)
		return -1;
	if (!scan_prefix(&p, end, "zram", 4) || end - p > ZRAM_DIGITS_MAX || num_u64(&p, end, &number))
		return -1;
	return p == end ? (int)number : -1;
}

int parse_zram_mm_stat(const char *text, size_t len, struct parse_zram *zram)
{
	const char *p = text, *end = text + len;
	uint64_t v[3];

	for (int i = 0; i < 3; i++) {
		p = scan_blanks(p, end);
		if (num_u64(&p, end, &v[i]) || v[i] > INT64_MAX)
			return -EBADMSG;
	}
	if (p == end || (*p != ' ' && *p != '\n'))
		return -EBADMSG;
	zram->original_bytes = (int64_t)v[0];
	zram->compressed_bytes = (int64_t)v[1];
	zram->used_bytes = (int64_t)v[2];
	return 0;
}
