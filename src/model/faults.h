/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fault probe counted, in a snapshot. A process's values (struct fault_values, read through process_value())
 * are immutable and shared by all snapshots in which nothing changed: most processes fault seldom.
 */
#ifndef MODEL_FAULTS_H
#define MODEL_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"
#include "model/snapshot.h"

/* "demand_zero", its column title, one phrase of help, and whether the kernel accounts it as minor or major. */
const char *fault_class_key(enum fault_class class);
const char *fault_class_title(enum fault_class class);
const char *fault_class_help(enum fault_class class);
bool fault_class_is_accounted(enum fault_class class);

const char *fault_memory_key(enum fault_memory memory);
const char *fault_memory_help(enum fault_memory memory);

/* The metrics of a class or kind of memory: PROC_FAULTS_COW and so on. */
enum process_metric fault_metric_count(enum fault_class class);
enum process_metric fault_metric_rate(enum fault_class class);
enum process_metric fault_metric_seconds(enum fault_class class);
enum process_metric fault_metric_memory(enum fault_memory memory);

/* The machine's faults by class since attach; buckets of latency as in fault.h. */
struct fault_machine {
	struct {
		struct value count, rate;	/* rate: per second in 1/1000 */
		struct value ns, percent;	/* time together, and per wall time in 1/1000 percent */
	} class[FAULT_CLASSES];
	struct value total, total_rate;		/* accounted classes together; where classes are not told, minor + major */
	struct value minor, major;		/* of the tiers that tell these and no classes */
	struct value memory[FAULT_MEMORIES];
	struct value remote, max_ns;
	bool has_buckets;
	uint64_t buckets[FAULT_CLASSES][FAULT_BUCKETS];
	struct value lost, missed, lost_processes;
	struct value threads, threads_left_out, bpf_bytes;
};

/* How long the faults of one process took, of those that are watched: immutable. Buckets as in fault.h. */
struct fault_latencies {
	unsigned refs;
	bool whole;			/* of all its faults since attach; else of those since it is watched */
	struct bounds p50, p99;		/* of the metrics */
	uint64_t buckets[FAULT_CLASSES][FAULT_BUCKETS];
};

/* Values as in TEMPLATE (may be NULL: all PENDING), its latencies shared; one reference. NULL on ENOMEM. */
struct fault_values *fault_values_new(const struct fault_values *template);
struct fault_values *fault_values_ref(struct fault_values *values);	/* NULL-safe */
void fault_values_unref(struct fault_values *values);			/* NULL-safe */

static inline void fault_values_set(struct fault_values *values, enum process_metric metric, struct value value)
{
	values->amount[metric - PROC_STORED] = value.amount;
	values->status[metric - PROC_STORED] = (uint8_t)value.status;
}

/* ROW's values, to write to: copied when others share them. NULL when it has none, and on ENOMEM, when it has none any more. */
struct fault_values *fault_values_own(struct process *row);

/* Gives VALUES a histogram and the quantiles that follow from it. BUCKETS NULL: takes them away, for it is not watched any
 * more. 0, or -ENOMEM: then there are none. */
int fault_values_watch(struct fault_values *values, const uint64_t (*buckets)[FAULT_BUCKETS], bool whole);

/* Rates of NOW from what BEFORE (NULL when the row is new) had ELAPSED_NS ago. NOW's values are replaced, not
 * written to, when others share them; without memory for that it has none. */
void faults_derive(const struct process *before, struct process *now, int64_t elapsed_ns);

/* The same for the machine. */
void fault_machine_derive(const struct fault_machine *before, struct fault_machine *now, int64_t elapsed_ns);

/* The system metrics of the fault probe from SNAPSHOT->faults, and where that is NULL, all of status NONE. */
void fault_machine_publish(struct snapshot *snapshot, enum value_status none);

enum { FAULT_MEDIAN = 500, FAULT_P99 = 990 };

/* The QUANTILE (in 1/1000) of the latencies counted in BUCKETS, in ns, interpolated within its bucket, whose ends are put in
 * BOUNDS (unless NULL), and therefore ESTIMATED; NOT_APPLICABLE when there are none. */
struct value fault_quantile(const uint64_t buckets[FAULT_BUCKETS], unsigned quantile, struct bounds *bounds);

#endif
