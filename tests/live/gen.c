/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(99);
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/* The size stands once the kernel has the compressor: a machine has modules for some of them only. */
static bool zram_size(void)
{
	/* Debian has but deflate built into 5.10 and 6.1, and whatever zram asks for itself from 6.12 on */
	static const char *const algorithms[] = { "lzo-rle\n", "lzo\n", "lz4\n", "zstd\n", "deflate\n" };

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		write_text("/sys/block/zram0/comp_algorithm", algorithms[i]);
		if (write_text("/sys/block/zram0/disksize", "64M\n"))
			return true;
	}
	return false;
}

const char *gen_prepare_machine(void)
{
	write_text("/proc/sys/vm/page-cluster", "0\n");
	write_text("/proc/sys/vm/nr_hugepages", "16\n");
	write_text("/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled", "madvise\n");
	errno = 0;
	if (!zram_size())
		return "/sys/block/zram0/disksize";
	if (system("mkswap /dev/zram0 >/dev/null"))
		return "mkswap";
	return swapon("/dev/zram0", SWAP_FLAG_PREFER | 100) ? "swapon" : NULL;
}

void gen_restore_machine(void)
{
	swapoff("/dev/zram0");
	write_text("/sys/block/zram0/reset", "1\n");
	write_text("/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled", "never\n");
	write_text("/proc/sys/vm/nr_hugepages", "0\n");
	write_text("/proc/sys/vm/page-cluster", "3\n");
}

static bool become_nobody(void)
{
	const struct rlimit none = { 0, 0 };

	return !setrlimit(RLIMIT_MEMLOCK, &none) && !setgroups(0, NULL) && !setgid(NOBODY) && !setuid(NOBODY);
}

void gen_start(struct gen *gen, const struct gen_class *class, unsigned count, unsigned threads)
{
	const char *dir = access("/mnt/disk", W_OK) ? "." : "/mnt/disk";
	char counts[16], of_threads[16];
	int to[2], from[2];

	snprintf(counts, sizeof(counts), "%u", count);
	snprintf(of_threads, sizeof(of_threads), "%u", threads);
	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("pipe");
	fflush(stdout);
	gen->pid = fork();
	if (gen->pid < 0)
		die("fork");
	if (!gen->pid) {
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		if (!class->nobody || become_nobody())
			execlp("faultgen", "faultgen", "-c", class->name, "-n", counts, "-t", of_threads,
			       "-d", dir, "--resolve", class->resolve ? class->resolve : "0", "--handshake",
			       (char *)NULL);
		_exit(errno == EACCES ? 126 : 127);
	}
	close(to[0]);
	close(from[1]);
	gen->to = fdopen(to[1], "w");
	gen->from = fdopen(from[0], "r");
	if (!gen->to || !gen->from)
		die("fdopen");
}

static void line_read(struct gen *gen, char line[GEN_LINE_BYTES])
{
	if (!fgets(line, GEN_LINE_BYTES, gen->from))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

bool gen_ready(struct gen *gen, char line[GEN_LINE_BYTES])
{
	line_read(gen, line);
	return !strncmp(line, "ready ", 6);
}

void gen_go(struct gen *gen, char line[GEN_LINE_BYTES])
{
	fputs("go\n", gen->to);
	fflush(gen->to);
	line_read(gen, line);
}

const char *gen_skipped(const char *line)
{
	const char *at = strstr(line, " skip=");

	return at ? at + strlen(" skip=") : NULL;
}

int gen_finish(struct gen *gen)
{
	int status;

	fclose(gen->to);
	fclose(gen->from);
	if (waitpid(gen->pid, &status, 0) != gen->pid)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct gen_counters gen_counters(pid_t pid)
{
	struct gen_counters counters = { -1, -1 };
	char path[64], text[GEN_LINE_BYTES];
	const char *after;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file || !fgets(text, sizeof(text), file))
		die(path);
	fclose(file);
	after = strrchr(text, ')');
	if (!after || sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %ld %*u %ld", &counters.minor,
			     &counters.major) != 2)
		die(path);
	return counters;
}

uint64_t gen_faults(pid_t pid)
{
	struct gen_counters counters = gen_counters(pid);

	return (uint64_t)(counters.minor + counters.major);
}

long gen_field(const char *line, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), " %s=", name);
	at = strstr(line, key);
	return at ? atol(at + strlen(key)) : -1;
}

unsigned gen_count_of(const char *class)
{
	return !strcmp(class, "thp") || !strcmp(class, "hugetlb") ? 4 : 192;
}

size_t gen_classes(struct gen_class classes[GEN_CLASSES_MAX])
{
	FILE *list = popen("faultgen --list", "r");
	char line[GEN_LINE_BYTES];
	size_t count = 0;

	while (list && count < GEN_CLASSES_MAX && fgets(line, sizeof(line), list)) {
		if (sscanf(line, "%63s", classes[count].name) != 1)
			continue;
		classes[count].single = strstr(line, " single ") != NULL;
		classes[count++].needy = strstr(line, "(needs ") != NULL;
	}
	if (!list || pclose(list) || !count)
		die("faultgen --list");
	return count;
}
