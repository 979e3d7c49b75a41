/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parsers of /proc/PID smaps_rollup, smaps and maps on captured and constructed kernel text. */
#include "exact.h"
#include "parse/process.h"

static int parse_smaps_text(const char *text, size_t len, struct parse_smaps *smaps)
{
	char *copy = exact(text, len);
	int ret = parse_smaps_add(copy, len, smaps);

	free(copy);
	return ret;
}

struct kib {
	enum smaps_field field;
	int64_t kib;
};

/* SMAPS must hold the fields of EXPECTED, and no others. */
static void check_smaps(const struct parse_smaps *smaps, const struct kib *expected, size_t count)
{
	uint32_t have = 0;

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(smaps->bytes[expected[i].field], expected[i].kib * 1024);
		have |= 1u << expected[i].field;
	}
	assert_int_equal(smaps->have, have);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The lines of 5.10's smaps_rollup, each its own number. */
static const char rollup_510[] =
	"00400000-ff709000 ---p 00000000 00:00 0                                  [rollup]\n"
	"Rss:                 884 kB\nPss:                 385 kB\nPss_Anon:            301 kB\n"
	"Pss_File:             80 kB\nPss_Shmem:             4 kB\nShared_Clean:        696 kB\n"
	"Shared_Dirty:          9 kB\nPrivate_Clean:       120 kB\nPrivate_Dirty:        68 kB\n"
	"Referenced:          883 kB\nAnonymous:            67 kB\nLazyFree:              5 kB\n"
	"AnonHugePages:      2048 kB\nShmemPmdMapped:        6 kB\nFilePmdMapped:         7 kB\n"
	"Shared_Hugetlb:     4096 kB\nPrivate_Hugetlb:    8192 kB\nSwap:                 16 kB\n"
	"SwapPss:               8 kB\nLocked:                3 kB\n";

static const struct kib rollup_510_values[] = {
	{ SMAPS_RSS, 884 }, { SMAPS_PSS, 385 }, { SMAPS_PSS_ANON, 301 }, { SMAPS_PSS_FILE, 80 },
	{ SMAPS_PSS_SHMEM, 4 }, { SMAPS_SHARED_CLEAN, 696 }, { SMAPS_SHARED_DIRTY, 9 },
	{ SMAPS_PRIVATE_CLEAN, 120 }, { SMAPS_PRIVATE_DIRTY, 68 }, { SMAPS_REFERENCED, 883 },
	{ SMAPS_ANONYMOUS, 67 }, { SMAPS_LAZYFREE, 5 }, { SMAPS_ANON_HUGE, 2048 }, { SMAPS_SHMEM_PMD, 6 },
	{ SMAPS_FILE_PMD, 7 }, { SMAPS_SHARED_HUGETLB, 4096 }, { SMAPS_PRIVATE_HUGETLB, 8192 },
	{ SMAPS_SWAP, 16 }, { SMAPS_SWAP_PSS, 8 }, { SMAPS_LOCKED, 3 },
};

static void test_rollup_510(void **state)
{
	struct parse_smaps smaps = { .have = 0 };
	(void)state;

	assert_int_equal(parse_smaps_text(rollup_510, sizeof(rollup_510) - 1, &smaps), 0);
	check_smaps(&smaps, rollup_510_values, COUNT(rollup_510_values));
}

/* Captured on 6.18, with Pss_Dirty and KSM. */
static void test_rollup_618(void **state)
{
	static const char text[] =
		"556c256bb000-7ffcd627b000 ---p 00000000 00:00 0                          [rollup]\n"
		"Rss:                1780 kB\nPss:                 329 kB\nPss_Dirty:           108 kB\n"
		"Pss_Anon:            108 kB\nPss_File:            221 kB\nPss_Shmem:             0 kB\n"
		"Shared_Clean:       1612 kB\nShared_Dirty:          0 kB\nPrivate_Clean:        60 kB\n"
		"Private_Dirty:       108 kB\nReferenced:         1780 kB\nAnonymous:           108 kB\n"
		"KSM:                   0 kB\nLazyFree:              0 kB\nAnonHugePages:         0 kB\n"
		"ShmemPmdMapped:        0 kB\nFilePmdMapped:         0 kB\nShared_Hugetlb:        0 kB\n"
		"Private_Hugetlb:       0 kB\nSwap:                  0 kB\nSwapPss:               0 kB\n"
		"Locked:                0 kB\n";
	static const struct kib values[] = {
		{ SMAPS_RSS, 1780 }, { SMAPS_PSS, 329 }, { SMAPS_PSS_DIRTY, 108 }, { SMAPS_PSS_ANON, 108 },
		{ SMAPS_PSS_FILE, 221 }, { SMAPS_PSS_SHMEM, 0 }, { SMAPS_SHARED_CLEAN, 1612 },
		{ SMAPS_SHARED_DIRTY, 0 }, { SMAPS_PRIVATE_CLEAN, 60 }, { SMAPS_PRIVATE_DIRTY, 108 },
		{ SMAPS_REFERENCED, 1780 }, { SMAPS_ANONYMOUS, 108 }, { SMAPS_KSM, 0 }, { SMAPS_LAZYFREE, 0 },
		{ SMAPS_ANON_HUGE, 0 }, { SMAPS_SHMEM_PMD, 0 }, { SMAPS_FILE_PMD, 0 },
		{ SMAPS_SHARED_HUGETLB, 0 }, { SMAPS_PRIVATE_HUGETLB, 0 }, { SMAPS_SWAP, 0 },
		{ SMAPS_SWAP_PSS, 0 }, { SMAPS_LOCKED, 0 },
	};
	struct parse_smaps smaps = { .have = 0 };
	(void)state;

	assert_int_equal(parse_smaps_text(text, sizeof(text) - 1, &smaps), 0);
	check_smaps(&smaps, values, COUNT(values));
}

/* Two VMAs of smaps, the second a file whose name imitates a field, with lines of a newer kernel. */
static const char two_vmas[] =
	"7f0000000000-7f0000002000 rw-p 00000000 00:00 0 \nSize:                  8 kB\n"
	"KernelPageSize:        4 kB\nMMUPageSize:           4 kB\nRss:                   8 kB\n"
	"Pss:                   8 kB\nPrivate_Dirty:         8 kB\nSwap:                 12 kB\n"
	"THPeligible:           1\nProtectionKey:         0\nVmFlags: rd wr mr mw me ac \n"
	"7f0000002000-7f0000004000 r--p 00000000 08:01 7                          /x/Rss:   9 kB\n"
	"Rss:                   4 kB\nRss_New:              64 kB\nPss:                   1 kB\n"
	"Swap:                  0 kB\nZeroes: many\n";

static void test_sum(void **state)
{
	static const struct kib values[] = {
		{ SMAPS_RSS, 12 }, { SMAPS_PSS, 9 }, { SMAPS_PRIVATE_DIRTY, 8 }, { SMAPS_SWAP, 12 },
	};
	struct parse_smaps whole = { .have = 0 };
	(void)state;

	assert_int_equal(parse_smaps_text(two_vmas, sizeof(two_vmas) - 1, &whole), 0);
	check_smaps(&whole, values, COUNT(values));

	/* The same in two pieces, cut at any line end. */
	for (const char *newline = two_vmas; (newline = strchr(newline, '\n')); newline++) {
		size_t first = (size_t)(newline + 1 - two_vmas);
		struct parse_smaps pieces = { .have = 0 };

		assert_int_equal(parse_smaps_text(two_vmas, first, &pieces), 0);
		assert_int_equal(parse_smaps_text(newline + 1, sizeof(two_vmas) - 1 - first, &pieces), 0);
		check_smaps(&pieces, values, COUNT(values));
	}
}

/* Cut anywhere: an error, or every field absent or right. */
static void test_smaps_cut(void **state)
{
	unsigned accepted = 0;
	(void)state;

	for (size_t len = 0; len < sizeof(rollup_510); len++) {
		struct parse_smaps smaps = { .have = 0 };
		int ret = parse_smaps_text(rollup_510, len, &smaps);
		uint32_t known = 0;

		assert_true(ret == 0 || ret == -EBADMSG);
		if (len && rollup_510[len - 1] == '\n')
			assert_int_equal(ret, 0);
		if (ret)
			continue;
		accepted++;
		for (size_t i = 0; i < COUNT(rollup_510_values); i++) {
			const struct kib *value = &rollup_510_values[i];

			known |= 1u << value->field;
			if (smaps.have & 1u << value->field)
				assert_int_equal(smaps.bytes[value->field], value->kib * 1024);
		}
		assert_int_equal(smaps.have & ~known, 0);
	}
	assert_true(accepted > COUNT(rollup_510_values));
}

static void test_smaps_malformed(void **state)
{
	static const char *const wrong[] = {
		"Rss:     12", "Rss:     12 k", "Rss: 12 MB\n", "Rss: -12 kB\n", "Rss:\n", "Rss: kB\n",
		"Rss: 9007199254740992 kB\n", "Rss: 99999999999999999999 kB\n", "Rss: 1 2 kB\n",
		"Swap: 9007199254740991 kB\nSwap: 1 kB\n", "Locked: 0x10 kB\n",
	};
	struct parse_smaps smaps = { .have = 0 };
	(void)state;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		smaps = (struct parse_smaps){ .have = 0 };
		if (parse_smaps_text(wrong[i], strlen(wrong[i]), &smaps) != -EBADMSG)
			fail_msg("\"%s\" is believed", wrong[i]);
	}
	smaps = (struct parse_smaps){ .have = 0 };
	assert_int_equal(parse_smaps_text("", 0, &smaps), 0);
	assert_int_equal(parse_smaps_text("Rss: 9007199254740991 kB\n", 25, &smaps), 0);
	assert_true(smaps.bytes[SMAPS_RSS] == INT64_MAX - 1023);
}

/* Captured on 6.18. */
static const char maps[] =
	"55df004c3000-55df004c5000 r--p 00000000 fe:00 247134                     /usr/bin/cat\n"
	"02193000-022f6000 rw-p 00000000 00:00 0                                  [heap]\n"
	"7fe6327de000-7fe6327e0000 rw-s 00000000 00:01 1052                       /dev/zero (deleted)\n"
	"7fe632f05000-7fe632f06000 rw-s 00001000 00:01 1051                       /memfd:mem fd (deleted)\n"
	"7fe632f06000-7fe632f08000 rw-s 00000000 fe:00 11133511                   /var/a b\\012c (deleted)\n"
	"7fe632f1b000-7fe632f1d000 r-xp 00000000 00:00 0 \n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n";

static const struct {
	uint64_t start, end, offset;
	const char *permissions;
	uint32_t major;
	uint32_t minor;
	uint64_t inode;
	const char *path;
} maps_values[] = {
	{ 0x55df004c3000, 0x55df004c5000, 0, "r--p", 0xfe, 0, 247134, "/usr/bin/cat" },
	{ 0x2193000, 0x22f6000, 0, "rw-p", 0, 0, 0, "[heap]" },
	{ 0x7fe6327de000, 0x7fe6327e0000, 0, "rw-s", 0, 1, 1052, "/dev/zero (deleted)" },
	{ 0x7fe632f05000, 0x7fe632f06000, 0x1000, "rw-s", 0, 1, 1051, "/memfd:mem fd (deleted)" },
	{ 0x7fe632f06000, 0x7fe632f08000, 0, "rw-s", 0xfe, 0, 11133511, "/var/a b\\012c (deleted)" },
	{ 0x7fe632f1b000, 0x7fe632f1d000, 0, "r-xp", 0, 0, 0, "" },
	{ 0xffffffffff600000, 0xffffffffff601000, 0, "--xp", 0, 0, 0, "[vsyscall]" },
};

static void check_map(const struct parse_map *map, size_t i)
{
	char permissions[5] = { map->readable ? 'r' : '-', map->writable ? 'w' : '-',
				map->executable ? 'x' : '-', map->shared ? 's' : 'p', '\0' };

	assert_int_equal(map->start, maps_values[i].start);
	assert_int_equal(map->end, maps_values[i].end);
	assert_int_equal(map->offset, maps_values[i].offset);
	assert_string_equal(permissions, maps_values[i].permissions);
	assert_int_equal(map->dev_major, maps_values[i].major);
	assert_int_equal(map->dev_minor, maps_values[i].minor);
	assert_int_equal(map->inode, maps_values[i].inode);
	assert_int_equal(map->path_len, strlen(maps_values[i].path));
	assert_memory_equal(map->path, maps_values[i].path, map->path_len);
}

/* Cut anywhere: the whole lines are right, and the rest of one is refused. */
static void test_maps(void **state)
{
	(void)state;
	for (size_t cut = 0; cut < sizeof(maps); cut++) {
		char *text = exact(maps, cut);
		const char *p = text;
		size_t len = cut, lines = 0, expected = 0;
		struct parse_map map;
		int ret;

		for (size_t i = 0; i < cut; i++)
			expected += text[i] == '\n';
		while ((ret = parse_map_next(&p, &len, &map)) == 1)
			check_map(&map, lines++);
		assert_int_equal(lines, expected);
		assert_int_equal(ret, cut && maps[cut - 1] != '\n' ? -EBADMSG : 0);
		assert_int_equal(len, 0);
		assert_int_equal(parse_map_next(&p, &len, &map), 0);
		free(text);
	}
}

static void test_maps_malformed(void **state)
{
	static const char *const wrong[] = {
		"\n", "x\n", "Rss:        4 kB\n", "1000-1000 r--p 0 0:0 0 \n", "2000-1000 r--p 0 0:0 0 \n",
		"1000-2000 r--q 0 0:0 0 \n", "1000-2000 R--p 0 0:0 0 \n", "1000-2000 r-p 0 0:0 0 \n",
		"1000-2000  r--p 0 0:0 0 \n", "1000 2000 r--p 0 0:0 0 \n", "1000-2000 r--p 0 0 0 \n",
		"1000-2000 r--p 0 0:0 x \n", "1000-2000 r--p 0 0:0 1/x\n", "1000-2000 r--p 0 0:0\n",
		"10000000000000000-20000000000000000 r--p 0 0:0 0 \n", "1000-2000 r--p 0 100000000:0 0 \n",
		"1000-2000 r--p 0 0:0 18446744073709551616 \n",
	};
	static const char good[] = "1000-2000 r--p 0 0:0 18446744073709551615\n";
	(void)state;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		char text[128];
		const char *p = text;
		size_t len = (size_t)snprintf(text, sizeof(text), "%s%s", wrong[i], good);
		struct parse_map map;

		if (parse_map_next(&p, &len, &map) != -EBADMSG)
			fail_msg("\"%s\" is believed", wrong[i]);
		/* It is skipped, and the next one is read. */
		assert_int_equal(parse_map_next(&p, &len, &map), 1);
		assert_true(map.inode == UINT64_MAX);
		assert_int_equal(map.path_len, 0);
		assert_int_equal(parse_map_next(&p, &len, &map), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rollup_510), cmocka_unit_test(test_rollup_618),
		cmocka_unit_test(test_sum), cmocka_unit_test(test_smaps_cut),
		cmocka_unit_test(test_smaps_malformed),
		cmocka_unit_test(test_maps), cmocka_unit_test(test_maps_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
