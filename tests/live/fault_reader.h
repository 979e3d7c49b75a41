/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of the fault probe read from it (source/faults.h); a reading that fails ends the program. */
#ifndef MEMTIDE_TESTS_FAULT_READER_H
#define MEMTIDE_TESTS_FAULT_READER_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "model/faults.h"
#include "source/faults.h"
#include "tap.h"

/* How often something is looked at that takes the kernel a while, and how long it is waited each time. */
enum { READER_PATIENCE = 400, READER_PAUSE_US = 20000 };

/* TIER cannot be had, for the reason ERR: it is skipped, unless that is a defect. */
static inline void reader_lacks(enum fault_tier tier, const struct err *err)
{
	if (strstr(err->text, "please report it"))
		tap_ok(false, "%s: %s", faults_tier_name(tier), err->text);
	else
		tap_skip(faults_tier_name(tier), "%s", err->text);
}

/*
 * How often the kernel did not run a program of ours because the same was interrupted on that processor, by its own word
 * (recursion_misses, 5.12). It happens where one is preempted in a trampoline or, from 7.0, a tracepoint. Such a fault is counted,
 * but what class it was may be unknown.
 */
static inline uint64_t programs_missed(void)
{
	DIR *dir = opendir("/proc/self/fdinfo");
	unsigned long long sum = 0, one;
	struct dirent *entry;

	if (!dir)
		tap_bail("/proc/self/fdinfo: %s", strerror(errno));
	while ((entry = readdir(dir))) {
		int fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);
		FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
		char line[128];

		while (file && fgets(line, sizeof line, file))
			if (sscanf(line, "recursion_misses: %llu", &one) == 1)
				sum += one;
		if (file)
			fclose(file);
	}
	closedir(dir);
	return sum;
}

static inline void reader_read(struct faults *faults, struct fault_reading *reading)
{
	int error = faults_read(faults, reading);

	if (error)
		tap_bail("faults_read: %s", strerror(-error));
}

/* The sums of PID in READING; zeros when nothing was heard of it, or only that it has ended. */
static inline struct fault_sums reading_sums(const struct fault_reading *reading, pid_t pid)
{
	for (size_t i = 0; i < reading->count; i++)
		if (reading->processes[i]->pid == pid && !reading->processes[i]->ended)
			return reading->processes[i]->sums;
	return (struct fault_sums){ .remote = 0 };
}

/* Reads until PID, which is gone, has ended. False when that is never told. */
static inline bool reader_ended(struct faults *faults, struct fault_reading *reading, pid_t pid, struct fault_sums *sums)
{
	for (int i = 0; i < READER_PATIENCE; i++) {
		reader_read(faults, reading);
		for (size_t j = 0; j < reading->count; j++) {
			if (reading->processes[j]->pid != pid || !reading->processes[j]->ended)
				continue;
			*sums = reading->processes[j]->sums;
			return true;
		}
		usleep(READER_PAUSE_US);
	}
	return false;
}

/* What the kernel accounts as minor or major. */
static inline uint64_t sums_accounted(const struct fault_sums *sums)
{
	uint64_t sum = 0;

	for (unsigned class = 0; class < FAULT_CLASSES; class++)
		if (fault_class_is_accounted((enum fault_class)class))
			sum += sums->count[class];
	return sum;
}

static inline uint64_t sums_memory(const struct fault_sums *sums)
{
	uint64_t sum = 0;

	for (unsigned memory = 0; memory < FAULT_MEMORIES; memory++)
		sum += sums->memory[memory];
	return sum;
}

/* By how much everything that is a sum has grown; max_ns is the later one. */
static inline struct fault_sums sums_growth(const struct fault_sums *before, const struct fault_sums *after)
{
	struct fault_sums grown = { .remote = after->remote - before->remote, .max_ns = after->max_ns };

	for (unsigned class = 0; class < FAULT_CLASSES; class++) {
		grown.count[class] = after->count[class] - before->count[class];
		grown.ns[class] = after->ns[class] - before->ns[class];
	}
	for (unsigned memory = 0; memory < FAULT_MEMORIES; memory++)
		grown.memory[memory] = after->memory[memory] - before->memory[memory];
	return grown;
}

/* What there is, as comments that explain a failure. */
static inline void sums_note(const struct fault_sums *sums)
{
	for (unsigned class = 0; class < FAULT_CLASSES; class++)
		if (sums->count[class])
			tap_note("%s: %" PRIu64 ", %" PRIu64 " ns", fault_class_key((enum fault_class)class), sums->count[class],
				 sums->ns[class]);
	for (unsigned memory = 0; memory < FAULT_MEMORIES; memory++)
		if (sums->memory[memory])
			tap_note("in %s: %" PRIu64, fault_memory_key((enum fault_memory)memory), sums->memory[memory]);
	if (sums->remote)
		tap_note("remote: %" PRIu64, sums->remote);
}

#endif
