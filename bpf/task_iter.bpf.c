/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * task_iter writes one record for every thread that our pid namespace sees, from which userland makes
 * processes; thread_iter one for every thread of those that have several. The ABI is in shared.h. Needs 5.8.
 *
 * ctx->task is a pointer the verifier trusts, and so is what is reached from it: such loads cost no call, and
 * give 0 when memory has gone. A task that is being released may have lost its pid: then it is left out.
 */
#include "kernel.h"
#include "namespace.h"

char LICENSE[] SEC("license") = "GPL";

/* Set by userland before loading. */
const volatile __u32 possible_cpus = 1;

/* One word per CPU, only for its addresses: see learn_cpu_offsets(). */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} anchor SEC(".maps");

/* Learnt at the first record of each scan. Volatile: what is written as a pointer is read back as a number. */
static volatile __u64 cpu_offset[TASK_CPUS_MAX];
static volatile __u64 scratch;

/*
 * Where each CPU's copy of per-CPU data lies, as __per_cpu_offset[] says, but without kallsyms: the address of
 * our own array's element on that CPU, less the element's per-CPU pointer. 5.19 for the helper; RSS needs it
 * from 6.2.
 */
static __always_inline void learn_cpu_offsets(void)
{
	struct bpf_array *array = 0;
	__u64 element = 0;
	__u32 zero = 0;

	if (cpu_offset[0])
		return;
	scratch = (__u64)&anchor;
	bpf_probe_read_kernel(&element, sizeof(element), (void *)(scratch + kernel_offset(array, pptrs)));
	for (__u32 cpu = 0; cpu < TASK_CPUS_MAX && cpu < possible_cpus; cpu++) {
		scratch = (__u64)bpf_map_lookup_percpu_elem(&anchor, &zero, cpu);
		cpu_offset[cpu] = scratch ? scratch - element : 0;
	}
}

/* Adds the per-CPU parts. The kernel allocates a process's four counters side by side since 6.6 (14ef95be6f55)
 * and usually did before: then one read per CPU is enough. */
static __always_inline void add_cpu_parts(__s64 *pages, const __u64 *counters)
{
	__u64 base = counters[0];
	bool adjacent = counters[1] == base + 4 && counters[2] == base + 8 && counters[3] == base + 12;

	for (__u32 cpu = 0; cpu < TASK_CPUS_MAX && cpu < possible_cpus; cpu++) {
		__u64 offset = cpu_offset[cpu];
		__s32 part[TASK_RSS_KINDS] = { 0 };

		if (adjacent) {
			bpf_probe_read_kernel(part, sizeof(part), (void *)(base + offset));
		} else {
			bpf_probe_read_kernel(&part[0], sizeof(part[0]), (void *)(counters[0] + offset));
			bpf_probe_read_kernel(&part[1], sizeof(part[1]), (void *)(counters[1] + offset));
			bpf_probe_read_kernel(&part[2], sizeof(part[2]), (void *)(counters[2] + offset));
			bpf_probe_read_kernel(&part[3], sizeof(part[3]), (void *)(counters[3] + offset));
		}
		pages[0] += part[0];
		pages[1] += part[1];
		pages[2] += part[2];
		pages[3] += part[3];
	}
}

static __always_inline void fill_mm(struct mm_struct *mm, struct task_record_mm *record)
{
	__u64 counters[TASK_RSS_KINDS] = { 0 };

	record->id = (__u64)mm;
	record->start_code = mm->start_code;
	record->start_stack = mm->start_stack;
	record->total_pages = mm->total_vm;
	record->peak_pages = mm->hiwater_rss;
	record->locked_pages = mm->locked_vm;
	record->pagetables_bytes = (__u64)mm->pgtables_bytes.counter;
	record->map_count = (__u32)mm->map_count;
	record->flags = TASK_MM_PRESENT;
	kernel_mm_rss(mm, record->rss_pages, counters);
	if (!kernel_has_percpu_rss())
		return;
	if (possible_cpus <= TASK_CPUS_MAX)
		add_cpu_parts(record->rss_pages, counters);
	else
		record->flags |= TASK_MM_APPROXIMATE;
}

static __always_inline void fill_thread(struct task_struct *task, __u8 kind, struct task_record_thread *record)
{
	record->key = (__u32)task->tgid;
	record->kind = kind;
	record->policy = (__u8)task->policy;
	record->rt_priority = (__u8)task->rt_priority;
	record->cpu_ns = task->se.sum_exec_runtime;
	record->faults_minor = task->min_flt;
	record->faults_major = task->maj_flt;
	kernel_task_rss_residue(task, record->rss_residue);
}

static __always_inline void fill_group(struct task_struct *task, struct task_record_group *record)
{
	struct signal_struct *signal = task->signal;

	record->ppid = visible_tgid(task->real_parent);
	record->start_time_ns = task->start_boottime;
	record->dead_cpu_ns = signal->sum_sched_runtime;
	record->dead_faults_minor = signal->min_flt;
	record->dead_faults_major = signal->maj_flt;
	record->uid = task->real_cred->euid.val;
	record->flags = task->flags;
	record->state = kernel_task_state(task);
	record->exit_state = (__u32)task->exit_state;
	record->threads = (__u32)signal->nr_threads;
	record->oom_score_adj = signal->oom_score_adj;
	bpf_probe_read_kernel(record->comm, sizeof(record->comm), task->comm);
}

/* PF_KTHREAD: a kernel thread may borrow a process's memory for a while, but it never owns it. */
enum { PF_KTHREAD = 0x00200000 };

static __always_inline int write_leader(struct seq_file *seq, struct task_struct *task)
{
	struct task_record_leader record = { 0 };
	struct mm_struct *mm = task->mm;

	record.group.pid = visible_tgid(task);
	if (!record.group.pid)
		return 0;
	fill_thread(task, TASK_RECORD_LEADER, &record.thread);
	fill_group(task, &record.group);
	if (mm && !(record.group.flags & PF_KTHREAD))
		fill_mm(mm, &record.mm);
	bpf_seq_write(seq, &record, sizeof(record));
	return 0;
}

static __always_inline int write_thread(struct seq_file *seq, struct task_struct *task)
{
	struct task_record_thread_mm record = { 0 };
	struct mm_struct *mm = task->mm;

	if (mm && !task->group_leader->mm) {
		fill_thread(task, TASK_RECORD_THREAD_MM, &record.thread);
		fill_mm(mm, &record.mm);
		bpf_seq_write(seq, &record, sizeof(record));
		return 0;
	}
	fill_thread(task, TASK_RECORD_THREAD, &record.thread);
	bpf_seq_write(seq, &record.thread, sizeof(record.thread));
	return 0;
}

SEC("iter/task")
int task_iter(struct bpf_iter__task *ctx)
{
	struct bpf_iter_meta *meta = ctx->meta;
	struct task_struct *task = ctx->task;

	if (!task)
		return 0;
	if (!meta->seq_num) {
		learn_namespace();
		if (kernel_has_percpu_rss() && possible_cpus <= TASK_CPUS_MAX)
			learn_cpu_offsets();
	}
	if (task->pid == task->tgid)
		return write_leader(meta->seq, task);
	return write_thread(meta->seq, task);
}

SEC("iter/task")
int thread_iter(struct bpf_iter__task *ctx)
{
	struct bpf_iter_meta *meta = ctx->meta;
	struct task_struct *task = ctx->task;
	struct thread_record record = { 0 };

	if (!task)
		return 0;
	if (!meta->seq_num)
		learn_namespace();
	if (task->signal->nr_threads < 2)
		return 0;
	record.pid = visible_tgid(task);
	record.tid = visible_tid(task);
	if (!record.pid || !record.tid)
		return 0;
	record.process_start_time_ns = task->group_leader->start_boottime;
	record.start_time_ns = task->start_boottime;
	record.cpu_ns = task->se.sum_exec_runtime;
	record.faults_minor = task->min_flt;
	record.faults_major = task->maj_flt;
	record.uid = task->real_cred->euid.val;
	record.state = kernel_task_state(task);
	record.exit_state = (__u32)task->exit_state;
	record.policy = (__u8)task->policy;
	record.rt_priority = (__u8)task->rt_priority;
	bpf_probe_read_kernel(record.comm, sizeof(record.comm), task->comm);
	bpf_seq_write(meta->seq, &record, sizeof(record));
	return 0;
}
