/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every list of arranged rows writes alike, in batch and in the TUI: tree lines, the line of a cgroup, totals. */
#ifndef OUT_ROWS_H
#define OUT_ROWS_H

#include "model/arrange.h"
#include "out/cell.h"
#include "util/buf.h"

/* The lines that lead to ROW in a tree, in front of its name: nothing at the top. Depths are cut at 32. */
void rows_tree_lines(struct buf *out, const struct row *row, bool ascii);

/* "PATH  12 processes  1.5G of 2.0G (75%)  swap 0 of no limit": the cgroup of a ROW_CGROUP, with its own use of its limits
 * as far as the snapshot has them; "of a limit not known" when reading it failed, and nothing where there cannot be one (swap
 * alone in cgroup v1). The path is as clean as whoever filled the snapshot left it. */
void rows_cgroup_label(struct buf *out, const struct snapshot *snapshot, const struct arrangement *arrangement,
		       const struct row *row, enum cell_unit unit);

/* The total of METRIC: ~ when a part is estimated or stale, > when a part is not known; the mark of its status when there is
 * no amount. Of metrics that do not add up: "". Never NULL; in BUF or static. */
const char *rows_total(char buf[CELL_MAX], const struct total *total, const struct metric *metric, enum cell_unit unit);

#endif
