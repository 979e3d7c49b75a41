/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing output buffer. A failed allocation is remembered (failed) and makes later calls do nothing. */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data;		/* NULL before the first byte; a NUL follows the LEN bytes */
	size_t len, cap;
	bool failed;
	/* Where a long output goes while it is made, or NULL: called by buf_checkpoint() with what there is. Not 0
	 * makes the buffer fail. */
	int (*drain)(void *context, const char *data, size_t len);
	void *drain_context;
};

enum { BUF_DRAIN_BYTES = 64 << 10 };

/* A place where what was appended is complete: a buffer with a drain and BUF_DRAIN_BYTES in it is emptied into it. */
void buf_checkpoint(struct buf *buf);

void buf_free(struct buf *buf);
void buf_clear(struct buf *buf);	/* keeps the memory, forgets a failure */
void buf_add(struct buf *buf, const char *bytes, size_t len);
void buf_puts(struct buf *buf, const char *s);
void buf_putc(struct buf *buf, char c);
void buf_i64(struct buf *buf, int64_t number);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *buf, const char *format, ...);

#endif
