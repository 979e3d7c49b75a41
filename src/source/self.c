/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/self.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "parse/process.h"
#include "util/readfile.h"

void self_read(struct self_usage *usage)
{
	struct parse_statm statm;
	struct rusage rusage;
	char text[256];
	ssize_t len = readfile_at(AT_FDCWD, "/proc/self/statm", text, sizeof text);

	if (len < 0)
		usage->rss = value_none(value_status_from_errno((int)-len));
	else if (parse_statm(text, (size_t)len, &statm))
		usage->rss = value_none(VALUE_UNSUPPORTED);
	else
		usage->rss = value_ok(statm.resident * sysconf(_SC_PAGESIZE));
	if (getrusage(RUSAGE_SELF, &rusage)) {
		usage->cpu = usage->rss_peak = value_none(value_status_from_errno(errno));
		return;
	}
	usage->cpu = value_ok(((int64_t)rusage.ru_utime.tv_sec + rusage.ru_stime.tv_sec) * 1000000000 +
			      ((int64_t)rusage.ru_utime.tv_usec + rusage.ru_stime.tv_usec) * 1000);
	usage->rss_peak = value_ok((int64_t)rusage.ru_maxrss * 1024);
}
