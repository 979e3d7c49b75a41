// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Both task sources against each other and against /proc read by other code, on children that stand still: each
 * field, each kind of memory, threads living and dead, zombies, every byte in a name.
 *
 * How exact: /proc's own RSS is exact from 6.12; before, it lacks what CPUs (6.2) or threads (up to 6.1) have
 * not handed over, while the iterator adds just that up. So the iterator is held against smaps, which walks the
 * page tables, exactly on every kernel, and against status within that bound.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live_task.h"
#include "source/task_procfs.h"

enum { MIB = 1 << 20, TMPFS_MAGIC_NUMBER = 0x01021994, RAMFS_MAGIC_NUMBER = (int)0x858458f6 };

static struct task_source *bpf, *procfs;

/* How far /proc may be from the truth, in bytes. */
static long long proc_error(const struct truth *truth)
{
	long long cpus = sysconf(_SC_NPROCESSORS_CONF), batch = cpus > 16 ? 2 * cpus : 32;
	long long page = sysconf(_SC_PAGESIZE);

	if (kernel_at_least(6, 12))
		return 0;
	if (kernel_at_least(6, 2))
		return 3 * cpus * batch * page;
	return truth->threads * 65 * 16 * page;		/* 64 faults and one; a file fault may map 16 pages */
}

static bool near(long long a, long long b, long long error)
{
	return a - b <= error && b - a <= error;
}

/* The last thread to stop may still be on its way off the CPU when TRUTH is read: its time is between what
 * /proc says before and now. */
static void check_identity(const char *what, const struct task_sample *row, const struct truth *truth)
{
	struct truth now;
	size_t comm = strnlen(truth->comm, 15);
	long long tick_ns = 1000000000 / sysconf(_SC_CLK_TCK);
	long long ticks = truth->utime + truth->stime, ns = (long long)row->cpu_ns, limit = 0;

	tap_ok(row->ppid == truth->ppid && row->start_time == (uint64_t)truth->starttime,
	       "%s: parent %d, start %lld", what, truth->ppid, truth->starttime);
	tap_ok(strlen(row->comm) == comm && !memcmp(row->comm, truth->comm, comm), "%s: name", what);
	tap_ok(row->state == truth->state, "%s: state %c is %c", what, row->state, truth->state);
	tap_ok((long long)row->threads == truth->threads, "%s: %lld threads", what, truth->threads);
	tap_ok(row->uid == truth->uid, "%s: uid %u is %lld", what, row->uid, truth->uid);
	tap_ok(row->policy == truth->policy && row->rt_priority == truth->rt_priority, "%s: policy %lld/%lld",
	       what, truth->policy, truth->rt_priority);
	tap_ok(row->faults_minor == (uint64_t)truth->minflt && row->faults_major == (uint64_t)truth->majflt,
	       "%s: faults %llu+%llu are %lld+%lld", what, (unsigned long long)row->faults_minor,
	       (unsigned long long)row->faults_major, truth->minflt, truth->majflt);
	if (truth_read(truth->pid, 0, &now))
		limit = now.utime + now.stime + 2;	/* each of the two is rounded down */
	tap_ok(ns >= ticks * tick_ns && ns <= limit * tick_ns, "%s: cpu %lld ns is %lld ticks", what, ns,
	       ticks);
	tap_ok(row->oom_score_adj == truth->oom_adj, "%s: oom_score_adj %d", what, row->oom_score_adj);
}

/* The iterator: page tables decide. */
static void check_memory_bpf(const char *what, const struct task_sample *row, const struct truth *truth)
{
	long long error = proc_error(truth);

	tap_ok(row->rss_bytes == truth->smaps_rss, "%s: rss %lld is smaps' %lld", what,
	       (long long)row->rss_bytes, truth->smaps_rss);
	tap_ok(row->rss_anon_bytes == truth->smaps_anon, "%s: rss_anon %lld is smaps' %lld", what,
	       (long long)row->rss_anon_bytes, truth->smaps_anon);
	tap_ok(near(row->rss_shmem_bytes, truth->rss_shmem, error) &&
	       near(row->rss_file_bytes, truth->rss_file, error),
	       "%s: rss_file %lld is %lld, rss_shmem %lld is %lld", what, (long long)row->rss_file_bytes,
	       truth->rss_file, (long long)row->rss_shmem_bytes, truth->rss_shmem);
	tap_ok(near(row->rss_peak_bytes, truth->vm_hwm, error), "%s: peak %lld is %lld", what,
	       (long long)row->rss_peak_bytes, truth->vm_hwm);
	tap_ok(near(row->swap_bytes, truth->vm_swap, error), "%s: swap %lld", what, (long long)row->swap_bytes);
	tap_ok(row->map_count == truth->maps, "%s: %u mappings are %lld", what, row->map_count, truth->maps);
}

/* /proc: the very text decides. */
static void check_memory_procfs(const char *what, const struct task_sample *row, const struct truth *truth)
{
	tap_ok(row->rss_bytes == truth->rss_anon + truth->rss_file + truth->rss_shmem &&
	       row->rss_anon_bytes == truth->rss_anon && row->rss_file_bytes == truth->rss_file &&
	       row->rss_shmem_bytes == truth->rss_shmem, "%s: rss %lld by kind", what,
	       (long long)row->rss_bytes);
	tap_ok(near(row->rss_bytes, truth->smaps_rss, proc_error(truth)), "%s: rss %lld is smaps' %lld", what,
	       (long long)row->rss_bytes, truth->smaps_rss);
	tap_ok(row->rss_peak_bytes == truth->vm_hwm, "%s: peak", what);
	tap_ok(row->swap_bytes == truth->vm_swap, "%s: swap", what);
}

static void check_memory(const char *what, const struct task_sample *row, const struct truth *truth)
{
	if (!tap_ok(!row->no_mm && !row->kernel_thread, "%s: has memory", what))
		return;
	tap_ok(row->virtual_bytes == truth->size, "%s: virtual %lld is %lld", what,
	       (long long)row->virtual_bytes, truth->size);
	tap_ok(row->locked_bytes == truth->vm_lck, "%s: locked %lld is %lld", what,
	       (long long)row->locked_bytes, truth->vm_lck);
	tap_ok(row->pagetables_bytes / 1024 * 1024 == truth->vm_pte, "%s: page tables %lld are %lld", what,
	       (long long)row->pagetables_bytes, truth->vm_pte);
}

/* Completes a row of the procfs scan as the sampler does on request. */
static void read_rest(struct task_sample *row)
{
	int root = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), fd = task_procfs_open_pid(root, row->pid);
	uint32_t all = TASK_HAVE_KINDS | TASK_HAVE_DETAIL | TASK_HAVE_OOM_ADJ | TASK_HAVE_THREAD_POLICY;

	tap_ok(fd >= 0 && !task_procfs_read_status(fd, row) && !task_procfs_read_oom_adj(fd, row) &&
	       !task_procfs_check_realtime(fd, row), "procfs: the rest of %d can be read", row->pid);
	tap_ok((row->have & all) == all, "procfs: nothing of it is missing");
	close(fd);
	close(root);
}

/* Holds both sources against /proc for a child that stands still; TID as in truth_read(). FROM_BPF and
 * FROM_PROCFS receive the rows; they are zero when there is none. */
static void check_child(const char *name, pid_t pid, pid_t tid, struct task_sample *from_bpf,
			struct task_sample *from_procfs)
{
	struct task_table table = { 0 };
	const struct task_sample *row;
	struct truth truth;
	char what[64];

	*from_bpf = *from_procfs = (struct task_sample){ 0 };
	if (!truth_read(pid, tid, &truth))
		tap_bail("%s: child %d has gone", name, pid);
	scan(procfs, &table);
	row = row_of(&table, pid);
	if (tap_ok(row, "%s: procfs has it", name)) {
		*from_procfs = *row;
		tap_ok(row->rss_bytes == truth.resident, "%s: procfs: rss of the scan is statm's", name);
		tap_ok(row->uid == truth.uid, "%s: procfs: the directory's owner is the effective uid", name);
		read_rest(from_procfs);
		snprintf(what, sizeof(what), "%s: procfs", name);
		check_identity(what, from_procfs, &truth);
		check_memory(what, from_procfs, &truth);
		check_memory_procfs(what, from_procfs, &truth);
	}
	if (bpf) {
		scan(bpf, &table);
		row = row_of(&table, pid);
		if (tap_ok(row, "%s: bpf has it", name)) {
			*from_bpf = *row;
			snprintf(what, sizeof(what), "%s: bpf", name);
			check_identity(what, row, &truth);
			check_memory(what, row, &truth);
			check_memory_bpf(what, row, &truth);
			tap_ok(from_procfs->image == row->image && row->image, "%s: same image", name);
			tap_ok(from_procfs->realtime == row->realtime, "%s: same realtime", name);
		}
	}
	task_table_free(&table);
}

static void body_memory(void *arg)
{
	const char *file = arg;
	int fd = memfd_create("shared", MFD_CLOEXEC);
	char *memory;

	anonymous(8 * MIB);
	if (fd < 0 || ftruncate(fd, 4 * MIB))
		_exit(101);
	touch(mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), 4 * MIB);
	memory = anonymous(MIB);
	if (syscall(SYS_mlock, memory, (size_t)MIB))	/* sanitizers intercept mlock() */
		_exit(102);
	munmap(anonymous(16 * MIB), 16 * MIB);		/* the peak is higher than the present */
	if (file) {
		volatile const char *at;

		fd = open(file, O_RDONLY | O_CLOEXEC);
		at = mmap(NULL, 2 * MIB, PROT_READ, MAP_SHARED, fd, 0);
		for (int i = 0; i < 2 * MIB; i += 4096)
			(void)at[i];
	}
}

/* A file of 2 MiB on a file system with a page cache of its own; NULL when there is none to write to. */
static const char *make_file(char *path, size_t size)
{
	static const char *const dirs[] = { "/mnt/disk", "/var/tmp", "/tmp", "." };
	static char zeros[MIB];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		struct statfs fs;
		bool good;
		int fd;

		if (statfs(dirs[i], &fs) || (int)fs.f_type == TMPFS_MAGIC_NUMBER ||
		    (int)fs.f_type == RAMFS_MAGIC_NUMBER)
			continue;
		snprintf(path, size, "%s/live_task.XXXXXX", dirs[i]);
		fd = mkostemp(path, O_CLOEXEC);
		if (fd < 0)
			continue;
		good = write(fd, zeros, MIB) == MIB && write(fd, zeros, MIB) == MIB && !fsync(fd);
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
		if (good)
			return path;
		unlink(path);
	}
	return NULL;
}

static void test_memory(void)
{
	struct task_sample from[2];
	char path[64];
	const char *file = make_file(path, sizeof(path));
	pid_t pid = child_start(body_memory, (void *)(uintptr_t)file);

	check_child("memory", pid, 0, &from[0], &from[1]);
	for (int i = !bpf; i < 2; i++) {
		long long error = i && !kernel_at_least(6, 12) ? 5 * MIB : 0;	/* /proc: 65 * 16 pages */

		tap_ok(from[i].rss_anon_bytes >= 9 * MIB - error, "9 MiB are anonymous");
		tap_ok(from[i].rss_shmem_bytes >= 4 * MIB - error, "4 MiB are shared");
		tap_ok(from[i].locked_bytes == MIB, "1 MiB is locked");
		tap_ok(from[i].rss_peak_bytes >= from[i].rss_bytes + 8 * MIB - error, "the peak is remembered");
		if (file)
			tap_ok(from[i].rss_file_bytes >= 2 * MIB - error, "2 MiB are a file's");
		else
			tap_skip("file memory", "no writable file system but tmpfs");
	}
	child_end(pid);
	if (file)
		unlink(file);
}

static void *thread_touch(void *arg)
{
	anonymous(MIB / 2);
	for (volatile int i = 0; i < 3000000; i++)
		;
	if (arg) {
		*(volatile int *)arg = 1;
		for (;;)
			pause();
	}
	return NULL;
}

static void body_threads(void *arg)
{
	static volatile int ready[16];
	pthread_t thread;

	(void)arg;
	for (int i = 0; i < 8; i++) {
		if (pthread_create(&thread, NULL, thread_touch, NULL) || pthread_join(thread, NULL))
			_exit(103);
	}
	for (int i = 0; i < 16; i++) {
		if (pthread_create(&thread, NULL, thread_touch, (void *)&ready[i]))
			_exit(104);
		while (!ready[i])
			sched_yield();
	}
}

static void test_threads(void)
{
	struct task_sample from[2];
	pid_t pid = child_start(body_threads, NULL);

	check_child("threads", pid, 0, &from[0], &from[1]);
	for (int i = !bpf; i < 2; i++) {
		tap_ok(from[i].threads == 17, "16 threads and the leader live");
		tap_ok(from[i].faults_minor >= 24 * (MIB / 2) / (unsigned long)sysconf(_SC_PAGESIZE) / 512,
		       "the dead ones' faults count");
	}
	child_end(pid);
}

static void *thread_outlives(void *arg)
{
	char state = 0;

	(void)arg;
	anonymous(2 * MIB);
	while (state != 'Z') {
		FILE *stat = fopen("/proc/self/stat", "r");

		if (!stat || fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
			_exit(105);
		fclose(stat);
		usleep(1000);
	}
	kill(getpid(), SIGSTOP);
	for (;;)
		pause();
}

static void body_leader_exits(void *arg)
{
	pthread_t thread;

	(void)arg;
	if (pthread_create(&thread, NULL, thread_outlives, NULL))
		_exit(106);
	syscall(SYS_exit, 0);
}

/* The memory of a process whose leader has ended is still there, and /proc/PID does not show it. */
static void test_leader_exits(void)
{
	struct task_sample from[2];
	pid_t pid = child_start(body_leader_exits, NULL), tid = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != pid)
			tid = atoi(entry->d_name);
	if (!tid)
		tap_bail("no second thread");
	closedir(dir);
	check_child("dead leader", pid, tid, &from[0], &from[1]);
	for (int i = !bpf; i < 2; i++) {
		tap_ok(from[i].state == 'Z' && from[i].threads == 2, "its leader is a zombie, a thread lives");
		tap_ok(from[i].rss_anon_bytes >= 2 * MIB, "its memory is seen");
	}
	child_end(pid);
}

static void *thread_fifo(void *arg)
{
	struct sched_param param = { .sched_priority = 7 };

	if (sched_setscheduler((pid_t)syscall(SYS_gettid), SCHED_FIFO, &param))
		_exit(107);
	*(volatile int *)arg = 1;
	for (;;)
		pause();
}

static void body_realtime(void *arg)
{
	static volatile int ready;
	pthread_t thread;

	(void)arg;
	if (pthread_create(&thread, NULL, thread_fifo, (void *)&ready))
		_exit(108);
	while (!ready)
		usleep(1000);
}

static void body_fifo(void *arg)
{
	struct sched_param param = { .sched_priority = 9 };

	(void)arg;
	if (sched_setscheduler(0, SCHED_RR, &param))
		_exit(107);
}

static void test_realtime(void)
{
	struct sched_param param = { .sched_priority = 1 }, normal = { 0 };
	struct task_sample from[2];
	pid_t pid;

	if (sched_setscheduler(0, SCHED_FIFO, &param)) {
		tap_skip("real-time policy", "sched_setscheduler: %s", strerror(errno));
		return;
	}
	sched_setscheduler(0, SCHED_OTHER, &normal);
	pid = child_start(body_realtime, NULL);
	check_child("realtime thread", pid, 0, &from[0], &from[1]);
	for (int i = !bpf; i < 2; i++)
		tap_ok(from[i].realtime && from[i].policy == SCHED_OTHER,
		       "one thread is SCHED_FIFO, the leader is not");
	child_end(pid);
	pid = child_start(body_fifo, NULL);
	check_child("realtime leader", pid, 0, &from[0], &from[1]);
	for (int i = !bpf; i < 2; i++)
		tap_ok(from[i].realtime && from[i].policy == SCHED_RR && from[i].rt_priority == 9,
		       "SCHED_RR, 9");
	child_end(pid);
}

static void body_other_user(void *arg)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	(void)arg;
	if (write(fd, "500", 3) != 3)
		_exit(109);
	if (setresuid(1000, 1001, 1002))	/* makes it non-dumpable: its files become root's */
		_exit(110);
}

static void test_other_user(void)
{
	struct task_sample from[2];
	pid_t pid;

	if (geteuid()) {
		tap_skip("another user", "not root");
		return;
	}
	pid = child_start(body_other_user, NULL);
	check_child("other user", pid, 0, &from[0], &from[1]);
	for (int i = !bpf; i < 2; i++)
		tap_ok(from[i].uid == 1001 && from[i].oom_score_adj == 500,
		       "effective uid 1001, oom_score_adj 500");
	child_end(pid);
}

/* Every byte but NUL, 15 at a time. */
static void body_names(void *arg)
{
	char name[16] = { 0 };

	(void)arg;
	for (int byte = 1; byte <= 255; byte += 15) {
		for (int i = 0; i < 15; i++)
			name[i] = (char)(byte + i);
		prctl(PR_SET_NAME, name);
		if (byte + 15 <= 255)
			raise(SIGSTOP);
	}
}

static void test_names(void)
{
	pid_t pid = child_start(body_names, NULL);
	struct task_table table = { 0 };

	for (int byte = 1; byte <= 255; byte += 15) {
		char name[16] = { 0 };

		for (int i = 0; i < 15; i++)
			name[i] = (char)(byte + i);
		for (int i = !bpf; i < 2; i++) {
			const struct task_sample *row;

			scan(i ? procfs : bpf, &table);
			row = row_of(&table, pid);
			tap_ok(row && !memcmp(row->comm, name, sizeof(name)), "%s: name of bytes %d to %d",
			       task_source_name(i ? procfs : bpf), byte, byte + 14);
		}
		kill(pid, SIGCONT);
		waitpid(pid, NULL, WUNTRACED);
	}
	child_end(pid);
	task_table_free(&table);
}

/* What an ended child has faulted and used, as wait4 says when it is reaped. */
static void test_zombie(void)
{
	struct task_table table = { 0 };
	struct task_sample rows[2] = { { 0 } };
	struct rusage usage;
	struct truth truth;
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0) {
		anonymous(MIB);
		body_threads(NULL);
		_exit(0);
	}
	if (pid < 0 || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) || !truth_read(pid, 0, &truth))
		tap_bail("zombie: %s", strerror(errno));
	for (int i = !bpf; i < 2; i++) {
		const struct task_sample *row;

		scan(i ? procfs : bpf, &table);
		row = row_of(&table, pid);
		if (row)
			rows[i] = *row;
		check_identity(i ? "zombie: procfs" : "zombie: bpf", &rows[i], &truth);
		tap_ok(rows[i].state == 'Z' && rows[i].no_mm && !rows[i].kernel_thread,
		       "a zombie has no memory");
	}
	wait4(pid, NULL, 0, &usage);
	for (int i = !bpf; i < 2; i++)
		tap_ok(rows[i].faults_minor == (uint64_t)usage.ru_minflt && rows[i].faults_major ==
		       (uint64_t)usage.ru_majflt, "%s: faults are wait4's %ld+%ld", i ? "procfs" : "bpf",
		       usage.ru_minflt, usage.ru_majflt);
	task_table_free(&table);
}

int main(void)
{
	struct rootfs root;

	open_sources(&root, &bpf, &procfs);
	test_memory();
	test_threads();
	test_leader_exits();
	test_realtime();
	test_other_user();
	test_names();
	test_zombie();
	task_source_close(bpf);
	task_source_close(procfs);
	rootfs_close(&root);
	return tap_done();
}
