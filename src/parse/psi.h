/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pressure stall information: /proc/pressure/{memory,cpu,io} and memory.pressure of a cgroup
 * (kernel/sched/psi.c, psi_show). Pure: no I/O, no allocation, no globals, no locale.
 *
 *	some avg10=0.07 avg60=0.50 avg300=0.28 total=7183478
 *	full avg10=0.00 avg60=0.00 avg300=0.00 total=0
 */
#ifndef PARSE_PSI_H
#define PARSE_PSI_H

#include <stddef.h>
#include <stdint.h>

enum psi_field {
	PSI_SOME_AVG10, PSI_SOME_AVG60, PSI_SOME_AVG300, PSI_SOME_TOTAL,
	PSI_FULL_AVG10, PSI_FULL_AVG60, PSI_FULL_AVG300, PSI_FULL_TOTAL,
	PSI_COUNT
};

struct parse_psi {
	int64_t v[PSI_COUNT];	/* averages in 1/1000 percent, totals in nanoseconds */
	uint32_t have;		/* bit (1 << field) for each one present; "full" of cpu is absent before 5.13 */
};

/* 0, or -EBADMSG when there is no "some" and no "full" line or a known field of one is malformed. Fields, lines
 * and digits behind the third decimal of newer kernels are ignored. */
int parse_psi(const char *text, size_t len, struct parse_psi *psi);

/* "some avg10", ... Static. */
const char *parse_psi_field_name(enum psi_field field);

#endif
