/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/users.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SLOTS = 1024,			/* power of two */
	RECORD_MAX = 64 * 1024,		/* longest user record NSS may return */
	PASSWD_LINES_MAX = 1 << 20	/* of a captured tree */
};

struct users {
	bool live;
	FILE *passwd;			/* captured tree only; NULL when it has none */
	struct {
		uint32_t uid;
		struct text *name;	/* NULL: free */
	} slots[SLOTS];			/* by hash of the uid; a collision replaces */
};

/* The passwd file of a captured tree: a regular file, no link that could lead out of the tree. */
static FILE *open_passwd(const struct rootfs *root)
{
	int fd = openat(root->root_fd, "etc/passwd", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return NULL;
	FILE *file = !fstat(fd, &st) && S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;

	if (!file)
		close(fd);
	return file;
}

struct users *users_open(const struct rootfs *root)
{
	struct users *users = calloc(1, sizeof *users);

	if (!users)
		return NULL;
	users->live = root->live;
	if (!root->live)
		users->passwd = open_passwd(root);
	return users;
}

void users_close(struct users *users)
{
	if (!users)
		return;
	for (unsigned i = 0; i < SLOTS; i++)
		text_unref(users->slots[i].name);
	if (users->passwd)
		fclose(users->passwd);
	free(users);
}

/* The record of NAME, or of UID when NAME is NULL, in a captured passwd; NULL when there is none. */
static const struct passwd *find_captured(struct users *users, const char *name, uint32_t uid)
{
	const struct passwd *record;

	if (!users->passwd)
		return NULL;
	rewind(users->passwd);
	for (unsigned line = 0; line < PASSWD_LINES_MAX; line++) {
		record = fgetpwent(users->passwd);
		if (!record || (name ? !strcmp(record->pw_name, name) : record->pw_uid == uid))
			return record;
	}
	return NULL;
}

/* As above in the live database; STORE holds the strings and is the caller's to free. */
static const struct passwd *find_live(const char *name, uint32_t uid, struct passwd *record, char **store)
{
	for (size_t size = 1024; size <= RECORD_MAX; size *= 2) {
		struct passwd *found = NULL;
		char *bigger = realloc(*store, size);

		if (!bigger)
			return NULL;
		*store = bigger;
		int rc = name ? getpwnam_r(name, record, *store, size, &found) :
				getpwuid_r(uid, record, *store, size, &found);
		if (rc != ERANGE)
			return found;
	}
	return NULL;
}

static struct text *look_up(struct users *users, uint32_t uid)
{
	struct passwd space;
	char *store = NULL, number[16];
	const struct passwd *record = users->live ? find_live(NULL, uid, &space, &store) :
						    find_captured(users, NULL, uid);
	const char *name = record ? record->pw_name : number;

	snprintf(number, sizeof number, "%u", uid);
	struct text *text = text_new(name, strlen(name));

	free(store);
	return text;
}

struct text *users_name(struct users *users, uint32_t uid)
{
	/* Container managers hand out uids in blocks of 65536: mix the high half in. */
	unsigned slot = (uid ^ uid >> 16 ^ uid >> 22) & (SLOTS - 1);

	if (!users->slots[slot].name || users->slots[slot].uid != uid) {
		text_unref(users->slots[slot].name);
		users->slots[slot].uid = uid;
		users->slots[slot].name = look_up(users, uid);
	}
	return text_ref(users->slots[slot].name);
}

int users_find(struct users *users, const char *name, uint32_t *uid)
{
	struct passwd space;
	char *store = NULL;
	const struct passwd *record = users->live ? find_live(name, 0, &space, &store) :
						    find_captured(users, name, 0);

	if (record)
		*uid = record->pw_uid;
	free(store);
	return record ? 0 : -ENOENT;
}
