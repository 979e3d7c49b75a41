/* SPDX-License-Identifier: GPL-2.0-or-later */
/* many-threads: fault counts of living and of dead threads belong to the process. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "load.h"

enum { THREADS_MAX = 4096, THREAD_STACK = 65536, FAULT_PAGES_MAX = 65536 };

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t turn, done;
	pthread_t threads[THREADS_MAX];
	long count;
	unsigned round;		/* grows with every order */
	long pages;		/* order: touch so many fresh pages each */
	long first_to_end;	/* order: threads from here on end */
	long waiting;		/* answers outstanding */
};

static struct crew crew = { .lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER,
			    .done = PTHREAD_COND_INITIALIZER };

static void answer(void)
{
	if (--crew.waiting == 0)
		pthread_cond_signal(&crew.done);
}

static void *thread_run(void *number_as_pointer)
{
	long number = (long)(intptr_t)number_as_pointer;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned round;
	bool ends = false;

	pthread_mutex_lock(&crew.lock);
	round = crew.round;
	answer();
	while (!ends) {
		size_t bytes;

		while (crew.round == round)
			pthread_cond_wait(&crew.turn, &crew.lock);
		round = crew.round;
		bytes = (size_t)crew.pages * page;
		ends = number >= crew.first_to_end;
		pthread_mutex_unlock(&crew.lock);
		if (bytes) {
			unsigned char *memory = private_map(bytes);

			pages_write(memory, bytes, 1);
			munmap(memory, bytes);
		}
		pthread_mutex_lock(&crew.lock);
		answer();
	}
	pthread_mutex_unlock(&crew.lock);
	return NULL;
}

static void order(long pages, long first_to_end)
{
	pthread_mutex_lock(&crew.lock);
	crew.pages = pages;
	crew.first_to_end = first_to_end;
	crew.waiting = crew.count;
	crew.round++;
	pthread_cond_broadcast(&crew.turn);
	while (crew.waiting)
		pthread_cond_wait(&crew.done, &crew.lock);
	pthread_mutex_unlock(&crew.lock);
	for (; crew.count > first_to_end; crew.count--)
		pthread_join(crew.threads[crew.count - 1], NULL);
}

static void start(long count)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, THREAD_STACK);
	pthread_mutex_lock(&crew.lock);
	for (long i = 0; i < count; i++) {
		crew.waiting++;
		if (pthread_create(&crew.threads[crew.count], &attributes, thread_run,
				   (void *)(intptr_t)crew.count) != 0)
			die("pthread_create");
		crew.count++;
	}
	while (crew.waiting)
		pthread_cond_wait(&crew.done, &crew.lock);
	pthread_mutex_unlock(&crew.lock);
	pthread_attr_destroy(&attributes);
}

static void say_usage(const char *word)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	say("%s pid=%d threads=%ld minor=%ld major=%ld", word, (int)getpid(), crew.count + 1, usage.ru_minflt,
	    usage.ru_majflt);
}

static void threads_command(const char *line, void *context)
{
	long number = 0;

	(void)context;
	if (sscanf(line, "fault %ld", &number) == 1 && number >= 1 && number <= FAULT_PAGES_MAX)
		order(number, crew.count);
	else if (sscanf(line, "end %ld", &number) == 1 && number >= 1 && number <= crew.count)
		order(0, crew.count - number);
	else if (sscanf(line, "start %ld", &number) == 1 && number >= 1 && number <= THREADS_MAX - crew.count)
		start(number);
	else if (strcmp(line, "usage") != 0) {
		say("error fault PAGES, end COUNT, start COUNT or usage");
		return;
	}
	say_usage("ok");
}

int many_threads_main(int argc, char **argv)
{
	start(number_arg("many-threads", argc > 1 ? argv[1] : NULL, 1, THREADS_MAX));
	say_usage("ready");
	command_loop(threads_command, NULL);
	return 0;
}
