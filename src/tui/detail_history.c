/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PSS by kind and swap over time, and below it the faults of the same time. */
#include "tui/detail_page.h"
#include "tui/plot.h"
#include "tui/trace.h"

enum { FAULTS_MIN_ROWS = 9, FAULTS_SHARE = 3 };

static struct plot make_plot(const struct detail *detail, const struct app *app, const int64_t *times_ns,
			     size_t count)
{
	return (struct plot){
		.times_ns = times_ns, .count = count, .now_ns = app->snapshot->boottime_ns,
		.span_ns = plot_spans_ns[detail->span], .gap_ns = trace_gap_ns(app->settings.delay_ns),
		.unit = app->settings.unit,
	};
}

/* The legend above, with what METRIC's plot shows at its right end. */
static void draw_plot(struct canvas *canvas, struct area area, const char *title, const struct plot *plot)
{
	int used;

	if (area.rows < 1)
		return;
	used = canvas_put(canvas, area.row, area.column, area.columns, STYLE_HEADING, title) + 2;
	used += plot_legend(canvas, area.row, area.column + used, area.columns - used, plot) + 2;
	canvas_printf(canvas, area.row, area.column + used, area.columns - used, STYLE_DIM, "%d min (+ -)",
		      (int)(plot->span_ns / plot_spans_ns[0]));
	plot_draw(canvas, (struct area){ area.row + 1, area.column, area.rows - 1, area.columns }, plot);
}

static void draw_memory(const struct detail *detail, const struct app *app, struct canvas *canvas,
			struct area area, struct plot *plot)
{
	static const struct {
		enum process_metric metric;
		const char *word;
		enum style style;
	} kinds[PLOT_CURVES] = {
		{ PROC_PSS_ANON, "anon", STYLE_ANON },
		{ PROC_PSS_FILE, "file", STYLE_FILE },
		{ PROC_PSS_SHMEM, "shmem", STYLE_SHMEM },
		{ PROC_SWAP_PSS, "Swapped", STYLE_SWAP },
	};
	struct trace traces[PLOT_CURVES];

	for (unsigned i = 0; i < PLOT_CURVES; i++) {
		trace_load(&traces[i], app->history, SCOPE_PROCESS, detail->key,
			   metric_get(SCOPE_PROCESS, kinds[i].metric));
		plot->curves[i] = (struct plot_curve){ kinds[i].word, kinds[i].style, traces[i].values };
	}
	plot->curve_count = PLOT_CURVES;
	plot->stacked = true;
	plot->metric = metric_get(SCOPE_PROCESS, PROC_PSS);
	draw_plot(canvas, area, "PSS", plot);
}

static void draw_faults(const struct detail *detail, const struct app *app, struct canvas *canvas,
			struct area area, struct plot *plot)
{
	struct trace trace;

	trace_load(&trace, app->history, SCOPE_PROCESS, detail->key,
		   metric_get(SCOPE_PROCESS, PROC_FAULT_RATE));
	plot->curves[0] = (struct plot_curve){ "faults/s", STYLE_GRAPH, trace.values };
	plot->curve_count = 1;
	plot->metric = trace.metric;
	draw_plot(canvas, area, "Faults", plot);
}

static void history_draw(struct detail *detail, struct app *app, struct canvas *canvas, struct area area,
			 struct list *list)
{
	int64_t times_ns[HISTORY_SAMPLES];
	size_t count = trace_times(app->history, times_ns);
	int faults = area.rows >= FAULTS_MIN_ROWS ? area.rows / FAULTS_SHARE : 0;
	struct plot plot = make_plot(detail, app, times_ns, count);

	list->count = list->page = list->top = 0;
	area.rows -= faults;
	draw_memory(detail, app, canvas, area, &plot);
	if (!faults)
		return;
	area.row += area.rows;
	area.rows = faults;
	plot = make_plot(detail, app, times_ns, count);
	draw_faults(detail, app, canvas, area, &plot);
}

const struct page_ops detail_history = {
	.title = "History",
	.draw = history_draw,
};
