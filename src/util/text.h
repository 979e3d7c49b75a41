/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that came from another process is hostile: it is cleaned once, on entry. */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

#include <stddef.h>

/* Copies LEN bytes of SRC to DST (CAP >= 1 bytes with the NUL), replacing every C0 control, DEL, C1
 * control, byte that is not valid UTF-8 (overlong, surrogate, beyond U+10FFFF), bidirectional control
 * (U+061C, U+200E/F, U+202A-202E, U+2066-2069), line and paragraph separator and other format or
 * default-ignorable character (soft hyphen, zero width space and joiners, variation selectors, tags: what
 * is drawn as nothing) by one '?'. Combining marks and private use characters are kept. Never cuts inside a
 * character. Returns the length written, which is at most LEN. */
size_t text_clean(char *dst, size_t cap, const char *src, size_t len);

/* Terminal columns of cleaned UTF-8: wcwidth-like, without regard to the locale. Combining marks take none,
 * East Asian wide and fullwidth characters and emoji two. Safe on any bytes: what text_clean() would
 * replace takes the one column of its '?'. */
size_t text_columns(const char *s, size_t len);

/* Bytes of the longest prefix that takes at most COLUMNS columns; never cuts inside a character, nor
 * between one and its combining marks. */
size_t text_prefix(const char *s, size_t len, size_t columns);

#endif
