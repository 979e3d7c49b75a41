/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be had on this machine, and why not the rest. Nothing is taken on trust: each tier is attached,
 * tried and detached. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli/run.h"
#include "model/faults.h"
#include "source/faults.h"
#include "source/task.h"
#include "util/fmt.h"
#include "util/num.h"
#include "util/readfile.h"
#include "util/text.h"

/* What an attached tier of the fault probe tells. */
struct tells {
	bool processes, latency;
	bool class[FAULT_CLASSES];
};

struct doctor {
	const struct rootfs *root;
	struct buf out;
	struct probe_status faults[FAULT_TIERS];	/* of trying that tier alone */
	struct tells tells[FAULT_TIERS];
};

/* -- tiers ------------------------------------------------------------------------------------------------ */

static void put_row(struct doctor *doctor, const char *what, const char *tier, const char *state, const char *reason,
		    const char *remedy)
{
	buf_printf(&doctor->out, *reason ? "%-8s %-13s %-7s %s" : "%-8s %-13s %s", what, tier, state, reason);
	if (*remedy)
		buf_printf(&doctor->out, " (%s)", remedy);
	buf_putc(&doctor->out, '\n');
}

/* The first that works is the one in use: better ones come first. */
static const char *state_of(bool works, bool *taken)
{
	const char *state = !works ? "failed" : *taken ? "works" : "active";

	*taken |= works;
	return state;
}

static void try_scans(struct doctor *doctor)
{
	static const struct {
		const char *name;
		struct task_source *(*open)(const struct rootfs *root, struct err *err);
	} scans[] = { { "bpf-iterator", task_source_open_bpf }, { "procfs", task_source_open_procfs } };
	bool taken = false;

	for (size_t i = 0; i < sizeof scans / sizeof *scans; i++) {
		struct err why = { "" };
		struct task_source *source = scans[i].open(doctor->root, &why);

		put_row(doctor, "tasks", scans[i].name, state_of(source, &taken), source ? "" : why.text, "");
		task_source_close(source);
	}
}

static void try_fault_tier(struct doctor *doctor, enum fault_tier tier, bool *taken)
{
	struct faults_config config = { .tier = (int)tier, .part = FAULT_PART_LATENCY };
	struct probe_status *status = &doctor->faults[tier];
	struct faults *faults = faults_open(doctor->root, &config, status, NULL);
	struct tells *tells = &doctor->tells[tier];
	char took[FMT_CAP], each[FMT_CAP], works[96] = "";

	if (faults) {
		tells->processes = faults_tells_processes(faults);
		tells->latency = faults_tells_latency(faults);
		for (int class = 0; class < FAULT_CLASSES; class++)
			tells->class[class] = faults_tells_class(faults, (enum fault_class)class);
		fmt_seconds(took, sizeof took, status->attach_ns);
		fmt_seconds(each, sizeof each, status->event_ns);
		if (status->event_ns)
			snprintf(works, sizeof works, "attached in %s, runs %s a fault", took, each);
		else
			snprintf(works, sizeof works, "attached in %s", took);
	}
	faults_close(faults);
	put_row(doctor, status->name, faults_tier_name(tier), state_of(faults, taken),
		faults ? works : status->tiers[tier].reason, faults ? "" : status->tiers[tier].remedy);
}

static void try_faults(struct doctor *doctor)
{
	bool taken = false;

	for (int tier = 0; tier < FAULT_TIERS; tier++)
		try_fault_tier(doctor, (enum fault_tier)tier, &taken);
}

/* -- what they tell --------------------------------------------------------------------------------------- */

static void put_classes(struct doctor *doctor, const struct tells *tells)
{
	bool some_missing = false;

	for (int class = 0; class < FAULT_CLASSES; class++)
		if (tells->class[class])
			buf_printf(&doctor->out, " %s", fault_class_key((enum fault_class)class));
	for (int class = 0; class < FAULT_CLASSES; class++) {
		if (tells->class[class])
			continue;
		buf_printf(&doctor->out, "%s %s", some_missing ? "" : "; not", fault_class_key((enum fault_class)class));
		some_missing = true;
	}
}

static void put_tells(struct doctor *doctor)
{
	bool some = false;

	for (int tier = 0; tier < FAULT_TIERS; tier++) {
		const struct tells *tells = &doctor->tells[tier];

		if (doctor->faults[tier].active < 0)
			continue;
		buf_printf(&doctor->out, "%s%-12s", some ? "" : "\nWhat the tiers of faults that work here tell:\n",
			   faults_tier_name((enum fault_tier)tier));
		some = true;
		if (!tells->class[FAULT_DEMAND_ZERO]) {
			buf_printf(&doctor->out, " minor and major %s\n", tells->processes ?
				   "together of processes and the machine; no classes or latencies" :
				   "of the machine; no processes, classes or latencies");
			continue;
		}
		buf_printf(&doctor->out, " processes; %s; classes", tells->latency ? "latencies" : "no latencies");
		put_classes(doctor, tells);
		buf_putc(&doctor->out, '\n');
	}
}

/* -- what they depend on ---------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4)))
static void put_fact(struct doctor *doctor, const char *name, const char *format, ...)
{
	char raw[512], text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof raw, format, args);
	va_end(args);
	text_clean(text, sizeof text, raw, strlen(raw));
	buf_printf(&doctor->out, "%-26s %s\n", name, text);
}

/* The first line of a file below proc or sys, or what the error is called. */
static const char *first_line(int dirfd, const char *path, char *text, size_t cap)
{
	ssize_t len = dirfd < 0 ? -ENOENT : readfile_at(dirfd, path, text, cap);

	if (len < 0)
		snprintf(text, cap, "unknown: %s", strerror((int)-len));
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static void put_kernel(struct doctor *doctor)
{
	struct utsname name;

	if (!uname(&name))
		put_fact(doctor, "kernel", "%s %s", name.release, name.machine);
#ifdef HAVE_BPF
	put_fact(doctor, "BPF in this build", "yes");
#else
	put_fact(doctor, "BPF in this build", "no (configure it without --without-bpf)");
#endif
}

static void put_btf(struct doctor *doctor)
{
	struct stat file;
	int fd = doctor->root->sys_fd < 0 ? -1 :
					     openat(doctor->root->sys_fd, "kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	char size[FMT_CAP];

	if (fd < 0) {
		put_fact(doctor, "BTF of the kernel", "%s",
			 doctor->root->sys_fd >= 0 && errno != ENOENT ? strerror(errno) :
			 "missing (needs CONFIG_DEBUG_INFO_BTF, and /sys mounted)");
		return;
	}
	fmt_bytes(size, sizeof size, fstat(fd, &file) ? 0 : (int64_t)file.st_size);
	put_fact(doctor, "BTF of the kernel", "/sys/kernel/btf/vmlinux, %s", size);
	close(fd);
}

/* CapPrm of /proc/self/status, for what is held back can be raised; numbers of
 * include/uapi/linux/capability.h. */
static void put_capabilities(struct doctor *doctor)
{
	static const struct {
		unsigned bit;
		const char *name, *use;
	} wanted[] = {
		{ 21, "CAP_SYS_ADMIN", "all of the next two" },
		{ 39, "CAP_BPF", "BPF" },
		{ 38, "CAP_PERFMON", "BPF and perf events" },
		{ 19, "CAP_SYS_PTRACE", "PSS of all users" },
	};
	char text[4096];
	ssize_t len = readfile_at(doctor->root->proc_fd, "self/status", text, sizeof text);
	const char *line = len > 0 ? strstr(text, "\nCapPrm:\t") : NULL;
	uint64_t effective;

	if (line)
		line += strlen("\nCapPrm:\t");
	if (!line || num_hex64(&line, text + len, &effective)) {
		put_fact(doctor, "capabilities", "unknown: /proc/self/status does not tell");
		return;
	}
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		put_fact(doctor, wanted[i].name, "%s (for %s)", effective >> wanted[i].bit & 1 ? "yes" : "no",
			 wanted[i].use);
}

/* "none [integrity] confidentiality": the one in brackets holds. */
static void put_lockdown(struct doctor *doctor)
{
	char text[128], *from, *to;
	ssize_t len = doctor->root->sys_fd < 0 ? -ENOENT :
		      readfile_at(doctor->root->sys_fd, "kernel/security/lockdown", text, sizeof text);

	if (len == -ENOENT) {
		put_fact(doctor, "lockdown", "unknown: no /sys/kernel/security/lockdown (securityfs may not be mounted)");
		return;
	}
	from = len < 0 ? NULL : strchr(text, '[');
	to = from ? strchr(from, ']') : NULL;
	if (to)
		*to = '\0';
	put_fact(doctor, "lockdown", "%s%s", to ? from + 1 : len < 0 ? strerror((int)-len) : "not understood",
		 to && !strcmp(from + 1, "confidentiality") ? " (no BPF program may read kernel memory)" : "");
}

static void put_memlock(struct doctor *doctor)
{
	struct rlimit limit;
	char text[FMT_CAP] = "unlimited";

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	if (limit.rlim_cur != RLIM_INFINITY)
		fmt_bytes(text, sizeof text, limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur);
	put_fact(doctor, "locked memory (ulimit -l)", "%s (limits BPF before Linux 5.11 only)", text);
}

static void put_psi(struct doctor *doctor)
{
	char text[256];
	ssize_t len = readfile_at(doctor->root->proc_fd, "pressure/memory", text, sizeof text);

	if (len == -ENOENT)
		put_fact(doctor, "pressure stall information", "missing (needs CONFIG_PSI)");
	else if (len == -EOPNOTSUPP)
		put_fact(doctor, "pressure stall information", "off (boot with psi=1)");
	else
		put_fact(doctor, "pressure stall information", "%s", len < 0 ? strerror((int)-len) : "yes");
}

static void put_facts(struct doctor *doctor)
{
	char text[128];

	buf_puts(&doctor->out, "\nWhat they depend on:\n");
	put_kernel(doctor);
	put_btf(doctor);
	put_capabilities(doctor);
	put_lockdown(doctor);
	put_fact(doctor, "perf_event_paranoid", "%s (of perf events without CAP_PERFMON; at most 0 allows all)",
		 first_line(doctor->root->proc_fd, "sys/kernel/perf_event_paranoid", text, sizeof text));
	put_fact(doctor, "unprivileged_bpf_disabled", "%s (0 allows some BPF to everybody, none of it ours)",
		 first_line(doctor->root->proc_fd, "sys/kernel/unprivileged_bpf_disabled", text, sizeof text));
	put_memlock(doctor);
	put_psi(doctor);
	put_fact(doctor, "tracefs", "not needed, mounted or not");
}

int run_doctor(const struct rootfs *root, struct err *err)
{
	struct doctor doctor = { .root = root };
	int failed;

	put_row(&doctor, "PROBE", "TIER", "STATE", "REASON", "REMEDY");
	try_scans(&doctor);
	if (root->live) {
		try_faults(&doctor);
		put_tells(&doctor);
		put_facts(&doctor);
	} else {
		buf_puts(&doctor.out, "\nNo probes: a captured machine cannot be probed.\n");
	}
	failed = doctor.out.failed ? ENOMEM : 0;
	if (!failed && (fwrite(doctor.out.data, 1, doctor.out.len, stdout) != doctor.out.len || fflush(stdout)))
		failed = errno;
	buf_free(&doctor.out);
	if (failed && failed != EPIPE)
		err_set(err, "standard output: %s", strerror(failed));
	return failed && failed != EPIPE ? EXIT_FAILED : EXIT_DONE;
}
