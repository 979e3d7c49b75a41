/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * faultgen makes a known number of page faults of one class, and nothing else: between "ready" and its result
 * the process takes no other fault. What it counts is the kernel's own accounting (getrusage).
 *
 * A class works on items, one fault each, that lie item_bytes apart. Beside the `count` items that are measured
 * there is one for each thread to warm up with: it runs the very code of the measured phase, so that text,
 * stacks, signal frames and helpers are in place. No class allocates, maps (but populate) or calls what may do
 * so while it runs.
 */
#ifndef MEMTIDE_TESTS_FAULTGEN_H
#define MEMTIDE_TESTS_FAULTGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define KERNEL(major, minor) ((major) * 1000 + (minor))

enum { THREADS_MAX = 256, REASON_BYTES = 160 };

struct faultgen {
	/* asked for */
	size_t count;		/* items to measure */
	unsigned threads;	/* that share them, 1 to THREADS_MAX */
	const char *dir;	/* where files are made */
	double resolve;		/* seconds until a userfault is resolved */
	/* of the machine */
	size_t page_bytes;
	unsigned kernel;	/* KERNEL() of what uname says */
	/* of the class, from setup */
	size_t items;		/* count + threads */
	size_t item_bytes;
	char *base;		/* of the items; NULL when they have no memory of this process */
	int fd;			/* the file they map, or -1 */
	pid_t child;		/* a process that holds or is looked into, or 0 */
	char reason[REASON_BYTES];
};

struct fault_class {
	const char *name, *help;
	const char *needs;	/* beside an ordinary process; NULL for nothing */
	/* Makes the items. 0, or -1 with the reason why not here (faultgen_skip). */
	int (*setup)(struct faultgen *gen);
	/* Takes the faults of items FIRST to FIRST + COUNT - 1; called by each thread with its own share. */
	void (*run)(struct faultgen *gen, size_t first, size_t count);
	/* Whether these items became what they should. Also after the warm-up. May be NULL. 0, or -1 with
	 * the reason. */
	int (*check)(struct faultgen *gen, size_t first, size_t count);
	/* What faultgen_release() doesn't know of. May be NULL. */
	void (*teardown)(struct faultgen *gen);
	unsigned char minor, major;	/* of an item, as the kernel accounts it */
	/* Before this KERNEL() its minor fault was accounted as a major one: the handler was entered again
	 * with TRIED. */
	unsigned short major_before;
	bool single;			/* only the main thread can do it */
	bool huge;			/* not with transparent huge pages turned off for the process */
};

/* The table of all classes, ended by one without a name (classes.c). */
extern const struct fault_class fault_classes[];

/* What the kernel should account for COUNT items of CLASS. */
struct usage {
	long minor, major;
};
struct usage class_expected(const struct fault_class *class, const struct faultgen *gen);

/* -- phase.c: who runs, and what is counted ---------------------------------------------------------------- */

struct result {
	struct usage process;	/* RUSAGE_SELF around the phase */
	struct usage threads;	/* the sum of RUSAGE_THREAD, each around its share */
	uint64_t wall_ns;
};

/* Starts the threads and warms up; gen->base and the rest stand since setup. -1 with the reason when no
 * thread could. */
int phase_prepare(const struct fault_class *class, struct faultgen *gen);

/* The measured phase. Only once. */
void phase_run(struct result *result);

void phase_end(void);

/* Maps every page of the program and the part of the stack it will need, writable where they are so. */
void image_touch(void);

/* -- region.c: what the classes share ---------------------------------------------------------------------- */

/* Notes why CLASS can't be had here; always -1, for `return faultgen_skip(...)`. */
int faultgen_skip(struct faultgen *gen, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Something that always works did not: says so and exits with 1. */
void faultgen_die(const char *what) __attribute__((noreturn));

void pause_for(double seconds);

/* Maps all items, ITEM_BYTES each (a multiple of the page size; FLAGS as mmap), gen->fd from its start
 * unless -1. The address is a multiple of ITEM_BYTES. */
int region_map(struct faultgen *gen, size_t item_bytes, int prot, int flags);

/* Reads or writes one byte in each item: the `run` of most classes, and the preparation of others. */
void region_read(struct faultgen *gen, size_t first, size_t count);
void region_write(struct faultgen *gen, size_t first, size_t count);

/* A copy of this process that calls ACT (unless NULL) and then sleeps until faultgen ends; returns when ACT
 * is done. */
int child_start(struct faultgen *gen, void (*act)(struct faultgen *gen));

/* Unmaps, closes, ends the child. */
void faultgen_release(struct faultgen *gen);

/* The number that FILE starts with or that follows KEY in it; -1 when there is none. */
long long file_number(const char *path, const char *key);

/* -- the classes, a file a subject ------------------------------------------------------------------------- */

/* anon.c */
int anon_setup(struct faultgen *gen);
int zero_page_write_setup(struct faultgen *gen);
int refault_setup(struct faultgen *gen);
int cow_setup(struct faultgen *gen);
int cow_check(struct faultgen *gen, size_t first, size_t count);
void frames_note(struct faultgen *gen);	/* of which cow_check() says that the items left them */
int wp_reuse_setup(struct faultgen *gen);
int wp_reuse_check(struct faultgen *gen, size_t first, size_t count);
int populate_setup(struct faultgen *gen);
void populate_run(struct faultgen *gen, size_t first, size_t count);
int mlock_setup(struct faultgen *gen);
void mlock_run(struct faultgen *gen, size_t first, size_t count);
int stack_setup(struct faultgen *gen);
void stack_run(struct faultgen *gen, size_t first, size_t count);

/* file.c */
int cow_file_mapped_setup(struct faultgen *gen);
int cow_file_unmapped_setup(struct faultgen *gen);
int cow_data_setup(struct faultgen *gen);
int file_minor_setup(struct faultgen *gen);
int file_major_setup(struct faultgen *gen);
int shared_write_setup(struct faultgen *gen);
int shared_write_shm_setup(struct faultgen *gen);
int mkwrite_setup(struct faultgen *gen);

/* swap.c */
int swap_in_setup(struct faultgen *gen);
int swap_cache_setup(struct faultgen *gen);

/* huge.c */
int thp_setup(struct faultgen *gen);
int thp_check(struct faultgen *gen, size_t first, size_t count);
int mthp_setup(struct faultgen *gen);
int mthp_check(struct faultgen *gen, size_t first, size_t count);
int hugetlb_setup(struct faultgen *gen);

/* userfault.c */
int userfault_setup(struct faultgen *gen);
void userfault_teardown(struct faultgen *gen);

/* signal.c */
int sigbus_setup(struct faultgen *gen);
int invalid_setup(struct faultgen *gen);
void signal_run(struct faultgen *gen, size_t first, size_t count);
int signal_check(struct faultgen *gen, size_t first, size_t count);

/* remote.c */
int remote_read_setup(struct faultgen *gen);
void remote_read_run(struct faultgen *gen, size_t first, size_t count);
int remote_peek_setup(struct faultgen *gen);
void remote_peek_run(struct faultgen *gen, size_t first, size_t count);

#endif
