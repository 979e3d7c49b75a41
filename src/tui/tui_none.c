/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for tui.c in a build --without-ncurses. */
#include "tui/tui.h"

int tui_run(const struct app_config *config, uint32_t iterations, bool *usage, struct err *err)
{
	(void)config;
	(void)iterations;
	*usage = true;
	return err_set(err, "this build has no interactive screen: it was built without ncurses (use -b)");
}
