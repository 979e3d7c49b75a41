/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults that a thread of our own resolves. It lets as many of them pend as there are threads that fault, and
 * only then resolves them: with --threads 64, 64 are blocked at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faultgen.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1	/* 5.11+: needs no privilege */
#endif

static struct {
	int fd;
	pthread_t thread;
	void *page;		/* what faults are resolved with */
	uint64_t pending[THREADS_MAX];
} handler = { .fd = -1 };

/* The faults of the next round: every thread's, or the rest of LEFT. */
static size_t round_size(const struct faultgen *gen, size_t left)
{
	return left < gen->threads ? left : gen->threads;
}

static void resolve(const struct faultgen *gen, uint64_t address)
{
	struct uffdio_copy copy = {
		.dst = address / gen->page_bytes * gen->page_bytes,
		.src = (uintptr_t)handler.page,
		.len = gen->page_bytes,
	};

	if (ioctl(handler.fd, UFFDIO_COPY, &copy))
		faultgen_die("UFFDIO_COPY");
}

static void *handler_main(void *context)
{
	const struct faultgen *gen = context;
	size_t phases[] = { gen->threads, gen->count };	/* the warm-up and the measured one */

	for (size_t phase = 0; phase < 2; phase++) {
		for (size_t left = phases[phase], pending = 0; left;) {
			struct uffd_msg message;

			if (read(handler.fd, &message, sizeof(message)) != sizeof(message))
				faultgen_die("userfaultfd");
			if (message.event != UFFD_EVENT_PAGEFAULT)
				continue;
			handler.pending[pending++] = message.arg.pagefault.address;
			if (pending < round_size(gen, left))
				continue;
			left -= pending;
			if (phase)
				pause_for(gen->resolve);
			while (pending)
				resolve(gen, handler.pending[--pending]);
		}
	}
	return NULL;
}

int userfault_setup(struct faultgen *gen)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	handler.fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (handler.fd < 0)
		handler.fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (handler.fd < 0)
		return faultgen_skip(gen, "userfaultfd: %s", strerror(errno));
	if (ioctl(handler.fd, UFFDIO_API, &api))
		return faultgen_skip(gen, "UFFDIO_API: %s", strerror(errno));
	if (anon_setup(gen))
		return -1;
	range.range.start = (uintptr_t)gen->base;
	range.range.len = gen->items * gen->item_bytes;
	if (ioctl(handler.fd, UFFDIO_REGISTER, &range))
		return faultgen_skip(gen, "UFFDIO_REGISTER: %s", strerror(errno));
	if (posix_memalign(&handler.page, gen->page_bytes, gen->page_bytes))
		faultgen_die("memory");
	memset(handler.page, 1, gen->page_bytes);
	errno = pthread_create(&handler.thread, NULL, handler_main, gen);
	if (errno)
		faultgen_die("pthread_create");
	return 0;
}

/* Only after the phase, for the thread ends with the last fault. */
void userfault_teardown(struct faultgen *gen)
{
	pthread_join(handler.thread, NULL);
	close(handler.fd);
	free(handler.page);
}
