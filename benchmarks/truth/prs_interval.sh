#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Do the 95 % intervals of `genorx prs` hold? 1,000 simulated people (benchmarks/gen/prs_gen.c: reads with 0.5 % errors,
# Poisson or overdispersed depth, PL), ten scores each over the same variants, so 10,000 intervals a case (standard error of a
# coverage of 95 %: 0.2 %; scores of one person share their uncertain genotypes, not their weights).
# Printed: how often lo <= true <= hi, the least and the most covered of the ten scores, bias and width in standard deviations
# of the true scores, and the mean of ((sum - true) / standard error)^2, which is 1 when the variance is right.
# Must be 94 to 96 %: likelihoods at 4x and 30x with the population's frequencies, and hard calls with no-calls. For
# comparison: the frequencies of the cohort's own hard calls; 30x where every genotype is called: hardly any genotype is
# in doubt, so that intervals cover more than they promise.
# Usage: prs_interval.sh [FOLDER]   where the data are kept (default: made anew)
#   VARIANTS, SAMPLES   other sizes (5000, 1000)
# shellcheck source=benchmarks/versus/lib.sh
source "$(dirname "$0")/../versus/lib.sh"
# shellcheck source=benchmarks/gen/prs_data.sh
source benchmarks/gen/prs_data.sh
dir=${1:-$t/data}
size=(--variants "${VARIANTS:-5000}" --samples "${SAMPLES:-1000}" --cols 10 --truth 10)
status=0
[[ -x $genorx ]] || skip "$genorx is not built"
has_opt no-facts || skip "this build has no likelihood-aware scores and no intervals"
gen_build
gen iv4 "${size[@]}" --depth 4
gen iv30 "${size[@]}" --depth 30
gen iv30o "${size[@]}" --depth 30 --shape 3 --error 0.01
gen iv30full "${size[@]}" --depth 30 --missing 0
gen ivgt5 "${size[@]}" --missing 0.05
gen ivgt30 "${size[@]}" --missing 0.3

# "coverage least most bias width z2" of $t/o.tsv
evaluate() { # cohort
	awk -F'\t' '
	FNR == 1 { split("", c); for (i = 1; i <= NF; i++) c[$i] = i; next }
	FNR == NR { true[$(c["sample"]), $(c["score"])] = $(c["true"]); next }
	{
		k = $(c["score_id"]); x = true[$(c["sample"]), k]; lo = $(c["lo"]); hi = $(c["hi"])
		if (lo == "NA" || hi == "NA") { none++; next }
		n[k]++; in_[k] += lo <= x && x <= hi; e = $(c["sum"]) - x; se = (hi - lo) / (2 * 1.959964)
		bias[k] += e; width[k] += hi - lo; z2 += se > 0 ? (e / se) ^ 2 : 0; s[k] += x; ss[k] += x * x
	}
	END {
		least = 1
		for (k in n) {
			sd = sqrt(ss[k] / n[k] - (s[k] / n[k]) ^ 2); m++; all += n[k]; hit += in_[k]
			p = in_[k] / n[k]; if (p < least) least = p; if (p > most) most = p
			b += bias[k] / n[k] / sd; w += width[k] / n[k] / sd
		}
		if (!m || none) { print "no intervals for " none + 0 " of " all + none " sums"; exit 1 }
		printf "%.4f %.3f %.3f %+.4f %.4f %.3f %d\n", hit / all, least, most, b / m, w / m, z2 / all, all
	}' "$dir/$1.truth.tsv" "$t/o.tsv"
}

row() { # name cohort must(1 0) options
	local name=$1 cohort=$2 must=$3 got
	shift 3
	"$genorx" prs --no-facts -@ 2 --score "$dir/$cohort.w10.txt" --tsv "$t/o.tsv" -o "$t/o.jsonl" --min-overlap 0 "$@" "$dir/$cohort.bcf" 2>"$t/log" || {
		printf '%-46s %s\n' "$name" "$(tail -n 1 "$t/log")"
		status=1
		return
	}
	got=$(evaluate "$cohort") || {
		printf '%-46s %s\n' "$name" "$got"
		status=1
		return
	}
	awk -v name="$name" -v must="$must" -v got="$got" 'BEGIN {
		split(got, a, " "); ok = a[1] >= 0.94 && a[1] <= 0.96
		printf "%-46s %8.2f %% %6.1f-%.1f %9s %9s %7s  %s\n", name, 100 * a[1], 100 * a[2], 100 * a[3], a[4], a[5], a[6], !must ? "-" : ok ? "met" : "MISSED"
		exit must && !ok }' || status=1
}

machine
printf '%s people, %s variants, 10 scores\n' "${SAMPLES:-1000}" "${VARIANTS:-5000}"
printf '\n%-46s %10s %11s %9s %9s %7s  %s\n' case coverage "by score" "bias/sd" "width/sd" "z^2" "94-96 %"
row "4x, PL, population frequencies" iv4 1 --dosage PL --freq "$dir/iv4.afreq"
row "30x, PL, 0.5 % no-calls" iv30 1 --dosage PL --freq "$dir/iv30.afreq"
row "30x overdispersed, PL, 0.5 % no-calls" iv30o 1 --dosage PL --freq "$dir/iv30o.afreq"
row "hard calls, 5 % no-calls" ivgt5 1 --freq "$dir/ivgt5.afreq"
row "hard calls, 30 % no-calls" ivgt30 1 --freq "$dir/ivgt30.afreq"
row "hard calls, 5 % no-calls, cohort frequencies" ivgt5 1
row "4x, PL, frequencies of the cohort" iv4 0 --dosage PL
row "30x, PL, every genotype called" iv30full 0 --dosage PL --freq "$dir/iv30full.afreq"
row "4x, hard calls taken as certain" iv4 0 --dosage GT --freq "$dir/iv4.afreq"
exit $status
