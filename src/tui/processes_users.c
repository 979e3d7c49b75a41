/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of users to choose from, with what the processes of each hold. */
#include <stdio.h>
#include <stdlib.h>

#include "model/total.h"
#include "out/cell.h"
#include "tui/chooser.h"
#include "tui/processes_view.h"

enum { ALL_USERS = -1 };

struct user {
	const struct process *process; /* one of its processes, for the name */
	struct total total;
};

static int64_t uid_of(const struct process *process)
{
	return process->amount[PROC_UID];
}

static int compare_uids(const void *a, const void *b)
{
	int64_t x = uid_of(*(const struct process *const *)a), y = uid_of(*(const struct process *const *)b);

	return (x > y) - (x < y);
}

static int compare_users(const void *a, const void *b)
{
	const struct metric *pss = metric_get(SCOPE_PROCESS, PROC_PSS);
	int64_t x = arrange_total(&((const struct user *)a)->total, pss).amount;
	int64_t y = arrange_total(&((const struct user *)b)->total, pss).amount;

	return (x < y) - (x > y);
}

static const char *user_name(const struct process *process, char *number, size_t cap)
{
	char buf[16];
	const char *name =
		value_has_amount(process->status[PROC_USER]) ? process_text(process, PROC_USER, buf) : NULL;

	snprintf(number, cap, "%lld", (long long)uid_of(process));
	return name ? name : number;
}

/* Processes whose user is known, in order of uid; *COUNT of them. NULL on ENOMEM. */
static const struct process **by_uid(const struct snapshot *snapshot, size_t *count)
{
	const struct process **list = calloc(snapshot->process_count + 1, sizeof *list);

	*count = 0;
	for (size_t i = 0; list && i < snapshot->process_count; i++)
		if (value_has_amount(snapshot->processes[i].status[PROC_UID]))
			list[(*count)++] = &snapshot->processes[i];
	if (list)
		qsort(list, *count, sizeof *list, compare_uids);
	return list;
}

/* One entry for each user, the largest first. NULL on ENOMEM. */
static struct user *sum_users(const struct process **list, size_t count, size_t *users)
{
	size_t different = 0;
	struct user *sums;

	for (size_t i = 0; i < count; i++)
		different += !i || uid_of(list[i]) != uid_of(list[i - 1]);
	sums = calloc(different + 1, sizeof *sums);
	*users = 0;
	for (size_t i = 0; sums && i < count; i++) {
		if (!i || uid_of(list[i]) != uid_of(list[i - 1])) {
			sums[*users].process = list[i];
			total_clear(&sums[(*users)++].total);
		}
		total_add_process(&sums[*users - 1].total, list[i]);
	}
	if (sums)
		qsort(sums, *users, sizeof *sums, compare_users);
	return sums;
}

static void user_chosen(struct app *app, struct view *view, void *context, int64_t uid)
{
	struct processes *p = (struct processes *)view;
	struct sieve *sieve = &p->sieve;

	(void)context;
	sieve->by_uid = uid != ALL_USERS;
	sieve->uid = (uint32_t)uid;
	snprintf(sieve->user, sizeof sieve->user, "%u", sieve->uid);
	p->keep = true;
	app_changed(app);
}

static void describe_user(struct choice *choice, const struct app *app, const char *name,
			  const struct total *total)
{
	const struct metric *pss = metric_get(SCOPE_PROCESS, PROC_PSS);
	int slot = arrange_total_slot(pss);
	char buf[CELL_MAX];

	snprintf(choice->text, sizeof choice->text, "%-16s %6u process%-2s  %s%s", name, total->processes,
		 total->processes == 1 ? "" : "es", total->missing[slot] ? ">" : "",
		 cell_number_in(buf, pss, arrange_total(total, pss), app->settings.unit));
}

static void push_users(struct processes *p, struct app *app, const struct user *users, size_t count)
{
	struct choice *choices = calloc(count + 1, sizeof *choices);
	size_t cursor = 0;
	char number[24];

	if (!choices) {
		app_push(app, NULL);
		return;
	}
	choices[0].value = ALL_USERS;
	describe_user(&choices[0], app, "all users", &p->arrangement.all);
	for (size_t i = 0; i < count; i++) {
		const struct process *process = users[i].process;

		choices[i + 1].value = uid_of(process);
		describe_user(&choices[i + 1], app, user_name(process, number, sizeof number), &users[i].total);
		if (p->sieve.by_uid && p->sieve.uid == (uint32_t)uid_of(process))
			cursor = i + 1;
	}
	app_push(app, chooser_new("Processes of", choices, count + 1, cursor, user_chosen, NULL, NULL));
	free(choices);
}

/* While no user is known they are asked for, and the list opens with the sample that brings them. */
void processes_ask_user(struct processes *p, struct app *app)
{
	size_t count, user_count = 0;
	const struct process **list = by_uid(app->snapshot, &count);
	struct user *users = list ? sum_users(list, count, &user_count) : NULL;

	if (!users) {
		app_push(app, NULL);
	} else if (!user_count && !p->sieve.asked_user) {
		p->sieve.asked_user = true;
		app_message(app, "reading who the users are ...");
	} else {
		p->sieve.asked_user = false;
		push_users(p, app, users, user_count);
	}
	free(list);
	free(users);
}
