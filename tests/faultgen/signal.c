/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accesses that end in a signal: behind the end of a file, and to no memory at all. The kernel accounts
 * neither. */
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "faultgen.h"

static __thread sigjmp_buf back;
static atomic_size_t signals;	/* since the last check */

static void handle(int number)
{
	atomic_fetch_add(&signals, 1);
	siglongjmp(back, 1);
}

/* SA_NODEFER, so that neither side has a signal mask to restore. */
static void handle_signal(int number)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_NODEFER };

	if (sigaction(number, &action, NULL))
		faultgen_die("sigaction");
}

/* All items lie behind the end of an empty file. */
int sigbus_setup(struct faultgen *gen)
{
	gen->fd = memfd_create("faultgen", MFD_CLOEXEC);
	if (gen->fd < 0)
		return faultgen_skip(gen, "no memfd in this kernel");
	handle_signal(SIGBUS);
	return region_map(gen, gen->page_bytes, PROT_READ, MAP_SHARED);
}

/* The same address below vm.mmap_min_addr each time: nothing is ever mapped there. */
int invalid_setup(struct faultgen *gen)
{
	handle_signal(SIGSEGV);
	gen->item_bytes = 0;
	return 0;
}

static void read_caught(uintptr_t address)
{
	if (!sigsetjmp(back, 0))
		(void)*(const volatile char *)address;
}

void signal_run(struct faultgen *gen, size_t first, size_t count)
{
	uintptr_t address = gen->base ? (uintptr_t)gen->base + first * gen->item_bytes : sizeof(long);

	for (; count; count--, address += gen->item_bytes)
		read_caught(address);
}

int signal_check(struct faultgen *gen, size_t first, size_t count)
{
	size_t seen = atomic_exchange(&signals, 0);

	if (seen != count)
		return faultgen_skip(gen, "%zu signals came of %zu accesses", seen, count);
	return 0;
}
