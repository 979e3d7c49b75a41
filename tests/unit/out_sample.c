/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/faults.h"

static const struct host host = {
	.hostname = "box", .kernel = "6.12.0", .machine = "x86_64",
	.boot_id = "6f0c8a3e-5a0b-4b1f-9d0e-0123456789ab", .page_bytes = 16384, .clock_ticks = 100, .cpus = 4,
	.interval_ns = 1500000000, .task_tier = "procfs", .task_tier_why = "bpf: \"not\" permitted",
};

static const char *const hostile[] = {
	"", "-bash", "=1+1", "+x", "@sum", "\tx", "a,\"b\",c", " lead", "trail ", "back\\slash", "two\nlines",
	"\033]52;c;aGk=\007", "\302\23331m", "\xe2\x80\xaertl\xe2\x80\xa8", "\xff\xc0\x80\xed\xa0\x80",
	"na\xc3\xafve",
	"\xe6\xbc\xa2\xe5\xad\x97", "e\xcc\x81", "\xf0\x9f\x90\x98", "{curly}", "# EOF", "\x7f",
};

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

/* S as it is, or cleaned. */
static struct text *make_text(const char *s, size_t len, bool clean)
{
	struct text *text;

	if (clean)
		return need(text_new(s, len));
	text = need(malloc(sizeof *text + len + 1));
	text->refs = 1;
	text->len = (unsigned)len;
	memcpy(text->s, s, len);
	text->s[len] = '\0';
	return text;
}

static void set_texts(struct process *process, const char *s, size_t len, bool clean)
{
	static const enum process_metric metrics[] = { PROC_COMM, PROC_USER, PROC_CMDLINE, PROC_CGROUP };

	for (int i = 0; i < TEXT_COUNT; i++) {
		process->text[i] = make_text(s, len, clean);
		process_set(process, metrics[i], value_ok(0));
	}
}

static struct process *add(struct snapshot *snapshot, int pid)
{
	struct process *process = need(snapshot_add_process(snapshot));

	process_set(process, PROC_PID, value_ok(pid));
	process_set(process, PROC_START_TIME, value_ok(pid * 1000));
	return process;
}

/* As process_set(), the metrics of probes included. */
static void set(struct process *process, unsigned slot, struct value value)
{
	if (slot < PROC_STORED) {
		process_set(process, slot, value);
		return;
	}
	if (!process->faults)
		process->faults = need(fault_values_new(NULL));
	fault_values_set(process->faults, slot, value);
}

/* Every value has STATUS; with an amount, a different one for each slot, and some below 0. */
static void add_status(struct snapshot *snapshot, enum value_status status)
{
	struct process *process = add(snapshot, 100 + (int)status);
	char name[32];

	snprintf(name, sizeof name, "st-%s", value_status_name(status));
	set_texts(process, name, strlen(name), true);
	for (unsigned i = PROC_COMM + 1; i < PROC_COUNT; i++) {
		struct value value = { 0, status };

		if (value_has_amount(status))
			value.amount = (int64_t)(i + 1) * 1234567891 * (i % 7 == 3 ? -1 : 1) + status;
		set(process, i, value);
	}
	process_set(process, PROC_STATE, value_has_amount(status) ? value_ok('S') : value_none(status));
	process_set(process, PROC_SCHED_POLICY, value_has_amount(status) ? value_ok(1) : value_none(status));
	for (unsigned i = 0; i < EST_COUNT; i++)
		process->bounds[i] = (struct bounds){ 1000 + i, 999999999999 + i };
}

static void add_extreme(struct snapshot *snapshot, int pid, int64_t amount)
{
	struct process *process = add(snapshot, pid);

	set_texts(process, "extreme", 7, true);
	for (unsigned i = PROC_COMM + 1; i < PROC_COUNT; i++) {
		enum value_status status = i % 2 ? VALUE_ESTIMATED : VALUE_STALE;

		if (metric_get(SCOPE_PROCESS, i)->unit != UNIT_TEXT)
			set(process, i, (struct value){ amount, status });
	}
	for (unsigned i = 0; i < EST_COUNT; i++)
		process->bounds[i] = (struct bounds){ INT64_MIN, INT64_MAX };
}

static void add_hostile(struct snapshot *snapshot, int pid, bool clean)
{
	char all[255];

	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
		set_texts(add(snapshot, pid++), hostile[i], strlen(hostile[i]), clean);
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (char)(i + 1);
	set_texts(add(snapshot, pid++), all, sizeof all, clean);
	for (size_t i = 0; i < 127; i++)
		all[i] = (char)(i + 1);
	set_texts(add(snapshot, pid++), all, 127, clean);
}

static void add_cgroups(struct snapshot *snapshot)
{
	static const char *const paths[] = { "/", "/a,b", "/sys\\x2dtem.slice/\"x\"", "/two\nlines" };

	for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
		struct cgroup *cgroup = need(snapshot_add_cgroup(snapshot));

		cgroup->path = make_text(paths[p], strlen(paths[p]), false);
		for (unsigned i = 0; i < CG_COUNT; i++) {
			enum value_status status = (enum value_status)((i + p) % VALUE_STATUS_COUNT);

			if (status == VALUE_ESTIMATED || status == VALUE_STALE)
				status = VALUE_OK;
			cgroup_set(cgroup, i, (struct value){
				value_has_amount(status) ? (int64_t)i * 987654321 : 0, status });
		}
	}
}

static void add_system(struct snapshot *snapshot)
{
	static const char *const extras[] = { "NewField", "Odd\"Name\\\n" };
	const struct value none = value_none(VALUE_NOT_APPLICABLE);

	for (unsigned i = 0; i < SYS_COUNT; i++) {
		enum value_status status = (enum value_status)(i % 5 ? VALUE_OK : i / 5 % VALUE_STATUS_COUNT);

		if (status == VALUE_ESTIMATED || status == VALUE_STALE)
			status = VALUE_OK;
		system_set(snapshot, i, (struct value){
			value_has_amount(status) ? (int64_t)i * 76543210987 : 0, status });
	}
	for (size_t i = 0; i < 2; i++) {
		struct extra *extra = &snapshot->extra[snapshot->extra_count++];

		snprintf(extra->name, sizeof extra->name, "%s", extras[i]);
		extra->bytes = (int64_t)i * 4096;
	}
	snapshot->swaps[0] = (struct swap_area){ make_text("/dev/sda2", 9, true), 1 << 30, 1 << 20, -2,
						 none, none, none };
	snapshot->swaps[1] = (struct swap_area){ make_text("/dev/zram0", 10, true), 1 << 30, 1 << 29, 100,
						 value_ok(3141592), value_ok(1000000), value_ok(1100000) };
	snapshot->swaps[2] = (struct swap_area){ make_text("/dev/zram1", 10, true), 1 << 30, 0, 100,
						 value_none(VALUE_DENIED), value_none(VALUE_DENIED),
						 value_none(VALUE_DENIED) };
	snapshot->swap_count = 3;
	snapshot->longest_read_comm = make_text("big\033one", 7, true);
}

static const struct probe_status probe = {
	.name = "faults", .wanted = true, .active = 1, .tier_count = 3, .completion = "perf event",
	.tiers = {
		{ "fentry", TIER_FAILED, "not \"permitted\"", "run as root" }, { "kprobe", TIER_ACTIVE, "", "" },
		{ "perf", TIER_UNTRIED, "", "" },
	},
	.attached_boottime_ns = 273500000000001, .attached_real_ns = 1763697320123456790, .attach_ns = 250000000,
};

/* Of class C: C faults of 512 to 1023 ns, one below 2 ns and one above all bounds, but that nobody can tell those of OOM. */
static void add_faults(struct snapshot *snapshot)
{
	struct fault_machine *machine = need(calloc(1, sizeof *machine));

	snapshot->probes[PROBE_FAULTS] = &probe;
	snapshot->faults = machine;
	machine->has_buckets = true;
	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		machine->class[c].count = value_ok(c + 2);
		machine->class[c].ns = value_ok(40000000000 + c);
		machine->buckets[c][0] = 1;
		machine->buckets[c][9] = c;
		machine->buckets[c][FAULT_BUCKETS - 1] = 1;
	}
	machine->class[FAULT_OOM].count = machine->class[FAULT_OOM].ns = value_none(VALUE_UNSUPPORTED);
	memset(machine->buckets[FAULT_OOM], 0, sizeof machine->buckets[FAULT_OOM]);
}

/* Process PID is watched: it took 4 faults of class COW, of which WHOLE says whether all were seen. */
static void add_latencies(struct snapshot *snapshot, int pid, bool whole)
{
	uint64_t buckets[FAULT_CLASSES][FAULT_BUCKETS] = { { 0 } };
	struct process *process = snapshot->processes;

	while (process->amount[PROC_PID] != pid)
		process++;
	for (unsigned c = 0; c < FAULT_CLASSES; c++) {
		set(process, fault_metric_count(c), value_ok(0));
		set(process, fault_metric_seconds(c), value_ok(0));
	}
	set(process, fault_metric_count(FAULT_COW), value_ok(4));
	set(process, fault_metric_seconds(FAULT_COW), value_ok(40000003072));
	set(process, fault_metric_count(FAULT_OOM), value_none(VALUE_UNSUPPORTED));
	set(process, fault_metric_seconds(FAULT_OOM), value_none(VALUE_UNSUPPORTED));
	buckets[FAULT_COW][9] = 2;
	buckets[FAULT_COW][11] = whole;
	buckets[FAULT_COW][FAULT_BUCKETS - 1] = 1;
	if (fault_values_watch(process->faults, buckets, whole))
		abort();
}

static void add_exited(struct snapshot *snapshot, int pid, enum faults_end end)
{
	struct process *process = need(snapshot_add_exited(snapshot));

	process_set(process, PROC_PID, value_ok(pid));
	process_set(process, PROC_START_TIME, value_ok(pid * 1000));
	set(process, PROC_FAULTS_COW, value_ok(pid * 10));
	process->faults_end = end;
	process->exited_samples = 1;
}

struct snapshot *out_sample(unsigned number)
{
	static const int64_t times[] = { 1763697420123456789, INT64_MIN, INT64_MAX };
	struct snapshot *snapshot = need(snapshot_new(&host, 0));

	snapshot->sequence = number;
	snapshot->real_ns = times[number % 3];
	snapshot->boottime_ns = number == 1 ? INT64_MAX : 273600000000000 + number;
	add_system(snapshot);
	add_cgroups(snapshot);
	for (int status = 0; status < VALUE_STATUS_COUNT; status++)
		add_status(snapshot, (enum value_status)status);
	add_extreme(snapshot, 200, INT64_MIN);
	add_extreme(snapshot, 201, INT64_MAX);
	add_extreme(snapshot, 202, -1);
	add_hostile(snapshot, 300, true);
	add_hostile(snapshot, 400, false);
	if (!number) {
		add_faults(snapshot);
		for (int pid = 400; pid < 400 + (int)(sizeof hostile / sizeof *hostile); pid++)
			add_latencies(snapshot, pid, pid % 2);
	}
	add_exited(snapshot, 900, FAULTS_END_NOT);
	add_exited(snapshot, 901, FAULTS_END_NEW);
	add_exited(snapshot, 902, FAULTS_END_TOLD);
	snapshot_add_notice(snapshot, "pss", number < 2 ? "denied for 8 of 9" : "denied for 7 of 9",
			    "run as root");
	snapshot_add_notice(snapshot, "psi", "not in this kernel", "");
	return snapshot;
}
