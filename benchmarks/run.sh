#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `call` against its peers and its floor, side by side in one run on one machine:
#   floor  samtools view -c (decode the file)      peers  bcftools mpileup | call, freebayes
# Prints CPU seconds (user + system), wall seconds, peak memory, ratio to the floor, and accuracy by `genorx compare`.
# Cases: simulated 2 Mb at 30x (made here), and real ones where the shared data are there.
set -euo pipefail
cd "$(dirname "$0")/.."
genorx=$PWD/${BUILD:-build}/genorx
shared=${GRX_SHARED:-$PWD/../shared}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
reps=${REPS:-3}
extra=

# best of $reps by CPU time: "cpu wall rss_mb"
measure() {
	local i
	for ((i = 0; i < reps; i++)); do
		/usr/bin/time -o "$t/time" -f '%U %S %e %M' bash -c "$1" >"$t/out.log" 2>&1 || {
			cat "$t/out.log" >&2
			return 1
		}
		tail -n 1 "$t/time"
	done | awk '{ printf "%.2f %.2f %.0f\n", $1 + $2, $3, $4 / 1024 }' | sort -n | head -n 1
}

row() { # tool, command, calls or empty
	local m acc=""
	m=$(measure "$2")
	if [[ -n $3 ]]; then
		"$genorx" compare $extra -f "$ref" --truth "$truth" --bed "$bed" --min-qual "$4" --tsv "$t/cmp.tsv" -o "$t/cmp.jsonl" "$3" 2>/dev/null
		acc=$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $1 !~ "/" { printf " %s F1 %.4f (FP %d FN %d)", $c["type"], $c["f1"], $c["fp"], $c["fn"] }' "$t/cmp.tsv")
	fi
	[[ -n ${floor:-} ]] || floor=${m%% *}
	awk -v tool="$1" -v m="$m" -v floor="$floor" -v acc="$acc" 'BEGIN { split(m, a, " "); printf "%-28s %8.2f %8.2f %6d MB %7.1f x %s\n", tool, a[1], a[2], a[3], a[1] / (floor > 0 ? floor : .01), acc }'
}

bench() { # name ref bam truth bed region-args
	local name=$1 bam=$3
	ref=$2 truth=$4 bed=$5
	unset floor
	echo
	echo "== $name"
	printf '%-28s %8s %8s %9s %9s\n' tool "CPU s" "wall s" peak floor
	row "samtools view -c" "samtools view -c '$bam'" "" 0
	row "genorx call -@1" "'$genorx' call -f '$ref' -R '$bed' $extra -O z -o '$t/g1.vcf.gz' '$bam'" "$t/g1.vcf.gz" 0
	row "genorx call -@2" "'$genorx' call -@2 -f '$ref' -R '$bed' $extra -O z -o '$t/g2.vcf.gz' '$bam'" "$t/g2.vcf.gz" 0
	row "bcftools mpileup|call" "bcftools mpileup -f '$ref' -R '$bed' -a AD,DP -Ou '$bam' | bcftools call -mv -Oz -o '$t/b.vcf.gz'" "$t/b.vcf.gz" 20
	if command -v freebayes >/dev/null && [[ ${FREEBAYES:-1} = 1 ]]; then
		local plain=$t/plain.fa
		rm -f "$plain"*
		gzip -dc "$ref" >"$plain" && samtools faidx "$plain"
		row "freebayes" "freebayes -f '$plain' -t '$bed' '$bam' | bcftools view -Oz -o '$t/f.vcf.gz'" "$t/f.vcf.gz" 20
	fi
}

"$genorx" --version | head -n 2
bcftools --version | head -n 1
"$genorx" simulate --seed 5 --size-mb 2 --depth 30 -o "$t/sim"
bench "simulated 2 Mb, 30x" "$t/sim/ref.fa.gz" "$t/sim/donor1.bam" "$t/sim/donor1.truth.vcf.gz" "$t/sim/truth.bed"
case_dir=$shared/data/cases
if [[ -d $case_dir ]]; then
	bench "HG002 GRCh37 chr20 100 kb, 30x (real)" "$shared/data/refs/GRCh37.20.fa.gz" "$case_dir/HG002_GRCh37_chr20_10.0M_30x/reads.bam" \
		"$case_dir/HG002_GRCh37_chr20_10.0M_30x/truth.vcf.gz" "$case_dir/HG002_GRCh37_chr20_10.0M_30x/conf.bed"
	c=$case_dir/sim_HG002_GRCh38_chr20_5Mb_30x
	reps=1 extra=--allow-other-reference
	bench "HG002 alleles on chr20 5 Mb, 30x (simulated reads)" "$shared/data/refs/GRCh38.chr20.fa.gz" "$c/reads.bam" "$c/truth.vcf.gz" "$c/conf.all.bed"
else
	echo "shared data absent: real cases skipped"
fi
