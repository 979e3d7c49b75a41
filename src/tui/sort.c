/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/sort.h"

#include <stdio.h>
#include <stdlib.h>

#include "tui/chooser.h"

void sort_by(struct app *app, struct table_settings *table, const struct metric *metric)
{
	table->sort = metric;
	table->ascending = metric->kind == KIND_LABEL;
	app_changed(app);
}

void sort_click(struct app *app, struct table_settings *table, const struct metric *metric)
{
	if (table->sort != metric) {
		sort_by(app, table, metric);
		return;
	}
	table->ascending = !table->ascending;
	app_changed(app);
}

/* To the shown column beside the sorted one; to the first one when that is not shown. */
static void step(struct app *app, struct table_settings *table, int by)
{
	size_t i = 0;

	while (i < table->field_count && table->fields[i] != table->sort)
		i++;
	if (i == table->field_count)
		i = 0;
	else if (by < 0 ? i > 0 : i + 1 < table->field_count)
		i = by < 0 ? i - 1 : i + 1;
	if (table->field_count && table->fields[i] != table->sort)
		sort_by(app, table, table->fields[i]);
}

static struct table_settings *table_of(struct app *app, enum scope scope)
{
	return scope == SCOPE_CGROUP ? &app->settings.cgroups : &app->settings.processes;
}

/* CONTEXT: the scope of the table. */
static void chosen(struct app *app, struct view *view, void *context, int64_t value)
{
	const enum scope *scope = context;

	(void)view;
	sort_by(app, table_of(app, *scope), metric_get(*scope, (unsigned)value));
}

static void ask(struct app *app, const struct table_settings *table, enum scope scope)
{
	unsigned count = metric_count(scope);
	struct choice *choices = calloc(count, sizeof *choices);
	enum scope *context = malloc(sizeof *context);

	if (!choices || !context) {
		free(choices);
		free(context);
		app_push(app, NULL);
		return;
	}
	*context = scope;
	for (unsigned i = 0; i < count; i++) {
		const struct metric *metric = metric_get(scope, i);

		choices[i].value = i;
		snprintf(choices[i].text, sizeof choices[i].text, "%-9s %-33s %s", metric->title, metric->key,
			 metric->help);
	}
	app_push(app, chooser_new("Sort by", choices, count, table->sort->index, chosen, context, free));
	free(choices);
}

bool sort_command(struct app *app, struct table_settings *table, enum scope scope, enum command command)
{
	bool processes = scope == SCOPE_PROCESS;

	switch (command) {
	case COMMAND_SORT:
		ask(app, table, scope);
		break;
	case COMMAND_SORT_LEFT:
		step(app, table, -1);
		break;
	case COMMAND_SORT_RIGHT:
		step(app, table, 1);
		break;
	case COMMAND_INVERT:
		table->ascending = !table->ascending;
		app_changed(app);
		break;
	case COMMAND_SORT_MEMORY:
		sort_by(app, table, metric_get(scope, processes ? (unsigned)PROC_PSS : (unsigned)CG_CURRENT));
		break;
	case COMMAND_SORT_CPU:
		sort_by(app, table, metric_get(SCOPE_PROCESS, PROC_CPU_PERCENT));
		break;
	case COMMAND_SORT_PID:
		sort_by(app, table, metric_get(SCOPE_PROCESS, PROC_PID));
		break;
	case COMMAND_SORT_TIME:
		sort_by(app, table, metric_get(SCOPE_PROCESS, PROC_CPU_SECONDS));
		break;
	case COMMAND_SORT_GROWTH:
		sort_by(app, table, metric_get(SCOPE_PROCESS, PROC_PSS_GROWN_MINUTE));
		break;
	default:
		return false;
	}
	return true;
}
