#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Run every test: unit (Check), command line (bats), golden and property scripts. Closing line: N passed, N failed.
# A script test exits 0 (passed), 77 (skipped, with its reason on stdout) or anything else (failed).
set -u
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build}
export BUILD GENORX="$PWD/$BUILD/genorx" GENORX_REFDATA="$PWD/refdata" SHARED="${GRX_SHARED:-$PWD/../shared}"
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

note() { printf '%-7s %s\n' "$1" "$2"; }

for t in "$BUILD"/unit/check_*; do
	[[ -x $t && $t != *.d ]] || continue
	[[ -f tests/unit/$(basename "$t").c ]] || continue
	if "$t" >"$log" 2>&1; then
		passed=$((passed + 1))
		note ok "unit/$(basename "$t"): $(grep -E '^[0-9]+%:' "$log" | tail -1)"
	else
		failed=$((failed + 1))
		note FAILED "unit/$(basename "$t")"
		tail -n 40 "$log"
	fi
done

for t in tests/golden/*.sh tests/prop/*.sh tests/fuzz/*.sh; do
	[[ -f $t ]] || continue
	bash "$t" >"$log" 2>&1
	case $? in
	0)
		passed=$((passed + 1))
		note ok "$t: $(tail -n 1 "$log")"
		;;
	77)
		skipped=$((skipped + 1))
		note skipped "$t: $(tail -n 1 "$log")"
		;;
	*)
		failed=$((failed + 1))
		note FAILED "$t"
		tail -n 40 "$log"
		;;
	esac
done

for t in tests/cli/*.bats; do
	[[ -f $t ]] || continue
	bats --tap "$t" >"$log" 2>&1
	s=$(grep -c -E '^ok .*# skip' "$log")
	p=$(($(grep -c -E '^ok ' "$log") - s))
	f=$(grep -c -E '^not ok ' "$log")
	want=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log")
	# a file that does not load prints no plan, or fewer results than its plan
	[[ -n $want && $((s + p + f)) -eq $want ]] || f=$((f + 1))
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	if [[ $f -gt 0 ]]; then
		note FAILED "$t"
		grep -v -E '^ok ' "$log" | tail -n 60
	else
		note ok "$t: $p passed, $s skipped"
		grep -E '^ok .*# skip' "$log" | sed 's/^/        /'
	fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 && $passed -gt 0 ]]
