/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What bounds the memory of the process: its rlimits, its cgroup and those above it, the OOM killer. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/find.h"
#include "out/cell.h"
#include "tui/detail_page.h"

enum { NEAR_PERCENT = 90 };

static bool is_near(int64_t use, int64_t limit)
{
	return use > 0 && use / NEAR_PERCENT >= limit / 100;
}

/* -- rlimits ---------------------------------------------------------------------------------------------- */

/* What counts against a limit, where memtide knows it. RLIMIT_RSS has had no effect since Linux 2.4.30
 * (getrlimit(2)). */
static const struct {
	const char *name;
	enum process_metric metric;
} used_by[] = {
	{ "Max cpu time", PROC_CPU_SECONDS },
	{ "Max resident set", PROC_RSS },
	{ "Max locked memory", PROC_LOCKED },
	{ "Max address space", PROC_VIRTUAL },
	{ "Max realtime priority", PROC_RT_PRIORITY },
};

/* The metric that a limit bounds, or NULL. */
static const struct metric *limited_metric(const struct limit *limit)
{
	for (size_t i = 0; i < sizeof used_by / sizeof *used_by; i++)
		if (!strcmp(limit->name, used_by[i].name))
			return metric_get(SCOPE_PROCESS, used_by[i].metric);
	return NULL;
}

static const char *limit_text(char buf[CELL_MAX], const struct app *app, const struct limit *limit,
			      int64_t amount)
{
	const struct metric *bytes = metric_get(SCOPE_PROCESS, PROC_RSS);

	if (amount == INT64_MAX)
		return "unlimited";
	if (!strcmp(limit->unit, "bytes"))
		return cell_number_in(buf, bytes, value_ok(amount), app->settings.unit);
	snprintf(buf, CELL_MAX, "%" PRId64, amount);
	return buf;
}

static void put_rlimit(struct sheet *sheet, const struct detail *detail, const struct app *app,
		       const struct limit *limit)
{
	const struct metric *metric = limited_metric(limit);
	char soft[CELL_MAX], hard[CELL_MAX], use[CELL_MAX];
	const char *used = metric ? detail_amount(detail, use, metric->index) : "";
	enum style style = STYLE_NORMAL;

	if (metric && metric->unit == UNIT_BYTES && limit->soft != INT64_MAX &&
	    value_has_amount(process_value(&detail->process, metric->index).status) &&
	    is_near(process_value(&detail->process, metric->index).amount, limit->soft))
		style = STYLE_HIGH;
	canvas_printf(sheet->canvas, sheet_line(sheet), sheet->area.column, sheet->area.columns, style,
		      "%-22s%10s%11s%11s  %s", strncmp(limit->name, "Max ", 4) ? limit->name : limit->name + 4,
		      used, limit_text(soft, app, limit, limit->soft),
		      limit_text(hard, app, limit, limit->hard),
		      strcmp(limit->unit, "bytes") ? limit->unit : "");
}

static void put_rlimits(struct sheet *sheet, const struct detail *detail, const struct app *app)
{
	const struct watched *watched = detail->watched;

	sheet_heading(sheet, "Resource limits");
	if (!watched || !value_has_amount(watched->limits_status)) {
		sheet_printf(sheet, "", STYLE_ABSENT, "%s",
			     value_status_name(watched ? watched->limits_status : VALUE_PENDING));
		return;
	}
	canvas_printf(sheet->canvas, sheet_line(sheet), sheet->area.column, sheet->area.columns, STYLE_DIM,
		      "%-22s%10s%11s%11s", "", "used", "soft", "hard");
	for (unsigned i = 0; i < watched->limit_count && i < LIMITS_MAX; i++)
		put_rlimit(sheet, detail, app, &watched->limits[i]);
}

/* -- cgroups ---------------------------------------------------------------------------------------------- */

/* The kernel's word for no limit, which is NOT_APPLICABLE in limits; the root has no limit files at all. */
static const char *cgroup_amount(char buf[CELL_MAX], const struct app *app, const struct cgroup *cgroup,
				 enum cgroup_metric slot)
{
	struct value value = { cgroup->amount[slot], cgroup->status[slot] };
	bool limit = slot == CG_MAX || slot == CG_HIGH || slot == CG_SWAP_MAX;

	if (limit && value.status == VALUE_NOT_APPLICABLE)
		return "max";
	return cell_number_in(buf, metric_get(SCOPE_CGROUP, slot), value, app->settings.unit);
}

static bool cgroup_is_near(const struct cgroup *cgroup, enum cgroup_metric use, enum cgroup_metric limit)
{
	return value_has_amount(cgroup->status[use]) && value_has_amount(cgroup->status[limit]) &&
	       is_near(cgroup->amount[use], cgroup->amount[limit]);
}

static void put_cgroup(struct sheet *sheet, const struct app *app, const struct cgroup *cgroup)
{
	static const enum cgroup_metric columns[] = {
		CG_CURRENT, CG_MAX, CG_HIGH, CG_LOW, CG_SWAP_CURRENT, CG_SWAP_MAX, CG_OOM_KILLS,
	};
	bool near = cgroup_is_near(cgroup, CG_CURRENT, CG_MAX) || cgroup_is_near(cgroup, CG_CURRENT, CG_HIGH) ||
		    cgroup_is_near(cgroup, CG_SWAP_CURRENT, CG_SWAP_MAX);
	enum style style = near ? STYLE_HIGH : STYLE_NORMAL;
	int row = sheet_line(sheet), used = 0;
	char buf[CELL_MAX];

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		canvas_printf(sheet->canvas, row, sheet->area.column + used, sheet->area.columns - used, style,
			      "%8s", cgroup_amount(buf, app, cgroup, columns[i]));
		used += 8;
	}
	canvas_printf(sheet->canvas, row, sheet->area.column + used, sheet->area.columns - used, style,
		      "  %s%s", cgroup->path->s, near ? "  near its limit" : "");
}

/* From the process's own cgroup up to the root. */
static void put_cgroups(struct sheet *sheet, const struct detail *detail, const struct app *app)
{
	const struct text *path = detail->process.text[TEXT_CGROUP];
	const struct cgroup *cgroup;
	size_t len = path ? path->len : 0;

	sheet_heading(sheet, "Cgroup and those above it");
	if (!path) {
		sheet_printf(sheet, "", STYLE_ABSENT, "%s",
			     value_status_name(detail->process.status[PROC_CGROUP]));
		return;
	}
	canvas_printf(sheet->canvas, sheet_line(sheet), sheet->area.column, sheet->area.columns, STYLE_DIM,
		      "%8s%8s%8s%8s%8s%8s%8s  %s", "used", "max", "high", "low", "swap", "swapmax", "killed",
		      "path");
	for (;;) {
		cgroup = find_cgroup(app->snapshot, path->s, len);
		if (cgroup)
			put_cgroup(sheet, app, cgroup);
		else
			sheet_printf(sheet, "", STYLE_ABSENT, "not read yet, or not to be seen from here: %.*s",
				     (int)len, path->s);
		if (len <= 1)
			return;
		while (len && path->s[len - 1] != '/')
			len--;
		len -= len > 1;
	}
}

/* -- the OOM killer --------------------------------------------------------------------------------------- */

/*
 * oom_badness() of mm/oom_kill.c: RSS, swap entries and page tables, plus oom_score_adj thousandths of the
 * memory that may be used (of the cgroup when that is what ran out); never killed at OOM_SCORE_ADJ_MIN.
 */
static void put_adjustment(struct sheet *sheet, const struct detail *detail)
{
	struct value value = process_value(&detail->process, PROC_OOM_SCORE_ADJ);
	int64_t thousandths = value.amount < 0 ? -value.amount : value.amount;
	char adj[CELL_MAX];
	const char *amount = detail_amount(detail, adj, PROC_OOM_SCORE_ADJ);

	if (!value_has_amount(value.status))
		sheet_text(sheet, "Adjustment", STYLE_ABSENT, amount);
	else if (value.amount <= -1000)
		sheet_printf(sheet, "Adjustment", STYLE_NORMAL, "%s: the OOM killer never chooses it", amount);
	else if (value.amount == 0)
		sheet_printf(sheet, "Adjustment", STYLE_NORMAL,
			     "0: counts with what it holds: RSS, swap and page tables");
	else
		sheet_printf(sheet, "Adjustment", STYLE_NORMAL,
			     "%s: counts as if it held %" PRId64 ".%" PRId64 " %% of all memory and swap %s",
			     amount, thousandths / 10, thousandths % 10, value.amount < 0 ? "less" : "more");
}

static void put_oom(struct sheet *sheet, const struct detail *detail)
{
	char score[CELL_MAX];
	const char *amount = detail_amount(detail, score, PROC_OOM_SCORE);

	sheet_heading(sheet, "Out of memory");
	if (value_has_amount(detail->process.status[PROC_OOM_SCORE]))
		sheet_printf(sheet, "Score", STYLE_NORMAL,
			     "%s of 2000: the process with the highest is killed first", amount);
	else
		sheet_text(sheet, "Score", STYLE_ABSENT, amount);
	put_adjustment(sheet, detail);
}

static void limits_draw(struct detail *detail, struct app *app, struct canvas *canvas, struct area area,
			struct list *list)
{
	struct sheet sheet = sheet_begin(canvas, area, list);

	put_cgroups(&sheet, detail, app);
	put_oom(&sheet, detail);
	put_rlimits(&sheet, detail, app);
	sheet_end(&sheet, list);
}

const struct page_ops detail_limits = {
	.title = "Limits",
	.draw = limits_draw,
	.needs = NEED_CGROUP | NEED_CGROUPS,
};
