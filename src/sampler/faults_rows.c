/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/faults_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* -- values out of sums ----------------------------------------------------------------------------------- */

static struct value told_if(const struct faults_rows *rows, bool told, uint64_t amount)
{
	if (!told)
		return value_none(rows->told.otherwise);
	return value_ok(amount > INT64_MAX ? INT64_MAX : (int64_t)amount);
}

static uint64_t accounted(const struct fault_sums *sums)
{
	uint64_t sum = 0;

	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		if (fault_class_is_accounted(c))
			sum += sums->count[c];
	return sum;
}

static uint64_t all_ns(const struct fault_sums *sums)
{
	uint64_t sum = 0;

	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		sum += sums->ns[c];
	return sum;
}

static void set_sums(const struct faults_rows *rows, struct fault_values *values, const struct fault_sums *sums)
{
	const struct faults_told *told = &rows->told;

	fault_values_set(values, PROC_FAULTS_SEEN, told_if(rows, told->processes, accounted(sums)));
	fault_values_set(values, PROC_FAULT_SECONDS, told_if(rows, told->latency, all_ns(sums)));
	fault_values_set(values, PROC_FAULT_MAX, told_if(rows, told->latency, sums->max_ns));
	fault_values_set(values, PROC_FAULTS_REMOTE, told_if(rows, told->memory, sums->remote));
	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		fault_values_set(values, fault_metric_count(c), told_if(rows, told->class[c], sums->count[c]));
		fault_values_set(values, fault_metric_seconds(c),
				 told_if(rows, told->class[c] && told->latency, sums->ns[c]));
	}
	for (unsigned m = 0; m < FAULT_MEMORIES; m++)
		fault_values_set(values, fault_metric_memory(m), told_if(rows, told->memory, sums->memory[m]));
}

/* RATE in all rates that are told. */
static void set_rates(const struct faults_rows *rows, struct fault_values *values, struct value rate)
{
	const struct faults_told *told = &rows->told;
	struct value otherwise = value_none(told->otherwise);

	fault_values_set(values, PROC_FAULTS_SEEN_RATE, told->processes ? rate : otherwise);
	fault_values_set(values, PROC_FAULT_PERCENT, told->latency ? rate : otherwise);
	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		fault_values_set(values, fault_metric_rate(c), told->class[c] ? rate : otherwise);
}

/* Quantiles, which only watched ones have. */
static void set_unwatched(const struct faults_rows *rows, struct fault_values *values)
{
	struct value none = value_none(rows->told.latency ? VALUE_SKIPPED : rows->told.otherwise);

	fault_values_set(values, PROC_FAULT_P50, none);
	fault_values_set(values, PROC_FAULT_P99, none);
}

int faults_rows_init(struct faults_rows *rows, const struct faults_told *told)
{
	static const struct fault_sums none;

	*rows = (struct faults_rows){ .told = *told };
	rows->fresh = fault_values_new(NULL);
	rows->idle = fault_values_new(NULL);
	rows->lost = fault_values_new(NULL);
	if (!rows->fresh || !rows->idle || !rows->lost) {
		faults_rows_free(rows);
		return -ENOMEM;
	}
	set_sums(rows, rows->fresh, &none);
	set_rates(rows, rows->fresh, value_none(VALUE_PENDING));
	set_unwatched(rows, rows->fresh);
	set_sums(rows, rows->idle, &none);
	set_rates(rows, rows->idle, value_ok(0));
	set_unwatched(rows, rows->idle);
	memset(rows->lost->status, VALUE_LOST, sizeof rows->lost->status);
	return 0;
}

void faults_rows_free(struct faults_rows *rows)
{
	fault_values_unref(rows->fresh);
	fault_values_unref(rows->idle);
	fault_values_unref(rows->lost);
	*rows = (struct faults_rows){ .lost_processes = 0 };
}

/* -- rows of a sample ------------------------------------------------------------------------------------- */

static int by_identity(int64_t pid, int64_t start_time, int64_t other_pid, int64_t other_start_time)
{
	if (pid != other_pid)
		return pid < other_pid ? -1 : 1;
	return (start_time > other_start_time) - (start_time < other_start_time);
}

static int compare_row(const struct process *a, const struct process *b)
{
	return by_identity(a->amount[PROC_PID], a->amount[PROC_START_TIME], b->amount[PROC_PID],
			   b->amount[PROC_START_TIME]);
}

static int compare_read(const struct fault_process *read, const struct process *row)
{
	return by_identity(read->pid, (int64_t)read->start_time, row->amount[PROC_PID], row->amount[PROC_START_TIME]);
}

/* What READING has of ROW, going on from *AT, which goes on from row to row. */
static const struct fault_process *find_read(const struct fault_reading *reading, size_t *at, const struct process *row)
{
	while (*at < reading->count && compare_read(reading->processes[*at], row) < 0)
		++*at;
	return *at < reading->count && !compare_read(reading->processes[*at], row) ? reading->processes[*at] : NULL;
}

static struct fault_values *find_before(const struct snapshot *previous, size_t *at, const struct process *row)
{
	if (!previous)
		return NULL;
	while (*at < previous->process_count && compare_row(&previous->processes[*at], row) < 0)
		++*at;
	return *at < previous->process_count && !compare_row(&previous->processes[*at], row) ?
		       previous->processes[*at].faults : NULL;
}

static struct fault_values *values_of(const struct faults_rows *rows, const struct fault_process *read)
{
	struct fault_values *values = fault_values_new(rows->fresh);

	if (values)
		set_sums(rows, values, &read->sums);
	return values;
}

/* What BEFORE has, but for latencies: who is watched gets those of this sample. */
static struct fault_values *values_again(struct fault_values *before)
{
	struct fault_values *values;

	if (!before->latencies)
		return fault_values_ref(before);
	values = fault_values_new(before);
	if (values)
		fault_values_watch(values, NULL, false);
	return values;
}

static struct fault_values *choose_values(const struct faults_rows *rows, const struct fault_process *read,
					  struct fault_values *before)
{
	bool was_told = before && before != rows->lost;
	bool had_faults = was_told && before != rows->fresh && before != rows->idle;

	if (read && (read->changed || !had_faults))
		return values_of(rows, read);
	if (had_faults)
		return values_again(before);
	return fault_values_ref(was_told ? rows->idle : rows->fresh);
}

void faults_rows_fill(struct faults_rows *rows, const struct fault_reading *reading, const struct snapshot *previous,
		      struct snapshot *snapshot)
{
	size_t at = 0, before_at = 0;

	for (size_t i = 0; i < snapshot->process_count; i++) {
		struct process *row = &snapshot->processes[i];
		struct fault_values *before = find_before(previous, &before_at, row);
		const struct fault_process *read;

		if (!reading) {
			row->faults = fault_values_ref(rows->lost);
			continue;
		}
		read = find_read(reading, &at, row);
		row->faults = choose_values(rows, read, before);
		if (read && read->ended)
			row->faults_end = FAULTS_END_NEW;
	}
}

/* -- those that ended ------------------------------------------------------------------------------------- */

/* Exited rows get what was counted after the last sample that saw them. */
static void end_seen(const struct faults_rows *rows, const struct fault_reading *reading, struct snapshot *snapshot)
{
	size_t at = 0;

	for (size_t i = 0; i < snapshot->exited_count; i++) {
		struct process *row = &snapshot->exited[i];
		const struct fault_process *read = find_read(reading, &at, row);
		struct fault_values *values;

		if (!row->faults || row->faults_end != FAULTS_END_NOT)
			continue;
		values = read ? fault_values_new(row->faults) : NULL;
		if (values) {
			set_sums(rows, values, &read->sums);
			fault_values_unref(row->faults);
			row->faults = values;
		}
		/* One that the probe does not know took no fault, or ended in the reading before. */
		if (!read || read->ended)
			row->faults_end = FAULTS_END_NEW;
	}
}

static bool has_row(const struct process *rows, size_t count, const struct fault_process *read)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;
		int by = compare_read(read, &rows[middle]);

		if (!by)
			return true;
		if (by > 0)
			low = middle + 1;
		else
			count = middle;
	}
	return false;
}

struct unseen {
	const struct fault_process *read;
	uint64_t faults;
};

static int by_faults(const void *left, const void *right)
{
	const struct unseen *a = left, *b = right;

	return (a->faults < b->faults) - (a->faults > b->faults);
}

/* Those that ended without a row anywhere. Returns how many; counts only when LIST is NULL. */
static size_t list_unseen(const struct fault_reading *reading, const struct snapshot *snapshot, struct unseen *list)
{
	size_t count = 0;

	for (size_t i = 0; i < reading->count; i++) {
		const struct fault_process *read = reading->processes[i];

		if (!read->ended || has_row(snapshot->processes, snapshot->process_count, read) ||
		    has_row(snapshot->exited, snapshot->exited_count, read))
			continue;
		if (list)
			list[count] = (struct unseen){ read, accounted(&read->sums) };
		count++;
	}
	return count;
}

static bool add_unseen(const struct faults_rows *rows, struct snapshot *snapshot, const struct fault_process *read)
{
	struct process *row = snapshot_add_exited(snapshot);

	if (!row)
		return false;
	memset(row->status, VALUE_GONE, sizeof row->status);
	process_set(row, PROC_PID, value_ok(read->pid));
	process_set(row, PROC_TID, value_ok(read->pid));
	process_set(row, PROC_START_TIME, value_ok((int64_t)read->start_time));
	row->text[TEXT_COMM] = text_new(read->comm, strnlen(read->comm, sizeof read->comm));
	process_set(row, PROC_COMM, row->text[TEXT_COMM] ? value_ok(0) : value_none(VALUE_LOST));
	row->faults = values_of(rows, read);
	if (row->faults)
		set_rates(rows, row->faults, value_none(VALUE_GONE));
	row->faults_end = FAULTS_END_NEW;
	row->exited_samples = 1;
	return true;
}

static int compare_rows(const void *left, const void *right)
{
	return compare_row(left, right);
}

void faults_rows_end(struct faults_rows *rows, const struct fault_reading *reading, struct snapshot *snapshot)
{
	size_t count = list_unseen(reading, snapshot, NULL), lost = count;
	struct unseen *list;

	end_seen(rows, reading, snapshot);
	if (!count)
		return;
	list = malloc(count * sizeof *list);
	if (list) {
		list_unseen(reading, snapshot, list);
		if (count > EXITED_MAX)
			qsort(list, count, sizeof *list, by_faults);
		for (size_t i = 0; i < count && i < EXITED_MAX; i++)
			lost -= add_unseen(rows, snapshot, list[i].read);
		qsort(snapshot->exited, snapshot->exited_count, sizeof *snapshot->exited, compare_rows);
		free(list);
	}
	rows->lost_processes += lost;
	snapshot->exited_lost += lost;
	if (snapshot->faults && value_has_amount(snapshot->faults->lost_processes.status))
		snapshot->faults->lost_processes.amount += (int64_t)lost;
}

/* -- the machine ------------------------------------------------------------------------------------------ */

void faults_rows_machine(const struct faults_rows *rows, const struct fault_reading *reading, int64_t bpf_bytes,
			 struct fault_machine *machine)
{
	const struct faults_told *told = &rows->told;
	const struct fault_sums *sums = &reading->machine;

	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		machine->class[c].count = told_if(rows, told->class[c], sums->count[c]);
		machine->class[c].ns = told_if(rows, told->class[c] && told->latency, sums->ns[c]);
	}
	for (unsigned m = 0; m < FAULT_MEMORIES; m++)
		machine->memory[m] = told_if(rows, told->memory, sums->memory[m]);
	machine->minor = told_if(rows, reading->has_totals, reading->minor);
	machine->major = told_if(rows, reading->has_totals, reading->major);
	machine->total = told_if(rows, told->processes || reading->has_totals,
				 told->processes ? accounted(sums) : reading->minor + reading->major);
	machine->remote = told_if(rows, told->memory, sums->remote);
	machine->max_ns = told_if(rows, told->latency, sums->max_ns);
	machine->has_buckets = told->latency;
	memcpy(machine->buckets, reading->buckets, sizeof machine->buckets);
	machine->lost = told_if(rows, told->processes, reading->lost);
	machine->threads_left_out = told_if(rows, told->processes, reading->threads_left_out);
	machine->missed = told_if(rows, told->processes, reading->missed);
	machine->lost_processes = told_if(rows, told->processes, reading->lost_processes + rows->lost_processes);
	machine->threads = told_if(rows, told->processes, reading->threads);
	machine->bpf_bytes = value_ok(bpf_bytes);
}
