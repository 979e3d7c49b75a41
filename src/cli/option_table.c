/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/option_table.h"

/* clang-format off */
const struct option_row option_table[] = {
/* -- output ------------------------------------------------------------------------------------------- */
{
	.letter = 'b', .name = "batch", .group = GROUP_OUTPUT, .parse = argument_batch,
	.help = "Write samples to standard output, one after the other",
	.detail = "Nothing is read from the terminal, nor any settings. Needed when standard output is not a "
		"terminal.",
},
{
	.letter = 'n', .name = "iterations", .argument = "N", .group = GROUP_OUTPUT,
	.parse = argument_iterations,
	.help = "Stop after N samples, 1 or more",
	.detail = "Without it memtide goes on until it is ended. With 1, the sample is taken when every "
		"process that may be read has been read once.",
},
{
	.letter = 'd', .name = "delay", .argument = "SECONDS", .group = GROUP_OUTPUT, .parse = argument_delay,
	.help = "Time between samples, 0.05 to 86400, decimals allowed; default 1",
},
{
	.name = "format", .argument = "FORMAT", .group = GROUP_OUTPUT, .parse = argument_format,
	.complete = COMPLETE_WORDS, .words = "table json csv openmetrics",
	.help = "Output format: table, json, csv or openmetrics; implies --batch",
	.detail = "See OUTPUT FORMATS.",
},
{
	.name = "record", .argument = "KIND", .group = GROUP_OUTPUT, .parse = argument_record,
	.complete = COMPLETE_WORDS, .words = "process system cgroup",
	.help = "Kind of records to show: process (the default), system or cgroup",
	.detail = "Without it, json and openmetrics show all kinds. Fields named by --fields belong to this "
		"kind. Interactively it is the screen to begin with.",
},
{
	.name = "rows", .argument = "N", .group = GROUP_OUTPUT, .parse = argument_rows,
	.help = "Show at most N rows of a table in a batch, 1 or more",
	.detail = "Other formats show every row that was selected.",
},
/* -- fields and order --------------------------------------------------------------------------------- */
{
	.letter = 'F', .name = "fields", .argument = "LIST", .group = GROUP_FIELDS, .parse = argument_fields,
	.complete = COMPLETE_FIELDS,
	.help = "Fields to show, separated by commas; +FIELD adds to the fields shown, -FIELD removes",
	.detail = "In one list either every field has a sign or none has. A field is named by its key, its "
		"title or its key without the unit; all stands for every field, and a name with * in it for all "
		"whose keys match: faults_*_total. What no field, order or filter needs is not read. Interactively, signed fields change those of the settings.",
},
{
	.letter = 'o', .name = "sort", .argument = "FIELD", .group = GROUP_FIELDS, .parse = argument_sort,
	.complete = COMPLETE_SORT,
	.help = "Sort processes by FIELD; +FIELD from high to low, -FIELD from low to high",
	.detail = "Without a sign, numbers go from high to low, and texts and identifiers from low to high. "
		"Processes whose value is not known come last, equal ones in order of PID. The default is pss.",
},
{
	.letter = 'O', .name = "list-fields", .group = GROUP_FIELDS, .parse = argument_list_fields,
	.help = "List the fields of the kind given by --record and exit",
	.detail = "With --format json or csv the list is for machines.",
},
{
	.letter = 'c', .name = "command-line", .group = GROUP_FIELDS, .parse = argument_command_line,
	.help = "Show the command line instead of the command name",
},
/* -- which processes ---------------------------------------------------------------------------------- */
{
	.letter = 'p', .name = "pid", .argument = "PID,...", .group = GROUP_PROCESSES, .parse = argument_pids,
	.complete = COMPLETE_PIDS,
	.help = "Show only these processes, at most 1024",
	.detail = "When the fault probe times faults, it keeps latencies of each of the first 8 by number.",
},
{
	.letter = 'u', .name = "user", .argument = "USER", .group = GROUP_PROCESSES, .parse = argument_user,
	.complete = COMPLETE_USER,
	.help = "Show only processes whose effective user is USER, a name or a number",
},
{
	.letter = 'f', .name = "filter", .argument = "EXPR", .group = GROUP_PROCESSES, .parse = argument_filter,
	.help = "Show only processes for which EXPR is true, as 'pss>100M && user==ml'",
	.detail = "See FILTER EXPRESSIONS.",
},
{
	.letter = 'i', .name = "hide-idle", .group = GROUP_PROCESSES, .parse = argument_hide_idle,
	.help = "Hide processes that neither faulted nor ran since the previous sample",
},
{
	.letter = 'H', .name = "threads", .group = GROUP_PROCESSES, .parse = argument_threads,
	.help = "Show the threads of each process that has several below it",
	.detail = "A thread has a state, a policy, CPU time and faults of its own; memory belongs to the "
		"process. The column of the PID shows the thread's ID, unless tid is shown as well. In json "
		"a thread is a record of its own; openmetrics has none.",
},
{
	.name = "tree", .group = GROUP_PROCESSES, .parse = argument_tree,
	.help = "Show children below their parent",
	.detail = "Where the field sorted by adds up, siblings are in the order of their subtrees' totals.",
},
{
	.name = "cgroups", .group = GROUP_PROCESSES, .parse = argument_cgroups,
	.help = "Show processes below their cgroup, with its totals and its own use of its limits",
	.detail = "Rows of cgroups are in tables only; other formats list the processes in that order.",
},
/* -- the interactive screen --------------------------------------------------------------------------- */
{
	.name = "color", .argument = "PALETTE", .group = GROUP_SCREEN, .parse = argument_color,
	.complete = COMPLETE_WORDS, .words = "auto dark light mono",
	.help = "Colors for a dark or a light background, mono for none, or auto (the default)",
	.detail = "With auto the terminal says by COLORFGBG what its background is, and NO_COLOR switches colors off.",
},
{
	.name = "ascii", .group = GROUP_SCREEN, .parse = argument_ascii,
	.help = "Draw with ASCII characters only, also where the locale has UTF-8",
},
{
	.name = "no-mouse", .group = GROUP_SCREEN, .parse = argument_no_mouse,
	.help = "Leave the mouse to the terminal",
},
{
	.name = "no-settings", .group = GROUP_SCREEN, .parse = argument_no_settings,
	.help = "Neither read nor save settings",
},
{
	.name = "read-only", .group = GROUP_SCREEN, .parse = argument_read_only,
	.help = "Take away the keys that act on the machine: no signals are sent",
},
/* -- collecting --------------------------------------------------------------------------------------- */
{
	.name = "exact", .argument = "PID,...", .group = GROUP_COLLECTING, .parse = argument_exact,
	.complete = COMPLETE_PIDS,
	.help = "Read these processes in full for the first sample, whatever the limits; at most 1024",
	.detail = "A read may stall its process for as long as it takes: about 50 ns for each 4 KiB page, 15 "
		"ms for 1 GiB. It is an error when one of the processes does not exist.",
},
{
	.name = "stall-limit", .argument = "DURATION", .group = GROUP_COLLECTING, .parse = argument_stall_limit,
	.help = "Never make a read predicted to take longer, 0 to 10s; default 10ms, 0 reads nothing",
	.detail = "A process whose read would take longer is shown with an estimate and its bounds. The "
		"prediction is learnt from each process's own reads. Units are ns, us, ms and s.",
},
{
	.name = "pss-budget", .argument = "PERCENT", .group = GROUP_COLLECTING, .parse = argument_pss_budget,
	.help = "CPU time for reads of PSS, 0.01 to 100 percent of one CPU; default 2",
	.detail = "It is spent on the processes with the largest expected error first.",
},
{
	.name = "pss-first-budget", .argument = "PERCENT", .group = GROUP_COLLECTING,
	.parse = argument_pss_first_budget,
	.help = "The same until every process has been read once; default 50",
},
{
	.name = "pss-max-age", .argument = "DURATION", .group = GROUP_COLLECTING, .parse = argument_pss_max_age,
	.help = "Read an unchanged process again after this time, 0 to 30d; default 120s, 0 never",
	.detail = "Units are ms, s, m, h and d.",
},
{
	.name = "pss-skip", .argument = "EXPR", .group = GROUP_COLLECTING, .parse = argument_pss_skip,
	.help = "Never read the PSS of processes for which EXPR is true; up to 16 times",
	.detail = "They are shown with an estimate. Real-time processes are protected in any case; --exact "
		"overrides both.",
},
{
	.name = "no-pss", .group = GROUP_COLLECTING, .parse = argument_no_pss,
	.help = "Read no PSS at all; sort by RSS unless told otherwise",
	.detail = "Fields that come from smaps_rollup are shown as skipped.",
},
{
	.name = "probes", .argument = "LIST", .group = GROUP_COLLECTING, .parse = argument_probes,
	.complete = COMPLETE_WORDS, .words = "all none faults faults=totals faults=classes faults=latency",
	.help = "Probes to attach from the start: faults, all (that can be had) or none",
	.detail = "Without it a probe is attached when something shown needs it. With faults=totals page faults are only "
		"counted, with faults=classes told apart, with faults=latency (the default) also timed. It is an error "
		"when a probe given by name cannot be had. See PROBES.",
},
{
	.name = "tier", .argument = "LIST", .group = GROUP_COLLECTING, .parse = argument_tier,
	.complete = COMPLETE_WORDS,
	.words = "auto bpf procfs faults=auto faults=fentry faults=kprobe faults=tracepoint faults=bpf-iterator faults=perf faults=procfs",
	.help = "How to scan processes: bpf, procfs, or auto (bpf where it loads, the default); faults=TIER: how to "
		"probe faults",
	.detail = "Several are separated by commas; tasks=bpf is the same as bpf. The tiers of the fault probe are fentry, "
		"kprobe, tracepoint, bpf-iterator, perf and procfs, or auto for the best that works. One "
		"given by name is wanted from the start, and it is an error when it cannot be had.",
},
{
	.name = "root", .argument = "DIR", .group = GROUP_COLLECTING, .parse = argument_root,
	.complete = COMPLETE_DIRECTORY,
	.help = "Read the captured machine in DIR (DIR/proc, DIR/sys) instead of this one",
},
/* -- other -------------------------------------------------------------------------------------------- */
{
	.name = "doctor", .group = GROUP_OTHER, .parse = argument_doctor,
	.help = "Try every way to scan and to probe, say which work here, why others do not and what to do, and exit",
},
{
	.letter = 'h', .name = "help", .group = GROUP_OTHER,
	.help = "Show this help and exit",
},
{
	.letter = 'V', .name = "version", .group = GROUP_OTHER,
	.help = "Show the version, the licence and what is built in, and exit",
},
};
/* clang-format on */

const unsigned option_count = sizeof option_table / sizeof *option_table;

const char *option_group_title(enum option_group group)
{
	static const char *const titles[GROUP_COUNT] = {
		[GROUP_OUTPUT] = "Output",
		[GROUP_FIELDS] = "Fields and order",
		[GROUP_PROCESSES] = "Which processes",
		[GROUP_SCREEN] = "Interactive screen",
		[GROUP_COLLECTING] = "Collecting",
		[GROUP_OTHER] = "Other",
	};

	return titles[group];
}
