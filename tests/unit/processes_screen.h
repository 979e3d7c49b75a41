/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands where on the screen of processes. Include after cmocka.h. */
#ifndef TESTS_PROCESSES_SCREEN_H
#define TESTS_PROCESSES_SCREEN_H

#include "tui_rig.h"

#define SCREEN_TREE "x86_64-4k"

enum { SCREEN_ROWS = 70, SCREEN_COLUMNS = 150 };

/* The columns, by names separated by blanks. */
void screen_set_fields(struct rig *rig, const char *names);

/* A captured tree with FIELDS as columns, in KiB, without a header, drawn. */
void screen_open_tree(struct rig *rig, const char *tree, const char *fields);

/* The rows of titles, of totals, and the first of the list. */
int screen_titles(const struct rig *rig);
int screen_totals(const struct rig *rig);
int screen_first(const struct rig *rig);

/* The PIDs on the screen, from top to bottom, at most CAP; 0 for rows without one. */
size_t screen_pids(const struct rig *rig, int32_t *pids, size_t cap);

/* The row of the snapshot; fails the test when there is none. */
const struct process *screen_process(const struct rig *rig, int32_t pid);

/* Where PID is on the screen; -1 when it is not. */
int screen_row(const struct rig *rig, int32_t pid);

/* The PID under the cursor; -1 without a cursor. */
int32_t screen_cursor(const struct rig *rig);

#endif
