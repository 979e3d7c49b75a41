/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The threads of the measured phase. The first is the main thread itself; all meet at two barriers around a
 * pass. */
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "faultgen.h"

enum { STACK_TOUCHED = 64 * 1024, STACK_BYTES = 256 * 1024 };

struct worker {
	pthread_t thread;
	size_t first, count;	/* of the coming pass */
	struct usage used;	/* in the last one */
};

static struct worker workers[THREADS_MAX];
static const struct fault_class *phase_class;
static struct faultgen *phase_gen;
static pthread_barrier_t begin, end;
static bool ended;

static void usage_add(struct usage *sum, const struct rusage *before, const struct rusage *after)
{
	sum->minor += after->ru_minflt - before->ru_minflt;
	sum->major += after->ru_majflt - before->ru_majflt;
}

static void worker_pass(struct worker *worker)
{
	struct rusage before, after;

	worker->used = (struct usage){ 0 };
	getrusage(RUSAGE_THREAD, &before);
	phase_class->run(phase_gen, worker->first, worker->count);
	getrusage(RUSAGE_THREAD, &after);
	usage_add(&worker->used, &before, &after);
}

static void *worker_main(void *context)
{
	for (;;) {
		pthread_barrier_wait(&begin);
		if (ended)
			return NULL;
		worker_pass(context);
		pthread_barrier_wait(&end);
	}
}

/* All threads once through their items, with the clock and the process's usage around it. */
static void pass(struct result *result)
{
	struct rusage before, after;
	struct timespec from, to;

	*result = (struct result){ 0 };
	getrusage(RUSAGE_SELF, &before);
	clock_gettime(CLOCK_MONOTONIC, &from);
	pthread_barrier_wait(&begin);
	worker_pass(&workers[0]);
	pthread_barrier_wait(&end);
	clock_gettime(CLOCK_MONOTONIC, &to);
	getrusage(RUSAGE_SELF, &after);
	usage_add(&result->process, &before, &after);
	result->wall_ns = (uint64_t)((to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec);
	for (unsigned i = 0; i < phase_gen->threads; i++) {
		result->threads.minor += workers[i].used.minor;
		result->threads.major += workers[i].used.major;
	}
}

int phase_prepare(const struct fault_class *class, struct faultgen *gen)
{
	struct result warm_up;
	pthread_attr_t attr;

	phase_class = class;
	phase_gen = gen;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_barrier_init(&begin, NULL, gen->threads);
	pthread_barrier_init(&end, NULL, gen->threads);
	for (unsigned i = 0; i < gen->threads; i++) {
		struct worker *worker = &workers[i];

		worker->first = gen->count + i;
		worker->count = 1;
		if (i && (errno = pthread_create(&worker->thread, &attr, worker_main, worker)))
			return faultgen_skip(gen, "thread %u: %s", i, strerror(errno));
	}
	pthread_attr_destroy(&attr);
	image_touch();
	pass(&warm_up);
	if (class->check)
		return class->check(gen, gen->count, gen->threads);
	return 0;
}

void phase_run(struct result *result)
{
	size_t share = phase_gen->count / phase_gen->threads, more = phase_gen->count % phase_gen->threads;
	size_t first = 0;

	for (unsigned i = 0; i < phase_gen->threads; i++) {
		workers[i].first = first;
		workers[i].count = share + (i < more);
		first += workers[i].count;
	}
	pass(result);
}

void phase_end(void)
{
	ended = true;
	pthread_barrier_wait(&begin);
	for (unsigned i = 1; i < phase_gen->threads; i++)
		pthread_join(workers[i].thread, NULL);
}

/* The segments of the program and of the vDSO; what was made read-only after relocation is only read. */
static int segments_touch(struct dl_phdr_info *info, size_t size, void *page_bytes)
{
	size_t page = *(const size_t *)page_bytes;
	uintptr_t sealed = 0, sealed_end = 0;

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];

		if (segment->p_type != PT_GNU_RELRO)
			continue;
		sealed = (info->dlpi_addr + segment->p_vaddr) / page * page;
		sealed_end = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;
	}
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t at = (info->dlpi_addr + segment->p_vaddr) / page * page;
		uintptr_t stop = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;

		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_R))
			continue;
		for (; at < stop; at += page) {
			volatile char *byte = (volatile char *)at;
			char was = *byte;

			if ((segment->p_flags & PF_W) && (at < sealed || at >= sealed_end))
				*byte = was;
		}
	}
	return 0;
}

void image_touch(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	volatile char stack[STACK_TOUCHED];

	for (size_t i = 0; i < sizeof(stack); i += 1024)
		stack[i] = 0;
	/* thread-local memory: in a static program it lies on the heap */
	errno = 0;
	dl_iterate_phdr(segments_touch, &page);
}
