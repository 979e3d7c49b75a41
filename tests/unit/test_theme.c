/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tui/canvas.h"
#include "tui/theme.h"

static const enum palette palettes[] = { PALETTE_DARK, PALETTE_LIGHT, PALETTE_MONO };
static const int colours_of_depth[] = { [DEPTH_MONO] = 0, [DEPTH_8] = 8, [DEPTH_16] = 16, [DEPTH_256] = 256,
					[DEPTH_RGB] = 1 << 24 };
enum { PALETTES = sizeof palettes / sizeof *palettes };

#define FOR_ALL(palette, depth) \
	for (const enum palette *palette = palettes; palette < palettes + PALETTES; palette++) \
		for (enum depth depth = DEPTH_MONO; depth <= DEPTH_RGB; depth++)

static bool same(struct look a, struct look b)
{
	return a.foreground == b.foreground && a.background == b.background && a.attributes == b.attributes;
}

static void looks_are_valid(void **state)
{
	FOR_ALL(palette, depth)
		for (int style = 0; style < STYLE_COUNT; style++)
			for (unsigned flags = 0; flags <= CELL_CURSOR; flags++) {
				struct look look = theme_look(*palette, depth, (enum style)style, flags);
				int colours = *palette == PALETTE_MONO ? 0 : colours_of_depth[depth];

				assert_in_range(look.foreground + 1, 0, colours);
				assert_in_range(look.background + 1, 0, colours);
				assert_int_equal(look.attributes & ~(unsigned)(LOOK_BOLD | LOOK_DIM | LOOK_UNDERLINE | LOOK_REVERSE), 0);
			}
}

static void cursor_differs_from_all_else(void **state)
{
	FOR_ALL(palette, depth)
		for (int with = 0; with < STYLE_COUNT; with++)
			for (int without = 0; without < STYLE_COUNT; without++)
				assert_false(same(theme_look(*palette, depth, (enum style)with, CELL_CURSOR),
						  theme_look(*palette, depth, (enum style)without, 0)));
}

static void kinds_of_memory_differ(void **state)
{
	static const enum style kinds[] = { STYLE_ANON, STYLE_FILE, STYLE_SHMEM, STYLE_SLAB, STYLE_PAGETABLES, STYLE_HUGE,
					    STYLE_KERNEL, STYLE_SWAP, STYLE_FREE };

	for (int p = 0; p < 2; p++)
		for (enum depth depth = DEPTH_8; depth <= DEPTH_RGB; depth++)
			for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
				for (size_t k = 0; k < i; k++)
					if (same(theme_look(palettes[p], depth, kinds[i], 0),
						 theme_look(palettes[p], depth, kinds[k], 0)))
						fail_msg("%s, depth %d: %c and %c look the same", palette_name(palettes[p]),
							 (int)depth, style_letter(kinds[i]), style_letter(kinds[k]));
}

/* Relative luminance and contrast of sRGB colours as WCAG 2.1 defines them; the power of 2.4 by its tangent
 * steps. */
static double linear(int32_t part)
{
	double value = part / 255.0, x;

	if (value <= 0.04045)
		return value / 12.92;
	value = (value + 0.055) / 1.055;
	/* value ** 2.4 = (value ** 12) ** (1 / 5), by Newton */
	x = value * value;
	for (int i = 0; i < 60; i++) {
		double v4 = value * value * value * value, x4 = x * x * x * x;

		x -= (x4 * x - v4 * v4 * v4) / (5 * x4);
	}
	return x;
}

static double luminance(int32_t rgb)
{
	return 0.2126 * linear(rgb >> 16 & 255) + 0.7152 * linear(rgb >> 8 & 255) + 0.0722 * linear(rgb & 255);
}

static double contrast(int32_t a, int32_t b)
{
	double x = luminance(a), y = luminance(b);

	return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

/* WCAG wants 4.5 of text, and 3 of what is large or no text. Dark is also what a terminal gets that says
 * nothing of itself. */
static void colours_can_be_read(void **state)
{
	assert_true(contrast(0, 0xffffff) > 20.99 && contrast(0, 0xffffff) < 21.01);
	for (int style = 0; style < STYLE_COUNT; style++) {
		int32_t dark = theme_look(PALETTE_DARK, DEPTH_RGB, (enum style)style, 0).foreground;
		int32_t light = theme_look(PALETTE_LIGHT, DEPTH_RGB, (enum style)style, 0).foreground;

		if (dark >= 0 && (contrast(dark, 0) < 4.5 || contrast(dark, 0xffffff) < 2.5))
			fail_msg("style %c: dark %06x has %.2f on black, %.2f on white", style_letter((enum style)style),
				 (unsigned)dark, contrast(dark, 0), contrast(dark, 0xffffff));
		if (light >= 0 && contrast(light, 0xffffff) < 4.5)
			fail_msg("style %c: light %06x has %.2f on white", style_letter((enum style)style), (unsigned)light,
				 contrast(light, 0xffffff));
	}
}

/* Levels of xterm's cube and ramp: what is on them is found. */
static void nearest_colours(void **state)
{
	int found = 0;

	for (int style = 0; style < STYLE_COUNT; style++) {
		int32_t rgb = theme_look(PALETTE_DARK, DEPTH_RGB, (enum style)style, 0).foreground;
		int32_t index = theme_look(PALETTE_DARK, DEPTH_256, (enum style)style, 0).foreground;

		assert_true((rgb < 0) == (index < 0));
		assert_true(index < 0 || index >= 16);
		if (rgb == 0x8a8a8a) {
			assert_int_equal(index, 245);
			found++;
		}
	}
	assert_true(found);
}

static void palette_of_environment(void **state)
{
	static const struct {
		const char *no_color, *colorfgbg;
		enum palette palette;
	} cases[] = {
		{ NULL, NULL, PALETTE_DARK }, { NULL, "15;0", PALETTE_DARK }, { NULL, "0;15", PALETTE_LIGHT },
		{ NULL, "0;7", PALETTE_LIGHT }, { NULL, "0;default;15", PALETTE_LIGHT }, { NULL, "15;default;0", PALETTE_DARK },
		{ NULL, "7;8", PALETTE_DARK }, { NULL, "0;default", PALETTE_DARK }, { NULL, ";", PALETTE_DARK },
		{ NULL, "15", PALETTE_DARK }, { "1", "0;15", PALETTE_MONO }, { "", "0;15", PALETTE_LIGHT },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsetenv("NO_COLOR");
		unsetenv("COLORFGBG");
		if (cases[i].no_color)
			setenv("NO_COLOR", cases[i].no_color, 1);
		if (cases[i].colorfgbg)
			setenv("COLORFGBG", cases[i].colorfgbg, 1);
		assert_int_equal(palette_resolve(PALETTE_AUTO), cases[i].palette);
		assert_int_equal(palette_resolve(PALETTE_LIGHT), PALETTE_LIGHT);
	}
}

static void palette_names(void **state)
{
	for (int i = 0; i < PALETTE_COUNT; i++)
		assert_int_equal(palette_find(palette_name((enum palette)i)), i);
	assert_int_equal(palette_find("auto"), PALETTE_AUTO);
	assert_int_equal(palette_find("Dark"), -1);
	assert_int_equal(palette_find(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_are_valid),
		cmocka_unit_test(cursor_differs_from_all_else),
		cmocka_unit_test(kinds_of_memory_differ),
		cmocka_unit_test(colours_can_be_read),
		cmocka_unit_test(nearest_colours),
		cmocka_unit_test(palette_of_environment),
		cmocka_unit_test(palette_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
