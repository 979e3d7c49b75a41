/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "out/cell.h"
#include "processes_screen.h"

void screen_set_fields(struct rig *rig, const char *names)
{
	struct table_settings *table = &rig->app->settings.processes;

	table->field_count = 0;
	while (*names) {
		size_t len = strcspn(names, " ");
		const struct metric *metric = metric_find(SCOPE_PROCESS, names, len);

		assert_non_null(metric);
		table->fields[table->field_count++] = metric;
		names += len + (names[len] == ' ');
	}
	app_changed(rig->app);
}

/* A tree on the screen, in KiB, without a header. */
void screen_open_tree(struct rig *rig, const char *tree, const char *fields)
{
	rig_open(rig, tree, NULL);
	rig->app->settings.unit = CELL_KIB;
	rig->app->settings.header = HEADER_NONE;
	screen_set_fields(rig, fields);
	rig_sample(rig);
	rig_draw(rig, SCREEN_ROWS, SCREEN_COLUMNS);
}

int screen_titles(const struct rig *rig)
{
	int row = rig_find(rig, 0, "PID");

	assert_true(row >= 0);
	return row;
}

int screen_totals(const struct rig *rig)
{
	return screen_titles(rig) + 1;
}

int screen_first(const struct rig *rig)
{
	return screen_titles(rig) + 2;
}

/* The PIDs on the screen, from top to bottom; 0 for rows without one. */
size_t screen_pids(const struct rig *rig, int32_t *pids, size_t cap)
{
	size_t count = 0;

	for (int row = screen_first(rig); row < SCREEN_ROWS - 1 && count < cap && *rig_line(rig, row); row++)
		pids[count++] = atoi(rig_cell(rig, screen_titles(rig), row, "PID"));
	return count;
}

const struct process *screen_process(const struct rig *rig, int32_t pid)
{
	const struct snapshot *snapshot = rig->app->snapshot;

	for (size_t i = 0; i < snapshot_row_count(snapshot); i++)
		if (snapshot_row(snapshot, i)->amount[PROC_PID] == pid)
			return snapshot_row(snapshot, i);
	fail_msg("process %d is not in the snapshot", (int)pid);
	return NULL;
}

int screen_row(const struct rig *rig, int32_t pid)
{
	int32_t pids[SCREEN_ROWS];
	size_t count = screen_pids(rig, pids, SCREEN_ROWS);

	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return screen_first(rig) + (int)i;
	return -1;
}

int32_t screen_cursor(const struct rig *rig)
{
	for (int row = 0; row < canvas_rows(rig->canvas); row++)
		if (canvas_cell(rig->canvas, row, 0)->flags & CELL_CURSOR)
			return atoi(rig_cell(rig, screen_titles(rig), row, "PID"));
	return -1;
}
