/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/pss.h"

#include <stdlib.h>
#include <string.h>

#include "sampler/pss_read.h"
#include "util/clock.h"

enum {
	ERROR_MIN_BYTES = 16 << 10,	/* smaller expected errors wait for the maximum age ... */
	ERROR_SHARE = 1000,		/* ... as do those below 1/1000 of the process's PSS */
	ROUNDS = 3,			/* a reading may reveal sharers that are due then */
	QUOTA_STALL_NS = 1000000,	/* stall limit while a CPU quota may run out under a reader */
	TOKENS_NS = 2000000000,		/* unused budget is kept for this long */
};

/* One process due for a read. */
struct due {
	struct tracked *t;
	int class;			/* 0 asked for, 1 expected error, 2 age */
	int64_t rank;			/* larger is first */
};

struct pss {
	struct pss_config config;
	struct pss_reader reader;
	struct track *track;
	struct guard *guard;
	struct pss_stats stats;
	struct due *due;
	size_t due_capacity;
	int64_t tokens_ns;
	int64_t updated_ns;		/* of the previous pss_update(); 0 before the first */
	bool first_done;
	bool only_watched;
};

struct pss *pss_new(const struct pss_config *config, struct procfs *procfs, struct track *track, struct guard *guard)
{
	struct pss *pss = calloc(1, sizeof *pss);

	if (!pss)
		return NULL;
	pss->config = *config;
	pss->track = track;
	pss->guard = guard;
	if (guard_has_quota(guard) && pss->config.stall_limit_ns > QUOTA_STALL_NS)
		pss->config.stall_limit_ns = QUOTA_STALL_NS;
	pss_reader_init(&pss->reader, &pss->config, procfs, track->shares, &pss->stats);
	return pss;
}

void pss_free(struct pss *pss)
{
	if (!pss)
		return;
	text_unref(pss->stats.longest_comm);
	free(pss->due);
	free(pss);
}

static int64_t budget_of(int64_t ppm, int64_t elapsed_ns)
{
	return (int64_t)((__int128)elapsed_ns * ppm / 1000000);
}

void pss_begin(struct pss *pss, bool only_watched)
{
	bool untried = !pss->track->scanned;

	pss->only_watched = only_watched;
	pss->updated_ns = 0;
	if (pss->track->scanned)
		pss->tokens_ns = budget_of(pss->config.budget_ppm, TOKENS_NS);
	for (size_t i = 0; i < pss->track->count && !only_watched; i++) {
		struct tracked *t = pss->track->list[i];

		if (t->task.no_mm || t->verdict != PSS_NEVER)
			continue;
		untried = t->initial = true;
		if (!t->maps_at_ns)
			t->share.quiet_kinds |= 1u << SHARE_FILE | 1u << SHARE_SHMEM;
	}
	pss->first_done = only_watched || !untried;
}

void pss_set_interval(struct pss *pss, int64_t interval_ns)
{
	pss->config.interval_ns = interval_ns;
}

const struct pss_stats *pss_stats(const struct pss *pss)
{
	return &pss->stats;
}

bool pss_first_pass_done(const struct pss *pss)
{
	return pss->first_done;
}

static int64_t magnitude(int64_t n)
{
	return n < 0 ? -n : n;
}

int64_t pss_expected_error(const struct pss *pss, const struct tracked *t)
{
	const struct signature *now = &t->signature, *then = &t->exact.signature;
	int64_t page = pss->config.page_bytes, error = 0, anon;

	if (t->verdict != PSS_EXACT)
		return (tracked_has_kinds(t) ? now->rss[SHARE_ANON] + now->rss[SHARE_FILE] + now->rss[SHARE_SHMEM]
					     : t->task.rss_bytes) + page;
	if (tracked_still_exact(t))
		return 0;
	/* In a family any fault may be a copy-on-write; alone, the estimate has proved itself to some
	 * degree. */
	anon = tracked_anon_moved(t, page);
	error = share_most_members(&t->share, SHARE_ANON) > 1 ? anon : anon * t->error_ratio / ERROR_RATIO_ONE;
	for (int kind = 0; kind < SHARE_KINDS; kind++) {
		if (kind != SHARE_ANON)
			error += magnitude(now->rss[kind] - then->rss[kind]);
		error += magnitude(t->share.error[kind]);
	}
	return error + magnitude(now->swap_bytes - then->swap_bytes);
}

int64_t pss_predict_ns(const struct pss *pss, const struct tracked *t)
{
	return pss_reader_predict_ns(&pss->reader, t);
}

/* Whether a read of T is allowed by rules 0 and 1; notes why not. */
static bool may_read(const struct pss *pss, struct tracked *t, int64_t now_ns)
{
	t->over_limit = false;
	if (t->task.no_mm || t->verdict == PSS_REFUSED || (pss->only_watched && !t->watched))
		return false;
	if (t->want_exact)
		return true;
	if (t->protected || now_ns < t->not_before_ns)
		return false;
	t->over_limit = pss_predict_ns(pss, t) > pss->config.stall_limit_ns;
	return !t->over_limit;
}

static const int64_t MOVED_AGE_NS = 5000000000;	/* what moved a little is read again after this */

/* Fills *DUE when T should be read now. */
static bool is_due(const struct pss *pss, struct tracked *t, int64_t now_ns, struct due *due)
{
	int64_t error, tolerated;

	if (!may_read(pss, t, now_ns))
		return false;
	error = pss_expected_error(pss, t);
	tolerated = t->exact.smaps.bytes[SMAPS_PSS] / ERROR_SHARE;
	if (tolerated < ERROR_MIN_BYTES)
		tolerated = ERROR_MIN_BYTES;
	*due = (struct due){ t, 1, error };
	if (t->want_exact)
		due->class = 0;
	else if (t->verdict == PSS_EXACT && error < tolerated) {
		bool moved_long = error && now_ns - t->exact.at_ns >= MOVED_AGE_NS;

		if (!moved_long && (now_ns < t->age_due_ns || !pss->config.max_age_ns))
			return false;
		due->class = 2;
		due->rank = now_ns - t->exact.at_ns;
	}
	return true;
}

static int due_compare(const void *a, const void *b)
{
	const struct due *x = a, *y = b;

	if (x->class != y->class)
		return x->class - y->class;
	if (x->rank != y->rank)
		return x->rank < y->rank ? 1 : -1;
	return x->t->task.pid < y->t->task.pid ? -1 : x->t->task.pid > y->t->task.pid;
}

/* Who is due, most urgent first. */
static size_t collect(struct pss *pss, int64_t now_ns)
{
	size_t count = 0;

	if (pss->due_capacity < pss->track->count) {
		size_t capacity = pss->track->count + pss->track->count / 4 + 16;
		struct due *due = realloc(pss->due, capacity * sizeof *due);

		if (!due)
			return 0;
		pss->due = due;
		pss->due_capacity = capacity;
	}
	for (size_t i = 0; i < pss->track->count; i++)
		if (is_due(pss, pss->track->list[i], now_ns, &pss->due[count]))
			count++;
	qsort(pss->due, count, sizeof *pss->due, due_compare);
	return count;
}

/* Reads COUNT due processes until BUDGET_NS of CPU time is used; what was asked for is not charged to it, for
 * one large process could use up minutes of everybody else's. Returns how many were taken up. */
static size_t read_due(struct pss *pss, size_t count, int64_t *budget_ns)
{
	for (size_t i = 0; i < count; i++) {
		bool asked_for = pss->due[i].class == 0;
		int64_t cpu_ns;

		if (*budget_ns <= 0 && !asked_for)
			return i;
		cpu_ns = pss_reader_read(&pss->reader, pss->due[i].t, clock_boottime_ns());
		*budget_ns -= asked_for ? 0 : cpu_ns;
	}
	return count;
}

static void count_state(struct pss *pss, int64_t now_ns)
{
	struct pss_stats *stats = &pss->stats;

	stats->over_limit = stats->protected = stats->refused = stats->lag_processes = 0;
	stats->lag_oldest_ns = 0;
	for (size_t i = 0; i < pss->track->count; i++) {
		struct tracked *t = pss->track->list[i];
		struct due due;

		if (t->task.no_mm)
			continue;
		stats->lag_processes += is_due(pss, t, now_ns, &due);
		stats->refused += t->verdict == PSS_REFUSED;
		stats->protected += t->protected;
		stats->over_limit += t->over_limit && !t->protected;
		if (t->verdict == PSS_EXACT && !t->over_limit && !t->protected &&
		    now_ns - t->exact.at_ns > stats->lag_oldest_ns)
			stats->lag_oldest_ns = now_ns - t->exact.at_ns;
	}
}

/* Processes too large to be read still share memory with others: their mappings are followed, which stalls
 * nobody. */
static void follow_large(struct pss *pss, int64_t now_ns)
{
	for (size_t i = 0; i < pss->track->count && pss->tokens_ns > 0; i++) {
		struct tracked *t = pss->track->list[i];

		if (t->over_limit && !t->protected && t->verdict != PSS_REFUSED)
			pss->tokens_ns -= pss_reader_follow(&pss->reader, t, now_ns);
	}
}

void pss_update(struct pss *pss, int64_t now_ns)
{
	int64_t elapsed = pss->updated_ns ? now_ns - pss->updated_ns : 0;
	int64_t kept = pss->tokens_ns, limit;

	pss->updated_ns = now_ns;
	pss->stats.suspended = guard_check(pss->guard, now_ns);
	if (pss->stats.suspended) {
		count_state(pss, now_ns);
		return;
	}
	/* Not what has accrued in an hour of sleep. */
	limit = budget_of(pss->config.budget_ppm,
			  pss->config.interval_ns > TOKENS_NS ? pss->config.interval_ns : TOKENS_NS);
	pss->tokens_ns = kept + budget_of(pss->config.budget_ppm, elapsed);
	if (pss->tokens_ns > limit)
		pss->tokens_ns = limit;
	for (int round = 0; round < ROUNDS; round++) {
		size_t count = collect(pss, now_ns), urgent = 0;

		while (urgent < count && pss->due[urgent].class == 0)
			urgent++;
		if (!pss->first_done)
			count = urgent;
		if (!count || read_due(pss, count, &pss->tokens_ns) < count)
			break;
	}
	follow_large(pss, now_ns);
	count_state(pss, now_ns);
}

bool pss_first_pass(struct pss *pss, int64_t cpu_ns)
{
	int64_t now_ns = clock_boottime_ns(), budget = cpu_ns;
	size_t count, first = 0;

	if (pss->first_done)
		return true;
	pss->stats.suspended = guard_check(pss->guard, now_ns);
	if (pss->stats.suspended) {
		pss->first_done = true;
		return true;
	}
	count = collect(pss, now_ns);
	/* Newcomers and changes are pss_update()'s: the pass is over when everybody it met has been tried
	 * once. */
	for (size_t i = 0; i < count; i++) {
		const struct tracked *t = pss->due[i].t;

		if ((t->initial && t->verdict == PSS_NEVER) || t->want_exact)
			pss->due[first++] = pss->due[i];
	}
	if (read_due(pss, first, &budget) == first)
		pss->first_done = true;
	return pss->first_done;
}
