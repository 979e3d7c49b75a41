/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/num.h"
#include "util/readfile.h"
#include "util/text.h"

enum { HOST_FILE_MAX = 4096 };

/* The value of KEY in a text of "key value" lines, cleaned into DST; false when there is none. */
static bool find_key(const char *text, const char *key, char *dst, size_t cap)
{
	size_t key_len = strlen(key);

	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");

		if (len > key_len && !strncmp(line, key, key_len) && line[key_len] == ' ') {
			text_clean(dst, cap, line + key_len + 1, len - key_len - 1);
			return true;
		}
		line += len + (line[len] == '\n');
	}
	return false;
}

static int64_t find_number(const char *text, const char *key, int64_t otherwise)
{
	char value[32];
	const char *p = value;
	int64_t number;

	if (!find_key(text, key, value, sizeof value) || num_i64(&p, value + strlen(value), &number) || *p)
		return otherwise;
	return number;
}

static void read_captured(struct host *host, const struct rootfs *root)
{
	char text[HOST_FILE_MAX];

	if (readfile_at(root->root_fd, "memtide-host", text, sizeof text) < 0)
		text[0] = '\0';
	find_key(text, "hostname", host->hostname, sizeof host->hostname);
	find_key(text, "kernel", host->kernel, sizeof host->kernel);
	find_key(text, "machine", host->machine, sizeof host->machine);
	host->page_bytes = find_number(text, "page_bytes", 4096);
	if (host->page_bytes < 1024 || host->page_bytes > 1 << 20)
		host->page_bytes = 4096;
	host->clock_ticks = find_number(text, "clock_ticks", 100);
	if (host->clock_ticks < 1 || host->clock_ticks > 100000)
		host->clock_ticks = 100;
	host->cpus = (int)find_number(text, "cpus", 0);
	host->captured_real_ns = find_number(text, "real_ns", 0);
	host->captured_boottime_ns = find_number(text, "boottime_ns", 0);
}

static void read_live(struct host *host)
{
	struct utsname uts;

	if (!uname(&uts)) {
		text_clean(host->hostname, sizeof host->hostname, uts.nodename, strlen(uts.nodename));
		text_clean(host->kernel, sizeof host->kernel, uts.release, strlen(uts.release));
		text_clean(host->machine, sizeof host->machine, uts.machine, strlen(uts.machine));
	}
	host->page_bytes = sysconf(_SC_PAGESIZE);
	host->clock_ticks = sysconf(_SC_CLK_TCK);
	host->cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
}

void host_read(struct host *host, const struct rootfs *root)
{
	char id[64];
	ssize_t len = readfile_at(root->proc_fd, "sys/kernel/random/boot_id", id, sizeof id);

	memset(host, 0, sizeof *host);
	if (len > 0)
		text_clean(host->boot_id, sizeof host->boot_id, id, strcspn(id, "\n"));
	if (root->live)
		read_live(host);
	else
		read_captured(host, root);
}

void host_clocks(const struct host *host, const struct rootfs *root, int64_t *real_ns, int64_t *boottime_ns)
{
	*real_ns = root->live ? clock_real_ns() : host->captured_real_ns;
	*boottime_ns = root->live ? clock_boottime_ns() : host->captured_boottime_ns;
}
