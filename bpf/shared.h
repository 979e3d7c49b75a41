/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ABI between memtide's BPF programs and its userland: fixed-width types, no implicit padding, sizes
 * asserted.
 */
#ifndef BPF_SHARED_H
#define BPF_SHARED_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/*
 * task_iter: a stream of records, each beginning with struct task_record_thread. In the stream a record is as
 * long as its kind says; threads follow their leader or not, in any order.
 */
enum task_record_kind {
	TASK_RECORD_LEADER = 1,		/* struct task_record_leader */
	TASK_RECORD_THREAD = 2,		/* struct task_record_thread */
	TASK_RECORD_THREAD_MM = 3,	/* struct task_record_thread_mm: its leader has ended */
};

/* MM_FILEPAGES ... of include/linux/mm_types_task.h, since 4.5. */
enum task_rss_kind { TASK_RSS_FILE, TASK_RSS_ANON, TASK_RSS_SWAP, TASK_RSS_SHMEM, TASK_RSS_KINDS };

enum task_mm_flags {
	TASK_MM_PRESENT		= 1 << 0,	/* else the process has no memory and the rest is 0 */
	TASK_MM_APPROXIMATE	= 1 << 1,	/* per-CPU parts of the RSS were left out: too many CPUs */
};

/* Possible CPUs up to which the per-CPU parts of RSS counters are added up (16 bytes read per process and
 * CPU). */
enum { TASK_CPUS_MAX = 128 };

struct task_record_thread {
	__u32 key;		/* tgid in the initial pid namespace: what threads of a process share */
	__u8 kind;		/* enum task_record_kind */
	__u8 policy;
	__u8 rt_priority;
	__u8 padding;
	__u64 cpu_ns;
	__u64 faults_minor, faults_major;
	__s32 rss_residue[TASK_RSS_KINDS];	/* pages not yet handed over to the mm: 5.10 to 6.1 */
};

struct task_record_group {
	__s32 pid, ppid;	/* in our pid namespace; ppid 0 when outside of it */
	__u64 start_time_ns;	/* since boot */
	__u64 dead_cpu_ns;	/* of threads that have ended */
	__u64 dead_faults_minor, dead_faults_major;
	__u32 uid;
	__u32 flags;		/* PF_* */
	__u32 state, exit_state;/* TASK_* and EXIT_* */
	__u32 threads;
	__s32 oom_score_adj;
	char comm[16];
};

struct task_record_mm {
	__u64 id;
	__u64 start_code, start_stack;
	__u64 total_pages, peak_pages, locked_pages;
	__u64 pagetables_bytes;
	__s64 rss_pages[TASK_RSS_KINDS];
	__u32 map_count;
	__u32 flags;		/* enum task_mm_flags */
};

struct task_record_leader {
	struct task_record_thread thread;
	struct task_record_group group;
	struct task_record_mm mm;
};

struct task_record_thread_mm {
	struct task_record_thread thread;
	struct task_record_mm mm;
};

/* thread_iter: a stream of these, one for each thread of the processes that have several, in any order. */
struct thread_record {
	__s32 pid, tid;			/* in our pid namespace */
	__u64 process_start_time_ns;	/* since boot */
	__u64 start_time_ns;
	__u64 cpu_ns;
	__u64 faults_minor, faults_major;
	__u32 uid;
	__u32 state, exit_state;	/* TASK_* and EXIT_* */
	__u8 policy;
	__u8 rt_priority;
	__u8 padding[2];
	char comm[16];
};

_Static_assert(sizeof(struct thread_record) == 80, "ABI");
_Static_assert(sizeof(struct task_record_thread) == 48, "ABI");
_Static_assert(sizeof(struct task_record_group) == 80, "ABI");
_Static_assert(sizeof(struct task_record_mm) == 96, "ABI");
_Static_assert(sizeof(struct task_record_leader) == 48 + 80 + 96, "ABI");

#endif
