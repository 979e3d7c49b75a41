/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults taken on behalf of another: the memory is a child's, and untouched; the kernel charges them to the
 * reader. */
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "faultgen.h"

static ssize_t child_read(const struct faultgen *gen, const void *address)
{
	char byte;
	struct iovec local = { &byte, 1 }, remote = { (void *)(uintptr_t)address, 1 };

	return process_vm_readv(gen->child, &local, 1, &remote, 1, 0);
}

int remote_read_setup(struct faultgen *gen)
{
	if (anon_setup(gen) || child_start(gen, NULL))
		return -1;
	/* something the child has */
	if (child_read(gen, gen) != 1)
		return faultgen_skip(gen, "process_vm_readv: %s", strerror(errno));
	return 0;
}

void remote_read_run(struct faultgen *gen, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (child_read(gen, gen->base + i * gen->item_bytes) != 1)
			faultgen_die("process_vm_readv");
}

int remote_peek_setup(struct faultgen *gen)
{
	int status;

	if (anon_setup(gen) || child_start(gen, NULL))
		return -1;
	if (ptrace(PTRACE_SEIZE, gen->child, NULL, NULL))
		return faultgen_skip(gen, "ptrace: %s", strerror(errno));
	if (ptrace(PTRACE_INTERRUPT, gen->child, NULL, NULL) ||
	    waitpid(gen->child, &status, __WALL) != gen->child)
		faultgen_die("ptrace");
	return 0;
}

void remote_peek_run(struct faultgen *gen, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++) {
		errno = 0;
		ptrace(PTRACE_PEEKDATA, gen->child, gen->base + i * gen->item_bytes, NULL);
		if (errno)
			faultgen_die("PTRACE_PEEKDATA");
	}
}
