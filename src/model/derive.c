/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive.h"

#include "model/exited.h"
#include "model/faults.h"
#include "model/growth.h"
#include "model/rate.h"

/* Two rows in the order of a snapshot: pid, then start time; threads by pid, then tid, then start time. */
static int order(const struct process *a, const struct process *b)
{
	static const enum process_metric keys[] = { PROC_PID, PROC_TID, PROC_START_TIME };

	for (int i = 0; i < 3; i++)
		if ((keys[i] != PROC_TID || a->is_thread) && a->amount[keys[i]] != b->amount[keys[i]])
			return a->amount[keys[i]] < b->amount[keys[i]] ? -1 : 1;
	return 0;
}

/* The step from an estimate out of RSS alone to the first exact reading is no growth. */
static struct value pss_growth(const struct process *before, const struct process *after, int64_t elapsed_ns)
{
	struct value then = process_value(before, PROC_PSS), now = process_value(after, PROC_PSS);
	bool was_read = value_has_amount(before->status[PROC_PSS_AGE]);
	bool is_read = value_has_amount(after->status[PROC_PSS_AGE]);

	if (!value_has_amount(now.status))
		return value_none(now.status);
	if (!value_has_amount(then.status) || was_read != is_read)
		return value_none(VALUE_PENDING);
	return value_ok(rate_scale(now.amount - then.amount, 1000000000, elapsed_ns));
}

static struct value faults(const struct process *process)
{
	struct value minor = process_value(process, PROC_FAULTS_MINOR), major = process_value(process, PROC_FAULTS_MAJOR);

	if (!value_has_amount(minor.status))
		return minor;
	if (!value_has_amount(major.status))
		return major;
	return value_ok(minor.amount + major.amount);
}

static void derive_process(const struct process *before, struct process *now, int64_t elapsed_ns)
{
	process_set(now, PROC_CPU_PERCENT, rate_of_counter(process_value(before, PROC_CPU_SECONDS),
							   process_value(now, PROC_CPU_SECONDS), RATE_PERCENT,
							   elapsed_ns));
	process_set(now, PROC_FAULT_RATE, rate_of_counter(faults(before), faults(now), RATE_PER_SECOND, elapsed_ns));
	process_set(now, PROC_PSS_GROWTH, pss_growth(before, now, elapsed_ns));
}

static void derive_nothing(struct process *now)
{
	static const enum process_metric derived[] = { PROC_CPU_PERCENT, PROC_FAULT_RATE, PROC_PSS_GROWTH };

	now->previous = -1;
	for (unsigned i = 0; i < sizeof derived / sizeof *derived; i++)
		process_set(now, derived[i], value_none(VALUE_PENDING));
	if (!value_has_amount(now->status[PROC_PSS]))
		process_set(now, PROC_PSS_GROWTH, value_none(now->status[PROC_PSS]));
}

/* The earlier row of NOW among COUNT rows from *AT on, which goes on from call to call; -1 when there is none. */
static int32_t find_earlier(const struct process *rows, size_t count, size_t *at, const struct process *now)
{
	while (*at < count && order(&rows[*at], now) < 0)
		++*at;
	return *at < count && !order(&rows[*at], now) ? (int32_t)*at : -1;
}

static void derive_processes(const struct snapshot *previous, struct snapshot *current, int64_t elapsed)
{
	size_t at = 0;

	for (size_t i = 0; i < current->process_count; i++) {
		struct process *now = &current->processes[i];
		const struct process *before = NULL;

		process_set(now, PROC_TID, process_value(now, PROC_PID));
		derive_nothing(now);
		if (previous)
			now->previous = find_earlier(previous->processes, previous->process_count, &at, now);
		if (now->previous >= 0)
			before = &previous->processes[now->previous];
		if (before && elapsed > 0)
			derive_process(before, now, elapsed);
		faults_derive(before, now, elapsed);
		growth_carry(before, now, current->boottime_ns);
	}
}

static void derive_threads(const struct snapshot *previous, struct snapshot *current, int64_t elapsed)
{
	static const enum process_metric of_the_process[] = { PROC_PSS_GROWTH, PROC_PSS_GROWN, PROC_PSS_GROWN_MINUTE };
	size_t at = 0;

	for (size_t i = 0; i < current->thread_count; i++) {
		struct process *now = &current->threads[i];

		derive_nothing(now);
		if (previous)
			now->previous = find_earlier(previous->threads, previous->thread_count, &at, now);
		if (now->previous >= 0 && elapsed > 0)
			derive_process(&previous->threads[now->previous], now, elapsed);
		for (unsigned m = 0; m < sizeof of_the_process / sizeof *of_the_process; m++)
			process_set(now, of_the_process[m], value_none(VALUE_NOT_APPLICABLE));
	}
}

void derive(const struct snapshot *previous, struct snapshot *current)
{
	int64_t elapsed = previous ? current->boottime_ns - previous->boottime_ns : 0;

	derive_processes(previous, current, elapsed);
	derive_threads(previous, current, elapsed);
	if (current->faults)
		fault_machine_derive(previous ? previous->faults : NULL, current->faults, elapsed);
	if (previous)
		exited_carry(previous, current);
}
