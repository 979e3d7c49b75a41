/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: what it sets, what it refuses and how, and what is derived from it. */
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/option_table.h"
#include "cli/options.h"

enum { ARGS_MAX = 40 };

static char line_space[8192];
static char *line_argv[ARGS_MAX + 1];

/* Splits LINE at '|' into line_argv. */
static int split(const char *line)
{
	int argc = 0;

	line_argv[argc++] = (char *)(uintptr_t)"memtide";
	snprintf(line_space, sizeof line_space, "%s", line);
	for (char *word = strtok(line_space, "|"); word && argc < ARGS_MAX; word = strtok(NULL, "|"))
		line_argv[argc++] = word;
	line_argv[argc] = NULL;
	return argc;
}

/* Words of the command line separated by '|'. */
static enum options_result parse(const char *line, struct options *options, struct err *err)
{
	int argc = split(line);

	err->text[0] = '\0';
	return options_parse(argc, line_argv, options, err);
}

static void parse_ok(const char *line, struct options *options)
{
	struct err err;

	if (parse(line, options, &err) != OPTIONS_RUN)
		fail_msg("%s: %s", line, err.text);
}

/* Keys of the fields, separated by blanks. */
static void check_fields(const char *line, const char *keys)
{
	struct options options;
	struct buf buf = { 0 };

	parse_ok(line, &options);
	for (size_t i = 0; i < options.field_count; i++)
		buf_printf(&buf, i ? " %s" : "%s", options.fields[i]->key);
	buf_putc(&buf, '\0');
	assert_string_equal(buf.data, keys);
	buf_free(&buf);
	options_free(&options);
}

static void test_defaults(void **state)
{
	struct options options;
	(void)state;

	parse_ok("", &options);
	assert_false(options.batch);
	assert_int_equal(options.iterations, 0);
	assert_int_equal(options.delay_ns, 1000000000);
	assert_int_equal(options.format, FORMAT_TABLE);
	assert_int_equal(options.record, SCOPE_PROCESS);
	assert_ptr_equal(options.sort, metric_get(SCOPE_PROCESS, PROC_PSS));
	assert_false(options.ascending);
	assert_int_equal(options.pss_budget, 2000);
	assert_int_equal(options.pss_first_budget, 50000);
	assert_int_equal(options.stall_limit_ns, 10000000);
	assert_int_equal(options.pss_max_age_ns, 120000000000);
	assert_int_equal(options.tier, TIER_AUTO);
	assert_null(options.root);
	assert_null(options_arrangement(&options).selection.pids);
	options_free(&options);
	check_fields("", "pid user pss_bytes pss_anon_bytes pss_file_bytes pss_shmem_bytes uss_bytes "
			 "swap_bytes rss_bytes "
			 "pss_growth_bytes_per_second faults_per_second comm");
}

/* What --probes and --tier leave behind: whether a probe may be attached, is wanted from the start, and must not fail. */
static void check_probes(const char *line, bool allowed, bool asked, bool required, enum fault_part part, int tier)
{
	struct options options;
	const struct probe_options *faults = &options.probes[PROBE_FAULTS];

	parse_ok(line, &options);
	assert_int_equal(faults->allowed, allowed);
	assert_int_equal(faults->asked, asked);
	assert_int_equal(faults->required, required);
	assert_int_equal(options.fault_part, part);
	assert_int_equal(options.fault_tier, tier);
	assert_int_equal(!!(options_needs(&options) & NEED_FAULTS), asked);
	options_free(&options);
}

static void test_probes(void **state)
{
	(void)state;
	check_probes("", true, false, false, FAULT_PART_LATENCY, -1);
	check_probes("--probes|none", false, false, false, FAULT_PART_LATENCY, -1);
	check_probes("--probes|all", true, true, false, FAULT_PART_LATENCY, -1);
	check_probes("--probes|faults", true, true, true, FAULT_PART_LATENCY, -1);
	check_probes("--probes|faults=totals", true, true, true, FAULT_PART_TOTALS, -1);
	check_probes("--probes|faults=classes,all", true, true, true, FAULT_PART_CLASSES, -1);
	check_probes("--probes|faults=classes|--probes|none", false, false, false, FAULT_PART_CLASSES, -1);
	check_probes("--tier|faults=fentry", true, true, true, FAULT_PART_LATENCY, FAULT_TIER_FENTRY);
	check_probes("--tier|procfs,faults=procfs", true, true, true, FAULT_PART_LATENCY, FAULT_TIER_PROCFS);
	check_probes("--tier|faults=perf|--probes|none", false, false, false, FAULT_PART_LATENCY, FAULT_TIER_PERF);
	check_probes("--tier|faults=perf|--tier|faults=auto", true, false, false, FAULT_PART_LATENCY, -1);
}

static void test_tiers(void **state)
{
	static const struct {
		const char *line;
		enum task_tier tier;
	} lines[] = {
		{ "--tier|bpf", TIER_BPF }, { "--tier|tasks=procfs", TIER_PROCFS },
		{ "--tier|faults=perf,bpf", TIER_BPF }, { "--tier|tasks=bpf,tasks=auto", TIER_AUTO },
	};
	(void)state;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct options options;

		parse_ok(lines[i].line, &options);
		assert_int_equal(options.tier, lines[i].tier);
		options_free(&options);
	}
}

static void test_values(void **state)
{
	struct options options;
	(void)state;

	parse_ok("-b|-n|3|-d|0.25|--rows|7|-i|--stall-limit|2.5ms|--pss-budget|0.01|--pss-first-budget=100%|"
		 "--pss-max-age|3m|--tier|procfs|--root|tree|-p|9,3,9|--pid|5|--exact|7|-u|0|-f|pss>1M|"
		 "--pss-skip|comm==a|--pss-skip|user==b|-o|+comm", &options);
	assert_true(options.batch);
	assert_int_equal(options.iterations, 3);
	assert_int_equal(options.delay_ns, 250000000);
	assert_int_equal(options.rows, 7);
	assert_true(options.hide_idle);
	assert_int_equal(options.stall_limit_ns, 2500000);
	assert_int_equal(options.pss_budget, 10);
	assert_int_equal(options.pss_first_budget, 100000);
	assert_int_equal(options.pss_max_age_ns, 180000000000);
	assert_int_equal(options.tier, TIER_PROCFS);
	assert_string_equal(options.root, "tree");
	assert_int_equal(options.pids.count, 3);
	assert_int_equal(options.pids.pids[0], 3);
	assert_int_equal(options.pids.pids[1], 5);
	assert_int_equal(options.pids.pids[2], 9);
	assert_int_equal(options.exact.count, 1);
	assert_int_equal(options.pss_skip_count, 2);
	assert_non_null(options.filter);
	assert_ptr_equal(options.sort, metric_get(SCOPE_PROCESS, PROC_COMM));
	assert_false(options.ascending);

	struct selection selection = options_arrangement(&options).selection;

	assert_ptr_equal(selection.pids, options.pids.pids);
	assert_true(selection.by_uid);
	assert_int_equal(selection.uid, 0);
	assert_true(selection.hide_idle);
	assert_ptr_equal(selection.filter, options.filter);
	options_free(&options);
}

static void test_formats(void **state)
{
	struct options options;
	(void)state;

	for (int format = 0; format < FORMAT_COUNT; format++) {
		char line[64];

		snprintf(line, sizeof line, "--format|%s", writer_format_name((enum format)format));
		parse_ok(line, &options);
		assert_int_equal(options.format, format);
		assert_true(options.batch);
		assert_int_equal(options.all_records, format == FORMAT_JSON || format == FORMAT_OPENMETRICS);
		/* A machine gets what identifies a process for good, and counters instead of rates. */
		bool start = false, rate = false;

		for (size_t i = 0; i < options.field_count; i++) {
			start |= options.fields[i]->index == PROC_START_TIME;
			rate |= options.fields[i]->kind == KIND_DERIVED;
		}
		assert_int_equal(start, format != FORMAT_TABLE);
		assert_int_equal(rate, format == FORMAT_TABLE);
		options_free(&options);
	}
	parse_ok("--format|json|--record|process", &options);
	assert_false(options.all_records);
	options_free(&options);
}

static void test_field_lists(void **state)
{
	struct options options;
	(void)state;

	check_fields("-F|pid,pss", "pid pss_bytes");
	check_fields("-F|PSS,Pid,pss_bytes", "pss_bytes pid");
	check_fields("-F|pid,pss|-F|+swap,-pss,+comm", "pid swap_bytes comm");
	check_fields("-F|-pss|-F|pid,rss", "pid rss_bytes");
	check_fields("-c|-F|pid,comm,rss", "pid cmdline rss_bytes");
	check_fields("-c|-F|pid", "pid cmdline");
	check_fields("-c|-F|comm,cmdline", "comm cmdline");
	check_fields("--record|cgroup|-F|current", "current_bytes");
	check_fields("-F|current|--record|cgroup", "current_bytes");
	parse_ok("-F|all", &options);
	assert_int_equal(options.field_count, PROC_COUNT);
	parse_ok("-F|+all,-pss", &options);
	assert_int_equal(options.field_count, PROC_COUNT - 1);
	/* What would attach a probe is not shown unless it is asked for. */
	parse_ok("--record|system", &options);
	assert_int_equal(options.field_count, SYS_FAULTS_SEEN);
	assert_false(options_needs(&options) & NEED_FAULTS);
	parse_ok("--record|system|--probes|faults", &options);
	assert_int_equal(options.field_count, SYS_COUNT);
	options_free(&options);
}

/* What a shell pattern of the keys would select. */
static void test_field_patterns(void **state)
{
	struct options options;
	unsigned matching = 0;

	(void)state;
	check_fields("-F|pid,pss*", "pid pss_bytes pss_anon_bytes pss_file_bytes pss_shmem_bytes pss_dirty_bytes "
		     "pss_age_seconds pss_growth_bytes_per_second pss_grown_bytes pss_grown_minute_bytes");
	check_fields("-F|pid,pss,uss,rss_shmem,swap|-F|-*SS_*", "pid swap_bytes");
	check_fields("-F|pid,pss,pss*n*n_b*", "pid pss_bytes pss_anon_bytes");
	check_fields("-F|***pp*i*d***", "ppid");
	parse_ok("-F|faults_*_total", &options);
	for (unsigned i = 0; i < PROC_COUNT; i++)
		matching += !fnmatch("faults_*_total", metric_get(SCOPE_PROCESS, i)->key, 0);
	assert_int_equal(options.field_count, matching);
	assert_true(options_needs(&options) & NEED_FAULTS);
	parse_ok("-o|*cow_per*", &options);
	assert_ptr_equal(options.sort, metric_get(SCOPE_PROCESS, PROC_FAULT_RATE_COW));
	options_free(&options);
}

static void test_sort_direction(void **state)
{
	static const struct {
		const char *line;
		enum process_metric metric;
		bool ascending;
	} cases[] = {
		{ "-o|rss", PROC_RSS, false }, { "-o|-rss", PROC_RSS, true }, { "-o|+rss", PROC_RSS, false },
		{ "-o|comm", PROC_COMM, true }, { "-o|+comm", PROC_COMM, false },
		{ "-o|-comm", PROC_COMM, true },
		{ "-o|PID", PROC_PID, true }, { "--sort=MINFLT", PROC_FAULTS_MINOR, false },
		{ "-o|rss|-o|swap", PROC_SWAP, false }, { "--no-pss", PROC_RSS, false },
	};
	struct options options;
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		parse_ok(cases[i].line, &options);
		assert_ptr_equal(options.sort, metric_get(SCOPE_PROCESS, cases[i].metric));
		assert_int_equal(options.ascending, cases[i].ascending);
		options_free(&options);
	}
}

static void test_needs(void **state)
{
	static const struct {
		const char *line;
		unsigned has, lacks;
	} cases[] = {
		{ "--format|csv|-F|pid,rss|-o|pid", NEED_CORE,
		  NEED_ROLLUP | NEED_STATUS | NEED_SYSTEM | NEED_CGROUPS },
		{ "-F|pid|-o|pss", NEED_CORE | NEED_ROLLUP, NEED_CMDLINE },
		{ "-F|pid|-o|pid|-f|cgroup~x", NEED_CGROUP, NEED_ROLLUP },
		{ "-F|pid,pss|--pss-skip|cmdline~x", NEED_CMDLINE | NEED_ROLLUP, NEED_OOM },
		{ "-F|pid|-o|pid|--pss-skip|cmdline~x", NEED_CORE, NEED_CMDLINE | NEED_ROLLUP },
		{ "-F|pid|-o|pid|-u|0", NEED_USER, NEED_ROLLUP },
		{ "-F|pid|-o|pid|--exact|1", NEED_ROLLUP, NEED_CMDLINE },
		{ "-F|all|--no-pss", NEED_OOM, NEED_ROLLUP },
		{ "--format|json", NEED_SYSTEM | NEED_CGROUPS | NEED_ROLLUP,
		  NEED_CMDLINE | NEED_CGROUP | NEED_OOM },
		{ "--record|cgroup|--format|csv", NEED_CGROUPS, NEED_ROLLUP }, { "-c", NEED_CMDLINE, NEED_OOM },
	};
	struct options options;
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		parse_ok(cases[i].line, &options);
		unsigned needs = options_needs(&options);

		if ((needs & cases[i].has) != cases[i].has || (needs & cases[i].lacks))
			fail_msg("%s: needs %#x", cases[i].line, needs);
		options_free(&options);
	}
}

/* Every message names the option and is one line. */
static void test_refusals(void **state)
{
	static const struct {
		const char *line, *option, *says;
	} cases[] = {
		{ "-n|0", "--iterations '0'", "1 to " }, { "-n|-1", "--iterations '-1'", "whole number" },
		{ "-n|1.5", "--iterations '1.5'", "whole number" },
		{ "-n|9999999999999", "--iterations", "out of range" },
		{ "-n|", "--iterations", "needs an argument" }, { "-d|0", "--delay '0'", "0.05 to 86400" },
		{ "-d|0.049", "--delay '0.049'", "0.05" }, { "-d|86400.001", "--delay", "86400" },
		{ "-d|nan", "--delay 'nan'", "number of seconds" }, { "-d|1e3", "--delay", "number" },
		{ "-d|1s", "--delay '1s'", "number of seconds" }, { "-d|,5", "--delay", "number" },
		{ "--delay=-1", "--delay '-1'", "out of range" },
		{ "-o|pzs", "--sort 'pzs'", "did you mean pss_bytes?" },
		{ "-o|--rss", "--sort '--rss'", "unknown process field" }, { "-o|+", "--sort '+'", "unknown" },
		{ "-F|pid,pzs", "--fields 'pid,pzs'", "'pzs' (did you mean pss_bytes?" },
		{ "-F|pid,,rss", "--fields", "empty field name" },
		{ "-F|+", "--fields '+'", "empty field name" },
		{ "-F|pid,+rss", "--fields", "sign" }, { "-F|+rss,pid", "--fields", "sign" },
		{ "-b|-F|-cmdline", "--fields '-cmdline'", "not among the fields" },
		{ "-F|pid,nosuch*", "--fields", "no process field matches 'nosuch*'" },
		{ "-F|pid|-F|-*", "--fields '-*'", "leaves no field" },
		{ "-o|pss*", "--sort 'pss*'", "several fields match" },
		{ "-o|nosuch*", "--sort 'nosuch*'", "no process field matches" },
		{ "--rows|5", "--rows", "add -b" },
		{ "--color|red", "--color 'red'", "auto, dark, light or mono" },
		{ "-b|--color|dark", "--color", "--batch" },
		{ "--format|csv|--ascii", "--ascii", "--batch" },
		{ "-b|--no-mouse", "--no-mouse", "--batch" },
		{ "--record|system|-F|mem_total", "--fields", "add -b" },
		{ "-F|pid|-F|-pid", "--fields '-pid'",
		"leaves no field" }, { "-F|-all", "--fields '-all'", "unknown" },
		{ "--record|system|-F|pss", "--fields 'pss'", "unknown system field" },
		{ "-p|0", "--pid '0'", "1 to 4194304" }, { "-p|4194305", "--pid", "1 to 4194304" },
		{ "-p|1,", "--pid '1,'", "separated by commas" }, { "-p|a", "--pid 'a'", "numbers" },
		{ "-p|-5", "--pid '-5'", "numbers" }, { "-p|99999999999999999999", "--pid", "no process ID" },
		{ "-u|4294967295", "--user '4294967295'", "4294967294" },
		{ "-f|pss>>1", "--filter 'pss>>1'", "column 5: " },
		{ "-f|pss>1|-f|rss>1", "--filter 'rss>1'", "second" },
		{ "--format|xml", "--format 'xml'", "table, json, csv or openmetrics" },
		{ "--record|vma", "--record 'vma'", "process, system or cgroup" },
		{ "--rows|0", "--rows '0'", "1 to " },
		{ "--stall-limit|10", "--stall-limit '10'", "10ms or 10s?" },
		{ "--stall-limit|11s", "--stall-limit '11s'", "0 to 10s" },
		{ "--stall-limit|x", "--stall-limit", "duration" },
		{ "--stall-limit|-1ms", "--stall-limit", "out of range" },
		{ "--pss-max-age|31d", "--pss-max-age", "30d" },
		{ "--pss-budget|0", "--pss-budget '0'", "0.01 to 100" },
		{ "--pss-budget|0.009", "--pss-budget '0.009'", "0.01 to 100" },
		{ "--pss-budget|100.1", "--pss-budget", "0.01 to 100" },
		{ "--pss-budget|much", "--pss-budget 'much'", "percentage" }, { "--pss-first-budget|0.001",
		"--pss-first-budget", "0.01" }, { "--pss-skip|pss>1", "--pss-skip 'pss>1'", "rss" },
		{ "--pss-skip|comm", "--pss-skip 'comm'", "column 5" },
		{ "--tier|ebpf", "--tier 'ebpf'", "auto, bpf or procfs" },
		{ "--tier|bpf|--root|x", "--tier", "--root" },
		{ "--tier|tasks=ebpf", "--tier 'tasks=ebpf'", "auto, bpf or procfs" },
		{ "--tier|kprobe", "--tier 'kprobe'", "faults=TIER" },
		{ "--tier|faults=bpf", "--tier 'faults=bpf'", "fentry, kprobe, tracepoint, bpf-iterator, perf or procfs" },
		{ "--tier|faults=", "--tier 'faults='", "fentry" }, { "--tier|io=x", "--tier 'io=x'", "tasks=TIER" },
		{ "--tier|bpf,", "--tier 'bpf,'", "auto, bpf or procfs" },
		{ "--tier|faults=perf|--root|x", "--tier faults=perf", "--root" },
		{ "--probes|io", "--probes 'io'", "all, none or faults" },
		{ "--probes=", "--probes ''", "all, none or faults" },
		{ "--probes|all=x", "--probes 'all=x'", "all, none or faults" },
		{ "--probes|faults=", "--probes 'faults='", "faults=totals, faults=classes or faults=latency" },
		{ "--probes|faults=some", "--probes 'faults=some'", "faults=totals, faults=classes or faults=latency" },
		{ "--probes|faults,none", "--probes 'faults,none'", "give none alone" },
		{ "--no-pss|--exact|1", "--exact", "--stall-limit 0" },
		{ "--no-pss|-o|uss", "--sort", "--no-pss" }, { "--no-pss|-f|uss>1", "--filter", "--no-pss" },
		{ "--record|system|-p|1", "--pid", "--record system" },
		{ "--record|cgroup|-o|pss", "--sort", "--record cgroup" },
		{ "--record|cgroup|-u|x", "--user", "--record cgroup" },
		{ "--record|cgroup|-f|pid==1", "--filter", "--record" },
		{ "--record|cgroup|-i", "--hide-idle", "--record" },
		{ "--record|cgroup|-c", "--command-line", "--record" },
		{ "-O|--format|openmetrics", "--list-fields", "csv" },
		{ "--batch=yes", "--batch", "takes no argument" },
		{ "--delay", "--delay", "needs an argument (give SECONDS)" },
		{ "-F", "--fields", "needs an argument (give LIST)" },
		{ "--ps", "--ps", "ambiguous" }, { "--formt|json", "--formt", "did you mean --format?" },
		{ "--qqqqqq", "--qqqqqq", "--help" }, { "-q", "-q", "--help" }, { "-bq", "-q", "--help" },
		{ "10", "'10'", "options only" }, { "-b|--|x\x1b[2J", "'x?[2J'", "options only" },
		{ "-d|\x1b]0;x\x07", "--delay '?]0;x?'", "number" }, { "--\x1b[2J", "--?[2J", "unknown" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct options options;
		struct err err;

		if (parse(cases[i].line, &options, &err) != OPTIONS_USAGE_ERROR)
			fail_msg("%s: accepted", cases[i].line);
		if (strncmp(err.text, cases[i].option, strlen(cases[i].option)) != 0 ||
		    !strstr(err.text, cases[i].says))
			fail_msg("%s: %s", cases[i].line, err.text);
		for (const char *c = err.text; *c; c++)
			assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
		options_free(&options);
	}
}

static void test_pid_bound(void **state)
{
	struct options options;
	struct err err;
	char line[8192] = "-p|1";
	size_t len = strlen(line);
	(void)state;

	for (int pid = 2; pid <= OPTIONS_PIDS_MAX; pid++)
		len += (size_t)snprintf(line + len, sizeof line - len, ",%d", pid);
	parse_ok(line, &options);
	assert_int_equal(options.pids.count, OPTIONS_PIDS_MAX);
	options_free(&options);
	snprintf(line + len, sizeof line - len, ",1025");
	assert_int_equal(parse(line, &options, &err), OPTIONS_USAGE_ERROR);
	assert_non_null(strstr(err.text, "too many"));
	options_free(&options);
}

static void test_other_results(void **state)
{
	struct options options;
	struct err err;
	(void)state;

	assert_int_equal(parse("-h", &options, &err), OPTIONS_HELP);
	options_free(&options);
	assert_int_equal(parse("-b|--version", &options, &err), OPTIONS_VERSION);
	options_free(&options);
	assert_int_equal(parse("--list", &options, &err), OPTIONS_LIST_FIELDS);
	options_free(&options);
	assert_int_equal(parse("-O|--record|cgroup|--format|csv", &options, &err), OPTIONS_LIST_FIELDS);
	assert_int_equal(options.record, SCOPE_CGROUP);
	options_free(&options);
	assert_int_equal(options_parse(0, line_argv, &options, &err), OPTIONS_RUN);
	options_free(&options);
}

/* Every row is documented, fits getopt's tables, and its letter and name are its own. */
static void test_table(void **state)
{
	struct buf help = { 0 };
	(void)state;

	options_print_help(&help);
	buf_putc(&help, '\0');
	assert_true(option_count < 64);
	for (unsigned i = 0; i < option_count; i++) {
		const struct option_row *row = &option_table[i];
		char name[64];

		assert_true(strlen(row->help) > 10 && row->help[strlen(row->help) - 1] != '.');
		if (row->detail)
			assert_true(row->detail[strlen(row->detail) - 1] == '.');
		assert_int_equal(row->complete == COMPLETE_WORDS, row->words != NULL);
		assert_true(row->parse || row->group == GROUP_OTHER);
		snprintf(name, sizeof name, "--%s", row->name);
		assert_non_null(strstr(help.data, name));
		for (unsigned other = 0; other < i; other++) {
			assert_string_not_equal(row->name, option_table[other].name);
			assert_true(!row->letter || row->letter != option_table[other].letter);
		}
	}
	for (char *line = strtok(help.data, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80);
	buf_free(&help);
}

static void check_table(const char *line, struct settings *settings, const char *keys)
{
	const struct table_settings *table;
	struct options options;
	struct buf buf = { 0 };
	struct err err = { "" };

	parse_ok(line, &options);
	if (options_apply(&options, settings, &err))
		fail_msg("%s: %s", line, err.text);
	table = options.record == SCOPE_CGROUP ? &settings->cgroups : &settings->processes;
	for (size_t i = 0; i < table->field_count; i++)
		buf_printf(&buf, i ? " %s" : "%s", table->fields[i]->key);
	assert_string_equal(buf.data, keys);
	buf_free(&buf);
	options_free(&options);
}

static void few_fields(struct settings *settings)
{
	static const enum process_metric slots[] = { PROC_PID, PROC_USS, PROC_COMM };

	settings_defaults(settings);
	for (size_t i = 0; i < 3; i++)
		settings->processes.fields[i] = metric_get(SCOPE_PROCESS, slots[i]);
	settings->processes.field_count = 3;
	settings->processes.sort = metric_get(SCOPE_PROCESS, PROC_USS);
}

/* What is given wins over settings, and nothing else does. */
static void test_settings_win(void **state)
{
	struct settings settings, before;

	few_fields(&settings);
	settings.delay_ns = 7;
	settings.grouping = GROUPING_TREE;
	settings.palette = PALETTE_LIGHT;
	settings.threads = true;
	before = settings;
	check_table("-u|0", &settings, "pid uss_bytes comm");
	assert_memory_equal(&settings, &before, sizeof settings);
	/* Signed fields change those of the settings; the text at the end stays there. */
	check_table("-F|+rss,-swap", &settings, "pid uss_bytes rss_bytes comm");
	check_table("-F|rss,comm,pid", &settings, "rss_bytes comm pid");
	check_table("-o|-pid|-d|0.5|--cgroups|--color|mono|-i|-c|--ascii|--no-mouse", &settings, "rss_bytes comm pid");
	assert_ptr_equal(settings.processes.sort, metric_get(SCOPE_PROCESS, PROC_PID));
	assert_true(settings.processes.ascending && settings.hide_idle && settings.command_line && settings.ascii);
	assert_false(settings.mouse);
	assert_int_equal(settings.delay_ns, 500000000);
	assert_int_equal(settings.grouping, GROUPING_CGROUP);
	assert_int_equal(settings.palette, PALETTE_MONO);
	few_fields(&settings);
	check_table("--record|cgroup|-F|anon,max", &settings, "anon_bytes max_bytes");
	assert_int_equal(settings.processes.field_count, 3);
}

/* No column stays empty for want of a read that was forbidden. */
static void test_settings_no_pss(void **state)
{
	struct settings settings;

	few_fields(&settings);
	check_table("--no-pss|-F|pid,rss", &settings, "pid rss_bytes");
	assert_ptr_equal(settings.processes.sort, metric_get(SCOPE_PROCESS, PROC_RSS));
	few_fields(&settings);
	settings.processes.fields[1] = metric_get(SCOPE_PROCESS, PROC_THREADS);
	settings.processes.sort = metric_get(SCOPE_PROCESS, PROC_PID);
	check_table("--no-pss", &settings, "pid threads comm");
	assert_ptr_equal(settings.processes.sort, metric_get(SCOPE_PROCESS, PROC_PID));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values), cmocka_unit_test(test_probes), cmocka_unit_test(test_tiers),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_field_lists),
		cmocka_unit_test(test_field_patterns),
		cmocka_unit_test(test_sort_direction),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_settings_win),
		cmocka_unit_test(test_settings_no_pss),
		cmocka_unit_test(test_pid_bound),
		cmocka_unit_test(test_other_results),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
