/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was seen of a fault and the class that follows: signatures found on kernels 5.10 to 7.2 with faults made on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <linux/types.h>

#include <cmocka.h>

#include "fault_class.h"

enum {
	MAPPED = FAULT_SEEN_OPEN | FAULT_SEEN_MAPPING,
	ANON = MAPPED | FAULT_SEEN_ANON,
	WRITE = FAULT_SEEN_WRITE,
	PAGE = FAULT_SEEN_PAGE,
	SHARED = FAULT_SEEN_SHARED,
	RSS_FILE = FAULT_SEEN_RSS_FILE,
	RSS_ANON = FAULT_SEEN_RSS_ANON,
	RSS_SWAP = FAULT_SEEN_RSS_SWAP,
	RSS_SHMEM = FAULT_SEEN_RSS_SHMEM,
};

static const struct {
	unsigned seen;
	bool major;
	enum fault_class class;
} signatures[] = {
	{ ANON | WRITE | RSS_ANON | PAGE, false, FAULT_DEMAND_ZERO },
	{ ANON, false, FAULT_ZERO_PAGE },
	{ ANON | WRITE | PAGE, false, FAULT_COW },
	{ ANON | FAULT_SEEN_UNSHARE | PAGE, false, FAULT_COW },
	{ ANON | WRITE, false, FAULT_WP_REUSE },
	/* .data after fork: the page in the file's mapping is anonymous already */
	{ MAPPED | WRITE | PAGE, false, FAULT_COW },
	{ MAPPED | WRITE, false, FAULT_WP_REUSE },
	{ MAPPED | WRITE | RSS_ANON | RSS_FILE | PAGE, false, FAULT_COW_FILE },
	{ MAPPED | WRITE | RSS_ANON | RSS_SHMEM | PAGE, false, FAULT_COW_FILE },
	{ MAPPED | WRITE | RSS_ANON | PAGE, false, FAULT_COW_FILE },
	{ MAPPED | RSS_FILE, false, FAULT_FILE_MINOR },
	{ MAPPED | RSS_SHMEM, false, FAULT_FILE_MINOR },
	{ MAPPED | RSS_FILE | PAGE, true, FAULT_FILE_MAJOR },
	{ MAPPED | SHARED | WRITE | RSS_FILE, false, FAULT_SHARED_WRITE },
	/* before 6.0 the kernel accounts it as major, for it enters the handler twice */
	{ MAPPED | SHARED | WRITE | RSS_FILE, true, FAULT_SHARED_WRITE },
	{ MAPPED | SHARED | WRITE | RSS_SHMEM, false, FAULT_SHARED_WRITE },
	{ MAPPED | SHARED | WRITE, false, FAULT_MKWRITE },
	{ MAPPED | SHARED | WRITE, true, FAULT_MKWRITE },
	{ ANON | RSS_ANON | RSS_SWAP | PAGE, true, FAULT_SWAP_IN },
	{ ANON | RSS_ANON | RSS_SWAP, false, FAULT_SWAP_CACHE },
	{ ANON | WRITE | RSS_ANON | PAGE | FAULT_SEEN_HUGE_PAGE, false, FAULT_THP },
	/* up to 6.1 */
	{ ANON | WRITE | PAGE | FAULT_SEEN_HUGE_PAGE, false, FAULT_THP },
	{ MAPPED | WRITE | FAULT_SEEN_HUGETLB, false, FAULT_HUGETLB },
	{ MAPPED | FAULT_SEEN_HUGETLB | FAULT_SEEN_USERFAULT, false, FAULT_HUGETLB },
	{ ANON | WRITE | FAULT_SEEN_USERFAULT, false, FAULT_USERFAULT },
	/* the kernel allocates before it sees that it must ask */
	{ ANON | WRITE | PAGE | FAULT_SEEN_USERFAULT, false, FAULT_USERFAULT },
	{ ANON | WRITE | RSS_ANON | PAGE | FAULT_SEEN_USERFAULT, false, FAULT_DEMAND_ZERO },
	{ ANON | WRITE | RSS_ANON | PAGE | FAULT_SEEN_GROWN, false, FAULT_STACK_GROWTH },
	{ ANON | FAULT_SEEN_NUMA, false, FAULT_NUMA_HINT },
	/* somebody else was faster */
	{ MAPPED, false, FAULT_OTHER },
	/* nothing is known of the mapping */
	{ FAULT_SEEN_OPEN | WRITE, false, FAULT_OTHER },
	{ FAULT_SEEN_OPEN | WRITE | RSS_ANON, false, FAULT_OTHER },
};

static void test_signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
		enum fault_class class = fault_classify(signatures[i].seen, signatures[i].major);

		if (class != signatures[i].class)
			fail_msg("signature %zu (0x%x): class %d, not %d", i, signatures[i].seen, (int)class,
				 (int)signatures[i].class);
	}
}

/* Whatever is seen, the class is one that the kernel accounts: the sum of these must be its own. */
static void test_accounted(void **state)
{
	static const bool accounted[FAULT_CLASSES] = {
#define FAULT_CLASS(id, key, title, accounted, help) [FAULT_##id] = accounted,
#include "fault_classes.def"
#undef FAULT_CLASS
	};

	(void)state;
	for (__u32 bits = 0; bits < 1u << 15; bits++) {
		__u32 seen = FAULT_SEEN_OPEN | (bits & 0xff) << 6 | (bits >> 8) << 16;

		for (int major = 0; major < 2; major++) {
			enum fault_class class = fault_classify(seen | (bits & 1 ? FAULT_SEEN_WRITE : 0), major);

			assert_true(class < FAULT_CLASSES && accounted[class]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_signatures), cmocka_unit_test(test_accounted) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
