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

static void push(struct growth *growth, int64_t bytes)
{
	for (unsigned i = GROWTH_STEPS - 1; i > 0; i--)
		growth->step_bytes[i] = growth->step_bytes[i - 1];
	growth->step_bytes[0] = bytes;
	growth->steps += growth->steps < GROWTH_STEPS;
}

/* Takes all steps up to now. At a step between two samples PSS was what the earlier of them had. */
static void step(struct growth *growth, int64_t earlier_bytes, int64_t bytes, int64_t now_ns)
{
	int64_t passed = (now_ns - growth->step_boottime_ns) / step_ns;

	if (passed <= 0)
		return;
	growth->step_boottime_ns += passed * step_ns;
	for (int64_t i = passed < GROWTH_STEPS ? passed : GROWTH_STEPS; i > 0; i--)
		push(growth, i == 1 && growth->step_boottime_ns == now_ns ? bytes : earlier_bytes);
}

void growth_carry(const struct process *before, struct process *now, int64_t boottime_ns)
{
	struct value pss = process_value(now, PROC_PSS);
	struct growth *growth = &now->growth;
	bool exact = value_has_amount(now->status[PROC_PSS_AGE]);
	bool was_known = before && value_has_amount(before->status[PROC_PSS]);
	int64_t earlier;

	*growth = before ? before->growth : (struct growth){ 0 };
	if (!value_has_amount(pss.status)) {
		process_set(now, PROC_PSS_GROWN, value_none(pss.status));
		process_set(now, PROC_PSS_GROWN_MINUTE, value_none(pss.status));
		return;
	}
	earlier = was_known ? before->amount[PROC_PSS] : growth->step_bytes[0];
	if (!growth->known || (exact && !growth->exact && !was_known)) {
		begin(growth, pss.amount, exact, boottime_ns);
	} else if (exact && !growth->exact) {
		/* The first reading after estimates out of RSS: the step between the two is no growth. */
		move(growth, pss.amount - earlier);
		earlier = pss.amount;
		growth->exact = true;
	}
	step(growth, earlier, pss.amount, boottime_ns);
	pss.status = pss.status == VALUE_ESTIMATED ? VALUE_ESTIMATED : VALUE_OK;
	process_set(now, PROC_PSS_GROWN, (struct value){ pss.amount - growth->first_bytes, pss.status });
	process_set(now, PROC_PSS_GROWN_MINUTE,
		    (struct value){ pss.amount - growth->step_bytes[growth->steps - 1], pss.status });
}
