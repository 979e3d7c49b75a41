/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scan of all processes by the BPF task iterator bpf/task_iter.bpf.c.
 *
 * Only the iterators' links stay open: they keep the programs and their maps alive, so libbpf's object, the
 * programs' ELF image and the kernel's parsed BTF (a peak of about 14 MiB) are all given back once they
 * are attached.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "parse/process.h"
#include "source/bpf.h"
#include "source/task_procfs.h"
#include "source/task_records.h"
#include "source/task_source.h"
#include "task_iter.skel.h"
#include "util/readfile.h"

/* Processes that the iterator does not show: see find_unseen(). */
enum { UNSEEN_MAX = 16 };

struct task_source_bpf {
	struct task_source base;
	struct task_records records;
	struct task_procfs_host host;
	int proc_fd;			/* borrowed from the rootfs */
	int link_fd, threads_link_fd;	/* of task_iter and thread_iter */
	unsigned unseen_count;
	int32_t unseen[UNSEEN_MAX];
	char buffer[BPF_ITERATOR_BYTES];
};

static const char instead[] = "/proc is read instead";

static void explain(struct err *err, const char *step, int error)
{
	const char *remedy = *bpf_remedy(error) ? bpf_remedy(error) : instead;

	/* Of a missing privilege libbpf tells many a thing, but not that. */
	if (*bpf_complaint() && error != EPERM)
		err_set(err, "bpf task iterator: %s: %s: %s (%s)", step, strerror(error), remedy, bpf_complaint());
	else
		err_set(err, "bpf task iterator: %s: %s: %s", step, strerror(error), remedy);
}

static ptrdiff_t feed_tasks(void *context, const void *data, size_t len)
{
	return task_records_feed(context, data, len);
}

/* Adds a row for each process that only /proc shows; forgets those that ended or that the iterator shows by
 * now. */
static void add_unseen(struct task_source_bpf *source, struct task_table *table)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < source->unseen_count; i++) {
		int32_t pid = source->unseen[i];
		struct task_sample sample = { .pid = pid, .uid = UINT32_MAX, .swap_bytes = -1 }, *row;
		int fd = task_table_find(table, pid) ? -EEXIST : task_procfs_open_pid(source->proc_fd, pid);
		int error = fd < 0 ? fd : task_procfs_read_process(&source->host, fd, &sample);

		if (fd >= 0)
			close(fd);
		if (error)
			continue;
		source->unseen[kept++] = pid;
		row = task_table_add(table);
		if (row)
			*row = sample;
		task_table_sort(table);
	}
	source->unseen_count = kept;
}

static int scan_bpf(struct task_source *base, struct task_table *table)
{
	struct task_source_bpf *source = (struct task_source_bpf *)base;
	int error;

	task_records_begin(&source->records, table);
	error = bpf_run_iterator(source->link_fd, source->buffer, feed_tasks, &source->records);
	if (error)
		return error;
	task_records_end(&source->records);
	task_table_sort(table);
	if (source->unseen_count)
		add_unseen(source, table);
	return 0;
}

struct thread_feed {
	uint64_t tick_ns;
	const struct thread_visitor *visitor;
};

static void visit_record(const struct thread_feed *feed, const struct thread_record *record)
{
	struct thread_sample thread = {
		.pid = record->pid,
		.tid = record->tid,
		.process_start_time = record->process_start_time_ns / feed->tick_ns,
		.start_time = record->start_time_ns / feed->tick_ns,
		.state = task_records_state(record->state, record->exit_state),
		.policy = record->policy,
		.rt_priority = record->rt_priority,
		.uid = record->uid,
		.cpu_ns = record->cpu_ns,
		.faults_minor = record->faults_minor,
		.faults_major = record->faults_major,
	};

	memcpy(thread.comm, record->comm, sizeof(thread.comm) - 1);
	feed->visitor->visit(feed->visitor->context, &thread);
}

static ptrdiff_t feed_threads(void *context, const void *data, size_t len)
{
	size_t used = 0;

	for (; len - used >= sizeof(struct thread_record); used += sizeof(struct thread_record)) {
		struct thread_record record;

		memcpy(&record, (const char *)data + used, sizeof(record));
		visit_record(context, &record);
	}
	return (ptrdiff_t)used;
}

static int threads_bpf(struct task_source *base, const struct thread_visitor *visitor)
{
	struct task_source_bpf *source = (struct task_source_bpf *)base;
	struct thread_feed feed = { source->host.tick_ns, visitor };

	return bpf_run_iterator(source->threads_link_fd, source->buffer, feed_threads, &feed);
}

/*
 * A hardened kernel may hide a process from BPF (the init process of some sandboxes) that /proc shows: every
 * scan then asks /proc for it. SHOWN is older than SEEN, so what is only in SHOWN is hidden or has just ended,
 * and add_unseen() tells these apart.
 */
static void find_unseen(struct task_source_bpf *source, const struct task_table *shown,
			const struct task_table *seen)
{
	for (size_t i = 0; i < shown->count && source->unseen_count < UNSEEN_MAX; i++)
		if (!task_table_find(seen, shown->rows[i].pid))
			source->unseen[source->unseen_count++] = shown->rows[i].pid;
}

static void close_bpf(struct task_source *base)
{
	struct task_source_bpf *source = (struct task_source_bpf *)base;

	if (source->link_fd >= 0)
		close(source->link_fd);
	if (source->threads_link_fd >= 0)
		close(source->threads_link_fd);
	task_records_free(&source->records);
	free(source);
}

static int keep_link(int *fd, const struct bpf_link *link)
{
	*fd = fcntl(bpf_link__fd(link), F_DUPFD_CLOEXEC, 3);
	return *fd < 0 ? -errno : 0;
}

/* Loads and attaches; only the links' descriptors remain. -1 with ERR set. */
static int attach(const struct rootfs *root, struct task_source_bpf *source, struct err *err)
{
	struct task_iter *skel = task_iter__open();
	int cpus = libbpf_num_possible_cpus();
	const char *step = "open";
	int error;

	if (!skel || cpus < 0) {
		explain(err, step, skel ? -cpus : errno);
		task_iter__destroy(skel);
		return -1;
	}
	skel->rodata->possible_cpus = (__u32)cpus;
	step = "load";
	error = task_iter__load(skel);
	if (!error) {
		step = "attach";
		error = task_iter__attach(skel);
	}
	if (!error) {
		source->base.bpf_bytes = bpf_maps_bytes(root, skel->obj);
		error = keep_link(&source->link_fd, skel->links.task_iter);
	}
	if (!error)
		error = keep_link(&source->threads_link_fd, skel->links.thread_iter);
	task_iter__destroy(skel);
	malloc_trim(0);
	if (!error)
		return 0;
	explain(err, step, -error);
	return -1;
}

/* A first scan must find ourselves as /proc shows us: what a future kernel changes behind our back is found
 * here, not in somebody's figures. */
static int check_self(const struct rootfs *root, const struct task_table *table, struct err *err)
{
	const struct task_sample *self = task_table_find(table, getpid());
	struct parse_stat stat = { 0 };
	char text[2048];
	ssize_t len = readfile_at(root->proc_fd, "self/stat", text, sizeof(text));

	if (len < 0 || parse_stat(text, (size_t)len, &stat))
		return err_set(err, "bpf task iterator: /proc/self/stat is unreadable");
	if (!self || self->start_time != stat.starttime || self->ppid != stat.ppid || self->no_mm ||
	    strcmp(self->comm, stat.comm) || self->rss_bytes <= 0)
		return err_set(err, "bpf task iterator: it disagrees with /proc/self/stat on this kernel: %s",
			       instead);
	return 0;
}

static int try_out(const struct rootfs *root, struct task_source_bpf *source, struct err *err)
{
	struct task_source *procfs = task_source_open_procfs(root, err);
	struct task_table shown = { 0 }, seen = { 0 };
	int error;

	if (!procfs)
		return -1;
	error = task_source_scan(procfs, &shown);
	if (!error)
		error = task_source_scan(&source->base, &seen);
	if (error) {
		explain(err, "read", -error);
	} else {
		find_unseen(source, &shown, &seen);
		error = check_self(root, &seen, err);
	}
	task_table_free(&shown);
	task_table_free(&seen);
	task_source_close(procfs);
	return error;
}

struct task_source *task_source_open_bpf(const struct rootfs *root, struct err *err)
{
	struct task_source_bpf *source;
	char why[BPF_WHY_MAX];
	int error;

	if (!bpf_view_is_true(root, why)) {
		err_set(err, "bpf task iterator: %s", why);
		return NULL;
	}
	source = calloc(1, sizeof(*source));
	if (!source) {
		err_set(err, "bpf task iterator: %s", strerror(ENOMEM));
		return NULL;
	}
	source->base = (struct task_source){
		.name = "bpf-iterator", .scan = scan_bpf, .threads = threads_bpf, .close = close_bpf,
	};
	source->records.page_bytes = sysconf(_SC_PAGESIZE);
	source->records.clock_ticks = sysconf(_SC_CLK_TCK);
	task_procfs_host(root, &source->host);
	source->proc_fd = root->proc_fd;
	source->link_fd = source->threads_link_fd = -1;
	bpf_loading_begin();
	error = attach(root, source, err);
	if (!error)
		error = try_out(root, source, err);
	bpf_loading_end();
	if (!error)
		return &source->base;
	close_bpf(&source->base);
	return NULL;
}
