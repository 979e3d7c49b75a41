/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/swap.h"

#include <errno.h>
#include <stdio.h>

#include "parse/octal.h"
#include "parse/swaps.h"
#include "util/readfile.h"

enum { NAME_MAX_BYTES = 512, MM_STAT_MAX = 256 };

struct totals {
	int64_t areas, size_bytes, used_bytes;
	int64_t zram_areas, zram_bad;		/* zram_bad: their mm_stat could not be read */
	enum value_status zram_status;		/* of the first that could not */
	struct parse_zram zram;
};

static int64_t add_saturating(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* mm_stat of /dev/zramN; VALUE_OK or why not. */
static enum value_status read_zram(const struct rootfs *root, int number, struct parse_zram *zram)
{
	char path[64], text[MM_STAT_MAX];
	ssize_t len;

	if (root->sys_fd < 0)
		return VALUE_UNSUPPORTED;
	snprintf(path, sizeof path, "block/zram%d/mm_stat", number);
	len = readfile_at(root->sys_fd, path, text, sizeof text);
	if (len < 0)
		return kfile_status(len);
	return parse_zram_mm_stat(text, (size_t)len, zram) ? VALUE_LOST : VALUE_OK;
}

static void count_zram(struct totals *totals, enum value_status status, const struct parse_zram *zram)
{
	totals->zram_areas++;
	if (status != VALUE_OK) {
		if (!totals->zram_bad++)
			totals->zram_status = status;
		return;
	}
	totals->zram.original_bytes = add_saturating(totals->zram.original_bytes, zram->original_bytes);
	totals->zram.compressed_bytes = add_saturating(totals->zram.compressed_bytes, zram->compressed_bytes);
	totals->zram.used_bytes = add_saturating(totals->zram.used_bytes, zram->used_bytes);
}

static struct value zram_value(enum value_status status, int64_t amount)
{
	return status == VALUE_OK ? value_ok(amount) : value_none(status);
}

static void add_row(struct snapshot *snapshot, const struct parse_swap *swap, enum value_status status,
		    const struct parse_zram *zram)
{
	struct swap_area *area = &snapshot->swaps[snapshot->swap_count];
	char name[NAME_MAX_BYTES];
	size_t len;

	if (snapshot->swap_count == SWAP_AREAS_MAX)
		return;
	len = parse_octal_unescape(name, sizeof name, swap->name, swap->name_len);
	*area = (struct swap_area){
		.name = text_new(name, len),
		.size_bytes = swap->size_bytes,
		.used_bytes = swap->used_bytes,
		.priority = swap->priority,
		.zram_original_bytes = zram_value(status, zram->original_bytes),
		.zram_compressed_bytes = zram_value(status, zram->compressed_bytes),
		.zram_used_bytes = zram_value(status, zram->used_bytes),
	};
	snapshot->swap_count += area->name != NULL;
}

static void add_area(struct totals *totals, const struct rootfs *root, struct snapshot *snapshot,
		     const struct parse_swap *swap)
{
	int number = parse_swap_zram_number(swap);
	enum value_status status = VALUE_NOT_APPLICABLE;
	struct parse_zram zram = { 0 };

	totals->areas++;
	totals->size_bytes = add_saturating(totals->size_bytes, swap->size_bytes);
	totals->used_bytes = add_saturating(totals->used_bytes, swap->used_bytes);
	if (number >= 0) {
		status = read_zram(root, number, &zram);
		count_zram(totals, status, &zram);
	}
	add_row(snapshot, swap, status, &zram);
}

static void set_zram(struct snapshot *snapshot, const struct totals *totals)
{
	enum value_status status = !totals->zram_areas ? VALUE_NOT_APPLICABLE :
				   totals->zram_bad ? totals->zram_status : VALUE_OK;
	int64_t original = totals->zram.original_bytes, compressed = totals->zram.compressed_bytes, milli;

	system_set(snapshot, SYS_ZRAM_ORIGINAL, zram_value(status, original));
	system_set(snapshot, SYS_ZRAM_COMPRESSED, zram_value(status, compressed));
	system_set(snapshot, SYS_ZRAM_USED, zram_value(status, totals->zram.used_bytes));
	if (status == VALUE_OK && !compressed)
		status = VALUE_NOT_APPLICABLE;
	if (__builtin_mul_overflow(original, 1000, &milli))
		status = VALUE_LOST;
	system_set(snapshot, SYS_ZRAM_RATIO, zram_value(status, status == VALUE_OK ? milli / compressed : 0));
}

static void set_all(struct snapshot *snapshot, enum value_status status)
{
	for (int i = SYS_SWAP_AREAS; i <= SYS_ZRAM_RATIO; i++)
		system_set(snapshot, (enum system_metric)i, value_none(status));
}

void swap_read(struct kfile *file, const struct rootfs *root, char *buf, size_t cap, struct snapshot *snapshot)
{
	ssize_t got = kfile_read(file, buf, cap);
	struct totals totals = { 0 };
	struct parse_swap swap;
	const char *text = buf;
	size_t len;
	int ret;

	if (got < 0) {
		set_all(snapshot, kfile_status(got));
		return;
	}
	len = (size_t)got;
	while ((ret = parse_swap_next(&text, &len, &swap))) {
		if (ret < 0) {
			set_all(snapshot, VALUE_LOST);
			return;
		}
		add_area(&totals, root, snapshot, &swap);
	}
	system_set(snapshot, SYS_SWAP_AREAS, value_ok(totals.areas));
	system_set(snapshot, SYS_SWAP_AREAS_SIZE, value_ok(totals.size_bytes));
	system_set(snapshot, SYS_SWAP_AREAS_USED, value_ok(totals.used_bytes));
	set_zram(snapshot, &totals);
}
