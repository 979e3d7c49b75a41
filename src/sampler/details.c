/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/details.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "source/task_procfs.h"

enum {
	TEXT_AGE_S = 10,	/* setproctitle and cgroup moves leave no trace in the scan */
};

void details_init(struct details *details, unsigned needs, const struct rootfs *root, struct procfs *procfs,
		  struct users *users)
{
	*details = (struct details){ needs, root, procfs, users, 0 };
}

void details_begin(struct details *details, int64_t now_ns)
{
	details->now_ns = now_ns;
}

static unsigned needs_of(const struct details *details, const struct tracked *t)
{
	enum { WATCHED = NEED_STATUS | NEED_DETAIL | NEED_USER | NEED_CMDLINE | NEED_CGROUP | NEED_OOM };

	return t->watched ? details->needs | WATCHED : details->needs;
}

static bool status_wanted(unsigned needs, const struct tracked *t)
{
	if (t->task.no_mm)
		return t->is_new && !(t->task.have & TASK_HAVE_DETAIL) && (needs & NEED_USER);
	if (needs & NEED_DETAIL && !(t->task.have & TASK_HAVE_DETAIL))
		return true;
	if (!(needs & (NEED_STATUS | NEED_USER)))
		return false;
	return !(t->task.have & TASK_HAVE_KINDS) || (t->is_new && !(t->task.have & TASK_HAVE_DETAIL));
}

void details_complete(struct details *details, struct tracked *t)
{
	unsigned needs = needs_of(details, t);
	bool status = status_wanted(needs, t);
	bool adj = needs & NEED_OOM && !(t->task.have & TASK_HAVE_OOM_ADJ);
	int fd, ret = 0;

	if (!status && !adj)
		return;
	fd = task_procfs_open_pid(details->root->proc_fd, t->task.pid);
	if (fd < 0) {
		t->status_error = -fd;
		return;
	}
	if (status)
		ret = task_procfs_read_status(fd, &t->task);
	if (adj)
		task_procfs_read_oom_adj(fd, &t->task);
	t->status_error = -ret;
	close(fd);
}

/* Puts TEXT (whose reference it takes) or the reason for its absence in SLOT. */
static void keep_text(struct details *details, struct tracked *t, enum process_text slot, struct text *text, int err)
{
	text_unref(t->text[slot]);
	t->text[slot] = text;
	t->text_status[slot] = text ? VALUE_OK : err == ENOMEM ? VALUE_LOST : value_status_from_process_errno(err);
	t->text_read_ns[slot] = details->now_ns;
}

static bool text_due(const struct details *details, const struct tracked *t, enum process_text slot)
{
	int64_t age = details->now_ns - t->text_read_ns[slot];

	if (!t->text_read_ns[slot])
		return true;
	/* The comm comes with every scan and the user with the uid: track.c resets their time when they change. */
	if (slot == TEXT_COMM || slot == TEXT_USER || t->task.kernel_thread)
		return false;
	/* Spread over time by pid. */
	return age >= (TEXT_AGE_S + t->task.pid % TEXT_AGE_S) * INT64_C(1000000000);
}

/* Texts that need the process's directory. */
static void read_texts(struct details *details, struct tracked *t, bool cmdline, bool cgroup)
{
	int fd, err = 0;
	struct text *text;

	if (!cmdline && !cgroup)
		return;
	fd = procfs_process_open(details->procfs, t->task.pid, t->task.start_time);
	if (cmdline) {
		text = fd < 0 ? NULL : procfs_read_cmdline(details->procfs, fd, &err);
		keep_text(details, t, TEXT_CMDLINE, text, fd < 0 ? -fd : err);
	}
	if (cgroup) {
		text = fd < 0 ? NULL : procfs_read_cgroup(details->procfs, fd, &err);
		keep_text(details, t, TEXT_CGROUP, text, fd < 0 ? -fd : err);
	}
	if (fd >= 0)
		close(fd);
}

static void read_oom_score(struct details *details, struct tracked *t, struct process *row)
{
	int fd = task_procfs_open_pid(details->root->proc_fd, t->task.pid);
	int64_t score;
	int ret = fd < 0 ? fd : procfs_read_number(fd, "oom_score", &score);

	if (fd >= 0)
		close(fd);
	process_set(row, PROC_OOM_SCORE, ret ? value_none(value_status_from_process_errno(-ret)) : value_ok(score));
}

static void show_texts(struct process *row, const struct tracked *t, unsigned needs)
{
	static const struct {
		enum process_metric metric;
		unsigned need;
	} texts[TEXT_COUNT] = {
		[TEXT_COMM] = { PROC_COMM, NEED_CORE },
		[TEXT_USER] = { PROC_USER, NEED_USER },
		[TEXT_CMDLINE] = { PROC_CMDLINE, NEED_CMDLINE },
		[TEXT_CGROUP] = { PROC_CGROUP, NEED_CGROUP },
	};

	needs |= NEED_CORE;
	for (int slot = 0; slot < TEXT_COUNT; slot++) {
		bool needed = needs & texts[slot].need;

		row->text[slot] = needed ? text_ref(t->text[slot]) : NULL;
		process_set(row, texts[slot].metric, value_none(needed ? t->text_status[slot] : VALUE_SKIPPED));
	}
}

void details_fill(struct details *details, struct tracked *t, struct process *row)
{
	unsigned needs = needs_of(details, t);

	if (text_due(details, t, TEXT_COMM))
		keep_text(details, t, TEXT_COMM, text_new(t->task.comm, strnlen(t->task.comm, sizeof t->task.comm)), ENOMEM);
	if (needs & NEED_USER && text_due(details, t, TEXT_USER)) {
		struct text *user = t->task.uid == UINT32_MAX ? NULL : users_name(details->users, t->task.uid);

		keep_text(details, t, TEXT_USER, user, t->task.uid == UINT32_MAX ? EACCES : ENOMEM);
	}
	read_texts(details, t, needs & NEED_CMDLINE && text_due(details, t, TEXT_CMDLINE),
		   needs & NEED_CGROUP && text_due(details, t, TEXT_CGROUP));
	show_texts(row, t, needs);
	if (needs & NEED_OOM)
		read_oom_score(details, t, row);
}
