/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sharing table against the definition of PSS: a model where every member has all of its object resident, so that
 * its PSS is the sum of bytes / members, recomputed from nothing after every step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sampler/share.h"

enum { OWNERS = 12, OBJECTS = 6, STEPS = 20000, MIB = 1 << 20 };

static const struct share_item mib64 = { 7, 42, SHARE_FILE, 64 * MIB };

static int64_t error_of(const struct share_owner *owner)
{
	return owner->error[SHARE_ANON] + owner->error[SHARE_FILE] + owner->error[SHARE_SHMEM];
}

static void test_second_mapper_halves(void **state)
{
	struct share_table *table = share_table_new();
	struct share_owner a = { 0 }, b = { 0 };

	(void)state;
	assert_int_equal(share_set(table, &a, 1u << SHARE_FILE, &mib64, 1), 0);
	assert_int_equal(share_most_members(&a, SHARE_FILE), 1);
	share_set(table, &b, 1u << SHARE_FILE, &mib64, 1);
	assert_int_equal(a.error[SHARE_FILE], -32 * MIB);
	assert_int_equal(b.error[SHARE_FILE], 0);
	assert_int_equal(share_most_members(&a, SHARE_FILE), 2);
	assert_int_equal(share_expect(&a, SHARE_FILE, 64 * MIB), 32 * MIB);
	/* Coming and going between two readings costs nothing. */
	share_drop(table, &b);
	assert_int_equal(a.error[SHARE_FILE], 0);
	share_drop(table, &a);
	assert_int_equal(share_object_count(table), 0);
	assert_int_equal(share_member_count(table), 0);
	share_table_free(table);
}

static void test_family(void **state)
{
	struct share_table *table = share_table_new();
	struct share_owner parent = { 0 }, child = { 0 };
	struct share_item family = { 0, 99, SHARE_ANON, 128 * MIB };

	(void)state;
	share_set(table, &parent, 1u << SHARE_ANON, &family, 1);
	share_set(table, &child, 1u << SHARE_ANON, &family, 1);
	assert_int_equal(parent.error[SHARE_ANON], -64 * MIB);
	share_settle(&parent);
	/* What the child allocates after the fork is its own: it neither moves the parent nor is given back to it. */
	family.bytes = 512 * MIB;
	share_set(table, &child, 1u << SHARE_ANON, &family, 1);
	assert_int_equal(parent.error[SHARE_ANON], 0);
	share_drop(table, &child);
	assert_int_equal(parent.error[SHARE_ANON], 64 * MIB);
	share_drop(table, &parent);
	share_table_free(table);
}

/* One exec of libc with hundreds of users moves nobody; a hundred of them together do. */
static void test_many_sharers(void **state)
{
	enum { USERS = 300 };
	struct share_table *table = share_table_new();
	struct share_owner *users = calloc(2 * USERS, sizeof *users);
	struct share_item libc = { 7, 1, SHARE_FILE, 2 * MIB };

	(void)state;
	for (int i = 0; i < USERS; i++) {
		users[i].quiet_kinds = 1u << SHARE_FILE;
		share_set(table, &users[i], 1u << SHARE_FILE, &libc, 1);
		assert_int_equal(error_of(&users[i]), 0);
		assert_int_equal(users[i].quiet_kinds, 0);
	}
	share_set(table, &users[USERS], 1u << SHARE_FILE, &libc, 1);
	for (int i = 0; i < USERS; i++)
		assert_int_equal(error_of(&users[i]), 0);
	libc.bytes = 512 * MIB;
	for (int i = USERS + 1; i < 2 * USERS; i++)
		share_set(table, &users[i], 1u << SHARE_FILE, &libc, 1);
	for (int i = 0; i < USERS; i++)
		assert_in_range(-error_of(&users[i]), 1, 2 * MIB * (uint64_t)USERS);
	for (int i = 0; i < 2 * USERS; i++)
		share_drop(table, &users[i]);
	assert_int_equal(share_object_count(table), 0);
	free(users);
	share_table_free(table);
}

/* PSS of owner W by the definition. */
static int64_t model_pss(int member[OWNERS][OBJECTS], int w)
{
	int64_t pss = 0;

	for (int o = 0; o < OBJECTS; o++) {
		int members = 0;

		for (int i = 0; i < OWNERS; i++)
			members += member[i][o];
		if (member[w][o])
			pss += (o + 1) * 8 * (int64_t)MIB / members;
	}
	return pss;
}

/* Small changes are told late, so the bound of what is not told yet belongs to the comparison. */
static void test_random_walk(void **state)
{
	struct share_table *table = share_table_new();
	struct share_owner owners[OWNERS];
	int member[OWNERS][OBJECTS] = { 0 };
	int64_t then[OWNERS] = { 0 };

	(void)state;
	memset(owners, 0, sizeof owners);
	srand(1);
	for (int step = 0; step < STEPS; step++) {
		struct share_item items[OBJECTS];
		int who = rand() % OWNERS, which = rand() % OBJECTS, count = 0;
		int64_t slack = OBJECTS * INT64_C(20) * 1024;

		member[who][which] ^= 1;
		for (int o = 0; o < OBJECTS; o++)
			if (member[who][o])
				items[count++] = (struct share_item){ 7, (uint64_t)o, SHARE_FILE, (o + 1) * 8 * MIB };
		share_set(table, &owners[who], 1u << SHARE_FILE, items, (size_t)count);
		/* Its own change shows in its own counters, so it is read; rounding and lateness add up until then. */
		for (int w = 0; w < OWNERS; w++) {
			int64_t now = model_pss(member, w);

			if (w != who)
				assert_in_range(error_of(&owners[w]) - (now - then[w]) + slack, 0, 2 * slack);
			if (w == who || step % 50 == 0) {
				share_settle(&owners[w]);
				then[w] = now;
			}
		}
	}
	for (int w = 0; w < OWNERS; w++)
		share_drop(table, &owners[w]);
	assert_int_equal(share_object_count(table), 0);
	assert_int_equal(share_member_count(table), 0);
	share_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_second_mapper_halves),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_many_sharers),
		cmocka_unit_test(test_random_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
