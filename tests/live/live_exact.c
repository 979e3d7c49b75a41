/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program as its user runs it, held against the kernel's own files: on a stopped process whose smaps_rollup reads
 * the same before and after, every value derived from it equals the file; as an ordinary user, what is refused is
 * refused by name.
 *
 * This program is linked statically and runs itself as the stopped process: its file pages are then nobody else's,
 * and its PSS does not move when memtide, or anything else on the machine, maps the C library.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "actor.h"

enum { TEXT_MAX = 1 << 20 };

/* What a field is made of: the kernel's lines to add up, and the file they are in. */
static const struct {
	const char *field, *file, *first, *second;
} sums[] = {
	{ "pss_bytes", "smaps_rollup", "Pss:", NULL },
	{ "pss_anon_bytes", "smaps_rollup", "Pss_Anon:", NULL },
	{ "pss_file_bytes", "smaps_rollup", "Pss_File:", NULL },
	{ "pss_shmem_bytes", "smaps_rollup", "Pss_Shmem:", NULL },
	{ "pss_dirty_bytes", "smaps_rollup", "Pss_Dirty:", NULL },
	{ "uss_bytes", "smaps_rollup", "Private_Clean:", "Private_Dirty:" },
	{ "shared_bytes", "smaps_rollup", "Shared_Clean:", "Shared_Dirty:" },
	{ "swap_bytes", "smaps_rollup", "Swap:", NULL },
	{ "swap_pss_bytes", "smaps_rollup", "SwapPss:", NULL },
	{ "epss_bytes", "smaps_rollup", "Pss:", "SwapPss:" },
	{ "referenced_bytes", "smaps_rollup", "Referenced:", NULL },
	{ "anon_huge_bytes", "smaps_rollup", "AnonHugePages:", NULL },
	{ "shmem_huge_bytes", "smaps_rollup", "ShmemPmdMapped:", NULL },
	{ "file_huge_bytes", "smaps_rollup", "FilePmdMapped:", NULL },
	{ "hugetlb_bytes", "smaps_rollup", "Shared_Hugetlb:", "Private_Hugetlb:" },
	{ "ksm_bytes", "smaps_rollup", "KSM:", NULL },
	{ "lazyfree_bytes", "smaps_rollup", "LazyFree:", NULL },
	{ "locked_bytes", "status", "VmLck:", NULL },
	{ "pagetables_bytes", "status", "VmPTE:", NULL },
	{ "virtual_bytes", "status", "VmSize:", NULL },
};

enum { SUMS = sizeof sums / sizeof *sums };

static size_t slurp(pid_t pid, const char *name, char *text)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? 0 : read(fd, text, TEXT_MAX - 1);
	if (fd >= 0)
		close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0 ? (size_t)len : 0;
}

/* Bytes of KEY's line in TEXT; -1 when there is none. */
static long long line_bytes(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, len))
			return atoll(line + len) * 1024;
	}
	return -1;
}

/* What the kernel's TEXT says of sums[I]; -1 when it has no such line. */
static long long expected(const char *text, int i)
{
	long long first = line_bytes(text, sums[i].first);
	long long second = sums[i].second ? line_bytes(text, sums[i].second) : 0;

	return first < 0 || second < 0 ? -1 : first + second;
}

/* Starts memtide on PID for a few samples as CSV of every field in sums. */
static FILE *start_memtide(pid_t pid, const char *tier, pid_t *child)
{
	char target[16], fields[1024] = "";
	int pipe_fd[2];
	FILE *out;

	snprintf(target, sizeof target, "%d", (int)pid);
	for (int i = 0; i < SUMS; i++) {
		strcat(fields, i ? "," : "");
		strcat(fields, sums[i].field);
	}
	if (pipe(pipe_fd))
		tap_bail("pipe");
	fflush(stdout);
	*child = fork();
	if (!*child) {
		dup2(pipe_fd[1], STDOUT_FILENO);
		close(pipe_fd[0]);
		close(pipe_fd[1]);
		execlp("memtide", "memtide", "-b", "-n", "4", "-d", "1", "--format", "csv", "--tier", tier, "-p", target,
		       "-F", fields, (char *)NULL);
		_exit(98);
	}
	close(pipe_fd[1]);
	out = fdopen(pipe_fd[0], "r");
	if (!out || *child < 0)
		tap_bail("cannot start memtide");
	return out;
}

/* Splits a CSV line (no quoted cells are asked for) into CELLS; returns how many. */
static int csv_cells(char *line, char **cells, int max)
{
	int count = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *cell; count < max && (cell = strsep(&line, ","));)
		cells[count++] = cell;
	return count;
}

static const char *cell_of(char **heads, char **cells, int count, const char *field)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(heads[i], field))
			return cells[i];
	return NULL;
}

/* memtide's third sample of PID in HEAD and ROW (TEXT_MAX bytes each), and the process's smaps_rollup of the same time in
 * ROLLUP, while memtide is there: it maps the vDSO like everybody else, and on 16 KiB pages that shows in PSS. False
 * when the process moved meanwhile. */
static bool third_sample(pid_t pid, const char *tier, char *head, char *row, char *rollup)
{
	static char before[TEXT_MAX];
	pid_t child;
	FILE *out = start_memtide(pid, tier, &child);
	bool good;

	good = fgets(head, TEXT_MAX, out) && fgets(row, TEXT_MAX, out) && fgets(row, TEXT_MAX, out);
	slurp(pid, "smaps_rollup", before);
	good = good && fgets(row, TEXT_MAX, out);
	slurp(pid, "smaps_rollup", rollup);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	fclose(out);
	if (!good)
		tap_bail("memtide ended before its third sample");
	return !strcmp(before, rollup);
}

static void compare(pid_t pid, const char *tier, const char *what)
{
	static char head[TEXT_MAX], row[TEXT_MAX], rollup[TEXT_MAX], status[TEXT_MAX];
	char *heads[64], *cells[64];
	int count, tries = 3;

	while (!third_sample(pid, tier, head, row, rollup))
		if (!--tries) {
			tap_skip(what, "smaps_rollup of the stopped process moved meanwhile, three times");
			return;
		}
	slurp(pid, "status", status);
	count = csv_cells(head, heads, 64);
	if (!tap_ok(count > SUMS && csv_cells(row, cells, 64) == count, "%s: a row of %d cells", what, count))
		return;
	for (int i = 0; i < SUMS; i++) {
		const char *cell = cell_of(heads, cells, count, sums[i].field);
		long long kernel = expected(strcmp(sums[i].file, "status") ? rollup : status, i);

		if (kernel < 0)
			tap_ok(cell && !*cell, "%s: %s is absent, as in the kernel (\"%s\")", what, sums[i].field,
			       cell ? cell : "no column");
		else
			tap_ok(cell && *cell && atoll(cell) == kernel, "%s: %s is %s, kernel %lld", what, sums[i].field,
			       cell ? cell : "no column", kernel);
	}
}

/* Memory of every kind; then waits for the end. */
static int be_mixture(void)
{
	int memfd = memfd_create("memtide-exact", MFD_CLOEXEC);
	char *memory;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	resident(8 << 20, -1, 0, 0);
	memory = resident(4 << 20, -1, 0, 0);
	madvise(memory, 1 << 20, MADV_FREE);
	mlock(memory + (2 << 20), 64 << 10);
	if (memfd >= 0 && !ftruncate(memfd, 4 << 20)) {
		resident(4 << 20, memfd, MAP_SHARED, 0);
		resident(4 << 20, memfd, MAP_PRIVATE, 0);
	}
	memory = mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(memory, 16 << 20, MADV_HUGEPAGE);
	memset(memory, 1, 16 << 20);
	memory = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (memory != MAP_FAILED)
		memory[0] = 1;	/* only where huge pages are reserved */
	raise(SIGSTOP);
	return 0;
}

static void test_stopped(void)
{
	int status, self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	pid_t pid;

	/* Pages of a program that was linked just now are dirty until the kernel writes them back, which moves Pss_Dirty. */
	if (self < 0 || fsync(self))
		tap_note("this program's file was not synced: %s", strerror(errno));
	if (self >= 0)
		close(self);

	fflush(stdout);
	pid = fork();
	if (!pid) {
		execl("/proc/self/exe", "live_exact", "mixture", (char *)NULL);
		_exit(98);
	}
	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		tap_bail("the process to look at did not stop");
	compare(pid, "auto", "stopped process");
	compare(pid, "procfs", "stopped process through /proc");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* A copy of the memtide of PATH that everybody may run: to the original there may be no way (a checkout below /root). COPY is
 * a template for mkstemp. */
static void copy_memtide(char *copy)
{
	const char *directory = getenv("PATH");
	char path[4096];
	int from = -1, to = mkstemp(copy);

	while (directory && from < 0) {
		size_t length = strcspn(directory, ":");

		snprintf(path, sizeof path, "%.*s/memtide", (int)length, directory);
		from = open(path, O_RDONLY | O_CLOEXEC);
		directory = directory[length] ? directory + length + 1 : NULL;
	}
	if (from < 0 || to < 0)
		tap_bail("memtide is not in PATH, or cannot be copied to %s", copy);
	while (sendfile(to, from, NULL, 1 << 20) > 0)
		;
	fchmod(to, 0755);
	close(from);
	close(to);
}

/* What another user's process looks like without privilege: memtide's JSON in TEXT, its exit status or -1. */
static int run_unprivileged(char *text)
{
	char other[16];
	int pipe_fd[2], status;
	const char *const argv[] = { "memtide", "-b", "-n", "1", "--format", "json", "-p", other,
				     "-F", "pid,rss,pss,uss", NULL };
	size_t len = 0;
	ssize_t n;
	pid_t pid;
	char copy[] = "/tmp/memtide-exact-XXXXXX";

	snprintf(other, sizeof other, "%d", (int)getpid());
	if (pipe(pipe_fd))
		tap_bail("pipe");
	copy_memtide(copy);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(pipe_fd[1], STDOUT_FILENO);
		close(pipe_fd[0]);
		close(pipe_fd[1]);
		if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
			_exit(99);
		execv(copy, (char *const *)argv);
		dprintf(STDOUT_FILENO, "exec: %s", strerror(errno));
		_exit(98);
	}
	close(pipe_fd[1]);
	while (len < TEXT_MAX - 1 && (n = read(pipe_fd[0], text + len, TEXT_MAX - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(pipe_fd[0]);
	waitpid(pid, &status, 0);
	unlink(copy);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_refused(void)
{
	static char text[TEXT_MAX];
	int status;

	if (geteuid()) {
		tap_skip("as an ordinary user", "needs root to become one");
		return;
	}
	status = run_unprivileged(text);
	if (status == 99) {
		tap_skip("as an ordinary user", "cannot change user");
		return;
	}
	if (!tap_ok(status == 0, "as an ordinary user it works (exit %d)", status))
		tap_note("%.200s", text);
	tap_ok(strstr(text, "\"pss_bytes\":null") && strstr(text, "\"pss_bytes\":\"denied\""),
	       "another user's PSS is null and denied, not 0");
	tap_ok(strstr(text, "\"rss_bytes\":") && !strstr(text, "\"rss_bytes\":null"), "its RSS is known");
	tap_ok(strstr(text, "CAP_SYS_PTRACE"), "and it says how to get it");
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "mixture"))
		return be_mixture();
	if (rollup_field(getpid(), "Pss:") < 0)
		tap_skip_all("no smaps_rollup");
	test_stopped();
	test_refused();
	return tap_done();
}
