/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page faults of the process since the probe was attached: by class, by kind of memory, and how long they
 * took. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tui/detail_page.h"
#include "tui/fault_stats.h"

enum {
	/* WALL% is known of all classes together only, and said in words. */
	TABLE_COLUMNS = ((1 << FAULT_COLUMNS) - 1) & ~(1 << FAULT_COLUMN_WALL),
	NAME_COLUMNS = 14,
	NUMBER_COLUMNS = 9,
	SHARE_COLUMNS = 8
};

/* The classes that the process took faults of, most first. */
struct page {
	struct sheet sheet;
	const struct detail *detail;
	const struct probe_status *status;
	struct fault_stats stats[FAULT_CLASSES + 1];
	uint8_t taken[FAULT_CLASSES];
	unsigned count;
};

static struct value value_of(const struct page *page, enum process_metric metric)
{
	return process_value(&page->detail->process, metric);
}

static int compare(const void *left, const void *right, void *context)
{
	const struct page *page = context;
	unsigned l = *(const uint8_t *)left, r = *(const uint8_t *)right;

	return fault_stats_compare(&page->stats[r], r, &page->stats[l], l, FAULT_COLUMN_RATE, false);
}

static void find_taken(struct page *page)
{
	for (unsigned c = 0; c <= FAULT_ALL; c++) {
		struct value count;

		fault_stats_process(&page->stats[c], &page->detail->process, c);
		count = page->stats[c].value[FAULT_COLUMN_COUNT];
		if (c < FAULT_ALL && value_has_amount(count.status) && count.amount)
			page->taken[page->count++] = (uint8_t)c;
	}
	qsort_r(page->taken, page->count, sizeof *page->taken, compare, page);
}

/* -- the probe -------------------------------------------------------------------------------------------- */

static void put_probe(struct page *page, const struct app *app)
{
	char when[DETAIL_TIME_MAX];

	if (!page->status->wanted)
		sheet_text(&page->sheet, "Probe", STYLE_NOTICE,
			   "not attached: it is with the next sample, unless --probes forbids it");
	else if (page->status->active < 0)
		sheet_text(&page->sheet, "Probe", STYLE_NOTICE, "page faults cannot be probed here:");
	else
		sheet_printf(&page->sheet, "Probe", STYLE_NORMAL,
			     "%s tier; what follows counts since %s, or since it started",
			     probe_tier_name(page->status),
			     detail_time(app, when, page->status->attached_real_ns));
}

/* What is in all classes: amounts in words. */
static void put_amount(struct page *page, const char *word, enum process_metric metric, const char *after)
{
	char amount[CELL_MAX], why[FAULT_WHY_MAX];
	struct value value = value_of(page, metric);

	if (value_has_amount(value.status))
		sheet_printf(&page->sheet, word, STYLE_NORMAL, "%s%s",
			     detail_amount(page->detail, amount, metric), after);
	else
		sheet_printf(&page->sheet, word, STYLE_ABSENT, "%s", fault_why(why, page->status, value));
}

/* -- classes ---------------------------------------------------------------------------------------------- */

static void put_class(struct page *page, const struct fault_layout *layout, unsigned class)
{
	fault_draw_row(page->sheet.canvas, sheet_line(&page->sheet), layout, &page->stats[class], class);
}

/* Those that the tier cannot tell, by name. */
static void put_untold(struct page *page)
{
	char names[512] = "", why[FAULT_WHY_MAX];
	struct value untold = value_ok(0);
	size_t len = 0;

	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		struct value count = page->stats[c].value[FAULT_COLUMN_COUNT];

		if (value_has_amount(count.status) || len >= sizeof names)
			continue;
		untold = count;
		len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "",
					fault_class_name(c));
	}
	if (len)
		sheet_printf(&page->sheet, "Not told", STYLE_NOTICE, "%s: %s", names,
			     fault_why(why, page->status, untold));
}

static void put_classes(struct page *page)
{
	struct area area = page->sheet.area;
	struct fault_layout layout = fault_layout(area.column, area.columns, TABLE_COLUMNS, FAULT_COLUMN_RATE);

	sheet_line(&page->sheet);
	fault_draw_titles(page->sheet.canvas, sheet_line(&page->sheet), &layout, FAULT_COLUMNS, false);
	put_class(page, &layout, FAULT_ALL);
	for (unsigned i = 0; i < page->count; i++)
		put_class(page, &layout, page->taken[i]);
	put_untold(page);
}

/* -- memory ----------------------------------------------------------------------------------------------- */

static void put_kind(struct page *page, enum fault_memory memory, struct value all)
{
	struct sheet *sheet = &page->sheet;
	struct value count = value_of(page, fault_metric_memory(memory));
	int row = sheet_line(sheet), column = sheet->area.column, end = column + sheet->area.columns, bar;
	double share =
		value_has_amount(all.status) && all.amount ? (double)count.amount / (double)all.amount : 0;
	char cell[CELL_MAX];

	canvas_put(sheet->canvas, row, column, end - column < NAME_COLUMNS ? end - column : NAME_COLUMNS,
		   STYLE_STRONG, fault_memory_key(memory));
	column += NAME_COLUMNS;
	if (end - column < NUMBER_COLUMNS + SHARE_COLUMNS)
		return;
	canvas_put_right(sheet->canvas, row, column, NUMBER_COLUMNS, STYLE_NORMAL,
			 detail_amount(page->detail, cell, fault_metric_memory(memory)));
	column += NUMBER_COLUMNS;
	canvas_printf(sheet->canvas, row, column, end - column, STYLE_NORMAL, " %5.1f%%", share * 100);
	column += SHARE_COLUMNS;
	bar = (int)(share * (end - column) + 0.5);
	if (end > column)
		canvas_repeat(sheet->canvas, row, column,
			      bar < 1              ? 1
			      : bar < end - column ? bar
						   : end - column,
			      STYLE_GRAPH, GLYPH_BAR);
}

static void put_memory(struct page *page)
{
	struct value counts[FAULT_MEMORIES];
	uint8_t order[FAULT_MEMORIES];
	char why[FAULT_WHY_MAX];
	unsigned some;

	for (unsigned m = 0; m < FAULT_MEMORIES; m++)
		counts[m] = value_of(page, fault_metric_memory((enum fault_memory)m));
	some = fault_memory_order(order, counts);
	sheet_heading(&page->sheet, "By kind of memory");
	for (unsigned i = 0; i < some; i++)
		put_kind(page, (enum fault_memory)order[i], value_of(page, PROC_FAULTS_SEEN));
	if (!some && !value_has_amount(counts[0].status))
		sheet_text(&page->sheet, "", STYLE_NOTICE, fault_why(why, page->status, counts[0]));
	else if (!some)
		sheet_text(&page->sheet, "", STYLE_DIM, "none so far");
}

/* -- latencies -------------------------------------------------------------------------------------------- */

/* The histogram of the machine is another one: it is not shown instead. */
static void put_no_histogram(struct page *page)
{
	struct value time = value_of(page, PROC_FAULT_SECONDS);
	char why[FAULT_WHY_MAX];

	if (!value_has_amount(time.status))
		sheet_text(&page->sheet, "", STYLE_NOTICE, fault_why(why, page->status, time));
	else if (!page->detail->watched)
		sheet_text(&page->sheet, "", STYLE_DIM, "with the next sample");
	else
		sheet_text(&page->sheet, "", STYLE_NOTICE,
			   "none is kept of this process: one is kept of processes that are looked at, from "
			   "then on");
}

/* Of all accounted classes. */
static uint64_t add_buckets(const struct fault_latencies *latencies, uint64_t all[FAULT_BUCKETS])
{
	uint64_t sum = 0;

	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		for (unsigned b = 0; fault_class_is_accounted((enum fault_class)c) && b < FAULT_BUCKETS; b++) {
			all[b] += latencies->buckets[c][b];
			sum += latencies->buckets[c][b];
		}
	}
	return sum;
}

static void put_histograms(struct page *page)
{
	const struct fault_values *values = page->detail->process.faults;
	const struct fault_latencies *latencies = values ? values->latencies : NULL;
	uint64_t all[FAULT_BUCKETS] = { 0 };
	char heading[96];

	if (!latencies) {
		sheet_heading(&page->sheet, "How long they took");
		put_no_histogram(page);
		return;
	}
	snprintf(heading, sizeof heading, "How long %" PRIu64 " of them took%s", add_buckets(latencies, all),
		 latencies->whole ? "" : ", since this process is looked at");
	sheet_heading(&page->sheet, heading);
	fault_draw_histogram(&page->sheet, all);
	for (unsigned i = 0; i < page->count && page->count > 1; i++) {
		sheet_heading(&page->sheet, fault_class_name(page->taken[i]));
		if (!fault_draw_histogram(&page->sheet, latencies->buckets[page->taken[i]]))
			sheet_text(&page->sheet, "", STYLE_DIM, latencies->whole ? "not known yet" : "none since it is looked at");
	}
}

static void faults_draw(struct detail *detail, struct app *app, struct canvas *canvas, struct area area,
			struct list *list)
{
	struct page page = { .sheet = sheet_begin(canvas, area, list),
			     .detail = detail,
			     .status = app->snapshot->probes[PROBE_FAULTS] };

	put_probe(&page, app);
	if (!value_has_amount(value_of(&page, PROC_FAULTS_SEEN).status)) {
		if (page.status->active >= 0)
			put_amount(&page, "Faults", PROC_FAULTS_SEEN, "");
		fault_put_missing(&page.sheet, app->snapshot);
		sheet_end(&page.sheet, list);
		return;
	}
	find_taken(&page);
	put_amount(&page, "Time", PROC_FAULT_PERCENT, " % of wall time in page faults since the sample before");
	put_amount(&page, "Longest", PROC_FAULT_MAX, "");
	put_amount(&page, "Remote", PROC_FAULTS_REMOTE, " of them in the memory of another process");
	put_classes(&page);
	put_memory(&page);
	put_histograms(&page);
	sheet_end(&page.sheet, list);
}

static const struct metric *faults_metric(const struct detail *detail, const struct list *list)
{
	(void)detail;
	(void)list;
	return metric_get(SCOPE_PROCESS, PROC_FAULTS_SEEN_RATE);
}

const struct page_ops detail_faults = {
	.title = "Faults",
	.draw = faults_draw,
	.metric = faults_metric,
	.needs = NEED_FAULTS,
};
