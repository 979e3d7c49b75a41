/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsers of system-wide kernel text, on lines of real kernels and on broken ones. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parse/keyed.h"
#include "parse/mountinfo.h"
#include "parse/octal.h"
#include "parse/psi.h"
#include "parse/scalar.h"
#include "parse/swaps.h"

/* One line that must be NAME with VALUE. */
static void check_keyed(const char *text, const char *name, int64_t value, bool kib)
{
	size_t len = strlen(text);
	struct parse_keyed line;

	assert_int_equal(parse_keyed_next(&text, &len, &line), 1);
	assert_int_equal(line.name_len, strlen(name));
	assert_memory_equal(line.name, name, line.name_len);
	assert_int_equal(line.value, value);
	assert_int_equal(line.kib, kib);
	assert_int_equal(parse_keyed_next(&text, &len, &line), 0);
}

static void test_keyed(void **state)
{
	(void)state;
	check_keyed("MemTotal:         470896 kB\n", "MemTotal", 482197504, true);
	check_keyed("Active(anon):       8572 kB\n", "Active(anon)", 8777728, true);
	check_keyed("HardwareCorrupted:     0 kB\n", "HardwareCorrupted", 0, true);
	check_keyed("VmallocTotal:   13743895347199 kB\n", "VmallocTotal", 14073748835531776, true);
	check_keyed("HugePages_Total:       3\n", "HugePages_Total", 3, false);
	check_keyed("pgalloc_dma32 21598\n", "pgalloc_dma32", 21598, false);
	check_keyed("hierarchical_memory_limit 9223372036854771712\n", "hierarchical_memory_limit",
		    9223372036854771712, false);
	check_keyed("\n\nanon 53248\n\n", "anon", 53248, false);
}

static void check_keyed_bad(const char *text, const char *name)
{
	size_t len = strlen(text);
	struct parse_keyed line;

	assert_int_equal(parse_keyed_next(&text, &len, &line), -EBADMSG);
	assert_int_equal(line.name_len, strlen(name));
	assert_memory_equal(line.name, name, line.name_len);
	assert_int_equal(parse_keyed_next(&text, &len, &line), 0);
}

static void test_keyed_malformed(void **state)
{
	(void)state;
	check_keyed_bad("pgfault 44063", "pgfault");		/* cut: the number may be longer */
	check_keyed_bad("pgfault\n", "pgfault");
	check_keyed_bad("pgfault -1\n", "pgfault");
	check_keyed_bad("pgfault 1x\n", "pgfault");
	check_keyed_bad("pgfault 9223372036854775808\n", "pgfault");
	check_keyed_bad("pgfault 99999999999999999999\n", "pgfault");
	check_keyed_bad("MemFree:  12 MB\n", "MemFree");
	check_keyed_bad("MemFree:  12 kBytes\n", "MemFree");
	check_keyed_bad("MemFree:  9007199254740992 kB\n", "MemFree");
	check_keyed_bad("MemFree:  1 2 kB\n", "MemFree");
	check_keyed_bad(": 1\n", "");
	check_keyed_bad(" 1\n", "");
}

static void test_keyed_goes_on(void **state)
{
	const char *text = "a 1\nbroken\nb 2\n";
	size_t len = strlen(text);
	struct parse_keyed line;
	(void)state;

	assert_int_equal(parse_keyed_next(&text, &len, &line), 1);
	assert_int_equal(parse_keyed_next(&text, &len, &line), -EBADMSG);
	assert_int_equal(parse_keyed_next(&text, &len, &line), 1);
	assert_int_equal(line.value, 2);
	assert_int_equal(parse_keyed_next(&text, &len, &line), 0);
}

static int psi(const char *text, struct parse_psi *out)
{
	return parse_psi(text, strlen(text), out);
}

static void test_psi(void **state)
{
	struct parse_psi p;
	(void)state;

	assert_int_equal(psi("some avg10=2.17 avg60=0.39 avg300=0.08 total=284016\n"
			     "full avg10=0.00 avg60=100.00 avg300=12.05 total=51027\n", &p), 0);
	assert_int_equal(p.have, (1 << PSI_COUNT) - 1);
	assert_int_equal(p.v[PSI_SOME_AVG10], 2170);
	assert_int_equal(p.v[PSI_SOME_AVG60], 390);
	assert_int_equal(p.v[PSI_SOME_AVG300], 80);
	assert_int_equal(p.v[PSI_SOME_TOTAL], 284016000);
	assert_int_equal(p.v[PSI_FULL_AVG10], 0);
	assert_int_equal(p.v[PSI_FULL_AVG60], 100000);
	assert_int_equal(p.v[PSI_FULL_AVG300], 12050);
	assert_int_equal(p.v[PSI_FULL_TOTAL], 51027000);
	/* cpu before 5.13 */
	assert_int_equal(psi("some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n", &p), 0);
	assert_int_equal(p.have, 0xf);
	/* a newer kernel's fields and lines */
	assert_int_equal(psi("most avg10=1.00\nsome avg5=1.00 avg10=3.00 new total=1\n", &p), 0);
	assert_int_equal(p.have, 1 << PSI_SOME_AVG10 | 1 << PSI_SOME_TOTAL);
	assert_int_equal(p.v[PSI_SOME_AVG10], 3000);
}

static void test_psi_malformed(void **state)
{
	static const char *const texts[] = {
		"", "\n", "none\n", "some\n", "some avg10=\n", "some avg10=x\n", "some avg10=1.0x\n",
		"some total=-1\n", "some avg10=0.00 total=12", "some total=9223372036854776\n",
		"some avg10=99999999999999999999.00\n",
	};
	struct parse_psi p;
	(void)state;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(psi(texts[i], &p), -EBADMSG);
}

static void test_octal(void **state)
{
	char out[16];
	(void)state;

	assert_int_equal(parse_octal_unescape(out, sizeof out, "a\\040b\\012\\134", 14), 5);
	assert_memory_equal(out, "a b\n\\", 5);
	assert_int_equal(parse_octal_unescape(out, sizeof out, "\\04", 3), 3);
	assert_int_equal(parse_octal_unescape(out, sizeof out, "\\777\\8", 6), 6);
	assert_memory_equal(out, "\\777\\8", 6);
	assert_int_equal(parse_octal_unescape(out, 2, "abc", 3), 2);
}

static void test_swaps(void **state)
{
	/* The first two lines are 6.1's; the others have what mm/swapfile.c escapes. */
	const char *text = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
			   "/dev/zram0                              partition\t131068\t\t18432\t\t-2\n"
			   "/swap\\040file\\040(deleted)               file\t\t2097148\t\t0\t\t5\n"
			   "/dev/zram1x partition 1 0 0\n"
			   "broken\n"
			   "/zram2 file 1 0 0\n";
	size_t len = strlen(text);
	struct parse_swap swap;
	(void)state;

	assert_int_equal(parse_swap_next(&text, &len, &swap), 1);
	assert_int_equal(swap.size_bytes, 131068 * 1024);
	assert_int_equal(swap.used_bytes, 18432 * 1024);
	assert_int_equal(swap.priority, -2);
	assert_int_equal(parse_swap_zram_number(&swap), 0);
	assert_int_equal(parse_swap_next(&text, &len, &swap), 1);
	assert_int_equal(swap.name_len, strlen("/swap\\040file\\040(deleted)"));
	assert_int_equal(swap.size_bytes, 2097148ll * 1024);
	assert_int_equal(swap.priority, 5);
	assert_int_equal(parse_swap_zram_number(&swap), -1);
	assert_int_equal(parse_swap_next(&text, &len, &swap), 1);
	assert_int_equal(parse_swap_zram_number(&swap), -1);
	assert_int_equal(parse_swap_next(&text, &len, &swap), -EBADMSG);
	assert_int_equal(parse_swap_next(&text, &len, &swap), 1);
	assert_int_equal(parse_swap_zram_number(&swap), -1);	/* a file, not the device */
	assert_int_equal(parse_swap_next(&text, &len, &swap), 0);
	text = "/dev/sda2 partition 10 1 -2";
	len = strlen(text);
	assert_int_equal(parse_swap_next(&text, &len, &swap), -EBADMSG);
}

static void test_zram(void **state)
{
	const char *text = " 6889472  5246268  6246400        0  6246400        0        0      207      207\n";
	struct parse_zram zram;
	(void)state;

	assert_int_equal(parse_zram_mm_stat(text, strlen(text), &zram), 0);
	assert_int_equal(zram.original_bytes, 6889472);
	assert_int_equal(zram.compressed_bytes, 5246268);
	assert_int_equal(zram.used_bytes, 6246400);
	assert_int_equal(parse_zram_mm_stat("1 2 3", 5, &zram), -EBADMSG);	/* cut */
	assert_int_equal(parse_zram_mm_stat("1 2\n", 4, &zram), -EBADMSG);
}

static void test_mountinfo(void **state)
{
	const char *text =
		"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:7 master:1 - cgroup cgroup rw,memory\n"
		"41 31 0:38 /docker/a\\040b /mnt/x - cgroup2 cgroup2 rw\n"
		"2 1 0:3 / / rw - rootfs rootfs rw,size=230020k\n"
		"not a mount\n"
		"27 2 0:24 / /sys rw,relatime shared:1\n"
		"28 2 0:24 / /a rw - tmpfs  rw,memoryx,xmemory";
	size_t len = strlen(text);
	struct parse_mount mount;
	(void)state;

	assert_int_equal(parse_mount_next(&text, &len, &mount), 1);
	assert_memory_equal(mount.point, "/sys/fs/cgroup/memory", mount.point_len);
	assert_int_equal(mount.type_len, 6);
	assert_true(parse_mount_has_option(&mount, "memory"));
	assert_true(parse_mount_has_option(&mount, "rw"));
	assert_false(parse_mount_has_option(&mount, "mem"));
	assert_int_equal(parse_mount_next(&text, &len, &mount), -EBADMSG);	/* mount options are missing */
	assert_int_equal(parse_mount_next(&text, &len, &mount), 1);
	assert_false(parse_mount_has_option(&mount, "memory"));
	assert_int_equal(parse_mount_next(&text, &len, &mount), -EBADMSG);
	assert_int_equal(parse_mount_next(&text, &len, &mount), -EBADMSG);
	assert_int_equal(parse_mount_next(&text, &len, &mount), -EBADMSG);	/* no newline */
	assert_int_equal(parse_mount_next(&text, &len, &mount), 0);
}

static void check_scalar(const char *text, int64_t value)
{
	int64_t out = -7;

	assert_int_equal(parse_scalar(text, strlen(text), &out), 0);
	assert_int_equal(out, value);
}

static void test_scalar(void **state)
{
	static const char *const bad[] = {
		"", "\n", "x", "1x\n", "1\n\n", "0x", "0xg", "1 2", "0x8000000000000000",
	};
	int64_t out;
	bool unlimited;
	(void)state;

	check_scalar("60\n", 60);
	check_scalar("60", 60);
	check_scalar("-4096\n", -4096);
	check_scalar("0x0007\n", 7);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(parse_scalar(bad[i], strlen(bad[i]), &out), -EBADMSG);
	assert_int_equal(parse_scalar_or_max("max\n", 4, &out, &unlimited), 0);
	assert_true(unlimited);
	assert_int_equal(parse_scalar_or_max("33554432\n", 9, &out, &unlimited), 0);
	assert_false(unlimited);
	assert_int_equal(out, 33554432);
	assert_int_equal(parse_scalar_or_max("maximum\n", 8, &out, &unlimited), -EBADMSG);
	assert_int_equal(parse_scalar_or_max("-1\n", 3, &out, &unlimited), -EBADMSG);
}

static void check_choice(const char *text, const char *choice)
{
	const char *out;
	size_t len;

	assert_int_equal(parse_choice(text, strlen(text), &out, &len), 0);
	assert_int_equal(len, strlen(choice));
	assert_memory_equal(out, choice, len);
}

static void test_choice(void **state)
{
	const char *out;
	size_t len;
	(void)state;

	check_choice("always defer defer+madvise [madvise] never\n", "madvise");
	check_choice("[always] madvise never\n", "always");
	check_choice("Y\n", "Y");
	check_choice("always [mad\n", "always [mad");
	assert_int_equal(parse_choice("", 0, &out, &len), -EBADMSG);
	assert_int_equal(parse_choice("\n", 1, &out, &len), -EBADMSG);
	assert_int_equal(parse_choice("[]\n", 3, &out, &len), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keyed),
		cmocka_unit_test(test_keyed_malformed),
		cmocka_unit_test(test_keyed_goes_on),
		cmocka_unit_test(test_psi),
		cmocka_unit_test(test_psi_malformed),
		cmocka_unit_test(test_octal),
		cmocka_unit_test(test_swaps),
		cmocka_unit_test(test_zram),
		cmocka_unit_test(test_mountinfo),
		cmocka_unit_test(test_scalar),
		cmocka_unit_test(test_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
