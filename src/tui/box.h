/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame in the middle of an area, drawn over what is there. */
#ifndef TUI_BOX_H
#define TUI_BOX_H

#include "tui/canvas.h"

/* A box for ROWS x COLUMNS of content, or as much of it as fits into AREA, blanked, with TITLE in its upper
 * edge and NOTE (may be NULL) in its lower one. Where there is no room for a frame there is none. Returns the
 * area of the content. */
struct area box_draw(struct canvas *canvas, struct area area, int rows, int columns, const char *title,
		     const char *note);

#endif
