#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Run every test: unit (Check), command line (bats), golden and property scripts. Closing line: N passed, N failed.
# A script test exits 0 (passed), 77 (skipped, with its reason on stdout) or anything else (failed).
# TEST_JOBS of them run at a time (default: the processors); what is printed comes in the order of the names.
set -u
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build}
export BUILD GENORX="$PWD/$BUILD/genorx" GENORX_REFDATA="$PWD/refdata" SHARED="${GRX_SHARED:-$PWD/../shared}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

note() { printf '%-7s %s\n' "$1" "$2"; }

# Each of these prints its lines; counts "passed failed skipped" go to the file $1.
run_unit() { # counts, program
	local log=$1.log
	if "$2" >"$log" 2>&1; then
		echo 1 0 0 >"$1"
		note ok "unit/$(basename "$2"): $(grep -E '^[0-9]+%:' "$log" | tail -1)"
	else
		echo 0 1 0 >"$1"
		note FAILED "unit/$(basename "$2")"
		tail -n 40 "$log"
	fi
}

run_script() { # counts, script
	local log=$1.log
	bash "$2" >"$log" 2>&1
	case $? in
	0)
		echo 1 0 0 >"$1"
		note ok "$2: $(tail -n 1 "$log")"
		;;
	77)
		echo 0 0 1 >"$1"
		note skipped "$2: $(tail -n 1 "$log")"
		;;
	*)
		echo 0 1 0 >"$1"
		note FAILED "$2"
		tail -n 40 "$log"
		;;
	esac
}

run_bats() { # counts, file
	local log=$1.log s p f want
	bats --tap "$2" >"$log" 2>&1
	s=$(grep -c -E '^ok .*# skip' "$log")
	p=$(($(grep -c -E '^ok ' "$log") - s))
	f=$(grep -c -E '^not ok ' "$log")
	want=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log")
	# a file that does not load prints no plan, or fewer results than its plan
	[[ -n $want && $((s + p + f)) -eq $want ]] || f=$((f + 1))
	echo "$p $f $s" >"$1"
	if [[ $f -gt 0 ]]; then
		note FAILED "$2"
		grep -v -E '^ok ' "$log" | tail -n 60
	else
		note ok "$2: $p passed, $s skipped"
		grep -E '^ok .*# skip' "$log" | sed 's/^/        /'
	fi
}

run_one() { # number, test
	local n
	n=$dir/$(printf '%04d' "$1")
	case $2 in
	*.sh) run_script "$n" "$2" ;;
	*.bats) run_bats "$n" "$2" ;;
	*) run_unit "$n" "$2" ;;
	esac >"$n.out" 2>&1
	rm -f "$n.log"
}
export dir
export -f note run_unit run_script run_bats run_one

list=()
for t in "$BUILD"/unit/check_*; do
	[[ -x $t && $t != *.d && -f tests/unit/$(basename "$t").c ]] && list+=("$t")
done
for t in tests/golden/*.sh tests/prop/*.sh tests/fuzz/*.sh tests/cli/*.bats; do
	[[ -f $t ]] && list+=("$t")
done

# the long ones first, so that no processor waits for one at the end
order=()
for i in "${!list[@]}"; do
	case ${list[i]} in
	*/faults.sh | */corpus.sh | */call*.bats | */errors.bats | */run.bats | */pgx_cases.sh | */rules_mutants.sh | */threads.sh | */borders.sh | */call_region.sh)
		order=("$i" "${order[@]}")
		;;
	*) order+=("$i") ;;
	esac
done
for i in "${order[@]}"; do
	printf '%s\0%s\0' "$i" "${list[i]}"
done | xargs -0 -n 2 -P "${TEST_JOBS:-$(nproc)}" bash -c 'run_one "$@"' run_one &

# print each as soon as all before it are done
passed=0 failed=0 skipped=0
all=$!
for i in "${!list[@]}"; do
	n=$dir/$(printf '%04d' "$i")
	while [[ ! -s $n ]] && kill -0 "$all" 2>/dev/null; do
		sleep 0.1
	done
	[[ -s $n ]] || sleep 0.2
	if [[ ! -s $n ]]; then
		note FAILED "${list[i]}: gave no result"
		failed=$((failed + 1))
		continue
	fi
	while [[ -e $n.log ]]; do sleep 0.05; done # its lines are being written
	cat "$n.out"
	read -r p f s <"$n"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
wait "$all"

echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 && $passed -gt 0 ]]
