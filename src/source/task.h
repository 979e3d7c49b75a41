/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One scan over all processes: who exists, and everything about them that is cheap to know.
 *
 * Two sources fill the same struct: a BPF task iterator (about 0.3 us a thread) and /proc (stat + statm,
 * 10 to 15 us a process; status on request). A field a source cannot deliver is absent from `have`; it is
 * never 0 by default.
 */
#ifndef SOURCE_TASK_H
#define SOURCE_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"
#include "util/rootfs.h"

enum task_have {
	TASK_HAVE_CORE		= 1 << 0,	/* identity, state, cpu, faults, virtual, rss total */
	TASK_HAVE_KINDS		= 1 << 1,	/* rss_anon, rss_file, rss_shmem */
	TASK_HAVE_DETAIL	= 1 << 2,	/* rss_peak, locked, pagetables */
	TASK_HAVE_IMAGE		= 1 << 3,	/* image */
	TASK_HAVE_OOM_ADJ	= 1 << 4,	/* oom_score_adj */
	TASK_HAVE_THREAD_POLICY	= 1 << 5,	/* realtime covers every thread, not only the leader */
	/* A caution, not a field: RSS lacks per-CPU parts (more than 128 CPUs); status or statm has them. */
	TASK_RSS_APPROXIMATE	= 1 << 6,
};

struct task_sample {
	int32_t pid;		/* tgid in our pid namespace */
	int32_t ppid;
	uint32_t uid;		/* effective; UINT32_MAX when unknown */
	uint32_t have;		/* enum task_have bits */
	uint64_t start_time;	/* clock ticks since boot, as stat field 22 */
	char comm[16];		/* raw bytes as the kernel has them, NUL-terminated; may hold anything */
	char state;
	bool kernel_thread;
	bool no_mm;		/* no address space: kernel thread, or a zombie */
	bool realtime;		/* leader or, with THREAD_POLICY, any thread runs SCHED_FIFO, RR or DEADLINE */
	uint8_t policy;		/* of the leader */
	uint8_t rt_priority;
	int16_t oom_score_adj;
	uint32_t threads;
	uint32_t map_count;	/* number of VMAs; 0 when unknown */
	uint64_t cpu_ns;
	uint64_t faults_minor, faults_major;
	int64_t virtual_bytes;
	int64_t rss_bytes, rss_anon_bytes, rss_file_bytes, rss_shmem_bytes;
	int64_t swap_bytes;	/* MM_SWAPENTS, -1 when unknown; signature only, not shown */
	int64_t rss_peak_bytes, locked_bytes, pagetables_bytes;
	/* Equal in processes that descend from one exec by fork alone, different after exec (with address
	 * space randomization): a hash of start_code and start_stack. */
	uint64_t image;
	/* Opaque identity of the address space; equal only for CLONE_VM sharers. 0 when unknown. */
	uint64_t mm_id;
};

/* One thread of a process that has several. */
struct thread_sample {
	int32_t pid, tid;		/* in our pid namespace */
	uint64_t process_start_time;	/* clock ticks since boot: with the pid, whose thread it is */
	uint64_t start_time;		/* the thread's own */
	char comm[16];			/* raw, as in struct task_sample */
	char state;
	uint8_t policy, rt_priority;
	uint32_t uid;			/* effective, a thread's own; UINT32_MAX when unknown */
	uint64_t cpu_ns;
	uint64_t faults_minor, faults_major;
};

/* Who is called for each thread. */
struct thread_visitor {
	void (*visit)(void *context, const struct thread_sample *thread);
	void *context;
};

/* Growable result of a scan, sorted by pid. Zero-initialize; task_table_free() releases it. */
struct task_table {
	struct task_sample *rows;
	size_t count, capacity;
	uint64_t lost;		/* rows dropped because memory ran out, since the table was created */
};

void task_table_free(struct task_table *table);

/* Room for one more row, zeroed; NULL when it had to be dropped (counted in lost). */
struct task_sample *task_table_add(struct task_table *table);

struct task_source;

/* Which source to use: --tier. */
enum task_tier {
	TIER_AUTO,	/* BPF where it loads, else procfs */
	TIER_BPF,	/* BPF or fail */
	TIER_PROCFS
};

/* A source of scans. NULL with ERR set when it cannot be had here. ROOT must outlive it.
 * - bpf: needs BTF, CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN), a live root, and a /proc of our own pid
 *   namespace. The first two are needed at each scan too, where unprivileged BPF is disabled.
 * - procfs: works on any root. */
struct task_source *task_source_open_bpf(const struct rootfs *root, struct err *err);
struct task_source *task_source_open_procfs(const struct rootfs *root, struct err *err);
void task_source_close(struct task_source *source);	/* NULL-safe */

/* Static name: "bpf-iterator" or "procfs". */
const char *task_source_name(const struct task_source *source);

/* Kernel memory held by the source's BPF maps in bytes, 0 for none. */
int64_t task_source_bpf_bytes(const struct task_source *source);

/* Replaces TABLE's rows by the processes that exist now. 0 or -errno; on an error the rows are unspecified. */
int task_source_scan(struct task_source *source, struct task_table *table);

/* Visits each thread that exists now of the processes that have several, in any order. 0 or -errno; what was
 * visited before an error is right, but not all. -EOPNOTSUPP from the procfs source, which cannot see them all
 * in one go: see task_procfs_read_threads(). */
int task_source_threads(struct task_source *source, const struct thread_visitor *visitor);

#endif
