/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the process screen share. No other view includes this. */
#ifndef TUI_PROCESSES_VIEW_H
#define TUI_PROCESSES_VIEW_H

#include "model/arrange.h"
#include "model/filter.h"
#include "tui/app.h"
#include "tui/columns.h"
#include "tui/header.h"
#include "tui/list.h"
#include "util/keyset.h"

enum { USER_NAME_MAX = 64 };

/* Which processes are shown, beyond what the settings say. */
struct sieve {
	char text[PROMPT_MAX];		/* the filter as typed; "" for none */
	struct filter *filter;		/* TEXT when it is an expression, else NULL */
	char before[PROMPT_MAX];	/* TEXT when the prompt was opened */
	bool by_uid;
	uint32_t uid;
	char user[USER_NAME_MAX];	/* name of UID, or the number until it is known */
	bool asked_user;		/* the list of users opens with the next sample that has them */
	int32_t *only;			/* PIDs of the command line, ascending; NULL for all */
	size_t only_count;
	int32_t *found;			/* those of them that contain TEXT, ascending; as of the last sample */
	size_t found_count, found_capacity;
};

struct search {
	char text[PROMPT_MAX];		/* "" for none */
	char before[PROMPT_MAX];	/* TEXT and cursor when the prompt was opened */
	size_t origin;
};

struct processes {
	struct view view;
	struct list list;
	struct columns columns;
	struct arrangement arrangement;	/* of app->snapshot */
	struct sieve sieve;
	struct search search;
	struct keyset folded;		/* rows folded; with FOLD_ALL those that are not */
	bool fold_all;
	struct keyset tagged;		/* process_key() of living processes */
	struct header_scope scope;
	char scope_text[PROMPT_MAX + USER_NAME_MAX + 64];
	uint64_t key;			/* of the row under the cursor */
	bool follow;			/* the cursor stays on KEY, and it is said when that ends */
	bool hold;			/* it stays there until it is moved: a search found it */
	bool keep;			/* it stays there this once: what is asked for moves rows */
	int title_row, first_row;	/* as last drawn; -1 when not shown */
};

/* The row under the cursor; NULL when there are none. */
const struct row *processes_row(const struct processes *p);

/* What ROW stands for: of a thread itself; NULL for a cgroup. */
const struct process *processes_process(const struct app *app, const struct row *row);

/* The same, but a thread's process. */
const struct process *processes_owner(const struct app *app, const struct row *row);

/* The cursor was moved by the user. */
void processes_moved(struct processes *p, struct app *app);

/* What is shown of PROCESS as its name: command line or name. BUF is for names in brackets. Never NULL. */
enum { NAME_MAX_BYTES = 80 };
const char *processes_name(const struct app *app, const struct process *process, char buf[NAME_MAX_BYTES]);

/* -- processes_draw.c ------------------------------------------------------------------------------------- */

void processes_draw(struct view *view, struct app *app, struct canvas *canvas, struct area area);

/* -- processes_select.c: filter, user, PIDs --------------------------------------------------------------- */

/* From the command line; -ENOMEM. */
int sieve_open(struct sieve *sieve, struct app *app);
void sieve_close(struct sieve *sieve);

/* Fills SELECTION for the snapshot that is shown; -ENOMEM. */
int sieve_select(struct sieve *sieve, const struct app *app, struct selection *selection);
unsigned sieve_needs(const struct sieve *sieve);

/* 0, or -1 with ERR set and nothing changed. */
int sieve_set_filter(struct sieve *sieve, const char *text, struct err *err);

/* What selects, for people: "user ml, pss>100M"; "" when nothing does. */
void sieve_describe(const struct sieve *sieve, const struct app *app, char *text, size_t cap);

void processes_ask_filter(struct processes *p, struct app *app);

/* True when a field that people look for contains TEXT, which is not empty, without regard to case: name,
 * command line, user, PID. */
bool process_contains(const struct process *process, const char *text);

/* -- processes_users.c ------------------------------------------------------------------------------------ */

void processes_ask_user(struct processes *p, struct app *app);

/* -- processes_search.c ----------------------------------------------------------------------------------- */

void processes_ask_search(struct processes *p, struct app *app);
void processes_search_next(struct processes *p, struct app *app);

/* -- processes_tags.c ------------------------------------------------------------------------------------- */

void processes_tag(struct processes *p, struct app *app);
void processes_untag(struct processes *p, struct app *app);

/* Tags of processes that have ended go away, and the total follows. */
void processes_update_tags(struct processes *p, const struct app *app);

/* A signal to the tagged processes, else to the one under the cursor. */
void processes_kill(struct processes *p, struct app *app);

#endif
