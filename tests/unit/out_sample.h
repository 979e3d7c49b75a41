/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot made by hand that holds everything a writer may meet. */
#ifndef TESTS_OUT_SAMPLE_H
#define TESTS_OUT_SAMPLE_H

#include "model/snapshot.h"

/*
 * Sample NUMBER of a run; aborts for want of memory. Its processes, by pid:
 *
 *	100 + STATUS	every value has that status, and an amount of its own where there is one
 *	200, 201, 202	every amount is INT64_MIN, INT64_MAX, -1
 *	300 ...		one hostile text each, in all four text fields: cleaned on entry
 *	400 ...		the same texts as they came, which no sampler would let pass
 *
 * with cgroups and swap areas alike, and three that ended, of which the probe has new final values for 901 alone. What it counted of
 * the machine, and the latencies of 400 and its like, are in sample 0: all of them where the pid is odd. Samples 1 and 2 are at the ends of time, and 2 has another notice.
 */
struct snapshot *out_sample(unsigned number);

#endif
