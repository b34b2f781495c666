#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Scores of 2,504 synthetic genomes against the published sums (plink2, 6 significant digits), with default options.
# Usage: prs_cineca.sh [GENORX]. Exit status: 0 all equal or data absent (says so), 1 any difference.
set -eu
genorx=${1:-${GENORX:-build/genorx}}
data=${GRX_SHARED:-../shared}/data/prs/cineca
if [ ! -d "$data" ]; then
	echo "prs_cineca: SKIP: no $data"
	exit 0
fi
tmp=$(mktemp -d)
trap 'rm -r "$tmp"' EXIT

# check NAME EXPECTED SCOREFILE OPTIONS...: compare column _SUM and the counts with the table we write
check() {
	name=$1 expected=$2 score=$3
	shift 3
	"$genorx" prs --score "$score" --tsv "$tmp/$name.tsv" -o "$tmp/$name.jsonl" "$@" \
		"$data/target_genomes/cineca_synthetic_subset.vcf.gz" 2> "$tmp/err" || { cat "$tmp/err" >&2; exit 1; }
	awk -F'\t' -v name="$name" '
	FNR == NR {
		if (FNR == 1) { for (i = 1; i <= NF; i++) c[$i] = i; next }
		id = $2 "_" $2
		want[id] = sprintf("%.6g", $(c["PGS001229_22_SUM"])) " " $(c["ALLELE_CT"]) " " $(c["DENOM"]) " " \
			$(c["NAMED_ALLELE_DOSAGE_SUM"])
		n++
		next
	}
	FNR == 1 { for (i = 1; i <= NF; i++) k[$i] = i; next }
	{
		got = sprintf("%.6g", $(k["sum"])) " " $(k["allele_ct"]) " " $(k["denom"]) " " $(k["named_allele_dosage_sum"])
		if (got == want[$1]) same++
		else if (bad++ < 5) print name ": " $1 ": got " got ", want " want[$1]
	}
	END {
		print name ": " same + 0 " equal of " n
		exit !(n > 0 && same == n && !bad)
	}' "$expected" "$tmp/$name.tsv"
}

check additive "$data/additive.sscore" "$data/scorefiles/scorefile.txt"
# the same sums from the catalogue's own layout, and for any number of threads
check catalog "$data/additive.sscore" "$data/scorefiles/PGS001229_22.txt" -@ 4
check multi "$data/multi.sscore" "$data/scorefiles/scorefile.txt" --compat pgsc_calc --palindromes keep
