/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every fuzz target shares. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An invariant of the code under test; unlike assert() it is never compiled out. */
#define FUZZ_CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* The input in a heap block of exactly its size: AddressSanitizer sees the first byte read beyond it. */
static inline char *fuzz_copy(const uint8_t *data, size_t size)
{
	char *copy = calloc(size, 1);

	FUZZ_CHECK(copy || !size);
	if (size)
		memcpy(copy, data, size);
	return copy;
}

#endif
