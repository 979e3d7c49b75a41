/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as people write them, in filters and options: 100M, 1.5G, 250ms, 80%. Pure; no locale. */
#ifndef MODEL_QUANTITY_H
#define MODEL_QUANTITY_H

#include <stddef.h>
#include <stdint.h>

#include "model/metric.h"

/*
 * Reads all LEN bytes of TEXT as an amount of UNIT, in that unit's base (see enum unit):
 *   bytes, bytes per second	1  1.5K  2M  2MiB  (K M G T P, powers of 1024, any case)
 *   seconds			3  1.5  20ms (ns us ms s m h d; seconds without a suffix)
 *   percent			50  0.5%
 *   ratio, per second, count	2  (a count must be whole)
 * A sign is allowed. Digits finer than the base unit are cut off.
 * 0, -EINVAL when TEXT is not such a number or UNIT is not numeric, -ERANGE when it does not fit.
 */
int quantity_parse(const char *text, size_t len, enum unit unit, int64_t *amount);

/* What a number of UNIT looks like, for error messages: "bytes, as 4096, 100M or 1.5G". Static. */
const char *quantity_example(enum unit unit);

#endif
