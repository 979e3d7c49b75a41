/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot: one immutable sample of the machine, which is all that a view ever sees.
 *
 * The sampler fills a snapshot, derive.c adds what follows from the previous one, and from then on nobody
 * writes to it. Snapshots and the texts in them are reference counted (single-threaded counts).
 */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/metric.h"
#include "model/value.h"

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

/* The process metrics that can be ESTIMATED; all others never are. */
enum estimable { EST_PSS, EST_PSS_ANON, EST_PSS_FILE, EST_PSS_SHMEM, EST_COUNT };

enum process_text { TEXT_COMM, TEXT_USER, TEXT_CMDLINE, TEXT_CGROUP, TEXT_COUNT };

struct process {
	int64_t amount[PROC_COUNT];
	uint8_t status[PROC_COUNT];	/* enum value_status */
	struct bounds bounds[EST_COUNT];
	struct text *text[TEXT_COUNT];	/* NULL where status says there is none */
	int32_t previous;		/* index of the same process in the previous snapshot, -1 when new */
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
	struct cgroup *cgroups;
	size_t cgroup_count, cgroup_capacity;
};

/* Empty snapshot with room for PROCESSES rows, everything PENDING; NULL on ENOMEM. */
struct snapshot *snapshot_new(const struct host *host, size_t processes);
struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot);	/* NULL-safe; frees with the last reference */

/* One more process row, everything PENDING; NULL on ENOMEM. Earlier row pointers may become invalid. */
struct process *snapshot_add_process(struct snapshot *snapshot);
struct cgroup *snapshot_add_cgroup(struct snapshot *snapshot);

/* Adds a notice unless the table is full or the topic is already there. printf-like pieces are the caller's. */
void snapshot_add_notice(struct snapshot *snapshot, const char *topic, const char *text, const char *remedy);

static inline struct value process_value(const struct process *process, enum process_metric metric)
{
	return (struct value){ process->amount[metric], process->status[metric] };
}

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

/* Bounds of METRIC when it is one of enum estimable, else NULL. */
const struct bounds *process_bounds(const struct process *process, enum process_metric metric);

#endif
