/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile: processes whose names and command lines try to break whoever shows them. Each has a number, its
 * place in the list of cases; the numbers after the list are slices of all 255 bytes that a name can hold.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

enum { ARGUMENTS_MAX = 40, COMM_BYTES = 15, CASES_MAX = 64, PART_BYTES = 100 * 1024, LONG_PARTS = 21 };

static const struct hostile {
	const char *name;			/* for PR_SET_NAME, which cuts at 15 bytes */
	const char *arguments[ARGUMENTS_MAX];
} cases[] = {
	{ "\033[31mred\033[0m", { "\033]0;title\a", "\033[2J\033[H", "\033P1;1|x\033\\" } },
	{ "\033]52;c;aGk=\a", { "x", "\033]52;c;aGVsbG8=\033\\", "\033]8;;http://x\033\\y" } },
	{ "\302\2331mC1\302\2330m", { "\302\235" "52;c;aGk=\302\234", "\233" "31m", "\220q" } },
	{ "\342\200\256gpj.exe",
	  { "\342\200\256cod.exe", "\342\201\246x\342\201\251", "\330\234", "\342\200\217" } },
	{ "bad\300\257\355\240\200\377",
	  { "\300\200", "\355\240\200", "\364\220\200\200", "\342\202", "\200", "\377\376" } },
	{ "a\nb) R 1 1 1", { "two\nlines", "a\r\nb", "tab\there", "\b\b\b\177" } },
	{ "x) Z 0 (y", { ") S 1 1", "(((", "0-0 rwxp" } },
	{ "", { "", "", "" } },
	{ "   ", { " ", "  leading and trailing  " } },
	{ "=1+1,\"q\"", { "=HYPERLINK(\"x\")", "+1", "-1", "@x", "a,b", "\"\"", "a;b" } },
	{ "\"\\u0000\\\"", { "\\", "\"", "\\\"", "{\"record\":\"exit\"}", "\\x1b", "</script>" } },
	{ "a\346\274\242\345\255\227\346\274\242\345\255\227\346\274\242",
	  { "\360\237\222\251", "e\314\201\314\201\314\201" } },
	{ "z\342\200\213w\342\200\250",
	  { "\342\200\250", "\357\273\277", "\302\255", "\342\201\240", "\363\240\201\201" } },
	{ "metric{x=\"1\"} 1", { "# EOF", "# HELP x", "memtide_process_pss_bytes 0" } },
	{ "%s%n%d", { "%n%n%n", "%s", "$(id)", "`id`", "../../etc" } },
	{ "no-arguments", { NULL } },
	{ "two-megabytes", { "long" } },
};

enum { CASES = sizeof(cases) / sizeof(cases[0]), CASE_NONE = CASES - 2, CASE_LONG = CASES - 1,
       SLICES = (255 + COMM_BYTES - 1) / COMM_BYTES, HOSTILE_COUNT = CASES + SLICES };
_Static_assert((int)HOSTILE_COUNT <= (int)CASES_MAX, "pids[] must hold every case");

/* The bytes of slice NUMBER, each value from 1 to 255 in one of them. */
static void slice(unsigned number, char text[COMM_BYTES + 1])
{
	size_t length = 0;

	for (unsigned byte = number * COMM_BYTES + 1; byte <= 255 && length < COMM_BYTES; byte++)
		text[length++] = (char)byte;
	text[length] = '\0';
}

/* Every byte in one argument, twice: in order, and each between letters. */
static void every_byte(char text[1024])
{
	size_t length = 0;

	for (unsigned byte = 1; byte <= 255; byte++)
		text[length++] = (char)byte;
	for (unsigned byte = 1; byte <= 255; byte++) {
		text[length++] = 'x';
		text[length++] = (char)byte;
	}
	text[length] = '\0';
}

int hostile_member(unsigned number)
{
	char text[COMM_BYTES + 1];

	if (number >= HOSTILE_COUNT)
		return 2;
	if (number >= CASES)
		slice(number - CASES, text);
	prctl(PR_SET_NAME, number < CASES ? cases[number].name : text);
	if (write(STDOUT_FILENO, "r", 1) != 1)
		return 1;
	close(STDOUT_FILENO);
	for (;;)
		pause();
}

/* In the forked child: becomes member NUMBER. */
__attribute__((noreturn)) static void become(unsigned number)
{
	static char bytes[1024], part[PART_BYTES + 1], variable[64];
	char *arguments[ARGUMENTS_MAX + 1] = { NULL };
	char *environment[] = { variable, NULL };
	struct rlimit stack = { .rlim_cur = (rlim_t)(32 * MIB), .rlim_max = RLIM_INFINITY };

	snprintf(variable, sizeof(variable), HOSTILE_ENV "=%u", number);
	if (number >= CASES) {
		every_byte(bytes);
		arguments[0] = bytes;
	} else if (number == CASE_LONG) {
		/* One argument may have 128 KiB; all together a quarter of the stack limit. */
		memset(part, 'L', PART_BYTES);
		for (int i = 0; i < LONG_PARTS; i++)
			arguments[i] = part;
		if (getrlimit(RLIMIT_STACK, &stack) == 0) {
			stack.rlim_cur = (rlim_t)(32 * MIB);
			setrlimit(RLIMIT_STACK, &stack);
		}
	} else {
		for (int i = 0; i < ARGUMENTS_MAX && cases[number].arguments[i]; i++)
			arguments[i] = strdup(cases[number].arguments[i]);
	}
	execve("/proc/self/exe", arguments, environment);
	die("execve");
}

static bool member_start(unsigned number, pid_t *pid)
{
	pid_t parent = getpid();
	int ready[2];
	char byte;
	bool good;

	if (pipe(ready) < 0)
		die("pipe");
	*pid = fork();
	if (*pid < 0)
		die("fork");
	if (*pid == 0) {
		end_with_parent(parent, SIGKILL);
		dup2(ready[1], STDOUT_FILENO);
		close(ready[0]);
		close(ready[1]);
		become(number);
	}
	close(ready[1]);
	good = read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	return good;
}

static void no_command(const char *line, void *context)
{
	(void)line;
	(void)context;
	say("error quit");
}

int hostile_main(int argc, char **argv)
{
	static pid_t pids[CASES_MAX];
	long first = argc > 1 ? number_arg("FIRST", argv[1], 0, HOSTILE_COUNT - 1) : 0;
	long last = argc > 2 ? number_arg("LAST", argv[2], first, HOSTILE_COUNT - 1) : HOSTILE_COUNT - 1;
	int status = 0;

	for (long i = first; i <= last; i++) {
		if (!member_start((unsigned)i, &pids[i])) {
			fprintf(stderr, "memtide-load: hostile: case %ld did not start\n", i);
			status = 1;
		}
	}
	printf("ready first=%ld last=%ld pids=", first, last);
	for (long i = first; i <= last; i++)
		printf("%s%d", i > first ? "," : "", (int)pids[i]);
	say("%s", "");
	command_loop(no_command, NULL);
	for (long i = first; i <= last; i++)
		kill(pids[i], SIGKILL);
	for (long i = first; i <= last; i++)
		while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
			;
	return status;
}
