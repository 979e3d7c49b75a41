/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memtide-probe-hold: attaches the fault probe and holds it, so that what it costs others can be measured.
 *
 *	memtide-probe-hold TIER totals|classes|latency [COMM]		(TIER: best, or one of faults.h)
 *
 * "ready key=value ..." once it is attached, or "error why". Then each "read" on stdin is answered by one line, "ok
 * key=value ...": what the machine's processes were counted, and what those named COMM were, ended ones included. It ends
 * with stdin.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/faults.h"
#include "source/faults.h"
#include "util/clock.h"

struct holder {
	struct faults *faults;
	const char *comm;
	uint64_t ended;		/* accounted faults of processes named comm that have ended */
};

static const char *const part_names[] = { "totals", "classes", "latency" };

static uint64_t accounted(const struct fault_sums *sums)
{
	uint64_t count = 0;

	for (int class = 0; class < FAULT_CLASSES; class++)
		if (fault_class_is_accounted((enum fault_class)class))
			count += sums->count[class];
	return count;
}

static void answer_read(struct holder *holder)
{
	struct fault_reading reading;
	int64_t started = clock_monotonic_ns(), cpu = clock_process_cpu_ns();
	int error = faults_read(holder->faults, &reading);
	uint64_t living = 0, largest = 0;
	int class = 0;

	started = clock_monotonic_ns() - started;
	cpu = clock_process_cpu_ns() - cpu;
	if (error) {
		printf("error faults_read: %s\n", strerror(-error));
		return;
	}
	for (size_t i = 0; i < reading.count; i++) {
		const struct fault_process *process = reading.processes[i];

		if (strncmp(process->comm, holder->comm, sizeof(process->comm)) != 0)
			continue;
		if (process->ended)
			holder->ended += accounted(&process->sums);
		else
			living += accounted(&process->sums);
	}
	for (int i = 0; i < FAULT_CLASSES; i++) {
		if (reading.machine.count[i] > largest) {
			largest = reading.machine.count[i];
			class = i;
		}
	}
	printf("ok read_ns=%" PRId64 " cpu_ns=%" PRId64 " processes=%zu threads=%" PRIu64 " faults=%" PRIu64 " named=%" PRIu64
	       " most=%s most_faults=%" PRIu64 " lost=%" PRIu64 " lost_processes=%" PRIu64 " bpf_bytes=%" PRId64 "\n",
	       started, cpu, reading.count, reading.threads,
	       reading.has_totals ? reading.minor + reading.major : accounted(&reading.machine), holder->ended + living,
	       fault_class_key((enum fault_class)class), largest, reading.lost, reading.lost_processes,
	       faults_bpf_bytes(holder->faults));
}

enum { TIER_BEST = -1, UNKNOWN = -2 };

/* The index of NAME, or UNKNOWN. */
static int find_part(const char *name)
{
	for (int i = 0; i < 3; i++)
		if (strcmp(name, part_names[i]) == 0)
			return i;
	return UNKNOWN;
}

static int find_tier(const char *name)
{
	if (strcmp(name, "best") == 0)
		return TIER_BEST;
	for (int tier = 0; tier < FAULT_TIERS; tier++)
		if (strcmp(name, faults_tier_name((enum fault_tier)tier)) == 0)
			return tier;
	return UNKNOWN;
}

static void hold(struct holder *holder)
{
	char line[64];

	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "read\n") == 0)
			answer_read(holder);
		else
			puts("error read");
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	struct faults_config config = { .tier = argc > 2 ? find_tier(argv[1]) : UNKNOWN };
	int part = argc > 2 ? find_part(argv[2]) : UNKNOWN;
	struct holder holder = { .comm = argc > 3 ? argv[3] : "" };
	struct probe_status status;
	struct rootfs root;
	struct err err = { 0 };

	if (config.tier == UNKNOWN || part == UNKNOWN) {
		fputs("usage: memtide-probe-hold best|fentry|kprobe|tracepoint|bpf-iterator|perf|procfs totals|classes|latency [COMM]\n",
		      stderr);
		return 2;
	}
	config.part = (enum fault_part)part;
	if (rootfs_open(&root, NULL, &err)) {
		printf("error %s\n", err.text);
		return 1;
	}
	holder.faults = faults_open(&root, &config, &status, &err);
	if (holder.faults) {
		printf("ready tier=%s attach_ns=%" PRId64 " completion=%s\n", probe_tier_name(&status), status.attach_ns,
		       status.completion ? status.completion : "none");
		fflush(stdout);
		hold(&holder);
	} else {
		printf("error %s\n", err.text);
	}
	faults_close(holder.faults);
	rootfs_close(&root);
	return holder.faults ? 0 : 1;
}
