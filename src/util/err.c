/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/text.h"

int err_set(struct err *err, const char *format, ...)
{
	/* Cleaning turns at most four bytes into one, so a character cut at this end is never reached. */
	char raw[4 * sizeof(err->text)];
	va_list args;
	int len;

	if (!err)
		return -1;
	va_start(args, format);
	len = vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	if (len < 0)
		raw[0] = '\0';
	text_clean(err->text, sizeof(err->text), raw, strlen(raw));
	return -1;
}
