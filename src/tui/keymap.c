/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/keymap.h"

#include <stddef.h>

/* So that the table can write TABLES or FIELDS | CONTEXT_TEXT. */
static const struct key_binding bindings[] = {
#define KEYS(id, name, group, contexts, label, writes, help, ...) \
	{ COMMAND_##id, name, KEYS_##group, CONTEXT_##contexts, { __VA_ARGS__ }, label, help, writes },
#include "tui/keymap.def"
#undef KEYS
};

const struct key_binding *keymap_row(unsigned i)
{
	return &bindings[i];
}

enum command keymap_find(enum context context, int32_t key, bool read_only)
{
	for (size_t i = 0; i < sizeof bindings / sizeof *bindings; i++) {
		const struct key_binding *row = &bindings[i];

		if (!(row->contexts & context) || (row->writes && read_only))
			continue;
		for (unsigned k = 0; k < KEYS_MAX && row->keys[k]; k++)
			if (row->keys[k] == key)
				return row->command;
	}
	return COMMAND_NONE;
}

const char *keymap_group_title(enum key_group group)
{
	static const char *const titles[KEYS_GROUP_COUNT] = {
		[KEYS_MOVING] = "Moving",
		[KEYS_SCREENS] = "Screens",
		[KEYS_SHOWING] = "What is shown",
		[KEYS_SORTING] = "Order",
		[KEYS_SELECTING] = "Which rows",
		[KEYS_ACTING] = "Acting",
		[KEYS_EDITING] = "Choosing fields",
	};

	return titles[group];
}
