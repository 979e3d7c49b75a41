/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings: what is read and refused, that all of it survives a round trip, and that no file is ever lost. */
#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tui/settings.h"

#define HEAD "[memtide]\nschema = 1\n"

static char home[64], path[128];

/* -- text ------------------------------------------------------------------------------------------------- */

static void parse_ok(struct settings *settings, const char *text)
{
	struct err err = { "unset" };

	settings_defaults(settings);
	if (settings_parse(settings, text, strlen(text), &err) || *err.text)
		fail_msg("%s: %s", text, err.text);
}

/* Every problem names its line, the key and a remedy. */
static void test_problems(void **state)
{
	static const struct {
		const char *text;
		const char *says[3];
	} cases[] = {
		{ "", { "schema = 1", "remove" } },
		{ "[screen]\nunits = KiB\n", { "schema = 1" } },
		{ HEAD "[screen]\nunits = KB\n", { "line 4", "units = 'KB'", "auto, KiB, MiB or GiB" } },
		{ HEAD "[screen]\n\n# text\nmouse = maybe\n", { "line 6", "mouse", "no or yes" } },
		{ HEAD "[processes]\norder = up\n", { "line 4", "order", "descending or ascending" } },
		{ HEAD "[screen]\ndelay = 0.01\n", { "line 4", "delay", "0.05 to 86400" } },
		{ HEAD "[screen]\ndelay = soon\n", { "line 4", "delay", "0.05 to 86400" } },
		{ HEAD "garbage\n[screen]\nmouse = maybe\n", { "line 3", "key = value" } },
		{ HEAD "[screen]\nmouse = maybe\ngarbage\n", { "line 4", "mouse" } },
		{ HEAD "[processes\nthreads = yes\n", { "line 3", "key = value" } },
		{ "[screen]\nmouse = maybe\n[memtide]\nschema = 2\n", { "schema 2", "newer", "update" } },
		{ "[memtide]\nschema = one\n", { "line 2", "schema = 'one'" } },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings settings, before;
		struct err err = { "" };

		memset(&settings, 0, sizeof settings);
		settings_defaults(&settings);
		before = settings;
		assert_int_equal(settings_parse(&settings, cases[i].text, strlen(cases[i].text), &err), -1);
		for (size_t s = 0; s < 3 && cases[i].says[s]; s++)
			if (!strstr(err.text, cases[i].says[s]))
				fail_msg("'%s' does not say '%s'", err.text, cases[i].says[s]);
		assert_memory_equal(&settings, &before, sizeof settings);
	}
}

/* What inih would cut in two is refused instead; so is a NUL. */
static void test_odd_lines(void **state)
{
	static const char nul[] = HEAD "[screen]\nmouse\0 = no\n";
	struct settings settings;
	struct err err = { "" };
	char text[1024];

	settings_defaults(&settings);
	snprintf(text, sizeof text, HEAD "[processes]\nfields = %0300d\n", 0);
	assert_int_equal(settings_parse(&settings, text, strlen(text), &err), -1);
	assert_non_null(strstr(err.text, "line 4: longer than"));
	assert_int_equal(settings_parse(&settings, nul, sizeof nul - 1, &err), -1);
	assert_non_null(strstr(err.text, "line 4: a NUL"));
}

/* An older memtide reads what a newer one of the same schema wrote. */
static void test_unknown(void **state)
{
	static const char *const unknown[] = {
		HEAD "[processes]\nfields = pid pss_bites comm\n",
		HEAD "[processes]\nfields = no_such_field\nsort = rss_bytes\n",
		HEAD "[cgroups]\nsort = no_such_field\n",
	};
	static const char *const said[] = { "did you mean pss_bytes", "line 4", "line 4" };
	struct settings settings;

	parse_ok(&settings, HEAD "[screen]\nsparkle = yes\n[elsewhere]\nmouse = 7\n");
	assert_true(settings.mouse);
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		struct err err = { "" };

		settings_defaults(&settings);
		assert_int_equal(settings_parse(&settings, unknown[i], strlen(unknown[i]), &err), 0);
		assert_non_null(strstr(err.text, said[i]));
		assert_true(settings.processes.field_count >= 1 && settings.processes.sort && settings.cgroups.sort);
	}
	parse_ok(&settings, HEAD "[processes]\nfields = pid, PSS,pid\nfields = comm\n");
	assert_int_equal(settings.processes.field_count, 3);
	assert_ptr_equal(settings.processes.fields[1], metric_get(SCOPE_PROCESS, PROC_PSS));
	assert_ptr_equal(settings.processes.fields[2], metric_get(SCOPE_PROCESS, PROC_COMM));
}

/* The words of the file are those that the rest of memtide uses. */
static void test_words(void **state)
{
	struct settings settings;
	char text[128];

	for (int i = 0; i < CELL_UNIT_COUNT; i++) {
		snprintf(text, sizeof text, HEAD "[screen]\nunits = %s\n", cell_unit_name((enum cell_unit)i));
		parse_ok(&settings, text);
		assert_int_equal(settings.unit, i);
	}
	for (int i = 0; i < PALETTE_COUNT; i++) {
		snprintf(text, sizeof text, HEAD "[screen]\ncolor = %s\n", palette_name((enum palette)i));
		parse_ok(&settings, text);
		assert_int_equal(settings.palette, i);
	}
}

/* All that can be set, away from its default. */
static void set_everything(struct settings *settings)
{
	memset(settings, 0, sizeof *settings);
	settings_defaults(settings);
	settings->processes.field_count = metric_count(SCOPE_PROCESS);
	for (unsigned i = 0; i < metric_count(SCOPE_PROCESS); i++)
		settings->processes.fields[i] = metric_get(SCOPE_PROCESS, metric_count(SCOPE_PROCESS) - 1 - i);
	settings->processes.sort = metric_get(SCOPE_PROCESS, PROC_PSS_GROWN_MINUTE);
	settings->processes.ascending = true;
	settings->cgroups.field_count = metric_count(SCOPE_CGROUP);
	for (unsigned i = 0; i < metric_count(SCOPE_CGROUP); i++)
		settings->cgroups.fields[i] = metric_get(SCOPE_CGROUP, i);
	settings->cgroups.sort = metric_get(SCOPE_CGROUP, CG_SWAP_CURRENT);
	settings->cgroups.ascending = true;
	settings->grouping = GROUPING_CGROUP;
	settings->threads = settings->hide_idle = settings->command_line = settings->ascii = true;
	settings->mouse = false;
	settings->unit = CELL_GIB;
	settings->header_unit = CELL_KIB;
	settings->header = HEADER_NONE;
	settings->delay_ns = 123456789;
	settings->palette = PALETTE_LIGHT;
}

static void assert_same(const struct settings *left, const struct settings *right)
{
	struct buf a = { 0 }, b = { 0 };

	settings_format(left, &a);
	settings_format(right, &b);
	assert_string_equal(a.data, b.data);
	buf_free(&a);
	buf_free(&b);
	assert_memory_equal(left->processes.fields, right->processes.fields,
			    left->processes.field_count * sizeof left->processes.fields[0]);
	assert_memory_equal(left->cgroups.fields, right->cgroups.fields,
			    left->cgroups.field_count * sizeof left->cgroups.fields[0]);
	assert_int_equal(left->processes.field_count, right->processes.field_count);
	assert_int_equal(left->cgroups.field_count, right->cgroups.field_count);
	assert_ptr_equal(left->processes.sort, right->processes.sort);
	assert_ptr_equal(left->cgroups.sort, right->cgroups.sort);
	assert_int_equal(left->processes.ascending, right->processes.ascending);
	assert_int_equal(left->cgroups.ascending, right->cgroups.ascending);
	assert_memory_equal(&left->grouping, &right->grouping, sizeof left->grouping);
	assert_int_equal(left->threads, right->threads);
	assert_int_equal(left->hide_idle, right->hide_idle);
	assert_int_equal(left->command_line, right->command_line);
	assert_int_equal(left->unit, right->unit);
	assert_int_equal(left->header_unit, right->header_unit);
	assert_int_equal(left->header, right->header);
	assert_int_equal(left->delay_ns, right->delay_ns);
	assert_int_equal(left->palette, right->palette);
	assert_int_equal(left->ascii, right->ascii);
	assert_int_equal(left->mouse, right->mouse);
}

/* -- files ------------------------------------------------------------------------------------------------ */

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void assert_file(const char *name, const char *text)
{
	char buf[512];
	FILE *file = fopen(name, "r");
	size_t len;

	assert_non_null(file);
	len = fread(buf, 1, sizeof buf - 1, file);
	buf[len] = '\0';
	fclose(file);
	assert_string_equal(buf, text);
}

static int remove_one(const char *name, const struct stat *stat, int kind, struct FTW *ftw)
{
	return remove(name);
}

static int set_up(void **state)
{
	snprintf(home, sizeof home, "/tmp/test_settings.XXXXXX");
	if (!mkdtemp(home) || setenv("XDG_CONFIG_HOME", home, 1) || unsetenv("SUDO_UID"))
		return -1;
	return settings_path(path, sizeof path);
}

static int tear_down(void **state)
{
	return nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_directory(void)
{
	char directory[128];

	snprintf(directory, sizeof directory, "%s/memtide", home);
	assert_int_equal(mkdir(directory, 0700), 0);
}

static unsigned count_files(const char *directory)
{
	char command[160], count[16] = "";
	FILE *pipe;

	snprintf(command, sizeof command, "ls -A %s | wc -l", directory);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_non_null(fgets(count, sizeof count, pipe));
	pclose(pipe);
	return (unsigned)atoi(count);
}

static void save_ok(const struct settings *settings)
{
	struct err err = { "" };

	if (settings_save(settings, path, &err))
		fail_msg("%s", err.text);
}

static void test_round_trip(void **state)
{
	struct settings saved, loaded;
	struct stat stat_of;
	struct err err = { "" };

	settings_defaults(&loaded);
	assert_int_equal(settings_load(&loaded, path, &err), SETTINGS_ABSENT);
	set_everything(&saved);
	save_ok(&saved);
	save_ok(&saved);
	assert_int_equal(settings_load(&loaded, path, &err), SETTINGS_LOADED);
	assert_string_equal(err.text, "");
	assert_same(&saved, &loaded);
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 07777, 0600);
	path[strlen(home) + strlen("/memtide")] = '\0';
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 07777, 0700);
	assert_int_equal(count_files(path), 1);
}

/* A broken file is kept byte for byte, and an earlier one too. */
static void test_broken(void **state)
{
	static const char first[] = "what is this?\n", second[] = "[memtide]\nschema = 2\n[new]\nworld = yes\n";
	struct settings settings, loaded;
	struct err err = { "" };
	char kept[160];

	make_directory();
	settings_defaults(&settings);
	write_file(path, first);
	assert_int_equal(settings_load(&settings, path, &err), SETTINGS_BROKEN);
	assert_non_null(strstr(err.text, path));
	assert_file(path, first);
	save_ok(&settings);
	snprintf(kept, sizeof kept, "%s.broken", path);
	assert_file(kept, first);
	write_file(path, second);
	save_ok(&settings);
	assert_file(kept, first);
	snprintf(kept, sizeof kept, "%s.broken2", path);
	assert_file(kept, second);
	settings_defaults(&loaded);
	assert_int_equal(settings_load(&loaded, path, &err), SETTINGS_LOADED);
}

static void test_too_long(void **state)
{
	struct settings settings;
	struct err err = { "" };
	FILE *file;

	make_directory();
	write_file(path, HEAD);
	file = fopen(path, "a");
	assert_non_null(file);
	for (int i = 0; i < SETTINGS_BYTES_MAX / 64 + 1; i++)
		fprintf(file, "# %061d\n", i);
	fclose(file);
	settings_defaults(&settings);
	assert_int_equal(settings_load(&settings, path, &err), SETTINGS_BROKEN);
	assert_non_null(strstr(err.text, "longer than"));
}

/* Neither a pipe, which would make the program wait, nor a directory. */
static void test_not_regular(void **state)
{
	struct settings settings;
	struct err err = { "" };

	make_directory();
	settings_defaults(&settings);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(settings_load(&settings, path, &err), SETTINGS_BROKEN);
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(settings_load(&settings, path, &err), SETTINGS_BROKEN);
}

/* One's own symbolic link stays, and what it leads to is replaced. */
static void test_own_link(void **state)
{
	struct settings settings, loaded;
	struct err err = { "" };
	char elsewhere[160];
	struct stat stat_of;

	make_directory();
	set_everything(&settings);
	snprintf(elsewhere, sizeof elsewhere, "%s/dotfile", home);
	write_file(elsewhere, HEAD);
	assert_int_equal(symlink(elsewhere, path), 0);
	save_ok(&settings);
	assert_int_equal(lstat(path, &stat_of), 0);
	assert_true(S_ISLNK(stat_of.st_mode));
	settings_defaults(&loaded);
	assert_int_equal(settings_load(&loaded, elsewhere, &err), SETTINGS_LOADED);
	assert_same(&settings, &loaded);
}

static void test_world_writable(void **state)
{
	struct settings settings;
	struct err err = { "" };
	char directory[128];

	make_directory();
	settings_defaults(&settings);
	snprintf(directory, sizeof directory, "%s/memtide", home);
	assert_int_equal(chmod(directory, 0777), 0);
	assert_int_equal(settings_save(&settings, path, &err), -1);
	assert_non_null(strstr(err.text, "chmod"));
	assert_int_equal(count_files(directory), 0);
}

static int save_as_nobody(void)
{
	struct settings settings;
	struct err err = { "" };
	pid_t child = fork();
	int status;

	if (!child) {
		settings_defaults(&settings);
		if (setgid(65534) || setuid(65534))
			_exit(9);
		_exit(settings_save(&settings, path, &err) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_unwritable(void **state)
{
	char directory[128];

	if (geteuid())
		skip();
	make_directory();
	write_file(path, HEAD);
	snprintf(directory, sizeof directory, "%s/memtide", home);
	assert_int_equal(chmod(home, 0755), 0);
	assert_int_equal(chmod(directory, 0755), 0);
	assert_int_equal(save_as_nobody(), 1);
	assert_file(path, HEAD);
	assert_int_equal(count_files(directory), 1);
	/* The same in a directory of his own. */
	assert_int_equal(chown(directory, 65534, 65534), 0);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(save_as_nobody(), 0);
}

/* Root with another user's HOME: reads that user's file for sudo, follows no link of his, and writes nothing. */
static void test_sudo(void **state)
{
	struct settings settings;
	struct err err = { "" };
	char secret[160], directory[128];

	if (geteuid())
		skip();
	make_directory();
	snprintf(directory, sizeof directory, "%s/memtide", home);
	write_file(path, HEAD);
	assert_int_equal(chown(directory, 65534, 65534), 0);
	assert_int_equal(chown(path, 65534, 65534), 0);
	settings_defaults(&settings);
	assert_int_equal(settings_load(&settings, path, &err), SETTINGS_BROKEN);
	assert_non_null(strstr(err.text, "belongs to user 65534"));
	assert_int_equal(setenv("SUDO_UID", "65534", 1), 0);
	assert_int_equal(settings_load(&settings, path, &err), SETTINGS_LOADED);
	assert_int_equal(settings_save(&settings, path, &err), -1);
	assert_non_null(strstr(err.text, "belongs to user 65534"));
	assert_file(path, HEAD);
	snprintf(secret, sizeof secret, "%s/secret", home);
	write_file(secret, "secret\n");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(secret, path), 0);
	assert_int_equal(lchown(path, 65534, 65534), 0);
	assert_int_equal(settings_load(&settings, path, &err), SETTINGS_BROKEN);
	assert_null(strstr(err.text, "line"));
	assert_int_equal(settings_save(&settings, path, &err), -1);
	assert_file(secret, "secret\n");
	/* Nor is a directory made in his home. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(chown(home, 65534, 65534), 0);
	assert_int_equal(settings_save(&settings, path, &err), -1);
	assert_int_equal(access(directory, F_OK), -1);
}

/* A full disk leaves the old file as it was, and nothing else. */
static void test_full(void **state)
{
	struct settings settings;
	struct err err = { "" };
	char directory[128], filler[160];
	FILE *file;
	int saved;

	make_directory();
	snprintf(directory, sizeof directory, "%s/memtide", home);
	if (geteuid() || mount("tmpfs", directory, "tmpfs", 0, "size=16k,mode=0700"))
		skip();
	write_file(path, HEAD);
	snprintf(filler, sizeof filler, "%s/filler", directory);
	file = fopen(filler, "w");
	assert_non_null(file);
	setbuf(file, NULL);
	while (fputc('x', file) != EOF)
		;
	fclose(file);
	set_everything(&settings);
	saved = settings_save(&settings, path, &err);
	assert_file(path, HEAD);
	assert_int_equal(count_files(directory), 2);
	assert_int_equal(umount(directory), 0);
	assert_int_equal(saved, -1);
	assert_non_null(strstr(err.text, strerror(ENOSPC)));
}

static void test_path(void **state)
{
	char buf[128];

	assert_int_equal(setenv("HOME", "/home/x", 1), 0);
	assert_int_equal(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
	assert_int_equal(settings_path(buf, sizeof buf), 0);
	assert_string_equal(buf, "/home/x/.config/memtide/tui.ini");
	assert_int_equal(settings_path(buf, 10), -ENOENT);
	assert_int_equal(unsetenv("HOME"), 0);
	assert_int_equal(settings_path(buf, sizeof buf), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_problems),
		cmocka_unit_test(test_odd_lines),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_words),
		cmocka_unit_test_setup_teardown(test_round_trip, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_broken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_long, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_regular, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_own_link, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_world_writable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unwritable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sudo, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
