/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults by which NUMA balancing learns who uses a page, against the kernel's own count of them. Needs a machine of two nodes that may be
 * turned inside out: balancing is switched on for as long as it takes.
 */
#include "config.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"
#include "fault_reader.h"
#include "tap.h"

#define SWITCH "/proc/sys/kernel/numa_balancing"

enum { PAGES = 4096, ENOUGH = PAGES / 2, SECONDS = 60 };

static struct rootfs root;

/* The first number in the file PATH, or with KEY of the line that begins with it; -1 when there is none. */
static long long number_in(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	long long number = -1;
	char line[256];

	while (file && number < 0 && fgets(line, sizeof line, file))
		if (!strncmp(line, key, strlen(key)))
			number = atoll(line + strlen(key));
	if (file)
		fclose(file);
	return number;
}

static long long hint_faults(void)
{
	return number_in("/proc/vmstat", "numa_hint_faults ");
}

static bool switch_to(const char *state)
{
	FILE *file = fopen(SWITCH, "we");

	return file && fputs(state, file) >= 0 && !fclose(file);
}

static void stay_on(const char *node)
{
	char path[64];
	cpu_set_t cpus;

	snprintf(path, sizeof path, "/sys/devices/system/node/%s/cpulist", node);
	CPU_ZERO(&cpus);
	CPU_SET((size_t)number_in(path, ""), &cpus);
	if (sched_setaffinity(0, sizeof cpus, &cpus))
		_exit(3);
}

/* Pages of one node, used from the other one until the kernel has noticed. */
static void act(char letter, void *unused)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	time_t until = time(NULL) + SECONDS;
	static volatile char *memory;
	long long before;

	(void)unused;
	if (letter == 'p') {
		stay_on("node0");
		memory = resident(PAGES * page, -1, 0, 0);
		stay_on("node1");
		return;
	}
	before = hint_faults();
	while (hint_faults() - before < ENOUGH && time(NULL) < until)
		for (size_t i = 0; i < PAGES * page; i += page)
			memory[i] = 1;
}

static void test_tier(enum fault_tier tier)
{
	struct faults_config config = { .tier = (int)tier, .part = FAULT_PART_CLASSES };
	struct fault_reading reading;
	struct probe_status status;
	uint64_t missed, counted = 0;
	struct faults *faults;
	struct actor actor;
	long long before, shown = 0;
	struct err err;

	faults = faults_open(&root, &config, &status, &err);
	if (!faults) {
		reader_lacks(tier, &err);
		return;
	}
	actor_start(&actor, act, NULL);
	actor_do(&actor, 'p');
	missed = programs_missed();
	before = hint_faults();
	if (!switch_to("1"))
		tap_bail("%s cannot be written", SWITCH);
	actor_do(&actor, 'h');
	/* Pages that are marked may be used while this is read. Switched off, the kernel would go on counting but take no note. */
	for (int i = 0; i < READER_PATIENCE && (!i || counted != (uint64_t)shown); i++) {
		usleep(i ? READER_PAUSE_US : 0);
		reader_read(faults, &reading);
		counted = reading.machine.count[FAULT_NUMA_HINT];
		shown = hint_faults() - before;
	}
	missed = programs_missed() - missed;
	if (!switch_to("0"))
		tap_bail("%s cannot be written", SWITCH);
	tap_ok(shown >= ENOUGH && counted <= (uint64_t)shown && counted + missed >= (uint64_t)shown,
	       "%s: %" PRIu64 " of the %lld faults of /proc/vmstat, %" PRIu64 " missed", faults_tier_name(tier), counted, shown, missed);
	actor_end(&actor);
	faults_close(faults);
}

int main(void)
{
	struct err err;

	if (!getenv("MEMTIDE_DISPOSABLE") || access("/sys/devices/system/node/node1", F_OK) || access(SWITCH, W_OK)) {
		tap_skip("NUMA balancing", "needs a virtual machine of two nodes");
		return tap_done();
	}
	if (rootfs_open(&root, NULL, &err))
		tap_bail("%s", err.text);
	for (int tier = FAULT_TIER_FENTRY; tier <= FAULT_TIER_TRACEPOINT; tier++)
		test_tier((enum fault_tier)tier);
	rootfs_close(&root);
	return tap_done();
}
