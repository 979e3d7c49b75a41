/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for task_bpf.c in a build --without-bpf. */
#include "source/task.h"

struct task_source *task_source_open_bpf(const struct rootfs *root, struct err *err)
{
	(void)root;
	err_set(err, "bpf: this build has no BPF support (configure it without --without-bpf)");
	return NULL;
}
