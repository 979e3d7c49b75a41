/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of users: the user database of the live machine (through NSS), or DIR/etc/passwd of a captured tree.
 *
 * Lookups may be slow (network databases), so names are kept in a cache of fixed size; one is not asked for
 * again while it stays there, and a user renamed meanwhile keeps the old name.
 */
#ifndef SOURCE_USERS_H
#define SOURCE_USERS_H

#include <stdint.h>

#include "model/snapshot.h"
#include "util/rootfs.h"

struct users;

/* NULL on ENOMEM. ROOT is not used after the call. A captured tree without etc/passwd has no names. */
struct users *users_open(const struct rootfs *root);
void users_close(struct users *users);	/* NULL-safe */

/* The cleaned name of UID, or its number when it has none, as a new reference; NULL on ENOMEM. */
struct text *users_name(struct users *users, uint32_t uid);

/* The uid of the user NAME. 0, or -ENOENT. */
int users_find(struct users *users, const char *name, uint32_t *uid);

#endif
