#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Edge cases (missing calls, haploid X, Y, MT, multiallelic, dominant, recessive, dosages) against plink2's own sums.
# Usage: prs_edge.sh [GENORX]. Exit status: 0 all equal or data absent (says so), 1 any difference.
set -eu
genorx=${1:-${GENORX:-build/genorx}}
data=${GRX_SHARED:-../shared}/data/prs/plink2_edge
if [ ! -d "$data" ]; then
	echo "prs_edge: SKIP: no $data"
	exit 0
fi
tmp=$(mktemp -d)
trap 'rm -r "$tmp"' EXIT
fail=0

# score FILE MODEL REF: plink's ID A1 WEIGHT lines as a scoring file with positions and the frequencies of h.afreq
score() {
	awk -F'\t' -v OFS='\t' -v model="$2" -v ref="$3" '
	BEGIN {
		print "#pgs_id=S1"; print "#genome_build=GRCh38"
		print "rsID", "chr_name", "chr_position", "effect_allele", "effect_weight", "allelefrequency_effect", \
			"is_dominant", "is_recessive"
	}
	FILENAME ~ /vcf$/ { if ($0 !~ /^#/) { chr[$3] = $1; pos[$3] = $2; r[$3] = $4; alt[$3] = $5 } next }
	FILENAME ~ /afreq$/ { f[$2] = $5; next }
	FNR > 1 {
		a = ref ? r[$1] : $2
		n = split(alt[$1], x, ","); split(f[$1], y, ",")
		p = 1
		for (i = 1; i <= n; i++) p -= y[i]
		for (i = 1; i <= n; i++) if (x[i] == a) p = y[i]
		print $1, chr[$1], pos[$1], a, $3, p, model == "dom" ? "True" : "", model == "rec" ? "True" : ""
	}' "$data/edge.vcf" "$data/h.afreq" "$data/$1"
}

# check EXPECTED VCF COLUMNS OPTIONS...: the score is in $tmp/s.txt; COLUMNS sum, or all
check() {
	want=$1 vcf=$2 cols=$3
	shift 3
	"$genorx" prs --score "$tmp/s.txt" --palindromes keep --min-overlap 0 --tsv "$tmp/o.tsv" -o "$tmp/o.jsonl" "$@" \
		"$data/$vcf" 2> "$tmp/err" || { cat "$tmp/err" >&2; exit 1; }
	awk -F'\t' -v name="$want" -v cols="$cols" '
	FNR == NR {
		if (FNR == 1) { for (i = 1; i <= NF; i++) c[$i] = i; next }
		w[$1] = sprintf("%.5g", $(c["S1_SUM"])); ct[$1] = $(c["ALLELE_CT"]) " " $(c["DENOM"]) " " \
			$(c["NAMED_ALLELE_DOSAGE_SUM"])
		n++
		next
	}
	FNR == 1 { for (i = 1; i <= NF; i++) k[$i] = i; next }
	{
		# no call at all: ours says NA, the other 0
		s = $(k["sum"]) == "NA" && $(k["denom"]) == 0 ? 0 : $(k["sum"])
		ok = sprintf("%.5g", s) == w[$1]
		if (cols == "all")
			ok = ok && $(k["allele_ct"]) " " $(k["denom"]) " " $(k["named_allele_dosage_sum"]) == ct[$1]
		if (ok) same++
		else print name ": " $1 ": got " s ", want " w[$1] " (" ct[$1] ")"
	}
	END { print name ": " same + 0 " equal of " n; exit same != n }' "$data/$want" "$tmp/o.tsv" || fail=1
}

score auto.score add 0 > "$tmp/s.txt"
check r_add.sscore edge.vcf all --dosage GT
check r_nomi.sscore edge.vcf all --dosage GT --missing zero
check r_dosage.sscore edge_ds.vcf all --dosage DS
score auto.score dom 0 > "$tmp/s.txt"
check r_dom.sscore edge.vcf all --dosage GT --compat pgsc_calc
score auto.score rec 0 > "$tmp/s.txt"
check r_rec.sscore edge.vcf all --dosage GT --compat pgsc_calc
score ma.score add 0 > "$tmp/s.txt"
check r_ma.sscore edge.vcf all --dosage GT
score ma2.score add 0 > "$tmp/s.txt"
check r_ma2.sscore edge.vcf sum --dosage GT
score dup.score add 0 > "$tmp/s.txt"
check r_dup.sscore edge.vcf sum --dosage GT
score x.score add 0 > "$tmp/s.txt"
check r_x.sscore edge.vcf all --dosage GT
check r_x_m1.sscore edge.vcf all --dosage GT --x-haploid single
check r_x_nomi.sscore edge.vcf all --dosage GT --missing zero
score x.score add 1 > "$tmp/s.txt"
check r_x_ref.sscore edge.vcf all --dosage GT
score y.score add 0 > "$tmp/s.txt"
check r_y.sscore edge.vcf all --dosage GT
score mt.score add 0 > "$tmp/s.txt"
check r_mt.sscore edge.vcf all --dosage GT
exit $fail
