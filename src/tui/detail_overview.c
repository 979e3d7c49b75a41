/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who the process is, what it holds, how that moves. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/columns.h"
#include "tui/detail_page.h"
#include "tui/meter.h"
#include "tui/trace.h"
#include "util/fmt.h"

enum { CHANGES = 8, CHANGE_SECONDS = 60, METER_COLUMNS_MAX = 80 };

static const int64_t second_ns = 1000000000;

/* -- identity --------------------------------------------------------------------------------------------- */

static const char *text_of(const struct detail *detail, enum process_metric metric, char buf[CELL_MAX])
{
	const char *text = process_text(&detail->process, metric, buf);

	return text ? text : value_status_mark(process_value(&detail->process, metric).status);
}

static const char *state_words(int64_t state)
{
	switch (state) {
	case 'R':
		return "running or ready to";
	case 'S':
		return "sleeping";
	case 'D':
		return "waiting, not to be interrupted";
	case 'T':
		return "stopped";
	case 't':
		return "stopped by a tracer";
	case 'Z':
		return "zombie: ended, its parent has not asked how";
	case 'I':
		return "idle kernel thread";
	default:
		return "";
	}
}

static void put_identity(struct sheet *sheet, const struct detail *detail)
{
	const struct text *comm = detail->process.text[TEXT_COMM];
	char user[CELL_MAX], uid[CELL_MAX], ppid[CELL_MAX];

	sheet_printf(sheet, "Process", STYLE_STRONG, "%" PRId32 " %s, child of %s%s%s, user %s (%s)",
		     detail->pid, comm ? comm->s : "", detail_amount(detail, ppid, PROC_PPID),
		     *detail->parent ? " " : "", detail->parent, text_of(detail, PROC_USER, user),
		     detail_amount(detail, uid, PROC_UID));
}

static void put_program(struct sheet *sheet, const struct detail *detail)
{
	char buf[CELL_MAX];
	const struct watched *watched = detail->watched;

	sheet_text(sheet, "Command", STYLE_NORMAL, text_of(detail, PROC_CMDLINE, buf));
	if (!watched)
		sheet_text(sheet, "Program", STYLE_ABSENT, value_status_mark(VALUE_PENDING));
	else if (!watched->exe)
		sheet_text(sheet, "Program", STYLE_ABSENT, value_status_mark(watched->exe_status));
	else
		sheet_text(sheet, "Program", STYLE_NORMAL, watched->exe->s);
	sheet_text(sheet, "Cgroup", STYLE_NORMAL, text_of(detail, PROC_CGROUP, buf));
}

static void put_state(struct sheet *sheet, const struct detail *detail)
{
	char state[CELL_MAX], policy[CELL_MAX], threads[CELL_MAX], rt[CELL_MAX];
	const struct process *process = &detail->process;
	bool rt_priority =
		value_has_amount(process->status[PROC_RT_PRIORITY]) && process->amount[PROC_RT_PRIORITY];

	sheet_printf(sheet, "State", STYLE_NORMAL, "%s %s, threads %s, policy %s%s%s",
		     text_of(detail, PROC_STATE, state), state_words(process->amount[PROC_STATE]),
		     detail_amount(detail, threads, PROC_THREADS), text_of(detail, PROC_SCHED_POLICY, policy),
		     rt_priority ? ", real-time priority " : "",
		     rt_priority ? detail_amount(detail, rt, PROC_RT_PRIORITY) : "");
}

static void put_start(struct sheet *sheet, const struct detail *detail, const struct app *app)
{
	const struct snapshot *snapshot = app->snapshot;
	int64_t ticks = snapshot->host ? snapshot->host->clock_ticks : 0, started_ns;
	char when[DETAIL_TIME_MAX], ago[FMT_CAP];

	if (ticks <= 0)
		return;
	/* Split so that the product fits: start times are below 2^41 ticks. */
	started_ns = detail->start_time / ticks * second_ns + detail->start_time % ticks * second_ns / ticks;
	fmt_seconds(ago, sizeof ago, snapshot->boottime_ns - started_ns);
	sheet_printf(sheet, "Started", STYLE_NORMAL, "%s, %s ago",
		     detail_time(app, when, snapshot->real_ns - snapshot->boottime_ns + started_ns), ago);
}

/* -- memory ----------------------------------------------------------------------------------------------- */

static void put_meter(struct sheet *sheet, const struct detail *detail, const struct app *app)
{
	static const struct {
		enum process_metric metric;
		const char *word;
		enum style style;
	} kinds[] = {
		{ PROC_PSS_ANON, "anon", STYLE_ANON },
		{ PROC_PSS_FILE, "file", STYLE_FILE },
		{ PROC_PSS_SHMEM, "shmem", STYLE_SHMEM },
		{ PROC_SWAP_PSS, "Swapped", STYLE_SWAP },
	};
	enum { KINDS = sizeof kinds / sizeof *kinds };
	struct meter_part parts[KINDS];
	unsigned count = 0;
	int columns = sheet->area.columns < METER_COLUMNS_MAX ? sheet->area.columns : METER_COLUMNS_MAX;

	for (unsigned i = 0; i < KINDS; i++) {
		struct value value = process_value(&detail->process, kinds[i].metric);

		if (value_has_amount(value.status) && value.amount >= 0)
			parts[count++] = (struct meter_part){ kinds[i].word, kinds[i].style, value.amount };
	}
	if (!count)
		return;
	meter_draw(sheet->canvas, sheet_line(sheet), sheet->area.column, columns, parts, count);
	meter_legend(sheet->canvas, sheet_line(sheet), sheet->area.column, sheet->area.columns, parts, count,
		     app->settings.unit);
}

static void put_memory(struct sheet *sheet, const struct detail *detail, const struct app *app)
{
	char pss[CELL_MAX], rss[CELL_MAX], uss[CELL_MAX], swap[CELL_MAX], words[DETAIL_WORDS_MAX];
	struct value value = process_value(&detail->process, PROC_PSS);

	sheet_heading(sheet, "Memory");
	sheet_printf(sheet, "PSS", columns_style(metric_get(SCOPE_PROCESS, PROC_PSS), value, STYLE_STRONG),
		     "%s  %s", detail_amount(detail, pss, PROC_PSS), detail_words(detail, words, PROC_PSS));
	sheet_printf(sheet, "RSS", STYLE_NORMAL, "%s  USS %s  swapped %s", detail_amount(detail, rss, PROC_RSS),
		     detail_amount(detail, uss, PROC_USS), detail_amount(detail, swap, PROC_SWAP_PSS));
	put_meter(sheet, detail, app);
}

static void put_motion(struct sheet *sheet, const struct detail *detail)
{
	char a[CELL_MAX], b[CELL_MAX], c[CELL_MAX];
	struct value rate = process_value(&detail->process, PROC_PSS_GROWTH);

	sheet_printf(sheet, "Growth",
		     columns_style(metric_get(SCOPE_PROCESS, PROC_PSS_GROWTH), rate, STYLE_NORMAL),
		     "%s per second  %s in the last minute  %s since first seen",
		     detail_amount(detail, a, PROC_PSS_GROWTH), detail_amount(detail, b, PROC_PSS_GROWN_MINUTE),
		     detail_amount(detail, c, PROC_PSS_GROWN));
	sheet_printf(sheet, "Faults", STYLE_NORMAL, "%s per second  %s minor and %s major so far",
		     detail_amount(detail, a, PROC_FAULT_RATE), detail_amount(detail, b, PROC_FAULTS_MINOR),
		     detail_amount(detail, c, PROC_FAULTS_MAJOR));
	sheet_printf(sheet, "CPU", STYLE_NORMAL, "%s %%  %s so far", detail_amount(detail, a, PROC_CPU_PERCENT),
		     detail_amount(detail, b, PROC_CPU_SECONDS));
}

/* -- changes ---------------------------------------------------------------------------------------------- */

struct change {
	enum process_metric metric;
	int64_t opened, minute;		/* since the page was opened; over the last minute */
	int64_t size;			/* the larger of both, without sign */
};

static int by_size(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	return x->size > y->size ? -1 : x->size < y->size;
}

/* A - B, as far as it fits. */
static int64_t difference(int64_t a, int64_t b)
{
	int64_t result;

	if (__builtin_sub_overflow(a, b, &result) || result == INT64_MIN)
		return a < b ? -INT64_MAX : INT64_MAX;
	return result;
}

/* What METRIC was a minute ago, or when its history began; AMOUNT when that was just now. */
static int64_t a_minute_ago(const struct detail *detail, const struct app *app, const struct metric *metric,
			    int64_t amount)
{
	int64_t since_ns = detail->seen_boottime_ns - CHANGE_SECONDS * second_ns;
	double values[HISTORY_SAMPLES];
	size_t count = history_values(app->history, SCOPE_PROCESS, detail->key, metric, values);

	for (size_t i = 0; i < count && history_boottime_ns(app->history, i) >= since_ns; i++)
		if (fabs(values[i]) < 9e18 && history_boottime_ns(app->history, i) <= detail->seen_boottime_ns)
			amount = (int64_t)values[i];
	return amount;
}

static unsigned find_changes(const struct detail *detail, const struct app *app,
			     struct change changes[PROC_COUNT])
{
	unsigned count = 0;

	for (unsigned i = 0; i < PROC_COUNT; i++) {
		const struct metric *metric = metric_get(SCOPE_PROCESS, i);
		struct value value = process_value(&detail->process, i);
		struct change change = { .metric = i };

		if (metric->unit != UNIT_BYTES || metric->kind != KIND_GAUGE || !value_has_amount(value.status))
			continue;
		change.opened = difference(value.amount, detail->first[i].amount);
		change.minute = difference(value.amount, a_minute_ago(detail, app, metric, value.amount));
		change.size = llabs(change.opened) > llabs(change.minute) ? llabs(change.opened)
									  : llabs(change.minute);
		if (change.size)
			changes[count++] = change;
	}
	qsort(changes, count, sizeof *changes, by_size);
	return count < CHANGES ? count : CHANGES;
}

static const char *signed_amount(char buf[CELL_MAX], const struct app *app, int64_t bytes)
{
	const struct metric *metric = metric_get(SCOPE_PROCESS, PROC_PSS);
	char number[CELL_MAX];

	snprintf(buf, CELL_MAX, "%s%.*s", bytes > 0 ? "+" : "", CELL_MAX - 2,
		 cell_number_in(number, metric, value_ok(bytes), app->settings.unit));
	return buf;
}

static void put_changes(struct sheet *sheet, const struct detail *detail, const struct app *app)
{
	struct change changes[PROC_COUNT];
	unsigned count = find_changes(detail, app, changes);
	struct area area = sheet->area;
	char now[CELL_MAX], opened[CELL_MAX], minute[CELL_MAX], when[FMT_CAP];

	fmt_seconds(when, sizeof when, detail->seen_boottime_ns - detail->first_boottime_ns);
	sheet_heading(sheet, "Largest changes");
	if (!count) {
		sheet_printf(sheet, "", STYLE_DIM, "none in the last minute, nor since this was opened %s ago",
			     when);
		return;
	}
	canvas_printf(sheet->canvas, sheet_line(sheet), area.column, area.columns, STYLE_DIM,
		      "%-*s%9s%13s%14s  opened %s ago", SHEET_WORD_COLUMNS, "", "now", "last minute",
		      "since opened", when);
	for (unsigned i = 0; i < count; i++) {
		const struct change *change = &changes[i];
		const struct metric *metric = metric_get(SCOPE_PROCESS, change->metric);
		bool rise = change->size == change->opened || change->size == change->minute;

		canvas_printf(sheet->canvas, sheet_line(sheet), area.column, area.columns,
			      rise ? STYLE_RISE : STYLE_FALL, "%-*s%9s%13s%14s  %s", SHEET_WORD_COLUMNS,
			      metric->title, detail_amount(detail, now, change->metric),
			      signed_amount(minute, app, change->minute),
			      signed_amount(opened, app, change->opened), metric->help);
	}
}

static void overview_draw(struct detail *detail, struct app *app, struct canvas *canvas, struct area area,
			  struct list *list)
{
	struct sheet sheet = sheet_begin(canvas, area, list);

	put_identity(&sheet, detail);
	put_program(&sheet, detail);
	put_state(&sheet, detail);
	put_start(&sheet, detail, app);
	put_memory(&sheet, detail, app);
	put_motion(&sheet, detail);
	put_changes(&sheet, detail, app);
	sheet_end(&sheet, list);
}

const struct page_ops detail_overview = {
	.title = "Overview",
	.draw = overview_draw,
};
