/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault probe's programs. A tier loads some of them:
 *
 *			entry				end
 *	fentry		fault_fentry			fault_fexit
 *	kprobe		fault_kprobe			fault_memcg (6.13), else fault_perf
 *	tracepoint	fault_user, fault_kernel	fault_memcg, else fault_perf
 *
 *	bpf-iterator	-				-
 * and, but for the last, each fault_rss (6.2; before, each thread has RSS counters of its own), fault_page (unless
 * fault_memcg hears of charges); all fault_signal, fault_exit (5.12), fault_free, fault_iter.
 * What ends a fault is needed for its latency alone, and up to 6.1 for its class.
 */
#include "fault_enter.h"
#include "fault_tell.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

/* Return values and flags of handle_mm_fault: include/linux/mm_types.h, 5.10 to 7.2. */
enum {
	RET_OOM = 0x1, RET_SIGBUS = 0x2, RET_HWPOISON = 0x10, RET_HWPOISON_LARGE = 0x20, RET_SIGSEGV = 0x40,
	RET_RETRY = 0x400, RET_COMPLETED = 0x4000,
	FLAG_WRITE = 0x1, FLAG_UNSHARE = 0x400,
};

/* Error code of an x86 page fault: arch/x86/include/asm/trap_pf.h */
enum { ERROR_WRITE = 0x2 };

/* include/linux/sched.h */
enum { PF_EXITING = 0x4 };

/* ___GFP_MOVABLE, 5.10 to 7.2. Others are page tables and what else a fault takes for the kernel. */
enum { GFP_MOVABLE = 0x8 };

enum { SIGNAL_BUS = 7, SIGNAL_SEGV = 11, CODE_FAULT_MAX = 4 };

/* Whether the allocation of pages is known by their charge, so that fault_page is not needed. */
const volatile bool page_by_charge = false;

/* Whether SIGBUS is counted by its signal, because no return value is seen. */
const volatile bool sigbus_by_signal = false;

static __always_inline void enter_vma(__u64 vma, __u64 vma_mm, unsigned long address, unsigned int flags)
{
	struct task_struct *task = current_task();
	__u32 seen = 0;

	if (flags & FLAG_WRITE)
		seen |= FAULT_SEEN_WRITE;
	if (flags & FLAG_UNSHARE)
		seen |= FAULT_SEEN_UNSHARE;
	if ((__u64)TASK_MEMBER(task, mm) != vma_mm)
		seen |= FAULT_SEEN_REMOTE;
	fault_enter(task, vma, address, seen);
}

/* The running thread's open fault is over. True when there is none or the kernel has accounted it; else *THREAD and *OPEN are set. */
static __always_inline bool end_accounted(struct task_struct *task, struct fault_thread **thread, struct fault_open **open)
{
	struct fault_front *place = front_place(task), *front;

	if (!place)
		return true;
	barrier_var(place);
	if (kernel_has_runs() && place->open.task == (__u64)task && (place->open.seen & FAULT_SEEN_OPEN)) {
		fault_end(&place->open);
		if (run_goes_on(place, task, counts_of(task)))
			return true;
	}
	*thread = thread_find(task);
	if (!*thread)
		return true;
	front = front_of(*thread, place, task);
	*open = front ? &front->open : &(*thread)->open;
	if (!((*open)->seen & FAULT_SEEN_OPEN))
		return true;
	fault_end(*open);
	take_own_rss(*thread, *open, task);
	return thread_settle_run(*thread, front, *open, counts_of(task));
}

SEC("fentry/handle_mm_fault")
int BPF_PROG(fault_fentry, struct vm_area_struct *vma, unsigned long address, unsigned int flags)
{
	enter_vma((__u64)vma, (__u64)vma->vm_mm, address, flags);
	return 0;
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(fault_fexit, struct vm_area_struct *vma, unsigned long address, unsigned int flags, struct pt_regs *regs,
	     unsigned int ret)
{
	struct task_struct *task = current_task();
	struct fault_thread *thread;
	struct fault_open *open;

	if (((ret & RET_RETRY) && !(ret & RET_COMPLETED)) || end_accounted(task, &thread, &open))
		return 0;
	if (ret & RET_OOM)
		thread_fail(thread, open, FAULT_OOM);
	else if (ret & (RET_SIGBUS | RET_HWPOISON | RET_HWPOISON_LARGE))
		thread_fail(thread, open, FAULT_SIGBUS);
	else
		open->seen = 0;		/* SIGSEGV: its signal is counted */
	return 0;
}

SEC("kprobe/handle_mm_fault")
int fault_kprobe(void *ctx)
{
	struct vm_area_struct *vma = (void *)kernel_argument(ctx, 0);

	enter_vma((__u64)vma, (__u64)BPF_CORE_READ(vma, vm_mm), kernel_argument(ctx, 1),
		  (unsigned int)kernel_argument(ctx, 2));
	return 0;
}

static __always_inline void enter_address(struct bpf_raw_tracepoint_args *ctx, __u32 seen)
{
	/* A kernel address: no mapping of a process has the top bit. */
	if ((__s64)ctx->args[0] < 0)
		return;
	if (ctx->args[2] & ERROR_WRITE)
		seen |= FAULT_SEEN_WRITE;
	fault_enter(current_task(), 0, ctx->args[0], seen);
}

SEC("raw_tp/page_fault_user")
int fault_user(struct bpf_raw_tracepoint_args *ctx)
{
	enter_address(ctx, 0);
	return 0;
}

SEC("raw_tp/page_fault_kernel")
int fault_kernel(struct bpf_raw_tracepoint_args *ctx)
{
	enter_address(ctx, FAULT_SEEN_KERNEL);
	return 0;
}

/* (mm, member) */
SEC("raw_tp/rss_stat")
int fault_rss(struct bpf_raw_tracepoint_args *ctx)
{
	fault_see(FAULT_SEEN_RSS_FILE << (ctx->args[1] & 3));
	return 0;
}

/* (page, order, gfp_flags, migratetype) */
SEC("raw_tp/mm_page_alloc")
int fault_page(struct bpf_raw_tracepoint_args *ctx)
{
	if ((ctx->args[2] & GFP_MOVABLE) && ctx->args[0])
		fault_see(ctx->args[1] >= huge_order ? FAULT_SEEN_PAGE | FAULT_SEEN_HUGE_PAGE : FAULT_SEEN_PAGE);
	return 0;
}

/* Set when the kernel has told an end, and a charge: it does not where memory cgroups are switched off, or those of version 1. */
bool memcg_ends, memcg_charges;

/* (memcg, item, count), from 6.13. PGFAULT is the last thing before the kernel accounts a fault. With CONFIG_MEMCG_V1 PGPGIN is
 * the charge of a page, which is one of a process or of the page cache. */
SEC("raw_tp/count_memcg_events")
int fault_memcg(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 item = (__u32)ctx->args[1];

	if (item == bpf_core_enum_value(enum vm_event_item___x, PGFAULT___x)) {
		if (!memcg_ends)
			memcg_ends = true;
		fault_see(FAULT_SEEN_END);
	} else if (!page_by_charge) {
		return 0;
	} else if (item == bpf_core_enum_value(enum vm_event_item___x, PGPGIN___x)) {
		if (!memcg_charges)
			memcg_charges = true;
		fault_see(FAULT_SEEN_PAGE);
	} else if (bpf_core_enum_value_exists(enum vm_event_item___x, THP_FAULT_ALLOC___x) &&
		   item == bpf_core_enum_value(enum vm_event_item___x, THP_FAULT_ALLOC___x)) {
		fault_see(FAULT_SEEN_HUGE_PAGE);
	}
	return 0;
}

/* PERF_COUNT_SW_PAGE_FAULTS_MIN and _MAJ: right after the kernel has accounted a fault that has user registers */
SEC("perf_event")
int fault_perf(void *ctx)
{
	struct fault_thread *thread;
	struct fault_open *open;

	end_accounted(current_task(), &thread, &open);
	return 0;
}

/* The first thread of a process that has no other. */
static __always_inline bool is_alone(struct task_struct *task)
{
	return task->pid == task->tgid && task->signal->nr_threads == 1;
}

/* A thread tells its end itself unless the iterator, which of threads that are exiting tells only what is pending, began with it before. */
static __always_inline void end_self(struct task_struct *task, bool last)
{
	struct fault_thread *thread = thread_find(task);
	struct fault_open *open;

	if (!thread || thread->collecting || !thread->process_start_ns)
		return;
	open = thread_open(thread, task);
	thread_settle(thread, open, counts_of(task));
	tell_end(thread, task, last ? TELL_FROM_SIGNAL : TELL_FROM_EXIT, last ? FAULT_RECORD_LEADER : 0);
	if (last && open->task == (__u64)task)
		open->task = 0;
}

/* Before its address space is gone (6.18) or after. Who sends its parent a signal waits for that, where no storage can be had. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(fault_exit, struct task_struct *task)
{
	struct fault_thread *thread = thread_find_missing(task);

	if (use_storage && (!is_alone(task) || task->exit_signal <= 0))
		end_self(task, false);
	else if (thread)
		thread_open(thread, task);	/* takes the run into the sums: who execs takes over the pid, and the front, before the task is freed */
	return 0;
}

/* (signal, info, task, group, result). SEGV_MAPERR to SEGV_PKUERR, BUS_ADRALN to BUS_MCEERR_AR: raised by what it ran. */
SEC("raw_tp/signal_generate")
int fault_signal(struct bpf_raw_tracepoint_args *ctx)
{
	struct kernel_siginfo *info = (void *)ctx->args[1];
	__u32 number = (__u32)ctx->args[0], class = number == SIGNAL_SEGV ? FAULT_INVALID : FAULT_SIGBUS;
	struct task_struct *task = current_task();
	struct fault_thread *thread;
	struct fault_open *open;
	int code;

	/* The signal that tells its parent, or one sent on the way there: its address space is gone. */
	if (use_storage && (task->flags & PF_EXITING)) {
		if (!task->mm && is_alone(task))
			end_self(task, true);
		return 0;
	}
	if (all_threads || (number != SIGNAL_SEGV && (number != SIGNAL_BUS || !sigbus_by_signal)))
		return 0;
	/* SEND_SIG_NOINFO and SEND_SIG_PRIV are 0 and 1. */
	if (ctx->args[1] <= 1 || ctx->args[2] != (__u64)task)
		return 0;
	code = BPF_CORE_READ(info, si_code);
	if (code < 1 || code > CODE_FAULT_MAX)
		return 0;
	thread = thread_get(task);
	if (!thread)
		return 0;
	open = thread_open(thread, task);
	thread_settle(thread, open, counts_of(task));
	thread_fail(thread, open, class);
	return 0;
}

/* The thread has ended and nothing can happen to it any more. On 6.18 it was not raised for some 1 in 5,000 tasks of a storm. */
SEC("tp_btf/sched_process_free")
int BPF_PROG(fault_free, struct task_struct *task)
{
	struct fault_counts counts = { .minor = task->min_flt, .major = task->maj_flt };
	struct fault_thread *thread = thread_find_missing(task);
	struct fault_open *open;
	__u64 key = (__u64)task;

	/* Up to 6.1 the storage is not found while this CPU is at work on another: then all but the last has been told. */
	if (!thread && thread_is_missing(task) && (!use_storage || fault_threads >= (__s64)max_threads))
		__sync_fetch_and_add(&fault_lost, counts.minor + counts.major);
	if (!thread)
		return 0;
	open = thread_open(thread, task);
	counts.numa = open->numa;	/* of a task that is gone they are not there */
	thread_settle(thread, open, counts);
	open->seen = 0;
	open->task = 0;
	tell_end(thread, task, TELL_FROM_FREE, task->pid == task->tgid ? FAULT_RECORD_LEADER : 0);
	if (!use_storage)
		bpf_map_delete_elem(&fault_hash, &key);
	__sync_fetch_and_add(&fault_threads, -1);
	return 0;
}

/* The iterator counts the threads that are kept anew, since the end of some is not told; it sees all of them from the first pid
 * namespace alone. */
static __u64 counted, counted_last, left_out;

static __always_inline void count_threads(struct bpf_iter__task *ctx, const struct fault_thread *thread)
{
	/* One that the buffer had no room for comes again with the same number. */
	if (ctx->meta->seq_num + 1 == counted_last)
		return;
	counted_last = ctx->meta->seq_num + 1;
	if (thread)
		counted++;
	else
		left_out++;
}

SEC("iter/task")
int fault_iter(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct fault_thread *thread;
	bool exiting;

	if (!task) {
		if (use_storage && !our_level)
			fault_threads = counted;
		fault_left_out = left_out;
		return 0;
	}
	if (!ctx->meta->seq_num) {
		learn_namespace();
		counted = counted_last = left_out = 0;
	}
	/* One that has been released is told by fault_free, after the read-side critical section that this is. */
	if (!task->thread_pid)
		return 0;
	thread = thread_find_missing(task);
	if (!thread && !thread_is_missing(task))
		return 0;
	count_threads(ctx, thread);
	if (!thread)
		return 0;
	/* Who is exiting tells its end itself, a while after the flag was set. */
	__sync_fetch_and_add(&thread->collecting, 1);
	exiting = use_storage && (task->flags & PF_EXITING);
	if (all_threads && !exiting)
		thread_settle(thread, &thread->open, counts_of(task));
	if (thread->process_start_ns)
		tell_growth(thread, task, ctx->meta->seq, exiting);
	__sync_fetch_and_add(&thread->collecting, -1);
	return 0;
}
