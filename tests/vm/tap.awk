# SPDX-License-Identifier: GPL-2.0-or-later
#
# Counts the TAP a test machine printed on its console, test by test. -v tests="NAME ..." says what was to run: a
# test without its end marker (the machine died or hung) has failed. Prints what did not pass, then, as the last
# line, "PASSED FAILED SKIPPED".

function fail(what) {
	printf "    FAIL %s\n", what
	failed++
	test_failed++
}

function test_end(name, status) {
	ended[name] = 1
	if (plan < 0)
		fail(name ": no plan (status " status ")")
	else if (plan != seen)
		fail(name ": " seen " tests of a plan of " plan)
	else if (status != 0 && !test_failed)
		fail(name ": exit status " status)
	current = ""
}

{ sub(/\r+$/, "") }

$1 == "@@memtide" && $2 == "begin" {
	current = $3
	plan = -1
	seen = test_failed = 0
	next
}
$1 == "@@memtide" && $2 == "end" && $3 == current && current != "" { test_end(current, $4); next }
$1 == "@@memtide" && $2 == "kernel" { sub(/^@@memtide kernel /, ""); print "    " $0; next }
$1 == "@@memtide" && ($2 == "no-disk" || $2 == "no-swap") { fail("the machine has " $2); next }

current == "" { next }
/^1\.\.[0-9]+/ {
	plan = substr($1, 4) + 0
	if (plan == 0) {
		skipped++
		sub(/^[^#]*#? */, "")
		print "    skip " current ": " $0
	}
	next
}
/^ok/ {
	seen++
	if (toupper($0) ~ /# *(SKIP|TODO)/) {
		skipped++
		print "    skip " current ": " $0
	} else {
		passed++
	}
	next
}
/^not ok/ {
	seen++
	fail(current ": " $0)
	next
}
/^Bail out!/ { fail(current ": " $0); next }
# What a failed test says next explains it.
/^#/ && test_failed { print "         " $0 }

END {
	number = split(tests, names, " ")
	for (i = 1; i <= number; i++)
		if (!(names[i] in ended))
			fail(names[i] ": did not end")
	print passed + 0, failed + 0, skipped + 0
}
