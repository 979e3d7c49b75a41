/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultgen: options, the handshake and the line that says what happened; see faultgen.h. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "faultgen.h"

enum { EXIT_USAGE = 2, EXIT_SKIP = 77, COUNT_MAX = 10 * 1000 * 1000 };

struct options {
	const struct fault_class *class;
	double delay, hold;	/* seconds */
	bool handshake;
};

static const char usage_text[] =
	"usage: faultgen -c CLASS [-n COUNT] [-t THREADS] [-d DIR] [--delay SECONDS] [--hold SECONDS]\n"
	"                [--resolve SECONDS] [--handshake]\n"
	"       faultgen --list\n"
	"Makes COUNT (1000) page faults of a class and prints what the kernel accounted for them,\n"
	"process and sum of threads, in one line (item_bytes: how far apart):\n"
	"  class=NAME requested=N threads=N page_bytes=N item_bytes=N expect_minor=N expect_major=N minor=N\n"
	"  major=N thread_minor=N thread_major=N wall_ns=N\n"
	"  class=NAME requested=N skip=REASON           exit status 77: this machine can't\n"
	"With --handshake it prints \"ready PID\", starts when a line comes in, and after its result stays\n"
	"until another line or the end of the input comes. From ready to then it takes no fault but those\n"
	"asked for.\n"
	"--delay waits before the faults, --hold after them, --resolve before userfaults are resolved, as\n"
	"many at once as there are threads. Files are made in DIR (TMPDIR, or /var/tmp).\n";

static int classes_list(void)
{
	for (const struct fault_class *class = fault_classes; class->name; class++) {
		printf("%-18s minor %d major %d%s  %s", class->name, class->minor, class->major,
		       class->single ? " single" : "       ", class->help);
		if (class->major_before)
			printf("; major before %d.%d", class->major_before / 1000, class->major_before % 1000);
		if (class->needs)
			printf(" (needs %s)", class->needs);
		putchar('\n');
	}
	return 0;
}

static void usage_exit(const char *why, const char *what)
{
	if (why)
		fprintf(stderr, "faultgen: %s: %s\n", what, why);
	fputs(usage_text, why ? stderr : stdout);
	exit(why ? EXIT_USAGE : 0);
}

static size_t number_option(const char *text, size_t max)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || !number || number > max)
		usage_exit("not a number, or out of range", text);
	return (size_t)number;
}

static double seconds_option(const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0 && seconds <= 86400))
		usage_exit("not a number of seconds", text);
	return seconds;
}

static const struct fault_class *class_option(const char *name)
{
	for (const struct fault_class *class = fault_classes; class->name; class++)
		if (!strcmp(class->name, name))
			return class;
	usage_exit("no such class (see --list)", name);
	return NULL;
}

static void options_read(int argc, char **argv, struct options *options, struct faultgen *gen)
{
	static const struct option names[] = {
		{ "class", required_argument, NULL, 'c' }, { "count", required_argument, NULL, 'n' },
		{ "threads", required_argument, NULL, 't' }, { "dir", required_argument, NULL, 'd' },
		{ "delay", required_argument, NULL, 'D' }, { "hold", required_argument, NULL, 'H' },
		{ "resolve", required_argument, NULL, 'R' },
		{ "handshake", no_argument, NULL, 's' }, { "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};

	for (int option; (option = getopt_long(argc, argv, "c:n:t:d:h", names, NULL)) != -1;) {
		switch (option) {
		case 'c': options->class = class_option(optarg); break;
		case 'n': gen->count = number_option(optarg, COUNT_MAX); break;
		case 't': gen->threads = (unsigned)number_option(optarg, THREADS_MAX); break;
		case 'd': gen->dir = optarg; break;
		case 'D': options->delay = seconds_option(optarg); break;
		case 'H': options->hold = seconds_option(optarg); break;
		case 'R': gen->resolve = seconds_option(optarg); break;
		case 's': options->handshake = true; break;
		case 'l': exit(classes_list());
		case 'h': usage_exit(NULL, NULL); break;
		default: exit(EXIT_USAGE);
		}
	}
	if (optind < argc)
		usage_exit("no arguments are taken", argv[optind]);
	if (!options->class)
		usage_exit("a class must be named", "-c");
	if (options->class->single && gen->threads > 1)
		usage_exit("only one thread can do this", options->class->name);
}

static void machine_read(struct faultgen *gen)
{
	struct utsname name;
	unsigned major, minor;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		faultgen_die("uname");
	gen->kernel = KERNEL(major, minor);
	gen->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
}

/* A whole line, or the end of the input. */
static void line_wait(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
		;
}

static void line_write(const char *text)
{
	size_t length = strlen(text);

	if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
		exit(1);
}

static void result_format(const struct options *options, const struct faultgen *gen,
			  const struct result *result, char *line, size_t size)
{
	struct usage expected = class_expected(options->class, gen);

	snprintf(line, size, "class=%s requested=%zu threads=%u page_bytes=%zu item_bytes=%zu expect_minor=%ld "
		 "expect_major=%ld minor=%ld major=%ld thread_minor=%ld thread_major=%ld wall_ns=%llu\n",
		 options->class->name, gen->count, gen->threads, gen->page_bytes, gen->item_bytes,
		 expected.minor, expected.major, result->process.minor, result->process.major,
		 result->threads.minor, result->threads.major, (unsigned long long)result->wall_ns);
}

static int skip(const struct options *options, struct faultgen *gen)
{
	printf("class=%s requested=%zu skip=%s\n", options->class->name, gen->count, gen->reason);
	faultgen_release(gen);
	return EXIT_SKIP;
}

static int run(const struct options *options, struct faultgen *gen)
{
	const struct fault_class *class = options->class;
	struct result result = { 0 };
	char line[512], ready[32];

	if (class->setup(gen) || phase_prepare(class, gen))
		return skip(options, gen);
	/* What comes after the phase has been done once, too. */
	result_format(options, gen, &result, line, sizeof(line));
	snprintf(ready, sizeof(ready), "ready %d\n", (int)getpid());
	pause_for(0);
	if (options->handshake) {
		line_write(ready);
		line_wait();
	}
	pause_for(options->delay);
	phase_run(&result);
	if (class->check && class->check(gen, 0, gen->count))
		return skip(options, gen);
	result_format(options, gen, &result, line, sizeof(line));
	line_write(line);
	pause_for(options->hold);
	if (options->handshake)
		line_wait();
	phase_end();
	if (class->teardown)
		class->teardown(gen);
	faultgen_release(gen);
	return 0;
}

int main(int argc, char **argv)
{
	const char *dir = getenv("TMPDIR");
	struct faultgen gen = { .count = 1000, .threads = 1, .fd = -1, .dir = dir && *dir ? dir : "/var/tmp" };
	struct options options = { 0 };

	options_read(argc, argv, &options, &gen);
	machine_read(&gen);
	gen.items = gen.count + gen.threads;
	/* Inherited by children. What it can't turn off, huge pages in files, no class has. */
	if (!options.class->huge)
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	/* So that nothing of the program is reclaimed; without the privilege it is only touched
	 * (image_touch). */
	mlockall(MCL_CURRENT);
	return run(&options, &gen);
}
