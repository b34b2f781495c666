#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# call --af: same calls for -@1, -@2 and -@5, for any shard size, for VCF and BCF lists; forced sites too.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
"$genorx" simulate --seed 29 --depth 10 -o "$t/d"
d=$t/d
# what the donor carries, indels too, with made-up frequencies
{
	printf '##fileformat=VCFv4.2\n##INFO=<ID=AF,Number=A,Type=Float,Description="f">\n'
	bcftools view -h "$d/donor1.truth.vcf.gz" | grep '^##contig'
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
	bcftools view -H "$d/donor1.truth.vcf.gz" | awk -v OFS='\t' '{
		f = NR % 10 / 10; n = gsub(",", ",", $5); v = f
		while (n-- > 0) v = v ",0.01"
		print $1, $2, ".", $4, $5, ".", ".", "AF=" v }'
} | bcftools view -Oz -o "$t/af.vcf.gz"
tabix -p vcf "$t/af.vcf.gz"
bcftools view -Ob -o "$t/af.bcf" "$t/af.vcf.gz"
bcftools index "$t/af.bcf"
n=0
for sites in "" "$d/demo_db.vcf.gz"; do
	call() {
		"$genorx" call -f "$d/ref.fa.gz" -R "$d/truth.bed" ${sites:+--sites "$sites"} -O v "$@" "$d/donor1.bam"
		n=$((n + 1))
	}
	rows() { grep -v '^##' "$1"; }
	call --af "$t/af.vcf.gz" -@ 1 -o "$t/want.vcf"
	for threads in 2 5; do
		call --af "$t/af.vcf.gz" -@ $threads -o "$t/got.vcf"
		cmp "$t/want.vcf" "$t/got.vcf"
	done
	for size in 700 9000 1000000; do
		call --af "$t/af.vcf.gz" -@ 2 --shard-size $size -o "$t/got.vcf"
		cmp <(rows "$t/want.vcf") <(rows "$t/got.vcf")
	done
	call --af "$t/af.bcf" -@ 2 -o "$t/got.vcf"
	cmp <(rows "$t/want.vcf") <(rows "$t/got.vcf")
	call -@ 2 -o "$t/got.vcf"
	if cmp -s <(rows "$t/want.vcf") <(rows "$t/got.vcf"); then
		echo "af: the list changed nothing" >&2
		exit 1
	fi
done
echo "same calls with frequencies in $n runs: $(rows "$t/want.vcf" | wc -l) lines"
