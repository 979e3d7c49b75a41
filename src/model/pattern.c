/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/pattern.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	DEPTH_MAX = 32, /* nested groups */
	COST_MAX = 1000 /* single-character matchers after multiplying repetitions out; glibc takes time and
				 * stack in proportion to its square */
};

/* Walks a pattern adding up what regcomp() will make of it. */
struct cost {
	const char *at;
	unsigned long sums[DEPTH_MAX + 1];	/* cost of each open group so far, the last atom left out */
	unsigned long atom;			/* cost of the last atom: what a repetition multiplies */
	unsigned depth;
};

/* After the '[' of a bracket expression: to behind its ']', or to the end. */
static const char *skip_bracket(const char *at)
{
	at += *at == '^';
	at += *at == ']';
	while (*at && *at != ']') {
		char kind = at[1];

		if (*at == '[' && (kind == ':' || kind == '.' || kind == '=')) {
			char close[3] = { kind, ']', '\0' };
			const char *end = strstr(at + 2, close);

			at = end ? end + 1 : at;
		}
		at++;
	}
	return *at ? at + 1 : at;
}

/* After the '{' of an interval: the larger of its counts, saturated; 1 when it is none. */
static unsigned long interval_count(const char **at)
{
	unsigned long largest = 1, number = 0;

	for (; **at && **at != '}'; (*at)++) {
		if (**at >= '0' && **at <= '9') {
			number = number * 10 + (unsigned long)(**at - '0');
			if (number > COST_MAX)
				number = COST_MAX + 1;
		} else {
			number = 0;
		}
		if (number > largest)
			largest = number;
	}
	*at += **at == '}';
	return largest + 1;	/* "{n,}" keeps a copy for the unbounded part */
}

static void repeat(struct cost *cost, unsigned long times)
{
	cost->atom *= times;
	if (cost->atom > COST_MAX)
		cost->atom = COST_MAX + 1;
}

static void next_atom(struct cost *cost)
{
	cost->sums[cost->depth] += cost->atom;
	cost->atom = 1;
}

/* Consumes one element. NULL, or what is wrong. */
static const char *step(struct cost *cost)
{
	switch (*cost->at++) {
	case '(':
		next_atom(cost);
		if (cost->depth == DEPTH_MAX)
			return "groups nested too deeply";
		cost->sums[++cost->depth] = 0;
		cost->atom = 1;
		break;
	case ')':
		if (!cost->depth)
			return "unmatched )";
		cost->atom += cost->sums[cost->depth--];
		break;
	case '*':
	case '?':
		break;
	case '+':
		repeat(cost, 2);
		break;
	case '{':
		repeat(cost, interval_count(&cost->at));
		break;
	case '[':
		next_atom(cost);
		cost->at = skip_bracket(cost->at);
		break;
	case '\\':
		if (*cost->at >= '1' && *cost->at <= '9')
			return "back-references are not supported";
		cost->at += *cost->at != '\0';
		next_atom(cost);
		break;
	default:
		next_atom(cost);
	}
	return cost->atom > COST_MAX || cost->sums[cost->depth] > COST_MAX
		       ? "too long, or repetitions multiply to too much"
		       : NULL;
}

int pattern_compile(regex_t *regex, const char *pattern, char *why, size_t cap)
{
	struct cost cost = { .at = pattern };
	const char *wrong = NULL;

	while (*cost.at && !wrong)
		wrong = step(&cost);
	if (wrong) {
		snprintf(why, cap, "%s", wrong);
		return -EINVAL;
	}
	int code = regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);

	if (code) {
		regerror(code, regex, why, cap);
		return -EINVAL;
	}
	return 0;
}
