# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Common to all command-line tests. bats sets status and output.
# shellcheck disable=SC2154
ROOT=$(cd "$(dirname "${BATS_TEST_FILENAME}")/../.." && pwd)
GENORX=${GENORX:-$ROOT/${BUILD:-build}/genorx}
SHARED=${SHARED:-${GRX_SHARED:-$ROOT/../shared}}
export GENORX_REFDATA=${GENORX_REFDATA:-$ROOT/refdata}
export ROOT GENORX SHARED

require_shared() {
	[ -e "$SHARED/data/$1" ] || skip "shared data absent: data/$1"
}

# Simulated donor, made once for the whole suite (seed 7).
donor() {
	local dir="${BATS_RUN_TMPDIR:-/tmp}/donor7"
	if [ ! -e "$dir/done" ]; then
		"$GENORX" simulate --seed 7 --depth 20 -o "$dir" >&2 && touch "$dir/done"
	fi
	echo "$dir"
}

# status_is N: the last `run` ended with N
status_is() {
	if [ "$status" -ne "$1" ]; then
		echo "status $status, expected $1; output: $output" >&2
		return 1
	fi
}

# output_has TEXT
output_has() {
	case $output in
	*"$1"*) ;;
	*)
		echo "output lacks '$1': $output" >&2
		return 1
		;;
	esac
}

# nothing_left PATH: neither the file nor a temp of it
nothing_left() {
	[ ! -e "$1" ] || {
		echo "$1 was left" >&2
		return 1
	}
	! compgen -G "$1.tmp.*" >/dev/null
}
