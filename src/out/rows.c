/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/rows.h"

#include <stdio.h>

#include "out/escape.h"

enum { DEPTH_SHOWN = 32 };

void rows_tree_lines(struct buf *out, const struct row *row, bool ascii)
{
	unsigned depth = row->depth < DEPTH_SHOWN ? row->depth : DEPTH_SHOWN - 1;

	for (unsigned d = 1; d < depth; d++)
		buf_puts(out, !(row->branches >> d & 1) ? "  " : ascii ? "| " : "│ ");
	if (depth && row->branches >> depth & 1)
		buf_puts(out, ascii ? "|-" : "├─");
	else if (depth)
		buf_puts(out, ascii ? "`-" : "└─");
}

static struct value cgroup_value(const struct cgroup *cgroup, enum cgroup_metric metric)
{
	return (struct value){ cgroup->amount[metric], cgroup->status[metric] };
}

/* No limit is set, or this version of cgroups has no such limit. */
static bool is_unlimited(struct value limit)
{
	return limit.status == VALUE_NOT_APPLICABLE || limit.status == VALUE_UNSUPPORTED;
}

/* The tighter of two limits. Without an amount: why it is not known, NOT_APPLICABLE when there is none, UNSUPPORTED when there
 * cannot be one. */
static struct value tighter(struct value a, struct value b)
{
	if (value_has_amount(a.status) && value_has_amount(b.status))
		return b.amount < a.amount ? b : a;
	if (value_has_amount(a.status) || value_has_amount(b.status))
		return value_has_amount(a.status) ? a : b;
	if (!is_unlimited(a) || !is_unlimited(b))
		return is_unlimited(a) ? b : a;
	return a.status == VALUE_NOT_APPLICABLE ? a : b;
}

static void put_use(struct buf *out, const char *what, const struct metric *metric, struct value used, struct value limit,
		    enum cell_unit unit)
{
	char cell[CELL_MAX];

	if (!value_has_amount(used.status))
		return;
	buf_printf(out, "  %s%s", what, cell_number_in(cell, metric, used, unit));
	if (limit.status == VALUE_UNSUPPORTED)
		return;
	if (!value_has_amount(limit.status)) {
		buf_puts(out, limit.status == VALUE_NOT_APPLICABLE ? " of no limit" : " of a limit not known");
		return;
	}
	buf_printf(out, " of %s", cell_number_in(cell, metric, limit, unit));
	if (limit.amount > 0)
		buf_printf(out, " (%.0f%%)", 100.0 * (double)used.amount / (double)limit.amount);
}

void rows_cgroup_label(struct buf *out, const struct snapshot *snapshot, const struct arrangement *arrangement,
		       const struct row *row, enum cell_unit unit)
{
	const char *path = arrange_cgroup_path(snapshot, row);
	uint32_t count = arrangement->totals[row->total].processes;
	const struct cgroup *cgroup;

	escape_plain(out, *path ? path : "(cgroup not known)");
	buf_printf(out, "  %u process%s", count, count == 1 ? "" : "es");
	if (row->index == ROW_NO_INDEX)
		return;
	cgroup = &snapshot->cgroups[row->index];
	put_use(out, "", metric_get(SCOPE_CGROUP, CG_CURRENT), cgroup_value(cgroup, CG_CURRENT),
		tighter(cgroup_value(cgroup, CG_MAX), cgroup_value(cgroup, CG_HIGH)), unit);
	put_use(out, "swap ", metric_get(SCOPE_CGROUP, CG_SWAP_CURRENT), cgroup_value(cgroup, CG_SWAP_CURRENT),
		tighter(cgroup_value(cgroup, CG_SWAP_MAX), cgroup_value(cgroup, CG_SWAP_HIGH)), unit);
}

const char *rows_total(char buf[CELL_MAX], const struct total *total, const struct metric *metric, enum cell_unit unit)
{
	int slot = arrange_total_slot(metric);
	struct value sum;
	char number[CELL_MAX];

	if (slot < 0)
		return "";
	sum = arrange_total(total, metric);
	if (!value_has_amount(sum.status) || !total->missing[slot])
		return cell_number_in(buf, metric, sum, unit);
	sum.status = VALUE_OK;
	snprintf(buf, CELL_MAX, ">%.30s", cell_number_in(number, metric, sum, unit));
	return buf;
}
