/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who shares memory with whom, and whose PSS moves when a sharer comes or goes.
 *
 * The PSS of a process changes without any event of its own when another process maps or unmaps the pages it
 * has mapped: after fork the parent's PSS halves while its RSS and faults stand still. This table knows
 * two ways of sharing as one thing, an object with members:
 *
 *   - a file or shared-memory object, named by device and inode, from /proc/PID/maps;
 *   - an anonymous family, named by the image hash of the scan: processes that descend from one exec by fork.
 *
 * When a member of an object with k members joins, leaves or changes its size by s bytes, every other member's
 * share of those bytes goes from s/k to s/(k+1) or back: an error of s/(k(k+1)) in its last reading. That sum
 * is signed, so that a child that comes and goes between two readings costs nothing, and it is what decides
 * whom to read again: one exec of libc, with k in the hundreds, moves nobody.
 */
#ifndef SAMPLER_SHARE_H
#define SAMPLER_SHARE_H

#include <stddef.h>
#include <stdint.h>

enum share_kind { SHARE_ANON, SHARE_FILE, SHARE_SHMEM, SHARE_KINDS };

enum {
	SHARE_ITEMS_MAX = 24,		/* objects per process: the largest; the rest is left out */
	SHARE_MIN_BYTES = 256 << 10,	/* smaller mappings cannot move a PSS noticeably */
};

struct share_member;

/* Embedded in every process; zero-initialize. */
struct share_owner {
	struct share_member *first;
	int64_t error[SHARE_KINDS];	/* expected change of PSS since share_settle(), bytes, signed */
	unsigned quiet_kinds;		/* bits 1 << kind: the next share_set() states what was so before, not news */
};

/* One object a process has mapped. */
struct share_item {
	uint64_t major, minor;		/* identity: device and inode, or 0 and the image hash */
	enum share_kind kind;
	int64_t bytes;			/* how much of it may be resident in this process */
};

struct share_table;

struct share_table *share_table_new(void);	/* NULL on ENOMEM */

/* Every owner must have been dropped. NULL-safe. */
void share_table_free(struct share_table *table);

/* For quiet_kinds of a process that was there before memtide: its mappings are old, only not known yet. */
enum { SHARE_ALL_KINDS = (1 << SHARE_KINDS) - 1 };

/* Replaces OWNER's objects of the kinds in KIND_MASK (bits 1 << kind) by ITEMS, whose identities are distinct, and tells the
 * other members. A family (SHARE_ANON) only ever shrinks in a member: what it allocates after the fork is its own.
 * Clears KIND_MASK from quiet_kinds. 0, or -ENOMEM: then some objects are missing from the table. */
int share_set(struct share_table *table, struct share_owner *owner, unsigned kind_mask,
	      const struct share_item *items, size_t count);

/* OWNER is gone. */
void share_drop(struct share_table *table, struct share_owner *owner);

/* OWNER's resident bytes of KIND changed by DELTA: spread over its objects of that kind by size. */
void share_touch(struct share_table *table, struct share_owner *owner, enum share_kind kind, int64_t delta);

/* OWNER was read exactly: its expected error starts again from 0. */
void share_settle(struct share_owner *owner);

/* Number of members of the largest-sharing object of KIND, OWNER included; 1 when it shares none. */
unsigned share_most_members(const struct share_owner *owner, enum share_kind kind);

/* Expected PSS of RSS bytes of KIND, each object's bytes divided by its number of members; objects that are not
 * in the table count as private. */
int64_t share_expect(const struct share_owner *owner, enum share_kind kind, int64_t rss);

/* Objects and memberships in the table, for tests and statistics. */
size_t share_object_count(const struct share_table *table);
size_t share_member_count(const struct share_table *table);

#endif
