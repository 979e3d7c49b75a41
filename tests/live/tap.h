/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TAP (Test Anything Protocol) for the live tests: one line a fact, the plan at the end.
 *
 *	tap_ok(rss == expected, "rss of %d is %llu", pid, rss);
 *	return tap_done();
 *
 * Every line is flushed at once, so that what was established survives a crash, and a program that dies before
 * tap_done() has no plan and fails. Descriptions must not contain '#', which starts a directive. Not for threads.
 */
#ifndef MEMTIDE_TESTS_TAP_H
#define MEMTIDE_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define TAP_PRINTF(fmt, args) __attribute__((format(printf, fmt, args), unused))

static int tap_count;
static int tap_failed;

TAP_PRINTF(2, 0) static void tap_line(const char *prefix, const char *fmt, va_list args)
{
	fputs(prefix, stdout);
	vprintf(fmt, args);
	putchar('\n');
	fflush(stdout);
}

/* A comment line: figures that explain a result. */
TAP_PRINTF(1, 2) static void tap_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tap_line("# ", fmt, args);
	va_end(args);
}

/* One test. Returns @good, so that a test may stop early or add a tap_note() about its failure. */
TAP_PRINTF(2, 3) static bool tap_ok(bool good, const char *fmt, ...)
{
	char prefix[32];
	va_list args;

	tap_count++;
	if (!good)
		tap_failed++;
	snprintf(prefix, sizeof(prefix), "%sok %d - ", good ? "" : "not ", tap_count);
	va_start(args, fmt);
	tap_line(prefix, fmt, args);
	va_end(args);
	return good;
}

/* One test that cannot be made here; the format is its reason. */
TAP_PRINTF(2, 3) static void tap_skip(const char *what, const char *fmt, ...)
{
	va_list args;

	tap_count++;
	printf("ok %d - %s ", tap_count, what);
	va_start(args, fmt);
	tap_line("# SKIP ", fmt, args);
	va_end(args);
}

/* The whole program cannot run here: instead of any test. Does not return. */
TAP_PRINTF(1, 2) static void tap_skip_all(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tap_line("1..0 # SKIP ", fmt, args);
	va_end(args);
	exit(0);
}

/* The test could not be set up (no memory, fork failed): neither passed nor skipped. Does not return. */
TAP_PRINTF(1, 2) static void tap_bail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tap_line("Bail out! ", fmt, args);
	va_end(args);
	exit(99);
}

/* Prints the plan; what main returns. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	fflush(stdout);
	return tap_failed ? 1 : 0;
}

#endif
