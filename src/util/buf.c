/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for MORE bytes and the NUL behind them. */
static bool buf_reserve(struct buf *buf, size_t more)
{
	size_t need, cap;
	char *data;

	if (buf->failed)
		return false;
	if (__builtin_add_overflow(buf->len, more, &need) || __builtin_add_overflow(need, 1, &need))
		goto fail;
	if (need <= buf->cap)
		return true;
	if (__builtin_mul_overflow(buf->cap, 2, &cap) || cap < need)
		cap = need < 256 ? 256 : need;
	data = realloc(buf->data, cap);
	if (!data)
		goto fail;
	buf->data = data;
	buf->cap = cap;
	return true;
fail:
	buf->failed = true;
	return false;
}

void buf_checkpoint(struct buf *buf)
{
	if (!buf->drain || buf->failed || buf->len < BUF_DRAIN_BYTES)
		return;
	buf->failed = buf->drain(buf->drain_context, buf->data, buf->len) != 0;
	buf->len = 0;
	buf->data[0] = '\0';
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

void buf_add(struct buf *buf, const char *bytes, size_t len)
{
	if (!len || !buf_reserve(buf, len))
		return;
	memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *s)
{
	buf_add(buf, s, strlen(s));
}

void buf_putc(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_i64(struct buf *buf, int64_t number)
{
	uint64_t magnitude = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + magnitude % 10);
		magnitude /= 10;
	} while (magnitude);
	if (number < 0)
		digits[--at] = '-';
	buf_add(buf, digits + at, sizeof(digits) - at);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int len;

	if (!buf_reserve(buf, 64))
		return;
	va_start(args, format);
	len = vsnprintf(buf->data + buf->len, buf->cap - buf->len, format, args);
	va_end(args);
	if (len < 0) {
		buf->data[buf->len] = '\0';
		buf->failed = true;
		return;
	}
	if ((size_t)len >= buf->cap - buf->len) {
		buf->data[buf->len] = '\0';
		if (!buf_reserve(buf, (size_t)len))
			return;
		va_start(args, format);
		len = vsnprintf(buf->data + buf->len, buf->cap - buf->len, format, args);
		va_end(args);
	}
	buf->len += (size_t)len;
}
