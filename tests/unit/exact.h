/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Heap blocks of exactly a text's size, so that AddressSanitizer and valgrind see the first byte that a parser
 * reads beyond it; and the headers that every cmocka test needs.
 */
#ifndef TESTS_EXACT_H
#define TESTS_EXACT_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static inline char *exact(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return copy;
}

#endif
