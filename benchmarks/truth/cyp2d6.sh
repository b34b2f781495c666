#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# cyp2d6.sh -- CYP2D6 from reads against the truth of simulated cases: how many of how many, and every difference.
#   cyp2d6.sh CASES_DIR
# CASES_DIR: truth.tsv (columns case and diplotype) and CASE.bam for each, as cyp2d6_cases.sh makes them. Haplotypes
# count in either order. right: called as in truth; listed: ambiguous, the truth among the diplotypes shown; withheld:
# no diplotype given; WRONG: another diplotype; WRONG+: wrong and a phenotype given that the truth does not have.
set -eu -o pipefail
[[ $# -ge 1 ]] || { sed -n 3,7p "$0" | cut -c3-; exit 64; }
dir=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
genorx=${GENORX:-$root/${BUILD:-build}/genorx}
export GENORX_REFDATA=${GENORX_REFDATA:-$root/refdata}
[[ -s $dir/truth.tsv ]] || { echo "skipped: no cases at $dir (cyp2d6_cases.sh makes them)"; exit 77; }
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next } { print $col["case"] "\t" $col["diplotype"] }' \
	"$dir/truth.tsv" >"$t/truth"
while IFS=$'\t' read -r name truth; do
	"$genorx" pgx --genes CYP2D6 --tsv "$t/calls.tsv" -o "$t/facts.jsonl" "$dir/$name.bam" 2>"$t/log" ||
		{ cat "$t/log" >&2; exit 1; }
	posterior=$(grep -o '"posterior":"[^"]*"' "$t/facts.jsonl" | sed -n 2p | cut -d'"' -f4 || :)
	printf '%s\t%s\t%s\t' "$name" "$truth" "${posterior:-.}"
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next }
		{ print $col["diplotypes"] "\t" $col["status"] "\t" $col["safe_phenotype"] "\t" $col["reason"] }' "$t/calls.tsv"
done <"$t/truth" >"$t/rows"
# activity of the truth, from the table of alleles
awk -F'\t' '
function norm(d,  h, x) { gsub(/ /, "", d); split(d, h, "/"); return h[1] < h[2] ? h[1] "/" h[2] : h[2] "/" h[1] }
function value(h,  k) {
	k = h; gsub(/ /, "", k)
	if (!(k in act)) sub(/x[3-9]$/, "x≥3", k)
	return k in act && act[k] ~ /[0-9]/ ? (act[k] ~ /≥/ ? substr(act[k], 4) : act[k]) + 0 : "n/a"
}
function phenotype(d,  h, a, b, s) {
	split(d, h, "/"); a = value(h[1]); b = value(h[2])
	if (a == "n/a" || b == "n/a") return "."
	s = a + b
	return s <= 0 ? "Poor Metabolizer" : s < 1.25 ? "Intermediate Metabolizer" : s <= 2.25 ? "Normal Metabolizer" : "Ultrarapid Metabolizer"
}
NR == FNR { if ($1 == "CYP2D6") { k = $2; gsub(/ /, "", k); act[k] = $4 } next }
{
	n++
	gsub(/; /, " OR ", $4)
	m = split($4, shown, " OR ")
	hit = 0
	for (i = 1; i <= m; i++) hit += norm(shown[i]) == norm($2)
	verdict = $4 == "" || $4 == "." ? "withheld" : !hit ? "WRONG" : m > 1 ? "listed" : "right"
	want = phenotype($2)
	if ($6 != "." && $6 != "" && $6 != want) { bad_phenotype++; verdict = verdict "+" }
	right_phenotype += $6 == want && want != "."
	with_phenotype += want != "."
	count[verdict]++
	if (verdict != "right") printf "%-9s %s\ttruth %s\tcalled %s\tposterior %s\t%s\t%s\n", verdict, $1, $2, $4, $3, $5, $7
}
END {
	for (v in count) line = line sprintf("  %s %d", v, count[v])
	printf "diplotypes: %d right of %d%s\n", count["right"], n, line
	printf "phenotypes: %d right of %d, %d wrong\n", right_phenotype, with_phenotype, bad_phenotype
}' "$GENORX_REFDATA/pgx/alleles.tsv" "$t/rows"
