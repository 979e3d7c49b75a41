/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that ended a moment ago: snapshot->exited. Part of derive(). */
#ifndef MODEL_EXITED_H
#define MODEL_EXITED_H

#include "model/snapshot.h"

/* Fills CURRENT->exited with the processes of PREVIOUS that are gone, and with those gone before for a few samples.
 * CURRENT's rows know their `previous`. */
void exited_carry(const struct snapshot *previous, struct snapshot *current);

#endif
