/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tagged processes: what they hold together, and signals to them. */
#include <stdlib.h>

#include "model/total.h"
#include "tui/kill.h"
#include "tui/processes_view.h"

void processes_update_tags(struct processes *p, const struct app *app)
{
	const struct snapshot *snapshot = app->snapshot;
	struct keyset alive = { 0 };
	struct total total;
	bool complete = true;

	total_clear(&total);
	for (size_t i = 0; p->tagged.count && i < snapshot->process_count; i++) {
		uint64_t key = process_key(&snapshot->processes[i]);

		if (!keyset_has(&p->tagged, key))
			continue;
		total_add_process(&total, &snapshot->processes[i]);
		if (keyset_add(&alive, key))
			complete = false;
	}
	/* Without memory for the new set the old one will do: keys of the dead match nobody. */
	if (complete && alive.count != p->tagged.count) {
		keyset_free(&p->tagged);
		p->tagged = alive;
	} else {
		keyset_free(&alive);
	}
	p->scope.tagged = total.processes;
	p->scope.tagged_pss = total.processes ? arrange_total(&total, metric_get(SCOPE_PROCESS, PROC_PSS))
					      : value_none(VALUE_NOT_APPLICABLE);
}

void processes_tag(struct processes *p, struct app *app)
{
	const struct row *row = processes_row(p);

	if (!row)
		return;
	if (row->kind != ROW_PROCESS) {
		app_message(app, "only processes can be tagged");
		return;
	}
	if (keyset_has(&p->tagged, row->key))
		keyset_remove(&p->tagged, row->key);
	else if (keyset_add(&p->tagged, row->key))
		app_error(app, "no more processes can be tagged");
	processes_update_tags(p, app);
	if (list_command(&p->list, COMMAND_DOWN))
		processes_moved(p, app);
}

void processes_untag(struct processes *p, struct app *app)
{
	keyset_free(&p->tagged);
	processes_update_tags(p, app);
}

static void kill_tagged(struct processes *p, struct app *app)
{
	const struct snapshot *snapshot = app->snapshot;
	struct kill_target *targets = calloc(p->scope.tagged, sizeof *targets);
	size_t count = 0;

	if (!targets) {
		app_push(app, NULL);
		return;
	}
	for (size_t i = 0; i < snapshot->process_count && count < p->scope.tagged; i++)
		if (keyset_has(&p->tagged, process_key(&snapshot->processes[i])))
			kill_target_set(&targets[count++], &snapshot->processes[i]);
	kill_ask(app, targets, count);
	free(targets);
}

void processes_kill(struct processes *p, struct app *app)
{
	const struct row *row = processes_row(p);
	struct kill_target target;
	bool any = row && (row->kind == ROW_PROCESS || row->kind == ROW_THREAD);

	if (p->scope.tagged) {
		kill_tagged(p, app);
		return;
	}
	if (any)
		kill_target_set(&target, processes_owner(app, row));
	kill_ask(app, &target, any);
}
