/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/keyset.h"

#include <errno.h>
#include <stdlib.h>

enum { CAPACITY_MIN = 16 };

void keyset_free(struct keyset *set)
{
	free(set->slots);
	*set = (struct keyset){ 0 };
}

/* Where KEY begins to be looked for. The multiplier is 2^64 divided by the golden ratio. */
static size_t home(const struct keyset *set, uint64_t key)
{
	return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (set->capacity - 1);
}

/* The slot that holds KEY (not 0), or the free one where it would go. */
static size_t find(const struct keyset *set, uint64_t key)
{
	size_t i = home(set, key);

	while (set->slots[i] && set->slots[i] != key)
		i = (i + 1) & (set->capacity - 1);
	return i;
}

bool keyset_has(const struct keyset *set, uint64_t key)
{
	if (!key)
		return set->zero;
	return set->capacity && set->slots[find(set, key)] == key;
}

static int grow(struct keyset *set)
{
	struct keyset bigger = { .capacity = set->capacity ? set->capacity * 2 : CAPACITY_MIN };

	bigger.slots = calloc(bigger.capacity, sizeof *bigger.slots);
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < set->capacity; i++)
		if (set->slots[i])
			bigger.slots[find(&bigger, set->slots[i])] = set->slots[i];
	free(set->slots);
	set->slots = bigger.slots;
	set->capacity = bigger.capacity;
	return 0;
}

int keyset_add(struct keyset *set, uint64_t key)
{
	if (keyset_has(set, key))
		return 0;
	if (set->count >= KEYSET_MAX)
		return -ENOSPC;
	if (key && (set->count + 1) * 2 > set->capacity && grow(set))
		return -ENOMEM;
	if (key)
		set->slots[find(set, key)] = key;
	else
		set->zero = true;
	set->count++;
	return 0;
}

void keyset_remove(struct keyset *set, uint64_t key)
{
	size_t hole, i;

	if (!keyset_has(set, key))
		return;
	set->count--;
	if (!key) {
		set->zero = false;
		return;
	}
	/* What was put further on because this slot was taken moves up, so that it is found again. */
	hole = find(set, key);
	set->slots[hole] = 0;
	for (i = (hole + 1) & (set->capacity - 1); set->slots[i]; i = (i + 1) & (set->capacity - 1)) {
		uint64_t moving = set->slots[i];

		set->slots[i] = 0;
		set->slots[find(set, moving)] = moving;
	}
}

int keyset_each(const struct keyset *set, int (*each)(void *context, uint64_t key), void *context)
{
	int ret = set->zero ? each(context, 0) : 0;

	for (size_t i = 0; !ret && i < set->capacity; i++)
		if (set->slots[i])
			ret = each(context, set->slots[i]);
	return ret;
}
