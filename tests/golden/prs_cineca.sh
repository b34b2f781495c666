#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Scores of 2,504 synthetic genomes against the published sums (plink2, 6 significant digits): every sample and score of
# additive.sscore and multi.sscore, from VCF, from plink 1 .bed and from BCF, in default mode and with --compat pgsc_calc;
# the counts by reason of the log; and, with palindromes dropped, against sums added up here from the VCF's text.
# Usage: prs_cineca.sh [GENORX]. Exit status: 0 all equal, 77 data absent, 1 any difference.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${1:-${GENORX:-build/genorx}}
data=${GRX_SHARED:-${SHARED:-../shared}}/data/prs/cineca
if [[ ! -d $data ]]; then
	echo "prs_cineca: SKIP: no $data"
	exit 77
fi
target=$data/target_genomes/cineca_synthetic_subset
scores=$data/scorefiles
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
fail=0
later=
matrix=0
help=$("$genorx" prs --help)
[[ $help != *--standardise* ]] || matrix=1 # the engine that reads .bed and plink's score files
bcftools view --no-version -O b -o "$t/target.bcf" "$target.vcf.gz"

# Rows "sample score sum allele_ct denom dose" of plink2's table: the first score, or all (dose: of all scores together)
expected() { # table
	awk -F'\t' '
	FNR == 1 { for (i = 1; i <= NF; i++) { c[$i] = i; if ($i ~ /_SUM$/ && $i !~ /^NAMED/) { n++; id[n] = $i; sub(/_SUM$/, "", id[n]) } } next }
	{ for (k = 1; k <= n; k++)
		printf "%s\t%s\t%.6g\t%d\t%d\t%.6g\n", $2, id[k], $(c[id[k] "_SUM"]), $(c["ALLELE_CT"]), $(c["DENOM"]), $(c["NAMED_ALLELE_DOSAGE_SUM"]) }' "$1" | sort
}

# The same of ours; samples that are named FID_IID are named by IID
got() { # score id to show instead
	awk -F'\t' -v id="$1" '
	FNR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
	{
		s = $(c["sample"]); h = (length(s) - 1) / 2
		if (substr(s, h + 1, 1) == "_" && substr(s, 1, h) == substr(s, h + 2)) s = substr(s, 1, h)
		printf "%s\t%s\t%.6g\t%d\t%d\t%.6g\n", s, id == "" ? $(c["score_id"]) : id, $(c["sum"]), $(c["allele_ct"]), $(c["denom"]), $(c["named_allele_dosage_sum"])
	}' "$t/o.tsv" | sort
}

# "782 matched, 47 ..." in the order of the names
reasons() {
	gzip -cdf "$t/o.log" | awk -F'\t' '/^#/ { next } !c { for (i = 1; i <= NF; i++) if ($i == "reason") c = i; next } { print $c }' | sort | uniq -c |
		awk '{ printf "%s%d %s", (NR == 1 ? "" : ", "), $1, $2 }'
}

run() { # score file, target, options
	local score=$1 file=$2
	shift 2
	rm -f "$t"/o.*
	"$genorx" prs --score "$score" --tsv "$t/o.tsv" --log "$t/o.log" -o "$t/o.jsonl" "$@" "$file" 2>"$t/err"
}

# check NAME WANT-TABLE ID REASONS SCORE TARGET OPTIONS...
check() {
	local name=$1 want=$2 id=$3 why=$4 n bad
	shift 4
	run "$@" || {
		echo "$name: $(tail -n 1 "$t/err")"
		fail=1
		return
	}
	got "$id" >"$t/got"
	n=$(wc -l <"$want")
	bad=$(comm -23 "$want" "$t/got" | tee "$t/missing" | wc -l)
	echo "$name: $((n - bad)) of $n sums equal; log: $(reasons)"
	if [[ $bad != 0 || $(wc -l <"$t/got") != "$n" ]]; then
		head -n 3 "$t/missing" | sed 's/^/	want /'
		head -n 3 "$t/got" | sed 's/^/	got  /'
		fail=1
	fi
	if [[ $(reasons) != "$why" ]]; then
		echo "	want $why"
		fail=1
	fi
}

expected "$data/additive.sscore" >"$t/additive"
expected "$data/multi.sscore" >"$t/multi"
all='782 matched, 47 matched_palindromic, 6 no_locus'
for mode in default pgsc_calc; do
	opt=()
	[[ $mode = default ]] || opt=(--compat pgsc_calc --palindromes keep)
	for file in "$target.vcf.gz" "$t/target.bcf" "$target.bed"; do
		if [[ $file = *.bed && $matrix = 0 ]]; then
			later=" .bed"
			continue
		fi
		check "$mode ${file##*.} scorefile" "$t/additive" "" "$all" "$scores/scorefile.txt" "$file" "${opt[@]}"
		check "$mode ${file##*.} catalogue" "$t/additive" PGS001229_22 "$all" "$scores/PGS001229_22.txt" "$file" -@ 2 "${opt[@]}"
		if [[ $matrix = 1 ]]; then
			check "$mode ${file##*.} two columns" "$t/multi" "" '782 matched, 47 matched_palindromic' "$scores/multiscore.txt" "$file" "${opt[@]}"
		else
			later=" .bed, plink's score files"
		fi
	done
done

# Palindromes dropped: the sum of the other rows from the text of the VCF, a no-call by twice the frequency among the calls
awk -F'\t' '
FNR == NR { if ($0 !~ /^#/ && $1 != "chr_name") { k = $2; ea[k] = $3; oa[k] = $4; w[k] = $5 } next }
/^##/ { next }
/^#/ { for (i = 10; i <= NF; i++) name[i] = $i; n = NF; next }
($2 in ea) && ($4 $5 == ea[$2] oa[$2] || $5 $4 == ea[$2] oa[$2]) && $4 $5 !~ /^(AT|TA|CG|GC)$/ {
	rows++
	split("", no); seen = copies = 0
	for (i = 10; i <= n; i++) {
		if ($i ~ /^\./) { no[i] = 1; continue }
		d = ($i ~ /^1/) + ($i ~ /^.[\/|]1/)
		if (ea[$2] == $4) d = 2 - d
		s[i] += d * w[$2]; dose[i] += d; ct[i] += 2
		seen++; copies += d
	}
	for (i in no) s[i] += copies / seen * w[$2]
}
END { for (i = 10; i <= n; i++) { x = name[i]; sub(/_.*/, "", x); printf "%s\tPGS001229_22\t%.6g\t%d\t%d\t%d\n", x, s[i], ct[i], 2 * rows, dose[i] } }' \
	"$scores/scorefile.txt" <(gzip -dc "$target.vcf.gz") | sort >"$t/dropped"
check "pgsc_calc, palindromes dropped" "$t/dropped" "" '782 matched, 6 no_locus, 47 palindromic_dropped' "$scores/scorefile.txt" \
	"$target.vcf.gz" --compat pgsc_calc
[[ -z $later ]] || echo "not yet in this build:$later"
exit $fail
