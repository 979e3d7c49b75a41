/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/notices.h"

#include <inttypes.h>
#include <stdio.h>

static void add_refused(struct snapshot *snapshot, const struct pss_stats *stats, bool live)
{
	char text[160];

	if (!stats->refused)
		return;
	snprintf(text, sizeof text, "denied for %" PRIu64 " of %zu processes", stats->refused,
		 snapshot->process_count);
	snapshot_add_notice(snapshot, "pss", text,
			    live ? "run as root, or give memtide CAP_SYS_PTRACE: setcap cap_sys_ptrace+ep"
				 : "the captured tree has these files without permission to read them");
}

static void add_unread(struct snapshot *snapshot, const struct pss_stats *stats)
{
	char text[160];

	if (stats->suspended) {
		snapshot_add_notice(snapshot, "pss-suspended", stats->suspended,
				    "a preempted reader keeps its target's lock: run memtide outside that limit");
		return;
	}
	if (stats->over_limit) {
		snprintf(text, sizeof text, "%" PRIu64 " too large to read within the stall limit, estimated from RSS",
			 stats->over_limit);
		snapshot_add_notice(snapshot, "pss-large", text, "--exact PID reads one anyway, --stall-limit raises the limit");
	}
	if (stats->protected) {
		snprintf(text, sizeof text, "%" PRIu64 " real-time or protected, not read, estimated from RSS",
			 stats->protected);
		snapshot_add_notice(snapshot, "pss-protected", text, "--exact PID reads one anyway");
	}
	if (stats->lag_processes) {
		snprintf(text, sizeof text, "%" PRIu64 " due for a read that the CPU budget did not cover",
			 stats->lag_processes);
		snapshot_add_notice(snapshot, "pss-budget", text, "they follow in later samples; --pss-budget raises it");
	}
	if (stats->overruns) {
		snprintf(text, sizeof text, "%" PRIu64 " read(s) took longer than the stall limit although less was predicted",
			 stats->overruns);
		snapshot_add_notice(snapshot, "pss-overruns", text, "lower --stall-limit, or protect processes with --pss-skip");
	}
}

static void add_threads(struct snapshot *snapshot, bool live)
{
	char text[160];

	if (!snapshot->threads_lost)
		return;
	snprintf(text, sizeof text, "%zu left out, %zu shown", snapshot->threads_lost, snapshot->thread_count);
	snapshot_add_notice(snapshot, "threads", text,
			    live ? "the rows of their processes count all of them"
				 : "the captured tree may lack them; the rows of their processes count all of them");
}

void notices_add(struct snapshot *snapshot, const struct pss_stats *stats, bool live)
{
	const struct host *host = snapshot->host;
	struct value lost = system_value(snapshot, SYS_SCAN_LOST);
	char text[160];

	if (stats) {
		add_refused(snapshot, stats, live);
		if (live)
			add_unread(snapshot, stats);
	}
	add_threads(snapshot, live);
	if (live && host->task_tier_why[0])
		snapshot_add_notice(snapshot, "scan", "through /proc, which costs more than the BPF iterator",
				    host->task_tier_why);
	if (value_has_amount(lost.status) && lost.amount) {
		snprintf(text, sizeof text, "%" PRId64 " processes left out for want of memory", lost.amount);
		snapshot_add_notice(snapshot, "scan-lost", text, "give memtide more memory");
	}
}
