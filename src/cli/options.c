/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/option_table.h"
#include "model/suggest.h"

enum {
	ROWS_MAX = 64,
	FIRST_CODE = 256,	/* getopt's value of row i is FIRST_CODE + i, whether by letter or by name */
	SHOWN_MAX = 80
};

/* -- errors ----------------------------------------------------------------------------------------------- */

int option_error(const struct parsing *parsing, const char *format, ...)
{
	char why[400];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	if (!parsing->value)
		return err_set(parsing->err, "--%s: %s", parsing->row->name, why);
	return err_set(parsing->err, "--%s '%.*s%s': %s", parsing->row->name, SHOWN_MAX, parsing->value,
		       strlen(parsing->value) > SHOWN_MAX ? "..." : "", why);
}

static const struct option_row *row_by_letter(int letter)
{
	for (unsigned i = 0; i < option_count; i++)
		if (letter && option_table[i].letter == letter)
			return &option_table[i];
	return NULL;
}

/* An option that getopt does not know: ARGUMENT is "--name" or "--name=value". */
static int unknown_long(struct err *err, const char *argument)
{
	size_t len = strcspn(argument, "=");
	struct suggestion suggestion = { .name = argument + 2, .len = len - 2 };
	unsigned prefixes = 0;

	for (unsigned i = 0; i < option_count; i++) {
		prefixes += !strncmp(option_table[i].name, argument + 2, len - 2);
		suggestion_offer(&suggestion, option_table[i].name, option_table[i].name);
	}
	if (prefixes > 1)
		return err_set(err, "%.*s: ambiguous, %u options begin so (give the full name)", (int)len,
			       argument, prefixes);
	if (suggestion.best)
		return err_set(err, "%.*s: unknown option (did you mean --%s?)",
			       len > SHOWN_MAX ? SHOWN_MAX : (int)len, argument, suggestion.best);
	return err_set(err, "%.*s: unknown option (--help lists the options)",
		       len > SHOWN_MAX ? SHOWN_MAX : (int)len, argument);
}

/* What getopt refused. CODE is its result, ARGUMENT the word it stopped after. */
static int refused(struct err *err, int code, const char *argument)
{
	const struct option_row *row = optopt >= FIRST_CODE ? &option_table[optopt - FIRST_CODE] :
							      row_by_letter(optopt);

	if (code == ':' && row)
		return err_set(err, "--%s: needs an argument (give %s)", row->name, row->argument);
	if (row && optopt >= FIRST_CODE)
		return err_set(err, "--%s: takes no argument (leave out what follows the =)", row->name);
	if (!optopt)
		return unknown_long(err, argument);
	return err_set(err, "-%c: unknown option (--help lists the options)", optopt);
}

/* -- what excludes what ----------------------------------------------------------------------------------- */

/* An option given that only means something for processes, or NULL. */
static const char *process_option(const struct parsing *parsing)
{
	const struct options *options = parsing->options;

	if (options->pids.count)
		return "--pid";
	if (options->user)
		return "--user";
	if (options->filter)
		return "--filter";
	if (options->hide_idle)
		return "--hide-idle";
	if (options->threads)
		return "--threads";
	if (options->grouping != GROUPING_NONE)
		return options->grouping == GROUPING_TREE ? "--tree" : "--cgroups";
	if (parsing->sort)
		return "--sort";
	return parsing->options->command_line ? "--command-line" : NULL;
}

static int check_records(const struct parsing *parsing)
{
	const struct options *options = parsing->options;
	const char *selects = process_option(parsing);

	if (options->record != SCOPE_PROCESS && selects)
		return err_set(parsing->err,
			       "%s: is about processes, and --record %s shows none (drop one of the two)",
			       selects, metric_scope_name(options->record));
	if (parsing->list_fields && options->format == FORMAT_OPENMETRICS)
		return err_set(parsing->err,
			       "--list-fields: cannot be shown as openmetrics (give --format table, json or "
			       "csv)");
	return 0;
}

/* An option given that only means something where there is a screen of its own, or NULL. */
static const char *screen_option(const struct options *options)
{
	if (options->palette_given)
		return "--color";
	if (options->ascii)
		return "--ascii";
	if (options->no_mouse)
		return "--no-mouse";
	return NULL;
}

/* What says how the screen looks has no meaning in a batch; --no-settings and --read-only hold there anyway. */
static int check_screen(const struct options *options, struct err *err)
{
	const char *screen = screen_option(options);

	if (options->batch && screen)
		return err_set(err, "%s: is about the interactive screen (drop it, or --batch)", screen);
	if (options->batch)
		return 0;
	if (options->rows)
		return err_set(err, "--rows: is about tables in a batch (add -b)");
	if (options->record == SCOPE_SYSTEM && options->field_list_count)
		return err_set(err, "--fields: the screen of the machine shows all fields (add -b, or drop it)");
	return 0;
}

static int check_collecting(const struct parsing *parsing)
{
	const struct options *options = parsing->options;

	if (options->root && options->tier == TIER_BPF)
		return err_set(parsing->err,
			       "--tier bpf: sees only this machine, not the one in --root (use --tier auto)");
	if (options->root && options->fault_tier >= 0)
		return err_set(parsing->err, "--tier faults=%s: sees only this machine, not the one in --root (drop one of "
			       "the two)", faults_tier_name((enum fault_tier)options->fault_tier));
	if (!options->no_pss)
		return 0;
	if (options->exact.count)
		return err_set(parsing->err,
			       "--exact: needs the reads that --no-pss forbids (use --stall-limit 0, which "
			       "allows only exact reads)");
	if (options->sort->need & NEED_ROLLUP)
		return err_set(parsing->err, "--sort '%s': needs the reads that --no-pss forbids (sort by rss)",
			       options->sort->key);
	if (options->filter && (filter_needs(options->filter) & NEED_ROLLUP))
		return err_set(parsing->err,
			       "--filter: tests a field that --no-pss leaves unread (test rss instead)");
	return 0;
}

static int finish(struct parsing *parsing)
{
	struct options *options = parsing->options;
	struct probe_options *faults = &options->probes[PROBE_FAULTS];

	/* Who says how wants it. */
	if (options->fault_tier >= 0 && faults->allowed)
		faults->asked = faults->required = true;
	if (check_records(parsing) || option_fields_resolve(parsing) || check_collecting(parsing))
		return -1;
	/* A list of fields, or what can be had, is printed, whatever else is asked for. */
	if (!parsing->list_fields && !options->doctor && check_screen(options, parsing->err))
		return -1;
	options->all_records = !options->record_given &&
			       (options->format == FORMAT_JSON || options->format == FORMAT_OPENMETRICS);
	return 0;
}

/* -- parsing ---------------------------------------------------------------------------------------------- */

static void set_defaults(struct options *options)
{
	*options = (struct options){
		.delay_ns = INT64_C(1000000000),
		.format = FORMAT_TABLE,
		.record = SCOPE_PROCESS,
		.pss_budget = 2000,
		.pss_first_budget = 50000,
		.stall_limit_ns = INT64_C(10000000),
		.pss_max_age_ns = INT64_C(120000000000),
		.fault_part = FAULT_PART_LATENCY,
		.fault_tier = -1,
	};
	for (int probe = 0; probe < PROBE_COUNT; probe++)
		options->probes[probe].allowed = true;
}

/* getopt's own tables, from ours. LETTERS holds at least 2 + 2 * ROWS_MAX bytes. */
static void build_tables(char *letters, struct option *longs)
{
	*letters++ = ':';	/* tell a missing argument from an unknown option */
	for (unsigned i = 0; i < option_count; i++) {
		const struct option_row *row = &option_table[i];

		longs[i] = (struct option){ row->name, row->argument ? required_argument : no_argument, NULL,
					    FIRST_CODE + (int)i };
		if (!row->letter)
			continue;
		*letters++ = row->letter;
		if (row->argument)
			*letters++ = ':';
	}
	longs[option_count] = (struct option){ 0 };
	*letters = '\0';
}

static enum options_result result_of(const struct option_row *row)
{
	return row->letter == 'h' ? OPTIONS_HELP : OPTIONS_VERSION;
}

enum options_result options_parse(int argc, char **argv, struct options *options, struct err *err)
{
	struct parsing parsing = { .options = options, .err = err };
	char letters[2 + 2 * ROWS_MAX];
	struct option longs[ROWS_MAX + 1];
	int code;

	set_defaults(options);
	build_tables(letters, longs);
	opterr = 0;
	optind = 0;	/* makes getopt start afresh */
	while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (code == '?' || code == ':') {
			refused(err, code, argv[optind - 1]);
			return OPTIONS_USAGE_ERROR;
		}
		parsing.row = code >= FIRST_CODE ? &option_table[code - FIRST_CODE] : row_by_letter(code);
		parsing.value = parsing.row->argument ? optarg : NULL;
		if (!parsing.row->parse)
			return result_of(parsing.row);
		if (parsing.row->parse(&parsing))
			return OPTIONS_USAGE_ERROR;
	}
	if (optind < argc) {
		err_set(err, "'%.*s': unexpected (memtide takes options only; --help lists them)", SHOWN_MAX,
			argv[optind]);
		return OPTIONS_USAGE_ERROR;
	}
	if (finish(&parsing))
		return OPTIONS_USAGE_ERROR;
	return parsing.list_fields ? OPTIONS_LIST_FIELDS : OPTIONS_RUN;
}

void options_free(struct options *options)
{
	filter_free(options->filter);
	options->filter = NULL;
	while (options->pss_skip_count)
		filter_free(options->pss_skip[--options->pss_skip_count]);
}

/* -- what follows from them ------------------------------------------------------------------------------- */

int options_resolve_user(struct options *options, struct users *users, struct err *err)
{
	if (!options->user || options->by_uid)
		return 0;
	if (users_find(users, options->user, &options->uid))
		return err_set(err, "--user '%.*s': no such user%s (give a known name or a number)", SHOWN_MAX,
			       options->user, options->root ? " in the captured etc/passwd" : "");
	options->by_uid = true;
	return 0;
}

unsigned options_needs(const struct options *options)
{
	unsigned needs = NEED_CORE;

	for (size_t i = 0; i < options->field_count; i++)
		needs |= options->fields[i]->need;
	if (options->record == SCOPE_PROCESS) {
		needs |= options->sort->need;
		if (options->filter)
			needs |= filter_needs(options->filter);
	}
	if (options->user)
		needs |= NEED_USER;
	if (options->threads)
		needs |= NEED_THREADS;
	if (options->grouping == GROUPING_CGROUP)
		needs |= NEED_CGROUP | NEED_CGROUPS;
	if (options->all_records)
		needs |= NEED_SYSTEM | NEED_CGROUPS;
	else if (options->format == FORMAT_TABLE)
		needs |= NEED_SYSTEM;	/* the lines above the table */
	if (options->exact.count)
		needs |= NEED_ROLLUP | NEED_STATUS;
	if (options->probes[PROBE_FAULTS].asked)
		needs |= NEED_FAULTS;
	if (options->no_pss)
		needs &= ~(unsigned)NEED_ROLLUP;
	if (needs & NEED_ROLLUP)
		for (size_t i = 0; i < options->pss_skip_count; i++)
			needs |= filter_needs(options->pss_skip[i]);
	return needs;
}

struct arrange_config options_arrangement(const struct options *options)
{
	return (struct arrange_config){
		.selection = {
			.pids = options->pids.count ? options->pids.pids : NULL,
			.pid_count = options->pids.count,
			.by_uid = options->by_uid,
			.uid = options->uid,
			.hide_idle = options->hide_idle,
			.filter = options->filter,
			.sort = options->sort,
			.ascending = options->ascending,
		},
		.grouping = options->grouping,
		.threads = options->threads,
		.exited = options->format == FORMAT_JSON && options_needs(options) & NEED_FAULTS,
	};
}
