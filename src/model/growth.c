/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/growth.h"

static const int64_t step_ns = GROWTH_STEP_SECONDS * INT64_C(1000000000);

static void begin(struct growth *growth, int64_t bytes, bool exact, int64_t now_ns)
{
	*growth = (struct growth){ .first_bytes = bytes, .step_bytes = { bytes }, .step_boottime_ns = now_ns, .steps = 1,
				   .known = true, .exact = exact };
}

/* What was known of the past was off by BYTES. */
static void move(struct growth *growth, int64_t bytes)
{
	growth->first_bytes += bytes;
	for (unsigned i = 0; i < growth->steps; i++)
		growth->step_bytes[i] += bytes;
}

static void step(struct growth *growth, int64_t bytes, int64_t now_ns)
{
	for (unsigned i = GROWTH_STEPS - 1; i > 0; i--)
		growth->step_bytes[i] = growth->step_bytes[i - 1];
	growth->step_bytes[0] = bytes;
	growth->step_boottime_ns = now_ns;
	growth->steps += growth->steps < GROWTH_STEPS;
}

void growth_carry(const struct process *before, struct process *now, int64_t boottime_ns)
{
	struct value pss = process_value(now, PROC_PSS);
	struct growth *growth = &now->growth;
	bool exact = value_has_amount(now->status[PROC_PSS_AGE]);

	*growth = before ? before->growth : (struct growth){ 0 };
	if (!value_has_amount(pss.status)) {
		process_set(now, PROC_PSS_GROWN, value_none(pss.status));
		process_set(now, PROC_PSS_GROWN_MINUTE, value_none(pss.status));
		return;
	}
	if (!growth->known) {
		begin(growth, pss.amount, exact, boottime_ns);
	} else if (exact && !growth->exact) {
		/* The first reading after estimates out of RSS: the step between the two is no growth. */
		if (value_has_amount(before->status[PROC_PSS]))
			move(growth, pss.amount - before->amount[PROC_PSS]);
		growth->exact = true;
	}
	if (boottime_ns - growth->step_boottime_ns >= step_ns)
		step(growth, pss.amount, boottime_ns);
	pss.status = pss.status == VALUE_ESTIMATED ? VALUE_ESTIMATED : VALUE_OK;
	process_set(now, PROC_PSS_GROWN, (struct value){ pss.amount - growth->first_bytes, pss.status });
	process_set(now, PROC_PSS_GROWN_MINUTE,
		    (struct value){ pss.amount - growth->step_bytes[growth->steps - 1], pss.status });
}
