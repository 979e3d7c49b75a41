/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows from two snapshots: rates and growth. Pure; the only writer of a snapshot besides the sampler. */
#ifndef MODEL_DERIVE_H
#define MODEL_DERIVE_H

#include "model/snapshot.h"

/* Fills the KIND_DERIVED metrics of CURRENT's processes and threads, their `previous` index, and CURRENT->exited. PREVIOUS may be NULL (first sample):
 * then they are PENDING. A rate whose inputs lack an amount takes the status of the one that lacks it; a counter that
 * went backwards gives PENDING. */
void derive(const struct snapshot *previous, struct snapshot *current);

#endif
