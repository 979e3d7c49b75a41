/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals from the screen of processes, to real children. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "processes_screen.h"
#include "tui/processes.h"

static pid_t make_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	return pid;
}

static void choose_child(struct rig *rig, pid_t pid)
{
	char filter[32];

	rig_open(rig, "/", NULL);
	snprintf(filter, sizeof filter, "pid==%d", (int)pid);
	rig_sample(rig);
	processes_filter(rig->app, filter);
}

static void test_kill(void **state)
{
	struct rig rig;
	pid_t pid = make_child();
	char text[64];
	int status;

	(void)state;
	choose_child(&rig, pid);
	rig_key(&rig, "k");
	rig_key(&rig, "Enter");
	assert_true(rig.app->prompt.confirm);
	snprintf(text, sizeof text, "(15) to %d %.15s?", (int)pid,
		 process_text(screen_process(&rig, pid), PROC_COMM, (char[16]){ "" }));
	assert_non_null(strstr(rig.app->prompt.label, text));
	rig_key(&rig, "n");
	assert_int_equal(rig.app->depth, 0);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	rig_key(&rig, "k");
	rig_type(&rig, "USR1");
	rig_key(&rig, "Enter");
	rig_draw(&rig, 24, 80);
	rig_key(&rig, "y");
	assert_false(rig.app->message_is_error); /* else the child would be waited for in vain */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGUSR1);
	assert_int_equal(rig.app->depth, 0);
	/* It has ended: the same again says so. */
	rig_key(&rig, "k");
	rig_key(&rig, "Enter");
	rig_key(&rig, "y");
	assert_true(rig.app->message_is_error);
	rig_close(&rig);
}

static void test_kill_tagged(void **state)
{
	pid_t pids[3] = { make_child(), make_child(), make_child() };
	char filter[96];
	struct rig rig;
	int status;

	(void)state;
	rig_open(&rig, "/", NULL);
	rig_sample(&rig);
	snprintf(filter, sizeof filter, "pid==%d || pid==%d || pid==%d", (int)pids[0], (int)pids[1],
		 (int)pids[2]);
	processes_filter(rig.app, filter);
	rig_key(&rig, "N");
	rig_key(&rig, "Home");
	rig_type(&rig, "  k"); /* the first two */
	rig_key(&rig, "Enter");
	assert_non_null(strstr(rig.app->prompt.label, "these 2 processes"));
	rig_key(&rig, "y");
	assert_false(rig.app->message_is_error);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	}
	assert_int_equal(waitpid(pids[2], &status, WNOHANG), 0);
	kill(pids[2], SIGKILL);
	waitpid(pids[2], &status, 0);
	rig_close(&rig);
}

/* Not with --read-only, and not what is no running machine. */
static void test_kill_refused(void **state)
{
	struct app_config config = { .read_only = true };
	struct rig rig;

	(void)state;
	rig_open(&rig, "/", &config);
	rig_sample(&rig);
	rig_key(&rig, "k");
	assert_int_equal(rig.app->depth, 0);
	rig_close(&rig);
	screen_open_tree(&rig, SCREEN_TREE, "pid pss comm");
	rig_key(&rig, "k");
	assert_int_equal(rig.app->depth, 0);
	assert_true(rig.app->message_is_error);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_kill_tagged),
		cmocka_unit_test(test_kill_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
