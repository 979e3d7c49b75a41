/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stream of the task iterator, in the orders and pieces that a live machine seldom delivers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "source/task_records.h"
#include "source/task_source.h"

enum { PAGE = 16384 };

struct stream {
	char bytes[4096];
	size_t len;
};

static void put(struct stream *stream, const void *record, size_t len)
{
	assert_true(stream->len + len <= sizeof(stream->bytes));
	memcpy(stream->bytes + stream->len, record, len);
	stream->len += len;
}

static void put_leader(struct stream *stream, uint32_t key, int32_t pid, int64_t anon_pages)
{
	struct task_record_leader record = {
		.thread = { .key = key, .kind = TASK_RECORD_LEADER, .cpu_ns = 1, .faults_minor = 10,
			    .faults_major = 1 },
		.group = { .pid = pid, .ppid = 1, .start_time_ns = 12349999999, .dead_cpu_ns = 100,
			   .dead_faults_minor = 1000, .dead_faults_major = 100, .uid = 7, .state = 1,
			   .threads = 3, .oom_score_adj = -1000, .comm = "name" },
	};

	if (anon_pages)
		record.mm = (struct task_record_mm){ .id = 42, .start_code = 1, .start_stack = 2,
			.total_pages = 900, .peak_pages = 5, .rss_pages[TASK_RSS_ANON] = anon_pages,
			.flags = TASK_MM_PRESENT };
	put(stream, &record, sizeof(record));
}

static struct task_record_thread thread_of(uint32_t key, uint8_t kind)
{
	return (struct task_record_thread){ .key = key, .kind = kind, .cpu_ns = 5, .faults_minor = 20,
		.faults_major = 2, .rss_residue = { 0, 3, 0, -2 } };
}

static void put_thread(struct stream *stream, uint32_t key)
{
	struct task_record_thread record = thread_of(key, TASK_RECORD_THREAD);

	put(stream, &record, sizeof(record));
}

static void put_thread_mm(struct stream *stream, uint32_t key, int64_t shmem_pages)
{
	struct task_record_thread_mm record = { .thread = thread_of(key, TASK_RECORD_THREAD_MM),
		.mm = { .id = 43, .rss_pages[TASK_RSS_SHMEM] = shmem_pages, .flags = TASK_MM_PRESENT } };

	put(stream, &record, sizeof(record));
}

/* Decodes in pieces of at most PIECE bytes. */
static void decode(const struct stream *stream, size_t piece, struct task_table *table)
{
	struct task_records records = { .page_bytes = PAGE, .clock_ticks = 100 };
	size_t at = 0, end = 0;

	table->count = 0;
	task_records_begin(&records, table);
	while (end < stream->len) {
		ptrdiff_t used;

		end = end + piece < stream->len ? end + piece : stream->len;
		used = task_records_feed(&records, stream->bytes + at, end - at);
		assert_true(used >= 0);
		at += (size_t)used;
	}
	assert_int_equal(at, stream->len);
	task_records_end(&records);
	task_records_free(&records);
	task_table_sort(table);
}

static void check_threads(const struct task_table *table)
{
	const struct task_sample *row = task_table_find(table, 30);

	assert_int_equal(table->count, 2);
	assert_non_null(row);
	assert_int_equal(row->cpu_ns, 100 + 1 + 5 + 5);
	assert_int_equal(row->faults_minor, 1000 + 10 + 20 + 20);
	assert_int_equal(row->faults_major, 100 + 1 + 2 + 2);
	assert_int_equal(row->rss_anon_bytes, (50 + 3 + 3) * PAGE);
	assert_int_equal(row->rss_shmem_bytes, 0);	/* -4 pages: never below nothing */
	assert_int_equal(row->rss_bytes, 56 * PAGE);
	assert_int_equal(row->rss_peak_bytes, 56 * PAGE);
	assert_int_equal(row->virtual_bytes, 900 * PAGE);
	assert_int_equal(row->start_time, 1234);
	assert_int_equal(row->image, task_image_hash(1, 2));
	assert_false(row->no_mm);
	assert_int_equal(task_table_find(table, 20)->cpu_ns, 101);
}

/* After its leader, before it, before all, around another; cut anywhere. */
static void test_orders(void **state)
{
	struct stream after = { .len = 0 }, before = { .len = 0 }, mixed = { .len = 0 };
	struct task_table table = { 0 };

	(void)state;
	put_leader(&after, 2, 20, 8);
	put_leader(&after, 3, 30, 50);
	put_thread(&after, 3);
	put_thread(&after, 3);
	put_thread(&before, 3);
	put_thread(&before, 3);
	put_leader(&before, 3, 30, 50);
	put_leader(&before, 2, 20, 8);
	put_leader(&mixed, 3, 30, 50);
	put_thread(&mixed, 3);
	put_leader(&mixed, 2, 20, 8);
	put_thread(&mixed, 3);
	put_thread(&mixed, 99);		/* its leader has gone between */
	for (size_t piece = 1; piece <= after.len; piece++) {
		decode(&after, piece, &table);
		check_threads(&table);
		decode(&before, piece, &table);
		check_threads(&table);
		decode(&mixed, piece, &table);
		check_threads(&table);
	}
	task_table_free(&table);
}

/* A leader that ended: its threads carry the memory, each the same, and it counts once. */
static void test_dead_leader(void **state)
{
	struct task_table table = { 0 };

	(void)state;
	for (int early = 0; early < 2; early++) {
		struct stream stream = { .len = 0 };

		if (early)
			put_thread_mm(&stream, 3, 70);
		put_leader(&stream, 3, 30, 0);
		put_thread_mm(&stream, 3, 70);
		if (!early)
			put_thread_mm(&stream, 3, 70);
		decode(&stream, stream.len, &table);
		assert_int_equal(table.count, 1);
		assert_false(table.rows[0].no_mm);
		assert_int_equal(table.rows[0].mm_id, 43);
		assert_int_equal(table.rows[0].rss_shmem_bytes, (70 - 2 - 2) * PAGE);
		assert_int_equal(table.rows[0].rss_anon_bytes, 6 * PAGE);
	}
	task_table_free(&table);
}

static void test_no_memory(void **state)
{
	struct stream stream = { .len = 0 };
	struct task_table table = { 0 };

	(void)state;
	put_leader(&stream, 3, 30, 0);
	decode(&stream, stream.len, &table);
	assert_true(table.rows[0].no_mm);
	assert_int_equal(table.rows[0].rss_bytes, 0);
	assert_int_equal(table.rows[0].oom_score_adj, -1000);
	assert_false(table.rows[0].have & TASK_HAVE_IMAGE);
	task_table_free(&table);
}

static void test_not_a_record(void **state)
{
	struct task_records records = { .page_bytes = PAGE, .clock_ticks = 100 };
	struct task_table table = { 0 };
	char bytes[64] = { 0 };

	(void)state;
	task_records_begin(&records, &table);
	assert_int_equal(task_records_feed(&records, bytes, sizeof(bytes)), -EBADMSG);
	bytes[offsetof(struct task_record_thread, kind)] = 4;
	assert_int_equal(task_records_feed(&records, bytes, sizeof(bytes)), -EBADMSG);
	task_records_free(&records);
}

/* The letters of fs/proc/array.c for states seen in /proc/PID/stat. */
static void test_state(void **state)
{
	(void)state;
	assert_int_equal(task_records_state(0x0000, 0), 'R');
	assert_int_equal(task_records_state(0x0001, 0), 'S');
	assert_int_equal(task_records_state(0x2001, 0), 'S');	/* and freezable, 6.1 */
	assert_int_equal(task_records_state(0x0002, 0), 'D');
	assert_int_equal(task_records_state(0x0102, 0), 'D');	/* killable */
	assert_int_equal(task_records_state(0x0104, 0), 'T');
	assert_int_equal(task_records_state(0x0108, 0), 't');
	assert_int_equal(task_records_state(0x0080, 0x10), 'X');
	assert_int_equal(task_records_state(0x0080, 0x20), 'Z');
	assert_int_equal(task_records_state(0x0040, 0), 'P');
	assert_int_equal(task_records_state(0x0402, 0), 'I');
	assert_int_equal(task_records_state(0x8000, 0), 'D');	/* frozen */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_dead_leader),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_not_a_record),
		cmocka_unit_test(test_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
