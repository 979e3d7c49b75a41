/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A measured value and what is known about it.
 *
 * Every number memtide shows is a value: an amount plus a status. The amount means something only when
 * value_has_amount() says so; in every other status it is 0 and must not be shown as a number.
 *
 * Amounts are int64_t in the base unit of their metric (enum unit in metric.h): bytes, nanoseconds,
 * 1/1000 of a percent, 1/1000 of a ratio, or a plain count.
 */
#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/* The zero of this enum is an absence, so that memory never written reads as "not yet", not as 0. */
enum value_status {
	VALUE_PENDING,		/* not read yet, will be: first sample of a rate, first pass of PSS */
	VALUE_OK,		/* read from the kernel; may carry an age */
	VALUE_ESTIMATED,	/* derived from other readings, has bounds */
	VALUE_STALE,		/* an exact reading known to have moved since */
	VALUE_SKIPPED,		/* deliberately not read: a limit or the user forbids it */
	VALUE_DENIED,		/* the kernel refused: EACCES, EPERM, hidepid */
	VALUE_UNSUPPORTED,	/* this kernel or build does not have it */
	VALUE_NOT_APPLICABLE,	/* has no meaning here: memory of a kernel thread */
	VALUE_GONE,		/* the process ended before it could be read */
	VALUE_LOST,		/* was produced but dropped on a full buffer or table */
	VALUE_STATUS_COUNT
};

struct value {
	int64_t amount;
	enum value_status status;
};

/* Lower-case name of a status as written in the "na" map of JSON records: "denied". Never NULL. */
const char *value_status_name(enum value_status status);

/* At most four characters for a table cell that has no amount: "deny". Never NULL. */
const char *value_status_mark(enum value_status status);

/* True for OK, ESTIMATED and STALE: there is a number to show. */
static inline bool value_has_amount(enum value_status status)
{
	return status == VALUE_OK || status == VALUE_ESTIMATED || status == VALUE_STALE;
}

static inline struct value value_ok(int64_t amount)
{
	return (struct value){ amount, VALUE_OK };
}

static inline struct value value_none(enum value_status status)
{
	return (struct value){ 0, status };
}

/* The status that an errno from reading a process or kernel file stands for. ENOENT is UNSUPPORTED for a
 * system file; callers reading a process directory pass it through value_status_from_process_errno(). */
enum value_status value_status_from_errno(int err);

/* As above for /proc/PID files: ESRCH and ENOENT mean GONE. */
enum value_status value_status_from_process_errno(int err);

#endif
