/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/header.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "model/faults.h"
#include "out/cell.h"
#include "out/number.h"
#include "tui/app.h"
#include "tui/line.h"
#include "tui/meter.h"
#include "tui/notice.h"
#include "util/fmt.h"

enum { WIDE_COLUMNS = 150, METER_COLUMNS_MIN = 20, AMOUNTS_COLUMNS = 34, HIGH_PERCENT = 10000 };

/* In the order in which they are drawn. */
enum header_line {
	LINE_TITLE,
	LINE_MEMORY,
	LINE_LEGEND,
	LINE_SWAP,
	LINE_PRESSURE,
	LINE_PROCESSES,
	LINE_SELF,
	LINE_NOTICE,
	HEADER_LINE_COUNT
};

/* What a drawing needs everywhere. */
struct header {
	const struct app *app;
	const struct snapshot *snapshot;
	const struct header_scope *scope;
	struct canvas *canvas;
	enum cell_unit unit;
};

/* -- values ----------------------------------------------------------------------------------------------- */

static const struct metric *system_metric(enum system_metric slot)
{
	return metric_get(SCOPE_SYSTEM, slot);
}

static const char *system_cell(const struct header *header, char buf[CELL_MAX], enum system_metric slot)
{
	return cell_number_in(buf, system_metric(slot), system_value(header->snapshot, slot), header->unit);
}

static const char *bytes_cell(const struct header *header, char buf[CELL_MAX], struct value bytes)
{
	return cell_number_in(buf, system_metric(SYS_MEM_TOTAL), bytes, header->unit);
}

/* The amount of a metric that counts something, 0 when it has none: for what is shown only when it is not 0. */
static int64_t count_of(const struct header *header, enum system_metric slot)
{
	struct value value = system_value(header->snapshot, slot);

	return value_has_amount(value.status) ? value.amount : 0;
}

static bool has_swap(const struct snapshot *snapshot)
{
	struct swap_split split;

	return overview_split_swap(snapshot, &split) && split.total_bytes > 0;
}

/* -- title ------------------------------------------------------------------------------------------------ */

static void draw_title(const struct header *header, struct line *line)
{
	const struct host *host = header->snapshot->host;
	const struct app *app = header->app;
	char seconds[FMT_CAP], cpus[16];
	struct buf time = { 0 };

	line_printf(line, STYLE_TITLE, "%s", app->screens[app->screen]->ops->name);
	if (app->paused)
		line_printf(line, STYLE_NOTICE, "PAUSED");
	line_printf(line, STYLE_NORMAL, PACKAGE_NAME " " PACKAGE_VERSION);
	if (*host->hostname)
		line_printf(line, STYLE_STRONG, "%s", host->hostname);
	number_time(&time, header->snapshot->real_ns);
	if (!time.failed)
		line_printf(line, STYLE_NORMAL, "%.8s UTC", time.data + strlen("2025-11-21T"));
	buf_free(&time);
	fmt_seconds(seconds, sizeof seconds, header->snapshot->boottime_ns);
	line_item(line, "up", STYLE_NORMAL, seconds, NULL);
	fmt_seconds(seconds, sizeof seconds, app->settings.delay_ns);
	line_item(line, "every", STYLE_NORMAL, seconds, NULL);
	snprintf(cpus, sizeof cpus, "%d", host->cpus);
	if (host->cpus > 0)
		line_item(line, NULL, STYLE_NORMAL, cpus, host->cpus == 1 ? "CPU" : "CPUs");
	if (*host->kernel)
		line_item(line, "Linux", STYLE_NORMAL, host->kernel, NULL);
}

/* -- memory and swap -------------------------------------------------------------------------------------- */

/* Width of a bar so that the amounts behind it fit; 0 when there is no room for one. */
static int meter_columns(int columns)
{
	int width = columns / 2 < columns - AMOUNTS_COLUMNS ? columns / 2 : columns - AMOUNTS_COLUMNS;

	return width < METER_COLUMNS_MIN ? 0 : width;
}

static void draw_meter(struct line *line, const char *label, const struct meter_part *parts, unsigned count)
{
	int width = meter_columns(line->end - line->column) - 4;

	line_printf(line, STYLE_STRONG, "%s", label);
	if (width <= 0)
		return;
	meter_draw(line->canvas, line->row, line->column + 1, width, parts, count);
	line->column += 1 + width;
}

static void memory_parts(const struct memory_split *split, struct meter_part parts[MEMORY_KIND_COUNT])
{
	for (unsigned i = 0; i < MEMORY_KIND_COUNT; i++)
		parts[i] = (struct meter_part){ meter_memory[i].word, meter_memory[i].style, split->bytes[i] };
}

static enum style available_style(int64_t available, int64_t total)
{
	return available < total / 10 ? STYLE_HIGH : STYLE_STRONG;
}

static void draw_memory(const struct header *header, struct line *line)
{
	struct value available = system_value(header->snapshot, SYS_MEM_AVAILABLE);
	struct meter_part parts[MEMORY_KIND_COUNT];
	struct memory_split split;
	char cell[CELL_MAX];

	if (!overview_split_memory(header->snapshot, &split)) {
		line_item(line, "Mem", STYLE_ABSENT, system_cell(header, cell, SYS_MEM_TOTAL), NULL);
		return;
	}
	memory_parts(&split, parts);
	draw_meter(line, "Mem", parts, MEMORY_KIND_COUNT);
	line_item(line, NULL, STYLE_STRONG, bytes_cell(header, cell, value_ok(split.total_bytes)), "total");
	if (value_has_amount(available.status) && available.amount >= 0 &&
	    available.amount <= split.total_bytes) {
		bytes_cell(header, cell, value_ok(split.total_bytes - available.amount));
		line_item(line, NULL, STYLE_STRONG, cell, "used");
	}
	line_item(line, NULL, available_style(available.amount, split.total_bytes),
		  bytes_cell(header, cell, available), "avail");
	if (!has_swap(header->snapshot))
		line_printf(line, STYLE_DIM, "no swap");
	if (line->end >= WIDE_COLUMNS && !line->full)
		meter_legend(line->canvas, line->row, line->column + 3, line->end - line->column - 3, parts,
			     MEMORY_KIND_COUNT, header->unit);
}

static void draw_legend(const struct header *header, struct line *line)
{
	struct meter_part parts[MEMORY_KIND_COUNT];
	struct memory_split split;

	if (!overview_split_memory(header->snapshot, &split))
		return;
	memory_parts(&split, parts);
	meter_legend(line->canvas, line->row, line->column + 4, line->end - line->column - 4, parts,
		     MEMORY_KIND_COUNT, header->unit);
}

/* Swap that is RAM after all: what it holds, and what that takes. */
static void put_compressed(const struct header *header, struct line *line, const char *name,
			   enum system_metric held, enum system_metric taken)
{
	char a[CELL_MAX], b[CELL_MAX], text[2 * CELL_MAX];

	if (!count_of(header, held))
		return;
	snprintf(text, sizeof text, "%s in %s", system_cell(header, a, held), system_cell(header, b, taken));
	line_item(line, name, STYLE_STRONG, text, NULL);
}

static void draw_swap(const struct header *header, struct line *line)
{
	struct meter_part parts[SWAP_KIND_COUNT];
	struct swap_split split;
	char cell[CELL_MAX];

	if (!overview_split_swap(header->snapshot, &split))
		return;
	for (unsigned i = 0; i < SWAP_KIND_COUNT; i++)
		parts[i] = (struct meter_part){ meter_swap[i].word, meter_swap[i].style, split.bytes[i] };
	draw_meter(line, "Swp", parts, SWAP_KIND_COUNT);
	line_item(line, NULL, STYLE_STRONG, bytes_cell(header, cell, value_ok(split.total_bytes)), "total");
	line_item(line, NULL, available_style(split.bytes[SWAP_FREE], split.total_bytes),
		  bytes_cell(header, cell, value_ok(split.total_bytes - split.bytes[SWAP_FREE])), "used");
	if (split.bytes[SWAP_CACHED])
		line_item(line, NULL, STYLE_STRONG,
			  bytes_cell(header, cell, value_ok(split.bytes[SWAP_CACHED])), "cached");
	put_compressed(header, line, "zram", SYS_ZRAM_ORIGINAL, SYS_ZRAM_USED);
	put_compressed(header, line, "zswap", SYS_ZSWAPPED, SYS_ZSWAP);
}

/* -- pressure --------------------------------------------------------------------------------------------- */

static enum style pressure_style(struct value share)
{
	if (!value_has_amount(share.status))
		return STYLE_ABSENT;
	return share.amount >= HIGH_PERCENT ? STYLE_HIGH : STYLE_STRONG;
}

/* The averages of COUNT spans from FIRST on, which follow one another in the table. */
static void put_averages(const struct header *header, struct line *line, const char *name,
			 enum system_metric first, unsigned count)
{
	char text[3 * CELL_MAX + 3] = "", cell[CELL_MAX];
	size_t len = 0;

	for (unsigned i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? "/" : "",
					system_cell(header, cell, (enum system_metric)(first + i)));
	line_item(line, name, pressure_style(system_value(header->snapshot, first)), text, NULL);
}

static void draw_pressure(const struct header *header, struct line *line)
{
	const struct notice *notice = notice_find(header->snapshot, "psi");

	if (!value_has_amount(header->snapshot->system_status[SYS_PSI_MEMORY_SOME_AVG10])) {
		line_item(line, "PSI", STYLE_ABSENT,
			  value_status_mark(header->snapshot->system_status[SYS_PSI_MEMORY_SOME_AVG10]), NULL);
		if (notice) {
			line_printf(line, STYLE_NOTICE, "%s", notice->text);
			line_printf(line, STYLE_NORMAL, "%s", notice->remedy);
		}
		return;
	}
	line_printf(line, STYLE_NORMAL, "PSI%% of 10/60/300s");
	put_averages(header, line, "mem some", SYS_PSI_MEMORY_SOME_AVG10, 3);
	put_averages(header, line, "full", SYS_PSI_MEMORY_FULL_AVG10, 3);
	put_averages(header, line, "io", SYS_PSI_IO_SOME_AVG10, line->end >= WIDE_COLUMNS ? 3 : 1);
	put_averages(header, line, "cpu", SYS_PSI_CPU_SOME_AVG10, line->end >= WIDE_COLUMNS ? 3 : 1);
}

/* -- processes -------------------------------------------------------------------------------------------- */

static struct value shown_total(const struct header *header, enum process_metric metric)
{
	return arrange_total(&header->scope->arrangement->shown, metric_get(SCOPE_PROCESS, metric));
}

static void put_process_count(const struct header *header, struct line *line)
{
	size_t all = header->snapshot->process_count, shown = all;
	char number[24], of[48] = "processes";

	if (header->scope->arrangement)
		shown = header->scope->arrangement->shown.processes;
	if (shown != all)
		snprintf(of, sizeof of, "of %zu processes", all);
	snprintf(number, sizeof number, "%zu", shown);
	line_item(line, NULL, STYLE_STRONG, number, of);
}

/* "(4% estimated, 83 unknown)", or "": what there is to say of the sum of everybody's PSS. */
static void describe_sum(const struct header *header, struct value sum, char *text, size_t cap)
{
	int64_t estimated = header->app->header.pss_estimated;
	const struct arrangement *arrangement = header->scope->arrangement;
	char share[32] = "", unknown[32] = "";
	uint32_t missing = 0;

	if (arrangement)
		missing = arrangement->all.missing[arrange_total_slot(metric_get(SCOPE_PROCESS, PROC_PSS))];
	if (estimated > 0 && value_has_amount(sum.status) && estimated <= sum.amount) {
		int percent = (int)(100.0 * (double)estimated / (double)sum.amount + 0.5);

		snprintf(share, sizeof share, percent ? "%d%% estimated" : "<1%% estimated", percent);
	}
	if (missing)
		snprintf(unknown, sizeof unknown, "%" PRIu32 " unknown", missing);
	*text = '\0';
	if (*share || *unknown)
		snprintf(text, cap, "(%s%s%s)", share, *share && *unknown ? ", " : "", unknown);
}

static void put_pss(const struct header *header, struct line *line)
{
	struct value all = system_value(header->snapshot, SYS_PSS_TOTAL), shown = all;
	char cell[CELL_MAX], sum[CELL_MAX], note[80], after[160] = "";

	if (header->scope->arrangement)
		shown = shown_total(header, PROC_PSS);
	describe_sum(header, all, note, sizeof note);
	if (header->scope->arrangement &&
	    header->scope->arrangement->shown.processes != header->snapshot->process_count)
		snprintf(after, sizeof after, "of %s%s%s", bytes_cell(header, sum, all), *note ? " " : "",
			 note);
	else
		snprintf(after, sizeof after, "%s", note);
	/* The share says how much is estimated; a '~' on nearly every sum would say less. */
	if (shown.status == VALUE_ESTIMATED && *note)
		shown.status = VALUE_OK;
	line_item(line, "PSS", value_has_amount(shown.status) ? STYLE_STRONG : STYLE_ABSENT,
		  bytes_cell(header, cell, shown), after);
}

static void put_lost(struct line *line, uint64_t lost, const char *what)
{
	if (lost)
		line_printf(line, STYLE_NOTICE, "%" PRIu64 " %s left out", lost, what);
}

static void draw_processes(const struct header *header, struct line *line)
{
	const struct header_scope *scope = header->scope;
	const struct snapshot *snapshot = header->snapshot;
	char cell[CELL_MAX], label[48];
	struct value threads;

	put_process_count(header, line);
	put_pss(header, line);
	if (*scope->filter)
		line_item(line, "filter:", STYLE_MATCH, scope->filter, NULL);
	if (scope->tagged) {
		snprintf(label, sizeof label, "%zu tagged:", scope->tagged);
		line_item(line, label, STYLE_TAGGED, bytes_cell(header, cell, scope->tagged_pss), NULL);
	}
	put_lost(line, (uint64_t)count_of(header, SYS_SCAN_LOST), "processes");
	put_lost(line, snapshot->threads_lost, "threads");
	put_lost(line, snapshot->exited_lost, "exited");
	if (scope->arrangement) {
		threads = shown_total(header, PROC_THREADS);
		line_item(line, NULL, STYLE_STRONG,
			  cell_number(cell, metric_get(SCOPE_PROCESS, PROC_THREADS), threads), "threads");
	}
	snprintf(label, sizeof label, "%zu", header->app->header.running);
	line_item(line, NULL, STYLE_STRONG, label, "running");
}

/* -- memtide itself --------------------------------------------------------------------------------------- */

static void put_progress(const struct header *header, struct line *line)
{
	struct pss_progress progress = header->app->header.progress;
	char text[64], cell[CELL_MAX];

	if (progress.read && progress.read < progress.readable) {
		snprintf(text, sizeof text, "%zu of %zu", progress.read, progress.readable);
		line_item(line, "PSS read:", STYLE_NOTICE, text, NULL);
	}
	if (count_of(header, SYS_PSS_LAG_PROCESSES)) {
		line_item(line, NULL, STYLE_STRONG, system_cell(header, cell, SYS_PSS_LAG_PROCESSES), "due");
		line_item(line, "oldest", STYLE_STRONG, system_cell(header, cell, SYS_PSS_LAG_OLDEST), NULL);
	}
}

static void put_longest_read(const struct header *header, struct line *line)
{
	const struct text *comm = header->snapshot->longest_read_comm;
	char cell[CELL_MAX], pid[CELL_MAX], victim[64 + CELL_MAX];

	if (!count_of(header, SYS_PSS_READS) || !count_of(header, SYS_PSS_READ_LONGEST))
		return;
	system_cell(header, pid, SYS_PSS_READ_LONGEST_PID);
	snprintf(victim, sizeof victim, "(%.60s%s%s)", comm ? comm->s : "", comm ? " " : "", pid);
	line_item(line, "longest read", STYLE_STRONG, system_cell(header, cell, SYS_PSS_READ_LONGEST), victim);
}

static void put_own_cpu(const struct header *header, struct line *line)
{
	struct value share = header->app->header.cpu_percent;
	char cell[CELL_MAX];

	if (value_has_amount(share.status)) {
		cell_number(cell, metric_get(SCOPE_PROCESS, PROC_CPU_PERCENT), share);
		strcat(cell, "%");
		line_item(line, "memtide", STYLE_STRONG, cell, "CPU");
	} else {
		line_item(line, "memtide", STYLE_STRONG, system_cell(header, cell, SYS_SELF_CPU), "CPU so far");
	}
}

/* The fault probe, while something needs it. */
static void put_probe(const struct header *header, struct line *line)
{
	const struct probe_status *status = header->snapshot->probes[PROBE_FAULTS];
	const struct fault_machine *faults = header->snapshot->faults;

	if (!status->wanted)
		return;
	line_item(line, "faults by", status->active < 0 ? STYLE_NOTICE : STYLE_STRONG, probe_tier_name(status), NULL);
	if (faults && value_has_amount(faults->lost.status) && faults->lost.amount)
		line_printf(line, STYLE_ERROR, "%" PRId64 " faults lost", faults->lost.amount);
}

static void draw_self(const struct header *header, struct line *line)
{
	char cell[CELL_MAX];

	put_own_cpu(header, line);
	line_item(line, NULL, STYLE_STRONG, system_cell(header, cell, SYS_SELF_RSS), "resident");
	if (count_of(header, SYS_PSS_OVERRUNS))
		line_item(line, NULL, STYLE_NOTICE, system_cell(header, cell, SYS_PSS_OVERRUNS), "overruns");
	put_longest_read(header, line);
	put_progress(header, line);
	if (count_of(header, SYS_SELF_BPF))
		line_item(line, NULL, STYLE_STRONG, system_cell(header, cell, SYS_SELF_BPF), "BPF maps");
	put_probe(header, line);
}

/* -- notices ---------------------------------------------------------------------------------------------- */

static void draw_notice(const struct header *header, struct line *line)
{
	const struct notice *notice = notice_most_important(header->snapshot);
	unsigned more = header->snapshot->notice_count - 1;
	char tail[32] = " (v)";
	int columns, left = line->end - line->column;

	if (more)
		snprintf(tail, sizeof tail, "  +%u more (v)", more);
	columns = (int)strlen(tail) < left ? (int)strlen(tail) : 0;
	line->column += canvas_printf(line->canvas, line->row, line->column, left - columns, STYLE_NOTICE,
				      "%s: %s", notice->topic, notice->text);
	if (*notice->remedy)
		line->column +=
			canvas_printf(line->canvas, line->row, line->column, line->end - columns - line->column,
				      STYLE_NORMAL, " - %s", notice->remedy);
	canvas_put(line->canvas, line->row, line->column, columns, STYLE_KEY, tail);
}

/* -- one line --------------------------------------------------------------------------------------------- */

static void put_dense_memory(const struct header *header, struct line *line)
{
	struct value available = system_value(header->snapshot, SYS_MEM_AVAILABLE);
	char a[CELL_MAX], b[CELL_MAX], of[CELL_MAX + 8];
	struct memory_split memory;
	struct swap_split swap;

	if (overview_split_memory(header->snapshot, &memory)) {
		snprintf(of, sizeof of, "of %s", bytes_cell(header, b, value_ok(memory.total_bytes)));
		line_item(line, "avail", available_style(available.amount, memory.total_bytes),
			  bytes_cell(header, a, available), of);
	}
	if (overview_split_swap(header->snapshot, &swap) && swap.total_bytes) {
		snprintf(of, sizeof of, "of %s", bytes_cell(header, b, value_ok(swap.total_bytes)));
		line_item(line, "swap", available_style(swap.bytes[SWAP_FREE], swap.total_bytes),
			  bytes_cell(header, a, value_ok(swap.total_bytes - swap.bytes[SWAP_FREE])), of);
	}
}

static void draw_dense(const struct header *header, struct line *line)
{
	const struct header_scope *scope = header->scope;

	if (header->app->paused)
		line_printf(line, STYLE_NOTICE, "PAUSED");
	put_dense_memory(header, line);
	put_pss(header, line);
	put_averages(header, line, "psi", SYS_PSI_MEMORY_SOME_AVG10, 1);
	if (header->snapshot->notice_count)
		line_printf(line, STYLE_NOTICE, "%u missing (v)", header->snapshot->notice_count);
	put_process_count(header, line);
	if (*scope->filter)
		line_item(line, "filter:", STYLE_MATCH, scope->filter, NULL);
	put_own_cpu(header, line);
}

/* -- layout ----------------------------------------------------------------------------------------------- */

/* Chooses at most ROWS lines, the most important ones. Returns how many. */
static int choose_lines(const struct snapshot *snapshot, int rows, int columns, bool chosen[HEADER_LINE_COUNT])
{
	static const enum header_line by_importance[HEADER_LINE_COUNT] = {
		LINE_MEMORY,   LINE_PROCESSES, LINE_NOTICE, LINE_SWAP,
		LINE_PRESSURE, LINE_TITLE,     LINE_SELF,   LINE_LEGEND,
	};
	int count = 0;

	for (unsigned i = 0; i < HEADER_LINE_COUNT; i++) {
		enum header_line line = by_importance[i];
		bool empty = (line == LINE_NOTICE && !snapshot->notice_count) ||
			     (line == LINE_SWAP && !has_swap(snapshot)) ||
			     (line == LINE_LEGEND && columns >= WIDE_COLUMNS);

		chosen[line] = !empty && count < rows;
		count += chosen[line];
	}
	return count;
}

int header_rows(const struct app *app, int rows, int columns)
{
	bool chosen[HEADER_LINE_COUNT];
	int limit = rows / 3;

	if (app->settings.header == HEADER_NONE || limit <= 0 || columns <= 0)
		return 0;
	return app->settings.header == HEADER_LINE ? 1 : choose_lines(app->snapshot, limit, columns, chosen);
}

static void update(struct header_state *state, const struct snapshot *snapshot)
{
	if (state->known && state->sequence == snapshot->sequence &&
	    state->boottime_ns == snapshot->boottime_ns)
		return;
	state->known = true;
	state->sequence = snapshot->sequence;
	state->boottime_ns = snapshot->boottime_ns;
	state->cpu_percent = overview_self_cpu(&state->cpu, snapshot);
	state->pss_estimated = overview_pss_estimated(snapshot);
	state->progress = overview_pss_progress(snapshot);
	state->running = overview_running(snapshot);
}

void header_draw(struct app *app, struct canvas *canvas, struct area area, const struct header_scope *scope)
{
	static void (*const draw[HEADER_LINE_COUNT])(const struct header *, struct line *) = {
		[LINE_TITLE] = draw_title, [LINE_MEMORY] = draw_memory,     [LINE_LEGEND] = draw_legend,
		[LINE_SWAP] = draw_swap,   [LINE_PRESSURE] = draw_pressure, [LINE_PROCESSES] = draw_processes,
		[LINE_SELF] = draw_self,   [LINE_NOTICE] = draw_notice,
	};
	const struct header header = { app, app->snapshot, scope, canvas, app->settings.header_unit };
	struct line line = { canvas, area.row, area.column, area.column + area.columns, false, false };
	bool chosen[HEADER_LINE_COUNT];

	if (area.rows <= 0 || area.columns <= 0)
		return;
	update(&app->header, app->snapshot);
	if (area.rows == 1) {
		draw_dense(&header, &line);
		return;
	}
	choose_lines(app->snapshot, area.rows, area.columns, chosen);
	for (unsigned i = 0; i < HEADER_LINE_COUNT; i++) {
		if (!chosen[i])
			continue;
		draw[i](&header, &line);
		line = (struct line){ canvas, line.row + 1, area.column, line.end, false, false };
	}
}
