/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tier of the fault probe without BPF: two counting perf software events on every online CPU.
 *
 * They cost some 20 ns a fault, and two descriptors a CPU. Counting a whole CPU needs CAP_PERFMON
 * (CAP_SYS_ADMIN before 5.8) or kernel.perf_event_paranoid of at most 0 (perf_allow_cpu() of
 * include/linux/perf_event.h). The events are raised by mm_account_fault() of mm/memory.c, only for faults with
 * registers: those taken through get_user_pages() are not seen.
 */
#include "source/faults_tier.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/num.h"
#include "util/readfile.h"

enum { CPUS_MAX = 8192 };	/* the largest NR_CPUS that x86 and arm64 can be configured for */

enum kind { MINOR, MAJOR, KINDS };

/* One event on one CPU. */
struct counter {
	bool open;
	int fd;
	uint64_t count;		/* as read last */
	uint64_t enabled_ns;
};

struct faults_perf {
	struct faults base;
	uint64_t finished[KINDS];	/* of counters that ended with their CPU */
	long online;			/* CPUs when they were last looked at */
	unsigned cpus;			/* that there can be: no counter beyond is touched, and so takes memory */
	struct counter counters[CPUS_MAX][KINDS];
};

static int open_event(enum kind kind, unsigned cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof attr,
		.config = kind == MINOR ? PERF_COUNT_SW_PAGE_FAULTS_MIN : PERF_COUNT_SW_PAGE_FAULTS_MAJ,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED,
	};
	long fd = syscall(SYS_perf_event_open, &attr, -1, (int)cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

/* Opens what is missing on the CPUs that are online: the kernel says -ENODEV of one that is not, and -EINVAL of
 * one that cannot be. 0 or -errno. */
static int open_missing(struct faults_perf *faults)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	for (unsigned cpu = 0; cpu < CPUS_MAX; cpu++) {
		for (int kind = 0; kind < KINDS; kind++) {
			struct counter *counter = &faults->counters[cpu][kind];
			int fd;

			if (cpu < faults->cpus && counter->open)
				continue;
			fd = open_event((enum kind)kind, cpu);
			if (fd == -EINVAL && cpu)
				goto done;
			if (fd < 0 && fd != -ENODEV)
				return fd;
			if (cpu >= faults->cpus)
				faults->cpus = cpu + 1;
			if (fd >= 0)
				*counter = (struct counter){ .open = true, .fd = fd };
		}
	}
done:
	faults->online = online;
	return 0;
}

/* An event stays behind, stopped for good, when its CPU goes offline, also when that comes back: its time
 * stands still (list_del_event() of kernel/events/core.c). What the CPU then counts until the reading after
 * next is missed. */
static void read_counter(struct faults_perf *faults, enum kind kind, struct counter *counter)
{
	struct {
		uint64_t count, enabled_ns;
	} now = { 0 };
	bool stopped;

	if (!counter->open)
		return;
	stopped = read(counter->fd, &now, sizeof now) != (ssize_t)sizeof now ||
		  now.enabled_ns == counter->enabled_ns;
	if (now.count > counter->count)
		counter->count = now.count;
	counter->enabled_ns = now.enabled_ns;
	if (!stopped)
		return;
	faults->finished[kind] += counter->count;
	close(counter->fd);
	counter->open = false;
	faults->online = -1;
}

static uint64_t read_kind(struct faults_perf *faults, enum kind kind)
{
	uint64_t sum = 0;

	for (unsigned cpu = 0; cpu < faults->cpus; cpu++) {
		struct counter *counter = &faults->counters[cpu][kind];

		read_counter(faults, kind, counter);
		if (counter->open)
			sum += counter->count;
	}
	return faults->finished[kind] + sum;
}

static int read_perf(struct faults *base, struct fault_reading *reading)
{
	struct faults_perf *faults = (struct faults_perf *)base;

	reading->has_totals = true;
	reading->minor = read_kind(faults, MINOR);
	reading->major = read_kind(faults, MAJOR);
	return sysconf(_SC_NPROCESSORS_ONLN) == faults->online ? 0 : open_missing(faults);
}

static void close_perf(struct faults *base)
{
	struct faults_perf *faults = (struct faults_perf *)base;

	for (unsigned cpu = 0; cpu < faults->cpus; cpu++)
		for (int kind = 0; kind < KINDS; kind++)
			if (faults->counters[cpu][kind].open)
				close(faults->counters[cpu][kind].fd);
	free(faults);
}

/* kernel.perf_event_paranoid, or what Linux has when it cannot be read. */
static int paranoid(const struct rootfs *root)
{
	char text[32];
	ssize_t len = readfile_at(root->proc_fd, "sys/kernel/perf_event_paranoid", text, sizeof text);
	const char *at = text;
	int64_t level = 2;

	if (len > 0)
		num_i64(&at, text + len, &level);
	return (int)level;
}

static void explain(const struct rootfs *root, int error, struct tier_failure *failure)
{
	char remedy[sizeof failure->remedy] = "";

	switch (error) {
	case EACCES:
		snprintf(remedy, sizeof remedy, "needs CAP_PERFMON, or kernel.perf_event_paranoid of at most 0 (it is %d)",
			 paranoid(root));
		break;
	case EPERM:	/* never for want of privilege since 5.8: a filter, a security module */
		snprintf(remedy, sizeof remedy, "needs root or CAP_PERFMON; in a container, a seccomp profile that allows it");
		break;
	case EMFILE:
		snprintf(remedy, sizeof remedy, "needs two descriptors a CPU: raise ulimit -n");
		break;
	case ENFILE:
		snprintf(remedy, sizeof remedy, "raise fs.file-max");
		break;
	case ENOSYS:
		snprintf(remedy, sizeof remedy, "needs CONFIG_PERF_EVENTS");
		break;
	}
	tier_fail(failure, remedy, "perf_event_open: %s", strerror(error));
}

struct faults *faults_open_perf(const struct rootfs *root, struct tier_failure *failure)
{
	struct faults_perf *faults = calloc(1, sizeof *faults);
	int error = ENOMEM;

	if (faults) {
		faults->base = (struct faults){ .completion = "perf event", .read = read_perf, .close = close_perf };
		error = -open_missing(faults);
		if (!error)
			return &faults->base;
		close_perf(&faults->base);
	}
	explain(root, error, failure);
	return NULL;
}
