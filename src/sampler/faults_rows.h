/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a reading of the fault probe to the values of a snapshot's rows. Pure: what is read, and when, is in faults_probe.h.
 *
 * Most processes take no fault between two samples. Their values are those of the sample before, shared; those that took
 * none since attach all share one block.
 */
#ifndef SAMPLER_FAULTS_ROWS_H
#define SAMPLER_FAULTS_ROWS_H

#include "model/faults.h"
#include "source/faults.h"

/* What the tier in use can tell. */
struct faults_told {
	bool processes, latency, memory;
	bool class[FAULT_CLASSES];
	enum value_status otherwise;	/* of everything else: UNSUPPORTED, or DENIED where a better tier was refused */
};

struct faults_rows {
	struct faults_told told;
	struct fault_values *fresh;	/* no fault since attach, rates not known yet */
	struct fault_values *idle;	/* the same, and none since the sample before */
	struct fault_values *lost;	/* the probe could not be read */
	uint64_t lost_processes;	/* ended unseen between two samples and left out */
};

/* 0 or -ENOMEM. */
int faults_rows_init(struct faults_rows *rows, const struct faults_told *told);
void faults_rows_free(struct faults_rows *rows);

/*
 * Gives every process of SNAPSHOT its values: 0 to one that READING does not have. READING NULL: it failed. PREVIOUS is the
 * sample before, or NULL. A row without memory for its values has none.
 */
void faults_rows_fill(struct faults_rows *rows, const struct fault_reading *reading, const struct snapshot *previous,
		      struct snapshot *snapshot);

/*
 * After derive(): the final values of those that have ended. A process that no sample saw becomes an exited row with
 * pid, start time, comm and these values, the rest GONE: at most EXITED_MAX a sample, those of the most faults; the
 * others are counted.
 */
void faults_rows_end(struct faults_rows *rows, const struct fault_reading *reading, struct snapshot *snapshot);

/* The machine's values, but for rates. */
void faults_rows_machine(const struct faults_rows *rows, const struct fault_reading *reading, int64_t bpf_bytes,
			 struct fault_machine *machine);

#endif
