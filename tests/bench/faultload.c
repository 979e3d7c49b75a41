/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * faults: what one page fault costs. Threads of one process touch pages that are not mapped as they need be, in turns whose
 * preparation is not measured: CPU time and faults are the thread's own as the kernel counts them, wall time is the slowest
 * thread's. Of all turns the lower quartile is told: what else the machine does only adds.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

enum { FAULT_THREADS_MAX = 64, TURNS_MAX = 100000, REGION_PAGES = 1024, AROUND_PAGES = 16 };

struct toucher {
	struct faultload *load;
	pthread_t thread;
	unsigned char *memory;
	uint64_t faults;
	double *cpu_ns;			/* a fault, by turn */
};

struct faultload {
	const struct fault_mode *mode;
	size_t page, region_bytes;
	long turns, threads;
	int file;			/* REGION_PAGES in the page cache, for all */
	pid_t sharer;			/* the child that shares the memory, or 0 */
	double *wall_ns;		/* a turn */
	pthread_barrier_t barrier;
	struct toucher toucher[FAULT_THREADS_MAX];
};

static void *map(int flags, int fd, size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	return memory;
}

/* Nothing is mapped any more. */
static void unmapped_prepare(struct faultload *load)
{
	for (long i = 0; i < load->threads; i++)
		if (madvise(load->toucher[i].memory, load->region_bytes, MADV_DONTNEED) < 0)
			die("MADV_DONTNEED");
}

static void anon_touch(const struct faultload *load, unsigned char *memory)
{
	pages_write(memory, load->region_bytes, 1);
}

/* Whoever shared the pages is gone, so that fork makes them shared anew. */
static void cow_prepare(struct faultload *load)
{
	if (load->sharer > 0) {
		kill(load->sharer, SIGKILL);
		waitpid(load->sharer, NULL, 0);
	} else {
		for (long i = 0; i < load->threads; i++)
			pages_write(load->toucher[i].memory, load->region_bytes, 1);
	}
	load->sharer = fork();
	if (load->sharer < 0)
		die("fork");
	if (load->sharer == 0) {
		end_with_parent(getppid(), SIGKILL);
		for (;;)
			pause();
	}
}

/* The kernel maps pages around the one touched, too: one fault for each such window. */
static void file_touch(const struct faultload *load, unsigned char *memory)
{
	for (size_t at = 0; at < load->region_bytes; at += AROUND_PAGES * load->page)
		(void)((volatile unsigned char *)memory)[at];
}

static const struct fault_mode {
	const char *name;
	bool of_file;
	void (*prepare)(struct faultload *load);	/* by the first thread, while the others wait */
	void (*touch)(const struct faultload *load, unsigned char *memory);
} fault_modes[] = {
	{ "anon", false, unmapped_prepare, anon_touch },
	{ "cow", false, cow_prepare, anon_touch },
	{ "file", true, unmapped_prepare, file_touch },
};

static uint64_t thread_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t thread_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)(usage.ru_minflt + usage.ru_majflt);
}

static void *toucher_run(void *context)
{
	struct toucher *toucher = context;
	struct faultload *load = toucher->load;
	bool first = toucher == &load->toucher[0];

	for (long turn = 0; turn < load->turns; turn++) {
		uint64_t wall, cpu, faults;

		if (first)
			load->mode->prepare(load);
		pthread_barrier_wait(&load->barrier);
		faults = thread_faults();
		wall = now_ns();
		cpu = thread_cpu_ns();
		load->mode->touch(load, toucher->memory);
		cpu = thread_cpu_ns() - cpu;
		faults = thread_faults() - faults;
		pthread_barrier_wait(&load->barrier);
		toucher->cpu_ns[turn] = (double)cpu / (double)faults;
		toucher->faults += faults;
		if (first)
			load->wall_ns[turn] = (double)(now_ns() - wall);
	}
	return NULL;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double lower_quartile(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 4];
}

static void touchers_start(struct faultload *load, double *cpu_ns)
{
	if (pthread_barrier_init(&load->barrier, NULL, (unsigned)load->threads))
		die("pthread_barrier_init");
	for (long i = 0; i < load->threads; i++)
		load->toucher[i] = (struct toucher) {
			.load = load,
			.memory = load->mode->of_file ? map(MAP_PRIVATE, load->file, load->region_bytes) :
				  private_map(load->region_bytes),
			.cpu_ns = cpu_ns + i * load->turns,
		};
	for (long i = 1; i < load->threads; i++)
		if (pthread_create(&load->toucher[i].thread, NULL, toucher_run, &load->toucher[i]))
			die("pthread_create");
}

/* How many faults it were. */
static uint64_t touchers_end(struct faultload *load)
{
	uint64_t faults = 0;

	for (long i = 0; i < load->threads; i++) {
		if (i > 0)
			pthread_join(load->toucher[i].thread, NULL);
		munmap(load->toucher[i].memory, load->region_bytes);
		faults += load->toucher[i].faults;
	}
	if (load->sharer > 0) {
		kill(load->sharer, SIGKILL);
		waitpid(load->sharer, NULL, 0);
	}
	pthread_barrier_destroy(&load->barrier);
	return faults;
}

static void load_run(struct faultload *load)
{
	size_t turns = (size_t)load->turns, threads = (size_t)load->threads;
	double *cpu_ns = calloc(turns * threads, sizeof(*cpu_ns));
	uint64_t faults;

	load->wall_ns = calloc(turns, sizeof(*load->wall_ns));
	if (!cpu_ns || !load->wall_ns)
		die("memory");
	load->sharer = 0;
	touchers_start(load, cpu_ns);
	toucher_run(&load->toucher[0]);
	faults = touchers_end(load);
	say("ok faults=%llu cpu_ns=%.1f wall_ns=%.1f", (unsigned long long)faults, lower_quartile(cpu_ns, turns * threads),
	    lower_quartile(load->wall_ns, turns) * (double)turns / (double)faults);
	free(cpu_ns);
	free(load->wall_ns);
}

static void load_command(const char *line, void *context)
{
	struct faultload *load = context;
	char name[16];

	if (sscanf(line, "run %15s %ld %ld", name, &load->threads, &load->turns) == 3 && load->threads >= 1 &&
	    load->threads <= FAULT_THREADS_MAX && load->turns >= 1 && load->turns <= TURNS_MAX) {
		for (size_t i = 0; i < sizeof(fault_modes) / sizeof(fault_modes[0]); i++) {
			load->mode = &fault_modes[i];
			if (strcmp(name, load->mode->name) == 0) {
				load_run(load);
				return;
			}
		}
	}
	say("error run anon|cow|file THREADS TURNS");
}

int faults_main(int argc, char **argv)
{
	static struct faultload load;

	(void)argc;
	(void)argv;
	load.page = (size_t)sysconf(_SC_PAGESIZE);
	load.region_bytes = REGION_PAGES * load.page;
	load.file = memfd_create("memtide-faults", MFD_CLOEXEC);
	if (load.file < 0 || ftruncate(load.file, (off_t)load.region_bytes) < 0)
		die("memfd_create");
	pages_write(map(MAP_SHARED, load.file, load.region_bytes), load.region_bytes, 1);
	say("ready pid=%d pages=%d", (int)getpid(), REGION_PAGES);
	command_loop(load_command, &load);
	return 0;
}
