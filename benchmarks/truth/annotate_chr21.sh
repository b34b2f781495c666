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
"$genorx" annotate -f "$tmp/ref.fa.gz" -g "$gff" --total-length -O v -o "$tmp/out.vcf" "$tmp/in.vcf.gz"
# Both sides as: variant id:allele:transcript, pos, ref, alt, then the columns of this list.
cols="Consequence HGVSc HGVSp cDNA_position CDS_position Protein_position Amino_acids Codons EXON INTRON DISTANCE IMPACT SYMBOL Gene Feature_type BIOTYPE STRAND FLAGS VARIANT_CLASS ENSP HGVS_OFFSET HGVSg"
awk -F'\t' -v OFS='\t' -v cols="$cols" '
/^##INFO=<ID=CSQ,/ { sub(/.*Format: /, ""); sub(/".*/, ""); n = split($0, name, "|"); for (i = 1; i <= n; i++) at[name[i]] = i; next }
/^#/ { next }
{
	n_col = split(cols, col, " ")
	n = split($8, info, ";")
	for (i = 1; i <= n; i++) if (info[i] ~ /^CSQ=/) {
		m = split(substr(info[i], 5), e, ",")
		for (j = 1; j <= m; j++) {
			split(e[j], f, "|")
			row = $3 ":" f[at["Allele"]] ":" f[at["Feature"]] "\t" $2 "\t" $4 "\t" $5
			for (k = 1; k <= n_col; k++) {
				v = f[at[col[k]]]
				gsub(/%3D/, "=", v)
				if (col[k] == "HGVSg") sub(/^[^:]*:/, "", v)
				row = row "\t" v
			}
			print row
		}
	}
}' "$tmp/out.vcf" | sort -k1,1 > "$tmp/ours.tsv"
gzip -dc "$dir/truth.tsv.gz" | awk -F'\t' -v OFS='\t' -v cols="$cols" '
NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n_col = split(cols, col, " "); next }
{
	row = $3 ":" $at["Allele"] ":" $at["Feature"] "\t" $2 "\t" $4 "\t" $5
	for (k = 1; k <= n_col; k++) {
		v = $at[col[k]]
		if (col[k] == "HGVSg") sub(/^[^:]*:/, "", v)
		row = row "\t" v
	}
	print row
}' | sort -k1,1 > "$tmp/truth.tsv"
awk -F'\t' -v bad="$bad" -v cols="$cols" 'BEGIN {
	n_col = split(cols, name, " ")
	print "what", "ours", "theirs", "key", "pos", "ref", "alt", "consequence" > bad
}
FNR == NR { ours[$1] = $0; n_ours++; next }
{
	n_truth++
	if (!($1 in ours)) { missing++; print "missing\t\t" $5 "\t" $1 > bad; next }
	split(ours[$1], o, "\t"); delete ours[$1]; both++
	for (i = 1; i <= n_col; i++) {
		if (o[i + 4] == $(i + 4)) same[i]++
		else print name[i] "\t" o[i + 4] "\t" $(i + 4) "\t" $1 "\t" $2 "\t" $3 "\t" $4 "\t" $5 > bad
		if ($(i + 4) != "") { given[i]++; if (o[i + 4] == $(i + 4)) same_given[i]++ }
	}
}
END {
	for (k in ours) if (k !~ /:$/) { extra++; print "extra\t" ours[k] > bad }
	printf "pairs: %d theirs, %d ours, %d in both, %d missing, %d extra\n", n_truth, n_ours, both, missing, extra
	for (i = 1; i <= n_col; i++)
		printf "%-17s %6d of %6d pairs identical (%.4f %%); where theirs is not empty: %d of %d (%.4f %%)\n",
			name[i] == "Consequence" ? "consequence" : name[i],
			same[i], both, 100 * same[i] / both, same_given[i], given[i], given[i] ? 100 * same_given[i] / given[i] : 100
}' "$tmp/ours.tsv" "$tmp/truth.tsv"
