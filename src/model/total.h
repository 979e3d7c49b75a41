/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adding up processes: struct total and what it means are in arrange.h. */
#ifndef MODEL_TOTAL_H
#define MODEL_TOTAL_H

#include "model/arrange.h"

void total_clear(struct total *total);
void total_add_process(struct total *total, const struct process *process);
void total_add(struct total *total, const struct total *part);

#endif
