/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/stat and statm. */
#include <errno.h>
#include <string.h>

#include "parse/process.h"
#include "parse/scan.h"

/* Numbers of the fields as in proc_pid_stat(5); 1 to 3 are pid, comm and state. */
enum stat_number {
	STAT_PPID = 4, STAT_PGRP, STAT_SESSION, STAT_TTY, STAT_TPGID, STAT_FLAGS,
	STAT_MINFLT, STAT_CMINFLT, STAT_MAJFLT, STAT_CMAJFLT, STAT_UTIME, STAT_STIME, STAT_CUTIME, STAT_CSTIME,
	STAT_PRIORITY, STAT_NICE, STAT_THREADS, STAT_ITREAL, STAT_STARTTIME,
	STAT_VSIZE, STAT_RSS, STAT_RSSLIM, STAT_STARTCODE, STAT_ENDCODE, STAT_STARTSTACK,
	STAT_EXIT_SIGNAL = 38, STAT_RT_PRIORITY = 40, STAT_POLICY, STAT_NUMBERS
};

#define BIT(number) (UINT64_C(1) << (number))

/* Fields that do not matter here and may be below 0; a minus anywhere else is nonsense. */
static const uint64_t may_be_negative = BIT(STAT_PGRP) | BIT(STAT_SESSION) | BIT(STAT_TTY) | BIT(STAT_TPGID) |
	BIT(STAT_CUTIME) | BIT(STAT_CSTIME) | BIT(STAT_PRIORITY) | BIT(STAT_NICE) | BIT(STAT_ITREAL) |
	BIT(STAT_EXIT_SIGNAL);

/* Reads " PPID ... POLICY" into V. Whatever follows a number must end it: a number that the text's end cuts off
 * is not to be believed. */
static int read_numbers(const char *p, const char *end, uint64_t v[STAT_NUMBERS])
{
	for (unsigned number = STAT_PPID; number < STAT_NUMBERS; number++) {
		if (p >= end || *p++ != ' ')
			return -EBADMSG;
		if (p < end && *p == '-' && may_be_negative & BIT(number))
			p++;
		if (num_u64(&p, end, &v[number]))
			return -EBADMSG;
	}
	return p < end && (*p == ' ' || *p == '\n') ? 0 : -EBADMSG;
}

static const char *find_last(const char *p, const char *end, char c)
{
	while (end > p)
		if (*--end == c)
			return end;
	return NULL;
}

int parse_stat(const char *text, size_t len, struct parse_stat *stat)
{
	const char *p = text, *end = text + len, *close;
	uint64_t v[STAT_NUMBERS], pid;
	size_t comm_len;

	if (num_u64(&p, end, &pid) || !scan_prefix(&p, end, " (", 2))
		return -EBADMSG;
	/* comm may hold anything, ") R 1 (" too; nothing after it holds a parenthesis. */
	close = find_last(p, end, ')');
	if (!close || end - close < 3 || close[1] != ' ' || close[2] <= ' ' || close[2] > '~')
		return -EBADMSG;
	if (read_numbers(close + 3, end, v))
		return -EBADMSG;
	if (!pid || pid > INT32_MAX || v[STAT_PPID] > INT32_MAX || v[STAT_FLAGS] > UINT32_MAX ||
	    v[STAT_THREADS] > INT32_MAX || v[STAT_RSS] > INT64_MAX || v[STAT_RT_PRIORITY] > UINT32_MAX ||
	    v[STAT_POLICY] > UINT32_MAX)
		return -EBADMSG;

	comm_len = (size_t)(close - p);
	if (comm_len > sizeof(stat->comm) - 1)
		comm_len = sizeof(stat->comm) - 1;
	*stat = (struct parse_stat){
		.pid = (int32_t)pid, .ppid = (int32_t)v[STAT_PPID],
		.state = close[2],
		.flags = (uint32_t)v[STAT_FLAGS],
		.minflt = v[STAT_MINFLT], .majflt = v[STAT_MAJFLT],
		.utime = v[STAT_UTIME], .stime = v[STAT_STIME],
		.num_threads = (int64_t)v[STAT_THREADS],
		.starttime = v[STAT_STARTTIME],
		.vsize = v[STAT_VSIZE], .rss = (int64_t)v[STAT_RSS],
		.startcode = v[STAT_STARTCODE], .startstack = v[STAT_STARTSTACK],
		.rt_priority = (uint32_t)v[STAT_RT_PRIORITY], .policy = (uint32_t)v[STAT_POLICY],
		/* do_task_stat: start_code is 0 without an mm, 1 without permission; start_stack then is 0. */
		.has_layout = v[STAT_STARTCODE] > 1 && v[STAT_STARTSTACK] > 1,
	};
	memcpy(stat->comm, p, comm_len);
	return 0;
}

int parse_statm(const char *text, size_t len, struct parse_statm *statm)
{
	const char *p = text, *end = text + len;
	int64_t *const fields[] = { &statm->size, &statm->resident, &statm->shared };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		uint64_t pages;

		if (num_u64(&p, end, &pages) || pages > INT64_MAX)
			return -EBADMSG;
		if (p >= end || (*p != ' ' && *p != '\n'))
			return -EBADMSG;
		p++;
		*fields[i] = (int64_t)pages;
	}
	return 0;
}
