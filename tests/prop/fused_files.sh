#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A fused run and the same stages by files give the same variants and the same facts.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
"$genorx" simulate --seed 22 --depth 20 -o "$t/d"
d=$t/d
"$genorx" run -@ 2 -f "$d/ref.fa.gz" -g "$d/models.gff3.gz" --db c="$d/demo_db.vcf.gz":CLNSIG,AF --score "$d/score.txt" \
	--clinical "$d/clinical.tsv" --write-sites "$t/sites.vcf" -o "$t/run" "$d/donor1.bam" 2>/dev/null
for type in v b; do
	"$genorx" call -f "$d/ref.fa.gz" --sites "$t/sites.vcf" -O $type -o "$t/calls.$type" "$d/donor1.bam"
	"$genorx" annotate -f "$d/ref.fa.gz" -g "$d/models.gff3.gz" --db c="$d/demo_db.vcf.gz":CLNSIG,AF -O $type -o "$t/ann.$type" "$t/calls.$type"
	cmp <(bcftools view -H "$t/run/calls.vcf.gz") <(bcftools view -H "$t/ann.$type")
	"$genorx" qc -f "$d/ref.fa.gz" -o "$t/qc.jsonl" "$d/donor1.bam"
	"$genorx" qc -f "$d/ref.fa.gz" -o "$t/qcv.jsonl" "$t/ann.$type"
	"$genorx" pgx -f "$d/ref.fa.gz" --reads "$d/donor1.bam" -o "$t/pgx.jsonl" "$t/ann.$type"
	"$genorx" prs --score "$d/score.txt" -o "$t/prs.jsonl" "$t/ann.$type" 2>/dev/null
	"$genorx" predict --clinical "$d/clinical.tsv" -o "$t/predict.jsonl" "$t/prs.jsonl"
	"$genorx" recommend -o "$t/rec.jsonl" "$t/pgx.jsonl" "$t/predict.jsonl"
	# every fact of the chain by files is in the fused run, word for word, and the fused run has no other
	facts() { grep -v '"key":"genorx/end"' "$@" -h | grep -E "\"key\":\"($keys)/" | sort; }
	for keys in pgx prs predict recommend clinical; do
		cmp <(facts "$t/run/facts.jsonl") <(facts "$t/rec.jsonl")
	done
	keys='qc/(depth|breadth|insert|mapq|duplicates|baseq)'
	cmp <(facts "$t/run/facts.jsonl") <(facts "$t/qc.jsonl")
	keys='qc/(titv|hethom|n)'
	cmp <(facts "$t/run/facts.jsonl") <(facts "$t/qcv.jsonl")
done
echo "fused equals files: $(grep -c . "$t/run/facts.jsonl") facts, $(bcftools view -H "$t/run/calls.vcf.gz" | wc -l) records"
