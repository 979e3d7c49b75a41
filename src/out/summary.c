/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/summary.h"

#include <string.h>

#include "config.h"
#include "out/cell.h"
#include "out/escape.h"
#include "out/number.h"
#include "util/fmt.h"

/* The system metric of that key, if this build has it and the sample has an amount for it. */
static const struct metric *known(const struct snapshot *snapshot, const char *key, int64_t *amount)
{
	const struct metric *metric = metric_find(SCOPE_SYSTEM, key, strlen(key));

	if (!metric || !value_has_amount(snapshot->system_status[metric->index]))
		return NULL;
	*amount = snapshot->system_amount[metric->index];
	return metric;
}

static void put_number(struct buf *out, const struct metric *metric, int64_t amount)
{
	char cell[CELL_MAX];

	buf_puts(out, cell_number(cell, metric, value_ok(amount)));
}

/* "<before><amount><after>" if KEY is known. False when it is not. */
static bool put_known(struct buf *out, const struct snapshot *snapshot, const char *before, const char *key,
		      const char *after)
{
	int64_t amount;
	const struct metric *metric = known(snapshot, key, &amount);

	if (!metric)
		return false;
	buf_puts(out, before);
	put_number(out, metric, amount);
	buf_puts(out, after);
	return true;
}

/* Ends a line that began at START, or takes it back when nothing came after its LEAD bytes of heading. */
static void end_line(struct buf *out, size_t start, size_t lead)
{
	if (out->failed)
		return;
	if (out->len <= start + lead)
		out->len = start;
	else
		buf_putc(out, '\n');
}

void summary_title(struct buf *out, const struct snapshot *snapshot)
{
	const struct host *host = snapshot->host;
	struct buf time = { 0 };
	char uptime[FMT_CAP];

	buf_puts(out, PACKAGE_NAME " " PACKAGE_VERSION "  ");
	escape_plain(out, *host->hostname ? host->hostname : "unknown host");
	number_time(&time, snapshot->real_ns);
	out->failed |= time.failed;
	if (!time.failed) {
		buf_puts(out, "  ");
		buf_add(out, time.data, strlen("2025-11-21"));
		buf_putc(out, ' ');
		buf_add(out, time.data + strlen("2025-11-21T"), strlen("03:57:00"));
		buf_puts(out, " UTC");
	}
	buf_free(&time);
	buf_puts(out, "  up ");
	buf_add(out, uptime, fmt_seconds(uptime, sizeof uptime, snapshot->boottime_ns));
	if (host->cpus > 0) {
		buf_puts(out, "  ");
		buf_i64(out, host->cpus);
		buf_puts(out, host->cpus == 1 ? " CPU" : " CPUs");
	}
}

static void put_memory(struct buf *out, const struct snapshot *snapshot)
{
	static const char lead[] = "memory";
	size_t start = out->len;
	int64_t total, available, swap;
	const struct metric *metric;

	buf_puts(out, lead);
	put_known(out, snapshot, "  ", "mem_total_bytes", " total");
	metric = known(snapshot, "mem_total_bytes", &total);
	if (metric && known(snapshot, "mem_available_bytes", &available) && available <= total) {
		buf_puts(out, "  ");
		put_number(out, metric, total - available);
		buf_puts(out, " used");
	}
	put_known(out, snapshot, "  ", "mem_available_bytes", " available");
	put_known(out, snapshot, "  ", "mem_free_bytes", " free");
	put_known(out, snapshot, "  ", "cached_bytes", " cached");
	metric = known(snapshot, "swap_total_bytes", &total);
	if (metric && total <= 0) {
		buf_puts(out, "  no swap");
	} else if (metric && known(snapshot, "swap_free_bytes", &swap) && swap <= total) {
		buf_puts(out, "  swap ");
		put_number(out, metric, total - swap);
		buf_puts(out, " of ");
		put_number(out, metric, total);
	}
	end_line(out, start, strlen(lead));
}

static void put_pressure(struct buf *out, const struct snapshot *snapshot)
{
	static const char lead[] = "pressure";
	size_t start = out->len;

	buf_puts(out, lead);
	put_known(out, snapshot, "  memory some ", "psi_memory_some_avg10_percent", "%");
	put_known(out, snapshot, " full ", "psi_memory_full_avg10_percent", "%");
	put_known(out, snapshot, "  io some ", "psi_io_some_avg10_percent", "%");
	put_known(out, snapshot, "  cpu some ", "psi_cpu_some_avg10_percent", "%");
	end_line(out, start, strlen(lead));
}

/* How much of the sum of PSS is estimated, in percent, when there is a sum. */
static void put_estimated_share(struct buf *out, const struct snapshot *snapshot, int64_t sum)
{
	int64_t estimated = overview_pss_estimated(snapshot);

	if (estimated <= 0 || sum <= 0 || estimated > sum)
		return;

	double percent = 100 * (double)estimated / (double)sum;

	if (percent < 1)
		buf_puts(out, " (<1% estimated)");
	else
		buf_printf(out, " (%.0f%% estimated)", percent);
}

static void put_processes(struct buf *out, const struct snapshot *snapshot, size_t shown)
{
	int64_t amount;

	buf_puts(out, "processes  ");
	buf_i64(out, (int64_t)shown);
	buf_puts(out, " shown of ");
	if (!known(snapshot, "processes", &amount))
		amount = (int64_t)snapshot->process_count;
	buf_i64(out, amount);
	put_known(out, snapshot, "  PSS ", "pss_sum_bytes", "");
	if (known(snapshot, "pss_sum_bytes", &amount))
		put_estimated_share(out, snapshot, amount);
	if (known(snapshot, "pss_lag_processes", &amount) && amount > 0) {
		put_known(out, snapshot, "  PSS behind: ", "pss_lag_processes", " due");
		put_known(out, snapshot, ", oldest ", "pss_lag_oldest_seconds", "");
	}
	buf_putc(out, '\n');
}

/* memtide's CPU time per wall time since the previous sample, else what it used so far. */
static void put_self_cpu(struct summary *summary, struct buf *out, const struct snapshot *snapshot)
{
	struct value share = overview_self_cpu(&summary->cpu, snapshot);

	if (value_has_amount(share.status)) {
		buf_puts(out, "  ");
		put_number(out, metric_get(SCOPE_PROCESS, PROC_CPU_PERCENT), share.amount);
		buf_puts(out, "% CPU");
	} else {
		put_known(out, snapshot, "  ", "self_cpu_seconds_total", " CPU so far");
	}
}

static void put_self(struct summary *summary, struct buf *out, const struct snapshot *snapshot)
{
	static const char lead[] = "memtide";
	size_t start = out->len;
	int64_t amount;

	buf_puts(out, lead);
	put_self_cpu(summary, out, snapshot);
	put_known(out, snapshot, "  ", "self_rss_bytes", " resident");
	if (known(snapshot, "self_bpf_bytes", &amount) && amount > 0)
		put_known(out, snapshot, " + ", "self_bpf_bytes", " BPF maps");
	if (known(snapshot, "pss_reads_total", &amount) && amount > 0 &&
	    put_known(out, snapshot, "  longest read ", "pss_read_longest_seconds", "")) {
		buf_puts(out, " (");
		if (snapshot->longest_read_comm) {
			escape_plain(out, snapshot->longest_read_comm->s);
			buf_putc(out, ' ');
		}
		put_known(out, snapshot, "", "pss_read_longest_pid", "");
		buf_putc(out, ')');
	}
	if (known(snapshot, "pss_overruns_total", &amount) && amount > 0)
		put_known(out, snapshot, "  ", "pss_overruns_total", " overruns");
	if (known(snapshot, "scan_lost_total", &amount) && amount > 0)
		put_known(out, snapshot, "  ", "scan_lost_total", " processes lost");
	end_line(out, start, strlen(lead));
}

static void put_notice(struct buf *out, const struct notice *notice)
{
	escape_plain(out, notice->topic);
	buf_puts(out, ": ");
	escape_plain(out, notice->text);
	if (*notice->remedy) {
		buf_puts(out, " (");
		escape_plain(out, notice->remedy);
		buf_putc(out, ')');
	}
	buf_putc(out, '\n');
}

void summary_lines(struct summary *summary, struct buf *out, const struct snapshot *snapshot, size_t shown)
{
	put_memory(out, snapshot);
	put_pressure(out, snapshot);
	put_processes(out, snapshot, shown);
	put_self(summary, out, snapshot);
	for (unsigned i = 0; i < snapshot->notice_count; i++)
		put_notice(out, &snapshot->notices[i]);
}
