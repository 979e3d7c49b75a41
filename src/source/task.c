/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of a scan, and the dispatch to the source that fills it. */
#include "source/task_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More rows than Linux can have processes (PID_MAX_LIMIT, 4 Mi): what exceeds it is not real. */
enum { ROWS_MAX = 4 * 1024 * 1024, ROWS_FIRST = 256 };

void task_table_free(struct task_table *table)
{
	free(table->rows);
	*table = (struct task_table){ 0 };
}

static bool task_table_grow(struct task_table *table)
{
	size_t capacity = table->capacity ? table->capacity + table->capacity / 2 : ROWS_FIRST;
	struct task_sample *rows;

	if (capacity > ROWS_MAX)
		return false;
	rows = realloc(table->rows, capacity * sizeof(*rows));
	if (!rows)
		return false;
	table->rows = rows;
	table->capacity = capacity;
	return true;
}

struct task_sample *task_table_add(struct task_table *table)
{
	struct task_sample *row;

	if (table->count == table->capacity && !task_table_grow(table)) {
		table->lost++;
		return NULL;
	}
	row = &table->rows[table->count++];
	memset(row, 0, sizeof(*row));
	row->uid = UINT32_MAX;
	row->swap_bytes = -1;
	return row;
}

static int compare_pids(const void *a, const void *b)
{
	const struct task_sample *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

void task_table_sort(struct task_table *table)
{
	for (size_t i = 1; i < table->count; i++) {
		if (table->rows[i - 1].pid > table->rows[i].pid) {
			qsort(table->rows, table->count, sizeof(*table->rows), compare_pids);
			return;
		}
	}
}

struct task_sample *task_table_find(const struct task_table *table, int32_t pid)
{
	struct task_sample wanted = { .pid = pid };

	if (!table->count)
		return NULL;
	return bsearch(&wanted, table->rows, table->count, sizeof(wanted), compare_pids);
}

/* Two rounds of the splitmix64 finalizer: addresses differ in few bits, hashes must not. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

uint64_t task_image_hash(uint64_t start_code, uint64_t start_stack)
{
	uint64_t hash = mix(mix(start_code) + start_stack);

	return hash ? hash : 1;
}

void task_source_close(struct task_source *source)
{
	if (source)
		source->close(source);
}

const char *task_source_name(const struct task_source *source)
{
	return source->name;
}

int64_t task_source_bpf_bytes(const struct task_source *source)
{
	return source->bpf_bytes;
}

int task_source_scan(struct task_source *source, struct task_table *table)
{
	int error;

	table->count = 0;
	error = source->scan(source, table);
	if (error)
		return error;
	task_table_sort(table);
	return 0;
}

int task_source_threads(struct task_source *source, const struct thread_visitor *visitor)
{
	return source->threads ? source->threads(source, visitor) : -EOPNOTSUPP;
}
