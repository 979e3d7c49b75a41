/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pages of the detail view. To add one: a file with its struct page_ops, and one row in the table of
 * detail.c.
 */
#ifndef TUI_DETAIL_PAGE_H
#define TUI_DETAIL_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot.h"
#include "tui/app.h"
#include "tui/list.h"

enum { DETAIL_PAGES_MAX = 9 };	/* the keys 1 to 9 */

/* An amount as it was when the page was opened, or first known since. */
struct first_amount {
	int64_t amount;
	uint8_t status;			/* enum value_status */
};

/* What all pages know of the process. Texts in it are references of its own. */
struct detail {
	struct view view;
	struct app *app;
	uint64_t key;			/* process_key() */
	int32_t pid;
	int64_t start_time;		/* clock ticks since boot */
	struct process process;		/* as last seen */
	int64_t seen_boottime_ns;	/* when that was */
	bool gone;			/* it has ended */
	int64_t gone_real_ns;		/* when that was found */
	char parent[64];		/* name of the parent as last seen; "" when unknown */
	struct watched *watched;	/* as last seen; NULL: not yet */
	char *exec_before;		/* its program before its last exec; NULL: none was seen */
	int64_t exec_real_ns;
	struct first_amount first[PROC_COUNT];
	int64_t first_boottime_ns;
	unsigned page;
	struct area area, content;	/* of the view, and of the page below its tabs, as last drawn */
	struct {
		int column, columns;	/* from the left edge of the area */
	} tabs[DETAIL_PAGES_MAX];
	struct list lists[DETAIL_PAGES_MAX];	/* of each page: lines, scrolling, cursor */
	unsigned span;			/* of plot_spans_ns */
};

struct page_ops {
	const char *title;		/* ASCII */

	/* AREA is blank, and may be of any size, empty too. LIST is the page's; it sets its count and
	 * page. */
	void (*draw)(struct detail *detail, struct app *app, struct canvas *canvas, struct area area,
		     struct list *list);

	/* What key g and Enter draw; NULL for PSS. May be NULL. */
	const struct metric *(*metric)(const struct detail *detail, const struct list *list);

	size_t choices;			/* lines for a cursor to choose from; 0: up and down scroll */
	unsigned needs;			/* enum need bits beyond what watching the process brings */
};

extern const struct page_ops detail_overview, detail_values, detail_history, detail_limits, detail_faults;

/*
 * Lines of a page that scrolls. Each line has its row, which lies outside of the canvas while the line is
 * scrolled away: drawing there does nothing.
 */
struct sheet {
	struct canvas *canvas;
	struct area area;
	size_t top, lines;		/* lines so far */
};

struct sheet sheet_begin(struct canvas *canvas, struct area area, struct list *list);
int sheet_line(struct sheet *sheet);		/* the row of the next line */
/* With a blank line above it, unless it is the first. */
void sheet_heading(struct sheet *sheet, const char *text);
void sheet_end(const struct sheet *sheet, struct list *list);

/* A word at the left and a text beside it, wrapped into as many lines as it takes. */
enum { SHEET_WORD_COLUMNS = 11 };
void sheet_text(struct sheet *sheet, const char *word, enum style style, const char *text);
__attribute__((format(printf, 4, 5)))
void sheet_printf(struct sheet *sheet, const char *word, enum style style, const char *format, ...);

/* The amount of a metric of the process, as the settings want it. In BUF. */
const char *detail_amount(const struct detail *detail, char buf[CELL_MAX], enum process_metric metric);

/* Why there is no amount, or how good it is, in words: "denied: the kernel refuses it to this user". In BUF. */
enum { DETAIL_WORDS_MAX = 160 };
const char *detail_words(const struct detail *detail, char buf[DETAIL_WORDS_MAX], enum process_metric metric);

/* Wall-clock time of a moment, as "12:03:05", or with the date when that is not today. Empty when unknown. */
enum { DETAIL_TIME_MAX = 32 };
const char *detail_time(const struct app *app, char buf[DETAIL_TIME_MAX], int64_t real_ns);

#endif
