/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Details and graphs on snapshots made by hand, driven by keys as the terminal would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "model/arrange.h"
#include "model/faults.h"
#include "rows.h"
#include "tui/app.h"
#include "tui/detail.h"
#include "tui/graph.h"

enum { PID = 4711, START = 200000, ROWS = 40, COLUMNS = 100 };	/* it started 2000 s after boot */

static const int64_t second_ns = 1000000000, mib = 1 << 20;

static const struct host host = {
	.page_bytes = 4096, .clock_ticks = 100, .cpus = 4, .interval_ns = 1000000000
};

/* -- a feed that remembers what it was asked
 * ---------------------------------------------------------------- */

static struct feed_request asked;
static int32_t asked_exact;

static void feed_request(struct feed *feed, const struct feed_request *request)
{
	(void)feed;
	asked = *request;
}

static void feed_request_exact(struct feed *feed, int32_t pid)
{
	(void)feed;
	asked_exact = pid;
}

static const struct feed_ops feed_ops = { .request = feed_request, .request_exact = feed_request_exact };
static struct feed feed = { &feed_ops, true };

/* -- snapshots
 * ---------------------------------------------------------------------------------------------- */

static void set_text(struct process *process, enum process_text slot, enum process_metric metric, const char *s)
{
	process->text[slot] = text_new(s, strlen(s));
	process_set(process, metric, value_ok(0));
}

/* At AT seconds after boot, which was at 2026-01-02 00:00:00 UTC. */
static struct snapshot *snapshot_at(int64_t at)
{
	struct snapshot *snapshot = snapshot_new(&host, 2);
	struct process *init;

	assert_non_null(snapshot);
	snapshot->boottime_ns = at * second_ns;
	snapshot->real_ns = (1767312000 + at) * second_ns;
	init = rows_add(snapshot, 1, "systemd");
	process_set(init, PROC_START_TIME, value_ok(1));
	return snapshot;
}

static struct process *add_process(struct snapshot *snapshot, const char *comm)
{
	struct process *process = rows_add(snapshot, PID, comm);

	process_set(process, PROC_START_TIME, value_ok(START));
	process_set(process, PROC_PPID, value_ok(1));
	process_set(process, PROC_UID, value_ok(26));
	process_set(process, PROC_STATE, value_ok('S'));
	process_set(process, PROC_THREADS, value_ok(5));
	process_set(process, PROC_SCHED_POLICY, value_ok(1));
	process_set(process, PROC_RT_PRIORITY, value_ok(50));
	process_set(process, PROC_RSS, value_ok(300 * mib));
	process_set(process, PROC_PSS, (struct value){ 200 * mib, VALUE_ESTIMATED });
	process->bounds[EST_PSS] = (struct bounds){ 150 * mib, 250 * mib };
	process_set(process, PROC_PSS_ANON, value_ok(100 * mib));
	process_set(process, PROC_PSS_FILE, value_ok(60 * mib));
	process_set(process, PROC_PSS_SHMEM, value_ok(40 * mib));
	process_set(process, PROC_SWAP_PSS, value_ok(20 * mib));
	process_set(process, PROC_PSS_AGE, value_ok(12 * second_ns));
	process_set(process, PROC_LOCKED, value_ok(7 * mib));
	process_set(process, PROC_USS, value_none(VALUE_SKIPPED));
	process_set(process, PROC_KSM, value_none(VALUE_UNSUPPORTED));
	process_set(process, PROC_SWAP, value_none(VALUE_DENIED));
	process_set(process, PROC_SHARED, (struct value){ 5 * mib, VALUE_STALE });
	process_set(process, PROC_OOM_SCORE, value_ok(666));
	process_set(process, PROC_OOM_SCORE_ADJ, value_ok(-205));
	process_set(process, PROC_FAULT_RATE, value_ok(12300));
	set_text(process, TEXT_USER, PROC_USER, "postgres");
	set_text(process, TEXT_CMDLINE, PROC_CMDLINE,
		 "/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main");
	set_text(process, TEXT_CGROUP, PROC_CGROUP, "/db.slice/pg.service");
	return process;
}

static void add_watched(struct snapshot *snapshot, const char *exe)
{
	struct watched *watched = calloc(1, sizeof *watched);

	assert_non_null(watched);
	watched->pid = PID;
	watched->start_time = START;
	watched->exe = text_new(exe, strlen(exe));
	watched->exe_status = watched->limits_status = VALUE_OK;
	watched->limit_count = 3;
	watched->limits[0] = (struct limit){ "Max locked memory", "bytes", 8 * mib, INT64_MAX };
	watched->limits[1] = (struct limit){ "Max open files", "files", 1024, 4096 };
	watched->limits[2] = (struct limit){ "Max address space", "bytes", INT64_MAX, INT64_MAX };
	snapshot->watched = watched;
}

static void add_cgroup(struct snapshot *snapshot, const char *path, int64_t used, struct value max,
		       int64_t kills)
{
	struct cgroup *cgroup = snapshot_add_cgroup(snapshot);

	assert_non_null(cgroup);
	cgroup->path = text_new(path, strlen(path));
	cgroup_set(cgroup, CG_CURRENT, value_ok(used));
	cgroup_set(cgroup, CG_MAX, max);
	cgroup_set(cgroup, CG_OOM_KILLS, value_ok(kills));
}

static struct snapshot *usual_at(int64_t at)
{
	struct snapshot *snapshot = snapshot_at(at);

	add_process(snapshot, "postgres");
	add_watched(snapshot, "/usr/lib/postgresql/15/bin/postgres");
	add_cgroup(snapshot, "/", 900 * mib, value_none(VALUE_NOT_APPLICABLE), 0);
	add_cgroup(snapshot, "/db.slice", 800 * mib, value_none(VALUE_NOT_APPLICABLE), 0);
	add_cgroup(snapshot, "/db.slice/pg.service", 500 * mib, value_ok(512 * mib), 3);
	return snapshot;
}

/* -- driving
 * ------------------------------------------------------------------------------------------------ */

static struct app *app;
static struct canvas *canvas;
static struct buf text;

static int setup(void **state)
{
	struct app_config config = { .feed = &feed };

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	settings_defaults(&config.settings);
	asked = (struct feed_request){ 0 };
	asked_exact = 0;
	app = app_new(&config);
	canvas = canvas_new(ROWS, COLUMNS, true);
	return app && canvas ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	app_free(app);
	canvas_free(canvas);
	buf_free(&text);
	return 0;
}

static void key(int32_t code)
{
	struct event event = { .kind = EVENT_KEY, .key = code };

	app_event(app, &event);
}

static const char *screen(void)
{
	struct view *view = app_top(app);

	canvas_clear(canvas);
	view->ops->draw(view, app, canvas, canvas_area(canvas));
	buf_clear(&text);
	canvas_text(canvas, false, &text);
	return text.data;
}

static void assert_shows(const char *wanted)
{
	if (!strstr(screen(), wanted)) {
		print_message("# wanted: %s\n%s", wanted, text.data);
		fail();
	}
}

static void assert_shows_not(const char *unwanted)
{
	if (strstr(screen(), unwanted)) {
		print_message("# unwanted: %s\n%s", unwanted, text.data);
		fail();
	}
}

static void open_detail(struct snapshot *snapshot)
{
	app_snapshot(app, snapshot);
	app_push(app, detail_new(app, &app->snapshot->processes[1]));
}


/* -- details
 * ------------------------------------------------------------------------------------------------ */

static void test_identity(void **state)
{
	(void)state;
	open_detail(usual_at(3000));
	assert_shows("4711 postgres");
	assert_shows("Process    4711 postgres, child of 1 systemd, user postgres (26)");
	assert_shows("/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main");
	assert_shows("S sleeping, threads 5, policy fifo, real-time priority 50");
	assert_shows("Started    00:33:20, 16:40 ago");	/* 2000 s after boot, 1000 s ago */
	assert_shows("~200M  estimated, 150M to 250M; read 12s ago");
	assert_shows("anon 100M  file 60M  shmem 40M  Swapped 20M");
	assert_shows("12.3 per second");
	assert_shows("none in the last minute");
	assert_shows_not("1-");
	/* What does not fit scrolls at once, and no farther than to the end. */
	canvas_resize(canvas, 10, COLUMNS);
	assert_shows("1-9 of 18");
	key(KEY_CODE_DOWN);
	assert_shows("2-10 of 18");
	assert_shows_not("child of");
	key(KEY_CODE_END);
	assert_shows("10-18 of 18");
	assert_shows("none in the last minute");
	canvas_resize(canvas, 15, COLUMNS);
	assert_shows("6-18 of 18");
	canvas_resize(canvas, ROWS, COLUMNS);
	assert_shows("child of");
}

static void test_watches_while_open(void **state)
{
	(void)state;
	app_snapshot(app, usual_at(3000));
	assert_int_equal(asked.watch_pid, 0);
	app_push(app, detail_new(app, &app->snapshot->processes[1]));
	assert_int_equal(asked.watch_pid, PID);
	assert_int_equal(asked.watch_start_time, START);
	assert_false(asked.needs & NEED_CGROUPS);
	key('4');
	assert_true(asked.needs & NEED_CGROUPS);
	key('1');
	assert_false(asked.needs & NEED_CGROUPS);
	key(KEY_CODE_ESCAPE);
	assert_int_equal(asked.watch_pid, 0);
	assert_int_equal(app->depth, 0);
}

/* A thread's row opens its process. */
static void test_of_a_thread(void **state)
{
	struct snapshot *snapshot = usual_at(3000);
	struct process *thread = snapshot_add_thread(snapshot);

	(void)state;
	thread->is_thread = true;
	thread->owner = 1;
	process_set(thread, PROC_PID, value_ok(PID));
	process_set(thread, PROC_TID, value_ok(PID + 1));
	app_snapshot(app, snapshot);
	app_push(app, detail_new(app, &snapshot->threads[0]));
	assert_shows("child of 1 systemd");
	assert_shows_not("GONE");
}

static void test_pages_by_key(void **state)
{
	(void)state;
	open_detail(usual_at(3000));
	assert_shows("[1 Overview]");
	key(KEY_CODE_RIGHT);
	assert_shows("[2 Values]");
	key(KEY_CODE_LEFT);
	key(KEY_CODE_LEFT);
	assert_shows("[5 Faults]");
	key(KEY_CODE_LEFT);
	assert_shows("[4 Limits]");
	key('3');
	assert_shows("[3 History]");
	key('9');	/* there is none */
	assert_shows("[3 History]");
}

static void mouse(enum event_kind kind, const char *at)
{
	const char *found = strstr(screen(), at), *line = found;
	struct event event = { .kind = kind };
	struct area whole = canvas_area(canvas);

	assert_non_null(found);
	while (line > text.data && line[-1] != '\n')
		line--;
	event.column = (int)(found - line);
	for (const char *s = text.data; s < line; s++)
		event.row += *s == '\n';
	app->view_area = whole;
	app->bar_row = whole.rows;
	app_event(app, &event);
}

static void test_mouse(void **state)
{
	(void)state;
	open_detail(usual_at(3000));
	mouse(EVENT_CLICK, "Limits");
	assert_shows("[4 Limits]");
	mouse(EVENT_CLICK, "Values");
	mouse(EVENT_CLICK, "USS ");
	assert_shows("Unique set");
	mouse(EVENT_WHEEL_DOWN, "USS ");
	assert_shows_not("\nPID ");
	mouse(EVENT_DOUBLE_CLICK, "SWPSS");
	assert_shows("4711 postgres  SWPSS");
}

static void test_gone(void **state)
{
	(void)state;
	open_detail(usual_at(3000));
	app_snapshot(app, usual_at(3001));
	assert_shows_not("GONE");
	app_snapshot(app, snapshot_at(3002));
	app_snapshot(app, snapshot_at(3003));
	assert_shows("GONE: it has ended, noticed at 00:50:02");
	assert_shows("/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main");
	assert_shows("~200M");
	key('x');
	assert_int_equal(asked_exact, 0);
	assert_non_null(strstr(app->message, "has ended"));
	key('k');
	assert_int_equal(app->depth, 1);
	/* A log may go back to when it was there. */
	app_snapshot(app, usual_at(3001));
	assert_shows_not("GONE");
}

/* Another process with its PID is not it. */
static void test_pid_reuse(void **state)
{
	struct snapshot *snapshot = snapshot_at(3001);

	(void)state;
	open_detail(usual_at(3000));
	process_set(add_process(snapshot, "impostor"), PROC_START_TIME, value_ok(START + 1));
	app_snapshot(app, snapshot);
	assert_shows("GONE");
	assert_shows_not("impostor");
}

static void test_exec(void **state)
{
	struct snapshot *snapshot = snapshot_at(3002);

	(void)state;
	open_detail(usual_at(3000));
	/* Its file was replaced: the same program. */
	add_process(snapshot, "postgres");
	add_watched(snapshot, "/usr/lib/postgresql/15/bin/postgres (deleted)");
	app_snapshot(app, snapshot);
	assert_shows("(deleted)");
	assert_shows_not("new program");
	snapshot = snapshot_at(3003);
	add_process(snapshot, "sh");
	add_watched(snapshot, "/bin/dash");
	app_snapshot(app, snapshot);
	assert_shows("new program: it called exec, noticed at 00:50:03; before, it was "
		     "/usr/lib/postgresql/15/bin/postgres");
	assert_shows("Program    /bin/dash");
}

static void test_exact_reading(void **state)
{
	(void)state;
	open_detail(usual_at(3000));
	key('x');
	assert_int_equal(asked_exact, PID);
	/* 76800 pages of 80 ns */
	assert_non_null(strstr(app->message, "300M resident its page faults may wait up to 6.1ms"));
}

static void test_largest_changes(void **state)
{
	struct snapshot *snapshot;

	(void)state;
	open_detail(usual_at(3000));
	for (int i = 1; i <= 100; i++) {
		snapshot = usual_at(3000 + i);
		process_set(&snapshot->processes[1], PROC_LOCKED, value_ok((7 + i) * mib));
		process_set(&snapshot->processes[1], PROC_RSS, value_ok((300 - (i > 10 ? 200 : 0)) * mib));
		app_snapshot(app, snapshot);
	}
	assert_shows("opened 1:40 ago");
	assert_shows("RSS             100M            0         -200M");
	assert_shows("LOCKED          107M         +60M         +100M");
	assert_true(strstr(text.data, "\nRSS  ") < strstr(text.data, "\nLOCKED  "));
	/* The first reading after an estimate is no change. */
	snapshot = usual_at(3101);
	process_set(&snapshot->processes[1], PROC_PSS, value_ok(50 * mib));
	app_snapshot(app, snapshot);
	assert_shows_not("-150M  Proportional set");
}

static void test_values_in_words(void **state)
{
	struct snapshot *snapshot = usual_at(3000);
	char position[32];

	(void)state;
	open_detail(snapshot);
	key('2');
	assert_shows("PSS           ~200M  estimated, 150M to 250M; read 12s ago");
	assert_shows("ANON           100M  read 12s ago");
	assert_shows("SHARED        5.0M'  read 12s ago, has changed since");
	assert_shows("SWAP           deny  denied: the kernel refuses it to this user");
	assert_shows("USS            skip  not read: a real-time process; x reads it");
	assert_shows("PDIRTY          ...  waits for its turn to be read");
	for (unsigned i = 0; i < PROC_PSS_GROWN_MINUTE; i++)
		key(KEY_CODE_DOWN);
	assert_shows("KSM            none  this kernel does not have it");
	assert_shows("derived from pss_bytes  (pss_grown_minute_bytes)");
	key(KEY_CODE_HOME);
	assert_shows("Process (thread group) ID");
	snprintf(position, sizeof position, "1-34 of %d", PROC_COUNT);
	assert_shows(position);
}

/* What is under the cursor becomes a graph. */
static void test_graph_of_a_value(void **state)
{
	(void)state;
	open_detail(usual_at(3000));
	key('2');
	for (unsigned i = 0; i < PROC_LOCKED; i++)
		key(KEY_CODE_DOWN);
	key(KEY_CODE_ENTER);
	assert_int_equal(app_top(app)->ops->context, CONTEXT_GRAPH);
	assert_shows("4711 postgres  LOCKED  Address space locked by mlock");
	assert_shows("recorded from now on");
	app_snapshot(app, usual_at(3001));
	app_snapshot(app, usual_at(3002));
	assert_shows("last 7.0M");
	assert_shows("since 00:50:01");
	assert_shows_not("none now");
	app_snapshot(app, snapshot_at(3003));
	assert_shows("none now  last 7.0M");
}

static void test_limits(void **state)
{
	const char *own, *parent, *root;

	(void)state;
	open_detail(usual_at(3000));
	key('4');
	assert_shows("locked memory               7.0M       8.0M  unlimited");
	assert_shows("open files                             1024       4096  files");
	assert_shows("500M    512M");
	assert_shows("/db.slice/pg.service  near its limit");
	assert_shows("800M     max");
	own = strstr(text.data, "/db.slice/pg.service");
	parent = strstr(text.data, "  /db.slice\n");
	root = strstr(text.data, "  /\n");
	assert_true(own && parent && root && own < parent && parent < root);
	assert_shows("666 of 2000");
	assert_shows("20.5 % of all memory and swap less");
}

static void test_history_page(void **state)
{
	(void)state;
	open_detail(usual_at(3000));
	for (int i = 1; i < 70; i++)
		app_snapshot(app, usual_at(3000 + i));
	key('3');
	assert_shows("5 min");
	assert_shows("aaaa");
	assert_shows("ffff");
	assert_shows("ssss");
	assert_shows("SSSS");
	assert_shows("faults/s 12.3");
	key('-');
	key('-');
	assert_shows("1 min");
	assert_shows("1:00 ");
	key('-');
	assert_shows("1 min");
	key('+');
	assert_shows("2 min");
}

/* -- graphs
 * ------------------------------------------------------------------------------------------------- */

static void feed_cgroup(int64_t at, int64_t used)
{
	struct snapshot *snapshot = snapshot_at(at);

	add_cgroup(snapshot, "/a", used, value_ok(512 * mib), at);
	app_snapshot(app, snapshot);
}

static void test_graph_of_a_cgroup(void **state)
{
	(void)state;
	feed_cgroup(10, mib);
	app_push(app, graph_new(app, SCOPE_CGROUP, arrange_cgroup_key("/a"), "/a", NULL));
	assert_true(asked.needs & NEED_CGROUPS);
	feed_cgroup(11, 10 * mib);
	feed_cgroup(12, 40 * mib);
	feed_cgroup(13, 20 * mib);
	feed_cgroup(14, 50 * mib);
	assert_shows("last 50M  min 10M  max 50M  mean 30M  over 5 min  since 00:00:11");
	key(KEY_CODE_RIGHT);
	assert_shows("over 10 min");
	key(KEY_CODE_LEFT);
	key(KEY_CODE_LEFT);
	key(KEY_CODE_LEFT);
	key(KEY_CODE_LEFT);
	assert_shows("over 1 min");
}

static void test_graph_of_another_metric(void **state)
{
	(void)state;
	feed_cgroup(10, mib);
	app_push(app, graph_new(app, SCOPE_CGROUP, arrange_cgroup_key("/a"), "/a", NULL));
	key(KEY_CODE_ENTER);
	assert_int_equal(app_top(app)->ops->context, CONTEXT_CHOOSER);
	for (const char *name = "OOM_KILLS"; *name; name++)
		key(*name);
	key(KEY_CODE_ENTER);
	assert_shows("/a  OOM_KILLS per second");
	assert_shows("recorded from now on");
	/* One a second. */
	feed_cgroup(11, mib);
	assert_shows("no value");
	feed_cgroup(12, mib);
	assert_shows("last 1.0 ");
}

static void test_graph_of_the_machine(void **state)
{
	struct snapshot *snapshot = snapshot_at(10);

	(void)state;
	app_snapshot(app, snapshot_at(9));
	app_push(app, graph_new(app, SCOPE_SYSTEM, 0, "machine", metric_get(SCOPE_SYSTEM, SYS_MEM_FREE)));
	system_set(snapshot, SYS_MEM_FREE, value_ok(3 * mib));
	app_snapshot(app, snapshot);
	assert_shows("machine  MemFree");
	assert_shows("last 3.0M");
}

/* -- anything
 * ----------------------------------------------------------------------------------------------- */

static struct snapshot *hostile_at(int64_t at)
{
	static const char *const texts[] = {
		"\033]0;x\007",
		"\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97",
		"a  b   c",
		"",
		"e\xcc\x81\xcc\x81\xcc\x81",
		"%s%n%d",
		"\xff\xfe\x80",
		"//////",
		"/\n/\t/",
	};
	struct snapshot *snapshot = snapshot_at(at);
	struct process *process = rows_add(snapshot, PID, texts[at % 9]);

	process->faults = fault_values_new(NULL);
	assert_non_null(process->faults);
	for (unsigned i = 0; i < PROC_COUNT; i++) {
		struct value value = { at % 3 ? INT64_MAX : INT64_MIN, at % VALUE_STATUS_COUNT };

		if (i >= PROC_STORED)
			fault_values_set(process->faults, i, value);
		else if (metric_get(SCOPE_PROCESS, i)->unit != UNIT_TEXT && i != PROC_PID)
			process_set(process, i, value);
	}
	process_set(process, PROC_START_TIME, value_ok(START));
	for (unsigned i = 0; i < EST_COUNT; i++)
		process->bounds[i] = (struct bounds){ INT64_MIN, INT64_MAX };
	set_text(process, TEXT_USER, PROC_USER, texts[(at + 1) % 9]);
	set_text(process, TEXT_CMDLINE, PROC_CMDLINE, texts[(at + 2) % 9]);
	set_text(process, TEXT_CGROUP, PROC_CGROUP, texts[(at + 3) % 9]);
	add_watched(snapshot, texts[(at + 4) % 9]);
	snapshot->watched->limits[0].soft = INT64_MIN;
	add_cgroup(snapshot, texts[(at + 3) % 9], INT64_MAX, value_ok(0), INT64_MIN);
	return snapshot;
}

/* What lies outside of AREA stays blank. */
static void assert_inside(struct area area)
{
	for (int r = 0; r < ROWS; r++) {
		for (int c = 0; c < COLUMNS; c++) {
			const struct cell *cell = canvas_cell(canvas, r, c);

			if (r >= area.row && r < area.row + area.rows && c >= area.column &&
			    c < area.column + area.columns)
				continue;
			if (cell->len != 1 || *cell->utf8 != ' ')
				fail_msg("row %d column %d is drawn, of %d x %d", r, c, area.rows,
					 area.columns);
		}
	}
}

static void draw_at_all_sizes(void)
{
	static const int sizes[] = { 0, 1, 2, 3, 5, 8, 13, 21, 34 };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		for (int columns = 0; columns < 90; columns += columns < 12 ? 1 : 19) {
			struct view *view = app_top(app);
			struct area area = { 3, 4, sizes[i], columns };

			canvas_clear(canvas);
			view->ops->draw(view, app, canvas, area);
			assert_inside(area);
		}
	}
}

static void test_any_size_and_text(void **state)
{
	(void)state;
	open_detail(hostile_at(3000));
	for (int i = 1; i < 40; i++) {
		canvas_set_ascii(canvas, i & 1);
		key('1' + i % 4);
		if (i % 5 == 0)
			key(KEY_CODE_END);
		draw_at_all_sizes();
		if (i % 7 == 0) {
			key('g');
			draw_at_all_sizes();
			key(KEY_CODE_ESCAPE);
		}
		app_snapshot(app, i % 13 ? hostile_at(3000 + i) : snapshot_at(3000 + i));
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(test_identity),
		TEST(test_watches_while_open),
		TEST(test_of_a_thread),
		TEST(test_pages_by_key),
		TEST(test_mouse),
		TEST(test_gone),
		TEST(test_pid_reuse),
		TEST(test_exec),
		TEST(test_exact_reading),
		TEST(test_largest_changes),
		TEST(test_values_in_words),
		TEST(test_graph_of_a_value),
		TEST(test_limits),
		TEST(test_history_page),
		TEST(test_graph_of_a_cgroup),
		TEST(test_graph_of_another_metric),
		TEST(test_graph_of_the_machine),
		TEST(test_any_size_and_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
