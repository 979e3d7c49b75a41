#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The documents: generated sections as the tables say, and no complaint from the tools that read them.
cd "$abs_top_srcdir" || exit 1
work=$abs_top_builddir/tests/cli/docs.tmp
rm -rf "$work"
mkdir -p "$work"
number=0

ok() {	# DESCRIPTION; judges the exit status before it
	if [ $? -eq 0 ]; then verdict=ok; else verdict="not ok"; fi
	number=$((number + 1))
	echo "$verdict $number - $1"
}

skip() {	# DESCRIPTION REASON
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

for doc in README.md man/memtide.1 contrib/completion/memtide.bash contrib/completion/_memtide; do
	"$abs_top_builddir/docgen" <"$doc" >"$work/doc" && diff -u "$doc" "$work/doc" >"$work/diff"
	ok "$doc is as the tables say (else: make update-docs)"
	sed 's/^/# /' "$work/diff" | head -n 20
done
for doc in man/memtide.1 contrib/completion/memtide.bash contrib/completion/_memtide; do
	grep -q 'BEGIN GENERATED' "$doc" && grep -q 'END GENERATED' "$doc"
	ok "$doc has generated sections"
done

printf 'BEGIN GENERATED man-options\n' | "$abs_top_builddir/docgen" >"$work/out" 2>"$work/err"
[ $? -eq 1 ] && grep -q 'does not end' "$work/err"
ok "docgen refuses a section that does not end"
printf 'BEGIN GENERATED nothing\nEND GENERATED\n' | "$abs_top_builddir/docgen" >"$work/out" 2>"$work/err"
[ $? -eq 1 ] && grep -q 'no such section' "$work/err"
ok "docgen refuses an unknown section"

if command -v mandoc >/dev/null; then
	# Whether other pages are installed and indexed here says nothing about ours.
	mandoc -T lint man/memtide.1 2>&1 | grep -v 'outdated mandoc.db lacks\|referenced manual not found' >"$work/lint"
	[ ! -s "$work/lint" ]
	ok "mandoc -T lint finds nothing"
	sed 's/^/# /' "$work/lint" | head -n 20
else
	skip "mandoc -T lint finds nothing" "no mandoc"
fi
if command -v groff >/dev/null; then
	groff -mdoc -Tutf8 -ww -z man/memtide.1 2>"$work/groff"
	[ ! -s "$work/groff" ]
	ok "groff -ww finds nothing"
	sed 's/^/# /' "$work/groff" | head -n 20
else
	skip "groff -ww finds nothing" "no groff"
fi
for long in $(memtide --help | sed -n 's/^  [-a-zA-Z, ]\{4\}--\([a-z-]*\).*/\1/p'); do
	grep -q -e "--$long" contrib/completion/memtide.bash && grep -q -e "--$long" contrib/completion/_memtide &&
		grep -q "^\\.It .*Fl .-$long" man/memtide.1
	ok "--$long is in the manual page and both completions"
done
if command -v zsh >/dev/null; then
	zsh -n contrib/completion/_memtide
	ok "zsh takes its completion"
else
	skip "zsh takes its completion" "no zsh"
fi
echo "1..$number"
