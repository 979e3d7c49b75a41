/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which processes have latency histograms of their own, and whose each one is.
 *
 * The kernel counts by pid, and a pid may pass from one process to another between two samples. A histogram is a process's
 * only when nobody else can have taken faults under that pid since it was empty; then it begins anew.
 */
#ifndef SAMPLER_FAULTS_WATCHES_H
#define SAMPLER_FAULTS_WATCHES_H

#include "model/snapshot.h"
#include "source/faults.h"

/* Starts zeroed, for each source anew. */
struct faults_watches {
	struct faults_watch {
		int32_t pid;		/* 0: nobody */
		bool known;		/* whose it is */
		int64_t start_time;	/* of that process; until it is known, of the one before, -1 for none */
		bool whole;		/* counts since attach */
		bool anew;		/* what is counted belongs to nobody */
	} list[FAULT_WATCHED_MAX];
	size_t left_out;		/* for which there was no place */
};

/* Whom a source that is yet to be attached is to watch: FIRST (0 for nobody) and PIDS, as many as there is place for, into CHOSEN. */
void faults_watches_begin(struct faults_watches *watches, int32_t first, const int32_t *pids, size_t count,
			  int32_t chosen[FAULT_WATCHED_MAX]);

/* From now on these; who was watched goes on. */
void faults_watches_choose(struct faults_watches *watches, struct faults *source, int32_t first, const int32_t *pids,
			   size_t count);

/* Gives the rows of SNAPSHOT, exited ones included, the latencies that READING has of them, and begins anew where the process
 * has ended. */
void faults_watches_fill(struct faults_watches *watches, struct faults *source, const struct fault_reading *reading,
			 struct snapshot *snapshot);

#endif
