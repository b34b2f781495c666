#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `genorx compare` beside an independent comparison of the same files: bcftools norm (split, atomize, left-align)
# and exact equality of alleles. Equality of alleles knows neither genotypes nor haplotypes; every variant on which
# the two differ is put into a category, so that no difference is left unexplained.
#   compare_isec.sh TRUTH CALLS BED REF [options of genorx compare]
# Table one: counts by type. Table two: categories, one row for each side and type:
#   agree_right, agree_wrong   both say matched, both say unmatched
#   genotype                   alleles equal, genotypes not: an error for compare only
#   haplotype                  alleles differ, sequences of both copies equal: an error for isec only
#   conflict                   alleles equal, but not used on any two equal copies (or doubled): an error for compare only
set -euo pipefail
if [[ $# -lt 4 ]]; then
	echo "usage: compare_isec.sh TRUTH CALLS BED REF [options of genorx compare]" >&2
	exit 2
fi
truth=$1 calls=$2 bed=$3 ref=$4
shift 4
genorx=${GENORX:-$(dirname "$0")/../../${BUILD:-build}/genorx}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
"$genorx" compare -f "$ref" --truth "$truth" --bed "$bed" --tsv "$t/c.tsv" --tsv-errors "$t/c.err" -o "$t/c.jsonl" "$@" "$calls" 2>"$t/log" || {
	cat "$t/log" >&2
	exit 1
}

# one allele a record, atoms, left-aligned, then inside the BED by its own position; CHROM POS REF ALT
norm() {
	bcftools view -f PASS,. "$1" -Ou | bcftools norm -m -any -Ou 2>/dev/null | bcftools norm -a --atom-overlaps . -Ou 2>/dev/null |
		bcftools norm -m -any -f "$ref" -Ou 2>/dev/null | bcftools view -i 'GT="alt" && ALT!="*" && TYPE!="other"' -T "$bed" -Ou |
		bcftools query -f '%CHROM:%POS:%REF:%ALT\t%TYPE\n' |
		awk -F'\t' -v OFS='\t' '{ $2 = $2 == "SNP" ? "SNV" : "INDEL"; print }' | LC_ALL=C sort -u
}
# errors of compare in the same form: key, why; KIND is FN or FP
errors() {
	{
		echo '##fileformat=VCFv4.2'
		bcftools view -h "$truth" | grep '^##contig'
		echo '##INFO=<ID=W,Number=1,Type=String,Description="why">'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		awk -F'\t' -v OFS='\t' -v k="$1" 'NR > 1 && $6 == k { print $1, $2, ".", $3, $4, ".", ".", "W=" $8 }' "$t/c.err"
	} | bcftools norm -a -Ou 2>/dev/null | bcftools norm -f "$ref" -Ou 2>/dev/null | bcftools query -f '%CHROM:%POS:%REF:%ALT\t%INFO/W\n' | LC_ALL=C sort -u
}
norm "$truth" >"$t/truth.keys"
norm "$calls" >"$t/calls.keys"
errors FN >"$t/truth.errors"
errors FP >"$t/calls.errors"

printf 'type\ttruth\ttp\tfp\tfn\tgt_errors\tisec_truth\tisec_shared\tisec_fp\tisec_fn\n'
for type in SNV INDEL; do
	awk -F'\t' -v type=$type '$2 == type { print $1 }' "$t/truth.keys" >"$t/a"
	awk -F'\t' -v type=$type '$2 == type { print $1 }' "$t/calls.keys" >"$t/b"
	shared=$(LC_ALL=C comm -12 "$t/a" "$t/b" | wc -l)
	awk -F'\t' -v OFS='\t' -v type=$type -v n="$(wc -l <"$t/a")" -v m="$(wc -l <"$t/b")" -v s="$shared" '
		NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		$1 == type { print type, $c["truth"], $c["tp"], $c["fp"], $c["fn"], $c["gt_errors_truth"], n, s, m - s, n - s }' "$t/c.tsv"
done
echo
printf 'side\ttype\tagree_right\tagree_wrong\tgenotype\thaplotype\tconflict\n'
for side in truth calls; do
	other=$([[ $side = truth ]] && echo calls || echo truth)
	awk -F'\t' -v OFS='\t' -v side=$side '
		FILENAME == ARGV[1] { there[$1] = 1; next }
		FILENAME == ARGV[2] { why[$1] = $2; next }
		{
			k = ($1 in there) ? (($1 in why) ? (why[$1] == "genotype" ? "g" : "c") : "r") : (($1 in why) ? "w" : "h")
			n[$2, k]++
		}
		END {
			for (i = 1; i <= 2; i++) {
				t = i == 1 ? "SNV" : "INDEL"
				print side, t, n[t, "r"] + 0, n[t, "w"] + 0, n[t, "g"] + 0, n[t, "h"] + 0, n[t, "c"] + 0
			}
		}' "$t/$other.keys" "$t/$side.errors" "$t/$side.keys"
done
