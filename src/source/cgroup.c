/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/cgroup.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parse/scalar.h"
#include "source/cgroup_mount.h"
#include "source/kfile.h"
#include "source/namemap.h"

enum {
	BUFFER = 32 << 10,	/* the largest file, memory.stat, has 2 KiB */
	FILES_MAX = 32,
	NAME_MAX_BYTES = 48,
	MAPS_MAX = 8,
};

/* A file of each cgroup's directory. */
struct cgroup_file {
	char name[NAME_MAX_BYTES];
	unsigned slot;		/* of a file that is one value */
	struct namemap *map;	/* of a file of several, else NULL */
	bool pressure;
};

struct cgroup_source {
	const struct rootfs *root;
	struct cgroup_mount mount;	/* fd -1 while there is none */
	struct cgroup_file files[FILES_MAX];
	unsigned file_count;
	struct namemap maps[MAPS_MAX];
	unsigned map_count;
	/* of the read under way */
	struct snapshot *snapshot;
	int64_t no_limit[2];		/* what v1 shows for "none": of a 64-bit and of a 32-bit kernel */
	int64_t lost;
	char path[CGROUP_PATH_MAX];	/* raw, of the cgroup being visited; "" for the root */
	char buffer[BUFFER];
};

static struct cgroup_file *find_file(struct cgroup_source *source, const struct source_part *part)
{
	for (unsigned i = 0; i < source->file_count; i++)
		if (source_part_is(part, source->files[i].name))
			return &source->files[i];
	return NULL;
}

static void add_file(struct cgroup_source *source, const struct source_part *part, unsigned slot)
{
	struct cgroup_file *file = &source->files[source->file_count++];

	assert(source->file_count <= FILES_MAX && part->file_len < NAME_MAX_BYTES);
	*file = (struct cgroup_file){ .slot = slot };
	memcpy(file->name, part->file, part->file_len);
	if (!part->name)
		return;
	assert(source->map_count < MAPS_MAX);
	file->map = &source->maps[source->map_count++];
	file->pressure = !strcmp(file->name, "memory.pressure");
	namemap_init(file->map, SCOPE_CGROUP, source->mount.v1, file->name);
}

/* Lists the files of this version of cgroups, in the order of the metric table. */
static void list_files(struct cgroup_source *source)
{
	source->file_count = source->map_count = 0;
	for (unsigned i = 0; i < metric_count(SCOPE_CGROUP); i++) {
		struct source_part part = source_part(metric_get(SCOPE_CGROUP, i), source->mount.v1);

		if (part.file && !find_file(source, &part))
			add_file(source, &part, i);
	}
	assert(source->files[0].slot == CG_CURRENT);	/* tells whether there is a memory controller */
}

static int find_mount(struct cgroup_source *source)
{
	int err = cgroup_mount_find(source->root, &source->mount);

	if (!err)
		list_files(source);
	return err;
}

struct cgroup_source *cgroup_source_open(const struct rootfs *root, struct err *err)
{
	struct cgroup_source *source = calloc(1, sizeof *source);

	if (!source) {
		err_set(err, "cgroups: %s", strerror(ENOMEM));
		return NULL;
	}
	source->root = root;
	find_mount(source);
	return source;
}

void cgroup_source_close(struct cgroup_source *source)
{
	if (source && source->mount.fd >= 0)
		close(source->mount.fd);
	free(source);
}

const char *cgroup_source_name(const struct cgroup_source *source)
{
	if (source->mount.fd < 0)
		return "none";
	return source->mount.v1 ? "cgroup1" : "cgroup2";
}

static int open_retry(int dirfd, const char *name, int flags)
{
	int fd;

	do
		fd = openat(dirfd, name, flags | O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

/* The text of a file, which the kernel gives in one read. The length, or -errno. */
static ssize_t read_file(struct cgroup_source *source, int dirfd, const char *name)
{
	int fd = open_retry(dirfd, name, O_NOCTTY);
	ssize_t len;

	if (fd < 0)
		return fd;
	do
		len = read(fd, source->buffer, sizeof source->buffer);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		len = -errno;
	else if (len == (ssize_t)sizeof source->buffer)
		len = -EFBIG;
	close(fd);
	return len;
}

/* ENODEV is how the files of a removed cgroup answer. */
static enum value_status file_status(ssize_t err, bool true_root)
{
	if (err == -ENODEV)
		return VALUE_GONE;
	if (err == -ENOENT && true_root)
		return VALUE_NOT_APPLICABLE;
	return kfile_status(err);
}

static struct value scalar_value(const struct cgroup_source *source, size_t len)
{
	int64_t amount;
	bool unlimited;

	if (parse_scalar_or_max(source->buffer, len, &amount, &unlimited))
		return value_none(VALUE_LOST);
	if (source->mount.v1 && (amount >= source->no_limit[0] || amount == source->no_limit[1]))
		unlimited = true;
	return unlimited ? value_none(VALUE_NOT_APPLICABLE) : value_ok(amount);
}

/* Takes what was read of FILE, or the -errno in its place, into the record. */
static void store(const struct cgroup_source *source, const struct cgroup_file *file, ssize_t got,
		  bool true_root, struct cgroup *cgroup)
{
	struct slots slots = { cgroup->amount, cgroup->status };

	if (got < 0 && file->map)
		namemap_set_all(file->map, file_status(got, true_root), slots);
	else if (got < 0)
		cgroup_set(cgroup, (enum cgroup_metric)file->slot, value_none(file_status(got, true_root)));
	else if (file->pressure)
		namemap_parse_psi(file->map, source->buffer, (size_t)got, slots);
	else if (file->map)
		namemap_parse(file->map, source->buffer, (size_t)got, slots, NULL, NULL);
	else
		cgroup_set(cgroup, (enum cgroup_metric)file->slot, scalar_value(source, (size_t)got));
}

static struct text *path_text(const struct cgroup_source *source, size_t path_len)
{
	return path_len ? text_new(source->path, path_len) : text_new("/", 1);
}

/* One record. False when there is no memory controller here, or no cgroup any more: then there is nothing below
 * either. */
static bool read_cgroup(struct cgroup_source *source, int fd, size_t path_len, unsigned depth)
{
	ssize_t got = read_file(source, fd, source->files[0].name);
	bool missing = got == -ENOENT, true_root = missing && !depth;
	struct cgroup *cgroup;

	if (got == -ENODEV || (missing && depth))
		return false;
	cgroup = source->snapshot->cgroup_count < CGROUPS_MAX ? snapshot_add_cgroup(source->snapshot) : NULL;
	if (!cgroup) {
		source->lost++;
		return false;
	}
	cgroup->path = path_text(source, path_len);
	if (!cgroup->path) {
		source->snapshot->cgroup_count--;
		source->lost++;
		return false;
	}
	memset(cgroup->status, VALUE_UNSUPPORTED, sizeof cgroup->status);
	store(source, &source->files[0], got, true_root, cgroup);
	for (unsigned i = 1; i < source->file_count; i++) {
		got = read_file(source, fd, source->files[i].name);
		store(source, &source->files[i], got, true_root, cgroup);
	}
	return true;
}

/* A directory of kernfs counts its subdirectories in its links, which saves listing its many files. */
static bool is_leaf(const struct cgroup_source *source, int fd)
{
	struct stat st;

	return source->root->live && !fstat(fd, &st) && st.st_nlink == 2;
}

static void visit(struct cgroup_source *source, int fd, size_t path_len, unsigned depth);

static void visit_child(struct cgroup_source *source, int dirfd, const char *name, size_t path_len,
			unsigned depth)
{
	size_t len = strlen(name);
	int fd = open_retry(dirfd, name, O_DIRECTORY);

	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		source->lost++;
	if (fd < 0)
		return;
	if (depth > CGROUP_DEPTH_MAX || path_len + 1 + len >= sizeof source->path) {
		source->lost++;
		close(fd);
		return;
	}
	source->path[path_len] = '/';
	memcpy(source->path + path_len + 1, name, len);
	visit(source, fd, path_len + 1 + len, depth);
}

static bool may_be_cgroup(const struct dirent *entry)
{
	return (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) && strcmp(entry->d_name, ".") &&
	       strcmp(entry->d_name, "..");
}

/* Reads the cgroup of directory FD, which it closes, and those below it: recursion bounded by
 * CGROUP_DEPTH_MAX. */
static void visit(struct cgroup_source *source, int fd, size_t path_len, unsigned depth)
{
	const struct dirent *entry;
	DIR *dir;

	if (!read_cgroup(source, fd, path_len, depth) || is_leaf(source, fd)) {
		close(fd);
		return;
	}
	dir = fdopendir(fd);
	if (!dir) {
		source->lost++;
		close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (may_be_cgroup(entry))
			visit_child(source, dirfd(dir), entry->d_name, path_len, depth + 1);
	closedir(dir);
}

static int path_byte(char c)
{
	return c == '/' ? 1 : c ? (unsigned char)c + 1 : 0;
}

static int compare_paths(const void *a, const void *b)
{
	const char *s = ((const struct cgroup *)a)->path->s, *t = ((const struct cgroup *)b)->path->s;

	while (*s && *s == *t) {
		s++;
		t++;
	}
	return path_byte(*s) - path_byte(*t);
}

static int read_tree(struct cgroup_source *source)
{
	size_t len = strlen(source->mount.prefix);
	int64_t page = source->snapshot->host->page_bytes;
	int fd = open_retry(source->mount.fd, ".", O_DIRECTORY);

	if (fd < 0)
		return fd;
	/* PAGE_COUNTER_MAX of include/linux/page_counter.h, in bytes. */
	source->no_limit[0] = INT64_MAX / page * page;
	source->no_limit[1] = INT32_MAX * page;
	memcpy(source->path, source->mount.prefix, len);
	visit(source, fd, len, 0);
	qsort(source->snapshot->cgroups, source->snapshot->cgroup_count, sizeof *source->snapshot->cgroups,
	      compare_paths);
	return 0;
}

static void set_missing(struct snapshot *snapshot, enum value_status status)
{
	system_set(snapshot, SYS_CGROUPS, value_none(status));
	system_set(snapshot, SYS_CGROUPS_LOST, value_none(status));
	if (status == VALUE_DENIED)
		snapshot_add_notice(snapshot, "cgroups", "cgroups are denied",
				    "let memtide read the directories below /sys/fs/cgroup");
	else
		snapshot_add_notice(snapshot, "cgroups", "no memory controller of cgroups is mounted here",
				    "mount cgroup2 on /sys/fs/cgroup; the kernel needs CONFIG_MEMCG");
}

int cgroup_read(struct cgroup_source *source, struct snapshot *snapshot)
{
	int err = source->mount.fd < 0 ? find_mount(source) : 0;

	source->snapshot = snapshot;
	source->lost = 0;
	if (!err)
		err = read_tree(source);
	if (err) {
		set_missing(snapshot, kfile_status(err));
		return err;
	}
	system_set(snapshot, SYS_CGROUPS, value_ok((int64_t)snapshot->cgroup_count));
	system_set(snapshot, SYS_CGROUPS_LOST, value_ok(source->lost));
	return 0;
}
