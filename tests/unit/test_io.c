/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output buffers, bounded reads and root directories. */
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exact.h"
#include "util/buf.h"
#include "util/readfile.h"
#include "util/rootfs.h"

static void test_buf(void **state)
{
	struct buf buf = { .data = NULL };
	char expected[4096] = "";
	(void)state;

	buf_add(&buf, NULL, 0);
	assert_null(buf.data);
	for (int i = 0; i < 100; i++) {
		buf_puts(&buf, "row ");
		buf_i64(&buf, i * INT64_C(-1234567));
		buf_putc(&buf, '\n');
		buf_printf(&buf, "<%s:%d>", "x", i);
		sprintf(expected + strlen(expected), "row %" PRId64 "\n<x:%d>", i * INT64_C(-1234567), i);
	}
	assert_false(buf.failed);
	assert_int_equal(buf.len, strlen(expected));
	assert_string_equal(buf.data, expected);

	buf_clear(&buf);
	assert_int_equal(buf.len, 0);
	buf_i64(&buf, INT64_MIN);
	buf_putc(&buf, ' ');
	buf_i64(&buf, INT64_MAX);
	buf_putc(&buf, ' ');
	buf_i64(&buf, 0);
	assert_string_equal(buf.data, "-9223372036854775808 9223372036854775807 0");

	/* Longer than what is free, so that it is formatted twice. */
	buf_clear(&buf);
	buf_printf(&buf, "%*d|%s", 9000, 7, "end");
	assert_int_equal(buf.len, 9004);
	assert_string_equal(buf.data + 8999, "7|end");
	buf_add(&buf, "a\0b", 3);
	assert_int_equal(buf.len, 9007);
	assert_memory_equal(buf.data + 9004, "a\0b", 4);
	buf_free(&buf);
	assert_null(buf.data);
}

static void test_buf_failure(void **state)
{
	struct buf buf = { .data = NULL };
	(void)state;

	buf_puts(&buf, "kept");
	buf_add(&buf, "x", SIZE_MAX - 2);	/* must not be tried: the sum of lengths overflows */
	assert_true(buf.failed);
	buf_puts(&buf, "ignored");
	buf_printf(&buf, "ignored");
	assert_string_equal(buf.data, "kept");
	buf_clear(&buf);
	buf_puts(&buf, "again");
	assert_false(buf.failed);
	assert_string_equal(buf.data, "again");
	buf_free(&buf);
}

static char directory[] = "/tmp/test_io.XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static void path_of(char path[256], const char *name)
{
	snprintf(path, 256, "%s/%s", directory, name);
}

static void write_file(const char *name, const char *bytes, size_t len)
{
	char path[256];
	FILE *file;

	path_of(path, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static int remove_directory(void **state)
{
	static const char *const names[] = { "file", "proc/x", "proc", "sys", "" };
	char path[256];
	(void)state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(path, names[i]);
		remove(path);
	}
	return access(directory, F_OK) ? 0 : -1;
}

static void test_readfile(void **state)
{
	int dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *buf;
	(void)state;

	write_file("file", "twelve bytes", 12);
	for (size_t cap = 1; cap < 20; cap++) {
		ssize_t len = cap - 1 < 12 ? (ssize_t)cap - 1 : 12;

		buf = malloc(cap);
		assert_non_null(buf);
		assert_int_equal(readfile_at(dir, "file", buf, cap), len);
		assert_memory_equal(buf, "twelve bytes", (size_t)len);
		assert_int_equal(buf[len], '\0');
		free(buf);
	}
	buf = exact("x", 1);
	assert_int_equal(readfile_at(dir, "file", buf, 0), -EINVAL);
	assert_int_equal(*buf, 'x');
	assert_int_equal(readfile_at(dir, "missing", buf, 1), -ENOENT);
	assert_int_equal(*buf, '\0');
	assert_int_equal(readfile_at(dir, ".", buf, 1), 0);	/* nothing asked for, nothing read */
	free(buf);
	buf = malloc(2);
	assert_int_equal(readfile_at(dir, ".", buf, 2), -EISDIR);
	free(buf);
	close(dir);
}

/* A pipe gives its bytes in pieces, and the offset is where the reader left it. */
static void test_readfile_pieces(void **state)
{
	int ends[2];
	char buf[16];
	(void)state;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	assert_int_equal(write(ends[1], "defg", 4), 4);
	close(ends[1]);
	assert_int_equal(readfile_fd(ends[0], buf, 6), 5);
	assert_string_equal(buf, "abcde");
	assert_int_equal(readfile_fd(ends[0], buf, sizeof(buf)), 2);
	assert_string_equal(buf, "fg");
	close(ends[0]);
	assert_int_equal(readfile_fd(-1, buf, sizeof(buf)), -EBADF);
	assert_string_equal(buf, "");
}

static void test_readfile_grow(void **state)
{
	static char big[20000];
	static const size_t sizes[] = { 0, 1, 4094, 4095, 4096, 4097, 8191, 8192, 20000 };
	int dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *buf = NULL;
	size_t cap = 0;
	(void)state;

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)('a' + i % 23);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		write_file("file", big, sizes[i]);
		for (size_t limit = sizes[i] < 3 ? 0 : sizes[i] - 3; limit <= sizes[i] + 3; limit++) {
			size_t want = limit < sizes[i] ? limit : sizes[i];

			assert_int_equal(readfile_grow_at(dir, "file", &buf, &cap, limit), want);
			assert_memory_equal(buf, big, want);
			assert_int_equal(buf[want], '\0');
			assert_true(cap > want);
			if (limit % 2) {
				free(buf);
				buf = NULL;
			}
		}
	}
	free(buf);
	buf = NULL;
	assert_int_equal(readfile_grow_at(dir, "file", &buf, &cap, SIZE_MAX), 20000);
	assert_true(cap < 3 * sizeof(big));	/* grows as needed, not to the limit */
	assert_int_equal(readfile_grow_at(dir, "missing", &buf, &cap, SIZE_MAX), -ENOENT);
	free(buf);
	close(dir);
}

static void test_rootfs_live(void **state)
{
	struct rootfs root;
	struct err err = { "" };
	char link[32] = "", expected[32];
	(void)state;

	assert_int_equal(rootfs_open(&root, NULL, &err), 0);
	assert_true(root.live);
	assert_true(readlinkat(root.proc_fd, "self", link, sizeof(link) - 1) > 0);
	snprintf(expected, sizeof(expected), "%d", (int)getpid());
	assert_string_equal(link, expected);
	assert_true(fcntl(root.proc_fd, F_GETFD) & FD_CLOEXEC);
	rootfs_close(&root);
	assert_int_equal(root.proc_fd, -1);
	rootfs_close(&root);
}

static void test_rootfs_captured(void **state)
{
	struct rootfs root;
	struct err err = { "" };
	char path[256], content[8];
	(void)state;

	assert_int_equal(rootfs_open(&root, "/no/such/\x1b[2Jdirectory", &err), -1);
	assert_string_equal(err.text, "/no/such/?[2Jdirectory: No such file or directory "
			    "(--root takes a directory that holds proc and sys)");
	assert_int_equal(root.root_fd, -1);

	assert_int_equal(rootfs_open(&root, directory, &err), -1);
	assert_non_null(strstr(err.text, "/proc: No such file or directory (--root takes"));
	assert_int_equal(rootfs_open(&root, directory, NULL), -1);

	path_of(path, "proc");
	assert_int_equal(mkdir(path, 0700), 0);
	write_file("proc/x", "there", 5);
	assert_int_equal(rootfs_open(&root, directory, &err), 0);
	assert_false(root.live);
	assert_int_equal(root.sys_fd, -1);
	assert_int_equal(readfile_at(root.proc_fd, "x", content, sizeof(content)), 5);
	assert_string_equal(content, "there");
	rootfs_close(&root);

	path_of(path, "sys");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(rootfs_open(&root, directory, &err), 0);
	assert_true(root.sys_fd >= 0);
	rootfs_close(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf), cmocka_unit_test(test_buf_failure), cmocka_unit_test(test_readfile),
		cmocka_unit_test(test_readfile_pieces), cmocka_unit_test(test_readfile_grow),
		cmocka_unit_test(test_rootfs_live), cmocka_unit_test(test_rootfs_captured),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
