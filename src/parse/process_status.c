/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/status (fs/proc/array.c, proc_pid_status; the Vm and Rss lines: fs/proc/task_mmu.c, task_mem). */
#include "parse/process.h"
#include "parse/scan.h"

enum shape { KIB, NUMBER, SECOND_NUMBER, COUNT_OF_NUMBERS };

#define KEY(name) name ":", sizeof(name)

/* In the kernel's order, so that the next key is nearly always the one that comes next. */
static const struct key {
	const char *name;
	size_t len;
	enum status_field field;
	enum shape shape;
} keys[] = {
	{ KEY("Tgid"), STATUS_TGID, NUMBER },
	{ KEY("Uid"), STATUS_UID_EFFECTIVE, SECOND_NUMBER },
	{ KEY("NSpid"), STATUS_NSPID_DEPTH, COUNT_OF_NUMBERS },
	{ KEY("VmSize"), STATUS_VMSIZE, KIB },
	{ KEY("VmLck"), STATUS_VMLCK, KIB },
	{ KEY("VmHWM"), STATUS_VMHWM, KIB },
	{ KEY("VmRSS"), STATUS_VMRSS, KIB },
	{ KEY("RssAnon"), STATUS_RSSANON, KIB },
	{ KEY("RssFile"), STATUS_RSSFILE, KIB },
	{ KEY("RssShmem"), STATUS_RSSSHMEM, KIB },
	{ KEY("VmPTE"), STATUS_VMPTE, KIB },
	{ KEY("VmSwap"), STATUS_VMSWAP, KIB },
	{ KEY("Threads"), STATUS_THREADS, NUMBER },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* The numbers from P to END, separated by blanks: how many there are, the first and the second. -1 when
 * there is anything else. */
static int64_t read_numbers(const char *p, const char *end, int64_t first[2])
{
	int64_t count = 0;

	for (p = scan_blanks(p, end); p < end; p = scan_blanks(p, end)) {
		uint64_t number;

		if (num_u64(&p, end, &number) || number > INT64_MAX)
			return -1;
		if (p < end && *p != ' ' && *p != '\t')
			return -1;
		if (count < 2)
			first[count] = (int64_t)number;
		count++;
	}
	return count;
}

static bool read_value(const struct key *key, const char *p, const char *end, int64_t *value)
{
	int64_t first[2], count;

	if (key->shape == KIB)
		return !scan_kib(p, end, value);
	count = read_numbers(p, end, first);
	switch (key->shape) {
	case NUMBER:
		*value = first[0];
		return count == 1;
	case SECOND_NUMBER:
		*value = first[1];
		return count >= 2;
	default:
		*value = count;
		return count >= 1;
	}
}

int parse_status(const char *text, size_t len, struct parse_status *status)
{
	const char *p = text, *end = text + len, *line, *line_end;
	unsigned next = 0;

	*status = (struct parse_status){ .have = 0 };
	while (scan_line(&p, end, &line, &line_end)) {
		if (line_end == end)
			break;	/* no newline: cut off, "Threads: 1" may have been 12 */
		for (unsigned tried = 0; tried < KEYS; tried++) {
			const struct key *key = &keys[(next + tried) % KEYS];
			int64_t value;

			if (*line != key->name[0] || !scan_prefix(&line, line_end, key->name, key->len))
				continue;
			next = (next + tried + 1) % KEYS;
			if (!read_value(key, line, line_end, &value))
				break;
			status->v[key->field] = value;
			status->have |= 1u << key->field;
			break;
		}
	}
	return 0;
}
