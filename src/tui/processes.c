/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/processes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/detail.h"
#include "tui/exact.h"
#include "tui/graph.h"
#include "tui/processes_view.h"
#include "tui/sort.h"

/* Of so many rows the past is kept, of each in so many series: some of HISTORY_SERIES remain for what else
 * is looked at. */
enum { HISTORY_ROWS = 40 };

static const enum process_metric history_metrics[] = { PROC_PSS,        PROC_PSS_ANON, PROC_PSS_FILE,
						       PROC_PSS_SHMEM,  PROC_SWAP_PSS, PROC_FAULT_RATE,
						       PROC_CPU_PERCENT };

_Static_assert(HISTORY_ROWS *(sizeof history_metrics / sizeof *history_metrics) < HISTORY_SERIES * 3 / 4,
	       "the rows on the screen take nearly all series");

/* -- rows ------------------------------------------------------------------------------------------------- */

const struct row *processes_row(const struct processes *p)
{
	return p->list.cursor < p->arrangement.row_count ? &p->arrangement.rows[p->list.cursor] : NULL;
}

const struct process *processes_process(const struct app *app, const struct row *row)
{
	return row->kind == ROW_CGROUP ? NULL : snapshot_row(app->snapshot, row->index);
}

const struct process *processes_owner(const struct app *app, const struct row *row)
{
	const struct process *process = processes_process(app, row);

	return row->kind == ROW_THREAD ? &app->snapshot->processes[process->owner] : process;
}

const char *processes_name(const struct app *app, const struct process *process, char buf[NAME_MAX_BYTES])
{
	char unused[16];
	const char *comm = process_text(process, PROC_COMM, unused), *line;

	if (!comm)
		comm = value_status_mark(process->status[PROC_COMM]);
	if (!app->settings.command_line || process->is_thread ||
	    !value_has_amount(process->status[PROC_CMDLINE]))
		return comm;
	line = process_text(process, PROC_CMDLINE, unused);
	if (line && *line)
		return line;
	/* Kernel threads have none. */
	snprintf(buf, NAME_MAX_BYTES, "[%s]", comm);
	return buf;
}

static void want_row(struct app *app, const struct row *row)
{
	if (row->kind == ROW_CGROUP)
		history_want(app->history, SCOPE_CGROUP, row->key, metric_get(SCOPE_CGROUP, CG_CURRENT));
	for (size_t i = 0; row->kind == ROW_PROCESS && i < sizeof history_metrics / sizeof *history_metrics;
	     i++)
		history_want(app->history, SCOPE_PROCESS, row->key,
			     metric_get(SCOPE_PROCESS, history_metrics[i]));
}

/* The past of what is on the screen: details and graphs opened later begin with it. Before anything was drawn
 * it is not known how much of the list that is. */
static void want_history(struct processes *p, struct app *app)
{
	const struct row *row = processes_row(p);
	size_t page = p->list.page && p->list.page < HISTORY_ROWS ? p->list.page : HISTORY_ROWS;

	for (size_t i = 0; i < page && p->list.top + i < p->arrangement.row_count; i++)
		want_row(app, &p->arrangement.rows[p->list.top + i]);
	if (row)
		want_row(app, row);
}

void processes_moved(struct processes *p, struct app *app)
{
	const struct row *row = processes_row(p);

	if (!row || row->key == p->key)
		return;
	p->key = row->key;
	p->follow = p->hold = false;
	want_row(app, row);
}

/* -- samples ---------------------------------------------------------------------------------------------- */

/* The cursor stays on its line, or on the row it was on. */
static void place_cursor(struct processes *p, struct app *app)
{
	bool first = !p->list.cursor && !p->follow && !p->hold;
	size_t at = SIZE_MAX;
	const struct row *row;

	if (p->follow || p->hold || (p->keep && !first))
		at = arrange_find(&p->arrangement, p->key);
	if (p->follow && at == SIZE_MAX)
		app_message(app, "what the cursor followed has ended or is not shown any more");
	if (at == SIZE_MAX)
		p->follow = p->hold = false;
	p->keep = false;
	list_set_count(&p->list, p->arrangement.row_count);
	if (at != SIZE_MAX)
		list_set_cursor(&p->list, at);
	row = processes_row(p);
	p->key = row ? row->key : 0;
}

static bool users_known(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (value_has_amount(snapshot->processes[i].status[PROC_UID]))
			return true;
	return false;
}

static void processes_sample(struct view *view, struct app *app)
{
	struct processes *p = (struct processes *)view;
	struct arrange_config config = { .grouping = app->settings.grouping,
					 .threads = app->settings.threads,
					 .exited = true,
					 .folded = &p->folded,
					 .fold_all = p->fold_all };

	if (sieve_select(&p->sieve, app, &config.selection) ||
	    arrange(&p->arrangement, app->snapshot, &config)) {
		arrangement_free(&p->arrangement);
		app_error(app, "out of memory");
	}
	place_cursor(p, app);
	processes_update_tags(p, app);
	sieve_describe(&p->sieve, app, p->scope_text, sizeof p->scope_text);
	want_history(p, app);
	if (p->sieve.asked_user && app_top(app) == view && !app->prompt.active && users_known(app->snapshot))
		processes_ask_user(p, app);
}

static unsigned processes_needs(const struct view *view, const struct app *app)
{
	const struct processes *p = (const struct processes *)view;
	const struct table_settings *table = &app->settings.processes;
	unsigned needs = table->sort->need | sieve_needs(&p->sieve);

	for (size_t i = 0; i < table->field_count; i++)
		needs |= table->fields[i]->need;
	if (app->settings.grouping == GROUPING_CGROUP)
		needs |= NEED_CGROUP | NEED_CGROUPS;
	if (app->settings.threads)
		needs |= NEED_THREADS;
	if (app->settings.command_line)
		needs |= NEED_CMDLINE;
	if (*p->search.text)
		needs |= NEED_USER;
	return needs;
}

static const struct header_scope *processes_scope(const struct view *view)
{
	return &((const struct processes *)view)->scope;
}

/* -- folding ---------------------------------------------------------------------------------------------- */

static bool has_children(const struct processes *p, size_t line)
{
	const struct row *row = &p->arrangement.rows[line];

	return row->folded || (line + 1 < p->arrangement.row_count && row[1].depth > row->depth);
}

/* Of a row without any its parent, if it has one. */
static void fold(struct processes *p, struct app *app)
{
	size_t line = p->list.cursor;
	uint64_t key;

	if (!processes_row(p))
		return;
	if (!has_children(p, line)) {
		uint16_t depth = p->arrangement.rows[line].depth;

		while (line && p->arrangement.rows[line].depth >= depth)
			line--;
		if (p->arrangement.rows[line].depth >= depth)
			return;
	}
	key = p->arrangement.rows[line].key;
	if (keyset_has(&p->folded, key))
		keyset_remove(&p->folded, key);
	else if (keyset_add(&p->folded, key))
		app_error(app, "no more rows can be folded");
	list_set_cursor(&p->list, line);
	processes_moved(p, app);
	p->keep = true;
	app_changed(app);
}

static void fold_all(struct processes *p, struct app *app)
{
	const struct row *row = processes_row(p);

	/* The row is about to go: to the one at the top of it. */
	while (row && !p->fold_all && row->depth)
		row--;
	if (row) {
		list_set_cursor(&p->list, (size_t)(row - p->arrangement.rows));
		processes_moved(p, app);
	}
	p->fold_all = !p->fold_all;
	keyset_free(&p->folded);
	p->keep = true;
	app_changed(app);
}

/* -- commands --------------------------------------------------------------------------------------------- */

static void open_row(struct processes *p, struct app *app)
{
	const struct row *row = processes_row(p);

	if (!row)
		return;
	if (row->kind == ROW_CGROUP)
		fold(p, app);
	else
		app_push(app, detail_new(app, processes_owner(app, row)));
}

static void open_graph(const struct processes *p, struct app *app)
{
	const struct row *row = processes_row(p);
	const struct metric *metric = app->settings.processes.sort;
	const struct process *process;
	char name[96], buf[16];
	const char *comm;

	if (!row)
		return;
	if (row->kind == ROW_CGROUP) {
		app_push(app, graph_new(app, SCOPE_CGROUP, row->key, arrange_cgroup_path(app->snapshot, row),
					metric_get(SCOPE_CGROUP, CG_CURRENT)));
		return;
	}
	process = processes_owner(app, row);
	comm = process_text(process, PROC_COMM, buf);
	snprintf(name, sizeof name, "%lld %s", (long long)process->amount[PROC_PID], comm ? comm : "");
	if (metric->kind == KIND_LABEL)
		metric = metric_get(SCOPE_PROCESS, PROC_PSS);
	app_push(app, graph_new(app, SCOPE_PROCESS, process_key(process), name, metric));
}

static void read_exactly(const struct processes *p, struct app *app)
{
	const struct row *row = processes_row(p);

	if (row && row->kind != ROW_CGROUP)
		exact_ask(app, processes_owner(app, row));
	else
		app_error(app, "only a process can be read exactly");
}

static void follow(struct processes *p, struct app *app)
{
	p->follow = !p->follow && processes_row(p);
	p->hold = false;
	app_message(app, p->follow ? "the cursor follows this row, until it is moved"
				   : "the cursor stays on its line");
}

/* Drops search, filter, user and tags, one at a time. */
static bool drop(struct processes *p, struct app *app)
{
	if (*p->search.text) {
		*p->search.text = '\0';
		p->hold = false;
	} else if (*p->sieve.text) {
		sieve_set_filter(&p->sieve, "", NULL);
	} else if (p->sieve.by_uid) {
		p->sieve.by_uid = false;
	} else if (p->scope.tagged) {
		processes_untag(p, app);
	} else {
		return false;
	}
	p->keep = true;
	app_changed(app);
	return true;
}

static void toggle(struct processes *p, struct app *app, bool *setting)
{
	*setting = !*setting;
	p->keep = true;
	app_changed(app);
}

static void group(struct processes *p, struct app *app, enum grouping grouping)
{
	app->settings.grouping = app->settings.grouping == grouping ? GROUPING_NONE : grouping;
	p->keep = true;
	app_changed(app);
}

/* What changes which rows there are. */
static bool rows_command(struct processes *p, struct app *app, enum command command)
{
	switch (command) {
	case COMMAND_TREE:
		group(p, app, GROUPING_TREE);
		return true;
	case COMMAND_GROUP_CGROUP:
		group(p, app, GROUPING_CGROUP);
		return true;
	case COMMAND_THREADS:
		toggle(p, app, &app->settings.threads);
		return true;
	case COMMAND_COMMAND_LINE:
		toggle(p, app, &app->settings.command_line);
		return true;
	case COMMAND_HIDE_IDLE:
		toggle(p, app, &app->settings.hide_idle);
		return true;
	case COMMAND_FOLD:
		fold(p, app);
		return true;
	case COMMAND_FOLD_ALL:
		fold_all(p, app);
		return true;
	case COMMAND_BACK:
		return drop(p, app);
	default:
		return false;
	}
}

/* What is done with the row under the cursor, or with what is chosen. */
static bool row_command(struct processes *p, struct app *app, enum command command)
{
	switch (command) {
	case COMMAND_OPEN:
		open_row(p, app);
		return true;
	case COMMAND_GRAPH:
		open_graph(p, app);
		return true;
	case COMMAND_EXACT:
		read_exactly(p, app);
		return true;
	case COMMAND_KILL:
		processes_kill(p, app);
		return true;
	case COMMAND_FOLLOW:
		follow(p, app);
		return true;
	case COMMAND_TAG:
		processes_tag(p, app);
		return true;
	case COMMAND_UNTAG:
		processes_untag(p, app);
		return true;
	case COMMAND_SEARCH:
		processes_ask_search(p, app);
		return true;
	case COMMAND_SEARCH_NEXT:
		processes_search_next(p, app);
		return true;
	case COMMAND_FILTER:
		processes_ask_filter(p, app);
		return true;
	case COMMAND_USER:
		processes_ask_user(p, app);
		return true;
	default:
		return false;
	}
}

static bool processes_command(struct view *view, struct app *app, enum command command)
{
	struct processes *p = (struct processes *)view;

	if (list_command(&p->list, command)) {
		processes_moved(p, app);
		return true;
	}
	return columns_command(&p->columns, command) ||
	       sort_command(app, &app->settings.processes, SCOPE_PROCESS, command) ||
	       rows_command(p, app, command) || row_command(p, app, command);
}

static void processes_mouse(struct view *view, struct app *app, const struct event *event)
{
	struct processes *p = (struct processes *)view;
	const struct metric *metric = columns_at(&p->columns, event->column);
	size_t line = p->list.top + (size_t)(event->row - p->first_row);

	if (list_wheel(&p->list, event)) {
		processes_moved(p, app);
		return;
	}
	if (event->row == p->title_row) {
		if (metric && event->kind == EVENT_CLICK)
			sort_click(app, &app->settings.processes, metric);
		return;
	}
	if (p->first_row < 0 || event->row < p->first_row || line >= p->arrangement.row_count)
		return;
	list_set_cursor(&p->list, line);
	processes_moved(p, app);
	if (event->kind == EVENT_DOUBLE_CLICK)
		open_row(p, app);
}

/* -- the view --------------------------------------------------------------------------------------------- */

static void processes_close(struct view *view)
{
	struct processes *p = (struct processes *)view;

	sieve_close(&p->sieve);
	arrangement_free(&p->arrangement);
	keyset_free(&p->folded);
	keyset_free(&p->tagged);
	free(p);
}

static const struct view_ops processes_ops = {
	.name = "Processes",
	.context = CONTEXT_PROCESSES,
	.close = processes_close,
	.sample = processes_sample,
	.draw = processes_draw,
	.command = processes_command,
	.mouse = processes_mouse,
	.needs = processes_needs,
	.scope = processes_scope,
};

struct view *processes_open(struct app *app)
{
	struct processes *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->view.ops = &processes_ops;
	p->title_row = p->first_row = -1;
	p->scope = (struct header_scope){ .arrangement = &p->arrangement,
					  .filter = p->scope_text,
					  .tagged_pss = value_none(VALUE_NOT_APPLICABLE) };
	if (sieve_open(&p->sieve, app)) {
		processes_close(&p->view);
		return NULL;
	}
	return &p->view;
}

void processes_filter(struct app *app, const char *expression)
{
	for (unsigned i = 0; i < app->screen_count; i++) {
		struct processes *p = (struct processes *)app->screens[i];
		struct err err = { "" };

		if (p->view.ops != &processes_ops)
			continue;
		if (sieve_set_filter(&p->sieve, expression, &err)) {
			app_error(app, "filter: %s", err.text);
			return;
		}
		app->screen = i;
		app_changed(app);
	}
}
