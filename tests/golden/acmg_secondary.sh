#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# acmg_secondary.sh -- the rules, conditions and cases of secondary findings follow byte by byte from the one list that annotate
# reads (refdata/acmg/secondary.tsv), so that the two stages cannot disagree on genes.
set -euo pipefail
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
refdata/rules/acmg.sh "$tmp"
refdata/rules/acmg_cases.sh >"$tmp/acmg.cases.tsv"
n=0
for t in acmg.tsv conditions.tsv acmg.cases.tsv; do
	cmp "$tmp/$t" "refdata/rules/$t"
	n=$((n + 1))
done
echo "$n tables reproduced byte by byte from $(($(wc -l <refdata/acmg/secondary.tsv) - 1)) rows"
