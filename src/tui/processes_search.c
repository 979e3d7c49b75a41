/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Search: to the next row that contains a text, while it is typed. */
#include <stdio.h>
#include <string.h>

#include "tui/processes_view.h"

static bool row_contains(const struct app *app, const struct row *row, const char *text)
{
	if (row->kind == ROW_CGROUP)
		return strcasestr(arrange_cgroup_path(app->snapshot, row), text) != NULL;
	return process_contains(processes_process(app, row), text);
}

/* Puts the cursor on the first match from line START on, round the end; false when there is none. */
static bool find(struct processes *p, struct app *app, size_t start)
{
	size_t count = p->arrangement.row_count;

	for (size_t i = 0; i < count; i++) {
		size_t line = (start + i) % count;

		if (!row_contains(app, &p->arrangement.rows[line], p->search.text))
			continue;
		list_set_cursor(&p->list, line);
		processes_moved(p, app);
		p->hold = true;
		return true;
	}
	return false;
}

static void changed(struct app *app, struct view *view, const char *text)
{
	struct processes *p = (struct processes *)view;

	snprintf(p->search.text, sizeof p->search.text, "%s", text);
	if (!*text)
		list_set_cursor(&p->list, p->search.origin);
	else if (!find(p, app, p->search.origin))
		app_prompt_problem(app, "no row contains it");
}

static void done(struct app *app, struct view *view, const char *text)
{
	struct processes *p = (struct processes *)view;

	if (text)
		return;
	memcpy(p->search.text, p->search.before, sizeof p->search.text);
	list_set_cursor(&p->list, p->search.origin);
	processes_moved(p, app);
}

void processes_ask_search(struct processes *p, struct app *app)
{
	memcpy(p->search.before, p->search.text, sizeof p->search.before);
	*p->search.text = '\0';
	p->search.origin = p->list.cursor;
	app_prompt(app, "Search: ", "", changed, done);
}

void processes_search_next(struct processes *p, struct app *app)
{
	if (!*p->search.text)
		processes_ask_search(p, app);
	else if (!find(p, app, p->list.cursor + 1))
		app_message(app, "no row contains \"%s\"", p->search.text);
}
