/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last tier of the fault probe: by how much pgfault and pgmajfault of /proc/vmstat have grown.
 *
 * Needs no privilege, and CONFIG_VM_EVENT_COUNTERS. Up to Linux 6.3 pgfault counts on entry, so a fault that is
 * retried counts each time, and one that ends in a signal counts too; since 6.4 it counts what is accounted, as
 * min_flt does (mm_account_fault() of mm/memory.c).
 */
#include "source/faults_tier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parse/keyed.h"
#include "source/kfile.h"

/* About 200 lines of at most 50 bytes on Linux 7.2. */
enum { VMSTAT_BYTES = 32 * 1024 };

struct totals {
	int64_t all, major;
};

struct faults_procfs {
	struct faults base;
	struct kfile vmstat;
	struct totals first;
	int64_t minor;			/* as told last */
	char text[VMSTAT_BYTES];
};

static bool is(const struct parse_keyed *line, const char *name)
{
	return line->name_len == strlen(name) && !memcmp(line->name, name, line->name_len);
}

/* 0 or -errno; -ENODATA without event counters. */
static int read_totals(struct faults_procfs *faults, struct totals *totals)
{
	ssize_t read = kfile_read(&faults->vmstat, faults->text, sizeof faults->text);
	const char *text = faults->text;
	struct parse_keyed line;
	size_t len = (size_t)read;
	int found;

	if (read < 0)
		return (int)read;
	*totals = (struct totals){ -1, -1 };
	while ((found = parse_keyed_next(&text, &len, &line)) != 0) {
		if (found == 1 && is(&line, "pgfault"))
			totals->all = line.value;
		else if (found == 1 && is(&line, "pgmajfault"))
			totals->major = line.value;
	}
	return totals->all < 0 || totals->major < 0 ? -ENODATA : 0;
}

static int read_procfs(struct faults *base, struct fault_reading *reading)
{
	struct faults_procfs *faults = (struct faults_procfs *)base;
	struct totals now;
	int error = read_totals(faults, &now);
	int64_t minor, major;

	if (error)
		return error;
	major = now.major - faults->first.major;
	minor = now.all - faults->first.all - major;
	/* A major fault counts as such when it begins to wait, and in pgfault when it is over (since 6.4): until then the
	 * difference is too small. What we tell never shrinks. */
	if (minor > faults->minor)
		faults->minor = minor;
	reading->has_totals = true;
	reading->minor = (uint64_t)faults->minor;
	reading->major = (uint64_t)major;
	return 0;
}

static void close_procfs(struct faults *base)
{
	kfile_close(&((struct faults_procfs *)base)->vmstat);
	free(base);
}

struct faults *faults_open_procfs(const struct rootfs *root, struct tier_failure *failure)
{
	struct faults_procfs *faults = calloc(1, sizeof *faults);
	int error;

	if (!faults) {
		tier_fail(failure, "", "%s", strerror(ENOMEM));
		return NULL;
	}
	faults->base = (struct faults){ .read = read_procfs, .close = close_procfs };
	kfile_init(&faults->vmstat, root->proc_fd, "vmstat");
	error = read_totals(faults, &faults->first);
	if (!error)
		return &faults->base;
	if (error == -ENODATA)
		tier_fail(failure, "needs CONFIG_VM_EVENT_COUNTERS", "/proc/vmstat has no pgfault and pgmajfault");
	else
		tier_fail(failure, "", "/proc/vmstat: %s", strerror(-error));
	close_procfs(&faults->base);
	return NULL;
}
