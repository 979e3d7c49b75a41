/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/exact.h"

#include <inttypes.h>

#include "util/fmt.h"

/* A read of smaps_rollup holds the target's mmap lock for 30 to 80 ns a base page; the larger is what is
 * said. */
enum { PAGE_NS_MAX = 80 };

void exact_ask(struct app *app, const struct process *process)
{
	const struct feed *feed = app->config.feed;
	const struct host *host = app->snapshot->host;
	int64_t pid = process->amount[PROC_PID];
	char name[16], size[FMT_CAP], time[FMT_CAP];
	const char *comm = process_text(process, PROC_COMM, name);

	if (!feed->ops->request_exact) {
		app_error(app, "nothing can be read here: what is shown is not the running machine");
		return;
	}
	if (process->exited_samples) {
		app_error(app, "%" PRId64 " has ended", pid);
		return;
	}
	if (process->status[PROC_RSS] == VALUE_NOT_APPLICABLE) {
		app_error(app, "%" PRId64 " %s has no memory of its own: a kernel thread, or it is ending", pid,
			  comm ? comm : "");
		return;
	}
	feed->ops->request_exact(app->config.feed, (int32_t)pid);
	if (!value_has_amount(process->status[PROC_RSS]) || !host || host->page_bytes <= 0) {
		app_message(app, "reading %" PRId64 " %s exactly; its page faults wait meanwhile", pid,
			    comm ? comm : "");
		return;
	}
	fmt_bytes(size, sizeof size, process->amount[PROC_RSS]);
	fmt_seconds(time, sizeof time, process->amount[PROC_RSS] / host->page_bytes * PAGE_NS_MAX);
	app_message(app, "reading %" PRId64 " %s exactly: for %s resident its page faults may wait up to %s",
		    pid, comm ? comm : "", size, time);
}
