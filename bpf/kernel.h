/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel structs that memtide's BPF programs touch, declared by hand with the members they touch: libbpf
 * relocates every access by the running kernel's BTF, so that order, size and everything else are irrelevant,
 * and neither a vmlinux.h nor BTF is needed to build.
 *
 * Every difference between kernel versions lives in this file. A struct whose name ends in ___x is a flavour:
 * libbpf looks for the name before the three underscores. A misspelt base name would silently never match.
 */
#ifndef BPF_KERNEL_H
#define BPF_KERNEL_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "shared.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	__s64 counter;
} atomic_long_t;

typedef struct {
	__u32 val;
} kuid_t;

struct pid_namespace;
struct seq_file;

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];		/* as long as level says; a flexible array from 6.7 */
};

/* enum pid_type, since 4.19 */
enum { PIDTYPE_TGID = 1, PIDTYPE_MAX = 4 };

struct cred {
	kuid_t euid;
};

struct sched_entity {
	__u64 sum_exec_runtime;
};

struct signal_struct {
	int nr_threads;
	struct pid *pids[PIDTYPE_MAX];
	unsigned long min_flt, maj_flt;		/* of threads that have ended */
	unsigned long long sum_sched_runtime;	/* likewise, ns */
	short oom_score_adj;
};

struct maple_tree {
	void *ma_root;
};

struct mm_struct {
	struct maple_tree mm_mt;		/* 6.1 */
	unsigned long start_code, start_stack, start_data, start_brk, brk;
	unsigned long total_vm, hiwater_rss, locked_vm;
	atomic_long_t pgtables_bytes;
	int map_count;
};

struct task_struct {
	unsigned int flags;
	int pid, tgid;
	int exit_state, exit_signal;		/* exit_signal: -1 for a thread that is not the first */
	unsigned int policy, rt_priority;
	unsigned long min_flt, maj_flt;
	int numa_scan_seq;			/* CONFIG_NUMA_BALANCING; the next one too */
	unsigned long numa_faults_locality[3];
	__u64 start_boottime;			/* 5.5; real_start_time before, when there was no iter/task */
	char comm[16];
	struct sched_entity se;
	struct task_struct *real_parent, *group_leader;
	struct signal_struct *signal;
	struct mm_struct *mm;
	const struct cred *real_cred;
	struct pid *thread_pid;
};

struct super_block {
	unsigned long s_magic;
};

struct inode {
	unsigned short i_mode;
	struct super_block *i_sb;
};

struct file {
	struct inode *f_inode;
};

struct userfaultfd_ctx;
struct vm_userfaultfd_ctx {
	struct userfaultfd_ctx *ctx;		/* CONFIG_USERFAULTFD */
};

struct vm_operations_struct;
struct vm_area_struct {
	unsigned long vm_start, vm_end;
	struct mm_struct *vm_mm;
	unsigned long vm_flags;
	const struct vm_operations_struct *vm_ops;
	struct file *vm_file;
	struct vm_userfaultfd_ctx vm_userfaultfd_ctx;
};

struct kernel_siginfo {
	int si_signo, si_errno, si_code;
};

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_array {
	void *pptrs[1];
};

/* task_struct.state became __state, an unsigned int, in 5.14 (2f064a59a11f). */
struct task_struct___v513 {
	long state;
};

struct task_struct___v514 {
	unsigned int __state;
};

/* RSS counters up to 6.1: atomics in the mm, plus what each thread has counted and not yet handed over (at most
 * 64 faults' worth) when the kernel splits page-table locks. */
struct mm_rss_stat___v61 {
	atomic_long_t count[TASK_RSS_KINDS];
};

struct mm_struct___v61 {
	struct mm_rss_stat___v61 rss_stat;
};

/* A thread hands its counts over at the first fault after 64 events (check_sync_rss_stat). */
struct task_rss_stat___v61 {
	int events;
	int count[TASK_RSS_KINDS];
};

struct task_struct___v61 {
	struct task_rss_stat___v61 rss_stat;
};

/* RSS counters from 6.2 (f1a7941243c1): a percpu_counter for each kind. */
struct percpu_counter {
	__s64 count;
	__s32 *counters;
};

struct mm_struct___v62 {
	struct percpu_counter rss_stat[TASK_RSS_KINDS];
};

/* The lock of an address space counts its writers: while the number is the same, so are the mappings. From 6.4 a number that
 * grows when a writer leaves (5e31275cc997), from 6.13 a seqcount (eb449bd96954). */
struct mm_struct___v64 {
	int mm_lock_seq;
};

struct seqcount___v613 {
	unsigned int sequence;
};

struct mm_struct___v613 {
	struct seqcount___v613 mm_lock_seq;
};

/* The registers of a probed function's call: its arguments are in di, si, dx, or in x0, x1, x2. */
struct pt_regs___amd {
	unsigned long di, si, dx;
};

struct pt_regs___arm {
	__u64 regs[31];
};

enum bpf_func_id___x { BPF_FUNC_get_current_task_btf___x = 158 };

enum vm_event_item___x { PGFAULT___x = 1, PGPGIN___x = 2, THP_FAULT_ALLOC___x = 3 };

#pragma clang attribute pop

#define kernel_offset(object, member) __builtin_preserve_field_info((object)->member, BPF_FIELD_BYTE_OFFSET)

/* Whether RSS counters have per-CPU parts. Constant at load time: the other branch is never verified. */
static __always_inline bool kernel_has_percpu_rss(void)
{
	return bpf_core_field_exists(((struct mm_struct___v62 *)0)->rss_stat[0].counters);
}

/* Argument INDEX, 0 to 2, of the function that a kprobe with context CTX is at. */
static __always_inline __u64 kernel_argument(void *ctx, unsigned int index)
{
	struct pt_regs___arm *arm64 = ctx;
	struct pt_regs___amd *x86 = ctx;

	if (bpf_core_field_exists(arm64->regs))
		return BPF_CORE_READ(arm64, regs[index]);
	return index == 0 ? BPF_CORE_READ(x86, di) : index == 1 ? BPF_CORE_READ(x86, si) : BPF_CORE_READ(x86, dx);
}

static __always_inline __u32 kernel_task_state(struct task_struct *task)
{
	struct task_struct___v514 *v514 = (void *)task;
	struct task_struct___v513 *v513 = (void *)task;

	if (bpf_core_field_exists(v514->__state))
		return v514->__state;
	return (__u32)v513->state;
}

static __always_inline void kernel_task_rss_residue(struct task_struct *task, __s32 *residue)
{
	struct task_struct___v61 *v61 = (void *)task;

	if (!bpf_core_field_exists(v61->rss_stat.count))
		return;
	residue[TASK_RSS_FILE] = v61->rss_stat.count[TASK_RSS_FILE];
	residue[TASK_RSS_ANON] = v61->rss_stat.count[TASK_RSS_ANON];
	residue[TASK_RSS_SWAP] = v61->rss_stat.count[TASK_RSS_SWAP];
	residue[TASK_RSS_SHMEM] = v61->rss_stat.count[TASK_RSS_SHMEM];
}

/* The shared part of the RSS counters; COUNTERS receives the per-CPU pointers when there are such parts. */
static __always_inline void kernel_mm_rss(struct mm_struct *mm, __s64 *pages, __u64 *counters)
{
	struct mm_struct___v62 *v62 = (void *)mm;
	struct mm_struct___v61 *v61 = (void *)mm;

	if (kernel_has_percpu_rss()) {
		pages[0] = v62->rss_stat[0].count;
		pages[1] = v62->rss_stat[1].count;
		pages[2] = v62->rss_stat[2].count;
		pages[3] = v62->rss_stat[3].count;
		counters[0] = (__u64)v62->rss_stat[0].counters;
		counters[1] = (__u64)v62->rss_stat[1].counters;
		counters[2] = (__u64)v62->rss_stat[2].counters;
		counters[3] = (__u64)v62->rss_stat[3].counters;
	} else {
		/* The verifiers of these versions do not see through an array of a typedef. */
		bpf_probe_read_kernel(pages, TASK_RSS_KINDS * sizeof(*pages), &v61->rss_stat.count);
	}
}

#endif
