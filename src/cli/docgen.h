/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts generated from the option and metric tables. Part of docgen, a program that is not installed. */
#ifndef CLI_DOCGEN_H
#define CLI_DOCGEN_H

#include "model/metric.h"
#include "util/buf.h"

/* mdoc(7) list of options, a subsection for each group. */
void docgen_man_options(struct buf *out);

/* mdoc(7) list of the fields of SCOPE. */
void docgen_man_fields(struct buf *out, enum scope scope);

/* mdoc(7) lists of the keys of the interactive screen, a subsection for each group; and Markdown tables of them. */
void docgen_man_keys(struct buf *out);
void docgen_markdown_keys(struct buf *out);

/* Markdown table of the process fields. */
void docgen_markdown_fields(struct buf *out);

/* Completion functions, without the lines around them. */
void docgen_bash(struct buf *out);
void docgen_zsh(struct buf *out);

#endif
