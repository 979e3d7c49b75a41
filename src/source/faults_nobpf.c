/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for faults_bpf.c in a build --without-bpf. */
#include "source/faults_tier.h"

struct faults *faults_open_bpf(const struct rootfs *root, enum fault_tier tier, const struct faults_config *config,
			       struct tier_failure *failure)
{
	(void)root;
	(void)tier;
	(void)config;
	tier_fail(failure, "configure it without --without-bpf", "this build has no BPF support");
	return NULL;
}
