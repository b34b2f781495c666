#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# CPU cost of `genorx annotate` on 200,000 made-up variants (benchmarks/gen/annot_vars.c) over the chromosome 21 models of
# the shared data, BCF in, uncompressed BCF out, side by side with bcftools csq and snpEff and with the floor of copying the
# file (bcftools view). Peers and we alternate REPS times (default 5); the least CPU of each counts.
#   consequence   terms and amino acids of the alleles that touch a gene, each allele alone   against bcftools csq -l   (goal 3)
#   full          CSQ of every transcript within 5,000 bp, HGVS c. and p.                     against bcftools csq -p a (goal 1)
#                                                                                             and snpEff ann            (goal 50)
#   haplotypes    joint consequences of phased alleles, BCSQ                                  against bcftools csq -p a
#   threads       wall of full with 1 and 2 threads (goal 1.7), same bytes
# Usage: annotate.sh [FOLDER]   where the data are kept (default: made anew)
#   VARIANTS   other size (200000)      SNPEFF=0   leave out snpEff
# shellcheck source=benchmarks/versus/lib.sh
source "$(dirname "$0")/lib.sh"
need bcftools samtools
src=$shared/annot/chr21
[[ -d $src ]] || skip "$src is absent"
dir=${1:-$t/data}
n=${VARIANTS:-200000}
reps=${REPS:-5}
mkdir -p "$dir"
make --no-print-directory "${BUILD:-build}/annot_vars" >/dev/null
if [[ ! -s $dir/v.$n.bcf ]]; then
	gzip -dc "$src/chr21.real.fa.gz" >"$dir/ref.fa"
	samtools faidx "$dir/ref.fa"
	gzip -dc "$src/test.gff.gz" >"$dir/models.gff3"
	"${BUILD:-build}/annot_vars" "$dir/ref.fa" "$n" 1 >"$dir/v.$n.vcf"
	bcftools view -Ob -o "$dir/v.$n.bcf" "$dir/v.$n.vcf"
fi
models=$dir/models.gff3
if "$genorx" annotate --help | grep -c -- --build-models >/dev/null; then
	"$genorx" annotate --build-models -g "$dir/models.gff3" -f "$dir/ref.fa" -o "$dir/models.gxm" 2>"$t/log"
	models=$dir/models.gxm
fi
ours="'$genorx' annotate -f '$dir/ref.fa' -g '$models'"
in="'$dir/v.$n.bcf'"
declare -A best wall mem
# least CPU of each name, in turn so that all see the same machine
measure() { # name command
	local cpu w m
	read -r cpu w m < <(timed 1 "$2 >$t/out.$1")
	if [[ -z ${best[$1]:-} ]] || awk "BEGIN { exit !($cpu < ${best[$1]}) }"; then
		best[$1]=$cpu wall[$1]=$w mem[$1]=$m
	fi
}
for ((i = 0; i < reps; i++)); do
	measure floor "bcftools view -Ou $in"
	measure csq_l "bcftools csq -l -f '$dir/ref.fa' -g '$dir/models.gff3' -Ou $in"
	measure consequence "$ours --no-hgvs --distance 0 --fields Allele,Consequence,SYMBOL,Feature,BIOTYPE,STRAND,Amino_acids -O u $in"
	measure csq_p "bcftools csq -p a -f '$dir/ref.fa' -g '$dir/models.gff3' -Ou $in"
	measure full "$ours -O u $in"
	measure haplotypes "$ours --haplotypes --bcsq --no-hgvs --distance 0 --fields Allele,Consequence,SYMBOL,Feature,BIOTYPE,STRAND,Amino_acids -O u $in"
	measure full_2 "$ours -@ 2 -O u $in"
done
if [[ ${SNPEFF:-1} == 1 ]] && command -v snpEff >/dev/null; then
	mkdir -p "$t/snpeff/data/c21"
	cp "$dir/ref.fa" "$t/snpeff/data/c21/sequences.fa"
	cp "$dir/models.gff3" "$t/snpeff/data/c21/genes.gff"
	printf 'data.dir = ./data/\nc21.genome : c21\n' >"$t/snpeff/snpEff.config"
	(cd "$t/snpeff" && snpEff build -c snpEff.config -gff3 -noCheckCds -noCheckProtein c21 >build.log 2>&1)
	measure snpeff "cd '$t/snpeff' && snpEff ann -c snpEff.config -noStats -noLog c21 '$dir/v.$n.vcf'"
fi
machine
printf '%s variants; models %s\n' "$n" "${models##*/}"
printf '%-12s %8s %8s %8s %12s\n' case cpu_s wall_s MB variants/s
for k in floor csq_l consequence csq_p full haplotypes full_2 snpeff; do
	[[ -n ${best[$k]:-} ]] || continue
	awk -v k="$k" -v c="${best[$k]}" -v w="${wall[$k]}" -v m="${mem[$k]}" -v n="$n" \
		'BEGIN { printf "%-12s %8.2f %8.2f %8.1f %12.0f\n", k, c, w, m, n / (c > 0 ? c : 0.005) }'
done
ratio() { # what peer ours goal
	[[ -n ${best[$2]:-} ]] || return 0
	awk -v what="$1" -v p="${best[$2]}" -v o="${best[$3]}" -v g="$4" \
		'BEGIN { r = p / (o > 0 ? o : 0.005); printf "%-44s %6.2f x (goal %s)%s\n", what, r, g, r < g ? "  MISSED" : "" }'
}
ratio "consequence only against bcftools csq -l" csq_l consequence 3
ratio "full CSQ with HGVS against bcftools csq -p a" csq_p full 1
ratio "haplotypes and BCSQ against bcftools csq -p a" csq_p haplotypes 1
ratio "full CSQ with HGVS against snpEff" snpeff full 50
awk -v a="${wall[full]}" -v b="${wall[full_2]}" 'BEGIN { r = a / b; printf "two threads: wall %.2f -> %.2f s, %.2f x (goal 1.7)%s\n", a, b, r, r < 1.7 ? "  MISSED" : "" }'
cmp "$t/out.full" "$t/out.full_2" && echo "same bytes with 1 and 2 threads"
