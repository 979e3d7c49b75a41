/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pages say of a value beside its number. */
#include <sched.h>
#include <stdio.h>
#include <time.h>

#include "out/cell.h"
#include "tui/detail_page.h"

const char *detail_amount(const struct detail *detail, char buf[CELL_MAX], enum process_metric metric)
{
	return cell_number_in(buf, metric_get(SCOPE_PROCESS, metric), process_value(&detail->process, metric),
			      detail->app->settings.unit);
}

/* What smaps_rollup alone tells of a process. */
static bool is_reading(const struct metric *metric)
{
	return (metric->need & NEED_ROLLUP) && metric->kind != KIND_DERIVED && metric->index != PROC_PSS_AGE;
}

static bool is_memory(const struct metric *metric)
{
	return metric->unit == UNIT_BYTES || metric->unit == UNIT_BYTES_PER_SECOND ||
	       metric->index == PROC_PSS_AGE;
}

/* Real-time policies are as in the kernel's uapi/linux/sched.h; SCHED_DEADLINE is not in every C library. */
static bool is_realtime(const struct process *process)
{
	enum { DEADLINE = 6 };
	int64_t policy = process->amount[PROC_SCHED_POLICY];

	return value_has_amount(process->status[PROC_SCHED_POLICY]) &&
	       (policy == SCHED_FIFO || policy == SCHED_RR || policy == DEADLINE);
}

static const char *why_skipped(const struct detail *detail, const struct metric *metric)
{
	if (!(metric->need & NEED_ROLLUP))
		return "not read: nothing shown needs it";
	if (is_realtime(&detail->process))
		return "not read: a real-time process; x reads it";
	return "not read: beyond the stall limit, or the options say so; x reads it";
}

static const char *why_absent(const struct detail *detail, const struct metric *metric)
{
	switch (process_value(&detail->process, metric->index).status) {
	case VALUE_PENDING:
		return metric->kind == KIND_DERIVED ? "with the next sample" :
		       metric->need & NEED_ROLLUP ? "waits for its turn to be read" : "not read yet";
	case VALUE_SKIPPED:
		return why_skipped(detail, metric);
	case VALUE_DENIED:
		return "denied: the kernel refuses it to this user";
	case VALUE_UNSUPPORTED:
		return "this kernel does not have it";
	case VALUE_NOT_APPLICABLE:
		return is_memory(metric) ? "no memory of its own: a kernel thread, or it is ending"
					 : "has no meaning here";
	case VALUE_GONE:
		return "it ended before it could be read";
	case VALUE_LOST:
		return "lost: memtide was short of memory or files";
	default:
		return "";
	}
}

const char *detail_words(const struct detail *detail, char buf[DETAIL_WORDS_MAX], enum process_metric slot)
{
	const struct metric *metric = metric_get(SCOPE_PROCESS, slot);
	const struct process *process = &detail->process;
	const struct bounds *bounds = process_bounds(process, slot);
	enum value_status status = process_value(process, slot).status;
	char age[CELL_MAX], low[CELL_MAX], high[CELL_MAX];
	bool has_age = is_reading(metric) && value_has_amount(process->status[PROC_PSS_AGE]);
	const char *ago = has_age ? detail_amount(detail, age, PROC_PSS_AGE) : "";

	*buf = '\0';
	if (!value_has_amount(status)) {
		snprintf(buf, DETAIL_WORDS_MAX, "%s", why_absent(detail, metric));
	} else if (status == VALUE_ESTIMATED && bounds) {
		cell_number_in(low, metric, value_ok(bounds->low), detail->app->settings.unit);
		cell_number_in(high, metric, value_ok(bounds->high), detail->app->settings.unit);
		snprintf(buf, DETAIL_WORDS_MAX, "estimated, %s to %s%s%s%s", low, high,
			 has_age ? "; read " : "", ago, has_age ? " ago" : "");
	} else if (status == VALUE_ESTIMATED) {
		snprintf(buf, DETAIL_WORDS_MAX, "estimated");
	} else if (has_age) {
		snprintf(buf, DETAIL_WORDS_MAX, "read %s ago%s", ago,
			 status == VALUE_STALE ? ", has changed since" : "");
	} else if (status == VALUE_STALE) {
		snprintf(buf, DETAIL_WORDS_MAX, "has changed since it was read");
	}
	return buf;
}

const char *detail_time(const struct app *app, char buf[DETAIL_TIME_MAX], int64_t real_ns)
{
	time_t then = (time_t)(real_ns / 1000000000), now = (time_t)(app->snapshot->real_ns / 1000000000);
	struct tm then_tm, now_tm;
	bool today;

	*buf = '\0';
	if (!localtime_r(&then, &then_tm) || !localtime_r(&now, &now_tm))
		return buf;
	today = then_tm.tm_year == now_tm.tm_year && then_tm.tm_yday == now_tm.tm_yday;
	if (!strftime(buf, DETAIL_TIME_MAX, today ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &then_tm))
		*buf = '\0';
	return buf;
}
