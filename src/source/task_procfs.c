/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scan of all processes through /proc: stat and statm of each.
 *
 * Facts (fs/proc/array.c, base.c and task_mmu.c, 5.10 to 7.2):
 * - the owner of the directory /proc/PID is the effective uid, whatever the process's dumpable flag says:
 *   task_dump_owner() excepts directories of mode 0555. That does not hold for a captured tree.
 * - statm's resident is exact on 5.10 to 6.1 but for what threads have not yet handed over, approximate (percpu
 *   counter batches) from 6.2, exact from 6.16 and 6.12's stable series; stat's rss is never better.
 * - a leader that ended before its threads has no memory in /proc/PID, but its threads' directories show it.
 */
#include "config.h"

#include "source/task_procfs.h"
#include "source/task_source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parse/process.h"
#include "util/readfile.h"

/* stat is about 350 bytes with every number at its longest below 1,200; statm is below 150. status may be long
 * (Groups comes before the fields of memory: 65,536 groups), hence the limit. */
enum { STAT_CAP = 2048, STATM_CAP = 256, STATUS_LIMIT = 1024 * 1024 };

/* No page is larger and no clock ticks faster. */
enum { HOST_NUMBER_MAX = 1000000 };

struct task_source_procfs {
	struct task_source base;
	struct task_procfs_host host;
	const struct rootfs *root;
	DIR *proc;
	int proc_fd;		/* of proc */
};

/* A pid from a directory name: digits only, no leading zero, in range; 0 for anything else. */
static int32_t pid_from_name(const char *name)
{
	int64_t pid = 0;

	if (*name == '0')
		return 0;
	for (; *name; name++) {
		if (*name < '0' || *name > '9')
			return 0;
		pid = pid * 10 + (*name - '0');
		if (pid > INT32_MAX)
			return 0;
	}
	return (int32_t)pid;
}

int task_procfs_open_pid(int proc_fd, int32_t pid)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%" PRId32, pid);
	fd = openat(proc_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int read_stat(int dirfd, const char *path, struct parse_stat *stat)
{
	char text[STAT_CAP];
	ssize_t len = readfile_at(dirfd, path, text, sizeof(text));

	return len < 0 ? (int)len : parse_stat(text, (size_t)len, stat);
}

static int read_statm(int dirfd, const char *path, struct parse_statm *statm)
{
	char text[STATM_CAP];
	ssize_t len = readfile_at(dirfd, path, text, sizeof(text));

	return len < 0 ? (int)len : parse_statm(text, (size_t)len, statm);
}

/* Calls VISIT for each thread's tid until it returns non-zero, which is returned; 0 after the last. */
static int for_each_thread(int pid_fd, int (*visit)(int task_fd, int32_t tid, void *data), void *data)
{
	int fd = openat(pid_fd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *dir;
	int result = 0;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		result = -errno;
		close(fd);
		return result;
	}
	while (!result && (entry = readdir(dir))) {
		int32_t tid = pid_from_name(entry->d_name);

		if (tid)
			result = visit(fd, tid, data);
	}
	closedir(dir);
	return result;
}

/* A thread that has the memory of a process whose leader has ended. */
struct live_thread {
	struct parse_statm statm;
	int32_t tid;		/* 0 when none was found */
};

static int visit_statm(int task_fd, int32_t tid, void *data)
{
	struct live_thread *live = data;
	char path[32];

	snprintf(path, sizeof(path), "%" PRId32 "/statm", tid);
	if (read_statm(task_fd, path, &live->statm) || !live->statm.size)
		return 0;
	live->tid = tid;
	return 1;
}

static void fill_image(const struct parse_stat *stat, struct task_sample *sample)
{
	if (!stat->has_layout)
		return;
	sample->image = task_image_hash(stat->startcode, stat->startstack);
	sample->have |= TASK_HAVE_IMAGE;
}

static uint8_t small(uint32_t number)
{
	return number <= UINT8_MAX ? (uint8_t)number : UINT8_MAX;
}

static void fill_from_stat(const struct task_procfs_host *host, const struct parse_stat *stat,
			   struct task_sample *sample)
{
	sample->ppid = stat->ppid;
	sample->start_time = stat->starttime;
	memcpy(sample->comm, stat->comm, sizeof(sample->comm) - 1);
	sample->state = stat->state;
	sample->kernel_thread = stat->flags & TASK_PF_KTHREAD;
	sample->policy = small(stat->policy);
	sample->rt_priority = small(stat->rt_priority);
	sample->realtime = task_policy_is_realtime(stat->policy);
	if (stat->num_threads > 0 && stat->num_threads <= UINT32_MAX)
		sample->threads = (uint32_t)stat->num_threads;
	sample->cpu_ns = (stat->utime + stat->stime) * host->tick_ns;
	sample->faults_minor = stat->minflt;
	sample->faults_major = stat->majflt;
	fill_image(stat, sample);
}

/* Where to look instead when the leader has no memory any more but threads live. */
static void find_memory(int pid_fd, struct live_thread *live, struct task_sample *sample)
{
	struct parse_stat stat;
	char path[48];

	if (for_each_thread(pid_fd, visit_statm, live) != 1)
		return;
	snprintf(path, sizeof(path), "task/%" PRId32 "/stat", live->tid);
	if (!read_stat(pid_fd, path, &stat))
		fill_image(&stat, sample);
}

/* A captured tree may lack statm; stat knows nearly as much. */
static void statm_from_stat(const struct task_procfs_host *host, const struct parse_stat *stat,
			    struct parse_statm *statm)
{
	*statm = (struct parse_statm){
		.size = (int64_t)(stat->vsize / (uint64_t)host->page_bytes),
		.resident = stat->rss,
	};
}

/* The text may be a forged capture: what overflows is as large as can be said. */
static int64_t bytes_from_pages(const struct task_procfs_host *host, int64_t pages)
{
	int64_t bytes;

	return __builtin_mul_overflow(pages, host->page_bytes, &bytes) ? INT64_MAX : bytes;
}

int task_procfs_read_process(const struct task_procfs_host *host, int pid_fd, struct task_sample *sample)
{
	struct live_thread live = { 0 };
	struct parse_stat stat = { 0 };
	struct stat owner;
	int error;

	error = read_stat(pid_fd, "stat", &stat);
	if (error)
		return error;
	error = read_statm(pid_fd, "statm", &live.statm);
	if (error && host->live)
		return error;
	if (error)
		statm_from_stat(host, &stat, &live.statm);
	fill_from_stat(host, &stat, sample);
	if (!live.statm.size && !sample->kernel_thread && sample->threads > 1)
		find_memory(pid_fd, &live, sample);
	sample->no_mm = sample->kernel_thread || !live.statm.size;
	if (!sample->no_mm) {
		sample->virtual_bytes = bytes_from_pages(host, live.statm.size);
		sample->rss_bytes = bytes_from_pages(host, live.statm.resident);
	}
	if (host->live && !fstat(pid_fd, &owner))
		sample->uid = owner.st_uid;
	sample->have |= TASK_HAVE_CORE;
	return 0;
}

static int scan_procfs(struct task_source *base, struct task_table *table)
{
	struct task_source_procfs *source = (struct task_source_procfs *)base;
	struct dirent *entry;

	rewinddir(source->proc);
	while (errno = 0, (entry = readdir(source->proc))) {
		int32_t pid = pid_from_name(entry->d_name);
		struct task_sample *row;
		int fd;

		if (!pid)
			continue;
		fd = task_procfs_open_pid(source->proc_fd, pid);
		if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
			return fd;
		if (fd < 0)
			continue;
		row = task_table_add(table);
		if (row) {
			row->pid = pid;
			if (task_procfs_read_process(&source->host, fd, row))
				table->count--;
		}
		close(fd);
	}
	/* The C library takes a directory that was removed for an empty one. */
	if (!errno && !table->count)
		faccessat(source->root->root_fd, "proc", F_OK, 0);
	return -errno;
}

static void close_procfs(struct task_source *base)
{
	struct task_source_procfs *source = (struct task_source_procfs *)base;

	closedir(source->proc);
	free(source);
}

/* "key value" of DIR/memtide-host in a captured tree; FALLBACK when it is not there or not sensible. */
static int64_t host_number(const struct rootfs *root, const char *key, int64_t fallback)
{
	char text[4096];
	ssize_t len = root->live ? -ENOENT : readfile_at(root->root_fd, "memtide-host", text, sizeof(text));
	size_t key_len = strlen(key);
	char *line, *next;

	if (len < 0)
		return fallback;
	for (line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!strncmp(line, key, key_len) && line[key_len] == ' ') {
			int64_t number = strtoll(line + key_len, NULL, 10);

			return number > 0 && number <= HOST_NUMBER_MAX ? number : fallback;
		}
	}
	return fallback;
}

void task_procfs_host(const struct rootfs *root, struct task_procfs_host *host)
{
	host->live = root->live;
	host->page_bytes = host_number(root, "page_bytes", sysconf(_SC_PAGESIZE));
	host->tick_ns = 1000000000u / (uint64_t)host_number(root, "clock_ticks", sysconf(_SC_CLK_TCK));
}

struct task_source *task_source_open_procfs(const struct rootfs *root, struct err *err)
{
	struct task_source_procfs *source = calloc(1, sizeof(*source));
	int fd = openat(root->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && source)
		source->proc = fdopendir(fd);
	if (!source || !source->proc) {
		err_set(err, "proc: cannot read the directory: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		free(source);
		return NULL;
	}
	source->base = (struct task_source){ .name = "procfs", .scan = scan_procfs, .close = close_procfs };
	source->root = root;
	source->proc_fd = fd;
	task_procfs_host(root, &source->host);
	return &source->base;
}

/* status of the process, or when only its leader has ended, of a thread that has the memory. */
static int read_status(int pid_fd, const char *path, struct parse_status *status)
{
	char *text = NULL;
	size_t cap = 0;
	ssize_t len = readfile_grow_at(pid_fd, path, &text, &cap, STATUS_LIMIT);
	int error = len < 0 ? (int)len : parse_status(text, (size_t)len, status);

	free(text);
	return error;
}

static bool status_has(const struct parse_status *status, enum status_field field)
{
	return status->have & 1u << field;
}

static void fill_kinds(const struct parse_status *status, struct task_sample *sample)
{
	if (!status_has(status, STATUS_RSSANON) || !status_has(status, STATUS_RSSFILE) ||
	    !status_has(status, STATUS_RSSSHMEM))
		return;
	sample->rss_anon_bytes = status->v[STATUS_RSSANON];
	sample->rss_file_bytes = status->v[STATUS_RSSFILE];
	sample->rss_shmem_bytes = status->v[STATUS_RSSSHMEM];
	sample->rss_bytes = sample->rss_anon_bytes + sample->rss_file_bytes + sample->rss_shmem_bytes;
	if (status_has(status, STATUS_VMSWAP))
		sample->swap_bytes = status->v[STATUS_VMSWAP];
	sample->have |= TASK_HAVE_KINDS;
}

static void fill_detail(const struct parse_status *status, struct task_sample *sample)
{
	if (!status_has(status, STATUS_VMHWM) || !status_has(status, STATUS_VMLCK) ||
	    !status_has(status, STATUS_VMPTE))
		return;
	sample->rss_peak_bytes = status->v[STATUS_VMHWM];
	sample->locked_bytes = status->v[STATUS_VMLCK];
	sample->pagetables_bytes = status->v[STATUS_VMPTE];
	sample->have |= TASK_HAVE_DETAIL;
}

int task_procfs_read_status(int pid_fd, struct task_sample *sample)
{
	struct parse_status status = { 0 };
	struct live_thread live = { 0 };
	char path[48];
	int error = read_status(pid_fd, "status", &status);

	if (error)
		return error;
	if (status_has(&status, STATUS_UID_EFFECTIVE))
		sample->uid = (uint32_t)status.v[STATUS_UID_EFFECTIVE];
	if (!status_has(&status, STATUS_VMSIZE) && !sample->kernel_thread && sample->threads > 1 &&
	    for_each_thread(pid_fd, visit_statm, &live) == 1) {
		snprintf(path, sizeof(path), "task/%" PRId32 "/status", live.tid);
		read_status(pid_fd, path, &status);
	}
	if (status_has(&status, STATUS_VMSIZE)) {
		fill_kinds(&status, sample);
		fill_detail(&status, sample);
	} else {
		sample->no_mm = true;
		sample->have |= TASK_HAVE_KINDS | TASK_HAVE_DETAIL;
	}
	return 0;
}

int task_procfs_read_oom_adj(int pid_fd, struct task_sample *sample)
{
	char text[32], *end;
	ssize_t len = readfile_at(pid_fd, "oom_score_adj", text, sizeof(text));
	long number;

	if (len < 0)
		return (int)len;
	number = strtol(text, &end, 10);
	if (end == text || number < -1000 || number > 1000)
		return -EBADMSG;
	sample->oom_score_adj = (int16_t)number;
	sample->have |= TASK_HAVE_OOM_ADJ;
	return 0;
}

static int visit_policy(int task_fd, int32_t tid, void *data)
{
	struct parse_stat stat;
	char path[32];

	(void)data;
	snprintf(path, sizeof(path), "%" PRId32 "/stat", tid);
	return !read_stat(task_fd, path, &stat) && task_policy_is_realtime(stat.policy);
}

int task_procfs_check_realtime(int pid_fd, struct task_sample *sample)
{
	int found = for_each_thread(pid_fd, visit_policy, NULL);

	if (found < 0)
		return found;
	sample->realtime = found;
	sample->have |= TASK_HAVE_THREAD_POLICY;
	return 0;
}

struct thread_visit {
	bool live;
	uint64_t tick_ns;
	const struct thread_visitor *visitor;
};

/* The owner of a thread's directory is its own effective uid, as with the process's. */
static int visit_thread(int task_fd, int32_t tid, void *data)
{
	const struct thread_visit *visit = data;
	struct thread_sample thread = { .tid = tid, .uid = UINT32_MAX };
	struct parse_stat stat;
	struct stat owner;
	char path[32];

	snprintf(path, sizeof(path), "%" PRId32 "/stat", tid);
	if (read_stat(task_fd, path, &stat))
		return 0;
	thread.start_time = stat.starttime;
	memcpy(thread.comm, stat.comm, sizeof(thread.comm) - 1);
	thread.state = stat.state;
	thread.policy = small(stat.policy);
	thread.rt_priority = small(stat.rt_priority);
	thread.cpu_ns = (stat.utime + stat.stime) * visit->tick_ns;
	thread.faults_minor = stat.minflt;
	thread.faults_major = stat.majflt;
	snprintf(path, sizeof(path), "%" PRId32, tid);
	if (visit->live && !fstatat(task_fd, path, &owner, AT_SYMLINK_NOFOLLOW))
		thread.uid = owner.st_uid;
	visit->visitor->visit(visit->visitor->context, &thread);
	return 0;
}

int task_procfs_read_threads(int pid_fd, bool live, uint64_t tick_ns, const struct thread_visitor *visitor)
{
	struct thread_visit data = { live, tick_ns, visitor };

	return for_each_thread(pid_fd, visit_thread, &data);
}
