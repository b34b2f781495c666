#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# refdata_convert.sh -- the converters run on the extracted facts write the shipped tables byte by byte.
set -euo pipefail
cd "$(dirname "$0")/../.."
facts=${SHARED:-${GRX_SHARED:-../shared}}/facts/pgx
if [[ ! -r $facts/rules_compact.tsv ]]; then
	echo "refdata_convert: SKIP: no facts/pgx in the shared data"
	exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/pgx" "$tmp/rules"
refdata/pgx/convert.sh "$facts" "$tmp/pgx"
refdata/rules/convert.sh "$facts/rules_compact.tsv" >"$tmp/rules/cpic.tsv"
refdata/rules/cases.sh "$facts" >"$tmp/rules/cases.tsv"
refdata/rules/pairs.sh "$facts/gene_drug_pairs.tsv" >"$tmp/rules/pairs.tsv"
n=0 differ=0
for made in "$tmp"/*/*.tsv; do
	table=${made#"$tmp"/}
	n=$((n + 1))
	cmp "$made" "refdata/$table" || differ=$((differ + 1))
done
# a converter without its input says so and fails
for c in "pgx/convert.sh" "rules/cases.sh"; do
	if "refdata/$c" "$tmp/none" >/dev/null 2>"$tmp/err" || ! grep -q "cannot be read" "$tmp/err"; then
		echo "refdata/$c takes a folder that is absent"
		differ=$((differ + 1))
	fi
done
echo "$((n - differ)) of $n tables reproduced byte by byte"
[[ $differ -eq 0 ]]
