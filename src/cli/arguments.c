/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One parser per option: strict, and every refusal says what would be accepted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option_table.h"
#include "model/quantity.h"

enum { PID_LIMIT = 4194304 };	/* PID_MAX_LIMIT of include/linux/threads.h, 64-bit */

#define SECOND INT64_C(1000000000)

/* -- kinds of arguments ----------------------------------------------------------------------------------- */

/* A whole number of MIN to MAX, digits only. */
static int whole_number(struct parsing *parsing, int64_t min, int64_t max, int64_t *number)
{
	const char *value = parsing->value;

	if (!*value || strspn(value, "0123456789") != strlen(value))
		return option_error(parsing, "not a whole number (give %lld to %lld)", (long long)min,
				    (long long)max);
	if (quantity_parse(value, strlen(value), UNIT_NONE, number) || *number < min || *number > max)
		return option_error(parsing, "out of range (give %lld to %lld)", (long long)min,
				    (long long)max);
	return 0;
}

static bool ends_in_digit(const char *s)
{
	size_t len = strlen(s);

	return len && s[len - 1] >= '0' && s[len - 1] <= '9';
}

/* A time with its unit, 0 to MAX; RANGE says it in words. */
static int duration(struct parsing *parsing, int64_t max, const char *range, int64_t *ns)
{
	const char *value = parsing->value;
	int64_t amount;
	int rc = quantity_parse(value, strlen(value), UNIT_SECONDS, &amount);

	if (rc == -EINVAL)
		return option_error(parsing, "not a duration (give a number and its unit, %s)", range);
	if (!rc && amount && ends_in_digit(value))
		return option_error(parsing, "the unit is missing (%sms or %ss?)", value, value);
	if (rc || amount < 0 || amount > max)
		return option_error(parsing, "out of range (give %s)", range);
	*ns = amount;
	return 0;
}

static int budget(struct parsing *parsing, int64_t *milli_percent)
{
	const char *value = parsing->value;
	int64_t amount;
	int rc = quantity_parse(value, strlen(value), UNIT_PERCENT, &amount);

	if (rc == -EINVAL)
		return option_error(parsing, "not a percentage (give 0.01 to 100)");
	if (rc || amount < 10 || amount > 100000)
		return option_error(parsing, "out of range (give 0.01 to 100 percent of one CPU)");
	*milli_percent = amount;
	return 0;
}

/* Puts PID into LIST at its place. */
static int add_pid(struct parsing *parsing, struct pid_list *list, int32_t pid)
{
	size_t at = list->count;

	while (at && list->pids[at - 1] >= pid)
		at--;
	if (at < list->count && list->pids[at] == pid)
		return 0;
	if (list->count == OPTIONS_PIDS_MAX)
		return option_error(parsing, "too many processes (at most %d; use --filter)", OPTIONS_PIDS_MAX);
	memmove(&list->pids[at + 1], &list->pids[at], (list->count - at) * sizeof list->pids[0]);
	list->pids[at] = pid;
	list->count++;
	return 0;
}

static int pid_list(struct parsing *parsing, struct pid_list *list)
{
	const char *at = parsing->value;

	for (;;) {
		size_t len = strspn(at, "0123456789");
		int64_t pid;

		if (!len || (at[len] && at[len] != ','))
			return option_error(parsing,
					    "not a list of process IDs (give numbers separated by commas)");
		if (quantity_parse(at, len, UNIT_NONE, &pid) || pid < 1 || pid > PID_LIMIT)
			return option_error(parsing, "'%.*s' is no process ID (give 1 to %d)",
					    len > 24 ? 24 : (int)len, at, PID_LIMIT);
		if (add_pid(parsing, list, (int32_t)pid))
			return -1;
		if (!at[len])
			return 0;
		at += len + 1;
	}
}

/* -- output ----------------------------------------------------------------------------------------------- */

int argument_batch(struct parsing *parsing)
{
	parsing->options->batch = true;
	return 0;
}

int argument_iterations(struct parsing *parsing)
{
	int64_t number;

	if (whole_number(parsing, 1, INT32_MAX, &number))
		return -1;
	parsing->options->iterations = (uint32_t)number;
	return 0;
}

int argument_delay(struct parsing *parsing)
{
	const char *value = parsing->value;
	int64_t ns;
	int rc = quantity_parse(value, strlen(value), UNIT_SECONDS, &ns);

	if (rc == -EINVAL || !ends_in_digit(value))
		return option_error(parsing, "not a number of seconds (give 0.05 to 86400, as 0.5)");
	if (rc || ns < SECOND / 20 || ns > 86400 * SECOND)
		return option_error(parsing, "out of range (give 0.05 to 86400 seconds)");
	parsing->options->delay_ns = ns;
	parsing->options->delay_given = true;
	return 0;
}

int argument_format(struct parsing *parsing)
{
	int format = writer_format_find(parsing->value);

	if (format < 0)
		return option_error(parsing, "unknown format (give table, json, csv or openmetrics)");
	parsing->options->format = (enum format)format;
	parsing->options->batch = true;
	parsing->format_given = true;
	return 0;
}

int argument_record(struct parsing *parsing)
{
	for (int scope = 0; scope < SCOPE_COUNT; scope++) {
		if (!strcmp(parsing->value, metric_scope_name((enum scope)scope))) {
			parsing->options->record = (enum scope)scope;
			parsing->options->record_given = true;
			return 0;
		}
	}
	return option_error(parsing, "unknown kind of record (give process, system or cgroup)");
}

int argument_rows(struct parsing *parsing)
{
	int64_t number;

	if (whole_number(parsing, 1, INT32_MAX, &number))
		return -1;
	parsing->options->rows = (uint32_t)number;
	return 0;
}

/* -- fields and order ------------------------------------------------------------------------------------- */

int argument_fields(struct parsing *parsing)
{
	struct options *options = parsing->options;

	if (options->field_list_count == OPTIONS_LISTS_MAX)
		return option_error(parsing, "given too often (put the fields into one list)");
	options->field_lists[options->field_list_count++] = parsing->value;
	return 0;
}

int argument_sort(struct parsing *parsing)
{
	parsing->sort = parsing->value;
	parsing->options->sort_given = true;
	return 0;
}

int argument_list_fields(struct parsing *parsing)
{
	parsing->list_fields = true;
	return 0;
}

int argument_command_line(struct parsing *parsing)
{
	parsing->options->command_line = true;
	return 0;
}

/* -- which processes -------------------------------------------------------------------------------------- */

int argument_pids(struct parsing *parsing)
{
	return pid_list(parsing, &parsing->options->pids);
}

int argument_user(struct parsing *parsing)
{
	struct options *options = parsing->options;
	const char *value = parsing->value;
	int64_t uid;

	if (!*value)
		return option_error(parsing, "no user (give a name or a number)");
	options->user = value;
	options->by_uid = strspn(value, "0123456789") == strlen(value);
	if (!options->by_uid)
		return 0;
	/* The largest number means "no user" to the kernel. */
	if (quantity_parse(value, strlen(value), UNIT_NONE, &uid) || uid >= UINT32_MAX)
		return option_error(parsing, "out of range (user IDs go from 0 to %u)", UINT32_MAX - 1);
	options->uid = (uint32_t)uid;
	return 0;
}

static struct filter *filter(const struct parsing *parsing)
{
	struct err why;
	struct filter *parsed = filter_parse(parsing->value, &why);

	if (!parsed)
		option_error(parsing, "%s", why.text);
	return parsed;
}

int argument_filter(struct parsing *parsing)
{
	if (parsing->options->filter)
		return option_error(parsing, "a second filter (join them by && or ||)");
	parsing->options->filter = filter(parsing);
	parsing->options->filter_text = parsing->value;
	return parsing->options->filter ? 0 : -1;
}

int argument_hide_idle(struct parsing *parsing)
{
	parsing->options->hide_idle = true;
	return 0;
}

int argument_threads(struct parsing *parsing)
{
	parsing->options->threads = true;
	return 0;
}

static int grouping(struct parsing *parsing, enum grouping wanted)
{
	enum grouping *grouping = &parsing->options->grouping;

	if (*grouping != GROUPING_NONE && *grouping != wanted)
		return option_error(parsing, "rows are either a tree or grouped by cgroup (drop one of the two)");
	*grouping = wanted;
	return 0;
}

int argument_tree(struct parsing *parsing)
{
	return grouping(parsing, GROUPING_TREE);
}

int argument_cgroups(struct parsing *parsing)
{
	return grouping(parsing, GROUPING_CGROUP);
}

/* -- the interactive screen ------------------------------------------------------------------------------- */

int argument_color(struct parsing *parsing)
{
	int palette = palette_find(parsing->value);

	if (palette < 0)
		return option_error(parsing, "unknown palette (give auto, dark, light or mono)");
	parsing->options->palette = (enum palette)palette;
	parsing->options->palette_given = true;
	return 0;
}

int argument_ascii(struct parsing *parsing)
{
	parsing->options->ascii = true;
	return 0;
}

int argument_no_mouse(struct parsing *parsing)
{
	parsing->options->no_mouse = true;
	return 0;
}

int argument_no_settings(struct parsing *parsing)
{
	parsing->options->no_settings = true;
	return 0;
}

int argument_read_only(struct parsing *parsing)
{
	parsing->options->read_only = true;
	return 0;
}

/* -- collecting ------------------------------------------------------------------------------------------- */

int argument_exact(struct parsing *parsing)
{
	return pid_list(parsing, &parsing->options->exact);
}

int argument_pss_budget(struct parsing *parsing)
{
	return budget(parsing, &parsing->options->pss_budget);
}

int argument_pss_first_budget(struct parsing *parsing)
{
	return budget(parsing, &parsing->options->pss_first_budget);
}

int argument_stall_limit(struct parsing *parsing)
{
	return duration(parsing, 10 * SECOND, "0 to 10s, as 10ms", &parsing->options->stall_limit_ns);
}

int argument_pss_max_age(struct parsing *parsing)
{
	return duration(parsing, 30 * 86400 * SECOND, "0 to 30d, as 120s", &parsing->options->pss_max_age_ns);
}

int argument_pss_skip(struct parsing *parsing)
{
	struct options *options = parsing->options;

	if (options->pss_skip_count == OPTIONS_SKIP_MAX)
		return option_error(parsing, "given more than %d times (join expressions by ||)",
				    OPTIONS_SKIP_MAX);
	struct filter *parsed = filter(parsing);

	if (!parsed)
		return -1;
	options->pss_skip[options->pss_skip_count++] = parsed;
	if (filter_needs(parsed) & NEED_ROLLUP)
		return option_error(
			parsing, "tests a field that only the read it forbids would tell (use rss, comm, user, "
				 "cgroup or another field not read from smaps_rollup)");
	return 0;
}

int argument_no_pss(struct parsing *parsing)
{
	parsing->options->no_pss = true;
	return 0;
}

/* -- probes ----------------------------------------------------------------------------------------------- */

/* "NAME" (then value is NULL) or "NAME=VALUE". */
struct item {
	const char *name, *value;
	size_t name_len, value_len;
};

static bool is(const char *have, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(have, word, len);
}

/* Calls TAKE for each item of the list until one is refused. */
static int each_item(struct parsing *parsing, int (*take)(struct parsing *parsing, const struct item *item))
{
	const char *at = parsing->value;

	for (;;) {
		size_t len = strcspn(at, ",");
		const char *equals = memchr(at, '=', len);
		struct item item = { .name = at, .name_len = equals ? (size_t)(equals - at) : len };

		if (equals) {
			item.value = equals + 1;
			item.value_len = len - item.name_len - 1;
		}
		if (take(parsing, &item))
			return -1;
		if (!at[len])
			return 0;
		at += len + 1;
	}
}

static int take_faults(struct parsing *parsing, const struct item *item)
{
	static const char *const parts[] = {
		[FAULT_PART_TOTALS] = "totals", [FAULT_PART_CLASSES] = "classes", [FAULT_PART_LATENCY] = "latency"
	};
	struct probe_options *faults = &parsing->options->probes[PROBE_FAULTS];

	*faults = (struct probe_options){ .allowed = true, .asked = true, .required = true };
	parsing->options->fault_part = FAULT_PART_LATENCY;
	if (!item->value)
		return 0;
	for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
		if (is(item->value, item->value_len, parts[part])) {
			parsing->options->fault_part = (enum fault_part)part;
			return 0;
		}
	}
	return option_error(parsing, "unknown part of faults (give faults=totals, faults=classes or faults=latency)");
}

static int take_probe(struct parsing *parsing, const struct item *item)
{
	bool all = is(item->name, item->name_len, "all"), none = is(item->name, item->name_len, "none");

	if (is(item->name, item->name_len, probe_name(PROBE_FAULTS)))
		return take_faults(parsing, item);
	if ((!all && !none) || item->value)
		return option_error(parsing, "unknown probe (give all, none or faults, or faults=totals, faults=classes or "
				    "faults=latency)");
	if (none && strcmp(parsing->value, "none") != 0)
		return option_error(parsing, "none and others (give none alone)");
	for (int probe = 0; all && probe < PROBE_COUNT; probe++)
		parsing->options->probes[probe].allowed = parsing->options->probes[probe].asked = true;
	return 0;
}

int argument_probes(struct parsing *parsing)
{
	for (int probe = 0; probe < PROBE_COUNT; probe++)
		parsing->options->probes[probe] = (struct probe_options){ .allowed = false };
	return each_item(parsing, take_probe);
}

static int task_tier(struct parsing *parsing, const char *name, size_t len)
{
	static const char *const names[] = {
		[TIER_AUTO] = "auto", [TIER_BPF] = "bpf", [TIER_PROCFS] = "procfs"
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (is(name, len, names[i])) {
			parsing->options->tier = (enum task_tier)i;
			return 0;
		}
	}
	return option_error(parsing, "unknown tier of the process scan (give auto, bpf or procfs; of the fault probe, "
			    "faults=TIER)");
}

static int fault_tier(struct parsing *parsing, const char *name, size_t len)
{
	int *tier = &parsing->options->fault_tier;

	*tier = -1;
	if (is(name, len, "auto"))
		return 0;
	for (int i = 0; i < FAULT_TIERS; i++)
		if (is(name, len, faults_tier_name((enum fault_tier)i)))
			*tier = i;
	if (*tier >= 0)
		return 0;
	return option_error(parsing, "unknown tier of the fault probe (give faults=auto, fentry, kprobe, tracepoint, "
			    "bpf-iterator, perf or procfs)");
}

static int take_tier(struct parsing *parsing, const struct item *item)
{
	if (!item->value)
		return task_tier(parsing, item->name, item->name_len);
	if (is(item->name, item->name_len, "tasks"))
		return task_tier(parsing, item->value, item->value_len);
	if (is(item->name, item->name_len, probe_name(PROBE_FAULTS)))
		return fault_tier(parsing, item->value, item->value_len);
	return option_error(parsing, "nothing with tiers by that name (give tasks=TIER or faults=TIER)");
}

int argument_tier(struct parsing *parsing)
{
	return each_item(parsing, take_tier);
}

int argument_doctor(struct parsing *parsing)
{
	parsing->options->doctor = true;
	return 0;
}

int argument_root(struct parsing *parsing)
{
	if (!*parsing->value)
		return option_error(parsing, "no directory (give one that holds a captured proc)");
	parsing->options->root = parsing->value;
	return 0;
}
