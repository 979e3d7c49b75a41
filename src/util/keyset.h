/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded set of 64-bit keys: which rows are tagged, folded, already known. */
#ifndef UTIL_KEYSET_H
#define UTIL_KEYSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEYSET_MAX = 65536 };

/* Starts zeroed. */
struct keyset {
	uint64_t *slots;	/* open addressing; a power of two of them, at most half of them taken */
	size_t capacity, count;
	bool zero;		/* the key 0, which marks a free slot, is in the set */
};

void keyset_free(struct keyset *set);	/* leaves an empty set */
bool keyset_has(const struct keyset *set, uint64_t key);

/* 0 (also when it was there), -ENOSPC when KEYSET_MAX keys are in it, -ENOMEM. */
int keyset_add(struct keyset *set, uint64_t key);
void keyset_remove(struct keyset *set, uint64_t key);

/* Calls EACH for every key, in no order, until it returns not 0; returns that or 0. EACH must not change the set. */
int keyset_each(const struct keyset *set, int (*each)(void *context, uint64_t key), void *context);

#endif
