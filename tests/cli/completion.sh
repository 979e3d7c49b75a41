#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bash completion: what it offers for a line, as bash would call it.
. "$abs_top_srcdir/contrib/completion/memtide.bash"
number=0

offers() {	# EXPECTED WORD...
	local expected=$1
	shift
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_memtide
	number=$((number + 1))
	if [ "${COMPREPLY[*]}" = "$expected" ]; then
		echo "ok $number - $*"
	else
		echo "not ok $number - $*: ${COMPREPLY[*]}"
	fi
}

offers "--pss-budget" memtide --pss-b
offers "table json csv openmetrics" memtide --format ""
offers "json" memtide --format = j
offers "process system cgroup" memtide --format = json --record ""
offers "pid,rss_bytes pid,rss_anon_bytes pid,rss_file_bytes pid,rss_shmem_bytes pid,rss_peak_bytes" memtide -F pid,rss
offers "+swap_bytes +swap_pss_bytes" memtide -F +swap
offers "+age,-ksm_bytes" memtide --fields = +age,-ks
offers "-uss_bytes" memtide -o -uss
offers "mem_total_bytes" memtide --record system -F mem_to
offers "" memtide --record cgroup -F pss
offers "" memtide -n ""
offers "auto" memtide --tier au
offers "faults=fentry" memtide --tier faults=f
offers "all" memtide --probes al
offers "root" memtide -u roo
cd "$abs_top_srcdir" && offers "contrib" memtide --root contri
echo "1..$number"
