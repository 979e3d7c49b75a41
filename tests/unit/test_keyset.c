/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of keys against arrays of flags. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/keyset.h"

static uint32_t seed = 7;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static int mark_key(void *context, uint64_t key)
{
	unsigned *seen = context;

	seen[key]++;
	return 0;
}

static int stop_at_7(void *context, uint64_t key)
{
	++*(int *)context;
	return key == 7 ? -EINTR : 0;
}

static void test_each(void **state)
{
	enum { KEYS = 300 };
	struct keyset set = { 0 };
	unsigned seen[KEYS] = { 0 };
	int calls = 0;
	(void)state;

	assert_int_equal(keyset_each(&set, mark_key, seen), 0);
	for (uint64_t key = 0; key < KEYS; key++)
		assert_int_equal(keyset_add(&set, key), 0);
	for (uint64_t key = 1; key < KEYS; key += 2)
		keyset_remove(&set, key);
	assert_int_equal(keyset_each(&set, mark_key, seen), 0);
	for (unsigned key = 0; key < KEYS; key++)
		assert_int_equal(seen[key], key % 2 == 0);
	assert_int_equal(keyset_add(&set, 7), 0);
	assert_int_equal(keyset_each(&set, stop_at_7, &calls), -EINTR);
	assert_in_range(calls, 1, KEYS / 2 + 1);
	keyset_free(&set);
}

/* Keys next to each other, with equal low bits, and such that most begin to be looked for in the same slot: these are
 * multiples of 2^52 times the inverse of keyset.c's multiplier. */
static uint64_t spread(int way, uint64_t key)
{
	return way == 0 ? key : way == 1 ? key << 41 : (key << 52) * UINT64_C(0xf1de83e19937733d);
}

static void check_against_flags(int way)
{
	enum { KEYS = 200 };
	struct keyset set = { 0 };
	bool have[KEYS] = { false };
	size_t count = 0;

	assert_false(keyset_has(&set, 0));
	assert_false(keyset_has(&set, 1));
	keyset_remove(&set, 1);
	for (int i = 0; i < 20000; i++) {
		uint32_t key = any(KEYS);

		if (any(2)) {
			assert_int_equal(keyset_add(&set, spread(way, key)), 0);
			count += !have[key];
			have[key] = true;
		} else {
			keyset_remove(&set, spread(way, key));
			count -= have[key];
			have[key] = false;
		}
		assert_int_equal(set.count, count);
		for (uint32_t k = 0; i % 100 == 0 && k < KEYS; k++)
			assert_int_equal(keyset_has(&set, spread(way, k)), have[k]);
	}
	keyset_free(&set);
	assert_false(keyset_has(&set, 0));
}

static void test_against_flags(void **state)
{
	(void)state;
	for (int way = 0; way < 3; way++)
		check_against_flags(way);
}

static void test_full(void **state)
{
	struct keyset set = { 0 };
	(void)state;

	for (uint64_t k = 0; k < KEYSET_MAX; k++)
		assert_int_equal(keyset_add(&set, k * 977), 0);
	assert_int_equal(keyset_add(&set, 3), -ENOSPC);
	assert_int_equal(keyset_add(&set, 977), 0);
	keyset_remove(&set, 977);
	assert_int_equal(keyset_add(&set, 3), 0);
	keyset_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_flags),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
