/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the command line asks for.
 *
 * One table (cli/option_table.c) drives parsing, --help, the option section of the manual page and the shell
 * completions; struct options is what it fills in.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/filter.h"
#include "model/metric.h"
#include "model/arrange.h"
#include "out/writer.h"
#include "model/probe.h"
#include "source/faults.h"
#include "source/task.h"
#include "source/users.h"
#include "tui/settings.h"
#include "util/buf.h"
#include "util/err.h"

enum {
	OPTIONS_PIDS_MAX = 1024,
	OPTIONS_LISTS_MAX = 16,
	OPTIONS_SKIP_MAX = 16,
	/* A field is in a list at most once, so the largest scope is the bound. */
	OPTIONS_FIELDS_MAX = (int)PROC_COUNT > (int)SYS_COUNT ?
			     ((int)PROC_COUNT > (int)CG_COUNT ? (int)PROC_COUNT : (int)CG_COUNT) :
			     ((int)SYS_COUNT > (int)CG_COUNT ? (int)SYS_COUNT : (int)CG_COUNT)
};

/* What --probes says of a probe. */
struct probe_options {
	bool allowed;		/* may be attached when something shown needs it */
	bool asked;		/* is wanted from the start, whatever is shown */
	bool required;		/* named: that it cannot be had is an error */
};

/* PIDs in ascending order, each once. */
struct pid_list {
	int32_t pids[OPTIONS_PIDS_MAX];
	size_t count;
};

struct options {
	/* output */
	bool batch;				/* --batch, or implied by --format */
	uint32_t iterations;			/* samples to take, 0 for no end */
	int64_t delay_ns;			/* between samples, 50 ms to 24 h */
	bool delay_given;
	enum format format;
	enum scope record;			/* what makes the rows; SCOPE_PROCESS unless --record */
	bool record_given;
	bool all_records;			/* json, openmetrics without --record: every kind */
	uint32_t rows;				/* table rows at most, 0 for all */

	/* fields and order */
	const struct metric *fields[OPTIONS_FIELDS_MAX];	/* of RECORD's scope, at least one */
	size_t field_count;
	const char *field_lists[OPTIONS_LISTS_MAX];	/* as given, point into argv; for options_apply_fields() */
	unsigned field_list_count;
	const struct metric *sort;		/* process scope, never NULL */
	bool ascending;
	bool sort_given;
	bool command_line;

	/* which processes */
	struct pid_list pids;			/* empty for all */
	const char *user;			/* as given, points into argv; NULL for all */
	bool by_uid;				/* uid is set; after options_resolve_user() whenever user is */
	uint32_t uid;
	struct filter *filter;			/* NULL for all; owned */
	const char *filter_text;		/* as given, points into argv */
	bool hide_idle;
	bool threads;
	enum grouping grouping;

	/* the interactive screen */
	bool palette_given;
	enum palette palette;
	bool ascii, no_mouse, no_settings, read_only;

	/* collecting */
	const char *root;			/* captured tree, points into argv; NULL for the live machine */
	enum task_tier tier;
	struct probe_options probes[PROBE_COUNT];
	enum fault_part fault_part;
	int fault_tier;				/* enum fault_tier, -1 for the best */
	bool doctor;				/* only says what can be had here */
	struct pid_list exact;			/* read exactly, whatever the limits */
	int64_t pss_budget;			/* of one CPU, 1/1000 percent: 10 (0.01 %) to 100000 */
	int64_t pss_first_budget;		/* as above, until every process was read once */
	int64_t stall_limit_ns;			/* longest predicted read, 0 (none but exact ones) to 10 s */
	int64_t pss_max_age_ns;			/* 0: never read for age alone; to 30 days */
	struct filter *pss_skip[OPTIONS_SKIP_MAX];	/* a process that matches any is not read; owned */
	size_t pss_skip_count;
	bool no_pss;				/* smaps_rollup is never read */
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_LIST_FIELDS,
	OPTIONS_USAGE_ERROR
};

/*
 * Fills *OPTIONS (no need to initialize it) from the command line; ARGV may be permuted and must outlive
 * *OPTIONS. After OPTIONS_USAGE_ERROR, ERR holds one line: the option, the bad value, why, and the remedy.
 * Prints nothing, never exits; may be called again and again (but getopt_long() below it is not thread-safe).
 * Whatever the result, options_free() releases what is owned.
 */
enum options_result options_parse(int argc, char **argv, struct options *options, struct err *err);

void options_free(struct options *options);

/* Sets by_uid and uid from user, if one was given. 0, or -1 with ERR set. */
int options_resolve_user(struct options *options, struct users *users, struct err *err);

/*
 * What the command line says over the settings of the interactive screen: fields, order, delay, grouping and how
 * it looks. Lists of signed fields change the fields that the settings have. 0, or -1 with ERR set (no field is left).
 */
int options_apply(const struct options *options, struct settings *settings, struct err *err);

/* Union of enum need bits of what is shown, sorted and selected by. */
unsigned options_needs(const struct options *options);

/* The selection and grouping these options describe; it points into *OPTIONS. */
struct arrange_config options_arrangement(const struct options *options);

/* What --help, --version and --list-fields print; the last in table, json or csv form. */
void options_print_help(struct buf *out);
void options_print_version(struct buf *out);
void options_print_fields(const struct options *options, struct buf *out);

#endif
