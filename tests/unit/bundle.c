/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"

enum { PATH_BYTES = 4096, LINE_BYTES = 4096 };

void bundle_mkdir(char *dir, size_t cap)
{
	const char *tmp = getenv("TMPDIR");

	assert_true((size_t)snprintf(dir, cap, "%s/memtide-test-XXXXXX", tmp ? tmp : "/tmp") < cap);
	assert_non_null(mkdtemp(dir));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void bundle_remove(const char *dir)
{
	assert_int_equal(nftw(dir, remove_one, 64, FTW_DEPTH | FTW_PHYS), 0);
}

static void join(char *full, const char *dir, const char *path)
{
	assert_true(snprintf(full, PATH_BYTES, "%s/%s", dir, path + (*path == '/')) < PATH_BYTES);
}

static FILE *create(const char *dir, const char *path)
{
	char full[PATH_BYTES];
	FILE *file;

	join(full, dir, path);
	for (char *slash = full + strlen(dir) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(!mkdir(full, 0777) || errno == EEXIST);
		*slash = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	return file;
}

void bundle_write(const char *dir, const char *path, const char *text)
{
	FILE *file = create(dir, path);

	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void bundle_delete(const char *dir, const char *path)
{
	char full[PATH_BYTES];

	join(full, dir, path);
	assert_int_equal(unlink(full), 0);
}

void bundle_unpack(const char *name, char *dir, size_t cap)
{
	char line[LINE_BYTES];
	FILE *in, *out = NULL;

	snprintf(line, sizeof line, "%s/unit/system/%s.txt", TEST_DATA_DIR, name);
	in = fopen(line, "r");
	assert_non_null(in);
	bundle_mkdir(dir, cap);
	while (fgets(line, sizeof line, in)) {
		if (!strncmp(line, "@ ", 2)) {
			line[strcspn(line, "\n")] = '\0';
			assert_true(!out || !fclose(out));
			out = create(dir, line + 2);
		} else if (out) {
			fputs(line, out);
		}
	}
	assert_non_null(out);
	assert_int_equal(fclose(out), 0);
	fclose(in);
}

char *bundle_text(const char *dir, const char *path)
{
	char full[PATH_BYTES], *text = NULL;
	size_t cap = 0;
	FILE *file;

	join(full, dir, path);
	file = fopen(full, "r");
	if (!file)
		return NULL;
	assert_true(getdelim(&text, &cap, '\0', file) >= 0 || feof(file));
	fclose(file);
	return text;
}

int bundle_number(const char *text, const char *name, size_t name_len, int64_t *number)
{
	const char *line = text;

	while (line && *line) {
		if (!strncmp(line, name, name_len) && line[name_len] && strchr(" :=\t", line[name_len])) {
			char *end;

			*number = strtoll(line + name_len + 1, &end, 10);
			if (!strncmp(end, " kB\n", 4))
				*number *= 1024;
			return 1;
		}
		line = strchr(line, '\n');
		line += line != NULL;
	}
	return 0;
}
