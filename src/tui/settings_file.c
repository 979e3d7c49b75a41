/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file that settings are kept in; settings.h says whose may be read and written, and why. */
#include "tui/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/quantity.h"
#include "util/readfile.h"

enum { BROKEN_MAX = 9, TRIES_MAX = 16 };

/* Where a file is: an open directory and a name in it. */
struct place {
	int directory;	/* O_PATH; -1 when there is none */
	struct stat of_directory;
	char name[NAME_MAX + 1];
};

int settings_path(char *path, size_t cap)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int len;

	if (config && *config == '/')
		len = snprintf(path, cap, "%s/memtide/tui.ini", config);
	else if (home && *home == '/')
		len = snprintf(path, cap, "%s/.config/memtide/tui.ini", home);
	else
		return -ENOENT;
	return len < 0 || (size_t)len >= cap ? -ENOENT : 0;
}

/* -- whose it is ------------------------------------------------------------------------------------------
 * */

static bool is_own(uid_t uid)
{
	return uid == geteuid() || uid == 0;
}

/* Who called sudo. It sets the variable itself; without sudo, it is the caller who may set it and who runs
 * memtide. */
static bool is_sudo_caller(uid_t uid)
{
	const char *caller = getenv("SUDO_UID");
	int64_t number;

	return geteuid() == 0 && caller && !quantity_parse(caller, strlen(caller), UNIT_NONE, &number) &&
	       number == (int64_t)uid;
}

/* Whether the file of FILE's owner may be read in that directory. */
static bool may_read(const struct place *place, const struct stat *file)
{
	if (is_own(place->of_directory.st_uid))
		return is_own(file->st_uid) || file->st_uid == getuid() || is_sudo_caller(file->st_uid);
	return file->st_uid == place->of_directory.st_uid &&
	       (file->st_uid == getuid() || is_sudo_caller(file->st_uid));
}

/* -- directories ------------------------------------------------------------------------------------------
 * */

static int enter(int directory, const char *name)
{
	return openat(directory, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The directory NAME below DIRECTORY, made when it is not there and what it would be made in is ours. */
static int enter_made(int directory, const char *name)
{
	struct stat stat;
	int fd = enter(directory, name);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (fstat(directory, &stat))
		return -1;
	if (!is_own(stat.st_uid)) {
		errno = EPERM;
		return -1;
	}
	if (mkdirat(directory, name, 0700) && errno != EEXIST)
		return -1;
	return enter(directory, name);
}

/* Finds where PATH is, and makes the directories on the way there if asked to. 0, or -errno. */
static int place_open(struct place *place, const char *path, bool make)
{
	int fd = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC), rc = 0;

	while (fd >= 0) {
		size_t len = strcspn(path, "/");
		int next;

		if (len > NAME_MAX) {
			rc = -ENAMETOOLONG;
			break;
		}
		memcpy(place->name, path, len);
		place->name[len] = '\0';
		if (!path[len])
			break;
		path += len + 1;
		if (!len)
			continue;
		next = make ? enter_made(fd, place->name) : enter(fd, place->name);
		rc = next < 0 ? -errno : 0;
		close(fd);
		fd = next;
	}
	if (fd >= 0 && !rc && fstat(fd, &place->of_directory))
		rc = -errno;
	if (rc && fd >= 0)
		close(fd);
	place->directory = rc ? -1 : fd;
	return fd < 0 && !rc ? -errno : rc;
}

static void place_close(struct place *place)
{
	if (place->directory >= 0)
		close(place->directory);
	place->directory = -1;
}

/* -- reading ----------------------------------------------------------------------------------------------
 * */

/* Reads the file into *TEXT (the caller's to free) as far as it may be read. Its length, or -1 with ERR
 * set; -ENOENT when it is not there. */
static ssize_t read_text(const struct place *place, const char *path, char **text, struct err *err)
{
	int follow = is_own(place->of_directory.st_uid) ? 0 : O_NOFOLLOW;
	int fd = openat(place->directory, place->name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | follow);
	struct stat stat;
	ssize_t len;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0 && errno == ELOOP && follow)
		return err_set(err, "%s: a symbolic link of another user, not followed", path);
	if (fd < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	*text = malloc(SETTINGS_BYTES_MAX + 2);
	if (!*text)
		len = err_set(err, "%s: out of memory", path);
	else if (fstat(fd, &stat))
		len = err_set(err, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(stat.st_mode))
		len = err_set(err, "%s: not a regular file (remove it)", path);
	else if (!may_read(place, &stat))
		len = err_set(err, "%s: belongs to user %u, not read (chown or remove it)", path, stat.st_uid);
	else if ((len = readfile_fd(fd, *text, SETTINGS_BYTES_MAX + 2)) < 0)
		len = err_set(err, "%s: %s", path, strerror((int)-len));
	else if (len > SETTINGS_BYTES_MAX)
		len = err_set(err, "%s: longer than %d bytes (remove it)", path, SETTINGS_BYTES_MAX);
	close(fd);
	return len;
}

static enum settings_result load(struct settings *settings, const struct place *place, const char *path,
				 struct err *err)
{
	struct err why;
	char *text = NULL;
	ssize_t len = read_text(place, path, &text, err);
	enum settings_result result = SETTINGS_BROKEN;

	if (len == -ENOENT) {
		result = SETTINGS_ABSENT;
	} else if (len >= 0) {
		result = settings_parse(settings, text, (size_t)len, &why) ? SETTINGS_BROKEN : SETTINGS_LOADED;
		err_set(err, "%s%s%s", *why.text ? path : "", *why.text ? ": " : "", why.text);
	}
	free(text);
	return result;
}

enum settings_result settings_load(struct settings *settings, const char *path, struct err *err)
{
	struct place place;
	enum settings_result result;
	int rc = place_open(&place, path, false);

	err_set(err, "%s", "");
	if (rc == -ENOENT)
		return SETTINGS_ABSENT;
	if (rc) {
		err_set(err, "%s: %s", path, strerror(-rc));
		return SETTINGS_BROKEN;
	}
	result = load(settings, &place, path, err);
	place_close(&place);
	return result;
}

/* -- writing ----------------------------------------------------------------------------------------------
 * */

/* A new file beside PLACE; NAME gets its name. A descriptor, or -errno. */
static int create_beside(const struct place *place, char name[NAME_MAX + 1])
{
	for (int i = 0; i < TRIES_MAX; i++) {
		unsigned number;
		int fd;

		if (getrandom(&number, sizeof number, 0) != sizeof number)
			return -errno;
		snprintf(name, NAME_MAX + 1, ".memtide-%08x", number);
		fd = openat(place->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd < 0 ? -errno : fd;
	}
	return -EEXIST;
}

/* 0 when it is all on the disk, or -errno. */
static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		data += n;
		len -= (size_t)n;
	}
	return fsync(fd) ? -errno : 0;
}

/* Moves what is not understood out of the way; KEPT gets its new name. 0, or -errno. */
static int keep_broken(const struct place *place, char kept[NAME_MAX + 1])
{
	for (int i = 1; i <= BROKEN_MAX; i++) {
		int len = snprintf(kept, NAME_MAX + 1, i == 1 ? "%s.broken" : "%s.broken%d", place->name, i);

		if (len < 0 || len > NAME_MAX)
			return -ENAMETOOLONG;
		if (!faccessat(place->directory, kept, F_OK, AT_SYMLINK_NOFOLLOW))
			continue;
		return renameat(place->directory, place->name, place->directory, kept) ? -errno : 0;
	}
	return -EEXIST;
}

/* Names the file NEW as PLACE says, and brings what was there back when that fails. */
static int replace(const struct place *place, const char *new, bool broken)
{
	char kept[NAME_MAX + 1];
	int rc = broken ? keep_broken(place, kept) : 0;

	if (!rc && renameat(place->directory, new, place->directory, place->name)) {
		rc = -errno;
		if (broken)
			renameat(place->directory, kept, place->directory, place->name);
	}
	return rc;
}

/* What was renamed outlasts a power failure, where the file system can promise that; there is nothing to
 * undo where it cannot. */
static void sync_directory(const struct place *place)
{
	int fd = openat(place->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

static int write_place(const struct place *place, const struct buf *text, bool broken)
{
	char new[NAME_MAX + 1];
	int fd = create_beside(place, new), rc;

	if (fd < 0)
		return fd;
	rc = write_all(fd, text->data, text->len);
	if (close(fd) && !rc)
		rc = -errno;
	if (!rc)
		rc = replace(place, new, broken);
	if (rc)
		unlinkat(place->directory, new, 0);
	else
		sync_directory(place);
	return rc;
}

/* Whether somebody else could have his file in the way of ours. */
static int check_directory(const struct place *place, const char *path, struct err *err)
{
	const struct stat *stat = &place->of_directory;

	if (stat->st_uid != geteuid())
		return err_set(err,
			       "%s: not saved: the directory belongs to user %u (set HOME or XDG_CONFIG_HOME "
			       "to one of your own)",
			       path, stat->st_uid);
	if (stat->st_mode & S_IWOTH)
		return err_set(err, "%s: not saved: everybody can write to the directory (chmod o-w)", path);
	return 0;
}

static int save_failed(const char *path, int error, struct err *err)
{
	if (error == ENOTDIR || error == EEXIST)
		return err_set(err, "%s: not saved: %s", path,
			       error == EEXIST ? "too many broken files are kept beside it (remove some)"
					       : "part of the path is no directory (set XDG_CONFIG_HOME)");
	return err_set(err, "%s: not saved: %s%s", path, strerror(error),
		       error == EPERM || error == EACCES || error == EROFS
			       ? " (set XDG_CONFIG_HOME to a directory of your own)"
			       : "");
}

/* PATH itself, or where one's own symbolic link leads. */
static int resolve(const char *path, char target[PATH_MAX], struct err *err)
{
	struct stat stat;

	if (lstat(path, &stat) || !S_ISLNK(stat.st_mode)) {
		if (snprintf(target, PATH_MAX, "%s", path) >= PATH_MAX)
			return save_failed(path, ENAMETOOLONG, err);
		return 0;
	}
	if (stat.st_uid != geteuid())
		return err_set(err, "%s: not saved: a symbolic link of user %u (remove it)", path, stat.st_uid);
	if (!realpath(path, target))
		return err_set(err, "%s: not saved: where the symbolic link leads: %s (remove it)", path,
			       strerror(errno));
	return 0;
}

static int save(const struct place *place, const char *path, const struct settings *settings, struct err *err)
{
	struct settings scratch;
	struct buf text = { 0 };
	bool broken;
	int rc;

	if (check_directory(place, path, err))
		return -1;
	settings_defaults(&scratch);
	broken = load(&scratch, place, path, err) == SETTINGS_BROKEN;
	settings_format(settings, &text);
	rc = text.failed ? -ENOMEM : write_place(place, &text, broken);
	buf_free(&text);
	return rc ? save_failed(path, -rc, err) : 0;
}

int settings_save(const struct settings *settings, const char *path, struct err *err)
{
	struct place place;
	char target[PATH_MAX];
	int rc;

	if (resolve(path, target, err))
		return -1;
	rc = place_open(&place, target, true);
	if (rc)
		return save_failed(path, -rc, err);
	rc = save(&place, target, settings, err);
	place_close(&place);
	return rc;
}
