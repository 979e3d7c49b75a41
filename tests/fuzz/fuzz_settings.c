/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings: refused with one clean line and nothing changed, or complete; what was read is read again as it was written. */
#include "fuzz.h"
#include "tui/settings.h"

static void check_table(const struct table_settings *table, enum scope scope)
{
	FUZZ_CHECK(table->field_count >= 1 && table->field_count <= metric_count(scope));
	FUZZ_CHECK(table->sort && table->sort->scope == scope);
	for (size_t i = 0; i < table->field_count; i++) {
		FUZZ_CHECK(table->fields[i]->scope == scope);
		for (size_t j = 0; j < i; j++)
			FUZZ_CHECK(table->fields[i] != table->fields[j]);
	}
}

static void check_settings(const struct settings *settings)
{
	check_table(&settings->processes, SCOPE_PROCESS);
	check_table(&settings->cgroups, SCOPE_CGROUP);
	FUZZ_CHECK(settings->grouping < GROUPING_COUNT && settings->header < HEADER_MODE_COUNT);
	FUZZ_CHECK(settings->unit < CELL_UNIT_COUNT && settings->header_unit < CELL_UNIT_COUNT);
	FUZZ_CHECK(settings->palette < PALETTE_COUNT);
	FUZZ_CHECK(settings->delay_ns >= SETTINGS_DELAY_MIN_NS && settings->delay_ns <= SETTINGS_DELAY_MAX_NS);
}

static void check_round_trip(const struct settings *settings)
{
	struct buf first = { 0 }, second = { 0 };
	struct settings again;
	struct err err = { "" };

	settings_format(settings, &first);
	settings_defaults(&again);
	FUZZ_CHECK(!settings_parse(&again, first.data, first.len, &err) && !*err.text);
	settings_format(&again, &second);
	FUZZ_CHECK(first.len == second.len && !memcmp(first.data, second.data, first.len));
	buf_free(&first);
	buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct settings settings, before;
	struct err err = { "" };

	memset(&settings, 0, sizeof settings);
	settings_defaults(&settings);
	before = settings;
	if (settings_parse(&settings, text, size, &err)) {
		FUZZ_CHECK(*err.text && !memcmp(&settings, &before, sizeof settings));
	} else {
		check_settings(&settings);
		check_round_trip(&settings);
	}
	for (const char *c = err.text; *c; c++)
		FUZZ_CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
	free(text);
	return 0;
}
