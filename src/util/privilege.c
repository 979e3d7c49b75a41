/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/privilege.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the headers of some systems that memtide is built on. */
enum { PERFMON = 38 };

#define CAPABILITY(number) (UINT64_C(1) << (number))

static const uint64_t always_kept = CAPABILITY(CAP_SYS_PTRACE) | CAPABILITY(CAP_DAC_READ_SEARCH) |
				    CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_KILL) | CAPABILITY(CAP_SYS_NICE);

/* What stays effective; written before there are other threads. */
static uint64_t kept;
static bool holding_back;
static __thread unsigned raised;

struct sets {
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3];
};

static bool get(struct sets *sets)
{
	*sets = (struct sets){ .header = { .version = _LINUX_CAPABILITY_VERSION_3 } };
	return !syscall(SYS_capget, &sets->header, sets->half);
}

static uint64_t permitted(const struct sets *sets)
{
	return (uint64_t)sets->half[1].permitted << 32 | sets->half[0].permitted;
}

static uint64_t effective(const struct sets *sets)
{
	return (uint64_t)sets->half[1].effective << 32 | sets->half[0].effective;
}

/* Lowering cannot fail, and raising what is permitted neither, but for a filter of system calls: then what
 * needs it says so. */
static void set_effective(struct sets *sets, uint64_t set)
{
	sets->half[0].effective = (uint32_t)set;
	sets->half[1].effective = (uint32_t)(set >> 32);
	(void)syscall(SYS_capset, &sets->header, sets->half);
}

void privilege_hold_back(void)
{
	struct sets sets;

	if (!get(&sets) || !permitted(&sets))
		return;
	holding_back = true;
	kept = effective(&sets) & always_kept;
	if (!(kept & CAPABILITY(CAP_SYS_PTRACE)))
		kept |= effective(&sets) & CAPABILITY(PERFMON);
	set_effective(&sets, kept);
}

void privilege_raise(void)
{
	struct sets sets;
	int saved = errno;

	if (holding_back && !raised++ && get(&sets))
		set_effective(&sets, permitted(&sets));
	errno = saved;
}

void privilege_lower(void)
{
	struct sets sets;
	int saved = errno;

	if (holding_back && raised && !--raised && get(&sets))
		set_effective(&sets, kept);
	errno = saved;
}
