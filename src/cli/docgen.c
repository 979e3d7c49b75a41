/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * docgen: copies a text from standard input to standard output, writing anew what stands between a line that
 * contains "BEGIN GENERATED name" and the next that contains "END GENERATED".
 *
 * "make update-docs" runs it over the documents that hold such sections; "make check" compares. Exit status 1
 * when a name is unknown, a section does not end, or reading or writing fails.
 */
#include "cli/docgen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void man_process(struct buf *out)
{
	docgen_man_fields(out, SCOPE_PROCESS);
}

static void man_system(struct buf *out)
{
	docgen_man_fields(out, SCOPE_SYSTEM);
}

static void man_cgroup(struct buf *out)
{
	docgen_man_fields(out, SCOPE_CGROUP);
}

static const struct {
	const char *name;
	void (*write)(struct buf *out);
} sections[] = {
	{ "man-options", docgen_man_options },
	{ "man-fields-process", man_process },
	{ "man-fields-system", man_system },
	{ "man-fields-cgroup", man_cgroup },
	{ "man-keys", docgen_man_keys },
	{ "markdown-keys", docgen_markdown_keys },
	{ "markdown-fields", docgen_markdown_fields },
	{ "bash-completion", docgen_bash },
	{ "zsh-completion", docgen_zsh },
};

static int write_section(struct buf *out, const char *name)
{
	size_t len = strcspn(name, " \n");

	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		if (strlen(sections[i].name) == len && !strncmp(sections[i].name, name, len)) {
			sections[i].write(out);
			return 0;
		}
	}
	fprintf(stderr, "docgen: %.*s: no such section\n", (int)len, name);
	return -1;
}

static int copy(struct buf *out)
{
	static const char begin[] = "BEGIN GENERATED ";
	char *line = NULL;
	size_t capacity = 0;
	ssize_t len;
	bool inside = false;
	int rc = 0;

	while (!rc && (len = getline(&line, &capacity, stdin)) >= 0) {
		const char *mark = strstr(line, begin);

		if (strstr(line, "END GENERATED"))
			inside = false;
		if (!inside)
			buf_add(out, line, (size_t)len);
		if (mark && !inside) {
			rc = write_section(out, mark + strlen(begin));
			inside = true;
		}
	}
	free(line);
	if (!rc && inside) {
		fprintf(stderr, "docgen: the last section does not end\n");
		rc = -1;
	}
	return rc || ferror(stdin) ? -1 : 0;
}

int main(void)
{
	struct buf out = { 0 };
	int rc = copy(&out);

	if (!rc && (out.failed || fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout)))
		rc = -1;
	buf_free(&out);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
