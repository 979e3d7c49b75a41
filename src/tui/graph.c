/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/graph.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "out/cell.h"
#include "tui/chooser.h"
#include "tui/line.h"
#include "tui/plot.h"
#include "tui/trace.h"

enum { NAME_MAX_BYTES = 256, HEAD_ROWS = 3 };

struct graph {
	struct view view;
	enum scope scope;
	uint64_t key;
	char name[NAME_MAX_BYTES];
	const struct metric *metric;
	unsigned span;			/* of plot_spans_ns */
};

static const struct view_ops graph_ops;

static void graph_close(struct view *view)
{
	free(view);
}

static void graph_sample(struct view *view, struct app *app)
{
	const struct graph *graph = (struct graph *)view;

	history_want(app->history, graph->scope, graph->key, graph->metric);
}

static unsigned graph_needs(const struct view *view, const struct app *app)
{
	(void)app;
	return ((const struct graph *)view)->metric->need;
}

/* -- drawing ---------------------------------------------------------------------------------------------- */

static void draw_title(const struct graph *graph, struct canvas *canvas, struct area area)
{
	const struct metric *metric = graph->metric;
	int used = canvas_put(canvas, area.row, area.column, area.columns, STYLE_TITLE, graph->name);

	used += canvas_printf(canvas, area.row, area.column + used, area.columns - used, STYLE_STRONG, "  %s%s",
			      metric->title, trace_metric(metric) == metric ? "" : " per second");
	canvas_printf(canvas, area.row, area.column + used, area.columns - used, STYLE_DIM, "  %s",
		      metric->help);
}

static void item_amount(struct line *line, const char *word, const struct plot *plot, double amount)
{
	char buf[CELL_MAX];

	line_item(line, word, STYLE_STRONG,
		  cell_number_in(buf, plot->metric, value_ok(llround(amount)), plot->unit), NULL);
}

/* "since 12:03:05", or that there is nothing yet. */
static void item_since(struct line *line, const struct graph *graph, const struct app *app)
{
	size_t length = history_length(app->history, graph->scope, graph->key, graph->metric);
	char text[32] = "";
	struct tm tm;
	time_t since;

	if (!length) {
		line_printf(line, STYLE_NOTICE, "recorded from now on");
		return;
	}
	since = (time_t)((app->snapshot->real_ns - app->snapshot->boottime_ns +
			  history_boottime_ns(app->history, length - 1)) / 1000000000);
	if (localtime_r(&since, &tm))
		strftime(text, sizeof text, "%H:%M:%S", &tm);
	line_item(line, "since", STYLE_NORMAL, text, NULL);
}

/* Whether the newest sample in sight has a value: of what has ended, only the past has. */
static bool has_now(const struct plot *plot)
{
	size_t s = 0;

	while (s < plot->count && plot->times_ns[s] > plot->now_ns)
		s++;
	return s < plot->count && !isnan(plot->curves[0].values[s]);
}

static void draw_stats(const struct graph *graph, const struct app *app, struct canvas *canvas,
		       struct area area, const struct plot *plot)
{
	struct line line = { canvas, area.row + 1, area.column, area.column + area.columns, false, false };
	struct plot_stats stats = plot_stats(plot, 0);
	char minutes[16];

	if (stats.samples) {
		if (!has_now(plot))
			line_printf(&line, STYLE_ABSENT, "none now");
		item_amount(&line, "last", plot, stats.last);
		item_amount(&line, "min", plot, stats.low);
		item_amount(&line, "max", plot, stats.high);
		item_amount(&line, "mean", plot, stats.mean);
	} else {
		line_printf(&line, STYLE_ABSENT, "no value");
	}
	snprintf(minutes, sizeof minutes, "%d min", (int)(plot->span_ns / 60000000000));
	line_item(&line, "over", STYLE_STRONG, minutes, NULL);
	item_since(&line, graph, app);
	line_printf(&line, STYLE_DIM, "Enter: value");
	line_printf(&line, STYLE_DIM, "Left, Right: time");
}

static void graph_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area)
{
	const struct graph *graph = (struct graph *)view;
	struct trace trace;
	int64_t times_ns[HISTORY_SAMPLES];
	struct plot plot = {
		.times_ns = times_ns, .curve_count = 1, .span_ns = plot_spans_ns[graph->span],
		.now_ns = app->snapshot->boottime_ns, .gap_ns = trace_gap_ns(app->settings.delay_ns),
		.unit = app->settings.unit,
	};
	int head = area.rows > HEAD_ROWS + 2 ? HEAD_ROWS : area.rows > HEAD_ROWS ? HEAD_ROWS - 1 : 0;

	trace_load(&trace, app->history, graph->scope, graph->key, graph->metric);
	plot.count = trace_times(app->history, times_ns);
	plot.metric = trace.metric;
	plot.curves[0] = (struct plot_curve){ graph->metric->title, STYLE_GRAPH, trace.values };
	if (head) {
		draw_title(graph, canvas, area);
		draw_stats(graph, app, canvas, area, &plot);
	}
	plot_draw(canvas, (struct area){ area.row + head, area.column, area.rows - head, area.columns }, &plot);
}

/* -- commands --------------------------------------------------------------------------------------------- */

static void metric_chosen(struct app *app, struct view *view, void *context, int64_t value)
{
	struct graph *graph = (struct graph *)view;

	(void)context;
	if (view->ops != &graph_ops)
		return;
	graph->metric = metric_get(graph->scope, (unsigned)value);
	app_changed(app);
}

static void choose_metric(const struct graph *graph, struct app *app)
{
	unsigned total = metric_count(graph->scope), count = 0, cursor = 0;
	struct choice *choices = calloc(total, sizeof *choices);

	if (!choices) {
		app_push(app, NULL);
		return;
	}
	for (unsigned i = 0; i < total; i++) {
		const struct metric *metric = metric_get(graph->scope, i);

		if (!trace_can(metric))
			continue;
		if (metric == graph->metric)
			cursor = count;
		choices[count].value = i;
		snprintf(choices[count++].text, sizeof choices->text, "%-15s %s", metric->title, metric->help);
	}
	app_push(app, chooser_new("Value to draw", choices, count, cursor, metric_chosen, NULL, NULL));
	free(choices);
}

static bool graph_command(struct view *view, struct app *app, enum command command)
{
	struct graph *graph = (struct graph *)view;

	switch (command) {
	case COMMAND_LEFT:
	case COMMAND_SHORTER:
		graph->span -= graph->span > 0;
		return true;
	case COMMAND_RIGHT:
	case COMMAND_LONGER:
		graph->span += graph->span + 1 < PLOT_SPANS;
		return true;
	case COMMAND_OPEN:
	case COMMAND_GRAPH:
		choose_metric(graph, app);
		return true;
	default:
		return false;
	}
}

static const struct view_ops graph_ops = {
	.name = "Graph",
	.context = CONTEXT_GRAPH,
	.close = graph_close,
	.sample = graph_sample,
	.draw = graph_draw,
	.command = graph_command,
	.needs = graph_needs,
};

static const struct metric *default_metric(enum scope scope)
{
	switch (scope) {
	case SCOPE_SYSTEM:
		return metric_get(scope, SYS_MEM_AVAILABLE);
	case SCOPE_CGROUP:
		return metric_get(scope, CG_CURRENT);
	default:
		return metric_get(scope, PROC_PSS);
	}
}

struct view *graph_new(struct app *app, enum scope scope, uint64_t key, const char *name,
		       const struct metric *metric)
{
	struct graph *graph = calloc(1, sizeof *graph);

	if (!graph)
		return NULL;
	graph->view.ops = &graph_ops;
	graph->scope = scope;
	graph->key = key;
	snprintf(graph->name, sizeof graph->name, "%s", name);
	graph->metric = metric && trace_can(metric) ? metric : default_metric(scope);
	graph->span = PLOT_SPAN_DEFAULT;
	history_want(app->history, scope, key, graph->metric);
	return &graph->view;
}
