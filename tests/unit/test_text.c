/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cleaning and measuring the text of other processes. */
#include "exact.h"
#include "util/err.h"
#include "util/text.h"

/* LEN bytes of SRC, in room enough and in every smaller room. */
static void check_clean(const char *src, size_t len, const char *expected)
{
	char *text = exact(src, len);

	for (size_t cap = 1; cap <= len + 1; cap++) {
		char *clean = malloc(cap);
		size_t got;

		assert_non_null(clean);
		got = text_clean(clean, cap, text, len);
		assert_int_equal(strlen(clean), got);
		assert_true(got < cap);
		assert_memory_equal(clean, expected, got);
		/* Only a character that is not whole stays out. */
		assert_true(got == strlen(expected) || got + 4 >= cap);
		assert_true(((unsigned char)expected[got] & 0xc0) != 0x80);
		if (cap == len + 1)
			assert_string_equal(clean, expected);
		free(clean);
	}
	free(text);
}

#define CLEAN(src, expected) check_clean(src, sizeof(src) - 1, expected)

static void test_kept(void **state)
{
	(void)state;
	CLEAN("", "");
	CLEAN("kworker/0:1-events ~!@#", "kworker/0:1-events ~!@#");
	CLEAN("na\xc3\xafve e\xcc\x81 \xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x98\x80",
	      "na\xc3\xafve e\xcc\x81 \xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x98\x80");
	CLEAN("\xee\x82\xb0", "\xee\x82\xb0");				/* private use U+E0B0 */
	CLEAN("\xc2\xa0|\xdf\xbf|\xe0\xa0\x80|\xed\x9f\xbf|\xee\x80\x80|\xf0\x90\x80\x80|\xf4\x8f\xbf\xbf",
	      "\xc2\xa0|\xdf\xbf|\xe0\xa0\x80|\xed\x9f\xbf|\xee\x80\x80|\xf0\x90\x80\x80|\xf4\x8f\xbf\xbf");
}

static void test_controls(void **state)
{
	(void)state;
	CLEAN("a\0b\tc\nd\re\x1b[31mf\x7f", "a?b?c?d?e?[31mf?");
	CLEAN("\x1b]52;c;aGk=\x07", "?]52;c;aGk=?");
	CLEAN("\xc2\x9b" "31m\xc2\x80\xc2\x9f", "?31m??");		/* C1, CSI among them, as UTF-8 */
	CLEAN("\x9b" "31m", "?31m");					/* and as bare bytes */
}

static void test_invalid_utf8(void **state)
{
	(void)state;
	CLEAN("\xc0\xaf", "??");					/* overlong '/' */
	CLEAN("\xe0\x80\xaf|\xe0\x9f\xbf", "???|???");
	CLEAN("\xf0\x80\x80\xaf|\xf0\x8f\xbf\xbf", "????|????");
	CLEAN("\xed\xa0\x80|\xed\xbf\xbf", "???|???");			/* surrogates */
	CLEAN("\xf4\x90\x80\x80|\xf5\x80\x80\x80|\xfe\xff", "????|????|??");
	CLEAN("\x80|\xbf", "?|?");
	CLEAN("a\xc3", "a?");						/* cut off */
	CLEAN("a\xe6\xbc", "a??");
	CLEAN("a\xf0\x9f\x98", "a???");
	CLEAN("\xe6\xbc" "a\xc3(", "??a?(");				/* the next character is not eaten */
}

/* Every code point of the ranges that the contract names goes; their neighbours stay. */
static void test_format_characters(void **state)
{
	static const struct { uint32_t low, high; } ranges[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e },
		{ 0x200b, 0x200f }, { 0x2028, 0x2029 }, { 0x202a, 0x202e }, { 0x2060, 0x2064 },
		{ 0x2066, 0x206f }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f }, { 0xe0100, 0xe01ef },
	};
	static const uint32_t kept[] = { 0x20, 0x7e, 0xa0, 0xac, 0xae, 0x200a, 0x2010, 0x2027, 0x202f,
					 0x2070, 0xfdff, 0xfe10, 0xfffc, 0xfffd, 0x300, 0x36f, 0xf0000 };
	char src[4], clean[8];
	(void)state;

	for (uint32_t point = 0; point <= 0x10ffff; point++) {
		size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
		bool must_go = point >= 0xd800 && point <= 0xdfff, must_stay = false;

		for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
			must_go |= point >= ranges[i].low && point <= ranges[i].high;
		for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
			must_stay |= point == kept[i];
		if (!must_go && !must_stay)
			continue;
		src[0] = (char)(len == 1 ? point : (0xf00u >> len & 0xff) | point >> 6 * (len - 1));
		for (size_t i = 1; i < len; i++)
			src[i] = (char)(0x80 | (point >> 6 * (len - 1 - i) & 0x3f));
		text_clean(clean, sizeof(clean), src, len);
		if (must_stay ? memcmp(clean, src, len) != 0 : clean[0] != '?')
			fail_msg("U+%04X %s", (unsigned)point, must_stay ? "is lost" : "is kept");
	}
}

static void check_columns(const char *text, size_t columns)
{
	char *copy = exact(text, strlen(text));

	assert_int_equal(text_columns(copy, strlen(text)), columns);
	free(copy);
}

static void test_columns(void **state)
{
	(void)state;
	check_columns("", 0);
	check_columns("plain", 5);
	check_columns("na\xc3\xafve", 5);
	check_columns("e\xcc\x81", 1);
	check_columns("\xe6\xbc\xa2\xe5\xad\x97", 4);
	check_columns("\xed\x95\x9c", 2);				/* Hangul syllable */
	check_columns("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 2);	/* the same, decomposed */
	check_columns("\xef\xbd\xb1\xef\xbc\xa1", 3);			/* halfwidth, then fullwidth */
	check_columns("\xf0\x9f\x98\x80", 2);
	check_columns("\xe2\x98\x80", 1);				/* sun: text presentation */
	check_columns("\xf0\xaf\xbf\xbd", 2);				/* unassigned ideograph U+2FFFD */
	check_columns("\xff\x1b\xc2\x9b\xe2\x80\xae", 4);		/* each as its '?' */
}

static void check_prefix(const char *text, size_t columns, size_t bytes)
{
	char *copy = exact(text, strlen(text));

	assert_int_equal(text_prefix(copy, strlen(text), columns), bytes);
	free(copy);
}

static void test_prefix(void **state)
{
	(void)state;
	check_prefix("plain", 0, 0);
	check_prefix("plain", 3, 3);
	check_prefix("plain", 5, 5);
	check_prefix("plain", SIZE_MAX, 5);
	check_prefix("\xe6\xbc\xa2\xe5\xad\x97", 1, 0);			/* half of a wide one does not fit */
	check_prefix("\xe6\xbc\xa2\xe5\xad\x97", 3, 3);
	check_prefix("e\xcc\x81\xcc\xa3x", 1, 5);			/* marks stay with their letter */
	check_prefix("a\xf0\x9f\x98", 2, 2);
}

static void test_err(void **state)
{
	struct err err;
	char path[600];
	(void)state;

	assert_int_equal(err_set(NULL, "%d", 1), -1);
	assert_int_equal(err_set(&err, "%s: no such field", "a\x1b[2Jb\n"), -1);
	assert_string_equal(err.text, "a?[2Jb?: no such field");

	/* Cut between characters: 511 bytes hold 255 of two bytes. */
	for (size_t i = 0; i + 2 < sizeof(path); i += 2)
		memcpy(path + i, "\xc3\xa9", 3);
	err_set(&err, "%s", path);
	assert_int_equal(strlen(err.text), 510);
	assert_memory_equal(err.text, path, 510);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept), cmocka_unit_test(test_controls),
		cmocka_unit_test(test_invalid_utf8), cmocka_unit_test(test_format_characters),
		cmocka_unit_test(test_columns), cmocka_unit_test(test_prefix), cmocka_unit_test(test_err),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
