/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages that are written out of tables: keys and marks, and what is missing. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "model/faults.h"
#include "model/value.h"
#include "out/cell.h"
#include "tui/keymap.h"
#include "tui/meter.h"
#include "tui/text.h"
#include "tui/wrap.h"
#include "util/text.h"

enum { KEYS_COLUMNS = 16, MARK_COLUMNS = 8, COUNT_COLUMNS = 10 };

static void put_heading(struct buf *out, const char *title)
{
	buf_putc(out, '\n');
	wrap_add(out, STYLE_STRONG, title);
	buf_putc(out, '\n');
}

/* "  TEXT   " in STYLE, padded to COLUMNS; two blanks at least separate it from what follows. */
static void put_padded(struct buf *out, enum style style, const char *text, int columns)
{
	int used = (int)text_columns(text, strlen(text));

	buf_puts(out, "  ");
	wrap_add(out, style, text);
	for (; used < columns; used++)
		buf_putc(out, ' ');
	buf_puts(out, "  ");
}

/* -- keys ------------------------------------------------------------------------------------------------- */

/* "  [all screens, detail]", nothing for what is everywhere. */
static void put_contexts(struct buf *out, unsigned contexts)
{
	static const struct {
		unsigned contexts;
		const char *name;
	} names[] = {
		{ CONTEXT_SCREENS, "screens" }, { CONTEXT_PROCESSES, "processes" },
		{ CONTEXT_CGROUPS, "cgroups" }, { CONTEXT_MACHINE, "machine" },
		{ CONTEXT_DETAIL, "details" },  { CONTEXT_GRAPH, "graph" },
		{ CONTEXT_FIELDS, "fields" },   { CONTEXT_CHOOSER, "choices" },
		{ CONTEXT_TEXT, "text" },       { CONTEXT_FAULTS, "faults" },
	};
	const char *separator = "  [";

	if (contexts == CONTEXT_ALL)
		return;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if ((contexts & names[i].contexts) != names[i].contexts)
			continue;
		contexts &= ~names[i].contexts;
		buf_puts(out, separator);
		buf_puts(out, names[i].name);
		separator = ", ";
	}
	buf_putc(out, ']');
}

static void put_binding(struct buf *out, const struct key_binding *binding, enum context here)
{
	char keys[KEYS_MAX * (KEY_NAME_MAX + 1)] = "", name[KEY_NAME_MAX];
	size_t len = 0;

	for (unsigned i = 0; i < KEYS_MAX && binding->keys[i]; i++)
		len += (size_t)snprintf(keys + len, sizeof keys - len, "%s%s", i ? " " : "",
					key_name(binding->keys[i], name));
	put_padded(out, binding->contexts & here ? STYLE_KEY : STYLE_DIM, keys, KEYS_COLUMNS);
	buf_puts(out, binding->help);
	put_contexts(out, binding->contexts);
	buf_putc(out, '\n');
}

static void put_keys(struct buf *out, enum context here, bool read_only)
{
	for (int group = 0; group < KEYS_GROUP_COUNT; group++) {
		put_heading(out, keymap_group_title((enum key_group)group));
		for (unsigned i = 0; i + 1 < COMMAND_COUNT; i++) {
			const struct key_binding *binding = keymap_row(i);

			if ((int)binding->group == group && binding->keys[0] && !(binding->writes && read_only))
				put_binding(out, binding, here);
		}
	}
}

/* -- looks ------------------------------------------------------------------------------------------------ */

static void put_values(struct buf *out)
{
	static const struct {
		enum value_status status;
		enum style style;
		const char *help;
	} rows[VALUE_STATUS_COUNT] = {
		{ VALUE_OK, STYLE_NORMAL, "as the kernel says" },
		{ VALUE_ESTIMATED, STYLE_ESTIMATED,
		  "estimated from other readings; machine formats give its bounds. In a total: a part of it "
		  "is" },
		{ VALUE_STALE, STYLE_STALE, "an exact reading that is known to have moved since" },
		{ VALUE_PENDING, STYLE_ABSENT,
		  "not known yet: not read so far, or a rate that needs a second sample" },
		{ VALUE_SKIPPED, STYLE_ABSENT, "not read on purpose: a limit or an option forbids it" },
		{ VALUE_DENIED, STYLE_ABSENT,
		  "the kernel refuses: more privileges are needed, see the notices" },
		{ VALUE_UNSUPPORTED, STYLE_ABSENT, "this kernel or build does not have it" },
		{ VALUE_NOT_APPLICABLE, STYLE_ABSENT, "has no meaning here, as memory of a kernel thread" },
		{ VALUE_GONE, STYLE_ABSENT, "the process ended before it could be read" },
		{ VALUE_LOST, STYLE_ABSENT, "was dropped because a table or buffer was full" },
	};
	char cell[CELL_MAX];

	put_heading(out, "Values");
	for (unsigned i = 0; i < VALUE_STATUS_COUNT; i++) {
		struct value value = { INT64_C(123) << 20, rows[i].status };

		put_padded(out, rows[i].style, cell_number(cell, metric_get(SCOPE_PROCESS, PROC_PSS), value),
			   MARK_COLUMNS);
		buf_puts(out, rows[i].help);
		buf_putc(out, '\n');
	}
}

static void put_meters(struct buf *out)
{
	put_heading(out, "The bars of memory and swap, by the first letter");
	for (unsigned i = 0; i < MEMORY_KIND_COUNT; i++) {
		put_padded(out, meter_memory[i].style, meter_memory[i].word, MARK_COLUMNS);
		buf_puts(out, meter_memory[i].help);
		buf_putc(out, '\n');
	}
	for (unsigned i = 0; i < SWAP_FREE; i++) {
		put_padded(out, meter_swap[i].style, meter_swap[i].word, MARK_COLUMNS);
		buf_puts(out, meter_swap[i].help);
		buf_putc(out, '\n');
	}
}

static void put_rows(struct buf *out)
{
	static const struct {
		enum style style;
		const char *word, *help;
	} rows[] = {
		{ STYLE_RISE, "rise", "memory grows" },
		{ STYLE_RISE_FAST, "rising", "memory grows fast" },
		{ STYLE_FALL, "fall", "memory shrinks" },
		{ STYLE_EXITED, "exited",
		  "a process that has ended, as last seen; it goes after a few samples" },
		{ STYLE_THREAD, "thread", "a thread; memory belongs to its process and is not repeated" },
		{ STYLE_GROUP, "cgroup", "a cgroup among processes, with their total" },
		{ STYLE_TAGGED, "tagged", "tagged" },
		{ STYLE_MATCH, "match", "what a search found, what a filter keeps" },
		{ STYLE_HIGH, "high", "near a limit" },
		{ STYLE_NOTICE, "notice", "something is missing" },
		{ STYLE_ERROR, "error", "something failed" },
	};

	put_heading(out, "Colours");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		put_padded(out, rows[i].style, rows[i].word, MARK_COLUMNS);
		buf_puts(out, rows[i].help);
		buf_putc(out, '\n');
	}
}

struct view *help_new(const struct app *app)
{
	struct view *view = NULL;
	struct buf out = { 0 };

	buf_puts(&out, PACKAGE_NAME " " PACKAGE_VERSION ": who holds the memory\n");
	put_keys(&out, app_top(app)->ops->context, app->read_only);
	put_values(&out);
	put_meters(&out);
	put_rows(&out);
	if (!out.failed)
		view = text_view_new("Help", out.data);
	buf_free(&out);
	return view;
}

/* -- notices ---------------------------------------------------------------------------------------------- */

static void put_notices(struct buf *out, const struct snapshot *snapshot)
{
	wrap_add(out, STYLE_STRONG, "What is missing");
	buf_putc(out, '\n');
	if (!snapshot->notice_count)
		buf_puts(out, "  Nothing.\n");
	for (unsigned i = 0; i < snapshot->notice_count; i++) {
		const struct notice *notice = &snapshot->notices[i];

		put_padded(out, STYLE_NOTICE, notice->topic, KEYS_COLUMNS - 2);
		buf_puts(out, notice->text);
		if (*notice->remedy)
			buf_printf(out, "\n  %*s  Remedy: %s", KEYS_COLUMNS - 2, "", notice->remedy);
		buf_putc(out, '\n');
	}
}

static void put_tier(struct buf *out, const struct host *host)
{
	put_heading(out, "How processes are found");
	buf_printf(out, "  %s%s%s\n", host->task_tier ? host->task_tier : "unknown",
		   *host->task_tier_why ? ": " : "", host->task_tier_why);
}

/* What each probe is attached by, and what kept better ways away. */
static void put_probes(struct buf *out, const struct snapshot *snapshot)
{
	put_heading(out, "Probes");
	for (int i = 0; i < PROBE_COUNT; i++) {
		const struct probe_status *status = snapshot->probes[i];

		put_padded(out, status->wanted && status->active < 0 ? STYLE_NOTICE : STYLE_STRONG, status->name,
			   KEYS_COLUMNS - 2);
		buf_puts(out, status->wanted ? probe_tier_name(status) : "not attached: nothing shown needs it");
		buf_putc(out, '\n');
		for (unsigned t = 0; t < status->tier_count && t < PROBE_TIERS_MAX; t++) {
			const struct probe_tier_status *tier = &status->tiers[t];

			if (tier->state != TIER_FAILED)
				continue;
			buf_printf(out, "  %*s  not %s: %s", KEYS_COLUMNS - 2, "", tier->name, tier->reason);
			if (*tier->remedy)
				buf_printf(out, "\n  %*s  Remedy: %s", KEYS_COLUMNS - 2, "", tier->remedy);
			buf_putc(out, '\n');
		}
	}
}

static void put_count(struct buf *out, const char *count, const char *help)
{
	put_padded(out, STYLE_STRONG, count, COUNT_COLUMNS);
	buf_puts(out, help);
	buf_putc(out, '\n');
}

static void put_metric(struct buf *out, const struct snapshot *snapshot, enum system_metric slot)
{
	const struct metric *metric = metric_get(SCOPE_SYSTEM, slot);
	char cell[CELL_MAX];

	put_count(out, cell_number(cell, metric, system_value(snapshot, slot)), metric->help);
}

static void put_lost(struct buf *out, const struct snapshot *snapshot)
{
	char count[24], cell[CELL_MAX];

	put_heading(out, "What was left out");
	put_metric(out, snapshot, SYS_SCAN_LOST);
	snprintf(count, sizeof count, "%zu", snapshot->threads_lost);
	put_count(out, count, "Threads left out of this sample, there being too many");
	snprintf(count, sizeof count, "%" PRIu64, snapshot->exited_lost);
	put_count(out, count, "Processes that ended and were left out, there being too many at once");
	if (snapshot->faults && value_has_amount(snapshot->faults->lost.status))
		put_count(out, cell_number(cell, metric_get(SCOPE_PROCESS, PROC_FAULTS_SEEN), snapshot->faults->lost),
			  "Page faults that are in no sum, a table or buffer being full");
	put_metric(out, snapshot, SYS_FAULTS_MISSED);
	put_metric(out, snapshot, SYS_CGROUPS_LOST);
	put_metric(out, snapshot, SYS_MEMINFO_LOST);
}

/* memtide about itself, in the order of the metric table. */
static void put_self(struct buf *out, const struct snapshot *snapshot)
{
	put_heading(out, "What memtide costs, and how PSS is read");
	for (unsigned slot = SYS_SELF_CPU; slot <= SYS_PSS_DENIED; slot++)
		put_metric(out, snapshot, (enum system_metric)slot);
}

static void fill_notices(const struct app *app, struct buf *out)
{
	if (!app->snapshot)
		return;
	put_notices(out, app->snapshot);
	put_tier(out, app->snapshot->host);
	put_probes(out, app->snapshot);
	put_lost(out, app->snapshot);
	put_self(out, app->snapshot);
}

struct view *notices_new(const struct app *app)
{
	return text_view_new_live("Notices", app, fill_notices);
}
