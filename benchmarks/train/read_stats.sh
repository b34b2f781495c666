#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# read_stats.sh -- error statistics of the reads of one region: read_stats.sh REF.fa TRUTH.vcf.gz READS.bam CHROM BEG END [BED]
# (1-based, closed). Known variants and 6 bases on either side are left out, and
# reads in the intervals of BED (decoys). Needs samtools and bcftools.
set -eu
[[ $# -ge 6 ]] || { sed -n 3,5p "$0"; exit 64; }
here=$(dirname "$0")
ref=$1 truth=$2 bam=$3 chrom=$4 beg=$5 end=$6
lo=$((beg > 1000 ? beg - 1000 : 1))
refname=$(cut -f1 "$ref.fai" | grep -x -e "$chrom" -e "${chrom#chr}" -e "chr$chrom" | head -n 1)
bamname=$(samtools view -H "$bam" 2>/dev/null | awk -F'\t' -v a="${chrom#chr}" '$1 == "@SQ" { s = substr($2, 4); t = s; sub(/^chr/, "", t); if (t == a) { print s; exit } }')
vcfname=$(bcftools index -s "$truth" | cut -f1 | grep -x -e "$chrom" -e "${chrom#chr}" -e "chr$chrom" | head -n 1)
awk -v from="$lo" -f "$here/read_stats.awk" \
	part=1 <(samtools faidx "$ref" "$refname:$lo-$((end + 1000))" 2>/dev/null) \
	part=2 <(bcftools query -r "$vcfname:$lo-$end" -f '%POS\t%REF\n' "$truth" | awk '{ print $1 "\t" length($2) }') \
	part=4 <(cat /dev/null "${@:7}") part=3 FS='\t' <(samtools view "$bam" "$bamname:$beg-$end" 2>/dev/null)
