// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live_task.h"

/* The whole of a file; NULL when it cannot be read. The caller frees it. */
static char *slurp(pid_t pid, pid_t tid, const char *name, size_t *len)
{
	size_t cap = 1 << 20, used = 0;
	char path[96], *text = malloc(cap);
	ssize_t got;
	int fd;

	if (!text)
		tap_bail("no memory");
	if (tid)
		snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, tid, name);
	else
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		free(text);
		return NULL;
	}
	while ((got = read(fd, text + used, cap - 1 - used)) > 0)
		used += (size_t)got;
	close(fd);
	text[used] = '\0';
	if (len)
		*len = used;
	return text;
}

/* The number after a name at the beginning of a line, or -1. */
static long long field(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, len))
			return strtoll(line + len, NULL, 10);
	}
	return -1;
}

static long long field_bytes(const char *text, const char *name)
{
	long long kib = field(text, name);

	return kib < 0 ? -1 : kib * 1024;
}

/* Sum over all lines of a name, in bytes. */
static long long sum_bytes(const char *text, const char *name)
{
	size_t len = strlen(name);
	long long kib = 0;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, len))
			kib += strtoll(line + len, NULL, 10);
	}
	return kib * 1024;
}

static bool read_stat(pid_t pid, struct truth *truth)
{
	long long n[40] = { 0 };
	size_t len;
	char *text = slurp(pid, 0, "stat", &len), *open, *close, *at;

	if (!text)
		return false;
	open = memchr(text, '(', len);
	close = memrchr(text, ')', len);
	if (!open || !close || close <= open || (size_t)(close - open - 1) >= sizeof(truth->comm))
		tap_bail("stat of %d: %s", pid, text);
	memcpy(truth->comm, open + 1, (size_t)(close - open - 1));
	truth->pid = atoi(text);
	truth->state = close[2];
	at = close + 3;
	for (int i = 4; i < 42; i++)		/* numbered from 1 as in proc(5) */
		n[i - 4] = (long long)strtoull(at, &at, 10);
	truth->ppid = (int32_t)n[0];
	truth->minflt = n[10 - 4];
	truth->majflt = n[12 - 4];
	truth->utime = n[14 - 4];
	truth->stime = n[15 - 4];
	truth->threads = n[20 - 4];
	truth->starttime = n[22 - 4];
	truth->rt_priority = n[40 - 4];
	truth->policy = n[41 - 4];
	free(text);
	return true;
}

static void read_status(const char *text, struct truth *truth)
{
	const char *uid = strstr(text, "\nUid:");

	truth->uid = -1;
	if (uid)
		sscanf(uid, "\nUid: %*d %lld", &truth->uid);
	truth->vm_lck = field_bytes(text, "VmLck:");
	truth->vm_hwm = field_bytes(text, "VmHWM:");
	truth->vm_rss = field_bytes(text, "VmRSS:");
	truth->rss_anon = field_bytes(text, "RssAnon:");
	truth->rss_file = field_bytes(text, "RssFile:");
	truth->rss_shmem = field_bytes(text, "RssShmem:");
	truth->vm_pte = field_bytes(text, "VmPTE:");
	truth->vm_swap = field_bytes(text, "VmSwap:");
}

bool truth_read(pid_t pid, pid_t tid, struct truth *truth)
{
	long long page = sysconf(_SC_PAGESIZE);
	char *text;

	*truth = (struct truth){ 0 };
	if (!read_stat(pid, truth))
		return false;
	text = slurp(pid, tid, "statm", NULL);
	if (!text || sscanf(text, "%lld %lld %lld", &truth->size, &truth->resident, &truth->shared) != 3)
		tap_bail("statm of %d", pid);
	truth->size *= page;
	truth->resident *= page;
	truth->shared *= page;
	free(text);
	text = slurp(pid, tid, "status", NULL);
	if (!text)
		tap_bail("status of %d", pid);
	read_status(text, truth);
	free(text);
	text = slurp(pid, 0, "oom_score_adj", NULL);
	truth->oom_adj = text ? atoi(text) : 0;
	free(text);
	text = slurp(pid, tid, "maps", NULL);
	for (const char *at = text; at && (at = strchr(at, '\n')); at++)
		truth->maps++;
	if (text && strstr(text, "[vsyscall]"))
		truth->maps--;
	free(text);
	text = slurp(pid, tid, "smaps", NULL);
	truth->smaps_rss = text ? sum_bytes(text, "Rss:") : 0;
	truth->smaps_anon = text ? sum_bytes(text, "Anonymous:") : 0;
	free(text);
	return true;
}

pid_t child_start(void (*body)(void *), void *arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (pid == 0) {
		body(arg);
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		tap_bail("child %d did not stop: status %x", pid, (unsigned)status);
	return pid;
}

void child_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void touch(volatile char *memory, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < bytes; i += page)
		memory[i] = 1;
}

char *anonymous(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(100);
	touch(memory, bytes);
	return memory;
}

const struct task_sample *row_of(const struct task_table *table, pid_t pid)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].pid == pid)
			return &table->rows[i];
	return NULL;
}

bool kernel_at_least(int major, int minor)
{
	struct utsname name;
	int have_major = 0, have_minor = 0;

	uname(&name);
	sscanf(name.release, "%d.%d", &have_major, &have_minor);
	return have_major > major || (have_major == major && have_minor >= minor);
}

bool bpf_expected(void)
{
#ifdef HAVE_BPF
	unsigned long long caps = 0, needed = 3ull << 38;	/* CAP_PERFMON and CAP_BPF */
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		sscanf(line, "CapEff: %llx", &caps);
	if (status)
		fclose(status);
	return !access("/sys/kernel/btf/vmlinux", R_OK) && (caps & needed) == needed;
#else
	return false;
#endif
}

void scan(struct task_source *source, struct task_table *table)
{
	int error = task_source_scan(source, table);

	if (error)
		tap_bail("scan by %s: %s", task_source_name(source), strerror(-error));
}
