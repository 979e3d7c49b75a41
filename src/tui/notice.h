/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of a snapshot's notices says most. */
#ifndef TUI_NOTICE_H
#define TUI_NOTICE_H

#include "model/snapshot.h"

/* The one of TOPIC, or NULL. */
const struct notice *notice_find(const struct snapshot *snapshot, const char *topic);

/* The one to show where there is room for one; NULL when there is none. */
const struct notice *notice_most_important(const struct snapshot *snapshot);

#endif
