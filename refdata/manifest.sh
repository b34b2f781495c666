#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Write refdata/manifest.tsv: every shipped table with rows, checksum, source and licence (from its rows or sources.tsv).
set -eu
cd "$(dirname "$0")"
{
	printf 'table\trows\tsha256\tversion\tsource\tlicence\n'
	find . -name '*.tsv' -o -name '*.txt' | sed 's,^\./,,' | LC_ALL=C sort | while read -r f; do
		case $f in manifest.tsv | sources.tsv) continue ;; esac
		meta=$(awk -F'\t' -v OFS='\t' -v f="$f" 'NR > 1 && index(f, $1) == 1 && length($1) > best { best = length($1); m = $2 OFS $3 OFS $4 } END { print m }' sources.tsv)
		if [ -z "$meta" ]; then
			echo "manifest: $f has no row in sources.tsv" >&2
			exit 65
		fi
		rows=$(grep -v -c '^#' "$f" || true)
		printf '%s\t%s\t%s\t%s\n' "$f" "$((rows - 1))" "$(sha256sum "$f" | cut -d' ' -f1)" "$meta"
	done
} >manifest.tsv.tmp
mv manifest.tsv.tmp manifest.tsv
