#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# prs --compat plink2 against plink2 itself on random cohorts: autosomes, X, Y, MT, multiallelic records, no-calls, several
# score columns; additive, dominant, recessive; a no-call by its frequency or as nothing; centred, standardised; males on X
# as two copies or one; frequencies of the cohort or of a file. All five columns to the six digits plink2 prints.
# Usage: prs_plink2.sh [SEEDS] (default 12). Exit status: 0 all equal, 77 plink2 or the engine absent, 1.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
seeds=${1:-12}
command -v plink2 >/dev/null || {
	echo "prs_plink2: SKIP: no plink2"
	exit 77
}
help=$("$genorx" prs --help)
[[ $help == *--standardise* ]] || {
	echo "prs_plink2: SKIP: this build has no --compat plink2"
	exit 77
}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
export LC_ALL=C
fail=0
runs=0
rows=0

# $t/c.vcf, .psam, .afreq, .score (ID A1 and three columns): all contigs, or autosomes only
make_case() { # seed samples all(0 1) multiallelic(0 1)
	awk -v OFS='\t' -v x="$1" -v n="$2" -v all="$3" -v many="$4" -v p="$t/c" '
	function rnd() { x = (x * 16807) % 2147483647; return x / 2147483647 }
	function draw(f1, f2, u) { u = rnd(); return u < f1 ? 1 : u < f1 + f2 ? 2 : 0 }
	BEGIN {
		for (k = 0; k < 20; k++) rnd()
		vcf = p ".vcf"; freq = p ".afreq"; score = p ".score"; psam = p ".psam"
		m = split(all ? "1 2 22 X Y MT" : "1 2 22", chr, " ")
		print "##fileformat=VCFv4.2" > vcf
		len["1"] = 248956422; len["2"] = 242193529; len["22"] = 50818468; len["X"] = 156040895; len["Y"] = 57227415; len["MT"] = 16569
		for (c = 1; c <= m; c++) printf "##contig=<ID=%s,length=%d>\n", chr[c], len[chr[c]] > vcf
		print "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">" > vcf
		printf "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT" > vcf
		print "#IID", "SEX" > psam
		for (s = 1; s <= n; s++) { male[s] = rnd() < 0.5; printf "\tP%d", s > vcf; print "P" s, (male[s] ? 1 : 2) > psam }
		printf "\n" > vcf
		print "#CHROM", "ID", "REF", "ALT", "ALT_FREQS", "OBS_CT" > freq
		print "ID", "A1", "a", "b", "c" > score
		for (c = 1; c <= m; c++) for (k = 1; k <= 8; k++) {
			ch = chr[c]; id = "v" ch "_" k
			pos = ch == "X" ? 20000000 + 1000 * k : ch == "Y" ? 10000000 + 1000 * k : 1000 * k
			ref = substr("ACGT", 1 + int(4 * rnd()), 1); do alt = substr("ACGT", 1 + int(4 * rnd()), 1); while (alt == ref)
			if (rnd() < 0.15) alt = ref "CA"
			multi = rnd() < 0.2 * many; alt2 = ref "GG"
			f1 = 0.1 + 0.5 * rnd(); f2 = multi ? 0.1 + 0.2 * rnd() : 0
			f1 = sprintf("%.6f", f1) + 0; f2 = sprintf("%.6f", f2) + 0
			printf "%s\t%d\t%s\t%s\t%s\t.\t.\t.\tGT", ch, pos, id, ref, alt (multi ? "," alt2 : "") > vcf
			for (s = 1; s <= n; s++) {
				hap = ch == "MT" || ch == "Y" || (ch == "X" && male[s])
				if (ch == "Y" && !male[s]) g = "."
				else if (rnd() < 0.06 && ch != "Y") g = hap ? "." : "./."
				else { i = draw(f1, f2); j = draw(f1, f2); g = hap ? i : i "/" j }
				printf "\t%s", g > vcf
			}
			printf "\n" > vcf
			print ch, id, ref, alt (multi ? "," alt2 : ""), f1 (multi ? "," f2 : ""), 2 * n > freq
			u = rnd()
			a1 = u < 0.45 ? alt : u < 0.9 ? ref : multi ? alt2 : alt
			print id, a1, sprintf("%.5f", rnd() - 0.5), sprintf("%.2f", 10 * rnd()), (rnd() < 0.5 ? 0 : sprintf("%.4g", rnd() * 1e-3)) > score
			if (multi && a1 != alt2) print id, alt2, sprintf("%.5f", rnd() - 0.5), 0, 1 > score
		}
	}' </dev/null
}

# "sample score allele_ct denom dose avg sum": plink2 gives the first three for all columns together
peer_rows() {
	awk -F'\t' '
	FNR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
	{ for (k = 1; k <= 3; k++) { id = substr("abc", k, 1); d = $(c["DENOM"])
		print $1, id, $(c["ALLELE_CT"]), d, $(c["NAMED_ALLELE_DOSAGE_SUM"]), (d ? $(c[id "_AVG"]) " " $(c[id "_SUM"]) : "- 0") } }' "$t/p.sscore" | sort
}
# Counters of a plink file are those of all its rows, whatever the column
our_rows() {
	awk -F'\t' '
	FNR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
	{ d = $(c["denom"]); print $(c["sample"]), $(c["score_id"]), $(c["allele_ct"]), d, $(c["named_allele_dosage_sum"]), (d ? $(c["avg"]) " " $(c["sum"]) : "- 0") }' "$t/o.tsv" | sort
}

# Ours (ten digits) is plink2's number to half a unit of its sixth digit
near() {
	paste -d' ' "$t/want" "$t/got" | awk '
	function off(a, b, d, u) {
		if (a == b) return 0
		if (a == "-" || b == "-") return 1
		d = a - b; if (d < 0) d = -d
		if (a < 0) a = -a
		if (a == 0) return d > 1e-9
		u = 10 ^ (int(log(a) / log(10) + 100) - 105)
		return d > 0.501 * u + 1e-9
	}
	{ if ($1 != $8 || $2 != $9 || $3 != $10 || $4 != $11 || off($5, $12) || off($6, $13) || off($7, $14)) { bad++; if (bad < 3) print "	plink2 " $1, $2, $3, $4, $5, $6, $7 "\n	ours   " $8, $9, $10, $11, $12, $13, $14 } }
	END { exit bad > 0 }'
}

compare() { # name, plink's words, plink's --xchr-model, options of ours
	local name=$1 words=$2 x=$3 freq=()
	shift 3
	[[ $name != *file* ]] || freq=(--read-freq "$t/c.afreq")
	rm -f "$t"/p.* "$t"/o.*
	# shellcheck disable=SC2086
	plink2 --threads 1 --vcf "$t/c.vcf" --psam "$t/c.psam" --xchr-model "$x" "${freq[@]}" --out "$t/p" \
		--score "$t/c.score" header-read $words cols=+scoresums,+denom --score-col-nums 3-5 >"$t/p.out" 2>&1 || {
		echo "$name: plink2: $(grep -m1 -A1 Error "$t/p.out" | tr '\n' ' ')"
		fail=1
		return
	}
	[[ $name != *file* ]] || set -- --freq "$t/c.afreq" "$@"
	"$genorx" prs --compat plink2 --score "$t/c.score" --tsv "$t/o.tsv" -o "$t/o.jsonl" "$@" "$t/c.vcf" 2>"$t/err" || {
		echo "$name: $(tail -n 1 "$t/err")"
		fail=1
		return
	}
	peer_rows >"$t/want"
	our_rows >"$t/got"
	runs=$((runs + 1))
	rows=$((rows + $(wc -l <"$t/want")))
	near || {
		echo "$name: differs"
		fail=1
	}
}

for ((seed = 1; seed <= seeds; seed++)); do
	make_case $((seed * 7919)) 60 1 1
	compare "$seed cohort" "" 2
	compare "$seed file" "" 2
	compare "$seed cohort zero" no-mean-imputation 2 --missing zero
	compare "$seed file single" "" 1 --x-haploid single
	make_case $((seed * 104729)) 7 1 1
	compare "$seed file few" "" 2
	compare "$seed file few zero" no-mean-imputation 1 --missing zero --x-haploid single
	make_case $((seed * 15485863)) 55 0 1
	compare "$seed cohort dominant" dominant 2 --effect dominant
	compare "$seed file recessive" recessive 2 --effect recessive
	compare "$seed cohort centred" center 2 --standardise centre
	compare "$seed cohort dominant zero" "dominant no-mean-imputation" 2 --effect dominant --missing zero
	# plink2 takes 1 - sum p^2 as the variance of every allele of a multiallelic variant: not repeated
	make_case $((seed * 32452843)) 55 0 0
	compare "$seed file standardised" variance-standardize 2 --standardise variance
	compare "$seed cohort standardised" variance-standardize 2 --standardise variance
done
echo "prs_plink2: $runs runs, $rows sums $([[ $fail = 0 ]] && echo equal || echo DIFFERENT) to plink2's"
exit $fail
