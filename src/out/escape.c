/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/escape.h"

#include <stdlib.h>
#include <string.h>

#include "util/text.h"

enum { REPLACEMENT_MAX = 6 };

/* What stands for C in a format: its length, or 0 when C may stay. */
typedef size_t replace_fn(unsigned char c, char text[REPLACEMENT_MAX]);

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

static size_t replace_plain(unsigned char c, char text[REPLACEMENT_MAX])
{
	text[0] = '?';
	return is_control(c);
}

static size_t replace_json(unsigned char c, char text[REPLACEMENT_MAX])
{
	static const char hex[] = "0123456789abcdef";

	text[0] = '\\';
	if (is_control(c)) {
		memcpy(text + 1, "u00", 3);
		text[4] = hex[c >> 4];
		text[5] = hex[c & 15];
		return 6;
	}
	text[1] = (char)c;
	return c == '"' || c == '\\' ? 2 : 0;
}

static size_t replace_csv(unsigned char c, char text[REPLACEMENT_MAX])
{
	if (c != '"')
		return replace_plain(c, text);
	memcpy(text, "\"\"", 2);
	return 2;
}

static size_t replace_label(unsigned char c, char text[REPLACEMENT_MAX])
{
	if (c != '\n' && c != '"' && c != '\\')
		return replace_plain(c, text);
	text[0] = '\\';
	text[1] = c == '\n' ? 'n' : (char)c;
	return 2;
}

static void escape_bytes(struct buf *out, const char *s, size_t len, replace_fn *replace)
{
	char text[REPLACEMENT_MAX];
	size_t done = 0;

	for (size_t i = 0; i < len; i++) {
		size_t n = replace((unsigned char)s[i], text);

		if (!n)
			continue;
		buf_add(out, s + done, i - done);
		buf_add(out, text, n);
		done = i + 1;
	}
	buf_add(out, s + done, len - done);
}

/* S itself if it is ASCII, else a cleaned copy, escaped. */
static void escape(struct buf *out, const char *s, replace_fn *replace)
{
	size_t len = 0;

	while (s[len] && !((unsigned char)s[len] & 0x80))
		len++;
	if (!s[len]) {
		escape_bytes(out, s, len, replace);
		return;
	}
	len += strlen(s + len);

	char *clean = malloc(len + 1);

	if (!clean) {
		out->failed = true;
		return;
	}
	escape_bytes(out, clean, text_clean(clean, len + 1, s, len), replace);
	free(clean);
}

void escape_json(struct buf *out, const char *s)
{
	buf_putc(out, '"');
	escape(out, s, replace_json);
	buf_putc(out, '"');
}

void escape_csv(struct buf *out, const char *s)
{
	size_t len = strlen(s);
	bool quote = len && (strpbrk(s, ",\"") || *s == ' ' || s[len - 1] == ' ');

	if (quote)
		buf_putc(out, '"');
	if (len && strchr("=+-@\t\r", *s))
		buf_putc(out, '\'');
	escape(out, s, replace_csv);
	if (quote)
		buf_putc(out, '"');
}

void escape_label(struct buf *out, const char *s)
{
	escape(out, s, replace_label);
}

void escape_plain(struct buf *out, const char *s)
{
	escape(out, s, replace_plain);
}
