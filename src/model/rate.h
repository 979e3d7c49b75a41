/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How fast a counter grew between two samples. */
#ifndef MODEL_RATE_H
#define MODEL_RATE_H

#include <stdint.h>

#include "model/value.h"

/* AMOUNT x SCALE / ELAPSED, saturating. ELAPSED is not 0. */
int64_t rate_scale(int64_t amount, int64_t scale, int64_t elapsed);

/* Growth from BEFORE to NOW x SCALE / ELAPSED_NS. The status of NOW when that has no amount; PENDING when BEFORE
 * has none, the counter went backwards, or no time has passed. */
struct value rate_of_counter(struct value before, struct value now, int64_t scale, int64_t elapsed_ns);

/* Scales: events per second in 1/1000, and ns per ns of wall time in 1/1000 percent. */
#define RATE_PER_SECOND INT64_C(1000000000000)
#define RATE_PERCENT INT64_C(100000)

#endif
