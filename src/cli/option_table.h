/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option table: everything that parses or documents options comes from here. Internal to cli/ and its
 * tools. */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "cli/options.h"

enum option_group {
	GROUP_OUTPUT,
	GROUP_FIELDS,
	GROUP_PROCESSES,
	GROUP_SCREEN,
	GROUP_COLLECTING,
	GROUP_OTHER,
	GROUP_COUNT
};

/* What a shell may offer as the argument. */
enum option_complete {
	COMPLETE_NOTHING,
	COMPLETE_WORDS,
	COMPLETE_FIELDS,
	COMPLETE_SORT,
	COMPLETE_PIDS,
	COMPLETE_USER,
	COMPLETE_DIRECTORY
};

/* What parsing keeps until all options are known. */
struct parsing {
	struct options *options;
	const struct option_row *row;	/* the option at hand */
	const char *value;		/* its argument, NULL when it takes none */
	const char *sort;
	bool format_given, list_fields;
	struct err *err;
};

struct option_row {
	char letter;			/* 0 for none */
	const char *name;
	const char *argument;		/* as --help shows it, NULL when the option takes none */
	enum option_group group;
	enum option_complete complete;
	const char *words;		/* COMPLETE_WORDS: separated by blanks */
	int (*parse)(struct parsing *parsing);	/* 0, or -1 with the error set; NULL for --help and --version */
	const char *help;		/* one sentence without its stop, for --help and the manual */
	const char *detail;		/* whole sentences for the manual, or NULL */
};

extern const struct option_row option_table[];
extern const unsigned option_count;

/* "Output", ... */
const char *option_group_title(enum option_group group);

/* Sets the error "--NAME 'VALUE': WHY (REMEDY)" for the option at hand; returns -1. */
__attribute__((format(printf, 2, 3))) int option_error(const struct parsing *parsing, const char *format, ...);

/* Resolves the kept field lists and sort key now that the record kind is known. 0, or -1 with the error set. */
int option_fields_resolve(struct parsing *parsing);

/* Parsers of arguments (cli/arguments.c). */
int argument_batch(struct parsing *parsing);
int argument_iterations(struct parsing *parsing);
int argument_delay(struct parsing *parsing);
int argument_format(struct parsing *parsing);
int argument_record(struct parsing *parsing);
int argument_rows(struct parsing *parsing);
int argument_fields(struct parsing *parsing);
int argument_sort(struct parsing *parsing);
int argument_list_fields(struct parsing *parsing);
int argument_command_line(struct parsing *parsing);
int argument_pids(struct parsing *parsing);
int argument_user(struct parsing *parsing);
int argument_filter(struct parsing *parsing);
int argument_hide_idle(struct parsing *parsing);
int argument_threads(struct parsing *parsing);
int argument_tree(struct parsing *parsing);
int argument_cgroups(struct parsing *parsing);
int argument_color(struct parsing *parsing);
int argument_ascii(struct parsing *parsing);
int argument_no_mouse(struct parsing *parsing);
int argument_no_settings(struct parsing *parsing);
int argument_read_only(struct parsing *parsing);
int argument_exact(struct parsing *parsing);
int argument_pss_budget(struct parsing *parsing);
int argument_pss_first_budget(struct parsing *parsing);
int argument_stall_limit(struct parsing *parsing);
int argument_pss_max_age(struct parsing *parsing);
int argument_pss_skip(struct parsing *parsing);
int argument_no_pss(struct parsing *parsing);
int argument_probes(struct parsing *parsing);
int argument_tier(struct parsing *parsing);
int argument_doctor(struct parsing *parsing);
int argument_root(struct parsing *parsing);

#endif
