/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parsers of /proc/PID stat, statm, status and cgroup on captured and constructed kernel text. */
#include "exact.h"
#include "parse/process.h"

/* Captured on 6.18 (x86-64): a process that had named itself "a) R 1 (", newline, escape, "]". */
static const char stat_hostile[] =
	"3898 (a) R 1 (\n\x1b]) S 3896 3848 6212 0 -1 4194368 281 0 0 0 0 0 0 0 20 0 1 0 301067 16355328 2350 "
	"18446744073709551615 4321280 7148169 140737372629616 0 0 0 0 16781312 2 1 0 0 17 0 0 0 0 0 0 9723336 "
	"11027064 35205120 140737372637591 140737372637625 140737372637625 140737372639207 0\n";

/* Captured on 6.18: a zombie, and a kernel thread. */
static const char stat_zombie[] =
	"3897 (sleep) Z 3896 3848 6212 0 -1 4228108 75 0 1 0 0 0 0 0 20 0 1 0 301027 0 0 18446744073709551615 "
	"0 0 0 0 0 0 0 0 0 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 9\n";
static const char stat_kthread[] =
	"2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 25 0 0 18446744073709551615 "
	"0 0 0 0 0 0 0 2147483647 0 1 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

/* Each field its own number, so that none can be taken for another; below 0 what the kernel prints as %d. */
static const char stat_numbered[] =
	"101 (x) D 104 105 106 -107 -108 109 110 111 112 113 114 115 -116 -117 -118 -119 120 -121 122 123 124 "
	"125 126 127 128 129 130 131 132 133 134 135 136 137 -138 139 140 141 142 143 144\n";

static int parse_stat_text(const char *text, struct parse_stat *stat)
{
	char *copy = exact(text, strlen(text));
	int ret;

	memset(stat, 0xa5, sizeof(*stat));
	ret = parse_stat(copy, strlen(text), stat);
	free(copy);
	return ret;
}

static void test_stat_fields(void **state)
{
	struct parse_stat stat;
	(void)state;

	assert_int_equal(parse_stat_text(stat_numbered, &stat), 0);
	assert_int_equal(stat.pid, 101);
	assert_string_equal(stat.comm, "x");
	assert_int_equal(stat.state, 'D');
	assert_int_equal(stat.ppid, 104);
	assert_int_equal(stat.flags, 109);
	assert_int_equal(stat.minflt, 110);
	assert_int_equal(stat.majflt, 112);
	assert_int_equal(stat.utime, 114);
	assert_int_equal(stat.stime, 115);
	assert_int_equal(stat.num_threads, 120);
	assert_int_equal(stat.starttime, 122);
	assert_int_equal(stat.vsize, 123);
	assert_int_equal(stat.rss, 124);
	assert_int_equal(stat.startcode, 126);
	assert_int_equal(stat.startstack, 128);
	assert_int_equal(stat.rt_priority, 140);
	assert_int_equal(stat.policy, 141);
	assert_true(stat.has_layout);
}

static void test_stat_captured(void **state)
{
	struct parse_stat stat;
	(void)state;

	assert_int_equal(parse_stat_text(stat_hostile, &stat), 0);
	assert_int_equal(stat.pid, 3898);
	assert_string_equal(stat.comm, "a) R 1 (\n\x1b]");
	assert_int_equal(stat.state, 'S');
	assert_int_equal(stat.ppid, 3896);
	assert_int_equal(stat.starttime, 301067);
	assert_int_equal(stat.rss, 2350);
	assert_true(stat.has_layout);

	assert_int_equal(parse_stat_text(stat_zombie, &stat), 0);
	assert_int_equal(stat.state, 'Z');
	assert_int_equal(stat.majflt, 1);
	assert_false(stat.has_layout);

	assert_int_equal(parse_stat_text(stat_kthread, &stat), 0);
	assert_true(stat.flags & 0x00200000);	/* PF_KTHREAD */
	assert_int_equal(stat.ppid, 0);
	assert_false(stat.has_layout);
}

/* TEXT with its first OLD replaced by NEW. */
static const char *replaced(const char *text, const char *old, const char *new)
{
	static char out[1024];
	const char *at = strstr(text, old);

	assert_non_null(at);
	snprintf(out, sizeof(out), "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
	return out;
}

static void test_stat_layout(void **state)
{
	struct parse_stat stat;
	(void)state;

	/* Without ptrace permission the kernel prints 1 1 0 (do_task_stat, permitted). */
	assert_int_equal(parse_stat_text(replaced(stat_numbered, "126 127 128", "1 1 0"), &stat), 0);
	assert_int_equal(stat.startcode, 1);
	assert_false(stat.has_layout);
}

static void test_stat_comm(void **state)
{
	struct parse_stat stat;
	char expected[64];
	(void)state;

	assert_int_equal(parse_stat_text(replaced(stat_numbered, "(x)", "()"), &stat), 0);
	assert_string_equal(stat.comm, "");
	assert_int_equal(parse_stat_text(replaced(stat_numbered, "(x)", "()))"), &stat), 0);
	assert_string_equal(stat.comm, "))");
	/* wq_worker_comm() prints up to 64 bytes into the name of a kernel worker. */
	memset(expected, 'w', sizeof(expected) - 1);
	expected[63] = '\0';
	assert_int_equal(parse_stat_text(replaced(stat_numbered, "x", expected), &stat), 0);
	assert_string_equal(stat.comm, expected);
	assert_int_equal(parse_stat_text(replaced(stat_numbered, "(x",
		"(wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwx"), &stat), 0);
	assert_string_equal(stat.comm, expected);
}

static void test_stat_nonsense(void **state)
{
	static const struct { const char *old, *new; } cases[] = {
		{ "101", "0" }, { "101", "-1" }, { "101", "2147483648" }, { "101 ", "101" }, { "(x)", "x" },
		{ "(x", "x" }, { "x)", "x" }, { " D ", " \x1b " }, { " D ", "  " }, { " D ", " DD " },
		{ " 104", " -104" }, { " 104", " 2147483648" }, { " 109", " -109" }, { " 109", " 4294967296" },
		{ " 110", " -110" }, { " 110", " 18446744073709551616" }, { " 112", " -1" }, { " 114", " -1" },
		{ " 120", " -1" }, { " 122", " -1" }, { " 123", " -1" }, { " 124", " -1" },
		{ " 124", " 9223372036854775808" }, { " 126", " x" }, { " 126 ", "  " }, { " 126 ", "\t126 " },
		{ " 130", " " }, { " 140", " 4294967296" }, { " 141", " 4294967296" }, { " 141", " 141x" },
		{ "-107", "--107" }, { "-107", "-" },
	};
	struct parse_stat stat;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (parse_stat_text(replaced(stat_numbered, cases[i].old, cases[i].new), &stat) != -EBADMSG)
			fail_msg("\"%s\" for \"%s\" is believed", cases[i].new, cases[i].old);
}

/* Cut anywhere: an error up to the end of the last field that is read, the same result beyond it. */
static void check_stat_cut(const char *text)
{
	struct parse_stat whole, cut;
	size_t len = strlen(text);
	const char *needed = strrchr(text, ')') + 1;

	for (int field = 3; field <= 41; field++)
		needed = strchr(needed + 1, ' ');
	assert_int_equal(parse_stat_text(text, &whole), 0);
	for (size_t cut_len = 0; cut_len <= len; cut_len++) {
		char *copy = exact(text, cut_len);
		int ret = parse_stat(copy, cut_len, &cut);

		assert_int_equal(ret, cut_len > (size_t)(needed - text) ? 0 : -EBADMSG);
		if (!ret) {
			assert_int_equal(cut.pid, whole.pid);
			assert_string_equal(cut.comm, whole.comm);
			assert_int_equal(cut.rss, whole.rss);
			assert_int_equal(cut.policy, whole.policy);
		}
		free(copy);
	}
}

static void test_stat_cut(void **state)
{
	(void)state;
	check_stat_cut(stat_numbered);
	check_stat_cut(stat_hostile);
	check_stat_cut(stat_zombie);
	check_stat_cut(stat_kthread);
}

static int parse_statm_text(const char *text, size_t len, struct parse_statm *statm)
{
	char *copy = exact(text, len);
	int ret = parse_statm(copy, len, statm);

	free(copy);
	return ret;
}

static void test_statm(void **state)
{
	static const char text[] = "765 447 418 5 0 123 0\n";	/* captured on 6.18 */
	static const char *const wrong[] = { "", "\n", "1 2\n", "1 2 x\n", "-1 2 3\n", "1 -2 3\n", " 1 2 3\n",
					     "1  2 3\n", "9223372036854775808 1 1\n", "1 2 3x\n", "1 2 3" };
	struct parse_statm statm;
	(void)state;

	for (size_t len = 0; len < sizeof(text); len++) {
		int ret = parse_statm_text(text, len, &statm);

		assert_int_equal(ret, len > strlen("765 447 418") ? 0 : -EBADMSG);
		if (ret)
			continue;
		assert_int_equal(statm.size, 765);
		assert_int_equal(statm.resident, 447);
		assert_int_equal(statm.shared, 418);
	}
	assert_int_equal(parse_statm_text("0 0 0 0 0 0 0\n", 14, &statm), 0);
	assert_int_equal(parse_statm_text("1 2 9223372036854775807\n", 24, &statm), 0);
	assert_true(statm.shared == INT64_MAX);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (parse_statm_text(wrong[i], strlen(wrong[i]), &statm) != -EBADMSG)
			fail_msg("\"%s\" is believed", wrong[i]);
}

/* The shape of 5.10's proc_pid_status() for a process in a nested pid namespace; each number its own. */
static const char status_510[] =
	"Name:\tnginx\\nVmRSS:\t1 kB\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t812\nNgid:\t0\nPid:\t813\n"
	"PPid:\t1\nTracerPid:\t0\nUid:\t33\t1033\t34\t35\nGid:\t43\t43\t43\t43\nFDSize:\t64\nGroups:\t33 \n"
	"NStgid:\t812\t7\nNSpid:\t812\t9\t3\nNSpgid:\t812\t7\nNSsid:\t812\t7\n"
	"VmPeak:\t   65536 kB\nVmSize:\t   65532 kB\nVmLck:\t       4 kB\nVmPin:\t       5 kB\n"
	"VmHWM:\t    9216 kB\nVmRSS:\t    9000 kB\n"
	"RssAnon:\t    3000 kB\nRssFile:\t    5900 kB\nRssShmem:\t     100 kB\n"
	"VmData:\t    8192 kB\nVmStk:\t     132 kB\nVmExe:\t     900 kB\nVmLib:\t    7000 kB\n"
	"VmPTE:\t      96 kB\nVmSwap:\t      12 kB\nHugetlbPages:\t       0 kB\nCoreDumping:\t0\n"
	"THP_enabled:\t1\nThreads:\t31\n"
	"SigQ:\t0/63450\nMems_allowed_list:\t0\nvoluntary_ctxt_switches:\t1\nnonvoluntary_ctxt_switches:\t0\n";

static const int64_t status_510_values[STATUS_COUNT] = {
	[STATUS_TGID] = 812, [STATUS_NSPID_DEPTH] = 3, [STATUS_UID_EFFECTIVE] = 1033,
	[STATUS_VMSIZE] = 65532 * 1024, [STATUS_VMLCK] = 4 * 1024, [STATUS_VMHWM] = 9216 * 1024,
	[STATUS_VMRSS] = 9000 * 1024, [STATUS_RSSANON] = 3000 * 1024, [STATUS_RSSFILE] = 5900 * 1024,
	[STATUS_RSSSHMEM] = 100 * 1024, [STATUS_VMPTE] = 96 * 1024, [STATUS_VMSWAP] = 12 * 1024,
	[STATUS_THREADS] = 31,
};

static void parse_status_text(const char *text, size_t len, struct parse_status *status)
{
	char *copy = exact(text, len);

	memset(status, 0xa5, sizeof(*status));
	assert_int_equal(parse_status(copy, len, status), 0);
	free(copy);
}

/* Cut anywhere: a field is either absent or right, never a shortened number; whole lines are all there. */
static void test_status(void **state)
{
	struct parse_status status;
	unsigned before = 0;
	(void)state;

	for (size_t len = 0; len < sizeof(status_510); len++) {
		parse_status_text(status_510, len, &status);
		for (unsigned i = 0; i < STATUS_COUNT; i++)
			assert_int_equal(status.v[i], status.have & 1u << i ? status_510_values[i] : 0);
		assert_int_equal(status.have & before, before);
		assert_true(status.have == before || status_510[len - 1] == '\n');
		before = status.have;
	}
	assert_int_equal(status.have, (1u << STATUS_COUNT) - 1);
}

/* Captured on 6.18: a kernel thread has no memory, and says so by leaving the lines out. */
static void test_status_kernel_thread(void **state)
{
	static const char text[] =
		"Name:\tkthreadd\nUmask:\t0000\nState:\tS (sleeping)\nTgid:\t2\nNgid:\t0\nPid:\t2\nPPid:\t0\n"
		"TracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t64\nGroups:\t \nNStgid:\t2\n"
		"NSpid:\t2\nNSpgid:\t0\nNSsid:\t0\nKthread:\t1\nThreads:\t1\nSigQ:\t0/96365\n";
	struct parse_status status;
	(void)state;

	parse_status_text(text, sizeof(text) - 1, &status);
	assert_int_equal(status.have, 1u << STATUS_TGID | 1u << STATUS_NSPID_DEPTH |
			 1u << STATUS_UID_EFFECTIVE | 1u << STATUS_THREADS);
	assert_int_equal(status.v[STATUS_NSPID_DEPTH], 1);
	assert_int_equal(status.v[STATUS_UID_EFFECTIVE], 0);
}

static void test_status_malformed(void **state)
{
	static const char text[] =
		"Threads:\tx\nVmRSS:\t 12 MB\nVmSize:\t12\nUid:\t1\nNSpid:\t\nVmPTE:\t-4 kB\n"
		"Tgid:\t99999999999999999999\nVmLck:\t9007199254740992 kB\nVmSwap:\t 3 kB\n"
		"VmSwapX:\t 4 kB\n\n:\n";
	static const char other_order[] =
		"Threads:\t2\nVmRSS:\t 12 kB\nFuture:\t1 kB\nVmSize:\t 13 kB\nTgid:\t3\n";
	struct parse_status status;
	(void)state;

	parse_status_text(text, sizeof(text) - 1, &status);
	assert_int_equal(status.have, 1u << STATUS_VMSWAP);
	assert_int_equal(status.v[STATUS_VMSWAP], 3 * 1024);

	parse_status_text(other_order, sizeof(other_order) - 1, &status);
	assert_int_equal(status.have, 1u << STATUS_THREADS | 1u << STATUS_VMRSS | 1u << STATUS_VMSIZE |
			 1u << STATUS_TGID);
	assert_int_equal(status.v[STATUS_VMSIZE], 13 * 1024);
}

/* EXPECTED NULL: there must be none. */
static void check_cgroup(const char *text, const char *expected, bool v1)
{
	char *copy = exact(text, strlen(text));
	const char *path;
	size_t len;
	bool is_v1;
	int ret = parse_cgroup_memory_path(copy, strlen(text), &path, &len, &is_v1);

	assert_int_equal(ret, expected ? 0 : -ENOENT);
	if (expected) {
		assert_int_equal(len, strlen(expected));
		assert_memory_equal(path, expected, len);
		assert_int_equal(is_v1, v1);
	}
	free(copy);
}

static void test_cgroup(void **state)
{
	/* Captured on 6.18 with a hybrid hierarchy, where "0::/" says nothing. */
	static const char hybrid[] = "9:name=systemd:/\n8:pids:/\n4:memory:/box/one\n3:cpuset:/\n0::/\n";
	(void)state;

	check_cgroup(hybrid, "/box/one", true);
	check_cgroup("0::/system.slice/ssh.service\n", "/system.slice/ssh.service", false);
	check_cgroup("0::/a:b/x (deleted)\n", "/a:b/x (deleted)", false);
	check_cgroup("0::/../../other\n", "/../../other", false);	/* outside of our cgroup namespace */
	check_cgroup("12:freezer,memory:/docker/0\n0::/init.scope\n", "/docker/0", true);
	check_cgroup("0::/v2\n3:memory,hugetlb:/v1\n", "/v1", true);
	check_cgroup("2:name=memory:/no\n5:memory_x,xmemory,mem:/no\n0::/yes\n", "/yes", false);
	check_cgroup("1:cpu:/\n", NULL, false);
	check_cgroup("", NULL, false);
	check_cgroup("\n:\n::\n0:\n0::\n0::relative\n-1::/\n0:cpu:/\n1::/\nx:memory:/\n", NULL, false);
	check_cgroup("99999999999999999999:memory:/x\n0::/y\n", "/y", false);

	for (size_t len = 0; len < sizeof(hybrid); len++) {
		char text[sizeof(hybrid)] = "";

		memcpy(text, hybrid, len);
		/* Never a shortened path. */
		check_cgroup(text, len >= sizeof("9:name=systemd:/\n8:pids:/\n4:memory:/box/one\n") - 1 ?
			     "/box/one" : NULL, true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat_fields), cmocka_unit_test(test_stat_captured),
		cmocka_unit_test(test_stat_layout), cmocka_unit_test(test_stat_comm),
		cmocka_unit_test(test_stat_nonsense), cmocka_unit_test(test_stat_cut),
		cmocka_unit_test(test_statm),
		cmocka_unit_test(test_status), cmocka_unit_test(test_status_kernel_thread),
		cmocka_unit_test(test_status_malformed), cmocka_unit_test(test_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
