/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memtide-load: processes with known memory behaviour, for benchmarks and live tests.
 *
 * Every mode prints one line "ready key=value ..." when what it promises is in place. Modes that take commands
 * then read one per line from stdin and answer each by one line, "ok key=value ..." or "error why". "quit", the
 * end of stdin, SIGTERM and the death of the parent end a mode with all its children. No mode needs privileges.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MIB ((size_t)1 << 20)

/* Modes: ARGV[0] is the mode's name. They return an exit status. */
int population_main(int argc, char **argv);
int population_member(int argc, char **argv);	/* what a process of the population executes */
int fork_exit_main(int argc, char **argv);
int memfd_main(int argc, char **argv);
int file_sharer_main(int argc, char **argv);
int mmap_loop_main(int argc, char **argv);
int forkbomb_main(int argc, char **argv);
int many_threads_main(int argc, char **argv);
int faults_main(int argc, char **argv);
int storm_main(int argc, char **argv);
int hostile_main(int argc, char **argv);
int hostile_member(unsigned number);		/* what a process of hostile_main executes */

/* The environment variable by which hostile_main tells a member, whose arguments are not its own, its
 * number. */
#define HOSTILE_ENV "MEMTIDE_LOAD_HOSTILE"

/* -- common.c ------------------------------------------------------------------------------------------- */

/* Ends the program with "memtide-load: WHAT: errno's text" and status 1. */
__attribute__((noreturn)) void die(const char *what);

/* One whole line to stdout, flushed. */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

/* A decimal number from TEXT in MIN..MAX, else usage error naming WHAT and exit status 2. */
long number_arg(const char *what, const char *text, long min, long max);

/* This process is to end by SIGNAL when PARENT does; exits at once when PARENT is gone already. */
void end_with_parent(pid_t parent, int signal);

/* Anonymous private memory of BYTES without huge pages, not touched yet. Dies on failure. */
unsigned char *private_map(size_t bytes);

/* Writes to (or reads from) every page of BYTES at MEMORY. */
void pages_write(unsigned char *memory, size_t bytes, unsigned char value);
void pages_read(const unsigned char *memory, size_t bytes);

/* A new file DIR/NAME.PID of BYTES whose data is written and in the page cache; PATH (CAP bytes) gets its
 * name. The descriptor stays open for reading and writing; the caller unlinks. Dies on failure. */
int resident_file(const char *dir, const char *name, size_t bytes, char *path, size_t cap);

/* xorshift64*: *STATE is never 0. */
uint64_t random_next(uint64_t *state);
uint64_t random_seed(uint64_t seed, uint64_t stream);

uint64_t now_ns(void);	/* CLOCK_MONOTONIC */

/* Sleeps until the absolute CLOCK_MONOTONIC time. */
void sleep_until_ns(uint64_t deadline);

/* A child that does what it is told over a pair of pipes. */
struct worker {
	pid_t pid;
	int command_fd, answer_fd;
};

/* Forks a child that answers each command byte c by calling act(c, context) and sending one byte back; it
 * exits when the pipe closes. Dies on failure. */
void worker_start(struct worker *worker, void (*act)(char command, void *context), void *context);

/* Sends COMMAND and waits for the answer. False when the child is gone. */
bool worker_do(struct worker *worker, char command);

/* Ends and reaps the child; harmless when that was done before. */
void worker_end(struct worker *worker);

/* Reads commands from stdin until it ends, "quit" or SIGTERM; calls run(line, context) for each, which
 * answers. */
void command_loop(void (*run)(const char *line, void *context), void *context);

#endif
