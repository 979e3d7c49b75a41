/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header on a captured machine, against figures worked out by hand from its files, and at every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rows.h"
#include "source/host.h"
#include "source/system.h"
#include "tui_stage.h"

static void read_fixture(struct stage *stage, const char *name)
{
	struct rootfs root;
	struct err err;
	struct system_source *source;
	char dir[4096];

	snprintf(dir, sizeof dir, "%s/fixtures/%s", TEST_DATA_DIR, name);
	assert_int_equal(rootfs_open(&root, dir, &err), 0);
	host_read(&stage->host, &root);
	source = system_source_open(&root, &err);
	assert_non_null(source);
	assert_int_equal(system_read(source, stage->app.snapshot), 0);
	stage->app.snapshot->real_ns = stage->host.captured_real_ns;
	stage->app.snapshot->boottime_ns = stage->host.captured_boottime_ns;
	system_source_close(source);
	rootfs_close(&root);
}

static void count_letters(const char *line, unsigned counts[256])
{
	memset(counts, 0, 256 * sizeof *counts);
	for (line = strchr(line, '[') + 1; *line != ']'; line++)
		counts[(unsigned char)*line]++;
}

static void test_memory(void **state)
{
	struct stage stage;
	const char *text;
	unsigned cells[256], all = 0;

	stage_open(&stage, 24, 120);
	read_fixture(&stage, "x86_64-4k");
	canvas_set_ascii(stage.canvas, true);
	text = stage_draw(&stage);
	stage_has(text, "04:51:04 UTC  up 12s");
	stage_has(text, "2 CPUs");
	stage_has(text, "Linux 6.12.107+deb13-cloud-amd64");
	/* 474560 kB, that less 419484, 419484 */
	stage_has(text, "463M total  54M used  410M avail");
	/* 15016 kB; Cached + Buffers - Shmem 4; 10216; 9808; 800; VmallocUsed 6208 + Percpu 552 + 78 pages of
	 * nr_zspages; MemFree 424720 */
	stage_has(text, "anon 15M  file 4.0K  shmem 10M  Slab 9.6M  Pgtbl 800K  Kern 6.9M");
	stage_has(text, "free 415M");
	/* 65532 kB, 60924 of it free */
	stage_has(text, "64M total  4.5M used");
	stage_has(text, "mem some 0.0/0.0/0.0  full 0.0/0.0/0.0");
	stage_has(text, "cpu 16.3");
	count_letters(strstr(text, "Mem ["), cells);
	for (unsigned i = 0; i < 256; i++)
		all += cells[i];
	/* 89.5 % are free, 3.2 % anonymous. */
	assert_in_range(cells['.'], all * 89 / 100, all * 90 / 100 + 1);
	assert_in_range(cells['a'], all * 3 / 100, all * 4 / 100 + 1);
	stage_close(&stage);
}

static void test_no_pressure(void **state)
{
	struct stage stage;
	const char *text;

	stage_open(&stage, 24, 120);
	read_fixture(&stage, "no-psi");
	text = stage_draw(&stage);
	stage_has(text, "PSI none  this kernel measures no pressure  boot with psi=1");
	stage_has(text, "no swap");
	stage_has(text, "(v)");
	assert_null(strstr(text, "mem some"));
	stage_close(&stage);
}

static void test_units(void **state)
{
	struct stage stage;

	stage_open(&stage, 24, 100);
	read_fixture(&stage, "x86_64-4k");
	stage.app.settings.header_unit = CELL_KIB;
	stage_has(stage_draw(&stage), "474560 total  55076 used  419484 avail");
	stage_close(&stage);
}

static void test_modes(void **state)
{
	struct stage stage;

	stage_open(&stage, 24, 100);
	read_fixture(&stage, "x86_64-4k");
	stage.app.settings.header = HEADER_LINE;
	assert_int_equal(header_rows(&stage.app, 23, 100), 1);
	stage_has(stage_draw(&stage), "avail 410M of 463M  swap 4.5M of 64M");
	stage.app.settings.header = HEADER_NONE;
	assert_int_equal(header_rows(&stage.app, 23, 100), 0);
	assert_null(strstr(stage_draw(&stage), "463M"));
	stage_close(&stage);
}

/* What goes first when there are few rows, and never more than a third of them. */
static void test_few_rows(void **state)
{
	struct stage stage;
	const char *text;

	stage_open(&stage, 10, 100);
	read_fixture(&stage, "x86_64-4k");
	text = stage_draw(&stage);
	stage_has(text, "463M total");
	stage_has(text, "processes");
	assert_null(strstr(text, "UTC"));
	for (int rows = 0; rows < 100; rows++)
		assert_true(header_rows(&stage.app, rows, 100) <= rows / 3);
	assert_int_equal(header_rows(&stage.app, 23, 80), 7);
	stage_close(&stage);
}

static struct header_scope scope;

static const struct header_scope *give_scope(const struct view *view)
{
	return &scope;
}

/* Two of three processes are shown; the third is an estimate. */
static void test_processes(void **state)
{
	static const int64_t pss[] = { 30 << 20, 30 << 20, 40 << 20 };
	struct stage stage;
	struct arrangement arrangement = { 0 };
	struct view_ops ops;
	const char *text;

	stage_open(&stage, 30, 140);
	for (int i = 0; i < 3; i++) {
		struct process *process = rows_add(stage.app.snapshot, 10 + i, "job");

		process_set(process, PROC_PSS, (struct value){ pss[i], i == 2 ? VALUE_ESTIMATED : VALUE_OK });
		process_set(process, PROC_THREADS, value_ok(4));
		process_set(process, PROC_STATE, value_ok(i ? 'S' : 'R'));
	}
	system_set(stage.app.snapshot, SYS_PSS_TOTAL, value_ok(100 << 20));
	arrangement.shown.processes = 2;
	arrangement.shown.amount[arrange_total_slot(metric_get(SCOPE_PROCESS, PROC_PSS))] = 60 << 20;
	arrangement.shown.status[arrange_total_slot(metric_get(SCOPE_PROCESS, PROC_PSS))] = VALUE_OK;
	arrangement.shown.amount[arrange_total_slot(metric_get(SCOPE_PROCESS, PROC_THREADS))] = 8;
	arrangement.shown.status[arrange_total_slot(metric_get(SCOPE_PROCESS, PROC_THREADS))] = VALUE_OK;
	scope = (struct header_scope){ &arrangement, "user ml", value_ok(30 << 20), 1 };
	stage.app.snapshot->exited_lost = 7;
	ops = *stage.screen.ops;
	ops.scope = give_scope;
	stage.screen.ops = &ops;
	text = stage_draw(&stage);
	stage_has(text, "2 of 3 processes  PSS 60M of 100M (40% estimated)  filter: user ml  1 tagged: 30M");
	stage_has(text, "7 exited left out  8 threads  1 running");
	stage_close(&stage);
}

static void test_self(void **state)
{
	struct stage stage;
	struct snapshot *snapshot;
	const char *text;

	stage_open(&stage, 30, 120);
	snapshot = stage.app.snapshot;
	system_set(snapshot, SYS_SELF_CPU, value_ok(20000000));
	system_set(snapshot, SYS_SELF_RSS, value_ok(3 << 20));
	system_set(snapshot, SYS_PSS_READS, value_ok(5));
	system_set(snapshot, SYS_PSS_READ_LONGEST, value_ok(12000000));
	system_set(snapshot, SYS_PSS_READ_LONGEST_PID, value_ok(4321));
	system_set(snapshot, SYS_PSS_OVERRUNS, value_ok(2));
	snapshot->longest_read_comm = text_new("postgres", strlen("postgres"));
	stage_has(stage_draw(&stage),
		  "memtide 20ms CPU so far  3.0M resident  2 overruns  longest read 12ms (postgres 4321)");
	system_set(snapshot, SYS_SELF_CPU, value_ok(25000000));
	snapshot->sequence++;
	snapshot->boottime_ns += 1000000000;
	text = stage_draw(&stage);
	stage_has(text, "memtide 0.5% CPU");
	/* Drawn again, it is the same. */
	stage_has(stage_draw(&stage), "memtide 0.5% CPU");
	stage_close(&stage);
}

static void test_paused_and_notices(void **state)
{
	struct stage stage;
	const char *text;

	stage_open(&stage, 30, 80);
	snapshot_add_notice(stage.app.snapshot, "scan", "through /proc", "no BPF");
	snapshot_add_notice(stage.app.snapshot, "pss", "denied for 83 of 120 processes", "run as root");
	snapshot_add_notice(stage.app.snapshot, "psi", "none", "");
	assert_null(strstr(stage_draw(&stage), "PAUSED"));
	stage_keys(&stage, "Z");
	text = stage_draw(&stage);
	stage_has(text, "PAUSED");
	stage_has(text, "pss: denied for 83 of 120 processes - run as root  +2 more (v)");
	stage_close(&stage);
}

static void test_sizes(void **state)
{
	struct stage stage;

	stage_open(&stage, 24, 80);
	read_fixture(&stage, "x86_64-4k");
	snapshot_add_notice(stage.app.snapshot, "pss", "denied", "run as root");
	for (int mode = 0; mode < HEADER_MODE_COUNT; mode++) {
		stage.app.settings.header = (enum header_mode)mode;
		stage_draw_sizes(&stage, 30, 170);
	}
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),   cmocka_unit_test(test_no_pressure),
		cmocka_unit_test(test_units),    cmocka_unit_test(test_modes),
		cmocka_unit_test(test_few_rows), cmocka_unit_test(test_processes),
		cmocka_unit_test(test_self),     cmocka_unit_test(test_paused_and_notices),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
