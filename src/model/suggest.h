/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean ...?": the nearest of a set of names to one that is not among them. */
#ifndef MODEL_SUGGEST_H
#define MODEL_SUGGEST_H

#include <stddef.h>

#include "model/metric.h"

/* Keeps the best candidate so far. Initialize with the misspelt NAME; NAME need not be NUL-terminated. */
struct suggestion {
	const char *name;
	size_t len;
	const char *best;		/* NULL while nothing is near enough */
	unsigned distance;
};

/* Offers CANDIDATE; when it is nearer than all before, best becomes REPLY. Case does not count. */
void suggestion_offer(struct suggestion *suggestion, const char *candidate, const char *reply);

/* The key of the metric of SCOPE whose key or title is nearest to NAME, or NULL when none is near. Static. */
const char *metric_suggest(enum scope scope, const char *name, size_t len);

#endif
