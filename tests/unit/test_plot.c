/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plots of known series: the dots are read back from the canvas and compared with the values. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rows.h"
#include "tui/plot.h"
#include "tui/trace.h"

/* LABELS: columns of the labels and the axis, as all tests here have them. */
enum { SAMPLES = 601, ROWS = 10, COLUMNS = 60, LABELS = 4 };

static const int64_t second_ns = 1000000000;
static const double mib = 1024 * 1024;

static int64_t times_ns[SAMPLES];
static double values[PLOT_CURVES][SAMPLES];

/* A sample a second, ten minutes of them. */
static int setup(void **state)
{
	(void)state;
	for (int i = 0; i < SAMPLES; i++) {
		times_ns[i] = (1000 - i) * second_ns;
		for (int c = 0; c < PLOT_CURVES; c++)
			values[c][i] = NAN;
	}
	return 0;
}

static struct plot plot_of(int64_t seconds)
{
	return (struct plot){
		.times_ns = times_ns, .count = SAMPLES, .curve_count = 1, .now_ns = times_ns[0],
		.span_ns = seconds * second_ns, .gap_ns = 4 * second_ns,
		.metric = metric_get(SCOPE_PROCESS, PROC_PSS),
		.curves = {
			{ "anon", STYLE_ANON, values[0] }, { "file", STYLE_FILE, values[1] },
			{ "shmem", STYLE_SHMEM, values[2] }, { "Swapped", STYLE_SWAP, values[3] },
		},
	};
}

/* The bit of each dot in a cell, from the Unicode chart of U+2800. */
static bool dot_is_set(const struct canvas *canvas, int x, int y)
{
	static const int bit[4][2] = { { 0, 3 }, { 1, 4 }, { 2, 5 }, { 6, 7 } };
	const struct cell *cell = canvas_cell(canvas, y / 4, x / 2);
	unsigned pattern;

	if (cell->len != 3 || (unsigned char)cell->utf8[0] != 0xe2 ||
	    ((unsigned char)cell->utf8[1] & 0xfc) != 0xa0)
		return false;
	pattern = ((unsigned)cell->utf8[1] & 3) << 6 | ((unsigned)cell->utf8[2] & 0x3f);
	return pattern >> bit[y % 4][x % 2] & 1;
}

static struct canvas *drawn(const struct plot *plot, int rows, int columns, bool ascii)
{
	struct canvas *canvas = canvas_new(rows, columns, ascii);

	assert_non_null(canvas);
	plot_draw(canvas, canvas_area(canvas), plot);
	return canvas;
}

static void assert_text(const struct canvas *canvas, int row, int column, const char *text)
{
	for (int i = 0; text[i]; i++)
		assert_int_equal(canvas_cell(canvas, row, column + i)->utf8[0], text[i]);
}

/* From 0 to 64M in a minute: each column of dots stands where the time says. */
static void test_ramp(void **state)
{
	struct plot plot = plot_of(60);
	struct canvas *canvas;
	int width = (COLUMNS - LABELS) * 2, height = (ROWS - 1) * 4;

	(void)state;
	for (int i = 0; i <= 60; i++)
		values[0][i] = 64 * mib * (60 - i) / 60;
	canvas = drawn(&plot, ROWS, COLUMNS, false);
	assert_text(canvas, 0, 0, "64M");
	assert_text(canvas, ROWS - 2, 2, "0");
	assert_text(canvas, ROWS - 1, LABELS, "1:00");
	assert_text(canvas, ROWS - 1, COLUMNS - 3, "now");
	for (int x = 0; x < width; x++) {
		double expected = (double)x / (width - 1) * (height - 1);
		int dots = 0;

		for (int y = 0; y < height; y++) {
			if (!dot_is_set(canvas, LABELS * 2 + x, height - 1 - y))
				continue;
			dots++;
			assert_true(fabs(y - expected) <= 1);
		}
		assert_true(dots > 0);
	}
	canvas_free(canvas);
}

static void test_gap(void **state)
{
	struct plot plot = plot_of(60);
	struct canvas *canvas;
	int width = (COLUMNS - LABELS) * 2, height = (ROWS - 1) * 4, set;

	(void)state;
	for (int i = 0; i <= 60; i++)
		values[0][i] = (i > 20 && i < 40) || i == 10 ? NAN : 64 * mib;
	canvas = drawn(&plot, ROWS, COLUMNS, false);
	for (int x = 0; x < width; x++) {
		double ago = 60 * (1 - (double)x / (width - 1));

		set = 0;
		for (int y = 0; y < height; y++)
			set += dot_is_set(canvas, LABELS * 2 + x, y);
		if ((ago > 21 && ago < 39) || (ago > 9.5 && ago < 10.5))
			assert_int_equal(set, 0);
		if (ago < 8.5 || (ago > 11.5 && ago < 19.5) || ago > 40.5)
			assert_int_equal(set, 1);
	}
	canvas_free(canvas);
	/* Samples too far apart are not connected. */
	plot.gap_ns = second_ns / 2;
	canvas = drawn(&plot, ROWS, COLUMNS, false);
	set = 0;
	for (int x = 0; x < width; x++)
		for (int y = 0; y < height; y++)
			set += dot_is_set(canvas, LABELS * 2 + x, y);
	assert_int_equal(set, 41);
	canvas_free(canvas);
}

/* One sample among ten that share a column is seen, and so is where the others are. */
static void test_range_of_a_column(void **state)
{
	struct plot plot = plot_of(600);
	struct canvas *canvas;
	int height = (ROWS - 1) * 4, top = 0, bottom = 0;

	(void)state;
	for (int i = 0; i < SAMPLES; i++)
		values[0][i] = i == 300 ? 64 * mib : 0;
	canvas = drawn(&plot, ROWS, LABELS + 30, false);
	for (int x = 0; x < 60; x++) {
		top += dot_is_set(canvas, LABELS * 2 + x, 0);
		bottom += dot_is_set(canvas, LABELS * 2 + x, height - 1);
	}
	assert_int_equal(top, 1);
	assert_int_equal(bottom, 60);
	canvas_free(canvas);
}

static int cells_of(const struct canvas *canvas, int column, char letter, enum style style)
{
	int count = 0;

	for (int row = 0; row < ROWS - 1; row++) {
		const struct cell *cell = canvas_cell(canvas, row, column);

		count += cell->len == 1 && *cell->utf8 == letter && cell->style == style;
	}
	return count;
}

/* 27 + 9 + 18 of 64 on 9 rows, which are 64 high. */
static void test_stacked(void **state)
{
	struct plot plot = plot_of(60);
	struct canvas *canvas;

	(void)state;
	plot.curve_count = 4;
	plot.stacked = true;
	for (int i = 0; i <= 60; i++) {
		values[0][i] = 64 * mib * 3 / 9;
		values[1][i] = 64 * mib * 1 / 9;
		values[2][i] = 64 * mib * 2 / 9;
		values[3][i] = i > 30 ? NAN : 64 * mib * 3 / 9;
	}
	canvas = drawn(&plot, ROWS, COLUMNS, true);
	for (int column = LABELS; column < COLUMNS; column++) {
		assert_int_equal(cells_of(canvas, column, 'a', STYLE_ANON), 3);
		assert_int_equal(cells_of(canvas, column, 'f', STYLE_FILE), 1);
		assert_int_equal(cells_of(canvas, column, 's', STYLE_SHMEM), 2);
		if (column < LABELS + (COLUMNS - LABELS) / 2 - 1)
			assert_int_equal(cells_of(canvas, column, 'S', STYLE_SWAP), 0);
		if (column > LABELS + (COLUMNS - LABELS) / 2 + 1)
			assert_int_equal(cells_of(canvas, column, 'S', STYLE_SWAP), 3);
	}
	canvas_free(canvas);
	/* What stands on an absent one is left out, as nobody knows where it would be. */
	for (int i = 0; i <= 60; i++)
		values[1][i] = NAN;
	canvas = drawn(&plot, ROWS, COLUMNS, true);
	assert_true(cells_of(canvas, COLUMNS - 1, 'a', STYLE_ANON) > 0);
	assert_int_equal(cells_of(canvas, COLUMNS - 1, 's', STYLE_SHMEM), 0);
	canvas_free(canvas);
}

/* An area is as many dots high as its share of the axis. */
static void test_area_height(void **state)
{
	struct plot plot = plot_of(60);
	int height = (ROWS - 1) * 4;

	(void)state;
	plot.stacked = true;
	for (int share = 0; share <= height; share++) {
		struct canvas *canvas;

		/* The oldest sees to it that the axis ends at 64M. */
		for (int i = 0; i <= 60; i++)
			values[0][i] = i == 60 ? 64 * mib : i == 59 ? NAN : 64 * mib * share / height;
		canvas = drawn(&plot, ROWS, COLUMNS, false);
		for (int x = LABELS * 2 + 10; x < COLUMNS * 2; x++)
			for (int y = 0; y < height; y++)
				assert_int_equal(dot_is_set(canvas, x, height - 1 - y), y < share);
		canvas_free(canvas);
	}
}

static bool is_blank(const struct canvas *canvas, int row, int column)
{
	const struct cell *cell = canvas_cell(canvas, row, column);

	return cell->len == 1 && *cell->utf8 == ' ';
}

/* Of any size, with any numbers, nothing is drawn outside of the area, and in ASCII nothing else than that. */
static void test_any_area(void **state)
{
	static const double odd[] = { 0, -1, 1e300, -1e300, 4e18, -4e18, NAN, 1, 0.5 };
	struct canvas *canvas = canvas_new(14, 40, false);

	(void)state;
	for (int round = 0; round < 8; round++) {
		struct plot plot = plot_of(round & 1 ? 60 : 600);

		plot.stacked = round & 2;
		plot.curve_count = round & 2 ? 4 : 1;
		plot.count = round & 4 ? SAMPLES : (size_t)round;
		plot.metric = metric_get(SCOPE_PROCESS, round & 1 ? PROC_PSS_GROWTH : PROC_CPU_SECONDS);
		canvas_set_ascii(canvas, round & 4);
		for (int c = 0; c < PLOT_CURVES; c++)
			for (int i = 0; i < SAMPLES; i++)
				values[c][i] = odd[(i * 7 + c + round) % 9];
		for (int rows = -1; rows < 12; rows++) {
			for (int columns = -1; columns < 34; columns++) {
				struct area area = { 1, 3, rows, columns };

				canvas_clear(canvas);
				plot_draw(canvas, area, &plot);
				for (int r = 0; r < 14; r++)
					for (int c = 0; c < 40; c++)
						if (r < 1 || r >= 1 + rows || c < 3 || c >= 3 + columns)
							assert_true(is_blank(canvas, r, c));
						else if (round & 4)
							assert_true(canvas_cell(canvas, r, c)->utf8[0] > 0);
			}
		}
	}
	canvas_free(canvas);
}

static void test_stats(void **state)
{
	struct plot plot = plot_of(60);
	struct plot_stats stats = plot_stats(&plot, 0);

	(void)state;
	assert_int_equal(stats.samples, 0);
	values[0][0] = 1e9;	/* later than what is shown */
	values[0][2] = 10;
	values[0][3] = -4;
	values[0][61] = 9;
	values[0][62] = 1e9;	/* earlier */
	plot.now_ns = times_ns[1];
	stats = plot_stats(&plot, 0);
	assert_int_equal(stats.samples, 3);
	assert_true(stats.last == 10 && stats.low == -4 && stats.high == 10 && stats.mean == 5);
}

static void assert_axis(enum process_metric metric, double low, double high, int steps, int64_t from,
			int64_t to, int64_t step)
{
	struct plot_axis axis = plot_axis(metric_get(SCOPE_PROCESS, metric), low, high, steps);

	assert_int_equal(axis.low, from);
	assert_int_equal(axis.high, to);
	assert_int_equal(axis.step, step);
}

static void test_axis(void **state)
{
	(void)state;
	assert_axis(PROC_PSS, 0, 100 * mib, 4, 0, 128 << 20, 32 << 20);
	assert_axis(PROC_PSS, 0, 128 * mib, 4, 0, 128 << 20, 32 << 20);
	assert_axis(PROC_PSS, 1000 * mib, 1010 * mib, 3, 1000 << 20, 1012 << 20, 4 << 20);
	assert_axis(PROC_PSS_GROWTH, -3 * mib, 9 * mib, 3, -(INT64_C(8) << 20), 16 << 20, 8 << 20);
	assert_axis(PROC_THREADS, 0, 7, 4, 0, 8, 2);
	assert_axis(PROC_THREADS, 0, 70, 4, 0, 80, 20);
	assert_axis(PROC_THREADS, 0, 150, 3, 0, 150, 50);
	assert_axis(PROC_CPU_PERCENT, 0, 3700, 4, 0, 4000, 1000);	/* 4 % */
	assert_axis(PROC_CPU_PERCENT, 0, 0, 4, 0, 100, 100);
	for (uint32_t seed = 1, i = 0; i < 20000; i++) {
		const struct metric *metric = metric_get(SCOPE_PROCESS, i % 2 ? PROC_PSS : PROC_THREADS);
		double low = (double)(int32_t)(seed = seed * 1664525 + 1013904223);
		double high = low + (double)((seed = seed * 1664525 + 1013904223) >> (i % 32));
		struct plot_axis axis = plot_axis(metric, low, high, 2 + (int)(i % 9));

		assert_true((double)axis.low <= low && (double)axis.high >= high && axis.low < axis.high);
		assert_true(axis.low % axis.step == 0 && axis.high % axis.step == 0);
		assert_true((axis.high - axis.low) / axis.step <= 2 + (int)(i % 9));
	}
}

/* A large amount that moves a little is magnified, but a steady one does not look as if it moved. */
static void test_magnified(void **state)
{
	struct plot plot = plot_of(60);
	struct canvas *canvas;
	int low = 0, high = 0;

	(void)state;
	for (int i = 0; i <= 60; i++)
		values[0][i] = 10240 * mib + (i < 30 ? 256 * mib : 0);
	canvas = drawn(&plot, ROWS, COLUMNS, false);
	for (int y = 0; y < (ROWS - 1) * 4; y++) {
		low = dot_is_set(canvas, COLUMNS, y) ? y : low;
		high = dot_is_set(canvas, COLUMNS * 2 - 1, y) ? y : high;
	}
	assert_true(low - high > 8);
	canvas_free(canvas);
	for (int i = 0; i <= 60; i++)
		values[0][i] = 10240 * mib + i % 2;
	canvas = drawn(&plot, ROWS, COLUMNS, false);
	low = 0;
	for (int y = 0; y < (ROWS - 1) * 4; y++)
		for (int x = COLUMNS; x < COLUMNS * 2; x++)
			low += dot_is_set(canvas, x, y);
	assert_int_equal(low, COLUMNS);
	canvas_free(canvas);
}

static void test_legend(void **state)
{
	struct plot plot = plot_of(60);
	struct canvas *canvas = canvas_new(1, COLUMNS, true);
	struct buf text = { 0 };

	(void)state;
	plot.curve_count = 2;
	plot.stacked = true;
	values[0][1] = 12 * mib;	/* absent in the newest: what it was */
	assert_int_equal(plot_legend(canvas, 0, 0, COLUMNS, &plot), 16);
	canvas_text(canvas, false, &text);
	assert_string_equal(text.data, "anon 12M  file -\n");
	buf_free(&text);
	canvas_free(canvas);
}

/* Counters are drawn as what they count per second; a counter that went back says nothing. */
static void test_rates(void **state)
{
	static const int64_t faults[] = { 100, 150, 150, 20, 30 },
			     cpu_ns[] = { 0, 250000000, 1250000000, 1250000000, 1250000000 };
	const struct metric *minor = metric_get(SCOPE_PROCESS, PROC_FAULTS_MINOR),
			    *cpu = metric_get(SCOPE_PROCESS, PROC_CPU_SECONDS);
	struct history *history = history_new();
	struct trace trace;
	uint64_t key = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct snapshot *snapshot = snapshot_new(NULL, 1);
		struct process *process = rows_add(snapshot, 5, "p");

		snapshot->boottime_ns = (i + 1) * second_ns / 2;
		process_set(process, PROC_FAULTS_MINOR, value_ok(faults[i]));
		process_set(process, PROC_CPU_SECONDS, value_ok(cpu_ns[i]));
		key = process_key(process);
		history_want(history, SCOPE_PROCESS, key, minor);
		history_want(history, SCOPE_PROCESS, key, cpu);
		history_add(history, snapshot);
		snapshot_unref(snapshot);
	}
	trace_load(&trace, history, SCOPE_PROCESS, key, minor);
	assert_int_equal(trace.metric->unit, UNIT_PER_SECOND);
	assert_int_equal(trace.count, 5);
	assert_true(trace.values[0] == 20 * 1000);
	assert_true(isnan(trace.values[1]));
	assert_true(trace.values[2] == 0);
	assert_true(trace.values[3] == 100 * 1000);
	assert_true(isnan(trace.values[4]));
	trace_load(&trace, history, SCOPE_PROCESS, key, cpu);
	assert_int_equal(trace.metric->unit, UNIT_PERCENT);
	assert_true(trace.values[0] == 0);
	assert_true(fabs(trace.values[2] - 200000) < 1e-6);
	assert_true(fabs(trace.values[3] - 50000) < 1e-6);
	history_free(history);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_ramp, setup),
		cmocka_unit_test_setup(test_gap, setup),
		cmocka_unit_test_setup(test_range_of_a_column, setup),
		cmocka_unit_test_setup(test_stacked, setup),
		cmocka_unit_test_setup(test_area_height, setup),
		cmocka_unit_test_setup(test_any_area, setup),
		cmocka_unit_test_setup(test_stats, setup),
		cmocka_unit_test(test_axis),
		cmocka_unit_test_setup(test_magnified, setup),
		cmocka_unit_test_setup(test_legend, setup),
		cmocka_unit_test(test_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
