#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# annotate_chr21.sh -- share of (variant, transcript) pairs with the same consequence set, HGVSc, HGVSp and coordinates
# as stored answers of Ensembl VEP 115.2.
# Usage: annotate_chr21.sh CASE [MISMATCHES.tsv]    CASE: chr21 (default) or chr20
# GENORX = program, GRX_SHARED = folder with the shared test data.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
shared=${GRX_SHARED:-$root/../shared}
genorx=${GENORX:-$root/build/genorx}
case=${1:-chr21}
bad=${2:-/dev/null}
dir=$shared/data/annot/$case
[ -d "$dir" ] || { echo "SKIP: $dir is absent" >&2; exit 0; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
case $case in
chr21) fa=$dir/chr21.real.fa.gz gff=$dir/test.gff.gz vcf=$dir/input.vcf.gz ;;
chr20) fa=$dir/ens_ensembl.fa.gz gff=$dir/ens_ensembl.gff3.gz vcf=$dir/input.full77k.vcf.gz ;;
*) echo "unknown case $case: expected chr21 or chr20" >&2; exit 2 ;;
esac
gzip -dc "$fa" | bgzip > "$tmp/ref.fa.gz"
samtools faidx "$tmp/ref.fa.gz"
cp "$vcf" "$tmp/in.vcf.gz"
"$genorx" annotate -f "$tmp/ref.fa.gz" -g "$gff" -O v -o "$tmp/out.vcf" "$tmp/in.vcf.gz"
# key = variant id, allele, transcript; then consequence, HGVSc, HGVSp, cDNA, CDS, protein, amino acids, codons, exon, intron
awk -F'\t' -v OFS='\t' '!/^#/ {
	n = split($8, info, ";")
	for (i = 1; i <= n; i++) if (info[i] ~ /^CSQ=/) {
		m = split(substr(info[i], 5), e, ",")
		for (j = 1; j <= m; j++) {
			split(e[j], f, "|")
			gsub(/%3D/, "=", f[12])
			print $3 ":" f[1] ":" f[7], f[2], f[11], f[12], f[13], f[14], f[15], f[16], f[17], f[9], f[10], f[18], $2, $4, $5
		}
	}
}' "$tmp/out.vcf" | sort -k1,1 > "$tmp/ours.tsv"
# the stored answers carry total lengths after coordinates ("12-14/300")
gzip -dc "$dir/truth.tsv.gz" | awk -F'\t' -v OFS='\t' 'NR > 1 {
	for (i = 18; i <= 20; i++) sub(/\/.*/, "", $i)
	print $3 ":" $6 ":" $12, $7, $16, $17, $18, $19, $20, $21, $22, $14, $15, $23
}' | sort -k1,1 > "$tmp/truth.tsv"
awk -F'\t' -v bad="$bad" 'BEGIN {
	split("consequence HGVSc HGVSp cDNA_position CDS_position Protein_position Amino_acids Codons EXON INTRON DISTANCE", name, " ")
	print "what", "ours", "theirs", "key", "pos", "ref", "alt", "consequence" > bad
}
FNR == NR { ours[$1] = $0; n_ours++; next }
{
	n_truth++
	if (!($1 in ours)) { missing++; print "missing\t\t" $2 "\t" $1 > bad; next }
	split(ours[$1], o, "\t"); delete ours[$1]; both++
	for (i = 1; i <= 11; i++) {
		if (o[i + 1] == $(i + 1)) same[i]++
		else print name[i] "\t" o[i + 1] "\t" $(i + 1) "\t" $1 "\t" o[13] "\t" o[14] "\t" o[15] "\t" $2 > bad
		if ($(i + 1) != "") { given[i]++; if (o[i + 1] == $(i + 1)) same_given[i]++ }
	}
}
END {
	for (k in ours) if (k !~ /:$/) { extra++; print "extra\t" ours[k] > bad }
	printf "pairs: %d theirs, %d ours, %d in both, %d missing, %d extra\n", n_truth, n_ours, both, missing, extra
	for (i = 1; i <= 11; i++)
		printf "%-17s %6d of %6d pairs identical (%.4f %%); where theirs is not empty: %d of %d (%.4f %%)\n", name[i],
			same[i], both, 100 * same[i] / both, same_given[i], given[i], given[i] ? 100 * same_given[i] / given[i] : 100
}' "$tmp/ours.tsv" "$tmp/truth.tsv"
