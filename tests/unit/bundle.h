/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captured kernel files in one text each: tests/unit/system/NAME.txt. A line "@ PATH" begins a file whose
 * content are the lines up to the next one; what precedes the first is a comment. Unpacked, they are a tree
 * for --root.
 */
#ifndef TESTS_BUNDLE_H
#define TESTS_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

/* A new empty directory, to be removed with bundle_remove(); fails the test when it cannot be made. */
void bundle_mkdir(char *dir, size_t cap);

/* Unpacks system/NAME.txt into a new directory. */
void bundle_unpack(const char *name, char *dir, size_t cap);

void bundle_remove(const char *dir);

/* Writes DIR/PATH, making the directories it needs. */
void bundle_write(const char *dir, const char *path, const char *text);
void bundle_delete(const char *dir, const char *path);

/* The content of DIR/PATH, the caller's to free; NULL when there is no such file. */
char *bundle_text(const char *dir, const char *path);

/* An independent reading, with the C library's tools: the number behind NAME (up to a blank, ':' or '=') at
 * the start of a line of TEXT, times 1024 when "kB" follows. 1, or 0 when there is none. */
int bundle_number(const char *text, const char *name, size_t name_len, int64_t *number);

#endif
