/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which tier of the fault probe is taken: the best one that attaches and then counts faults of our own
 * right. */
#include "source/faults_tier.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/privilege.h"
#include "util/text.h"

/* Enough that a tier which samples, or loses some, cannot pass by chance; some 0.1 ms. */
enum { OWN_FAULTS = 64 };

static const char *const tier_names[FAULT_TIERS] = {
	[FAULT_TIER_FENTRY] = "fentry",
	[FAULT_TIER_KPROBE] = "kprobe",
	[FAULT_TIER_TRACEPOINT] = "tracepoint",
	[FAULT_TIER_ITERATOR] = "bpf-iterator",
	[FAULT_TIER_PERF] = "perf",
	[FAULT_TIER_PROCFS] = "procfs",
};

_Static_assert((int)FAULT_TIERS <= (int)PROBE_TIERS_MAX, "room for the status of each");

const char *faults_tier_name(enum fault_tier tier)
{
	return tier_names[tier];
}

void tier_fail(struct tier_failure *failure, const char *remedy, const char *format, ...)
{
	char raw[2 * sizeof failure->reason];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof raw, format, args);
	va_end(args);
	text_clean(failure->reason, sizeof failure->reason, raw, strlen(raw));
	snprintf(failure->remedy, sizeof failure->remedy, "%s", remedy);
}

/* -- the self-test ---------------------------------------------------------------------------------------- */

/* What the kernel itself says of a moment between two readings. */
static uint64_t faults_of(int who)
{
	struct rusage usage;

	return getrusage(who, &usage) ? 0 : (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
}

/* Our own process's sums; zeros when the tier has heard of no fault of ours yet. */
static int read_own(struct faults *faults, struct fault_sums *sums)
{
	struct fault_reading reading;
	int error = faults_read(faults, &reading);

	*sums = (struct fault_sums){ .max_ns = 0 };
	for (size_t i = 0; !error && i < reading.count; i++)
		if (reading.processes[i]->pid == getpid() && !reading.processes[i]->ended)
			*sums = reading.processes[i]->sums;
	return error;
}

int tier_take_faults(size_t count)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = count * page;
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return -errno;
	madvise(memory, bytes, MADV_NOHUGEPAGE);	/* fails where there are no huge pages: as good */
	for (size_t i = 0; i < count; i++)
		*(volatile char *)(memory + i * page) = 1;
	munmap(memory, bytes);
	return 0;
}

static uint64_t accounted(const struct fault_sums *sums)
{
	static const bool is_accounted[FAULT_CLASSES] = {
#define FAULT_CLASS(id, key, title, accounted, help) [FAULT_##id] = accounted,
#include "fault_classes.def"
#undef FAULT_CLASS
	};
	uint64_t sum = 0;

	for (unsigned c = 0; c < FAULT_CLASSES; c++)
		if (is_accounted[c])
			sum += sums->count[c];
	return sum;
}

/* The readings lie between the kernel's own figures, so what the tier says grew must lie between the growths of
 * those. Other threads of ours may take faults meanwhile. */
static int check_counts(struct faults *faults, enum fault_part part, struct tier_failure *failure)
{
	struct fault_sums before, after;
	uint64_t most = faults_of(RUSAGE_SELF), least, grown, zeroed;
	int error = read_own(faults, &before);

	least = faults_of(RUSAGE_THREAD);
	if (!error)
		error = tier_take_faults(OWN_FAULTS);
	least = faults_of(RUSAGE_THREAD) - least;
	if (!error)
		error = read_own(faults, &after);
	most = faults_of(RUSAGE_SELF) - most;
	if (error) {
		tier_fail(failure, "", "self-test: %s", strerror(-error));
		return -1;
	}
	grown = accounted(&after) - accounted(&before);
	if (grown < least || grown > most) {
		tier_fail(failure, "another tier is taken; please report it with the kernel's version",
			  "self-test: counts %llu of our own faults, the kernel %llu to %llu",
			  (unsigned long long)grown, (unsigned long long)least, (unsigned long long)most);
		return -1;
	}
	zeroed = after.count[FAULT_DEMAND_ZERO] - before.count[FAULT_DEMAND_ZERO];
	if (part < FAULT_PART_CLASSES || !faults->tells_class[FAULT_DEMAND_ZERO] || zeroed >= OWN_FAULTS)
		return 0;
	tier_fail(failure, "another tier is taken; please report it with the kernel's version",
		  "self-test: takes %llu of %d first writes to anonymous memory for such", (unsigned long long)zeroed,
		  OWN_FAULTS);
	return -1;
}

/* -- opening ---------------------------------------------------------------------------------------------- */

static struct faults *attach(const struct rootfs *root, enum fault_tier tier, const struct faults_config *config,
			     struct tier_failure *failure)
{
	switch (tier) {
	case FAULT_TIER_PERF:
		return faults_open_perf(root, failure);
	case FAULT_TIER_PROCFS:
		return faults_open_procfs(root, failure);
	default:
		return faults_open_bpf(root, tier, config, failure);
	}
}

/* Whether an attached tier is what was asked for, and counts right. 0, or -1 with FAILURE filled. */
static int check(struct faults *faults, const struct faults_config *config, struct tier_failure *failure)
{
	if (config->whole && config->part > FAULT_PART_TOTALS && !faults->tells_class[FAULT_DEMAND_ZERO]) {
		tier_fail(failure, "ask for faults=totals if these will do", "tells only totals");
		return -1;
	}
	return faults->tells_processes ? check_counts(faults, config->part, failure) : 0;
}

/* Whether TIER is one to try: for totals alone none that looks at faults. */
static bool is_meant(enum fault_tier tier, const struct faults_config *config)
{
	if (config->tier >= 0)
		return config->tier == (int)tier;
	return config->part > FAULT_PART_TOTALS || tier >= FAULT_TIER_ITERATOR;
}

static struct faults *try_tier(const struct rootfs *root, enum fault_tier tier, const struct faults_config *config,
			       struct probe_status *status)
{
	struct tier_failure failure = { .reason = "" };
	struct probe_tier_status *told = &status->tiers[tier];
	struct faults *faults = attach(root, tier, config, &failure);

	status->attached_boottime_ns = clock_boottime_ns();
	status->attached_real_ns = clock_real_ns();
	if (faults && !check(faults, config, &failure)) {
		told->state = TIER_ACTIVE;
		status->active = (int)tier;
		status->completion = faults->completion;
		status->event_ns = faults->event_ns;
		return faults;
	}
	faults_close(faults);
	told->state = TIER_FAILED;
	snprintf(told->reason, sizeof told->reason, "%s", failure.reason);
	snprintf(told->remedy, sizeof told->remedy, "%s", failure.remedy);
	return NULL;
}

struct faults *faults_open(const struct rootfs *root, const struct faults_config *config, struct probe_status *status,
			   struct err *err)
{
	int64_t start = clock_monotonic_ns();
	struct faults *faults = NULL;
	char why[sizeof err->text];

	*status = (struct probe_status){
		.name = probe_name(PROBE_FAULTS), .wanted = true, .active = -1, .tier_count = FAULT_TIERS,
	};
	for (unsigned tier = 0; tier < FAULT_TIERS; tier++)
		status->tiers[tier].name = tier_names[tier];
	if (!root->live) {
		for (unsigned tier = 0; tier < FAULT_TIERS; tier++)
			snprintf(status->tiers[tier].reason, sizeof status->tiers[tier].reason, "a captured machine");
		err_set(err, "faults: a captured machine cannot be probed (drop --root or the probe)");
		return NULL;
	}
	privilege_raise();
	for (unsigned tier = 0; !faults && tier < FAULT_TIERS; tier++)
		if (is_meant((enum fault_tier)tier, config))
			faults = try_tier(root, (enum fault_tier)tier, config, status);
	privilege_lower();
	status->attach_ns = clock_monotonic_ns() - start;
	if (faults)
		return faults;
	status->attached_boottime_ns = status->attached_real_ns = 0;
	probe_why(status, why, sizeof why);
	err_set(err, "faults: %s", why);
	return NULL;
}

void faults_close(struct faults *faults)
{
	if (faults)
		faults->close(faults);
}

/* -- what an attached tier tells -------------------------------------------------------------------------- */

int faults_read(struct faults *faults, struct fault_reading *reading)
{
	int error;

	/* On 5.10 a look into a map takes CAP_BPF, and a CPU that came online CAP_PERFMON. */
	privilege_raise();
	*reading = (struct fault_reading){ .count = 0 };
	error = faults->read(faults, reading);
	privilege_lower();
	return error;
}

bool faults_tells_class(const struct faults *faults, enum fault_class class)
{
	return faults->tells_class[class];
}

bool faults_tells_latency(const struct faults *faults)
{
	return faults->tells_latency;
}

bool faults_tells_processes(const struct faults *faults)
{
	return faults->tells_processes;
}

int64_t faults_bpf_bytes(const struct faults *faults)
{
	return faults->bpf_bytes ? faults->bpf_bytes(faults) : 0;
}

int faults_watch(struct faults *faults, const int32_t pids[FAULT_WATCHED_MAX])
{
	int error;

	if (!faults->watch)
		return -EOPNOTSUPP;
	privilege_raise();
	error = faults->watch(faults, pids);
	privilege_lower();
	return error;
}
