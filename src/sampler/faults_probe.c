/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/faults_probe.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t linger_ns = INT64_C(60000000000);

/* Statuses outlive the snapshots that point to them. One more comes at most every linger_ns. */
struct attached_status {
	struct attached_status *older;
	struct probe_status status;
};

/* -- attaching -------------------------------------------------------------------------------------------- */

static bool was_refused(const struct probe_tier_status *tier)
{
	return tier->state == TIER_FAILED &&
	       (strstr(tier->reason, strerror(EPERM)) || strstr(tier->reason, strerror(EACCES)));
}

/* What is not told is DENIED when the kernel refused the tier that would. */
static enum value_status status_of_untold(const struct probe_status *status)
{
	unsigned better = status->active < 0 ? status->tier_count : (unsigned)status->active;

	for (unsigned i = 0; i < better; i++)
		if (was_refused(&status->tiers[i]))
			return VALUE_DENIED;
	return VALUE_UNSUPPORTED;
}

static struct faults_told told_by(const struct faults *source, const struct probe_status *status)
{
	struct faults_told told = { .otherwise = status_of_untold(status) };

	if (!source)
		return told;
	told.processes = faults_tells_processes(source);
	told.latency = told.processes && faults_tells_latency(source);
	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		told.class[c] = told.processes && faults_tells_class(source, c);
	/* Who sees what memory a fault is in tells at least this class from others. */
	told.memory = told.class[FAULT_DEMAND_ZERO];
	/* A tier that works has a few gaps of its own, whoever asks. */
	if (told.processes)
		told.otherwise = VALUE_UNSUPPORTED;
	return told;
}

void faults_probe_watch(struct faults_probe *probe, int32_t pid)
{
	if (probe->watch_pid == pid)
		return;
	probe->watch_pid = pid;
	if (probe->source)
		faults_watches_choose(&probe->watches, probe->source, probe->watch_pid, probe->wish.pids,
				      probe->wish.pid_count);
}

static int attach(struct faults_probe *probe)
{
	struct attached_status *new = calloc(1, sizeof *new);
	struct faults_config config = probe->wish.faults;
	int32_t watched[FAULT_WATCHED_MAX];
	struct faults_told told;

	if (!new)
		return -ENOMEM;
	faults_watches_begin(&probe->watches, probe->watch_pid, probe->wish.pids, probe->wish.pid_count, watched);
	config.watch = watched;
	probe->source = faults_open(probe->root, &config, &new->status, &probe->why);
	told = told_by(probe->source, &new->status);
	if (faults_rows_init(&probe->rows, &told)) {
		faults_close(probe->source);
		probe->source = NULL;
		free(new);
		return -ENOMEM;
	}
	new->older = probe->statuses;
	probe->statuses = new;
	probe->tried = true;
	malloc_trim(0);		/* loading BPF takes many times what running it does */
	return 0;
}

static void detach(struct faults_probe *probe)
{
	faults_close(probe->source);
	probe->source = NULL;
	faults_rows_free(&probe->rows);
	probe->tried = false;
}

void faults_probe_close(struct faults_probe *probe)
{
	detach(probe);
	while (probe->statuses) {
		struct attached_status *older = probe->statuses->older;

		free(probe->statuses);
		probe->statuses = older;
	}
}

int faults_probe_demand(struct faults_probe *probe, bool needed, int64_t now_ns, struct err *err)
{
	if (needed || probe->wish.required)
		probe->needed_ns = now_ns;
	else if (probe->source && now_ns - probe->needed_ns >= linger_ns)
		detach(probe);
	if (!probe->wish.allowed || probe->tried || (!needed && !probe->wish.required))
		return 0;
	if (attach(probe))
		return -ENOMEM;
	if (probe->source || !probe->wish.required)
		return 0;
	err_set(err, "%s", probe->why.text);
	return -EOPNOTSUPP;
}

/* -- samples ---------------------------------------------------------------------------------------------- */

static const struct fault_reading *reading_of(const struct faults_probe *probe)
{
	return probe->source && !probe->read_error ? &probe->reading : NULL;
}

void faults_probe_read(struct faults_probe *probe, bool needed, const struct snapshot *previous, struct snapshot *snapshot)
{
	static const struct fault_reading nothing;
	const struct fault_reading *reading;

	/* Also when it only lingers: else what the kernel keeps for us would overflow. */
	probe->read_error = probe->source ? -faults_read(probe->source, &probe->reading) : 0;
	if (!needed || !probe->tried)
		return;
	reading = reading_of(probe);
	snapshot->probes[PROBE_FAULTS] = &probe->statuses->status;
	faults_rows_fill(&probe->rows, probe->source ? reading : &nothing, previous, snapshot);
	if (!reading)
		return;
	snapshot->faults = calloc(1, sizeof *snapshot->faults);
	if (snapshot->faults)
		faults_rows_machine(&probe->rows, reading, faults_bpf_bytes(probe->source), snapshot->faults);
}

static void add_loss(struct snapshot *snapshot)
{
	const struct fault_machine *machine = snapshot->faults;
	char text[160];

	if (machine && machine->lost.amount) {
		snprintf(text, sizeof text, "%" PRId64 " page faults are in no sum: a table or buffer was full",
			 machine->lost.amount);
		snapshot_add_notice(snapshot, "faults-lost", text, "sample more often (-d)");
	}
	if (machine && machine->threads_left_out.amount) {
		snprintf(text, sizeof text, "%" PRId64 " threads have no sums of page faults: there are too many",
			 machine->threads_left_out.amount);
		snapshot_add_notice(snapshot, "faults-threads", text, "");
	}
	if (machine && machine->lost_processes.amount) {
		snprintf(text, sizeof text, "%" PRId64 " processes have no row: only the machine's sums have their faults",
			 machine->lost_processes.amount);
		snapshot_add_notice(snapshot, "faults-processes", text, "sample more often (-d)");
	}
}

/* Which classes the tier leaves out. */
static void list_untold(const struct faults_told *told, char *text, size_t size)
{
	size_t len = 0;

	*text = '\0';
	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		if (!told->class[c] && len < size)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? ", " : "", fault_class_key(c));
}

static void add_notice(const struct faults_probe *probe, struct snapshot *snapshot)
{
	const struct probe_status *status = &probe->statuses->status;
	char text[160], untold[128], why[256];

	probe_why(status, why, sizeof why);
	list_untold(&probe->rows.told, untold, sizeof untold);
	if (!probe->source)
		snapshot_add_notice(snapshot, "faults", probe->root->live ? "no tier of the fault probe can be had" :
				    "a captured machine cannot be probed", why);
	else if (probe->read_error)
		snprintf(text, sizeof text, "the fault probe cannot be read: %s", strerror(probe->read_error));
	else if (!probe->rows.told.processes)
		snprintf(text, sizeof text, "tier %s tells minor and major faults of the machine, no processes or classes",
			 probe_tier_name(status));
	else if (*untold)
		snprintf(text, sizeof text, "tier %s does not tell: %s", probe_tier_name(status), untold);
	else
		return;
	if (probe->source)
		snapshot_add_notice(snapshot, "faults", text, why);
}

static void add_left_out(const struct faults_probe *probe, struct snapshot *snapshot)
{
	char text[160];

	if (!probe->rows.told.latency || !probe->watches.left_out)
		return;
	snprintf(text, sizeof text, "latencies are kept of %d processes: there are none of %zu others given by --pid",
		 FAULT_WATCHED_MAX, probe->watches.left_out);
	snapshot_add_notice(snapshot, "faults-watched", text, "give fewer");
}

void faults_probe_finish(struct faults_probe *probe, bool needed, struct snapshot *snapshot)
{
	const struct fault_reading *reading = reading_of(probe);

	if (!needed || !probe->tried) {
		fault_machine_publish(snapshot, VALUE_SKIPPED);
		return;
	}
	if (reading) {
		faults_rows_end(&probe->rows, reading, snapshot);
		faults_watches_fill(&probe->watches, probe->source, reading, snapshot);
	}
	fault_machine_publish(snapshot, probe->read_error ? VALUE_LOST : probe->rows.told.otherwise);
	add_notice(probe, snapshot);
	add_left_out(probe, snapshot);
	add_loss(snapshot);
}
