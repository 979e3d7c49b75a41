/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filter expressions: any text is either refused with one clean line, or matches some process without harm. */
#include "fuzz.h"
#include "model/filter.h"

/* One row of every kind of value: known, text, absent. */
static struct snapshot *make_row(void)
{
	struct snapshot *snapshot = snapshot_new(NULL, 1);
	struct process *process = snapshot ? snapshot_add_process(snapshot) : NULL;

	FUZZ_CHECK(process);
	for (unsigned i = 0; i < PROC_STORED; i++)
		process_set(process, (enum process_metric)i, i % 3 ? value_ok((int64_t)i * 1000) :
			    value_none(VALUE_DENIED));
	process_set(process, PROC_COMM, value_ok(0));
	process_set(process, PROC_CMDLINE, value_ok(0));
	process->text[TEXT_COMM] = text_new("python3", 7);
	process->text[TEXT_CMDLINE] = text_new("python3 -m aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", 42);
	return snapshot;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snapshot *snapshot;
	struct err err = { "" };
	char *text = malloc(size + 1);

	FUZZ_CHECK(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (!snapshot)
		snapshot = make_row();
	struct filter *filter = filter_parse(text, &err);

	if (filter) {
		(void)filter_match(filter, &snapshot->processes[0]);
		FUZZ_CHECK(filter_needs(filter) != 0);
	} else {
		FUZZ_CHECK(err.text[0]);
		for (const char *c = err.text; *c; c++)
			FUZZ_CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
	}
	filter_free(filter);
	free(text);
	return 0;
}
