/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memtide-readall [--list] [--pid PID]: what it costs to read every smaps_rollup once, and what they say.
 *
 * Prints "processes= read= denied= none= cpu_ms= wall_ms= pss_bytes=", after one line "PID START_TIME
 * PSS_BYTES" a process with --list. It is the yardstick for memtide and shares no code with it. `none` counts
 * processes without memory of their own: kernel threads, zombies, and those that ended meanwhile.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { PIDS_MAX = 100000 };

static struct entry {
	int pid;
	long long pss_kib;	/* -1 for none, -2 for denied */
} entries[PIDS_MAX];

static double seconds(struct timespec time)
{
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu_ms(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static double wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return seconds(now) * 1e3;
}

static long long read_pss_kib(int proc, int pid)
{
	char path[64], text[4096];
	const char *line;
	ssize_t length = 0, got;
	int fd;

	snprintf(path, sizeof(path), "%d/smaps_rollup", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES || errno == EPERM ? -2 : -1;
	while (length < (ssize_t)sizeof(text) - 1 &&
	       (got = read(fd, text + length, sizeof(text) - 1 - (size_t)length)) > 0)
		length += got;
	close(fd);
	text[length] = '\0';
	line = strstr(text, "\nPss:");
	return line ? strtoll(line + 5, NULL, 10) : -1;
}

static unsigned long long start_time(int proc, int pid)
{
	char path[64], text[1024];
	const char *at;
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%d/stat", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

static size_t read_all(int only_pid)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	size_t count = 0;

	if (!directory) {
		perror("memtide-readall: /proc");
		exit(1);
	}
	while (count < PIDS_MAX && (entry = readdir(directory))) {
		int pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

		if (pid <= 0 || (only_pid && pid != only_pid))
			continue;
		entries[count].pid = pid;
		entries[count++].pss_kib = read_pss_kib(dirfd(directory), pid);
	}
	closedir(directory);
	return count;
}

static void list(size_t count)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < count; i++)
		if (entries[i].pss_kib >= 0)
			printf("%d %llu %lld\n", entries[i].pid, start_time(proc, entries[i].pid),
			       entries[i].pss_kib * 1024);
	close(proc);
}

int main(int argc, char **argv)
{
	double cpu = cpu_ms(), wall = wall_ms();
	size_t read_count = 0, denied = 0, count;
	long long sum = 0;
	bool wants_list = false;
	int only_pid = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--list") == 0) {
			wants_list = true;
		} else if (strcmp(argv[i], "--pid") == 0 && i + 1 < argc) {
			only_pid = atoi(argv[++i]);
		} else {
			fputs("usage: memtide-readall [--list] [--pid PID]\n", stderr);
			return 2;
		}
	}
	count = read_all(only_pid);
	cpu = cpu_ms() - cpu;
	wall = wall_ms() - wall;
	for (size_t i = 0; i < count; i++) {
		read_count += entries[i].pss_kib >= 0;
		denied += entries[i].pss_kib == -2;
		sum += entries[i].pss_kib >= 0 ? entries[i].pss_kib * 1024 : 0;
	}
	if (wants_list)
		list(count);
	printf("processes=%zu read=%zu denied=%zu none=%zu cpu_ms=%.3f wall_ms=%.3f pss_bytes=%lld\n", count,
	       read_count, denied, count - read_count - denied, cpu, wall, sum);
	return 0;
}
