/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filter expressions over process records: pss>100M && user==ml && comm~"^py"
 *
 *   or      = and { "||" and }          and   = not { "&&" not }
 *   not     = "!" not | "(" or ")" | test
 *   test    = FIELD op value            op    = == != < <= > >= ~ !~
 *
 * FIELD is any name metric_find() takes. Numbers are as quantity_parse() reads them: decimal, with K M G T P
 * (powers of 1024) for bytes, ns us ms s m h d for seconds, % for percent. ~ is a POSIX extended regular
 * expression (see model/pattern.h), on text fields only; text has no order. Text may be a bare word or quoted
 * with "" (where \" stands for a quote) or ''. A test on a value that has no amount is unknown: so is its
 * negation, and what is unknown after && || ! does not match.
 */
#ifndef MODEL_FILTER_H
#define MODEL_FILTER_H

#include <stdbool.h>

#include "model/snapshot.h"
#include "util/err.h"

struct filter;

/* NULL with ERR naming the position (1-based column) and what was expected. Bounded: at most 4096 bytes of
 * text, 256 nodes, 64 levels. */
struct filter *filter_parse(const char *expression, struct err *err);
void filter_free(struct filter *filter);	/* NULL-safe */

bool filter_match(const struct filter *filter, const struct process *process);

/* Union of enum need bits of the fields used. */
unsigned filter_needs(const struct filter *filter);

#endif
