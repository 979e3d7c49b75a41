/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/probe.h"

#include <stdio.h>

static const char *const names[PROBE_COUNT] = {
	[PROBE_FAULTS] = "faults",
};

static const struct probe_status unwanted[PROBE_COUNT] = {
	[PROBE_FAULTS] = { .name = "faults", .active = -1 },
};

const char *probe_name(enum probe probe)
{
	return names[probe];
}

const struct probe_status *probe_unwanted(enum probe probe)
{
	return &unwanted[probe];
}

const char *probe_tier_name(const struct probe_status *status)
{
	return status->active < 0 ? "none" : status->tiers[status->active].name;
}

void probe_why(const struct probe_status *status, char *text, int size)
{
	int better = status->active < 0 ? (int)status->tier_count : status->active;

	*text = '\0';
	for (int i = 0; i < better; i++) {
		const struct probe_tier_status *tier = &status->tiers[i];

		if (tier->state != TIER_FAILED)
			continue;
		snprintf(text, (size_t)size, *tier->remedy ? "%s: %s (%s)" : "%s: %s", tier->name, tier->reason,
			 tier->remedy);
		return;
	}
	if (better && status->active >= 0)
		snprintf(text, (size_t)size, "chosen by --tier %s=%s", status->name, probe_tier_name(status));
}
