/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A feed that takes a sample whenever it is asked for one: what a script sees depends on nothing but the script. */
#ifndef TESTS_TUI_SCRIPT_FEED_H
#define TESTS_TUI_SCRIPT_FEED_H

#include "feed/feed.h"
#include "util/rootfs.h"

/* NULL with ERR set. ROOT must outlive it. take() makes a sample with every PSS that may be read. */
struct feed *script_feed_open(const struct rootfs *root, struct err *err);

#endif
