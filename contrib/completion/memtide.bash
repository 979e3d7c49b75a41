# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for memtide(1)

# BEGIN GENERATED bash-completion
_memtide_process_keys='
	pid start_time tid comm ppid uid user cmdline state threads cgroup sched_policy
	rt_priority cpu_seconds_total cpu_percent oom_score oom_score_adj virtual_bytes rss_bytes
	rss_anon_bytes rss_file_bytes rss_shmem_bytes rss_peak_bytes pss_bytes pss_anon_bytes
	pss_file_bytes pss_shmem_bytes pss_dirty_bytes pss_age_seconds uss_bytes shared_bytes
	swap_bytes swap_pss_bytes epss_bytes referenced_bytes anon_huge_bytes shmem_huge_bytes
	file_huge_bytes hugetlb_bytes locked_bytes pagetables_bytes ksm_bytes lazyfree_bytes
	faults_minor_total faults_major_total faults_per_second pss_growth_bytes_per_second
	pss_grown_bytes pss_grown_minute_bytes faults_seen_total faults_seen_per_second
	fault_seconds_total fault_percent fault_max_seconds fault_p50_seconds fault_p99_seconds
	faults_remote_total faults_demand_zero_total faults_zero_page_total faults_cow_total
	faults_cow_file_total faults_wp_reuse_total faults_file_minor_total
	faults_file_major_total faults_shared_write_total faults_mkwrite_total
	faults_swap_in_total faults_swap_cache_total faults_thp_total faults_hugetlb_total
	faults_numa_hint_total faults_userfault_total faults_stack_growth_total
	faults_other_total faults_sigbus_total faults_oom_total faults_invalid_total
	faults_abandoned_total faults_demand_zero_per_second faults_zero_page_per_second
	faults_cow_per_second faults_cow_file_per_second faults_wp_reuse_per_second
	faults_file_minor_per_second faults_file_major_per_second faults_shared_write_per_second
	faults_mkwrite_per_second faults_swap_in_per_second faults_swap_cache_per_second
	faults_thp_per_second faults_hugetlb_per_second faults_numa_hint_per_second
	faults_userfault_per_second faults_stack_growth_per_second faults_other_per_second
	faults_sigbus_per_second faults_oom_per_second faults_invalid_per_second
	faults_abandoned_per_second fault_demand_zero_seconds_total fault_zero_page_seconds_total
	fault_cow_seconds_total fault_cow_file_seconds_total fault_wp_reuse_seconds_total
	fault_file_minor_seconds_total fault_file_major_seconds_total
	fault_shared_write_seconds_total fault_mkwrite_seconds_total fault_swap_in_seconds_total
	fault_swap_cache_seconds_total fault_thp_seconds_total fault_hugetlb_seconds_total
	fault_numa_hint_seconds_total fault_userfault_seconds_total
	fault_stack_growth_seconds_total fault_other_seconds_total fault_sigbus_seconds_total
	fault_oom_seconds_total fault_invalid_seconds_total fault_abandoned_seconds_total
	faults_in_hugetlb_total faults_in_device_total faults_in_stack_total faults_in_heap_total
	faults_in_text_total faults_in_data_total faults_in_shmem_total
	faults_in_file_shared_total faults_in_file_private_total faults_in_anon_total'
_memtide_system_keys='
	mem_total_bytes mem_free_bytes mem_available_bytes buffers_bytes cached_bytes
	swap_cached_bytes active_bytes inactive_bytes active_anon_bytes inactive_anon_bytes
	active_file_bytes inactive_file_bytes unevictable_bytes mlocked_bytes high_total_bytes
	high_free_bytes low_total_bytes low_free_bytes mmap_copy_bytes swap_total_bytes
	swap_free_bytes zswap_bytes zswapped_bytes dirty_bytes writeback_bytes anon_pages_bytes
	mapped_bytes shmem_bytes kreclaimable_bytes slab_bytes slab_reclaimable_bytes
	slab_unreclaimable_bytes kernel_stack_bytes shadow_call_stack_bytes page_tables_bytes
	sec_page_tables_bytes quicklists_bytes nfs_unstable_bytes bounce_bytes
	writeback_tmp_bytes commit_limit_bytes committed_as_bytes vmalloc_total_bytes
	vmalloc_used_bytes vmalloc_chunk_bytes percpu_bytes early_memtest_bad_bytes
	hardware_corrupted_bytes anon_huge_pages_bytes shmem_huge_pages_bytes
	shmem_pmd_mapped_bytes file_huge_pages_bytes file_pmd_mapped_bytes cma_total_bytes
	cma_free_bytes unaccepted_bytes balloon_bytes gpu_active_bytes gpu_reclaim_bytes
	huge_pages huge_pages_free huge_pages_reserved huge_pages_surplus hugepagesize_bytes
	hugetlb_bytes direct_map_4k_bytes direct_map_2m_bytes direct_map_4m_bytes
	direct_map_1g_bytes psi_memory_some_avg10_percent psi_memory_some_avg60_percent
	psi_memory_some_avg300_percent psi_memory_some_seconds_total
	psi_memory_full_avg10_percent psi_memory_full_avg60_percent
	psi_memory_full_avg300_percent psi_memory_full_seconds_total psi_cpu_some_avg10_percent
	psi_cpu_some_avg60_percent psi_cpu_some_avg300_percent psi_cpu_some_seconds_total
	psi_cpu_full_avg10_percent psi_cpu_full_avg60_percent psi_cpu_full_avg300_percent
	psi_cpu_full_seconds_total psi_io_some_avg10_percent psi_io_some_avg60_percent
	psi_io_some_avg300_percent psi_io_some_seconds_total psi_io_full_avg10_percent
	psi_io_full_avg60_percent psi_io_full_avg300_percent psi_io_full_seconds_total swap_areas
	swap_areas_size_bytes swap_areas_used_bytes zram_original_bytes zram_compressed_bytes
	zram_used_bytes zram_ratio overcommit_memory overcommit_ratio_percent overcommit_bytes
	swappiness min_free_bytes page_size_bytes thp_pmd_bytes lru_gen_enabled ksm_run
	ksm_shared_bytes ksm_sharing_bytes ksm_unshared_bytes ksm_volatile_bytes ksm_zero_bytes
	ksm_profit_bytes ksm_full_scans_total vmstat_nr_free_pages_blocks
	vmstat_nr_zone_write_pending vmstat_nr_zspages vmstat_nr_isolated_anon
	vmstat_nr_isolated_file vmstat_nr_file_pages vmstat_nr_kernel_misc_reclaimable
	vmstat_nr_iommu_pages vmstat_nr_hugetlb vmstat_nr_kernel_file_pages
	vmstat_nr_dirty_threshold vmstat_nr_dirty_background_threshold vmstat_nr_memmap_pages
	vmstat_nr_memmap_boot_pages vmstat_workingset_nodes vmstat_pgfault_total
	vmstat_pgmajfault_total vmstat_pgalloc_total vmstat_pgfree_total vmstat_pgreuse_total
	vmstat_allocstall_total vmstat_pgskip_total vmstat_oom_kill_total
	vmstat_drop_pagecache_total vmstat_drop_slab_total vmstat_nr_foll_pin_acquired_total
	vmstat_nr_foll_pin_released_total vmstat_vma_lock_success_total
	vmstat_vma_lock_abort_total vmstat_vma_lock_retry_total vmstat_vma_lock_miss_total
	vmstat_pgpgin_total vmstat_pgpgout_total vmstat_pswpin_total vmstat_pswpout_total
	vmstat_nr_dirtied_total vmstat_nr_written_total vmstat_nr_vmscan_write_total
	vmstat_nr_vmscan_immediate_reclaim_total vmstat_nr_throttled_written_total
	vmstat_swap_ra_total vmstat_swap_ra_hit_total vmstat_swpin_zero_total
	vmstat_swpout_zero_total vmstat_zswpin_total vmstat_zswpout_total vmstat_zswpwb_total
	vmstat_pgactivate_total vmstat_pgdeactivate_total vmstat_pgrefill_total
	vmstat_pgrotated_total vmstat_pglazyfree_total vmstat_pglazyfreed_total
	vmstat_pgscan_kswapd_total vmstat_pgscan_direct_total vmstat_pgscan_khugepaged_total
	vmstat_pgscan_proactive_total vmstat_pgscan_anon_total vmstat_pgscan_file_total
	vmstat_pgscan_direct_throttle_total vmstat_pgsteal_kswapd_total
	vmstat_pgsteal_direct_total vmstat_pgsteal_khugepaged_total
	vmstat_pgsteal_proactive_total vmstat_pgsteal_anon_total vmstat_pgsteal_file_total
	vmstat_zone_reclaim_success_total vmstat_zone_reclaim_failed_total
	vmstat_pginodesteal_total vmstat_slabs_scanned_total vmstat_kswapd_inodesteal_total
	vmstat_kswapd_low_wmark_hit_quickly_total vmstat_kswapd_high_wmark_hit_quickly_total
	vmstat_pageoutrun_total vmstat_workingset_refault_anon_total
	vmstat_workingset_refault_file_total vmstat_workingset_activate_anon_total
	vmstat_workingset_activate_file_total vmstat_workingset_restore_anon_total
	vmstat_workingset_restore_file_total vmstat_workingset_nodereclaim_total
	vmstat_unevictable_pgs_culled_total vmstat_unevictable_pgs_scanned_total
	vmstat_unevictable_pgs_rescued_total vmstat_unevictable_pgs_mlocked_total
	vmstat_unevictable_pgs_munlocked_total vmstat_unevictable_pgs_cleared_total
	vmstat_unevictable_pgs_stranded_total vmstat_compact_stall_total
	vmstat_compact_success_total vmstat_compact_fail_total vmstat_compact_isolated_total
	vmstat_compact_migrate_scanned_total vmstat_compact_free_scanned_total
	vmstat_compact_daemon_wake_total vmstat_compact_daemon_migrate_scanned_total
	vmstat_compact_daemon_free_scanned_total vmstat_pgmigrate_success_total
	vmstat_pgmigrate_fail_total vmstat_cma_alloc_success_total vmstat_cma_alloc_fail_total
	vmstat_htlb_buddy_alloc_success_total vmstat_htlb_buddy_alloc_fail_total
	vmstat_thp_fault_alloc_total vmstat_thp_fault_fallback_total
	vmstat_thp_fault_fallback_charge_total vmstat_thp_collapse_alloc_total
	vmstat_thp_collapse_alloc_failed_total vmstat_thp_file_alloc_total
	vmstat_thp_file_fallback_total vmstat_thp_file_fallback_charge_total
	vmstat_thp_file_mapped_total vmstat_thp_split_page_total
	vmstat_thp_split_page_failed_total vmstat_thp_deferred_split_page_total
	vmstat_thp_underused_split_page_total vmstat_thp_split_pmd_total
	vmstat_thp_split_pud_total vmstat_thp_scan_exceed_none_pte_total
	vmstat_thp_scan_exceed_swap_pte_total vmstat_thp_scan_exceed_share_pte_total
	vmstat_thp_zero_page_alloc_total vmstat_thp_zero_page_alloc_failed_total
	vmstat_thp_swpout_total vmstat_thp_swpout_fallback_total
	vmstat_thp_migration_success_total vmstat_thp_migration_fail_total
	vmstat_thp_migration_split_total vmstat_numa_hit_total vmstat_numa_miss_total
	vmstat_numa_foreign_total vmstat_numa_interleave_total vmstat_numa_local_total
	vmstat_numa_other_total vmstat_numa_pte_updates_total vmstat_numa_huge_pte_updates_total
	vmstat_numa_hint_faults_total vmstat_numa_hint_faults_local_total
	vmstat_numa_pages_migrated_total vmstat_pgpromote_success_total
	vmstat_pgpromote_candidate_total vmstat_pgpromote_candidate_nrl_total
	vmstat_pgdemote_kswapd_total vmstat_pgdemote_direct_total
	vmstat_pgdemote_khugepaged_total vmstat_pgdemote_proactive_total
	vmstat_ksm_swpin_copy_total vmstat_cow_ksm_total vmstat_balloon_inflate_total
	vmstat_balloon_deflate_total vmstat_balloon_migrate_total
	vmstat_direct_map_level2_splits_total vmstat_direct_map_level3_splits_total
	vmstat_direct_map_level2_collapses_total vmstat_direct_map_level3_collapses_total
	vmstat_nr_tlb_remote_flush_total vmstat_nr_tlb_remote_flush_received_total
	vmstat_nr_tlb_local_flush_all_total vmstat_nr_tlb_local_flush_one_total
	meminfo_lost_fields cgroups cgroups_lost processes pss_sum_bytes self_cpu_seconds_total
	self_rss_bytes self_rss_peak_bytes self_bpf_bytes pss_reads_total pss_read_seconds_total
	pss_read_longest_seconds pss_read_longest_pid pss_overruns_total pss_lag_processes
	pss_lag_oldest_seconds pss_estimated_processes pss_over_stall_limit_processes
	pss_protected_processes pss_denied_processes scan_lost_total faults_seen_total
	faults_seen_per_second faults_minor_seen_total faults_major_seen_total
	faults_remote_total fault_max_seconds faults_demand_zero_total faults_zero_page_total
	faults_cow_total faults_cow_file_total faults_wp_reuse_total faults_file_minor_total
	faults_file_major_total faults_shared_write_total faults_mkwrite_total
	faults_swap_in_total faults_swap_cache_total faults_thp_total faults_hugetlb_total
	faults_numa_hint_total faults_userfault_total faults_stack_growth_total
	faults_other_total faults_sigbus_total faults_oom_total faults_invalid_total
	faults_abandoned_total fault_demand_zero_seconds_total fault_zero_page_seconds_total
	fault_cow_seconds_total fault_cow_file_seconds_total fault_wp_reuse_seconds_total
	fault_file_minor_seconds_total fault_file_major_seconds_total
	fault_shared_write_seconds_total fault_mkwrite_seconds_total fault_swap_in_seconds_total
	fault_swap_cache_seconds_total fault_thp_seconds_total fault_hugetlb_seconds_total
	fault_numa_hint_seconds_total fault_userfault_seconds_total
	fault_stack_growth_seconds_total fault_other_seconds_total fault_sigbus_seconds_total
	fault_oom_seconds_total fault_invalid_seconds_total fault_abandoned_seconds_total
	faults_in_hugetlb_total faults_in_device_total faults_in_stack_total faults_in_heap_total
	faults_in_text_total faults_in_data_total faults_in_shmem_total
	faults_in_file_shared_total faults_in_file_private_total faults_in_anon_total
	faults_lost_total faults_missed_total faults_lost_processes_total fault_threads
	fault_threads_left_out fault_bpf_bytes fault_attach_seconds fault_event_seconds'
_memtide_cgroup_keys='
	current_bytes peak_bytes min_bytes low_bytes high_bytes max_bytes soft_limit_bytes
	swap_current_bytes swap_peak_bytes swap_high_bytes swap_max_bytes zswap_current_bytes
	zswap_max_bytes memsw_current_bytes memsw_peak_bytes memsw_max_bytes low_events_total
	high_events_total max_events_total oom_events_total oom_kills_total oom_group_kills_total
	sock_throttled_total swap_high_events_total swap_max_events_total swap_fail_events_total
	charge_failures_total memsw_charge_failures_total under_oom psi_memory_some_avg10_percent
	psi_memory_some_avg60_percent psi_memory_some_avg300_percent
	psi_memory_some_seconds_total psi_memory_full_avg10_percent psi_memory_full_avg60_percent
	psi_memory_full_avg300_percent psi_memory_full_seconds_total anon_bytes file_bytes
	kernel_bytes kernel_stack_bytes pagetables_bytes sec_pagetables_bytes percpu_bytes
	sock_bytes vmalloc_bytes shmem_bytes zswap_bytes zswapped_bytes zswap_incomp_bytes
	file_mapped_bytes file_dirty_bytes file_writeback_bytes swapcached_bytes anon_thp_bytes
	file_thp_bytes shmem_thp_bytes inactive_anon_bytes active_anon_bytes inactive_file_bytes
	active_file_bytes unevictable_bytes slab_reclaimable_bytes slab_unreclaimable_bytes
	slab_bytes hugetlb_bytes pgfault_total pgmajfault_total charged_pages_total
	uncharged_pages_total workingset_refault_anon_total workingset_refault_file_total
	workingset_activate_anon_total workingset_activate_file_total
	workingset_restore_anon_total workingset_restore_file_total workingset_nodereclaim_total
	pswpin_total pswpout_total swpin_zero_total swpout_zero_total zswpin_total zswpout_total
	zswpwb_total pgscan_total pgscan_kswapd_total pgscan_direct_total pgscan_khugepaged_total
	pgscan_proactive_total pgsteal_total pgsteal_kswapd_total pgsteal_direct_total
	pgsteal_khugepaged_total pgsteal_proactive_total pgrefill_total pgactivate_total
	pgdeactivate_total pglazyfree_total pglazyfreed_total pgdemote_kswapd_total
	pgdemote_direct_total pgdemote_khugepaged_total pgdemote_proactive_total
	pgpromote_success_total thp_fault_alloc_total thp_collapse_alloc_total thp_swpout_total
	thp_swpout_fallback_total numa_pages_migrated_total numa_pte_updates_total
	numa_hint_faults_total'

_memtide_options='
	-b --batch
	-n --iterations
	-d --delay
	--format
	--record
	--rows
	-F --fields
	-o --sort
	-O --list-fields
	-c --command-line
	-p --pid
	-u --user
	-f --filter
	-i --hide-idle
	-H --threads
	--tree
	--cgroups
	--color
	--ascii
	--no-mouse
	--no-settings
	--read-only
	--exact
	--stall-limit
	--pss-budget
	--pss-first-budget
	--pss-max-age
	--pss-skip
	--no-pss
	--probes
	--tier
	--root
	--doctor
	-h --help
	-V --version'

# Completes the argument of the option $1; fails when it takes none.
_memtide_argument() {
	case $1 in
	-n | --iterations) COMPREPLY=() ;;
	-d | --delay) COMPREPLY=() ;;
	--format) _memtide_reply -W 'table json csv openmetrics' ;;
	--record) _memtide_reply -W 'process system cgroup' ;;
	--rows) COMPREPLY=() ;;
	-F | --fields) _memtide_list "all $(_memtide_keys)" ;;
	-o | --sort) _memtide_list "$_memtide_process_keys" ;;
	-p | --pid) _memtide_list "$(cd /proc && echo [0-9]*)" ;;
	-u | --user) _memtide_reply -u ;;
	-f | --filter) COMPREPLY=() ;;
	--color) _memtide_reply -W 'auto dark light mono' ;;
	--exact) _memtide_list "$(cd /proc && echo [0-9]*)" ;;
	--stall-limit) COMPREPLY=() ;;
	--pss-budget) COMPREPLY=() ;;
	--pss-first-budget) COMPREPLY=() ;;
	--pss-max-age) COMPREPLY=() ;;
	--pss-skip) COMPREPLY=() ;;
	--probes) _memtide_reply -W 'all none faults faults=totals faults=classes faults=latency' ;;
	--tier) _memtide_reply -W 'auto bpf procfs faults=auto faults=fentry faults=kprobe faults=tracepoint faults=bpf-iterator faults=perf faults=procfs' ;;
	--root) _memtide_reply -d ;;
	*) return 1 ;;
	esac
}
# END GENERATED

# Keys of the kind of records on the command line.
_memtide_keys() {
	case " ${COMP_WORDS[*]} " in
	*" --record system "* | *" --record = system "*) echo "$_memtide_system_keys" ;;
	*" --record cgroup "* | *" --record = cgroup "*) echo "$_memtide_cgroup_keys" ;;
	*) echo "$_memtide_process_keys" ;;
	esac
}

_memtide_reply() {	# COMPGEN-ARGUMENT...
	mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")
}

# Completes the last item of a list separated by commas, each with or without a sign, from the words in $1.
_memtide_list() {
	local before='' item=$cur sign='' word

	if [[ $cur == *,* ]]; then
		before=${cur%,*},
		item=${cur##*,}
	fi
	case $item in
	[+-]*)
		sign=${item:0:1}
		item=${item:1}
		;;
	esac
	COMPREPLY=()
	for word in $(compgen -W "$1" -- "$item"); do
		COMPREPLY+=("$before$sign$word")
	done
	compopt -o nospace 2>/dev/null || true	# fails outside of completion
}

_memtide() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	# bash takes "--format=json" for three words
	if [[ $cur == '=' ]]; then
		cur=''
	elif [[ $prev == '=' ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	_memtide_argument "$prev" && return
	_memtide_reply -W "$_memtide_options"
}
complete -F _memtide memtide
