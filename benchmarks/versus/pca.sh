#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Principal components of a reference panel: 2,504 simulated people of 26 populations x 100,000 variants.
#   solver   GSL's symmetric eigen solver on the full relationship matrix against the leading 20 pairs by math/linalg (goal:
#            at least 10 times less CPU), same matrix, made by plink2
#   whole    `genorx prs --build-reference` (reading, filtering, components, loadings, panel) against plink2 --pca 20, exact
#            and approximate, all from the BCF
# Checked: eigenvalues equal to 1e-6, the four components of the superpopulations equal (R > 0.99999; of the bundle, which
# chooses its own variants, > 0.99).
# Usage: pca.sh [FOLDER]   where the data are kept (default: made anew)
#   VARIANTS, SAMPLES   other sizes (100000, 2504)      GSL=0   leave out the minute of GSL
# shellcheck source=benchmarks/versus/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=benchmarks/gen/prs_data.sh
source benchmarks/gen/prs_data.sh
need plink2
dir=${1:-$t/data}
n=${SAMPLES:-2504} m=${VARIANTS:-100000}
status=0
gen_build
grep -q grx_eigen_top src/math/linalg.h 2>/dev/null || skip "this build has no eigen solver of its own"
make --no-print-directory "${BUILD:-build}/pca_solve" >/dev/null
solve=${BUILD:-build}/pca_solve
gen panel --variants "$m" --samples "$n" --pops 26 --truth 0
[[ $dir/panel.rel.bin -nt $dir/panel.bcf ]] || plink2 --bcf "$dir/panel.bcf" --make-rel square bin --out "$dir/panel" >"$t/log"

# How well the first four columns of one table are given by the first four of another (multiple correlation; the columns of
# the other are uncorrelated), the least of the four: superpopulations' components have nearly equal eigenvalues, so another
# choice of variants may turn them into each other
least_r() { # table first-column table first-column
	paste <(tail -n "$n" "$1" | cut -f "$2-$(($2 + 3))") <(tail -n "$n" "$3" | cut -f "$4-$(($4 + 3))") | awk -F'\t' '
	{ for (k = 1; k <= 8; k++) { s[k] += $k; for (j = 1; j <= k; j++) ss[j, k] += $j * $k } }
	function cov(j, k) { return ss[j, k] - s[j] * s[k] / NR }
	END {
		least = 2
		for (k = 1; k <= 4; k++) {
			r2 = 0
			for (j = 5; j <= 8; j++) r2 += cov(k, j) ^ 2 / (cov(k, k) * cov(j, j))
			if (r2 < least) least = r2
		}
		printf "%.7f\n", sqrt(least)
	}'
}
say() { # name cpu wall mb remark
	printf '%-40s %8s %8s %8s  %s\n' "$@"
}
above() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b) }'; }

machine
plink2 --version
printf '%d people, %d variants, 26 populations\n\n' "$n" "$m"
say "solver, $n x $n" "CPU s" "wall s" MB ""
m1=$(timed "$reps" "'$solve' top $n 20 '$dir/panel.rel.bin' '$t/top.tsv' | tee '$t/top.val'")
cpu_top=$(head -n 1 "$t/top.val")
say "math/linalg, leading 20" "$cpu_top" "$(cut -d' ' -f2 <<<"$m1")" "$(cut -d' ' -f3 <<<"$m1")" ""
if [[ ${GSL:-1} = 1 ]]; then
	m2=$(timed 1 "'$solve' gsl $n 20 '$dir/panel.rel.bin' '$t/gsl.tsv' | tee '$t/gsl.val'")
	cpu_gsl=$(head -n 1 "$t/gsl.val")
	say "GSL, all" "$cpu_gsl" "$(cut -d' ' -f2 <<<"$m2")" "$(cut -d' ' -f3 <<<"$m2")" "$(awk -v a="$cpu_gsl" -v b="$cpu_top" 'BEGIN { printf "%.0f x more (goal: 10)", a / b }')"
	above "$cpu_gsl" "$(awk -v b="$cpu_top" 'BEGIN { print 10 * b }')" || status=1
	r=$(least_r "$t/gsl.tsv" 1 "$t/top.tsv" 1)
	off=$(paste "$t/gsl.val" "$t/top.val" | awk 'NR > 1 { d = $1 / $2 - 1; if (d < 0) d = -d; if (d > w) w = d } END { printf "%.1e", w }')
	echo "eigenvalues differ by at most $off, first four vectors |r| >= $r"
	if above "$off" 1e-6 || ! above "$r" 0.99999; then status=1; fi
fi

echo
say "whole, from the BCF" "CPU s" "wall s" MB ""
p1=$(timed 1 "plink2 --threads 1 --bcf '$dir/panel.bcf' --pca 20 --out '$t/exact'")
p2=$(timed 1 "plink2 --threads 1 --bcf '$dir/panel.bcf' --pca 20 approx --seed 1 --out '$t/approx'")
# shellcheck disable=SC2086
say "plink2 --pca 20" $p1 ""
# shellcheck disable=SC2086
say "plink2 --pca 20 approx" $p2 "|r| with exact >= $(least_r "$t/exact.eigenvec" 2 "$t/approx.eigenvec" 2)"
if has_opt build-reference; then
	g=$(timed 1 "rm -rf '$t/bundle'; '$genorx' prs --build-reference '$t/bundle' --people '$dir/panel.people.tsv' --maf 0.01 --hwe 0 --n-pc 20 -@ 1 '$dir/panel.bcf'")
	col=$(head -n 1 "$t/bundle/people.tsv" | tr '\t' '\n' | grep -n -x PC1 | cut -d: -f1)
	r=$(least_r "$t/exact.eigenvec" 2 "$t/bundle/people.tsv" "$col")
	# shellcheck disable=SC2086
	say "genorx prs --build-reference" $g "|r| with plink2's exact >= $r"
	above "$r" 0.99 || status=1
	if [[ ${GSL:-1} = 1 ]]; then
		awk -v a="$cpu_gsl" -v b="${g%% *}" 'BEGIN { ok = a >= 10 * b; printf "the solver of GSL alone takes %.1f x the CPU of the whole (goal: 10): %s\n", a / b, (ok ? "met" : "MISSED"); exit !ok }' || status=1
	fi
else
	echo "not yet in this build: --build-reference"
fi
exit $status
