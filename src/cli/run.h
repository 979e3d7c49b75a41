/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running memtide as the options say: samples to standard output, as a batch or as a live table. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli/options.h"
#include "util/err.h"

/* Exit status: 0 done (also when the reader of a pipe has gone), 1 failed, 2 usage; with ERR set unless 0. */
int run(struct options *options, struct err *err);

#endif
