#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Same bytes for -@1, -@2 and -@5, for every stage and for run; indexed and streamed reads too.
# GENORX_QUICK=1 (and a sanitized run) keeps to the covered regions (for slow instrumented binaries).
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
"$genorx" simulate --seed 21 --depth 20 -o "$t/d"
d=$t/d
all=()
[[ -z ${GENORX_QUICK:-}${GENORX_SANITIZED:-} ]] || all=(-R "$d/truth.bed")
for n in 1 2 5; do
	o=$t/$n
	mkdir "$o"
	"$genorx" qc -@ $n "${all[@]}" -f "$d/ref.fa.gz" --json "$o/qc.json" --multiqc "$o/mqc.json" -o "$o/qc.jsonl" "$d/donor1.bam"
	"$genorx" call -@ $n "${all[@]}" -f "$d/ref.fa.gz" -O z -o "$o/calls.vcf.gz" "$d/donor1.bam"
	"$genorx" call -@ $n -f "$d/ref.fa.gz" -r chr22 --gvcf -O v -o "$o/g.vcf" "$d/donor1.bam"
	"$genorx" annotate -@ $n -f "$d/ref.fa.gz" -g "$d/models.gff3.gz" --db c="$d/demo_db.vcf.gz":CLNSIG,AF -O z -o "$o/ann.vcf.gz" "$o/calls.vcf.gz"
	"$genorx" compare -@ $n -f "$d/ref.fa.gz" --truth "$d/donor1.truth.vcf.gz" --bed "$d/truth.bed" --tsv "$o/cmp.tsv" -o "$o/cmp.jsonl" "$o/calls.vcf.gz"
	"$genorx" pgx -@ $n --tsv "$o/pgx.tsv" -o "$o/pgx.jsonl" "$o/calls.vcf.gz"
	"$genorx" prs -@ $n --score "$d/score.txt" --tsv "$o/prs.tsv" -o "$o/prs.jsonl" "$o/calls.vcf.gz" 2>/dev/null
	"$genorx" predict -@ $n --clinical "$d/clinical.tsv" -o "$o/predict.jsonl" "$o/prs.jsonl"
	"$genorx" recommend -@ $n -o "$o/rec.jsonl" "$o/pgx.jsonl" "$o/predict.jsonl"
	"$genorx" report -@ $n --tsv "$o/rep.tsv" --json "$o/rep.json" -o "$o/rep.html" "$o/rec.jsonl"
	"$genorx" run -@ $n "${all[@]}" -f "$d/ref.fa.gz" -g "$d/models.gff3.gz" --score "$d/score.txt" --clinical "$d/clinical.tsv" -o "$o/run" "$d/donor1.bam" 2>/dev/null
	rm -f "$o/run/summary.json" "$o/run/manifest.json" "$o"/run/steps/*.json # timings and times of day
done
"$genorx" call "${all[@]}" -f "$d/ref.fa.gz" -O z -o "$t/1/stream.vcf.gz" - <"$d/donor1.bam"
cmp "$t/1/stream.vcf.gz" "$t/1/calls.vcf.gz"
rm "$t/1/stream.vcf.gz"*
for n in 2 5; do
	diff -r "$t/1" "$t/$n" >&2
done
echo "same bytes for 1, 2 and 5 threads: $(find "$t/1" -type f | wc -l) files"
