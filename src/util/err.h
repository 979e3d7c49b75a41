/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One-line error messages: "what: why (remedy)". The program's name is added by the main file. */
#ifndef UTIL_ERR_H
#define UTIL_ERR_H

struct err {
	char text[512];
};

/* Formats into ERR (NULL-safe), cleaning control bytes. Returns -1 for convenience. */
__attribute__((format(printf, 2, 3))) int err_set(struct err *err, const char *format, ...);

#endif
