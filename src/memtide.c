/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memtide: who holds the memory. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/run.h"
#include "util/buf.h"
#include "util/err.h"

/* Prints OUT on standard output; 0, or 1 with ERR set. */
static int print(struct buf *out, struct err *err)
{
	int failed = out->failed;

	if (failed)
		err_set(err, "out of memory");
	else if (fwrite(out->data, 1, out->len, stdout) != out->len || fflush(stdout)) {
		failed = errno != EPIPE;
		err_set(err, "standard output: %s", strerror(errno));
	}
	buf_free(out);
	return failed ? 1 : 0;
}

/* Samples are large, equal and short-lived: glibc's growing thresholds would keep the memory of several. */
static void keep_memory_small(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
	mallopt(M_TRIM_THRESHOLD, 128 << 10);
#endif
}

int main(int argc, char **argv)
{
	static struct options options;
	struct buf out = { 0 };
	struct err err = { "" };
	int status = 2;

	keep_memory_small();
	switch (options_parse(argc, argv, &options, &err)) {
	case OPTIONS_RUN:
		status = run(&options, &err);
		break;
	case OPTIONS_HELP:
		options_print_help(&out);
		status = print(&out, &err);
		break;
	case OPTIONS_VERSION:
		options_print_version(&out);
		status = print(&out, &err);
		break;
	case OPTIONS_LIST_FIELDS:
		options_print_fields(&options, &out);
		status = print(&out, &err);
		break;
	case OPTIONS_USAGE_ERROR:
		break;
	}
	options_free(&options);
	if (status && *err.text)
		fprintf(stderr, "memtide: %s\n", err.text);
	return status;
}
