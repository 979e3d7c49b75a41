/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/value.h"

#include <errno.h>

static const struct {
	const char *name, *mark;
} statuses[VALUE_STATUS_COUNT] = {
	[VALUE_PENDING] = { "pending", "..." },
	[VALUE_OK] = { "ok", "" },
	[VALUE_ESTIMATED] = { "estimated", "~" },
	[VALUE_STALE] = { "stale", "'" },
	[VALUE_SKIPPED] = { "skipped", "skip" },
	[VALUE_DENIED] = { "denied", "deny" },
	[VALUE_UNSUPPORTED] = { "unsupported", "none" },
	[VALUE_NOT_APPLICABLE] = { "not_applicable", "-" },
	[VALUE_GONE] = { "gone", "gone" },
	[VALUE_LOST] = { "lost", "lost" },
};

const char *value_status_name(enum value_status status)
{
	return statuses[status].name;
}

const char *value_status_mark(enum value_status status)
{
	return statuses[status].mark;
}

enum value_status value_status_from_errno(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		return VALUE_DENIED;
	default:
		return VALUE_UNSUPPORTED;
	}
}

enum value_status value_status_from_process_errno(int err)
{
	switch (err) {
	case ESRCH:
	case ENOENT:
		return VALUE_GONE;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return VALUE_LOST;
	default:
		return value_status_from_errno(err);
	}
}
