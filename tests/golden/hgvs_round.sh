#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hgvs_round.sh -- VCF -> HGVS -> VCF on the chromosome 21 variants: every genomic name leads to a record of the same name,
# and every c. and n. name (both strands, exons, introns, UTRs) to the same record as the genomic one.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/build/genorx}
export GENORX_REFDATA=${GENORX_REFDATA:-$PWD/refdata} LC_ALL=C
data=${GRX_SHARED:-${SHARED:-../shared}}/data/annot/chr21
if [[ ! -d $data ]]; then
	echo "hgvs_round: SKIP: no data/annot/chr21 in the shared data"
	exit 77
fi
if ! command -v samtools > /dev/null || ! command -v bgzip > /dev/null; then
	echo "hgvs_round: SKIP: samtools or bgzip is not installed"
	exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
gzip -dc "$data/chr21.real.fa.gz" | bgzip > "$tmp/ref.fa.gz"
samtools faidx "$tmp/ref.fa.gz"
# ID, HGVSc and HGVSg of every entry of a VCF
names() {
	awk -F'\t' -v OFS='\t' '/^##INFO=<ID=CSQ/ { sub(/.*Format: /, ""); sub(/".*/, ""); n = split($0, f, "|")
			for (i = 1; i <= n; i++) { if (f[i] == "HGVSg") g = i; if (f[i] == "HGVSc") c = i } }
		/^#/ { next }
		{ id = $3; if (match($8, /HGVS_COLUMNS=[^;]*/)) id = substr($8, RSTART + 13, RLENGTH - 13)
		  match($8, /CSQ=[^;]*/); n = split(substr($8, RSTART + 4, RLENGTH - 4), e, ",")
		  for (i = 1; i <= n; i++) { split(e[i], f, "|"); print id, f[c], f[g] } }' "$1"
}
"$genorx" annotate -f "$tmp/ref.fa.gz" -g "$data/test.gff.gz" -O v -o "$tmp/out.vcf" "$data/input.vcf.gz" 2> /dev/null
names "$tmp/out.vcf" > "$tmp/names"
awk -F'\t' '{ print $3 "\t" $1 }' "$tmp/names" | sort -u > "$tmp/g.txt"
awk -F'\t' '$2 != "" { print $2 "\t" $1 }' "$tmp/names" | sort -u > "$tmp/c.txt"
"$genorx" annotate --hgvs-in -f "$tmp/ref.fa.gz" -o "$tmp/g.vcf" "$tmp/g.txt" 2> /dev/null
"$genorx" annotate --hgvs-in -f "$tmp/ref.fa.gz" -g "$data/test.gff.gz" -o "$tmp/c.vcf" "$tmp/c.txt" 2> /dev/null
"$genorx" annotate -f "$tmp/ref.fa.gz" -g "$data/test.gff.gz" -O v -o "$tmp/again.vcf" "$tmp/g.vcf" 2> /dev/null
names "$tmp/again.vcf" | awk -F'\t' '{ print $3 "\t" $1 }' | sort -u > "$tmp/again.txt"
records() { awk -F'\t' '!/^#/ { match($8, /HGVS_COLUMNS=[^;]*/); print substr($8, RSTART + 13, RLENGTH - 13) "\t" $1 ":" $2 ":" $4 ":" $5 }' "$1" | sort -u; }
records "$tmp/g.vcf" > "$tmp/g.records"
records "$tmp/c.vcf" > "$tmp/c.records"
n_g=$(wc -l < "$tmp/g.txt") n_c=$(wc -l < "$tmp/c.txt") n_rec=$(wc -l < "$tmp/c.records")
same_g=$(comm -12 "$tmp/g.txt" "$tmp/again.txt" | wc -l)
same_c=$(comm -12 "$tmp/g.records" "$tmp/c.records" | wc -l)
comm -3 "$tmp/g.txt" "$tmp/again.txt" | head -5
comm -13 "$tmp/g.records" "$tmp/c.records" | head -5
if [[ $n_g -lt 16000 || $n_c -lt 60000 || $same_g -ne $n_g || $same_c -ne $n_rec ]]; then
	echo "hgvs_round: $same_g of $n_g genomic names, $same_c of $n_rec records of $n_c transcript names"
	exit 1
fi
echo "hgvs_round: $same_g of $n_g genomic names came back; $n_c transcript names gave the $n_rec records of the genomic names"
