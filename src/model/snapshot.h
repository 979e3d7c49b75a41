/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot: one immutable sample of the machine, which is all that a view ever sees.
 *
 * The sampler fills a snapshot, derive.c adds what follows from the previous one, and from then on nobody
 * writes to it. Snapshots and the texts in them are reference counted; the counts are atomic, so one thread may make
 * snapshots and another show and release them.
 */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/metric.h"
#include "model/value.h"
#include "model/probe.h"

/* An immutable, reference counted, cleaned text (see util/text.h): no control bytes, valid UTF-8. */
struct text {
	unsigned refs;
	unsigned len;
	char s[];
};

/* NULL on ENOMEM. The bytes are cleaned while they are copied. */
struct text *text_new(const char *bytes, size_t len);
struct text *text_ref(struct text *text);	/* NULL-safe */
void text_unref(struct text *text);		/* NULL-safe */

/* Inclusive bounds of an ESTIMATED amount. */
struct bounds {
	int64_t low, high;
};

/* The process metrics that can be ESTIMATED, with quantiles of latencies; all others never are. */
enum estimable { EST_PSS, EST_PSS_ANON, EST_PSS_FILE, EST_PSS_SHMEM, EST_COUNT };

enum process_text { TEXT_COMM, TEXT_USER, TEXT_CMDLINE, TEXT_CGROUP, TEXT_COUNT };

/* What growth over more than one interval needs: carried from each snapshot to the next by derive.c. */
enum { GROWTH_STEPS = 6, GROWTH_STEP_SECONDS = 10 };

struct growth {
	int64_t first_bytes;		/* PSS when it was first known, less what later readings proved wrong in it */
	int64_t step_bytes[GROWTH_STEPS];	/* PSS at the last multiples of 10 s since then, newest first */
	int64_t step_boottime_ns;	/* the moment of the newest of them */
	uint8_t steps;			/* how many of them are filled */
	bool known;			/* first_bytes is set */
	bool exact;			/* it rests on a reading, not on an estimate out of RSS */
};

/* Whether a process's values of the fault probe are its last ones. */
enum faults_end {
	FAULTS_END_NOT,		/* they may grow */
	FAULTS_END_NEW,		/* final; when it is among the exited, for the first time */
	FAULTS_END_TOLD,	/* final, and so it was in an earlier snapshot's exited */
};

struct fault_latencies;

/* What the fault probe knows of a process: the metrics from PROC_STORED on. See model/faults.h. */
struct fault_values {
	unsigned refs;
	struct fault_latencies *latencies;	/* a reference; NULL when it has no histograms of its own */
	int64_t amount[PROC_COUNT - PROC_STORED];
	uint8_t status[PROC_COUNT - PROC_STORED];	/* enum value_status */
};

/* A process, or a thread of one. */
struct process {
	int64_t amount[PROC_STORED];
	uint8_t status[PROC_STORED];	/* enum value_status */
	struct fault_values *faults;	/* a reference; NULL when not wanted: all are SKIPPED, NOT_APPLICABLE in threads */
	struct bounds bounds[EST_COUNT];
	struct text *text[TEXT_COUNT];	/* NULL where status says there is none */
	int32_t previous;		/* index of the same row in the same array of the previous snapshot, -1 when new */
	struct growth growth;
	bool is_thread;
	uint32_t owner;			/* of a thread: index of its process; of others unused */
	uint8_t faults_end;		/* enum faults_end */
	uint8_t exited_samples;		/* of an exited process: how many samples ago it was last seen, from 1 */
};

/* The identity of a row in one number without collisions: pid (22 bits, the kernel's limit), start time in ticks (41 bits),
 * and whether it is a thread. A thread's is its tid with its own start time. */
uint64_t process_key(const struct process *process);

/* The one process that somebody looks at closely: what is read of no other. */
enum { LIMITS_MAX = 20 };

struct limit {
	char name[32];			/* as /proc/PID/limits spells it, cleaned: "Max locked memory" */
	char unit[16];			/* "bytes", "us", "", as there */
	int64_t soft, hard;		/* INT64_MAX for unlimited */
};

struct watched {
	int32_t pid;
	int64_t start_time;
	bool gone;			/* it has ended; the rest is as last read */
	struct text *exe;		/* path of its program; NULL: see exe_status */
	uint8_t exe_status;		/* enum value_status */
	struct limit limits[LIMITS_MAX];
	unsigned limit_count;
	uint8_t limits_status;		/* enum value_status */
};

/* A cgroup; rows are sorted by path. */
struct cgroup {
	int64_t amount[CG_COUNT];
	uint8_t status[CG_COUNT];
	struct text *path;
};

/* A memory field of the kernel that the metric table does not know (a newer kernel's meminfo). */
struct extra {
	char name[48];			/* as the kernel spells it, cleaned */
	int64_t bytes;
};

enum { EXTRA_MAX = 32 };

struct swap_area {
	struct text *name;
	int64_t size_bytes, used_bytes, priority;
	/* zram only, else status NOT_APPLICABLE / DENIED: */
	struct value zram_original_bytes, zram_compressed_bytes, zram_used_bytes;
};

enum { SWAP_AREAS_MAX = 32 };

/* A setting of the kernel that is a word: "transparent_hugepage_enabled" is "madvise". */
struct setting {
	const char *name;		/* static; the persisted identity, as the key of a metric */
	char text[32];			/* cleaned; empty unless the status is OK */
	uint8_t status;			/* enum value_status */
};

enum { SETTINGS_MAX = 8 };

/* Something that could not be had, for the user: "pss: denied for 83 of 120 processes" and the remedy. */
struct notice {
	const char *topic;		/* static: "pss", "bpf", "psi" */
	char text[160];
	char remedy[256];
};

enum { NOTICES_MAX = 16 };

/* What does not change while memtide runs. */
struct host {
	char hostname[65];
	char kernel[65];		/* uname -r */
	char machine[65];		/* uname -m */
	char boot_id[37];
	int64_t page_bytes;
	int64_t clock_ticks;		/* per second, unit of start_time */
	int cpus;			/* online */
	int64_t interval_ns;
	int64_t captured_real_ns, captured_boottime_ns;	/* of a captured tree; else 0 */
	const char *task_tier;		/* static: "bpf-iterator" or "procfs" */
	char task_tier_why[256];	/* why a better tier is not in use; empty when it is */
};

struct fault_machine;

struct snapshot {
	unsigned refs;
	const struct host *host;	/* outlives every snapshot */
	uint64_t sequence;		/* 0 for the first */
	int64_t real_ns;		/* CLOCK_REALTIME at the start of the scan */
	int64_t boottime_ns;		/* CLOCK_BOOTTIME, same moment */

	int64_t system_amount[SYS_COUNT];
	uint8_t system_status[SYS_COUNT];
	struct extra extra[EXTRA_MAX];
	unsigned extra_count;
	struct swap_area swaps[SWAP_AREAS_MAX];
	unsigned swap_count;
	struct setting settings[SETTINGS_MAX];	/* always the same ones in the same order */
	unsigned setting_count;
	struct text *longest_read_comm;	/* comm of pss_read_longest_pid; NULL when none */
	struct notice notices[NOTICES_MAX];
	unsigned notice_count;

	struct process *processes;	/* sorted by pid, then start time */
	size_t process_count, process_capacity;
	/* Threads of processes that have several, when NEED_THREADS is wanted: sorted by pid, then tid. What belongs to the
	 * process as a whole (its memory) is NOT_APPLICABLE in them. */
	struct process *threads;
	size_t thread_count, thread_capacity;
	size_t threads_lost;		/* left out: more than THREADS_MAX, or not to be read */
	/* Processes that ended within the last EXITED_SAMPLES samples, as last seen; those of the largest RSS when there are
	 * more than EXITED_MAX. Made by derive.c. With the fault probe, at most EXITED_MAX more that lived between two
	 * samples: they have pid, start time, comm and what it counted. Sorted by pid, then start time. */
	struct process *exited;
	size_t exited_count, exited_capacity;
	uint64_t exited_lost;		/* ended since the first sample and left out */
	struct watched *watched;	/* NULL when no process is watched; owned */
	struct cgroup *cgroups;
	size_t cgroup_count, cgroup_capacity;
	const struct probe_status *probes[PROBE_COUNT];	/* never NULL; outlive every snapshot */
	struct fault_machine *faults;	/* NULL when the fault probe is not wanted or cannot be had; owned */
};

enum { THREADS_MAX = 32768, EXITED_MAX = 256, EXITED_SAMPLES = 3 };

/* Empty snapshot with room for PROCESSES rows, everything PENDING; NULL on ENOMEM. */
struct snapshot *snapshot_new(const struct host *host, size_t processes);
struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot);	/* NULL-safe; frees with the last reference */

/* One more process row, everything PENDING; NULL on ENOMEM. Earlier row pointers may become invalid. */
struct process *snapshot_add_process(struct snapshot *snapshot);
struct cgroup *snapshot_add_cgroup(struct snapshot *snapshot);

struct process *snapshot_add_thread(struct snapshot *snapshot);
struct process *snapshot_add_exited(struct snapshot *snapshot);

/* All rows under one number: processes, then threads, then exited processes. INDEX below snapshot_row_count(). */
static inline const struct process *snapshot_row(const struct snapshot *snapshot, size_t index)
{
	if (index < snapshot->process_count)
		return &snapshot->processes[index];
	index -= snapshot->process_count;
	if (index < snapshot->thread_count)
		return &snapshot->threads[index];
	return &snapshot->exited[index - snapshot->thread_count];
}

static inline size_t snapshot_row_count(const struct snapshot *snapshot)
{
	return snapshot->process_count + snapshot->thread_count + snapshot->exited_count;
}

/* Adds a notice unless the table is full or the topic is already there. printf-like pieces are the caller's. */
void snapshot_add_notice(struct snapshot *snapshot, const char *topic, const char *text, const char *remedy);

static inline struct value process_value(const struct process *process, enum process_metric metric)
{
	if (metric >= PROC_STORED) {
		const struct fault_values *faults = process->faults;

		if (!faults)
			return value_none(process->is_thread ? VALUE_NOT_APPLICABLE : VALUE_SKIPPED);
		return (struct value){ faults->amount[metric - PROC_STORED], faults->status[metric - PROC_STORED] };
	}
	return (struct value){ process->amount[metric], process->status[metric] };
}

/* METRIC below PROC_STORED. */
static inline void process_set(struct process *process, enum process_metric metric, struct value value)
{
	process->amount[metric] = value.amount;
	process->status[metric] = (uint8_t)value.status;
}

static inline struct value system_value(const struct snapshot *snapshot, enum system_metric metric)
{
	return (struct value){ snapshot->system_amount[metric], snapshot->system_status[metric] };
}

static inline void system_set(struct snapshot *snapshot, enum system_metric metric, struct value value)
{
	snapshot->system_amount[metric] = value.amount;
	snapshot->system_status[metric] = (uint8_t)value.status;
}

static inline void cgroup_set(struct cgroup *cgroup, enum cgroup_metric metric, struct value value)
{
	cgroup->amount[metric] = value.amount;
	cgroup->status[metric] = (uint8_t)value.status;
}

/* Text of a UNIT_TEXT, UNIT_STATE or UNIT_POLICY metric; NULL when there is none. BUF holds at least 16 bytes
 * and is used for the letter or policy name. */
const char *process_text(const struct process *process, enum process_metric metric, char *buf);

/* Bounds of METRIC when it is one of enum estimable or a quantile of latencies, else NULL. */
const struct bounds *process_bounds(const struct process *process, enum process_metric metric);

#endif
