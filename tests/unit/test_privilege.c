/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which capabilities are effective when, as the kernel shows them in /proc/thread-self/status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>

#include "util/privilege.h"

static uint64_t capabilities(const char *name)
{
	FILE *file = fopen("/proc/thread-self/status", "re");
	char line[256];
	uint64_t set = 0;

	assert_non_null(file);
	while (fgets(line, sizeof line, file))
		if (!strncmp(line, name, strlen(name)))
			set = strtoull(line + strlen(name) + 1, NULL, 16);
	fclose(file);
	return set;
}

#define BIT(number) (UINT64_C(1) << (number))

static const uint64_t reading = BIT(CAP_SYS_PTRACE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_KILL);
static const uint64_t attaching = BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_MODULE) | BIT(CAP_NET_ADMIN) | BIT(39);

static void *in_a_thread(void *context)
{
	uint64_t *effective = context;

	effective[0] = capabilities("CapEff");
	privilege_raise();
	effective[1] = capabilities("CapEff");
	privilege_lower();
	return NULL;
}

/* Nothing is held back in a program that did not ask for it. */
static void test_before(void **state)
{
	uint64_t effective = capabilities("CapEff");
	(void)state;

	privilege_raise();
	assert_int_equal(capabilities("CapEff"), effective);
	privilege_lower();
	assert_int_equal(capabilities("CapEff"), effective);
}

static void test_held_back(void **state)
{
	uint64_t before = capabilities("CapEff"), permitted = capabilities("CapPrm"), other[2];
	pthread_t thread;
	(void)state;

	privilege_hold_back();
	assert_int_equal(capabilities("CapPrm"), permitted);
	assert_int_equal(capabilities("CapEff") & attaching, 0);
	assert_int_equal(capabilities("CapEff") & reading, before & reading);
	errno = E2BIG;
	privilege_raise();
	privilege_raise();
	assert_int_equal(capabilities("CapEff"), permitted);
	privilege_lower();
	assert_int_equal(capabilities("CapEff"), permitted);
	/* A thread begins with what its maker has, and raises for itself. */
	privilege_lower();
	assert_int_equal(errno, E2BIG);
	assert_int_equal(capabilities("CapEff") & attaching, 0);
	assert_int_equal(pthread_create(&thread, NULL, in_a_thread, other), 0);
	pthread_join(thread, NULL);
	assert_int_equal(other[0], capabilities("CapEff"));
	assert_int_equal(other[1], permitted);
	privilege_lower();	/* one too many */
	assert_int_equal(capabilities("CapEff") & attaching, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_held_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
