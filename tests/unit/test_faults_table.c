/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of the fault probe to sums: what is told once is counted once, what is pending is not kept, and who has ended goes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "source/faults_table.h"

struct sent {
	struct fault_record record;
	uint64_t value[FAULT_SLOTS];
};

static struct sent record_of(int32_t pid, int32_t tid)
{
	struct sent sent = { .record = { .start_time_ns = 5000000000, .pid = pid, .tid = tid, .comm = "worker" } };

	return sent;
}

static void put(struct sent *sent, unsigned slot, uint64_t amount)
{
	sent->value[sent->record.values++] = (uint64_t)slot << FAULT_VALUE_SHIFT | amount;
}

static size_t size_of(const struct sent *sent)
{
	return sizeof sent->record + sent->record.values * sizeof *sent->value;
}

static void feed(struct faults_table *table, const struct sent *sent)
{
	assert_int_equal(faults_table_feed(table, sent, size_of(sent)), (ptrdiff_t)size_of(sent));
}

static struct fault_reading end(struct faults_table *table)
{
	struct fault_reading reading = { .count = 0 };

	assert_int_equal(faults_table_end(table, &reading), 0);
	return reading;
}

static void test_sums(void **state)
{
	struct faults_table table = { .tick_ns = 10000000 };
	struct sent first = record_of(getpid(), getpid()), second = record_of(getpid(), getpid() + 1);
	struct fault_reading reading;

	(void)state;
	put(&first, FAULT_SLOT_COUNT + FAULT_COW, 3);
	put(&first, FAULT_SLOT_NS + FAULT_COW, 900);
	put(&first, FAULT_SLOT_MAX_NS, 400);
	put(&second, FAULT_SLOT_COUNT + FAULT_COW, 2);
	put(&second, FAULT_SLOT_MEMORY + FAULT_IN_HEAP, 2);
	put(&second, FAULT_SLOT_REMOTE, 1);
	put(&second, FAULT_SLOT_MAX_NS, 300);
	faults_table_begin(&table);
	feed(&table, &first);
	feed(&table, &second);
	reading = end(&table);
	assert_int_equal(reading.count, 1);
	assert_int_equal(reading.processes[0]->start_time, 500);
	assert_string_equal(reading.processes[0]->comm, "worker");
	assert_true(reading.processes[0]->changed);
	assert_int_equal(reading.processes[0]->sums.count[FAULT_COW], 5);
	assert_int_equal(reading.processes[0]->sums.ns[FAULT_COW], 900);
	assert_int_equal(reading.processes[0]->sums.max_ns, 400);
	assert_int_equal(reading.processes[0]->sums.memory[FAULT_IN_HEAP], 2);
	assert_int_equal(reading.processes[0]->sums.remote, 1);
	assert_int_equal(reading.machine.count[FAULT_COW], 5);
	faults_table_begin(&table);
	reading = end(&table);
	assert_int_equal(reading.count, 1);
	assert_false(reading.processes[0]->changed);
	assert_int_equal(reading.processes[0]->sums.count[FAULT_COW], 5);
	faults_table_free(&table);
}

/* The last fault of an idle thread is told as pending with every reading until the thread settles it. */
static void test_pending(void **state)
{
	struct faults_table table = { .tick_ns = 10000000 };
	struct sent idle = record_of(getpid(), getpid()), settled = record_of(getpid(), getpid());
	struct fault_reading reading;

	(void)state;
	idle.record.pending_class = FAULT_COW + 1;
	idle.record.pending_memory = FAULT_IN_ANON + 1;
	idle.record.pending_other = 2;
	for (int i = 0; i < 3; i++) {
		faults_table_begin(&table);
		feed(&table, &idle);
		reading = end(&table);
		assert_int_equal(reading.processes[0]->sums.count[FAULT_COW], 1);
		assert_int_equal(reading.processes[0]->sums.count[FAULT_OTHER], 2);
		assert_int_equal(reading.processes[0]->sums.memory[FAULT_IN_ANON], 1);
		assert_int_equal(reading.machine.count[FAULT_COW], 1);
		assert_int_equal(reading.processes[0]->changed, i == 0);
	}
	put(&settled, FAULT_SLOT_COUNT + FAULT_COW, 1);
	put(&settled, FAULT_SLOT_COUNT + FAULT_OTHER, 2);
	faults_table_begin(&table);
	feed(&table, &settled);
	reading = end(&table);
	assert_int_equal(reading.processes[0]->sums.count[FAULT_COW], 1);
	assert_int_equal(reading.processes[0]->sums.count[FAULT_OTHER], 2);
	assert_int_equal(reading.machine.count[FAULT_COW], 1);
	faults_table_free(&table);
}

/* A thread that ends right after it was told as pending tells the same faults again, settled. */
static void test_pending_end(void **state)
{
	struct faults_table table = { .tick_ns = 10000000 };
	struct sent ending = record_of(1, 3), other = record_of(1, 2), ended = record_of(1, 3);
	struct fault_reading reading;

	(void)state;
	ending.record.pending_class = other.record.pending_class = FAULT_COW + 1;
	ending.record.pending_memory = other.record.pending_memory = FAULT_IN_ANON + 1;
	ending.record.pending_other = other.record.pending_other = 4;
	ended.record.flags = FAULT_RECORD_ENDED;
	put(&ended, FAULT_SLOT_COUNT + FAULT_COW, 1);
	put(&ended, FAULT_SLOT_COUNT + FAULT_OTHER, 4);
	put(&ended, FAULT_SLOT_MEMORY + FAULT_IN_ANON, 1);
	faults_table_begin(&table);
	feed(&table, &other);
	feed(&table, &ending);
	feed(&table, &ended);
	for (int i = 0; i < 2; i++) {
		reading = end(&table);
		assert_int_equal(reading.processes[0]->sums.count[FAULT_COW], 2 - i);
		assert_int_equal(reading.processes[0]->sums.count[FAULT_OTHER], 8 - 4 * i);
		assert_int_equal(reading.processes[0]->sums.memory[FAULT_IN_ANON], 2 - i);
		assert_int_equal(reading.machine.count[FAULT_COW], 2 - i);
		assert_int_equal(reading.machine.count[FAULT_OTHER], 8 - 4 * i);
		faults_table_begin(&table);
	}
	faults_table_free(&table);
}

/* A process of one thread has ended with its record; one of several a reading later, for what its other threads tell. */
static void test_ends(void **state)
{
	struct faults_table table = { .tick_ns = 10000000 };
	struct sent alone = record_of(1, 1), leader = record_of(2, 2), other = record_of(2, 3);
	struct fault_reading reading;

	(void)state;
	alone.record.flags = leader.record.flags = FAULT_RECORD_ENDED | FAULT_RECORD_LEADER;
	other.record.flags = FAULT_RECORD_ENDED;
	put(&alone, FAULT_SLOT_COUNT + FAULT_COW, 1);
	put(&leader, FAULT_SLOT_COUNT + FAULT_COW, 10);
	put(&other, FAULT_SLOT_COUNT + FAULT_COW, 100);
	faults_table_begin(&table);
	feed(&table, &alone);
	feed(&table, &other);
	feed(&table, &leader);
	reading = end(&table);
	assert_int_equal(reading.count, 2);
	assert_true(reading.processes[0]->ended);
	assert_false(reading.processes[1]->ended);
	faults_table_begin(&table);
	other.record.tid = 4;
	feed(&table, &other);
	reading = end(&table);
	assert_int_equal(reading.count, 1);
	assert_true(reading.processes[0]->ended);
	assert_int_equal(reading.processes[0]->sums.count[FAULT_COW], 210);
	faults_table_begin(&table);
	reading = end(&table);
	assert_int_equal(reading.count, 0);
	assert_int_equal(reading.machine.count[FAULT_COW], 211);
	faults_table_free(&table);
}

/* Who is in another pid namespace counts for the machine alone; a record that is cut waits for its rest. */
static void test_stream(void **state)
{
	struct faults_table table = { .tick_ns = 10000000 };
	struct sent elsewhere = record_of(0, 0), broken = record_of(1, 1);
	struct fault_reading reading;

	(void)state;
	put(&elsewhere, FAULT_SLOT_COUNT + FAULT_THP, 7);
	put(&elsewhere, FAULT_SLOTS, 1);
	faults_table_begin(&table);
	for (size_t len = 0; len < size_of(&elsewhere); len++)
		assert_int_equal(faults_table_feed(&table, &elsewhere, len), 0);
	feed(&table, &elsewhere);
	broken.record.values = FAULT_SLOTS + 1;
	assert_int_equal(faults_table_feed(&table, &broken, sizeof broken), -EBADMSG);
	reading = end(&table);
	assert_int_equal(reading.count, 0);
	assert_int_equal(reading.machine.count[FAULT_THP], 7);
	assert_int_equal(reading.lost, 1);
	faults_table_free(&table);
}

/* A process that is not there any more is found out, whether it was told or not, but not before its end had time to be told:
 * nothing has the pid 0x3fffff. */
static void test_unseen_end(void **state)
{
	struct faults_table table = { .tick_ns = 10000000 };
	struct sent gone = record_of(0x3fffff, 0x3fffff);
	struct fault_reading reading;
	bool ended = false;

	(void)state;
	put(&gone, FAULT_SLOT_COUNT + FAULT_COW, 1);
	faults_table_begin(&table);
	feed(&table, &gone);
	reading = end(&table);
	assert_int_equal(reading.count, 1);
	assert_false(reading.processes[0]->ended);
	for (int i = 0; i < 1000 && !ended; i++) {
		usleep(10000);
		faults_table_begin(&table);
		reading = end(&table);
		assert_int_equal(reading.count, 1);
		ended = reading.processes[0]->ended;
	}
	assert_true(ended);
	assert_int_equal(reading.processes[0]->sums.count[FAULT_COW], 1);
	faults_table_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums), cmocka_unit_test(test_pending), cmocka_unit_test(test_pending_end),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_stream), cmocka_unit_test(test_unseen_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
