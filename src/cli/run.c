/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run.h"

#include "util/privilege.h"
#include "util/rootfs.h"

static int64_t ppm(int64_t thousandths_of_percent)
{
	return thousandths_of_percent * 10;
}

struct sampler_config run_sampler_config(const struct options *options, unsigned needs, int64_t interval_ns)
{
	return (struct sampler_config){
		.needs = needs,
		.no_pss = options->no_pss,
		.interval_ns = interval_ns,
		.tier = options->tier,
		.pss_budget_ppm = ppm(options->pss_budget),
		.pss_first_budget_ppm = ppm(options->pss_first_budget),
		.stall_limit_ns = options->stall_limit_ns,
		.pss_max_age_ns = options->pss_max_age_ns,
		.protect = (const struct filter *const *)options->pss_skip,
		.protect_count = options->pss_skip_count,
		.exact_pids = options->exact.pids,
		.exact_count = options->exact.count,
		.probes = {
			.allowed = options->probes[PROBE_FAULTS].allowed,
			.required = options->probes[PROBE_FAULTS].required,
			.faults = {
				.tier = options->fault_tier,
				.part = options->fault_part,
				/* who chose a tier knows what it tells */
				.whole = options->probes[PROBE_FAULTS].required && options->fault_tier < 0,
			},
			.pids = options->pids.pids,
			.pid_count = options->pids.count,
		},
	};
}

int run(struct options *options, struct err *err)
{
	struct place place;
	int status = EXIT_FAILED;

	privilege_hold_back();
	if (rootfs_open(&place.root, options->root, err))
		return EXIT_FAILED;
	if (options->doctor) {
		status = run_doctor(&place.root, err);
		rootfs_close(&place.root);
		return status;
	}
	place.users = users_open(&place.root);
	if (!place.users)
		err_set(err, "out of memory");
	else if (options_resolve_user(options, place.users, err))
		status = EXIT_USAGE;
	else
		status = options->batch ? run_batch(options, &place, err) : run_live(options, &place, err);
	users_close(place.users);
	rootfs_close(&place.root);
	return status;
}
