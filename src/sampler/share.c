/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sampler/share.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) (hash_oom = 1)
static _Thread_local int hash_oom;
#include <uthash.h>

enum {
	PUSH_BYTES = 4 << 10,	/* an error of at least this much per member is pushed at once */
	LAZY_BYTES = 16 << 10,	/* smaller ones are pushed when they have added up to this */
};

struct share_key {
	uint64_t major, minor;
};

struct share_object {
	struct share_key key;
	struct share_member *first;
	unsigned members;
	int64_t pending;	/* small errors not pushed yet, per member */
	UT_hash_handle hh;
};

struct share_member {
	struct share_owner *owner;
	struct share_object *object;
	struct share_member *owner_next;
	struct share_member *object_next, *object_prev;
	int64_t bytes;
	enum share_kind kind;
};

struct share_table {
	struct share_object *objects;
	size_t members;
};

struct share_table *share_table_new(void)
{
	return calloc(1, sizeof(struct share_table));
}

void share_table_free(struct share_table *table)
{
	free(table);
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Every member of OBJECT but EXCEPT expects its PSS to change by EACH bytes, at most by its own size. */
static void push(struct share_object *object, const struct share_member *except, int64_t each)
{
	for (struct share_member *m = object->first; m; m = m->object_next) {
		if (m == except)
			continue;
		m->owner->error[m->kind] += each < 0 ? -smaller(-each, m->bytes) : smaller(each, m->bytes);
	}
}

/* BYTES of MEMBER came to (positive) or left (negative) OBJECT, which then has K members with MEMBER counted. */
static void tell_others(struct share_object *object, const struct share_member *member, int64_t bytes, unsigned k)
{
	int64_t each;

	if (k < 2)
		return;
	each = -bytes / ((int64_t)k * (k - 1));
	if (each >= PUSH_BYTES || each <= -PUSH_BYTES) {
		push(object, member, each);
		return;
	}
	object->pending += each;
	if (object->pending >= LAZY_BYTES || object->pending <= -LAZY_BYTES) {
		push(object, member, object->pending);
		object->pending = 0;
	}
}

static struct share_object *object_get(struct share_table *table, uint64_t major, uint64_t minor)
{
	struct share_key key = { major, minor };
	struct share_object *object;

	HASH_FIND(hh, table->objects, &key, sizeof key, object);
	if (object)
		return object;
	object = calloc(1, sizeof *object);
	if (!object)
		return NULL;
	object->key = key;
	hash_oom = 0;
	HASH_ADD(hh, table->objects, key, sizeof key, object);
	if (hash_oom) {
		free(object);
		return NULL;
	}
	return object;
}

static int member_add(struct share_table *table, struct share_owner *owner, const struct share_item *item)
{
	struct share_object *object = object_get(table, item->major, item->minor);
	struct share_member *member;

	if (!object)
		return -ENOMEM;
	member = calloc(1, sizeof *member);
	if (!member) {
		if (!object->members) {
			HASH_DEL(table->objects, object);
			free(object);
		}
		return -ENOMEM;
	}
	*member = (struct share_member){ .owner = owner, .object = object, .owner_next = owner->first,
					 .object_next = object->first, .bytes = item->bytes, .kind = item->kind };
	if (object->first)
		object->first->object_prev = member;
	object->first = member;
	owner->first = member;
	object->members++;
	table->members++;
	if (!(owner->quiet_kinds & 1u << item->kind))
		tell_others(object, member, item->bytes, object->members);
	return 0;
}

/* Takes MEMBER, already unlinked from its owner, out of its object. */
static void member_remove(struct share_table *table, struct share_member *member)
{
	struct share_object *object = member->object;

	tell_others(object, member, -member->bytes, object->members);
	if (member->object_prev)
		member->object_prev->object_next = member->object_next;
	else
		object->first = member->object_next;
	if (member->object_next)
		member->object_next->object_prev = member->object_prev;
	table->members--;
	if (--object->members == 0) {
		HASH_DEL(table->objects, object);
		free(object);
	}
	free(member);
}

static struct share_member *member_find(const struct share_owner *owner, const struct share_item *item)
{
	for (struct share_member *m = owner->first; m; m = m->owner_next)
		if (m->object->key.major == item->major && m->object->key.minor == item->minor)
			return m;
	return NULL;
}

static int item_known(const struct share_item *items, size_t count, const struct share_member *member)
{
	for (size_t i = 0; i < count; i++)
		if (items[i].major == member->object->key.major && items[i].minor == member->object->key.minor)
			return 1;
	return 0;
}

int share_set(struct share_table *table, struct share_owner *owner, unsigned kind_mask,
	      const struct share_item *items, size_t count)
{
	int ret = 0;

	for (struct share_member **link = &owner->first, *m; (m = *link);) {
		if (!(kind_mask & 1u << m->kind) || item_known(items, count, m)) {
			link = &m->owner_next;
			continue;
		}
		*link = m->owner_next;
		member_remove(table, m);
	}
	for (size_t i = 0; i < count; i++) {
		struct share_member *m = member_find(owner, &items[i]);

		if (!m) {
			if (member_add(table, owner, &items[i]))
				ret = -ENOMEM;
		} else if (m->kind == SHARE_ANON) {
			m->bytes = smaller(m->bytes, items[i].bytes);
		} else if (m->bytes != items[i].bytes) {
			tell_others(m->object, m, items[i].bytes - m->bytes, m->object->members);
			m->bytes = items[i].bytes;
		}
	}
	owner->quiet_kinds &= ~kind_mask;
	return ret;
}

void share_drop(struct share_table *table, struct share_owner *owner)
{
	struct share_member *m;

	while ((m = owner->first)) {
		owner->first = m->owner_next;
		member_remove(table, m);
	}
}

static int64_t kind_bytes(const struct share_owner *owner, enum share_kind kind)
{
	int64_t total = 0;

	for (const struct share_member *m = owner->first; m; m = m->owner_next)
		if (m->kind == kind)
			total += m->bytes;
	return total;
}

/* PART of WHOLE of AMOUNT without overflow: all three are byte counts of memory. */
static int64_t fraction(int64_t amount, int64_t part, int64_t whole)
{
	return whole > 0 ? (int64_t)((__int128)amount * part / whole) : 0;
}

void share_touch(struct share_table *table, struct share_owner *owner, enum share_kind kind, int64_t delta)
{
	int64_t total = kind_bytes(owner, kind);

	(void)table;
	for (struct share_member *m = owner->first; m; m = m->owner_next)
		if (m->kind == kind)
			tell_others(m->object, m, fraction(delta, m->bytes, total), m->object->members);
}

void share_settle(struct share_owner *owner)
{
	memset(owner->error, 0, sizeof owner->error);
}

unsigned share_most_members(const struct share_owner *owner, enum share_kind kind)
{
	unsigned most = 1;

	for (const struct share_member *m = owner->first; m; m = m->owner_next)
		if (m->kind == kind && m->object->members > most)
			most = m->object->members;
	return most;
}

int64_t share_expect(const struct share_owner *owner, enum share_kind kind, int64_t rss)
{
	int64_t total = kind_bytes(owner, kind), expected = 0;

	if (total <= 0)
		return rss;
	for (const struct share_member *m = owner->first; m; m = m->owner_next)
		if (m->kind == kind)
			expected += fraction(rss, m->bytes, total) / m->object->members;
	return expected;
}

size_t share_object_count(const struct share_table *table)
{
	return HASH_COUNT(table->objects);
}

size_t share_member_count(const struct share_table *table)
{
	return table->members;
}
