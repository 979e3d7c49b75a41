/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The columns and lines of fault_stats.h on a canvas. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tui/columns.h"
#include "tui/fault_stats.h"
#include "tui/notice.h"
#include "util/fmt.h"

enum { GAP = 1, RANGE_COLUMNS = 16, COUNT_COLUMNS = 10, NEVER_DROPPED = 0 };

/* MERIT: columns of the highest are left out first where it is narrow. METRIC says how to write the amount. */
static const struct {
	const char *title;
	int width, merit;
	enum process_metric metric;
} columns[FAULT_COLUMNS] = {
	[FAULT_COLUMN_CLASS] = { "CLASS", FAULT_NAME_COLUMNS, NEVER_DROPPED, PROC_FAULTS_SEEN },
	[FAULT_COLUMN_COUNT] = { "COUNT", 9, 2, PROC_FAULTS_SEEN },
	[FAULT_COLUMN_RATE] = { "RATE/s", 8, 1, PROC_FAULTS_SEEN_RATE },
	[FAULT_COLUMN_SHARE] = { "SHARE%", 6, 6, PROC_FAULT_PERCENT },
	[FAULT_COLUMN_TIME] = { "TIME", 7, 4, PROC_FAULT_SECONDS },
	[FAULT_COLUMN_MEAN] = { "MEAN", 6, 3, PROC_FAULT_SECONDS },
	[FAULT_COLUMN_P50] = { "P50", 7, 9, PROC_FAULT_SECONDS },
	[FAULT_COLUMN_P99] = { "P99", 7, 5, PROC_FAULT_SECONDS },
	[FAULT_COLUMN_MAX] = { "MAX", 7, 7, PROC_FAULT_SECONDS },
	[FAULT_COLUMN_WALL] = { "WALL%", 6, 8, PROC_FAULT_PERCENT },
};

int fault_column_width(enum fault_column column)
{
	return columns[column].width;
}

const char *fault_column_title(enum fault_column column)
{
	return columns[column].title;
}

/* -- columns ---------------------------------------------------------------------------------------------- */

static int width_of(unsigned wanted)
{
	int width = -GAP;

	for (int i = 0; i < FAULT_COLUMNS; i++)
		if (wanted & 1u << i)
			width += columns[i].width + GAP;
	return width;
}

/* The column to do without first, but SORT and the name; FAULT_COLUMNS when there is none. */
static enum fault_column least(unsigned wanted, enum fault_column sort)
{
	enum fault_column worst = FAULT_COLUMNS;

	for (enum fault_column i = FAULT_COLUMN_COUNT; i < FAULT_COLUMNS; i++)
		if ((wanted & 1u << i) && i != sort &&
		    (worst == FAULT_COLUMNS || columns[i].merit > columns[worst].merit))
			worst = i;
	return worst;
}

struct fault_layout fault_layout(int at, int width, unsigned wanted, enum fault_column sort)
{
	struct fault_layout layout;
	int end = at + width;

	wanted |= 1u << FAULT_COLUMN_CLASS;
	while (width_of(wanted) > width && least(wanted, sort) != FAULT_COLUMNS)
		wanted &= ~(1u << least(wanted, sort));
	layout.columns = width_of(wanted) < width ? width_of(wanted) : width;
	for (int i = 0; i < FAULT_COLUMNS; i++) {
		/* Numbers are not cut: what has no room is not there. */
		bool fits = i == FAULT_COLUMN_CLASS || at + columns[i].width <= end;

		layout.at[i] = (wanted & 1u << i) && fits ? at : -1;
		if (wanted & 1u << i)
			at += columns[i].width + GAP;
	}
	return layout;
}

enum fault_column fault_column_at(const struct fault_layout *layout, int column)
{
	for (int i = 0; i < FAULT_COLUMNS; i++)
		if (layout->at[i] >= 0 && column >= layout->at[i] && column < layout->at[i] + columns[i].width)
			return (enum fault_column)i;
	return FAULT_COLUMNS;
}

static int name_width(const struct fault_layout *layout)
{
	return layout->columns < FAULT_NAME_COLUMNS ? layout->columns : FAULT_NAME_COLUMNS;
}

void fault_draw_titles(struct canvas *canvas, int row, const struct fault_layout *layout,
		       enum fault_column sort, bool ascending)
{
	for (enum fault_column i = 0; i < FAULT_COLUMNS; i++) {
		enum style style = i == sort ? STYLE_SORTED : STYLE_HEADING;
		const char *title = columns[i].title;
		int mark = layout->at[i] + columns[i].width - (int)strlen(title) - 1;

		if (layout->at[i] < 0)
			continue;
		if (i == FAULT_COLUMN_CLASS) {
			canvas_put(canvas, row, layout->at[i], name_width(layout), style, title);
			mark = layout->at[i] + (int)strlen(title);
		} else {
			canvas_put_right(canvas, row, layout->at[i], columns[i].width, style, title);
		}
		if (i == sort)
			canvas_put_glyph(canvas, row, mark, 1, style,
					 ascending ? GLYPH_SORT_UP : GLYPH_SORT_DOWN);
	}
}

static const char *cell(char buf[CELL_MAX], enum fault_column column, struct value value)
{
	const struct metric *metric = metric_get(SCOPE_PROCESS, columns[column].metric);
	char time[FMT_CAP];

	if (column != FAULT_COLUMN_MAX || value.status != VALUE_ESTIMATED)
		return cell_number(buf, metric, value);
	/* The last bucket has no end. */
	if (value.amount >> FAULT_BUCKETS) {
		fmt_seconds(time, sizeof time, value.amount / 2);
		snprintf(buf, CELL_MAX, ">%s", time);
	} else {
		fmt_seconds(time, sizeof time, value.amount);
		snprintf(buf, CELL_MAX, "<%s", time);
	}
	return buf;
}

void fault_draw_row(struct canvas *canvas, int row, const struct fault_layout *layout,
		    const struct fault_stats *stats, unsigned class)
{
	struct value count = stats->value[FAULT_COLUMN_COUNT];
	bool some = value_has_amount(count.status) && count.amount;
	enum style style = !value_has_amount(count.status) ? STYLE_ABSENT : some ? STYLE_STRONG : STYLE_DIM;
	char buf[CELL_MAX];

	canvas_put(canvas, row, layout->at[FAULT_COLUMN_CLASS], name_width(layout), style,
		   fault_class_name(class));
	for (enum fault_column i = FAULT_COLUMN_COUNT; i < FAULT_COLUMNS; i++) {
		if (layout->at[i] < 0)
			continue;
		style = columns_style(metric_get(SCOPE_PROCESS, columns[i].metric), stats->value[i],
				      STYLE_NORMAL);
		canvas_put_right(canvas, row, layout->at[i], columns[i].width, style,
				 cell(buf, i, stats->value[i]));
	}
}

/* -- histogram -------------------------------------------------------------------------------------------- */

static void draw_bucket(struct sheet *sheet, unsigned bucket, uint64_t count, uint64_t most)
{
	int row = sheet_line(sheet), column = sheet->area.column, end = column + sheet->area.columns, bar;
	char low[FMT_CAP], high[FMT_CAP] = "", number[CELL_MAX];
	const struct metric *metric = metric_get(SCOPE_PROCESS, PROC_FAULTS_SEEN);

	fmt_seconds(low, sizeof low, bucket ? INT64_C(1) << bucket : 0);
	if (bucket + 1 < FAULT_BUCKETS)
		fmt_seconds(high, sizeof high, INT64_C(2) << bucket);
	canvas_printf(sheet->canvas, row, column, end - column, STYLE_NORMAL,
		      *high ? "%6s to %6s" : "%6s or more", low, high);
	column += RANGE_COLUMNS;
	if (end - column >= COUNT_COLUMNS)
		canvas_put_right(sheet->canvas, row, column, COUNT_COLUMNS - 1,
				 count ? STYLE_STRONG : STYLE_DIM,
				 cell_number(number, metric, value_ok((int64_t)count)));
	column += COUNT_COLUMNS;
	if (end <= column || !count)
		return;
	bar = (int)((double)count / (double)most * (end - column) + 0.5);
	canvas_repeat(sheet->canvas, row, column, bar > 0 ? bar : 1, STYLE_GRAPH, GLYPH_BAR);
}

bool fault_draw_histogram(struct sheet *sheet, const uint64_t buckets[FAULT_BUCKETS])
{
	unsigned first = FAULT_BUCKETS, last = 0;
	uint64_t most = 0;

	for (unsigned b = 0; b < FAULT_BUCKETS; b++) {
		if (!buckets[b])
			continue;
		first = first < b ? first : b;
		last = b;
		most = buckets[b] > most ? buckets[b] : most;
	}
	for (unsigned b = first; b <= last && most; b++)
		draw_bucket(sheet, b, buckets[b], most);
	return most > 0;
}

/* -- the probe -------------------------------------------------------------------------------------------- */

static int64_t amount_of(struct value value)
{
	return value_has_amount(value.status) ? value.amount : 0;
}

static void put_costs(struct line *line, const struct fault_machine *machine)
{
	const struct metric *bytes = metric_get(SCOPE_PROCESS, PROC_RSS);
	const struct metric *count = metric_get(SCOPE_PROCESS, PROC_FAULTS_SEEN);
	char cell[CELL_MAX];

	if (amount_of(machine->bpf_bytes))
		line_item(line, NULL, STYLE_STRONG, cell_number(cell, bytes, machine->bpf_bytes),
			  "kernel memory");
	if (amount_of(machine->threads))
		line_item(line, "for", STYLE_STRONG, cell_number(cell, count, machine->threads), "threads");
	if (amount_of(machine->remote))
		line_item(line, "remote", STYLE_STRONG, cell_number(cell, count, machine->remote), NULL);
}

void fault_put_state(struct line *line, const struct app *app)
{
	const struct probe_status *status = app->snapshot->probes[PROBE_FAULTS];
	const struct fault_machine *machine = app->snapshot->faults;
	char when[DETAIL_TIME_MAX];

	line_item(line, "tier", status->active < 0 ? STYLE_NOTICE : STYLE_STRONG, probe_tier_name(status),
		  NULL);
	if (status->active < 0)
		return;
	line_item(line, "since", STYLE_STRONG, detail_time(app, when, status->attached_real_ns), NULL);
	if (machine && amount_of(machine->lost))
		line_printf(line, STYLE_ERROR, "%" PRId64 " faults lost", machine->lost.amount);
	if (machine && amount_of(machine->missed))
		line_printf(line, STYLE_NOTICE, "%" PRId64 " looks missed", machine->missed.amount);
	if (machine && amount_of(machine->lost_processes))
		line_printf(line, STYLE_NOTICE, "%" PRId64 " processes left out",
			    machine->lost_processes.amount);
	if (status->completion)
		line_item(line, "ends by", STYLE_STRONG, status->completion, NULL);
	if (machine)
		put_costs(line, machine);
}

/* The tier below that failed too, NULL when there is none. */
static const struct probe_tier_status *next_failed(const struct probe_status *status, unsigned i)
{
	while (++i < status->tier_count && i < PROBE_TIERS_MAX)
		if (status->tiers[i].state == TIER_FAILED)
			return &status->tiers[i];
	return NULL;
}

void fault_put_missing(struct sheet *sheet, const struct snapshot *snapshot)
{
	const struct probe_status *status = snapshot->probes[PROBE_FAULTS];
	const struct notice *notice = notice_find(snapshot, probe_name(PROBE_FAULTS));
	char why[FAULT_WHY_MAX];
	bool failed = false;

	for (unsigned i = 0; i < status->tier_count && i < PROBE_TIERS_MAX; i++) {
		const struct probe_tier_status *tier = &status->tiers[i], *next = next_failed(status, i);

		if (tier->state != TIER_FAILED)
			continue;
		sheet_text(sheet, tier->name, STYLE_NOTICE, tier->reason);
		/* What helps several is said once. */
		if (*tier->remedy && (!next || strcmp(tier->remedy, next->remedy) != 0))
			sheet_printf(sheet, "", STYLE_NORMAL, "Remedy: %s", tier->remedy);
		failed = true;
	}
	probe_why(status, why, sizeof why);
	if (!failed && *why) {
		sheet_text(sheet, "why", STYLE_NORMAL, why);
	} else if (!failed && notice) {
		/* No tier was even tried. */
		sheet_text(sheet, "why", STYLE_NOTICE, notice->text);
		sheet_text(sheet, "", STYLE_NORMAL, notice->remedy);
	}
}

const char *fault_why(char buf[FAULT_WHY_MAX], const struct probe_status *status, struct value value)
{
	const char *tier = probe_tier_name(status);
	char better[FAULT_WHY_MAX / 2];

	*buf = '\0';
	if (value_has_amount(value.status) || value.status == VALUE_NOT_APPLICABLE)
		return buf;
	probe_why(status, better, sizeof better);
	if (value.status == VALUE_PENDING)
		snprintf(buf, FAULT_WHY_MAX, "with the next sample");
	else if (value.status == VALUE_SKIPPED)
		snprintf(buf, FAULT_WHY_MAX, "not asked for: see --probes");
	else if (value.status == VALUE_UNSUPPORTED || value.status == VALUE_DENIED)
		snprintf(buf, FAULT_WHY_MAX,
			 *better ? "the %s tier cannot tell; %s" : "the %s tier cannot tell", tier, better);
	else
		snprintf(buf, FAULT_WHY_MAX, "%s", value_status_name(value.status));
	return buf;
}
