/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/meter.h"

#include <string.h>

#include "tui/line.h"

enum { PARTS_MAX = 16 };

/* Capital letters are memory of the kernel itself. */
const struct meter_kind meter_memory[MEMORY_KIND_COUNT] = {
	[MEMORY_ANON] = { "anon", STYLE_ANON,
			  "anonymous memory of processes, transparent huge pages included" },
	[MEMORY_FILE] = { "file", STYLE_FILE, "page cache of files and block devices, without shared memory" },
	[MEMORY_SHMEM] = { "shmem", STYLE_SHMEM, "shared memory: tmpfs, memfd, System V, shared anonymous" },
	[MEMORY_HUGE] = { "huge", STYLE_HUGE, "hugetlb pools, used or not" },
	[MEMORY_SLAB] = { "Slab", STYLE_SLAB, "slab caches: objects of the kernel" },
	[MEMORY_PAGETABLES] = { "Pgtbl", STYLE_PAGETABLES, "page tables" },
	[MEMORY_KERNEL] = { "Kern", STYLE_KERNEL,
			    "stacks, vmalloc, per-CPU, compressed swap, GPU, other shrinkable caches" },
	[MEMORY_OTHER] = { "other", STYLE_NOTICE,
			   "the remainder, which the kernel counts nowhere: buffers of drivers, per-CPU free "
			   "lists, ballooning" },
	[MEMORY_FREE] = { "free", STYLE_FREE, "free" },
};

const struct meter_kind meter_swap[SWAP_KIND_COUNT] = {
	[SWAP_OUT] = { "used", STYLE_SWAP, "in swap only" },
	[SWAP_CACHED] = { "cached", STYLE_FILE, "in swap and again in RAM" },
	[SWAP_FREE] = { "free", STYLE_FREE, "free" },
};

static bool is_free(const struct meter_part *part)
{
	return !strcmp(part->word, "free");
}

void meter_draw(struct canvas *canvas, int row, int column, int width, const struct meter_part *parts,
		unsigned count)
{
	__int128 total = 0, sum = 0;
	int cells = width - 2, at = 0;

	if (cells < 1)
		return;
	for (unsigned i = 0; i < count; i++)
		total += parts[i].bytes;
	canvas_put(canvas, row, column, 1, STYLE_STRONG, "[");
	for (unsigned i = 0; i < count && total; i++) {
		char letter[2] = { *parts[i].word, '\0' };
		int end;

		sum += parts[i].bytes;
		end = (int)((sum * cells + total / 2) / total);
		for (; at < end; at++) {
			if (is_free(&parts[i]))
				canvas_put_glyph(canvas, row, column + 1 + at, 1, STYLE_FREE, GLYPH_BAR_FREE);
			else
				canvas_put(canvas, row, column + 1 + at, 1, parts[i].style, letter);
		}
	}
	canvas_put(canvas, row, column + width - 1, 1, STYLE_STRONG, "]");
}

/* Columns of a part in the legend, with the gap behind it. */
static int legend_columns(const struct meter_part *part, const char *amount)
{
	return (int)strlen(part->word) + 1 + (int)strlen(amount) + 2;
}

static unsigned smallest(const struct meter_part *parts, unsigned count, const bool *shown)
{
	unsigned found = count;

	for (unsigned i = 0; i < count; i++)
		if (shown[i] && (found == count || parts[i].bytes < parts[found].bytes))
			found = i;
	return found;
}

void meter_legend(struct canvas *canvas, int row, int column, int width, const struct meter_part *parts,
		  unsigned count, enum cell_unit unit)
{
	const struct metric *bytes = metric_get(SCOPE_SYSTEM, SYS_MEM_TOTAL);
	char amounts[PARTS_MAX][CELL_MAX];
	struct line line = { canvas, row, column, column + width, false, false };
	bool shown[PARTS_MAX] = { false };
	int columns = -2;

	if (count > PARTS_MAX)
		count = PARTS_MAX;
	for (unsigned i = 0; i < count; i++) {
		cell_number_in(amounts[i], bytes, value_ok(parts[i].bytes), unit);
		shown[i] = parts[i].bytes > 0;
		columns += shown[i] ? legend_columns(&parts[i], amounts[i]) : 0;
	}
	while (columns > width) {
		unsigned least = smallest(parts, count, shown);

		if (least == count)
			return;
		shown[least] = false;
		columns -= legend_columns(&parts[least], amounts[least]);
	}
	for (unsigned i = 0; i < count; i++)
		if (shown[i])
			line_item(&line, NULL, parts[i].style, parts[i].word, amounts[i]);
}
