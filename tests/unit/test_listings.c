/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screens of cgroups and of the machine, by keys, on snapshots made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rows.h"
#include "tui/app.h"

#define MIB INT64_C(1048576)

static const struct host host = { .hostname = "box", .cpus = 2, .clock_ticks = 100, .page_bytes = 4096 };
static unsigned requested;		/* needs */
static struct app *app;
static struct canvas *canvas;
static struct buf text;

static void take_request(struct feed *feed, const struct feed_request *request)
{
	requested = request->needs;
}

static const struct feed_ops feed_ops = { .request = take_request };
static struct feed feed = { .ops = &feed_ops };

static void add_cgroup(struct snapshot *snapshot, const char *path, int64_t current, int64_t high, int64_t max)
{
	struct cgroup *cgroup = snapshot_add_cgroup(snapshot);

	assert_non_null(cgroup);
	cgroup->path = text_new(path, strlen(path));
	assert_non_null(cgroup->path);
	cgroup_set(cgroup, CG_CURRENT, value_ok(current));
	cgroup_set(cgroup, CG_HIGH, high < 0 ? value_none(VALUE_NOT_APPLICABLE) : value_ok(high));
	cgroup_set(cgroup, CG_MAX, max < 0 ? value_none(VALUE_NOT_APPLICABLE) : value_ok(max));
	system_set(snapshot, SYS_CGROUPS, value_ok((int64_t)snapshot->cgroup_count));
}

static struct snapshot *snapshot_at(int64_t second)
{
	struct snapshot *snapshot = snapshot_new(&host, 1);

	assert_non_null(snapshot);
	snapshot->sequence = (uint64_t)second;
	snapshot->boottime_ns = second * 1000000000;
	rows_add(snapshot, 1, "init");
	return snapshot;
}

static struct snapshot *with_cgroups(int64_t second)
{
	struct snapshot *snapshot = snapshot_at(second);

	add_cgroup(snapshot, "/", 900 * MIB, -1, -1);
	add_cgroup(snapshot, "/a.b", 50 * MIB, -1, 100 * MIB);
	add_cgroup(snapshot, "/low", 10 * MIB, -1, -1);
	add_cgroup(snapshot, "/near", 97 * MIB, 100 * MIB, 400 * MIB);
	return snapshot;
}

static void keys(const char *names)
{
	while (*names) {
		size_t len = strcspn(names, " ");
		struct event event = { .kind = EVENT_KEY, .key = key_parse(names, len) };

		assert_int_not_equal(event.key, KEY_CODE_NONE);
		app_event(app, &event);
		names += len;
		names += *names == ' ';
	}
}

static const char *draw(bool styles)
{
	app_draw(app, canvas);
	buf_clear(&text);
	canvas_text(canvas, styles, &text);
	assert_false(text.failed);
	return text.data;
}

static void has(const char *part)
{
	const char *all = draw(false);

	if (!strstr(all, part))
		fail_msg("'%s' is not in:\n%s", part, all);
}

static void has_not(const char *part)
{
	const char *all = draw(false);

	if (strstr(all, part))
		fail_msg("'%s' is in:\n%s", part, all);
}

/* A comes before B. */
static void in_order(const char *a, const char *b)
{
	const char *all = draw(false), *first = strstr(all, a), *second = strstr(all, b);

	if (!first || !second || first > second)
		fail_msg("not '%s' before '%s' in:\n%s", a, b, all);
}

static int set_up_on(unsigned screen)
{
	struct app_config config = { .feed = &feed, .screen = screen };

	settings_defaults(&config.settings);
	config.settings.header = HEADER_NONE;
	app = app_new(&config);
	canvas = canvas_new(24, 160, false);
	return app && canvas ? 0 : -1;
}

static int set_up_cgroups(void **state)
{
	return set_up_on(1);
}

static int set_up_machine(void **state)
{
	return set_up_on(2);
}

static int tear_down(void **state)
{
	app_free(app);
	canvas_free(canvas);
	buf_free(&text);
	return 0;
}

/* -- cgroups ---------------------------------------------------------------------------------------------- */

static void test_limits(void **state)
{
	assert_true(requested & NEED_CGROUPS);
	app_snapshot(app, with_cgroups(1));
	has(" 50% /a.b");
	has(" 97% /near");	/* of memory.high, which is met first */
	has(" - /low");
	in_order("97M", "50M");
	assert_non_null(strstr(draw(true), "!"));
	keys("I");
	in_order("/low", "/a.b");
	in_order("/a.b", "/near");
}

static void test_cursor_stays(void **state)
{
	struct snapshot *moved = with_cgroups(2);

	app_snapshot(app, with_cgroups(1));
	keys("Down Down");	/* /a.b */
	cgroup_set(&moved->cgroups[2], CG_CURRENT, value_ok(800 * MIB));	/* /low */
	app_snapshot(app, moved);
	in_order("/low", "/a.b");
	keys("Enter");
	has("cgroup~\"^/a\\.b(/|$)\"");
	assert_int_equal(app->screen, 0);
}

static void test_filter_and_search(void **state)
{
	app_snapshot(app, with_cgroups(1));
	keys("\\ E A Enter");
	has("/near");
	has_not("/low");
	keys("\\ x x");
	has("no row contains it");
	keys("Enter");
	has("Esc drops the filter");
	keys("Esc");
	has("/low");
	keys("/ l o w Enter Enter");
	has("cgroup~\"^/low(/|$)\"");
}

/* Nothing to show is said, and why. */
static void test_no_cgroups(void **state)
{
	struct snapshot *snapshot = snapshot_at(1);

	app_snapshot(app, snapshot);
	has("reading cgroups");
	keys("Enter g Down End n");	/* nothing to act on */
	keys("Esc Esc");
	snapshot = snapshot_at(2);
	snapshot_add_notice(snapshot, "cgroups", "no memory controller here", "boot with cgroup_enable=memory");
	app_snapshot(app, snapshot);
	has("no memory controller here");
	has("boot with cgroup_enable=memory");
}

/* -- machine ---------------------------------------------------------------------------------------------- */

static struct snapshot *with_amounts(int64_t second, int64_t mem_free, int64_t reads, int64_t cpu_ns)
{
	struct snapshot *snapshot = snapshot_at(second);

	system_set(snapshot, SYS_MEM_FREE, value_ok(mem_free));
	system_set(snapshot, SYS_PSS_READS, value_ok(reads));
	system_set(snapshot, SYS_SELF_CPU, value_ok(cpu_ns));
	system_set(snapshot, SYS_KSM_RUN, value_none(VALUE_UNSUPPORTED));
	system_set(snapshot, SYS_CMA_TOTAL, value_none(VALUE_DENIED));
	return snapshot;
}

/* The line of KEY: what stands between its name and its help, blanks aside. */
static void line_is(const char *key, const char *value, const char *rate)
{
	const char *line = strstr(draw(false), key);
	char got[2][32] = { "", "" };

	if (!line)
		fail_msg("no %s in:\n%s", key, text.data);
	assert_int_equal(sscanf(line + strlen(key), " %31s %31s", got[0], got[1]), 2);
	assert_string_equal(got[0], value);
	assert_string_equal(got[1], rate);
}

static void filter(const char *key)
{
	keys("Esc Esc \\");
	for (; *key; key++) {
		struct event event = { .kind = EVENT_KEY, .key = *key };

		app_event(app, &event);
	}
	keys("Enter");
}

static void test_rates(void **state)
{
	assert_true(requested & NEED_SYSTEM);
	app_snapshot(app, with_amounts(10, 100 * MIB, 1000, 0));
	line_is("mem_free_bytes", "100M", "...");
	app_snapshot(app, with_amounts(12, 90 * MIB, 1500, 500000000));
	app_snapshot(app, snapshot_ref(app->snapshot));		/* the same again changes nothing */
	line_is("mem_free_bytes", "90M", "-5.0M");
	filter("pss_reads");
	line_is("pss_reads_total", "1500", "250");
	filter("self_cpu");
	line_is("self_cpu_seconds_total", "500ms", "25.0");
	/* A counter that went backwards was set anew. */
	app_snapshot(app, with_amounts(13, 90 * MIB, 7, 500000000));
	filter("pss_reads");
	line_is("pss_reads_total", "7", "...");
	filter("cma_total");
	line_is("cma_total_bytes", "deny", "deny");
}

/* What this kernel lacks comes last; what memtide does not know is there too. */
static void test_rows(void **state)
{
	struct snapshot *snapshot = with_amounts(1, MIB, 0, 0);

	snprintf(snapshot->extra[0].name, sizeof snapshot->extra[0].name, "BrandNew");
	snapshot->extra[0].bytes = 3 * MIB;
	snapshot->extra_count = 1;
	snapshot->settings[0] = (struct setting){ "transparent_hugepage_enabled", "madvise", VALUE_OK };
	snapshot->setting_count = 1;
	snapshot->swaps[0].name = text_new("/dev/vdb", 8);
	snapshot->swaps[0].size_bytes = 8 * MIB;
	snapshot->swaps[0].used_bytes = 2 * MIB;
	snapshot->swap_count = 1;
	app_snapshot(app, snapshot);
	keys("End");
	in_order("transparent_hugepage_enabled", "ksm_run");
	in_order("BrandNew", "/dev/vdb");
	has("madvise");
	has("3.0M");
	has("Swap area in use: of 8.0M");
	filter("ksm_run");
	keys("Enter");
	has("/sys/kernel/mm/ksm/run");
	has("unsupported");
}

/* No size is too small. */
static void test_sizes(void **state)
{
	app_snapshot(app, with_cgroups(1));
	for (int screen = 1; screen <= 2; screen++, keys("Tab"))
		for (int rows = 1; rows < 12; rows++)
			for (int columns = 1; columns < 130; columns++) {
				assert_int_equal(canvas_resize(canvas, rows, columns), 0);
				draw(false);
				keys("Down Right");
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_limits, set_up_cgroups, tear_down),
		cmocka_unit_test_setup_teardown(test_cursor_stays, set_up_cgroups, tear_down),
		cmocka_unit_test_setup_teardown(test_filter_and_search, set_up_cgroups, tear_down),
		cmocka_unit_test_setup_teardown(test_no_cgroups, set_up_cgroups, tear_down),
		cmocka_unit_test_setup_teardown(test_rates, set_up_machine, tear_down),
		cmocka_unit_test_setup_teardown(test_rows, set_up_machine, tear_down),
		cmocka_unit_test_setup_teardown(test_sizes, set_up_cgroups, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
