/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse/psi.h"

#include <errno.h>

#include "parse/scan.h"

static const char *const names[PSI_COUNT] = {
	"some avg10", "some avg60", "some avg300", "some total",
	"full avg10", "full avg60", "full avg300", "full total",
};

enum { LINE_FIELDS = PSI_FULL_AVG10, KIND_LEN = 5 /* of "some " */ };

const char *parse_psi_field_name(enum psi_field field)
{
	return names[field];
}

/* "12.34" in 1/1000, moving *P past it. */
static int parse_share(const char **p, const char *end, int64_t *milli)
{
	uint64_t whole;
	unsigned scale = 100;

	if (num_u64(p, end, &whole) || whole > INT64_MAX / 1000 - 1)
		return -EBADMSG;
	*milli = (int64_t)whole * 1000;
	if (*p == end || **p != '.')
		return 0;
	for ((*p)++; *p < end && (unsigned char)(**p - '0') <= 9; (*p)++) {
		*milli += (**p - '0') * (int64_t)scale;
		scale /= 10;
	}
	return 0;
}

static int parse_total(const char **p, const char *end, int64_t *ns)
{
	uint64_t us;

	if (num_u64(p, end, &us) || us > INT64_MAX / 1000)
		return -EBADMSG;
	*ns = (int64_t)us * 1000;
	return 0;
}

/* One "avg10=0.07" from P to END; FIRST is the field that "avg10" stands for on this line. */
static int parse_word(const char *p, const char *end, int first, struct parse_psi *psi)
{
	for (int i = 0; i < LINE_FIELDS; i++) {
		const char *name = names[i] + KIND_LEN, *value = p;
		size_t len = strlen(name);
		int err;

		if (!scan_prefix(&value, end, name, len) || value == end || *value != '=')
			continue;
		value++;
		err = i == PSI_SOME_TOTAL ? parse_total(&value, end, &psi->v[first + i]) :
					    parse_share(&value, end, &psi->v[first + i]);
		if (err || value != end)
			return -EBADMSG;
		psi->have |= 1u << (first + i);
		return 0;
	}
	return 0;
}

static int parse_line(const char *p, const char *end, struct parse_psi *psi)
{
	int first;

	if (scan_prefix(&p, end, "some ", KIND_LEN))
		first = PSI_SOME_AVG10;
	else if (scan_prefix(&p, end, "full ", KIND_LEN))
		first = PSI_FULL_AVG10;
	else
		return 0;
	for (;;) {
		const char *word = scan_blanks(p, end);

		for (p = word; p < end && *p != ' ' && *p != '\t'; p++)
			;
		if (p == word)
			return 0;
		if (parse_word(word, p, first, psi))
			return -EBADMSG;
	}
}

int parse_psi(const char *text, size_t len, struct parse_psi *psi)
{
	const char *end = text + len, *line, *line_end;

	*psi = (struct parse_psi){ 0 };
	while (scan_line(&text, end, &line, &line_end))
		if (line_end == end || parse_line(line, line_end, psi))
			return -EBADMSG;
	return psi->have ? 0 : -EBADMSG;
}
