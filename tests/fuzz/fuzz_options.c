/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines, one argument a line of the input: refused with one clean line, or complete and consistent. */
#include "cli/options.h"
#include "fuzz.h"

enum { ARGS_MAX = 64 };

/* What the interactive screen would begin with. */
static void check_settings(const struct options *options)
{
	struct settings settings;
	struct err err = { "" };

	settings_defaults(&settings);
	if (options_apply(options, &settings, &err)) {
		FUZZ_CHECK(*err.text);
		return;
	}
	FUZZ_CHECK(settings.processes.field_count >= 1 && settings.processes.field_count <= PROC_COUNT);
	FUZZ_CHECK(settings.cgroups.field_count >= 1 && settings.cgroups.field_count <= CG_COUNT);
	for (size_t i = 0; i < settings.processes.field_count; i++)
		FUZZ_CHECK(settings.processes.fields[i]->scope == SCOPE_PROCESS);
	for (size_t i = 0; i < settings.cgroups.field_count; i++)
		FUZZ_CHECK(settings.cgroups.fields[i]->scope == SCOPE_CGROUP);
}

static void check_usable(const struct options *options)
{
	FUZZ_CHECK(options->field_count >= 1 && options->field_count <= OPTIONS_FIELDS_MAX);
	for (size_t i = 0; i < options->field_count; i++) {
		FUZZ_CHECK(options->fields[i]->scope == options->record);
		for (size_t j = 0; j < i; j++)
			FUZZ_CHECK(options->fields[i] != options->fields[j]);
	}
	FUZZ_CHECK(options->sort && options->sort->scope == SCOPE_PROCESS);
	FUZZ_CHECK(options->delay_ns >= INT64_C(50000000) && options->delay_ns <= INT64_C(86400000000000));
	FUZZ_CHECK(options->pss_budget >= 10 && options->pss_budget <= 100000);
	FUZZ_CHECK(options->stall_limit_ns >= 0 && options->pss_max_age_ns >= 0);
	for (size_t i = 1; i < options->pids.count; i++)
		FUZZ_CHECK(options->pids.pids[i - 1] < options->pids.pids[i]);
	FUZZ_CHECK(options_needs(options) & NEED_CORE);
	(void)options_arrangement(options);
	check_settings(options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "memtide";
	char *argv[ARGS_MAX + 1] = { name }, *text = malloc(size + 1);
	struct options options;
	struct err err = { "" };
	int argc = 1;

	FUZZ_CHECK(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	for (char *word = text; word && argc < ARGS_MAX; argc++) {
		argv[argc] = word;
		word = strchr(word, '\n');
		if (word)
			*word++ = '\0';
	}
	enum options_result result = options_parse(argc, argv, &options, &err);

	if (result == OPTIONS_RUN || result == OPTIONS_LIST_FIELDS)
		check_usable(&options);
	if (result == OPTIONS_USAGE_ERROR)
		FUZZ_CHECK(err.text[0]);
	for (const char *c = err.text; *c; c++)
		FUZZ_CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
	options_free(&options);
	free(text);
	return 0;
}
