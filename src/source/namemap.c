/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/namemap.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "parse/keyed.h"
#include "parse/psi.h"

static const char side_mark[] = " / ", name_mark[] = ": ";

struct source_part source_part(const struct metric *metric, unsigned side)
{
	const char *start = metric->source, *second = strstr(start, side_mark), *colon;
	struct source_part part = { 0 };
	size_t len;

	if (side) {
		if (!second)
			return part;
		start = second + strlen(side_mark);
		second = NULL;
	}
	len = second ? (size_t)(second - start) : strlen(start);
	if (len == 1 && *start == '-')
		return part;
	part.file = start;
	part.file_len = len;
	colon = strstr(start, name_mark);
	if (colon && colon < start + len) {
		part.file_len = (size_t)(colon - start);
		part.name = colon + strlen(name_mark);
		part.name_len = len - part.file_len - strlen(name_mark);
	}
	return part;
}

bool source_part_is(const struct source_part *part, const char *file)
{
	return part->file && strlen(file) == part->file_len && !memcmp(part->file, file, part->file_len);
}

static unsigned hash_name(const char *name, size_t len)
{
	uint32_t hash = (uint32_t)len;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	return (hash ^ hash >> 15) % NAMEMAP_HASH;
}

static void add_name(struct namemap *map, const struct source_part *part, unsigned slot)
{
	struct namemap_name *name = &map->names[map->count];
	unsigned at;

	assert(map->count < NAMEMAP_NAMES);
	name->name = part->name;
	name->slot = (uint16_t)slot;
	name->sum = part->name[part->name_len - 1] == '*';
	name->len = (uint16_t)(part->name_len - name->sum);
	for (at = hash_name(name->name, name->len); map->hash[at]; at = (at + 1) % NAMEMAP_HASH)
		;
	map->hash[at] = (uint16_t)++map->count;
}

void namemap_init(struct namemap *map, enum scope scope, unsigned side, const char *file)
{
	memset(map, 0, sizeof *map);
	for (unsigned i = 0; i < metric_count(scope); i++) {
		struct source_part part = source_part(metric_get(scope, i), side);

		if (source_part_is(&part, file) && part.name_len)
			add_name(map, &part, i);
	}
}

static const struct namemap_name *find(const struct namemap *map, const char *name, size_t len, bool sum)
{
	unsigned at = hash_name(name, len);

	for (; map->hash[at]; at = (at + 1) % NAMEMAP_HASH) {
		const struct namemap_name *candidate = &map->names[map->hash[at] - 1];

		if (candidate->len == len && candidate->sum == sum && !memcmp(candidate->name, name, len))
			return candidate;
	}
	return NULL;
}

const struct namemap_name *namemap_find(const struct namemap *map, const char *name, size_t len)
{
	const struct namemap_name *found = find(map, name, len, false);

	if (found)
		return found;
	while (len && name[len - 1] != '_')
		len--;
	return len ? find(map, name, len, true) : NULL;
}

void namemap_set_all(const struct namemap *map, enum value_status status, struct slots slots)
{
	for (unsigned i = 0; i < map->count; i++) {
		slots.amount[map->names[i].slot] = 0;
		slots.status[map->names[i].slot] = (uint8_t)status;
	}
}

static void store(const struct namemap_name *name, int64_t value, struct slots slots)
{
	int64_t *sum = &slots.amount[name->slot];

	if (slots.status[name->slot] == VALUE_LOST)
		return;
	if (!name->sum)
		*sum = value;
	else if (__builtin_add_overflow(*sum, value, sum))
		*sum = INT64_MAX;
	slots.status[name->slot] = VALUE_OK;
}

unsigned namemap_parse(const struct namemap *map, const char *text, size_t len, struct slots slots,
		       void (*unknown)(void *context, const struct parse_keyed *line), void *context)
{
	struct parse_keyed line;
	unsigned malformed = 0;
	int ret;

	namemap_set_all(map, VALUE_UNSUPPORTED, slots);
	while ((ret = parse_keyed_next(&text, &len, &line))) {
		const struct namemap_name *name = namemap_find(map, line.name, line.name_len);

		malformed += ret < 0;
		if (name && ret > 0) {
			store(name, line.value, slots);
		} else if (name) {
			slots.amount[name->slot] = 0;
			slots.status[name->slot] = VALUE_LOST;
		} else if (unknown && ret > 0) {
			unknown(context, &line);
		}
	}
	return malformed;
}

int namemap_parse_psi(const struct namemap *map, const char *text, size_t len, struct slots slots)
{
	struct parse_psi psi;

	if (parse_psi(text, len, &psi)) {
		namemap_set_all(map, VALUE_LOST, slots);
		return -EBADMSG;
	}
	namemap_set_all(map, VALUE_UNSUPPORTED, slots);
	for (int i = 0; i < PSI_COUNT; i++) {
		const char *field = parse_psi_field_name((enum psi_field)i);
		const struct namemap_name *name = namemap_find(map, field, strlen(field));

		if (name && psi.have & 1u << i)
			store(name, psi.v[i], slots);
	}
	return 0;
}
