/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On a screen of its own, with the settings the user saved. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/run.h"
#include "feed/feed.h"
#include "tui/tui.h"

struct live {
	struct app_config config;
	char settings_path[PATH_MAX];
	struct err settings_problem;
};

/* The saved settings, and over them what the command line says. */
static int load_settings(struct live *live, const struct options *options, struct err *err)
{
	struct app_config *config = &live->config;

	settings_defaults(&config->settings);
	if (!options->no_settings && !settings_path(live->settings_path, sizeof live->settings_path)) {
		config->settings_path = live->settings_path;
		settings_load(&config->settings, live->settings_path, &live->settings_problem);
		if (*live->settings_problem.text)
			config->settings_problem = live->settings_problem.text;
	}
	return options_apply(options, &config->settings, err);
}

/* What the first sample should hold: later ones follow the screen. */
static unsigned first_needs(const struct live *live, const struct options *options)
{
	const struct table_settings *table = &live->config.settings.processes;
	unsigned needs = NEED_CORE | NEED_SYSTEM;

	if (options->probes[PROBE_FAULTS].asked)
		needs |= NEED_FAULTS;
	if (options->record == SCOPE_CGROUP)
		return needs | NEED_CGROUPS;
	if (options->record == SCOPE_SYSTEM)
		return needs;
	needs |= table->sort->need | (options->filter ? filter_needs(options->filter) : 0);
	for (size_t i = 0; i < table->field_count; i++)
		needs |= table->fields[i]->need;
	return options->no_pss ? needs & ~(unsigned)NEED_ROLLUP : needs;
}

/* As in a batch, one that does not exist is an error. */
static int check_exact(const struct options *options, const struct rootfs *root, struct err *err)
{
	for (size_t i = 0; i < options->exact.count; i++) {
		char name[16];

		snprintf(name, sizeof name, "%d", options->exact.pids[i]);
		if (faccessat(root->proc_fd, name, F_OK, 0))
			return err_set(err, "--exact %s: no such process", name);
	}
	return 0;
}

static unsigned screen_of(enum scope record)
{
	static const char *const names[SCOPE_COUNT] = {
		[SCOPE_PROCESS] = "processes", [SCOPE_SYSTEM] = "machine", [SCOPE_CGROUP] = "cgroups"
	};
	unsigned i = 0;

	while (i < screen_total && strcmp(screens[i].name, names[record]) != 0)
		i++;
	return i < screen_total ? i : 0;
}

static int run_screen(struct live *live, struct options *options, struct place *place, struct err *err)
{
	struct sampler_config config =
		run_sampler_config(options, first_needs(live, options), live->config.settings.delay_ns);
	bool usage = false;
	int failed;

	live->config.feed = feed_collector_open(&config, &place->root, place->users, err);
	if (!live->config.feed)
		return EXIT_FAILED;
	failed = tui_run(&live->config, options->iterations, &usage, err);
	live->config.feed->ops->close(live->config.feed);
	return usage ? EXIT_USAGE : failed ? EXIT_FAILED : EXIT_DONE;
}

int run_live(struct options *options, struct place *place, struct err *err)
{
	static struct live live;

	live = (struct live){ .config = {
				      .root = &place->root,
				      .read_only = options->read_only,
				      .screen = screen_of(options->record),
				      .pids = options->pids.count ? options->pids.pids : NULL,
				      .pid_count = options->pids.count,
				      .by_uid = options->by_uid,
				      .uid = options->uid,
				      .filter = options->filter_text,
			      } };
	if (load_settings(&live, options, err))
		return EXIT_USAGE;
	if (check_exact(options, &place->root, err))
		return EXIT_FAILED;
	return run_screen(&live, options, place, err);
}
