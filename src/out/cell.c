/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/cell.h"

#include <string.h>

#include "util/fmt.h"

/* Thousandths as a decimal of one or two places, rounded half away from zero. */
static void format_decimal(char *buf, size_t cap, int64_t thousandths, unsigned places)
{
	uint64_t magnitude = thousandths < 0 ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;
	unsigned one = places == 1 ? 100 : 10;
	uint64_t rounded = (magnitude + one / 2) / one;

	fmt_decimal(buf, cap, thousandths < 0 ? -(int64_t)rounded : (int64_t)rounded, places);
}

/* In full if the column has room, or if it is the name of something. */
static void format_count(char *buf, size_t cap, const struct metric *metric, int64_t count)
{
	size_t len = fmt_decimal(buf, cap, count, 0);

	if (metric->kind != KIND_LABEL && len > metric->width)
		fmt_count(buf, cap, count);
}

/* Thousandths: few digits with one decimal, then whole, then shortened. */
static void format_rate(char *buf, size_t cap, int64_t thousandths)
{
	if (thousandths > -99950 && thousandths < 99950)
		format_decimal(buf, cap, thousandths, 1);
	else
		fmt_count(buf, cap, thousandths / 1000);
}

static void format_bytes(char *buf, size_t cap, int64_t bytes, enum cell_unit unit)
{
	static const struct {
		uint64_t bytes;
		unsigned decimals;
	} units[CELL_UNIT_COUNT] = {
		[CELL_AUTO] = { 1, 0 }, [CELL_KIB] = { 1 << 10, 0 }, [CELL_MIB] = { 1 << 20, 1 }, [CELL_GIB] = { 1 << 30, 1 },
	};
	uint64_t magnitude = bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes, one = units[unit].bytes;
	uint64_t scale = units[unit].decimals ? 10 : 1;
	uint64_t rounded = magnitude / one * scale + (magnitude % one * scale + one / 2) / one;

	if (unit == CELL_AUTO)
		fmt_bytes(buf, cap, bytes);
	else
		fmt_decimal(buf, cap, bytes < 0 ? -(int64_t)rounded : (int64_t)rounded, units[unit].decimals);
}

static void format_amount(char *buf, size_t cap, const struct metric *metric, int64_t amount, enum cell_unit unit)
{
	switch (metric->unit) {
	case UNIT_BYTES:
		format_bytes(buf, cap, amount, unit);
		break;
	case UNIT_BYTES_PER_SECOND:
		*buf = '+';
		format_bytes(buf + (amount > 0), cap - 1, amount, unit);
		break;
	case UNIT_SECONDS:
		fmt_seconds(buf, cap, amount);
		break;
	case UNIT_PERCENT:
		if (amount > -1000000 && amount < 1000000)
			format_decimal(buf, cap, amount, 1);
		else
			fmt_count(buf, cap, amount / 1000);
		break;
	case UNIT_RATIO:
		if (amount > -1000000 && amount < 1000000)
			format_decimal(buf, cap, amount, 2);
		else
			fmt_count(buf, cap, amount / 1000);
		break;
	case UNIT_PER_SECOND:
		format_rate(buf, cap, amount);
		break;
	default:
		format_count(buf, cap, metric, amount);
	}
}

bool cell_is_left(const struct metric *metric)
{
	return record_unit_is_text(metric->unit);
}

const char *cell_number_in(char buf[CELL_MAX], const struct metric *metric, struct value value, enum cell_unit unit)
{
	char *number = buf;
	size_t len;

	if (!value_has_amount(value.status))
		return value_status_mark(value.status);
	if (value.status == VALUE_ESTIMATED)
		*number++ = '~';
	format_amount(number, CELL_MAX - 2, metric, value.amount, unit);
	len = strlen(number);
	if (value.status == VALUE_STALE)
		memcpy(number + len, "'", 2);
	return buf;
}

const char *cell_number(char buf[CELL_MAX], const struct metric *metric, struct value value)
{
	return cell_number_in(buf, metric, value, CELL_AUTO);
}

const char *cell_text_in(char buf[CELL_MAX], const struct record *record, const struct metric *metric, enum cell_unit unit)
{
	struct value value = record_value(record, metric);

	if (cell_is_left(metric) && value_has_amount(value.status))
		return record_text(record, metric, buf);
	return cell_number_in(buf, metric, value, unit);
}

const char *cell_text(char buf[CELL_MAX], const struct record *record, const struct metric *metric)
{
	return cell_text_in(buf, record, metric, CELL_AUTO);
}

const char *cell_unit_name(enum cell_unit unit)
{
	static const char *const names[CELL_UNIT_COUNT] = {
		[CELL_AUTO] = "auto", [CELL_KIB] = "KiB", [CELL_MIB] = "MiB", [CELL_GIB] = "GiB",
	};

	return names[unit];
}
