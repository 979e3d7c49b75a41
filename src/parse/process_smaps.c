/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/smaps_rollup and smaps (fs/proc/task_mmu.c, __show_smap). */
#include <errno.h>

#include "parse/process.h"
#include "parse/scan.h"

#define KEY(name) name ":", sizeof(name)

/* In the kernel's order. Pss_Anon, Pss_File and Pss_Shmem are in the rollup only; Pss_Dirty came with 6.0, KSM
 * with 6.7. */
static const struct key {
	const char *name;
	size_t len;
	enum smaps_field field;
} keys[] = {
	{ KEY("Rss"), SMAPS_RSS },
	{ KEY("Pss"), SMAPS_PSS },
	{ KEY("Pss_Dirty"), SMAPS_PSS_DIRTY },
	{ KEY("Pss_Anon"), SMAPS_PSS_ANON },
	{ KEY("Pss_File"), SMAPS_PSS_FILE },
	{ KEY("Pss_Shmem"), SMAPS_PSS_SHMEM },
	{ KEY("Shared_Clean"), SMAPS_SHARED_CLEAN },
	{ KEY("Shared_Dirty"), SMAPS_SHARED_DIRTY },
	{ KEY("Private_Clean"), SMAPS_PRIVATE_CLEAN },
	{ KEY("Private_Dirty"), SMAPS_PRIVATE_DIRTY },
	{ KEY("Referenced"), SMAPS_REFERENCED },
	{ KEY("Anonymous"), SMAPS_ANONYMOUS },
	{ KEY("KSM"), SMAPS_KSM },
	{ KEY("LazyFree"), SMAPS_LAZYFREE },
	{ KEY("AnonHugePages"), SMAPS_ANON_HUGE },
	{ KEY("ShmemPmdMapped"), SMAPS_SHMEM_PMD },
	{ KEY("FilePmdMapped"), SMAPS_FILE_PMD },
	{ KEY("Shared_Hugetlb"), SMAPS_SHARED_HUGETLB },
	{ KEY("Private_Hugetlb"), SMAPS_PRIVATE_HUGETLB },
	{ KEY("Swap"), SMAPS_SWAP },
	{ KEY("SwapPss"), SMAPS_SWAP_PSS },
	{ KEY("Locked"), SMAPS_LOCKED },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* The key at *LINE, which is moved past it; the search starts at key *NEXT, where the previous one left off. */
static const struct key *find_key(const char **line, const char *end, unsigned *next)
{
	/* Keys begin with a capital letter; the line that heads a VMA begins with a hexadecimal digit. */
	if (*line >= end || **line < 'A' || **line > 'Z')
		return NULL;
	for (unsigned tried = 0; tried < KEYS; tried++) {
		const struct key *key = &keys[*next];

		*next = *next + 1 < KEYS ? *next + 1 : 0;
		if (**line == key->name[0] && scan_prefix(line, end, key->name, key->len))
			return key;
	}
	return NULL;
}

int parse_smaps_add(const char *text, size_t len, struct parse_smaps *smaps)
{
	const char *p = text, *end = text + len, *line, *line_end;
	unsigned next = 0;

	while (scan_line(&p, end, &line, &line_end)) {
		const struct key *key = find_key(&line, line_end, &next);
		int64_t bytes;

		if (!key)
			continue;
		if (scan_kib(line, line_end, &bytes) ||
		    __builtin_add_overflow(smaps->bytes[key->field], bytes, &smaps->bytes[key->field]))
			return -EBADMSG;
		smaps->have |= 1u << key->field;
	}
	return 0;
}
