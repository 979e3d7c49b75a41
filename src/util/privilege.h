/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities held back: what only attaching to the kernel needs is permitted, but effective just while it is
 * used.
 *
 * Capabilities belong to a thread; threads made after privilege_hold_back() begin with what is left. Without
 * privileges, and before privilege_hold_back(), all of this does nothing.
 */
#ifndef UTIL_PRIVILEGE_H
#define UTIL_PRIVILEGE_H

/* Lowers the calling thread's effective capabilities to those of them that reading /proc of other users, saving
 * settings, sending signals and scheduling take: CAP_SYS_PTRACE, or CAP_PERFMON without it (since 5.8 either
 * opens what smaps_rollup asks for), CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SYS_NICE. Call it
 * before other threads are made. */
void privilege_hold_back(void);

/* All permitted capabilities of the calling thread are effective between these; they nest, and keep errno. */
void privilege_raise(void);
void privilege_lower(void);

#endif
