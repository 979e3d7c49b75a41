/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultgen, run step by step: it says "ready", waits for a line, takes its faults, says what they were, and stays until it is
 * finished. What goes wrong here ends the program as a failed one. */
#ifndef MEMTIDE_TESTS_GEN_H
#define MEMTIDE_TESTS_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum { GEN_CLASSES_MAX = 64, GEN_LINE_BYTES = 1024 };

struct gen_class {
	char name[64];
	bool single;	/* only with one thread */
	bool needy;	/* needs more than an ordinary machine: a skip is no failure */
	bool nobody;	/* run without any privilege, not even locked memory */
	const char *resolve;	/* seconds until userfaults are resolved; NULL for none */
};

struct gen_counters {
	long minor, major;
};

struct gen {
	pid_t pid;
	FILE *to, *from;
};

/* In a machine of our own ($MEMTIDE_DISPOSABLE): no readahead of swap, huge pages of all kinds, and zram before all other swap.
 * NULL, or what failed, with errno. */
const char *gen_prepare_machine(void);
void gen_restore_machine(void);

/* All classes that faultgen lists. */
size_t gen_classes(struct gen_class classes[GEN_CLASSES_MAX]);

/* How many faults to ask of a class: huge pages that fit anywhere, of small ones more. */
unsigned gen_count_of(const char *class);

void gen_start(struct gen *gen, const struct gen_class *class, unsigned count, unsigned threads);

/* Waits until it is ready; what it said is in LINE. False when it cannot take these faults (gen_skipped) or has ended. */
bool gen_ready(struct gen *gen, char line[GEN_LINE_BYTES]);

/* Lets it take them, and waits for the LINE that says what they were; "" when it has ended. */
void gen_go(struct gen *gen, char line[GEN_LINE_BYTES]);

/* Why a class cannot be had here, in a LINE of faultgen's; NULL when it can. */
const char *gen_skipped(const char *line);

/* The exit status, -1 for a signal. */
int gen_finish(struct gen *gen);

/* min_flt and maj_flt of /proc/PID/stat: of all its threads, as the kernel adds them up. */
struct gen_counters gen_counters(pid_t pid);

/* Both together. */
uint64_t gen_faults(pid_t pid);

/* The number behind NAME= in a line of faultgen's, -1 when there is none. */
long gen_field(const char *line, const char *name);

#endif
