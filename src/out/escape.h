/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text as each machine format may carry it.
 *
 * Texts of processes were cleaned on entry (util/text.h); they are escaped here as if they had not been, and a
 * text with bytes beyond ASCII is cleaned once more, so that no format depends on who filled the snapshot.
 */
#ifndef OUT_ESCAPE_H
#define OUT_ESCAPE_H

#include "util/buf.h"

/* A JSON string with its quotes. Quote, backslash, C0 and DEL are escaped. */
void escape_json(struct buf *out, const char *s);

/* A CSV cell after RFC 4180: quoted when it holds a comma, a quote or an outer blank; controls become '?'. A
 * text that a spreadsheet would run as a formula (= + - @ first) gets a single quote in front. */
void escape_csv(struct buf *out, const char *s);

/* The inside of an OpenMetrics label value or HELP text: backslash, quote and newline escaped, other controls
 * become '?'. */
void escape_label(struct buf *out, const char *s);

/* For a terminal: what text_clean() would replace becomes '?'. */
void escape_plain(struct buf *out, const char *s);

#endif
