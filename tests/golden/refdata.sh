#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Shipped tables: the manifest lists each with its checksum, every row has as many fields as its header, rules are sound.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
n=0
while IFS=$'\t' read -r table rows sum version source licence; do
	[[ $table != table ]] || continue
	[[ $(sha256sum "refdata/$table" | cut -d' ' -f1) = "$sum" ]] || {
		echo "refdata/$table differs from the manifest: run refdata/manifest.sh"
		exit 1
	}
	[[ -n $version && -n $source && -n $licence && $rows -ge 1 ]]
	if [[ $table == *.tsv ]]; then
		awk -F'\t' -v f="$table" '/^#/ { next } !nf { nf = NF; next } NF != nf { print f ":" NR ": " NF " fields, header has " nf; bad = 1 } END { exit bad }' "refdata/$table"
	fi
	n=$((n + 1))
done <refdata/manifest.tsv
found=$(find refdata \( -name '*.tsv' -o -name '*.txt' \) ! -name manifest.tsv ! -name sources.tsv | wc -l)
[[ $found -eq $n ]] || {
	echo "$found tables, $n in the manifest"
	exit 1
}
"$genorx" rules check >/dev/null
echo "$n tables agree with the manifest; rules check passes"
