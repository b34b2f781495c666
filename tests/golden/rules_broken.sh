#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rules_broken.sh -- what `rules check` says of broken rule tables (the cases of tests/cli/broken_rules.bash), one line each.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
ROOT=$PWD
GENORX=${GENORX:-$ROOT/${BUILD:-build}/genorx}
export GENORX_REFDATA=${GENORX_REFDATA:-$ROOT/refdata}
# shellcheck source=tests/cli/broken_rules.bash
. tests/cli/broken_rules.bash
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
broken_sound "$tmp/sound"
if ! "$GENORX" rules check "$tmp/sound" >"$tmp/log" 2>&1 || ! grep -q 'errors 0	warnings 0' "$tmp/log"; then
	echo "the sound table is refused:"
	cat "$tmp/log"
	exit 1
fi
n=0 right=0
while IFS='|' read -r name _; do
	n=$((n + 1))
	if broken_check "$name" "$tmp/$name"; then
		right=$((right + 1))
		printf '%-28s %s\n' "$name" "${said//$tmp\/$name\//}"
	else
		printf '%-28s WRONG (status %d): %s\n' "$name" "$broken_status" "${said//$tmp\/$name\//}"
	fi
done < <(broken_cases)
echo "broken rule tables: $right of $n refused with the expected place and reason"
[[ $right -eq $n ]]
