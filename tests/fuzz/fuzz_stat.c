/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_stat() against the C library's reading of the same text. */
#include <inttypes.h>

#include "fuzz.h"
#include "parse/process.h"

static void check_against_libc(const struct parse_stat *stat, const char *text)
{
	const char *close = strrchr(text, ')'), *open = strchr(text, '(');
	uint64_t minflt, majflt, utime, stime, starttime, vsize, startcode, startstack;
	int64_t threads, rss;
	int32_t ppid;
	uint32_t flags, priority, policy;
	char state;
	int got;

	FUZZ_CHECK(open && close && open < close);
	FUZZ_CHECK(strtol(text, NULL, 10) == stat->pid && stat->pid > 0);
	got = sscanf(close, ") %c %" SCNd32 " %*d %*d %*d %*d %" SCNu32
		     " %" SCNu64 " %*u %" SCNu64 " %*u %" SCNu64 " %" SCNu64 " %*d %*d %*d %*d"
		     " %" SCNd64 " %*d %" SCNu64 " %" SCNu64 " %" SCNd64 " %*u %" SCNu64 " %*u %" SCNu64
		     " %*u %*u %*u %*u %*u %*u %*u %*u %*u %*d %*d %" SCNu32 " %" SCNu32,
		     &state, &ppid, &flags, &minflt, &majflt, &utime, &stime, &threads, &starttime,
		     &vsize, &rss, &startcode, &startstack, &priority, &policy);
	FUZZ_CHECK(got == 15);
	FUZZ_CHECK(stat->state == state && stat->ppid == ppid && stat->flags == flags);
	FUZZ_CHECK(stat->minflt == minflt && stat->majflt == majflt);
	FUZZ_CHECK(stat->utime == utime && stat->stime == stime && stat->starttime == starttime);
	FUZZ_CHECK(stat->num_threads == threads && stat->vsize == vsize && stat->rss == rss);
	FUZZ_CHECK(stat->startcode == startcode && stat->startstack == startstack);
	FUZZ_CHECK(stat->rt_priority == priority && stat->policy == policy);
	FUZZ_CHECK(threads >= 0 && rss >= 0 && ppid >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct parse_stat stat;
	int ret = parse_stat(text, size, &stat);

	FUZZ_CHECK(ret == 0 || ret == -EBADMSG);
	if (!ret) {
		FUZZ_CHECK(memchr(stat.comm, '\0', sizeof(stat.comm)));
		if (!memchr(text, '\0', size)) {
			char *string = strndup(text, size);

			FUZZ_CHECK(string);
			check_against_libc(&stat, string);
			free(string);
		}
	}
	free(text);
	return 0;
}
