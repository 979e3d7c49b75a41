/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screens, in the order of Tab. */
#include "tui/app.h"
#include "tui/cgroups.h"
#include "tui/faults.h"
#include "tui/machine.h"
#include "tui/processes.h"

const struct screen screens[] = {
	{ "processes", processes_open },
	{ "cgroups", cgroups_open },
	{ "machine", machine_open },
	{ "faults", faults_view_open },
};

const unsigned screen_total = sizeof screens / sizeof *screens;
