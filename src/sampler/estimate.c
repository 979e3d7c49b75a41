/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/estimate.h"

enum { SLACK_BYTES = 256 << 10 };	/* RSS counters are per CPU and batched up to 6.11, and memory moves on */

static const struct {
	enum share_kind kind;
	enum estimable slot;
	enum smaps_field field;
} kinds[] = {
	{ SHARE_ANON, EST_PSS_ANON, SMAPS_PSS_ANON },
	{ SHARE_FILE, EST_PSS_FILE, SMAPS_PSS_FILE },
	{ SHARE_SHMEM, EST_PSS_SHMEM, SMAPS_PSS_SHMEM },
};

static int64_t clamp(int64_t n, int64_t low, int64_t high)
{
	return n < low ? low : n > high ? high : n;
}

static int64_t carried_forward(const struct tracked *t, enum share_kind kind, enum smaps_field field)
{
	int64_t then = t->exact.smaps.bytes[field], now = t->signature.rss[kind];
	int64_t before = t->exact.signature.rss[kind];

	if (now >= before)
		then += now - before;
	else
		then = (int64_t)((__int128)then * now / before);
	return then + t->share.error[kind];
}

static int64_t slack(const struct tracked *t, enum share_kind kind)
{
	int64_t moved = t->signature.rss[kind] - t->previous_signature.rss[kind];

	return SLACK_BYTES + 2 * (moved < 0 ? -moved : moved);
}

static struct bounds kind_bounds(const struct tracked *t, enum share_kind kind, bool ksm_active)
{
	int64_t rss = t->signature.rss[kind], low = 0;

	if (kind == SHARE_ANON && !ksm_active && (t->task.have & TASK_HAVE_IMAGE))
		low = rss / share_most_members(&t->share, kind) - slack(t, kind);
	return (struct bounds){ low > 0 ? low : 0, rss ? rss + slack(t, kind) : 0 };
}

void estimate_pss(const struct tracked *t, bool ksm_active, struct estimate *estimate)
{
	bool exact = t->verdict == PSS_EXACT && t->exact.at_ns;
	struct bounds total = { 0, 0 };
	int64_t sum = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		enum share_kind kind = kinds[i].kind;
		struct bounds bounds = kind_bounds(t, kind, ksm_active);
		int64_t rss = t->signature.rss[kind], bytes;

		/* Kernels before 5.4 have no PSS by kind, and neither has smaps. */
		if (exact && (t->exact.smaps.have & 1u << kinds[i].field))
			bytes = carried_forward(t, kind, kinds[i].field);
		else
			bytes = share_expect(&t->share, kind, rss);
		bytes = clamp(bytes, 0, rss);
		bytes = clamp(bytes, bounds.low, bounds.high);
		estimate->bytes[kinds[i].slot] = bytes;
		estimate->bounds[kinds[i].slot] = bounds;
		sum += bytes;
		total.low += bounds.low;
		total.high += bounds.high;
	}
	estimate->bytes[EST_PSS] = sum;
	estimate->bounds[EST_PSS] = total;
}
