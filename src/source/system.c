/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/system.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/keyed.h"
#include "parse/scalar.h"
#include "source/kfile.h"
#include "source/namemap.h"
#include "source/swap.h"
#include "util/text.h"

enum {
	BUFFER = 64 << 10,	/* the largest file, vmstat, has 5 KiB */
	SCALARS_MAX = 32,
	PRESSURES = 3,
	SETTINGS = 4,
};

/* A file that holds one metric. */
struct scalar {
	struct kfile file;
	unsigned slot;
	int64_t scale;		/* amount for 1 in the file; 0 for the page size */
};

struct pressure {
	struct kfile file;
	struct namemap map;
};

struct system_source {
	const struct rootfs *root;
	struct kfile meminfo_file, vmstat_file, swaps_file;
	struct namemap meminfo, vmstat;
	struct pressure pressures[PRESSURES];
	struct scalar scalars[SCALARS_MAX];
	unsigned scalar_count;
	struct kfile settings[SETTINGS];
	char buffer[BUFFER];
};

static const char *const pressure_paths[PRESSURES] = { "pressure/memory", "pressure/cpu", "pressure/io" };

/* Paths are below /sys. */
static const struct {
	const char *name, *path;
} settings[SETTINGS] = {
	{ "transparent_hugepage_enabled", "kernel/mm/transparent_hugepage/enabled" },
	{ "transparent_hugepage_defrag", "kernel/mm/transparent_hugepage/defrag" },
	{ "transparent_hugepage_shmem_enabled", "kernel/mm/transparent_hugepage/shmem_enabled" },
	{ "zswap_enabled", "module/zswap/parameters/enabled" },
};

_Static_assert((int)SETTINGS <= (int)SETTINGS_MAX, "snapshots have room for all settings");

static bool starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	return len >= n && !strcmp(s + len - n, suffix);
}

/* What a 1 in the file amounts to in the metric's unit, as the kernel's file names tell: min_free_kbytes is
 * in KiB, pages_shared in pages, overcommit_ratio in percent. */
static int64_t scalar_scale(const struct metric *metric)
{
	const char *base = strrchr(metric->source, '/') + 1;

	if (metric->unit == UNIT_PERCENT)
		return 1000;
	if (metric->unit != UNIT_BYTES)
		return 1;
	if (ends_with(base, "_kbytes"))
		return 1024;
	return starts_with(base, "pages_") || ends_with(base, "_pages") ? 0 : 1;
}

static void add_scalars(struct system_source *source)
{
	for (unsigned i = 0; i < metric_count(SCOPE_SYSTEM); i++) {
		const struct metric *metric = metric_get(SCOPE_SYSTEM, i);
		bool proc = starts_with(metric->source, "/proc/sys/");
		struct scalar *scalar;

		if (!proc && !starts_with(metric->source, "/sys/kernel/mm/"))
			continue;
		assert(source->scalar_count < SCALARS_MAX);
		scalar = &source->scalars[source->scalar_count++];
		kfile_init(&scalar->file, proc ? source->root->proc_fd : source->root->sys_fd,
			   metric->source + (proc ? strlen("/proc/") : strlen("/sys/")));
		scalar->slot = i;
		scalar->scale = scalar_scale(metric);
	}
}

struct system_source *system_source_open(const struct rootfs *root, struct err *err)
{
	struct system_source *source = calloc(1, sizeof *source);

	if (!source) {
		err_set(err, "system: %s", strerror(ENOMEM));
		return NULL;
	}
	source->root = root;
	kfile_init(&source->meminfo_file, root->proc_fd, "meminfo");
	namemap_init(&source->meminfo, SCOPE_SYSTEM, 0, "meminfo");
	kfile_init(&source->vmstat_file, root->proc_fd, "vmstat");
	namemap_init(&source->vmstat, SCOPE_SYSTEM, 0, "vmstat");
	kfile_init(&source->swaps_file, root->proc_fd, "swaps");
	for (int i = 0; i < PRESSURES; i++) {
		kfile_init(&source->pressures[i].file, root->proc_fd, pressure_paths[i]);
		namemap_init(&source->pressures[i].map, SCOPE_SYSTEM, 0, pressure_paths[i]);
	}
	for (int i = 0; i < SETTINGS; i++)
		kfile_init(&source->settings[i], root->sys_fd, settings[i].path);
	add_scalars(source);
	return source;
}

void system_source_close(struct system_source *source)
{
	if (!source)
		return;
	kfile_close(&source->meminfo_file);
	kfile_close(&source->vmstat_file);
	kfile_close(&source->swaps_file);
	for (int i = 0; i < PRESSURES; i++)
		kfile_close(&source->pressures[i].file);
	for (unsigned i = 0; i < source->scalar_count; i++)
		kfile_close(&source->scalars[i].file);
	for (int i = 0; i < SETTINGS; i++)
		kfile_close(&source->settings[i]);
	free(source);
}

static struct slots system_slots(struct snapshot *snapshot)
{
	return (struct slots){ snapshot->system_amount, snapshot->system_status };
}

static void notice_malformed(struct snapshot *snapshot, const char *topic, unsigned lines)
{
	char text[160];

	snprintf(text, sizeof text, "%u lines not understood", lines);
	snapshot_add_notice(snapshot, topic, text, "report this file and the kernel version as a bug");
}

/* Meminfo of a newer kernel: kept by name when it is in bytes and there is room, else counted. */
static void keep_extra(void *context, const struct parse_keyed *line)
{
	struct snapshot *snapshot = context;
	struct extra *extra = &snapshot->extra[snapshot->extra_count];

	if (!line->kib || snapshot->extra_count == EXTRA_MAX) {
		snapshot->system_amount[SYS_MEMINFO_LOST]++;
		return;
	}
	text_clean(extra->name, sizeof extra->name, line->name, line->name_len);
	extra->bytes = line->value;
	snapshot->extra_count++;
}

static int read_meminfo(struct system_source *source, struct snapshot *snapshot)
{
	ssize_t len = kfile_read(&source->meminfo_file, source->buffer, sizeof source->buffer);
	unsigned malformed;

	if (len < 0) {
		namemap_set_all(&source->meminfo, kfile_status(len), system_slots(snapshot));
		system_set(snapshot, SYS_MEMINFO_LOST, value_none(kfile_status(len)));
		return (int)len;
	}
	system_set(snapshot, SYS_MEMINFO_LOST, value_ok(0));
	malformed = namemap_parse(&source->meminfo, source->buffer, (size_t)len, system_slots(snapshot),
				  keep_extra, snapshot);
	if (malformed)
		notice_malformed(snapshot, "meminfo", malformed);
	return 0;
}

static void read_vmstat(struct system_source *source, struct snapshot *snapshot)
{
	ssize_t len = kfile_read(&source->vmstat_file, source->buffer, sizeof source->buffer);
	unsigned malformed;

	if (len < 0) {
		namemap_set_all(&source->vmstat, kfile_status(len), system_slots(snapshot));
		return;
	}
	malformed = namemap_parse(&source->vmstat, source->buffer, (size_t)len, system_slots(snapshot),
				  NULL, NULL);
	if (malformed)
		notice_malformed(snapshot, "vmstat", malformed);
}

/* ENOENT without CONFIG_PSI; with psi=0 ENOENT or EOPNOTSUPP, by version (kernel/sched/psi.c,
 * psi_proc_init). */
static void notice_no_psi(struct snapshot *snapshot, enum value_status status)
{
	if (status == VALUE_DENIED)
		snapshot_add_notice(snapshot, "psi", "pressure is denied",
				    "let memtide read /proc/pressure: a sandbox or security module forbids it");
	else
		snapshot_add_notice(snapshot, "psi", "this kernel measures no pressure",
				    "boot with psi=1, or use a kernel with CONFIG_PSI");
}

static void read_pressure(struct system_source *source, struct pressure *pressure, struct snapshot *snapshot)
{
	ssize_t len = kfile_read(&pressure->file, source->buffer, sizeof source->buffer);

	if (len >= 0) {
		if (namemap_parse_psi(&pressure->map, source->buffer, (size_t)len, system_slots(snapshot)))
			notice_malformed(snapshot, "psi", 1);
		return;
	}
	namemap_set_all(&pressure->map, kfile_status(len), system_slots(snapshot));
	notice_no_psi(snapshot, kfile_status(len));
}

static struct value read_scalar(struct system_source *source, struct scalar *scalar, int64_t page_bytes)
{
	ssize_t len = kfile_read(&scalar->file, source->buffer, sizeof source->buffer);
	int64_t amount;

	if (len < 0)
		return value_none(kfile_status(len));
	if (parse_scalar(source->buffer, (size_t)len, &amount) ||
	    __builtin_mul_overflow(amount, scalar->scale ? scalar->scale : page_bytes, &amount))
		return value_none(VALUE_LOST);
	return value_ok(amount);
}

static void read_setting(struct system_source *source, int i, struct setting *setting)
{
	ssize_t len = kfile_read(&source->settings[i], source->buffer, sizeof source->buffer);
	const char *choice;
	size_t choice_len;

	*setting = (struct setting){ .name = settings[i].name, .status = VALUE_OK };
	if (len < 0)
		setting->status = (uint8_t)kfile_status(len);
	else if (parse_choice(source->buffer, (size_t)len, &choice, &choice_len))
		setting->status = VALUE_LOST;
	else
		text_clean(setting->text, sizeof setting->text, choice, choice_len);
}

int system_read(struct system_source *source, struct snapshot *snapshot)
{
	int64_t page_bytes = snapshot->host->page_bytes;
	int ret = read_meminfo(source, snapshot);

	read_vmstat(source, snapshot);
	for (int i = 0; i < PRESSURES; i++)
		read_pressure(source, &source->pressures[i], snapshot);
	swap_read(&source->swaps_file, source->root, source->buffer, sizeof source->buffer, snapshot);
	for (unsigned i = 0; i < source->scalar_count; i++)
		system_set(snapshot, (enum system_metric)source->scalars[i].slot,
			   read_scalar(source, &source->scalars[i], page_bytes));
	for (int i = 0; i < SETTINGS; i++)
		read_setting(source, i, &snapshot->settings[i]);
	snapshot->setting_count = SETTINGS;
	system_set(snapshot, SYS_PAGE_SIZE, value_ok(page_bytes));
	return ret;
}
