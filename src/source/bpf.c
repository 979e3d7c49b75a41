/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/bpf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "util/privilege.h"
#include "util/readfile.h"

/* libbpf tells what went wrong only through a callback without a cookie. */
static char complaint[192];
static libbpf_print_fn_t print_before;

static void keep_line(const char *line, size_t len)
{
	if (len >= sizeof(complaint))
		len = sizeof(complaint) - 1;
	memcpy(complaint, line, len);
	complaint[len] = '\0';
}

/* Keeps the first line of the first warning; when a verifier log follows, the verdict, its last line but
 * one. */
__attribute__((format(printf, 2, 0)))
static int keep_complaint(enum libbpf_print_level level, const char *format, va_list args)
{
	char *text, *line, *next;

	if (level != LIBBPF_WARN || vasprintf(&text, format, args) < 0)
		return 0;
	if (!complaint[0])
		keep_line(text, strcspn(text, "\n"));
	if (strstr(text, "BEGIN PROG LOAD LOG")) {
		line = text;
		while ((next = strchr(line, '\n')) && strncmp(next + 1, "processed ", 10))
			line = next + 1;
		keep_line(line, strcspn(line, "\n"));
	}
	free(text);
	return 0;
}

void bpf_loading_begin(void)
{
	privilege_raise();
	complaint[0] = '\0';
	print_before = libbpf_set_print(keep_complaint);
}

void bpf_loading_end(void)
{
	libbpf_set_print(print_before);
	privilege_lower();
}

const char *bpf_complaint(void)
{
	return complaint;
}

const char *bpf_remedy(int error)
{
	switch (error) {
	case EPERM:
		return geteuid() ? "needs root, or CAP_BPF and CAP_PERFMON, and on 5.10 room under ulimit -l" :
				   "refused even to root: the kernel is locked down, or this is a sandbox";
	case EACCES:
	case E2BIG:
		return *complaint ? "this kernel's verifier refuses it: please report it with the kernel's version" :
				    "needs root, or CAP_BPF and CAP_PERFMON";
	case ENOENT:
	case ESRCH:
		return "needs a kernel of at least 5.8 with CONFIG_DEBUG_INFO_BTF";
	case ENOSYS:
		return "needs CONFIG_BPF_SYSCALL";
	default:
		return "";
	}
}

int bpf_run_iterator(int link_fd, char *buffer, ptrdiff_t (*feed)(void *context, const void *data, size_t len),
		     void *context)
{
	size_t held = 0;
	int error = 0, fd;

	privilege_raise();
	fd = bpf_iter_create(link_fd);	/* one descriptor is one walk */
	privilege_lower();
	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t len = read(fd, buffer + held, BPF_ITERATOR_BYTES - held);
		ptrdiff_t used;

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (len <= 0) {
			error = len < 0 ? -errno : 0;
			break;
		}
		held += (size_t)len;
		used = feed(context, buffer, held);
		if (used < 0) {
			error = (int)used;
			break;
		}
		held -= (size_t)used;
		memmove(buffer, buffer + used, held);
	}
	close(fd);
	return error;
}

int64_t bpf_maps_bytes(const struct rootfs *root, const struct bpf_object *object)
{
	struct bpf_map *map;
	int64_t bytes = 0;

	bpf_object__for_each_map(map, object) {
		char path[48], text[1024], *line;

		snprintf(path, sizeof(path), "self/fdinfo/%d", bpf_map__fd(map));
		if (readfile_at(root->proc_fd, path, text, sizeof(text)) < 0)
			continue;
		line = strstr(text, "\nmemlock:");
		if (line)
			bytes += strtoll(line + 9, NULL, 10);
	}
	return bytes;
}

bool bpf_view_is_true(const struct rootfs *root, char why[BPF_WHY_MAX])
{
	long long seconds, ns;
	char text[256], *line;
	ssize_t len;

	*why = '\0';
	len = root->live ? readlinkat(root->proc_fd, "self", text, sizeof(text) - 1) : 0;
	if (len >= 0)
		text[len] = '\0';
	if (!root->live)
		snprintf(why, BPF_WHY_MAX, "not for a captured tree");
	else if (len < 0)
		snprintf(why, BPF_WHY_MAX, "/proc/self: %s (mount the proc of this pid namespace)", strerror(errno));
	else if (strtol(text, NULL, 10) != getpid())
		snprintf(why, BPF_WHY_MAX, "/proc belongs to another pid namespace (mount the proc of this one)");
	else if (readfile_at(root->proc_fd, "self/timens_offsets", text, sizeof(text)) > 0 &&
		 (line = strstr(text, "boottime")) && sscanf(line, "boottime %lld %lld", &seconds, &ns) == 2 && (seconds || ns))
		snprintf(why, BPF_WHY_MAX, "this time namespace has an offset of its own");
	return !*why;
}

struct bpf_runs bpf_runs(const struct bpf_object *object)
{
	struct bpf_runs runs = { .time_ns = 0 };
	struct bpf_program *program;

	bpf_object__for_each_program(program, object) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);

		if (!bpf_program__autoload(program) || bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len))
			continue;
		runs.time_ns += (int64_t)info.run_time_ns;
#ifdef HAVE_STRUCT_BPF_PROG_INFO_RECURSION_MISSES
		runs.missed += info.recursion_misses;
#endif
	}
	return runs;
}
