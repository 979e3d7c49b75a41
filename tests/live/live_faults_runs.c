/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault probe is read while threads are in the middle of faults that follow each other, of one kind and of another: what is shown
 * never exceeds what the kernel accounts, and in the end each kind is there as often as it was taken. A thread that execs gets the pid of
 * the first one, and loses none of its faults over it.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"
#include "fault_reader.h"
#include "gen.h"
#include "tap.h"

enum { THREADS = 3, ROUNDS = 2000, PAGES = 64, LONGEST_RUN = 7, EXEC_PAGES = 2000 };

static struct rootfs root;

/* -- read meanwhile ---------------------------------------------------------------------------------------- */

static pthread_barrier_t begin, end;

/* Runs of writes and of reads, each one page longer than the one before, again and again in the same mapping. */
static void take_rounds(char *memory, size_t page, unsigned rounds)
{
	for (unsigned round = 0; round < rounds; round++) {
		size_t length = 1 + round % LONGEST_RUN;

		for (size_t i = 0; i < PAGES; i++) {
			if (i / length % 2)
				(void)*(volatile char *)(memory + i * page);
			else
				*(volatile char *)(memory + i * page) = 1;
		}
		madvise(memory, PAGES * page, MADV_DONTNEED);
	}
}

static uint64_t pages_written(unsigned rounds)
{
	uint64_t written = 0;

	for (unsigned round = 0; round < rounds; round++)
		for (size_t i = 0; i < PAGES; i++)
			written += !(i / (1 + round % LONGEST_RUN) % 2);
	return written;
}

static void *take_turns(void *unused)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)unused;
	if (memory == MAP_FAILED)
		_exit(3);
	madvise(memory, PAGES * page, MADV_NOHUGEPAGE);
	take_rounds(memory, page, 1);
	for (;;) {
		pthread_barrier_wait(&end);
		pthread_barrier_wait(&begin);
		take_rounds(memory, page, ROUNDS);
	}
	return NULL;
}

static void act(char letter, void *unused)
{
	pthread_t threads[THREADS];

	(void)unused;
	if (letter == 'p') {
		pthread_barrier_init(&begin, NULL, THREADS + 1);
		pthread_barrier_init(&end, NULL, THREADS + 1);
		for (int i = 0; i < THREADS; i++)
			pthread_create(&threads[i], NULL, take_turns, NULL);
	} else {
		pthread_barrier_wait(&begin);
	}
	pthread_barrier_wait(&end);
}

/* How many times of CLASS are in the machine's histogram. */
static uint64_t timed(const struct fault_reading *reading, enum fault_class class)
{
	uint64_t sum = 0;

	for (unsigned bucket = 0; bucket < FAULT_BUCKETS; bucket++)
		sum += reading->buckets[class][bucket];
	return sum;
}

/* PERF: the end of a fault is told by a perf event, of which the kernel may leave out some (6.12-rt). */
static void test_meanwhile(struct faults *faults, const char *tier, bool perf)
{
	uint64_t written = THREADS * pages_written(ROUNDS), taken = (uint64_t)THREADS * ROUNDS * PAGES,
		 too_many = 0, readings = 0;
	uint64_t shown_before, shown, counted, missed, unknown, timed_before, timed_after, machine_before,
		machine_after;
	struct fault_sums before, after, grown;
	struct fault_reading reading;
	struct pollfd answer;
	struct actor actor;
	char letter = 'r';

	actor_start(&actor, act, NULL);
	actor_do(&actor, 'p');
	actor_do(&actor, letter);
	reader_read(faults, &reading);
	before = reading_sums(&reading, actor.pid);
	timed_before = timed(&reading, FAULT_DEMAND_ZERO);
	machine_before = reading.machine.count[FAULT_DEMAND_ZERO];
	shown_before = gen_faults(actor.pid);
	missed = programs_missed();
	answer = (struct pollfd){ .fd = actor.from, .events = POLLIN };
	if (write(actor.to, &letter, 1) != 1)
		tap_bail("a child ended before its time");
	do {
		reader_read(faults, &reading);
		after = reading_sums(&reading, actor.pid);
		counted = sums_accounted(&after) - sums_accounted(&before);
		too_many += counted > gen_faults(actor.pid) - shown_before;
		readings++;
	} while (!poll(&answer, 1, 0));
	if (read(actor.from, &letter, 1) != 1)
		tap_bail("a child ended before its time");
	reader_read(faults, &reading);
	after = reading_sums(&reading, actor.pid);
	shown = gen_faults(actor.pid) - shown_before;
	timed_after = timed(&reading, FAULT_DEMAND_ZERO);
	reader_read(faults, &reading);
	machine_after = reading.machine.count[FAULT_DEMAND_ZERO];
	missed = programs_missed() - missed;
	grown = sums_growth(&before, &after);
	tap_ok(!too_many && readings > 1,
	       "%s: at no time are there more than the kernel accounts (%" PRIu64 " of %" PRIu64 " readings)",
	       tier, too_many, readings);
	unknown = taken - grown.count[FAULT_DEMAND_ZERO] - grown.count[FAULT_ZERO_PAGE];
	tap_ok(grown.count[FAULT_DEMAND_ZERO] <= written && grown.count[FAULT_ZERO_PAGE] <= taken - written &&
		       unknown <= missed,
	       "%s: %" PRIu64 " of %" PRIu64 " writes, %" PRIu64 " of %" PRIu64 " reads, %" PRIu64 " missed",
	       tier, grown.count[FAULT_DEMAND_ZERO], written, grown.count[FAULT_ZERO_PAGE], taken - written,
	       missed);
	tap_ok(sums_accounted(&grown) == shown, "%s: together %" PRIu64 " of %" PRIu64, tier,
	       sums_accounted(&grown), shown);
	tap_ok(grown.memory[FAULT_IN_ANON] + missed >= taken,
	       "%s: all of them in anonymous memory (%" PRIu64 ")", tier, grown.memory[FAULT_IN_ANON]);
	tap_ok(grown.ns[FAULT_DEMAND_ZERO] && grown.ns[FAULT_ZERO_PAGE], "%s: both took their time", tier);
	/* Others go on meanwhile: they are in the machine's count, which is read later. One fault of each thread may be open in the end. */
	tap_ok((perf || timed_after - timed_before + missed + THREADS >= written) &&
		       timed_after - timed_before <= machine_after - machine_before + missed + THREADS,
	       "%s: the histogram has %" PRIu64 " writes, of %" PRIu64 " and others, %" PRIu64 " together",
	       tier, timed_after - timed_before, written, machine_after - machine_before);
	actor_end(&actor);
}

/* -- exec -------------------------------------------------------------------------------------------------- */

static int go[2], ready[2];

/* More than the program that it becomes needs: what would be told twice would else be made up for by that. */
static void touch_pages(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory =
		mmap(NULL, EXEC_PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(3);
	madvise(memory, EXEC_PAGES * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < EXEC_PAGES; i++)
		*(volatile char *)(memory + i * page) = 1;
}

static void *touch_and_exec(void *unused)
{
	char letter = 'x';

	(void)unused;
	/* Once in vain, so that nothing more is faulted in between the pages and the new program. */
	execl("/", "sh", "-c", "echo x; read x", (char *)NULL);
	touch_pages();
	if (write(ready[1], &letter, 1) == 1 && read(go[0], &letter, 1) == 1)
		execl("/bin/sh", "sh", "-c", "echo x; read x", (char *)NULL);
	_exit(3);
}

static void test_exec(struct faults *faults, const char *tier)
{
	uint64_t counted = 0, shown = 0;
	struct fault_reading reading;
	struct fault_sums sums;
	pthread_t thread;
	char letter;
	pid_t pid;

	if (pipe(go) || pipe(ready))
		tap_bail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(go[0], STDIN_FILENO);
		dup2(ready[1], STDOUT_FILENO);
		pthread_create(&thread, NULL, touch_and_exec, NULL);
		touch_pages();
		for (;;)
			pause();
	}
	if (read(ready[0], &letter, 1) != 1)
		tap_bail("the child ended");
	usleep(READER_PAUSE_US);	/* so that the first thread waits, too */
	reader_read(faults, &reading);
	if (write(go[1], "x", 1) != 1 || read(ready[0], &letter, 1) != 1)
		tap_bail("the child could not exec");
	for (int i = 0; i < READER_PATIENCE && (!i || counted != shown); i++) {
		usleep(i ? READER_PAUSE_US : 0);
		reader_read(faults, &reading);
		sums = reading_sums(&reading, pid);
		counted = sums_accounted(&sums);
		shown = gen_faults(pid);
	}
	for (unsigned class = 0; counted != shown && class < FAULT_CLASSES; class++)
		tap_note("%s %" PRIu64, fault_class_key((enum fault_class)class), sums.count[class]);
	tap_ok(counted == shown, "%s: after exec by a thread that was not the first %" PRIu64 " of %" PRIu64,
	       tier, counted, shown);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(go[0]);
	close(go[1]);
	close(ready[0]);
	close(ready[1]);
}

static void test_tier(enum fault_tier tier)
{
	struct faults_config config = { .tier = (int)tier, .part = FAULT_PART_LATENCY };
	struct probe_status status;
	struct faults *faults;
	struct err err;

	faults = faults_open(&root, &config, &status, &err);
	if (!faults) {
		reader_lacks(tier, &err);
		return;
	}
	test_meanwhile(faults, faults_tier_name(tier), status.completion && strstr(status.completion, "perf"));
	test_exec(faults, faults_tier_name(tier));
	faults_close(faults);
}

int main(void)
{
	struct err err;

	signal(SIGPIPE, SIG_IGN);
	if (rootfs_open(&root, NULL, &err))
		tap_bail("%s", err.text);
	for (int tier = FAULT_TIER_FENTRY; tier <= FAULT_TIER_TRACEPOINT; tier++)
		test_tier((enum fault_tier)tier);
	rootfs_close(&root);
	return tap_done();
}
