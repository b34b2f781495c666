#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Edge cases of scoring (missing calls, haploid X, Y, MT, multiallelic, dominant, recessive, dosages, centring) against
# plink2's own tables with --compat plink2: ALLELE_CT, DENOM, NAMED_ALLELE_DOSAGE_SUM, AVG and SUM of every sample, to the six
# digits it prints; what plink2 refuses must be refused. Then the same input in default mode against sums worked out by hand
# (docs/methods/prs_compat.md says why they differ).
# Usage: prs_edge.sh [GENORX]. Exit status: 0 all equal, 77 data absent, 1 any difference.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${1:-${GENORX:-build/genorx}}
data=${GRX_SHARED:-${SHARED:-../shared}}/data/prs/plink2_edge
if [[ ! -d $data ]]; then
	echo "prs_edge: SKIP: no $data"
	exit 77
fi
help=$("$genorx" prs --help)
if [[ $help != *--standardise* ]]; then
	echo "prs_edge: SKIP: this build has no --compat plink2 and no --standardise"
	exit 77
fi
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
fail=0
same=0

# run SCORE VCF OPTIONS...
run() {
	local score=$1 vcf=$2
	shift 2
	rm -f "$t/o.tsv" "$t/o.jsonl"
	"$genorx" prs --score "$score" --freq "$data/h.afreq" --tsv "$t/o.tsv" -o "$t/o.jsonl" "$@" "$vcf" 2>"$t/err"
}

# Rows "sample allele_ct denom dose avg sum" of a table of ours or of plink2's; no alleles at all: avg and sum are "-"
rows() {
	awk -F'\t' '
	FNR == 1 { for (i = 1; i <= NF; i++) { h = tolower($i); sub(/^#iid$/, "sample", h); sub(/^s1_/, "", h); c[h] = i }; next }
	{
		d = $(c["denom"])
		print $(c["sample"]), $(c["allele_ct"]), d, $(c["named_allele_dosage_sum"]), (d == 0 ? "- -" : $(c["avg"]) " " $(c["sum"]))
	}' "$1"
}

# Ours (ten digits) rounds to what is expected (six digits); a tie may go either way
check() { # name want(rows)
	paste -d' ' "$2" <(rows "$t/o.tsv") | awk '
	function off(want, x, a, u) {
		if (want == x) return 0
		if (want !~ /^-?[0-9]/ || x !~ /^-?[0-9]/) return 1
		a = want < 0 ? -want : want
		if (a == 0) return x < -1e-9 || x > 1e-9
		u = 10 ^ (int(log(a) / log(10) + 100) - 105)
		return (x - want > 0.5001 * u) || (want - x > 0.5001 * u)
	}
	{
		bad = NF != 12 || $1 != $7
		for (i = 2; i <= 6; i++) bad = bad || off($i, $(i + 6))
		if (bad) print "	expected " $1, $2, $3, $4, $5, $6 ", got " $7, $8, $9, $10, $11, $12
	}' >"$t/diff"
	if [[ -s $t/diff ]]; then
		echo "$1: differs (sample allele_ct denom dose avg sum)"
		cat "$t/diff"
		fail=1
	else
		same=$((same + 1))
	fi
}

peer() { # expected table, score, vcf, options
	local want=$1 score=$2 vcf=$3
	shift 3
	run "$score" "$data/$vcf" --compat plink2 "$@" || {
		echo "$want: $(tail -n 1 "$t/err")"
		fail=1
		return
	}
	rows "$data/$want" >"$t/want"
	check "$want" "$t/want"
}

refused() { # name, pattern of the message, score, vcf, options
	local name=$1 says=$2
	shift 2
	if run "$@"; then
		echo "$name: accepted, but plink2 refuses it"
		fail=1
	elif ! grep -q -i -E "$says" "$t/err"; then
		echo "$name: refused, but not for its reason: $(tail -n 1 "$t/err")"
		fail=1
	elif [[ -e $t/o.tsv || -e $t/o.jsonl ]]; then
		echo "$name: refused, but an output was left"
		fail=1
	else
		same=$((same + 1))
	fi
}

default() { # name, score, vcf, options; expected rows on standard input
	local name=$1
	shift
	cat >"$t/want"
	run "$@" || {
		echo "default $name: $(tail -n 1 "$t/err")"
		fail=1
		return
	}
	check "default $name" "$t/want"
}

awk -v OFS='\t' 'NR > 1 { $2 = $1 == "x1" ? "A" : "C" } { $1 = $1; print }' "$data/x.score" >"$t/xref.score"

# --- as plink2
peer r_add.sscore "$data/auto.score" edge.vcf --dosage GT
peer r_nomi.sscore "$data/auto.score" edge.vcf --dosage GT --missing zero
peer r_dom.sscore "$data/auto.score" edge.vcf --dosage GT --effect dominant
peer r_rec.sscore "$data/auto.score" edge.vcf --dosage GT --effect recessive
peer r_center.sscore "$data/auto.score" edge.vcf --dosage GT --standardise centre
peer r_vs.sscore "$data/auto2.score" edge.vcf --dosage GT --standardise variance
peer r_dosage.sscore "$data/auto.score" edge_ds.vcf --dosage DS
peer r_ma.sscore "$data/ma.score" edge.vcf --dosage GT
peer r_ma2.sscore "$data/ma2.score" edge.vcf --dosage GT
peer r_dup.sscore "$data/dup.score" edge.vcf --dosage GT
peer r_x.sscore "$data/x.score" edge.vcf --dosage GT
peer r_x_m1.sscore "$data/x.score" edge.vcf --dosage GT --x-haploid single
peer r_x_nomi.sscore "$data/x.score" edge.vcf --dosage GT --missing zero
peer r_x_ref.sscore "$t/xref.score" edge.vcf --dosage GT
peer r_y.sscore "$data/y.score" edge.vcf --dosage GT
peer r_mt.sscore "$data/mt.score" edge.vcf --dosage GT
tables=$same
echo "prs_edge: as plink2: $tables of 16 tables equal"

# the same allele of the same variant twice; centring by a variance of zero; haploid contigs; half-calls
sed 's,0/1:0.9,./1:0.9,' "$data/edge.vcf" >"$t/half.vcf"
refused "dup2.score" 'duplicate|twice|again|already' "$data/dup2.score" "$data/edge.vcf" --compat plink2 --dosage GT
refused "variance of v5" 'freq' "$data/auto.score" "$data/edge.vcf" --compat plink2 --dosage GT --standardise variance
refused "variance on chrX" 'chrX|haploid|chromosome X|X:' "$data/x.score" "$data/edge.vcf" --compat plink2 --dosage GT --standardise variance
refused "dominant on chrX" 'chrX|haploid|chromosome X|X:' "$data/x.score" "$data/edge.vcf" --compat plink2 --dosage GT --effect dominant
refused "half-call" 'half' "$data/auto.score" "$t/half.vcf" --compat plink2 --dosage GT
echo "prs_edge: as plink2: $((same - tables)) of 5 refusals equal"

# --- default mode: sums by hand. Missing: v1 of M2, v2 of F3, f = 0.5 in both; P(carrier) = 0.75, P(two copies) = 0.25
before=$same
common=(--min-overlap 0 --palindromes keep --dosage GT)
default additive "$data/auto.score" "$data/edge.vcf" "${common[@]}" <<-'END'
	F1 8 8 3 251.25 2010
	M1 8 8 7 277.625 2221
	F2 8 8 5 262.75 2102
	M2 6 8 4 263.875 2111
	F3 6 8 3 251.375 2011
END
default dominant "$data/auto.score" "$data/edge.vcf" "${common[@]}" --effect dominant <<-'END'
	F1 8 8 2 126.25 1010
	M1 8 8 4 138.875 1111
	F2 8 8 3 137.625 1101
	M2 6 8 3 138.844 1110.75
	F3 6 8 2 126.062 1008.5
END
default recessive "$data/auto.score" "$data/edge.vcf" "${common[@]}" --effect recessive <<-'END'
	F1 8 8 1 125 1000
	M1 8 8 3 138.75 1110
	F2 8 8 2 125.125 1001
	M2 6 8 1 125.031 1000.25
	F3 6 8 1 125.312 1002.5
END
# two weights for one allele contradict each other: none counts
printf 'ID\tA1\tS1\nv1\tG\t1\nv2\tT\t1\nv2\tT\t10\n' >"$t/contra.score"
default "contradictory rows" "$t/contra.score" "$data/edge.vcf" "${common[@]}" <<-'END'
	F1 2 2 0 0 0
	M1 2 2 1 0.5 1
	F2 2 2 2 1 2
	M2 0 2 0 0.5 1
	F3 2 2 1 0.5 1
END
# the same row again counts once
printf 'ID\tA1\tS1\nv1\tG\t1\nv1\tG\t1\n' >"$t/again.score"
default "repeated row" "$t/again.score" "$data/edge.vcf" "${common[@]}" <<-'END'
	F1 2 2 0 0 0
	M1 2 2 1 0.5 1
	F2 2 2 2 1 2
	M2 0 2 0 0.5 1
	F3 2 2 1 0.5 1
END
# a half-call is a no-call, or its known allele and the frequency of the other: F1 at v2 is ./T
printf 'ID\tA1\tS1\nv1\tG\t1\nv2\tT\t10\n' >"$t/two.score"
default "half-call missing" "$t/two.score" "$t/half.vcf" "${common[@]}" <<-'END'
	F1 2 4 0 2.5 10
	M1 4 4 1 0.25 1
	F2 4 4 4 5.5 22
	M2 2 4 1 2.75 11
	F3 2 4 1 2.75 11
END
echo "prs_edge: default mode: $((same - before)) of 6 tables as by hand"
exit $fail
