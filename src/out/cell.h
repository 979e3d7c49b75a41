/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a value reads in a table for people. The one place that knows; any view may use it. */
#ifndef OUT_CELL_H
#define OUT_CELL_H

#include "out/record.h"

enum { CELL_MAX = 32 };

/* How bytes are written: each number in the unit that suits it, or all in one. */
enum cell_unit { CELL_AUTO, CELL_KIB, CELL_MIB, CELL_GIB, CELL_UNIT_COUNT };

/* Text goes left, numbers right. */
bool cell_is_left(const struct metric *metric);

/*
 * The text of METRIC in RECORD. It is in BUF or, for texts, in the record, and then as clean as whoever filled
 * the snapshot left it. Never NULL.
 *
 *   OK         123M	ESTIMATED  ~123M	STALE  123M'	no amount  value_status_mark()
 *
 * Counts and identities are in full where the column has room; other counts beyond are shortened (1.23M).
 */
const char *cell_text(char buf[CELL_MAX], const struct record *record, const struct metric *metric);

/* As above for a number that no record holds. METRIC says how to write it. */
const char *cell_number(char buf[CELL_MAX], const struct metric *metric, struct value value);

/* Both again, with a unit for bytes and bytes per second: whole KiB, or MiB or GiB with one decimal, rounded half away from zero; without
 * a letter. */
const char *cell_text_in(char buf[CELL_MAX], const struct record *record, const struct metric *metric, enum cell_unit unit);
const char *cell_number_in(char buf[CELL_MAX], const struct metric *metric, struct value value, enum cell_unit unit);

/* "auto", "KiB", "MiB", "GiB". */
const char *cell_unit_name(enum cell_unit unit);

#endif
