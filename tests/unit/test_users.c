/* SPDX-License-Identifier: GPL-2.0-or-later */
/* User names: against getent(1) on the live machine, and from a captured passwd file. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "source/users.h"

static void check_name(struct users *users, uint32_t uid, const char *name)
{
	struct text *text = users_name(users, uid);

	assert_non_null(text);
	assert_string_equal(text->s, name);
	text_unref(text);
}

/* Every user that getent lists must be found in both directions; a name may stand for several users. */
static void test_live(void **state)
{
	const struct rootfs root = { .root_fd = -1, .proc_fd = -1, .sys_fd = -1, .live = true };
	struct users *users = users_open(&root);
	FILE *list = popen("getent passwd", "r");
	char line[1024];
	unsigned seen = 0;
	uint32_t uid;
	(void)state;

	assert_non_null(list);
	while (fgets(line, sizeof line, list)) {
		char name[256];
		unsigned listed;

		if (sscanf(line, "%255[^:]:%*[^:]:%u:", name, &listed) != 2)
			continue;
		assert_int_equal(users_find(users, name, &uid), 0);
		assert_int_equal(uid, listed);
		struct text *text = users_name(users, listed);

		assert_int_equal(users_find(users, text->s, &uid), 0);
		assert_int_equal(uid, listed);
		text_unref(text);
		seen++;
	}
	pclose(list);
	assert_true(seen > 0);
	check_name(users, 4294967294u, "4294967294");
	assert_int_equal(users_find(users, "no such user", &uid), -ENOENT);
	users_close(users);
}

/* A tree whose etc/passwd holds PASSWD, or no such file when it is NULL. */
static struct users *open_tree(char *dir, const char *passwd)
{
	struct rootfs root = { .proc_fd = -1, .sys_fd = -1 };

	assert_non_null(mkdtemp(dir));
	root.root_fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_true(root.root_fd >= 0);
	if (passwd) {
		assert_int_equal(mkdirat(root.root_fd, "etc", 0700), 0);
		int fd = openat(root.root_fd, "etc/passwd", O_WRONLY | O_CREAT, 0600);

		assert_true(fd >= 0);
		assert_int_equal(write(fd, passwd, strlen(passwd)), strlen(passwd));
		close(fd);
	}
	struct users *users = users_open(&root);

	unlinkat(root.root_fd, "etc/passwd", 0);
	unlinkat(root.root_fd, "etc", AT_REMOVEDIR);
	close(root.root_fd);
	rmdir(dir);
	assert_non_null(users);
	return users;
}

static void test_captured(void **state)
{
	char dir[] = "users-XXXXXX";
	struct users *users = open_tree(dir, "ml:x:1001:1001::/:/bin/sh\nbroken line\n:::\n"
					"evil\x1b[31m:x:1002:1::/:\nsecond:x:1001:1::/:/bin/sh\n");
	uint32_t uid = 0;
	(void)state;

	check_name(users, 1001, "ml");
	check_name(users, 1001, "ml");
	check_name(users, 1002, "evil?[31m");
	check_name(users, 0, "0");	/* the live machine's root is not the captured one's */
	assert_int_equal(users_find(users, "second", &uid), 0);
	assert_int_equal(uid, 1001);
	assert_int_equal(users_find(users, "root", &uid), -ENOENT);
	/* many more users than the cache holds */
	for (uint32_t i = 0; i < 5000; i++) {
		char number[16];

		snprintf(number, sizeof number, "%u", 70000 + i);
		check_name(users, 70000 + i, number);
	}
	check_name(users, 1001, "ml");
	users_close(users);
}

static void test_captured_without_passwd(void **state)
{
	char dir[] = "users-XXXXXX";
	struct users *users = open_tree(dir, NULL);
	uint32_t uid;
	(void)state;

	check_name(users, 0, "0");
	assert_int_equal(users_find(users, "root", &uid), -ENOENT);
	users_close(users);
	users_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_captured),
		cmocka_unit_test(test_captured_without_passwd),
	};

	return cmocka_run_group_tests_name("users", tests, NULL, NULL);
}
