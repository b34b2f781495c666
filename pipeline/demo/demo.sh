#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The main job on data that genorx simulates itself: one donor, reads to report; then checks the star alleles.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=$PWD/${BUILD:-build}/genorx
out=${1:-demo-out}
seed=${SEED:-1}
start=$SECONDS
rm -rf "$out"
mkdir -p "$out"
"$genorx" simulate --seed "$seed" --depth 40 -o "$out/donor"
d=$out/donor
"$genorx" run -v -f "$d/ref.fa.gz" -g "$d/models.gff3.gz" --db clinvar="$d/demo_db.vcf.gz":CLNSIG,AF \
	--score "$d/score.txt" --prs-effect refdata/demo/prs_effect.tsv --clinical "$d/clinical.tsv" \
	-R "$d/truth.bed" -@ "$(nproc)" -o "$out/run" "$d/donor1.bam"
echo
echo "Calls against the simulated truth:"
"$genorx" compare -f "$d/ref.fa.gz" --truth "$d/donor1.truth.vcf.gz" --bed "$d/truth.bed" --tsv "$out/compare.tsv" \
	-o "$out/compare.jsonl" "$out/run/calls.vcf.gz"
cut -f1-8 "$out/compare.tsv"
echo
echo "Diplotypes, simulated and called:"
awk -F'\t' -v OFS='\t' '
	NR == FNR { if (FNR > 1) want[$1] = $2; next }
	FNR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next }
	$col["gene"] in want {
		g = $col["gene"]; called = $col["diplotypes"]; n++
		ok = index("; " called "; ", "; " want[g] "; ") > 0
		right += ok
		print g, want[g], called, $col["phenotypes"], ok ? "agrees" : "DIFFERS"
	}
	END { print right + 0 " of " n + 0 " genes agree"; exit !(n && right == n) }
' "$d/donor1.expected.tsv" "$out/run/pgx.tsv"
echo
echo "Recommendations from the true genotypes and from the reads:"
"$genorx" pgx -o "$out/truth.pgx.jsonl" "$d/donor1.truth.vcf.gz"
# both know the same of the person: advice follows age, kidneys and medicines too
"$genorx" predict --clinical "$d/clinical.tsv" -o "$out/truth.risk.jsonl" "$out/truth.pgx.jsonl"
"$genorx" recommend --tsv "$out/truth.rec.tsv" -o "$out/truth.rec.jsonl" "$out/truth.risk.jsonl"
"$genorx" recommend --tsv "$out/reads.rec.tsv" -o "$out/reads.rec.jsonl" "$out/run/facts.jsonl"
cut -f1-6 "$out/truth.rec.tsv" | sort >"$out/truth.rec.txt"
cut -f1-6 "$out/reads.rec.tsv" | sort >"$out/reads.rec.txt"
both=$(comm -12 "$out/truth.rec.txt" "$out/reads.rec.txt" | wc -l)
all=$(sort -u "$out/truth.rec.txt" "$out/reads.rec.txt" | wc -l)
echo "$((both - 1)) of $((all - 1)) agree" # less the header line
[ "$both" -gt 1 ] && [ "$both" -eq "$all" ]
echo
echo "Report: $PWD/$out/run/report.html   (facts: $out/run/facts.jsonl; took $((SECONDS - start)) s)"
