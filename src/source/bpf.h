/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What everything that loads BPF programs needs: why libbpf failed, and how an iterator is read. */
#ifndef SOURCE_BPF_H
#define SOURCE_BPF_H

#include <stddef.h>
#include <stdint.h>

#include "util/rootfs.h"

struct bpf_object;

/* Between these all permitted capabilities are effective, and libbpf's complaints are kept instead of printed. One thread at a time may load. */
void bpf_loading_begin(void);
void bpf_loading_end(void);

/* The first line that libbpf said since the beginning, or when a program was refused the verifier's verdict; "" for nothing. */
const char *bpf_complaint(void);

/* What the user can do about ERROR (positive), or "". */
const char *bpf_remedy(int error);

/* The kernel delivers at most 8 pages of an iterator at once (128 KiB with pages of 16 KiB). */
enum { BPF_ITERATOR_BYTES = 128 * 1024 };

/* Runs the iterator behind LINK_FD once, through BUFFER of BPF_ITERATOR_BYTES. FEED consumes whole records and returns how many
 * bytes that were, or -errno. 0 or -errno. */
int bpf_run_iterator(int link_fd, char *buffer, ptrdiff_t (*feed)(void *context, const void *data, size_t len),
		     void *context);

/* Kernel memory of the object's maps in bytes, as the kernel gives it. */
int64_t bpf_maps_bytes(const struct rootfs *root, const struct bpf_object *object);

enum { BPF_WHY_MAX = 128 };

/* BPF programs speak of the kernel's processes, pids of our namespace and true boot time. Whether /proc does as well, else WHY not. */
bool bpf_view_is_true(const struct rootfs *root, char why[BPF_WHY_MAX]);

/* What the kernel says of the runs of an object's programs together. */
struct bpf_runs {
	/* So far; it is taken only while the kernel is told to (bpf_enable_stats), which slows every program of the machine. */
	int64_t time_ns;
	/* Left out, because one was being run on that CPU already: preempted, or interrupted. As far as the kernel counts them:
	 * those of trampolines and tracepoints from 5.12, of kprobes from 6.7. */
	uint64_t missed;
};

struct bpf_runs bpf_runs(const struct bpf_object *object);

#endif
