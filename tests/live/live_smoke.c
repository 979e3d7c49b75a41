// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ground the other live tests stand on: memtide runs here, and the machine is what they take for granted
 * (its kernel, its page size, the /proc files of a process).
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

/* The first @size - 1 bytes of a file, NUL-terminated. Returns their number or -errno. */
static ssize_t file_read(const char *path, char *text, size_t size)
{
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	got = read(fd, text, size - 1);
	if (got < 0)
		got = -errno;
	else
		text[got] = '\0';
	close(fd);
	return got;
}

static void test_version(void)
{
	char text[256];
	size_t length;
	FILE *out = popen("memtide --version 2>&1", "r");
	int status;

	if (!out)
		tap_bail("popen: %s", strerror(errno));
	length = fread(text, 1, sizeof(text) - 1, out);
	text[length] = '\0';
	status = pclose(out);
	text[strcspn(text, "\n")] = '\0';
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "memtide --version exits with 0");
	if (!tap_ok(strncmp(text, "memtide ", 8) == 0 && strstr(text, PACKAGE_VERSION), "it names its version"))
		tap_note("printed: %s", text);
}

/* The kernel's figure in smaps (KernelPageSize of this program's first mapping) and in the auxiliary vector. */
static void test_page_size(void)
{
	static char text[4096];
	const char *field;
	unsigned long long kib = 0;
	ssize_t got = file_read("/proc/self/smaps", text, sizeof(text));

	if (got < 0)
		tap_bail("/proc/self/smaps: %s", strerror((int)-got));
	field = strstr(text, "KernelPageSize:");
	if (field)
		kib = strtoull(field + strlen("KernelPageSize:"), NULL, 10);
	tap_ok(kib * 1024 == (unsigned long long)sysconf(_SC_PAGESIZE), "smaps has the page size of sysconf (%llu KiB)",
	       kib);
	tap_ok(getauxval(AT_PAGESZ) == (unsigned long)sysconf(_SC_PAGESIZE), "so has the auxiliary vector");
}

static void test_kernel(void)
{
	struct utsname name;
	char text[256];
	ssize_t got;

	if (uname(&name) != 0)
		tap_bail("uname: %s", strerror(errno));
	tap_note("%s %s", name.release, name.machine);
	got = file_read("/proc/sys/kernel/osrelease", text, sizeof(text));
	if (got > 0)
		text[strcspn(text, "\n")] = '\0';
	tap_ok(got > 0 && strcmp(text, name.release) == 0, "/proc is that of the running kernel");
}

static void test_proc(void)
{
	static const char *const files[] = { "stat", "statm", "status", "maps", "smaps", "smaps_rollup", "cgroup" };
	char path[64], text[64];
	unsigned int i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "/proc/self/%s", files[i]);
		tap_ok(file_read(path, text, sizeof(text)) > 0, "%s can be read", path);
	}
}

int main(void)
{
	test_kernel();
	test_page_size();
	test_proc();
	test_version();
	return tap_done();
}
