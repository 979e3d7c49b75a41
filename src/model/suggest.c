/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/suggest.h"

#include <string.h>

enum { NAME_MAX_LEN = 48 };	/* longer names get no suggestion */

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edits (insert, delete, replace, swap neighbours) that turn A into B; both at most NAME_MAX_LEN bytes. */
static unsigned edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][NAME_MAX_LEN + 1];
	unsigned *before = rows[0], *previous = rows[1], *current = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		previous[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		current[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned replace = previous[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));

			current[j] = min3(previous[j] + 1, current[j - 1] + 1, replace);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]) && before[j - 2] + 1 < current[j])
				current[j] = before[j - 2] + 1;
		}
		unsigned *oldest = before;

		before = previous;
		previous = current;
		current = oldest;
	}
	return previous[b_len];
}

void suggestion_offer(struct suggestion *suggestion, const char *candidate, const char *reply)
{
	size_t len = strlen(candidate);
	/* One edit in three letters may be a slip; more is another word. */
	unsigned limit = suggestion->len < 6 ? 1 : (unsigned)suggestion->len / 3;

	if (!suggestion->len || suggestion->len > NAME_MAX_LEN || len > NAME_MAX_LEN)
		return;
	unsigned distance = edit_distance(suggestion->name, suggestion->len, candidate, len);

	if (distance <= limit && (!suggestion->best || distance < suggestion->distance)) {
		suggestion->best = reply;
		suggestion->distance = distance;
	}
}

/* KEY up to its last underscore, so that "pzs" is near "pss_bytes". */
static void offer_stem(struct suggestion *suggestion, const char *key)
{
	const char *end = strrchr(key, '_');
	char stem[NAME_MAX_LEN + 1];

	if (!end || end - key > NAME_MAX_LEN)
		return;
	memcpy(stem, key, (size_t)(end - key));
	stem[end - key] = '\0';
	suggestion_offer(suggestion, stem, key);
}

const char *metric_suggest(enum scope scope, const char *name, size_t len)
{
	struct suggestion suggestion = { .name = name, .len = len };

	for (unsigned i = 0; i < metric_count(scope); i++) {
		const struct metric *metric = metric_get(scope, i);

		suggestion_offer(&suggestion, metric->key, metric->key);
		suggestion_offer(&suggestion, metric->title, metric->key);
		offer_stem(&suggestion, metric->key);
	}
	return suggestion.best;
}
