/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The classes, by the names memtide has for them where it has one. What an item costs is what mm_account_fault
 * (mm/memory.c) makes of it:
 *  - A handler that dropped the lock is entered again with FAULT_FLAG_TRIED, and then the fault is major.
 *    Writes that made a shared file page dirty did so until VM_FAULT_COMPLETED came (6.0); the pages of the
 *    memfd are dirty before.
 *  - Userfaults did too, until they could be taken under the lock of a VMA, whose retry is no TRIED (6.6).
 *  - SIGBUS is no fault to the kernel, and a bad address never comes that far.
 */
#include "faultgen.h"

const struct fault_class fault_classes[] = {
	{ "demand_zero", "write to untouched anonymous memory", NULL,
	  anon_setup, region_write, .minor = 1 },
	{ "zero_page", "read of untouched anonymous memory", NULL,
	  anon_setup, region_read, .minor = 1 },
	{ "zero_page_write", "write to the zero page that a read of anonymous memory mapped", NULL,
	  zero_page_write_setup, region_write, .minor = 1 },
	{ "refault", "write to anonymous memory given back with MADV_DONTNEED", NULL,
	  refault_setup, region_write, .minor = 1 },
	{ "cow", "write to anonymous pages shared with a child", NULL,
	  cow_setup, region_write, .check = cow_check, .minor = 1 },
	{ "cow_data", "write to written pages of a private file mapping, shared with a child", NULL,
	  cow_data_setup, region_write, .check = cow_check, .minor = 1 },
	{ "wp_reuse", "write to anonymous pages once shared with a child that is gone", NULL,
	  wp_reuse_setup, region_write, .check = wp_reuse_check, .minor = 1 },
	{ "cow_file_mapped", "write to a private file mapping, the page mapped before", NULL,
	  cow_file_mapped_setup, region_write, .minor = 1 },
	{ "cow_file_unmapped", "write to a private file mapping, the page not mapped before", NULL,
	  cow_file_unmapped_setup, region_write, .minor = 1 },
	{ "file_minor", "read of a file mapping, the page cached", NULL,
	  file_minor_setup, region_read, .minor = 1 },
	{ "file_major", "read of a file mapping, the page on disk", "--dir on a disk",
	  file_major_setup, region_read, .major = 1 },
	{ "shared_write", "write to a shared file mapping, the page cached but not mapped", NULL,
	  shared_write_setup, region_write, .minor = 1, .major_before = KERNEL(6, 0) },
	{ "shared_write_shm", "write to a shared memfd mapping, the page not mapped", NULL,
	  shared_write_shm_setup, region_write, .minor = 1 },
	{ "mkwrite", "first write to a clean, mapped page of a shared file mapping", "--dir on a disk",
	  mkwrite_setup, region_write, .minor = 1, .major_before = KERNEL(6, 0) },
	{ "swap_in", "read of a page on swap", "zram as swap, vm.page-cluster 0",
	  swap_in_setup, region_read, .major = 1 },
	{ "swap_cache", "read of a page on swap that the swap cache has", "swap, vm.page-cluster 0",
	  swap_cache_setup, region_read, .minor = 1 },
	{ "thp", "write to untouched memory that gets a transparent huge page", "transparent huge pages",
	  thp_setup, region_write, .check = thp_check, .minor = 1, .huge = true },
	{ "mthp", "write to untouched memory that gets a page of 64 KiB", "transparent huge pages of 64 KiB",
	  mthp_setup, region_write, .check = mthp_check, .minor = 1, .huge = true },
	{ "hugetlb", "write to an untouched hugetlb page", "free huge pages (vm.nr_hugepages)",
	  hugetlb_setup, region_write, .minor = 1 },
	{ "userfault", "write to memory that a thread fills through userfaultfd", "userfaultfd",
	  userfault_setup, region_write, .teardown = userfault_teardown,
	  .minor = 1, .major_before = KERNEL(6, 6) },
	{ "stack_growth", "write below the present end of the main stack", "room in RLIMIT_STACK",
	  stack_setup, stack_run, .minor = 1, .single = true },
	{ "sigbus", "read behind the end of a file", NULL,
	  sigbus_setup, signal_run, .check = signal_check },
	{ "invalid", "read where nothing is mapped", NULL,
	  invalid_setup, signal_run, .check = signal_check },
	{ "populate", "pages mapped by MAP_POPULATE", NULL,
	  populate_setup, populate_run, .minor = 1 },
	{ "mlock", "pages mapped by mlock(2)", "room in RLIMIT_MEMLOCK",
	  mlock_setup, mlock_run, .minor = 1 },
	{ "remote_read", "process_vm_readv of a child's untouched memory", "process_vm_readv of a child",
	  remote_read_setup, remote_read_run, .minor = 1 },
	{ "remote_peek", "PTRACE_PEEKDATA of a child's untouched memory", "ptrace of a child",
	  remote_peek_setup, remote_peek_run, .minor = 1, .single = true },
	{ .name = NULL },
};

struct usage class_expected(const struct fault_class *class, const struct faultgen *gen)
{
	struct usage usage = { (long)(class->minor * gen->count), (long)(class->major * gen->count) };

	if (gen->kernel < class->major_before) {
		usage.major += usage.minor;
		usage.minor = 0;
	}
	return usage;
}
