/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/notice.h"

#include <string.h>

const struct notice *notice_find(const struct snapshot *snapshot, const char *topic)
{
	for (unsigned i = 0; i < snapshot->notice_count; i++)
		if (!strcmp(snapshot->notices[i].topic, topic))
			return &snapshot->notices[i];
	return NULL;
}

/* What makes figures wrong comes before what makes them late, slow or absent by the machine's own choice. */
static int rank(const char *topic)
{
	static const char *const late[] = { "pss-large", "pss-protected", "psi", "scan", "pss-budget" };

	if (!strcmp(topic, "scan-lost"))
		return -2;
	if (!strcmp(topic, "pss"))
		return -1;
	for (int i = 0; i < (int)(sizeof late / sizeof *late); i++)
		if (!strcmp(topic, late[i]))
			return i + 1;
	return 0;
}

const struct notice *notice_most_important(const struct snapshot *snapshot)
{
	const struct notice *best = NULL;

	for (unsigned i = 0; i < snapshot->notice_count; i++)
		if (!best || rank(snapshot->notices[i].topic) < rank(best->topic))
			best = &snapshot->notices[i];
	return best;
}
