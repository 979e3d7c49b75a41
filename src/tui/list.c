/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/list.h"

enum { WHEEL_LINES = 3 };

static void scroll_to_cursor(struct list *list)
{
	size_t page = list->page;

	/* Not drawn yet: how much fits is not known. */
	if (!page)
		return;
	if (list->cursor < list->top)
		list->top = list->cursor;
	else if (list->cursor - list->top >= page)
		list->top = list->cursor - page + 1;
	/* No empty lines at the end while there are hidden ones above. */
	if (list->top + page > list->count)
		list->top = list->count > page ? list->count - page : 0;
}

void list_set_count(struct list *list, size_t count)
{
	list->count = count;
	list_set_cursor(list, list->cursor);
}

void list_set_page(struct list *list, size_t page)
{
	list->page = page;
	scroll_to_cursor(list);
}

void list_set_cursor(struct list *list, size_t cursor)
{
	list->cursor = cursor < list->count ? cursor : list->count ? list->count - 1 : 0;
	scroll_to_cursor(list);
}

bool list_command(struct list *list, enum command command)
{
	size_t page = list->page > 1 ? list->page - 1 : 1, cursor = list->cursor;

	switch (command) {
	case COMMAND_UP:
		cursor -= cursor > 0;
		break;
	case COMMAND_DOWN:
		cursor++;
		break;
	case COMMAND_PAGE_UP:
		cursor -= cursor > page ? page : cursor;
		break;
	case COMMAND_PAGE_DOWN:
		cursor += page;
		break;
	case COMMAND_HOME:
		cursor = 0;
		break;
	case COMMAND_END:
		cursor = list->count;
		break;
	default:
		return false;
	}
	list_set_cursor(list, cursor);
	return true;
}

bool list_wheel(struct list *list, const struct event *event)
{
	size_t page = list->page ? list->page : 1;
	size_t last = list->count > page ? list->count - page : 0;

	if (event->kind == EVENT_WHEEL_UP)
		list->top -= list->top > WHEEL_LINES ? WHEEL_LINES : list->top;
	else if (event->kind == EVENT_WHEEL_DOWN)
		list->top = list->top + WHEEL_LINES < last ? list->top + WHEEL_LINES : last;
	else
		return false;
	if (list->cursor < list->top)
		list->cursor = list->top;
	else if (list->cursor >= list->top + page)
		list->cursor = list->top + page - 1;
	return true;
}
