/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's page faults as system metrics. */
#include "model/faults.h"

static const struct {
	enum system_metric count, seconds;
} classes[FAULT_CLASSES] = {
#define FAULT_CLASS(id, ...) [FAULT_##id] = { SYS_FAULTS_##id, SYS_FAULT_SECONDS_##id },
#include "fault_classes.def"
#undef FAULT_CLASS
};

static const enum system_metric memories[FAULT_MEMORIES] = {
#define FAULT_MEMORY(id, ...) [FAULT_IN_##id] = SYS_FAULTS_IN_##id,
#include "fault_memory.def"
#undef FAULT_MEMORY
};

/* Without BPF, or where the kernel does not measure, there is none. */
static struct value event_cost(const struct probe_status *status)
{
	return status->event_ns ? value_ok(status->event_ns) : value_none(VALUE_UNSUPPORTED);
}

void fault_machine_publish(struct snapshot *snapshot, enum value_status none)
{
	const struct fault_machine *machine = snapshot->faults;

	for (enum system_metric metric = SYS_FAULTS_SEEN; metric <= SYS_FAULT_EVENT; metric++)
		system_set(snapshot, metric, value_none(none));
	if (!machine)
		return;
	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		system_set(snapshot, classes[c].count, machine->class[c].count);
		system_set(snapshot, classes[c].seconds, machine->class[c].ns);
	}
	for (unsigned m = 0; m < FAULT_MEMORIES; m++)
		system_set(snapshot, memories[m], machine->memory[m]);
	system_set(snapshot, SYS_FAULTS_SEEN, machine->total);
	system_set(snapshot, SYS_FAULTS_SEEN_RATE, machine->total_rate);
	system_set(snapshot, SYS_FAULTS_MINOR_SEEN, machine->minor);
	system_set(snapshot, SYS_FAULTS_MAJOR_SEEN, machine->major);
	system_set(snapshot, SYS_FAULTS_REMOTE, machine->remote);
	system_set(snapshot, SYS_FAULT_MAX, machine->max_ns);
	system_set(snapshot, SYS_FAULTS_LOST, machine->lost);
	system_set(snapshot, SYS_FAULTS_MISSED, machine->missed);
	system_set(snapshot, SYS_FAULTS_LOST_PROCESSES, machine->lost_processes);
	system_set(snapshot, SYS_FAULT_THREADS, machine->threads);
	system_set(snapshot, SYS_FAULT_THREADS_LEFT_OUT, machine->threads_left_out);
	system_set(snapshot, SYS_FAULT_BPF, machine->bpf_bytes);
	system_set(snapshot, SYS_FAULT_ATTACH, value_ok(snapshot->probes[PROBE_FAULTS]->attach_ns));
	system_set(snapshot, SYS_FAULT_EVENT, event_cost(snapshot->probes[PROBE_FAULTS]));
}
