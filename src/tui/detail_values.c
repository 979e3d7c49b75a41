/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every metric of the process: its value, how good that is or why there is none, and what it means. */
#include <string.h>

#include "tui/columns.h"
#include "tui/detail_page.h"

enum { TITLE_COLUMNS = 10, AMOUNT_COLUMNS = 9, HELP_ROWS = 4, HELP_MIN_ROWS = 10 };

/* The help wraps at words. */
static void draw_help(struct canvas *canvas, struct area area, const struct metric *metric)
{
	struct list list = { 0 };
	struct sheet sheet;

	canvas_repeat(canvas, area.row, area.column, area.columns, STYLE_TREE, GLYPH_HORIZONTAL);
	area.row++;
	area.rows--;
	sheet = sheet_begin(canvas, area, &list);
	sheet_text(&sheet, metric->title, STYLE_NORMAL, metric->help);
	sheet_printf(&sheet, "Source", STYLE_DIM, "%s  (%s)", metric->source, metric->key);
}

static void draw_row(const struct detail *detail, struct canvas *canvas, struct area area,
		     const struct metric *metric)
{
	struct value value = process_value(&detail->process, metric->index);
	enum style style = columns_style(metric, value, detail->gone ? STYLE_EXITED : STYLE_NORMAL);
	int words = area.column + TITLE_COLUMNS + AMOUNT_COLUMNS + 2,
	    left = area.columns - (words - area.column);
	char amount[CELL_MAX], described[DETAIL_WORDS_MAX];

	canvas_put(canvas, area.row, area.column, TITLE_COLUMNS < area.columns ? TITLE_COLUMNS : area.columns,
		   STYLE_STRONG, metric->title);
	if (cell_is_left(metric) && value_has_amount(value.status)) {
		const char *text = process_text(&detail->process, metric->index, amount);

		canvas_put(canvas, area.row, area.column + TITLE_COLUMNS, area.columns - TITLE_COLUMNS, style,
			   text ? text : "");
		return;
	}
	canvas_put_right(canvas, area.row, area.column + TITLE_COLUMNS,
			 AMOUNT_COLUMNS < area.columns - TITLE_COLUMNS ? AMOUNT_COLUMNS
								       : area.columns - TITLE_COLUMNS,
			 style, detail_amount(detail, amount, metric->index));
	canvas_put(canvas, area.row, words, left, STYLE_DIM, detail_words(detail, described, metric->index));
}

static void values_draw(struct detail *detail, struct app *app, struct canvas *canvas, struct area area,
			struct list *list)
{
	int help = area.rows >= HELP_MIN_ROWS ? HELP_ROWS : 0, rows = area.rows - help;

	(void)app;
	list_set_count(list, PROC_COUNT);
	list_set_page(list, rows > 0 ? (size_t)rows : 0);
	for (int i = 0; i < rows && list->top + (size_t)i < PROC_COUNT; i++) {
		struct area line = { area.row + i, area.column, 1, area.columns };
		size_t slot = list->top + (size_t)i;

		draw_row(detail, canvas, line, metric_get(SCOPE_PROCESS, (unsigned)slot));
		if (slot == list->cursor)
			canvas_mark_cursor(canvas, line);
	}
	if (help)
		draw_help(canvas, (struct area){ area.row + rows, area.column, help, area.columns },
			  metric_get(SCOPE_PROCESS, (unsigned)list->cursor));
}

static const struct metric *values_metric(const struct detail *detail, const struct list *list)
{
	(void)detail;
	return metric_get(SCOPE_PROCESS, (unsigned)list->cursor);
}

const struct page_ops detail_values = {
	.title = "Values",
	.draw = values_draw,
	.metric = values_metric,
	.choices = PROC_COUNT,
};
