/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes are shown: filter, user, PIDs of the command line. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/processes_view.h"

/* -- text that is contained ------------------------------------------------------------------------------- */

static bool text_contains(const struct process *process, enum process_metric metric, const char *text)
{
	char buf[16];
	const char *s = value_has_amount(process->status[metric]) ? process_text(process, metric, buf) : NULL;

	return s && strcasestr(s, text);
}

static bool number_contains(const struct process *process, enum process_metric metric, const char *text)
{
	char number[24];

	if (!value_has_amount(process->status[metric]))
		return false;
	snprintf(number, sizeof number, "%lld", (long long)process->amount[metric]);
	return strstr(number, text) != NULL;
}

bool process_contains(const struct process *process, const char *text)
{
	return text_contains(process, PROC_COMM, text) || text_contains(process, PROC_CMDLINE, text) ||
	       text_contains(process, PROC_USER, text) ||
	       number_contains(process, process->is_thread ? PROC_TID : PROC_PID, text);
}

/* -- the sieve -------------------------------------------------------------------------------------------- */

static int compare_pids(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* An operator makes it an expression. */
static bool is_expression(const char *text)
{
	return strpbrk(text, "=<>~") != NULL;
}

int sieve_set_filter(struct sieve *sieve, const char *text, struct err *err)
{
	struct filter *filter = NULL;

	if (is_expression(text)) {
		filter = filter_parse(text, err);
		if (!filter)
			return -1;
	}
	filter_free(sieve->filter);
	sieve->filter = filter;
	/* Nothing but blanks is in all or none: no filter. */
	snprintf(sieve->text, sizeof sieve->text, "%s", text[strspn(text, " ")] ? text : "");
	return 0;
}

int sieve_open(struct sieve *sieve, struct app *app)
{
	const struct app_config *config = &app->config;
	struct err err = { "" };

	sieve->by_uid = config->by_uid;
	sieve->uid = config->uid;
	snprintf(sieve->user, sizeof sieve->user, "%u", config->uid);
	if (config->filter && sieve_set_filter(sieve, config->filter, &err))
		app_error(app, "filter: %s", err.text);
	if (!config->pids)
		return 0;
	sieve->only = malloc((config->pid_count + 1) * sizeof *sieve->only);
	if (!sieve->only)
		return -ENOMEM;
	memcpy(sieve->only, config->pids, config->pid_count * sizeof *sieve->only);
	sieve->only_count = config->pid_count;
	qsort(sieve->only, sieve->only_count, sizeof *sieve->only, compare_pids);
	return 0;
}

void sieve_close(struct sieve *sieve)
{
	filter_free(sieve->filter);
	free(sieve->only);
	free(sieve->found);
}

static bool is_asked_for(const struct sieve *sieve, int32_t pid)
{
	return !sieve->only || bsearch(&pid, sieve->only, sieve->only_count, sizeof pid, compare_pids);
}

/* A text is looked for in several fields, which no expression can say: its matches become a list of PIDs. */
static int find_text(struct sieve *sieve, const struct snapshot *snapshot)
{
	size_t wanted = snapshot->process_count + snapshot->exited_count + 1;

	if (wanted > sieve->found_capacity) {
		int32_t *bigger = realloc(sieve->found, (wanted + wanted / 4) * sizeof *bigger);

		if (!bigger)
			return -ENOMEM;
		sieve->found = bigger;
		sieve->found_capacity = wanted + wanted / 4;
	}
	sieve->found_count = 0;
	for (size_t i = 0; i < snapshot->process_count + snapshot->exited_count; i++) {
		const struct process *process = i < snapshot->process_count
							? &snapshot->processes[i]
							: &snapshot->exited[i - snapshot->process_count];
		int32_t pid = (int32_t)process->amount[PROC_PID];

		if (is_asked_for(sieve, pid) && process_contains(process, sieve->text))
			sieve->found[sieve->found_count++] = pid;
	}
	qsort(sieve->found, sieve->found_count, sizeof *sieve->found, compare_pids);
	return 0;
}

/* The user's name, once a sample has it. */
static void name_user(struct sieve *sieve, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct process *process = &snapshot->processes[i];
		const struct text *name = process->text[TEXT_USER];

		if (!name || !value_has_amount(process->status[PROC_UID]) ||
		    process->amount[PROC_UID] != sieve->uid)
			continue;
		snprintf(sieve->user, sizeof sieve->user, "%s", name->s);
		return;
	}
}

int sieve_select(struct sieve *sieve, const struct app *app, struct selection *selection)
{
	int ret;

	*selection = (struct selection){ .pids = sieve->only,
					 .pid_count = sieve->only_count,
					 .by_uid = sieve->by_uid,
					 .uid = sieve->uid,
					 .hide_idle = app->settings.hide_idle,
					 .filter = sieve->filter,
					 .sort = app->settings.processes.sort,
					 .ascending = app->settings.processes.ascending };
	if (sieve->by_uid)
		name_user(sieve, app->snapshot);
	if (!*sieve->text || sieve->filter)
		return 0;
	ret = find_text(sieve, app->snapshot);
	selection->pids = sieve->found;
	selection->pid_count = sieve->found_count;
	return ret;
}

unsigned sieve_needs(const struct sieve *sieve)
{
	unsigned needs = sieve->filter ? filter_needs(sieve->filter) : *sieve->text ? NEED_USER : 0;

	return needs | (sieve->by_uid || sieve->asked_user ? NEED_USER : 0);
}

__attribute__((format(printf, 3, 4))) static void add_part(char *text, size_t cap, const char *format, ...)
{
	size_t len = strlen(text);
	va_list args;

	if (len && len + 2 < cap) {
		memcpy(text + len, ", ", 3);
		len += 2;
	}
	va_start(args, format);
	vsnprintf(text + len, cap - len, format, args);
	va_end(args);
}

void sieve_describe(const struct sieve *sieve, const struct app *app, char *text, size_t cap)
{
	*text = '\0';
	if (sieve->only)
		add_part(text, cap, "%zu PID%s", sieve->only_count, sieve->only_count == 1 ? "" : "s");
	if (sieve->by_uid)
		add_part(text, cap, "user %s", sieve->user);
	if (app->settings.hide_idle)
		add_part(text, cap, "not idle");
	if (sieve->filter)
		add_part(text, cap, "%s", sieve->text);
	else if (*sieve->text)
		add_part(text, cap, "\"%s\"", sieve->text);
}

/* -- the filter's prompt ---------------------------------------------------------------------------------- */

static bool try_filter(struct app *app, struct processes *p, const char *text)
{
	struct err err = { "" };

	if (sieve_set_filter(&p->sieve, text, &err)) {
		app_prompt_problem(app, "%s", err.text);
		return false;
	}
	p->keep = true;
	app_changed(app);
	return true;
}

static void filter_changed(struct app *app, struct view *view, const char *text)
{
	try_filter(app, (struct processes *)view, text);
}

static void filter_done(struct app *app, struct view *view, const char *text)
{
	struct processes *p = (struct processes *)view;

	try_filter(app, p, text ? text : p->sieve.before);
}

void processes_ask_filter(struct processes *p, struct app *app)
{
	memcpy(p->sieve.before, p->sieve.text, sizeof p->sieve.before);
	app_prompt(app, "Filter: ", p->sieve.text, filter_changed, filter_done);
}
