/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running memtide as the options say: samples to standard output, or on a screen of its own. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli/options.h"
#include "sampler/sampler.h"
#include "util/err.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Exit status: 0 done (also when the reader of a pipe has gone), 1 failed, 2 usage; with ERR set unless 0, or empty
 * when there is nobody to tell. */
int run(struct options *options, struct err *err);

/* -- parts of it ------------------------------------------------------------------------------------------ */

/* Where everything is read, and who the users are. */
struct place {
	struct rootfs root;
	struct users *users;
};

int run_batch(struct options *options, struct place *place, struct err *err);
int run_live(struct options *options, struct place *place, struct err *err);

/* Tries every tier of the scan and of the probes, and prints which work here, what keeps the others away, and what that
 * depends on. */
int run_doctor(const struct rootfs *root, struct err *err);

/* For a sampler that begins with NEEDS; it points into *OPTIONS. */
struct sampler_config run_sampler_config(const struct options *options, unsigned needs, int64_t interval_ns);

#endif
