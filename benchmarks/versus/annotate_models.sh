#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# annotate_models.sh -- gene models of a whole genome (made up, 500,000 transcripts): time to read the GFF3 against
# gzip -dc, size of the compiled file, start-up with it, and memory beyond that of a run with one transcript, before
# any record and after a variant in every gene. The reference is N's, so that its pages cost nothing.
# Usage: annotate_models.sh [TRANSCRIPTS]    GENORX = program, WORK = folder to keep the made-up files in.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
genorx=${GENORX:-$root/build/genorx}
export GENORX_REFDATA=${GENORX_REFDATA:-$root/refdata}
n=${1:-500000}
work=${WORK:-$(mktemp -d)}
[ -n "${WORK:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
gff=$work/m$n.gff3.gz gxm=$work/m$n.gxm
[ -s "$gff" ] || { "$root/benchmarks/gen/models_gff3.sh" "$n" | gzip -1 > "$gff.tmp"; mv "$gff.tmp" "$gff"; }
cpu() { # command...: user and system seconds
	local TIMEFORMAT='%U %S'
	{ time "$@" > /dev/null 2> "$work/err"; } 2>&1 | awk '{ print $1 + $2 }'
}
wall() { # runs command...: median wall in ms
	local k=$1 i
	shift
	for ((i = 0; i < k; i++)); do
		local t0=${EPOCHREALTIME/./}
		"$@" > /dev/null 2>&1
		echo $((${EPOCHREALTIME/./} - t0))
	done | sort -n | awk '{ v[NR] = $1 } END { printf "%.1f\n", v[int((NR + 1) / 2)] / 1000 }'
}
rss() { # command...: peak resident MB
	"$@" --summary "$work/s.json" > /dev/null 2>&1
	awk -F'[:,]' '/peak_rss_bytes/ { printf "%.1f\n", $2 / 1e6 }' "$work/s.json"
}
gz=$(cpu gzip -dc "$gff")
make=$(cpu "$genorx" annotate --build-models -g "$gff" -o "$gxm" --summary "$work/build.json")
peak=$(awk -F'[:,]' '/peak_rss_bytes/ { printf "%.0f", $2 / 1e6 }' "$work/build.json")
# contigs, a reference of N's, a variant in every gene
if [ ! -s "$work/ref.fa.gz.gzi" ]; then
	gzip -dc "$gff" | awk '/^##sequence-region/ { print $2, $4 }' | while read -r c len; do
		echo ">$c"
		head -c "$len" /dev/zero | tr '\0' N
		echo
	done | bgzip -@ 2 -l 1 > "$work/ref.fa.gz"
	samtools faidx "$work/ref.fa.gz"
fi
{
	printf '##fileformat=VCFv4.2\n'
	awk '{ printf "##contig=<ID=%s,length=%s>\n", $1, $2 }' "$work/ref.fa.gz.fai"
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
} > "$work/head.vcf"
[ -s "$work/all.vcf" ] || {
	cat "$work/head.vcf"
	gzip -dc "$gff" | awk -F'\t' -v OFS='\t' '$3 == "gene" { print $1, $4 + 9, ".", "N", "A", ".", ".", "." }' | sort -k1,1V -k2,2n
} > "$work/all.vcf"
printf 'chr1\tx\tmRNA\t1\t9\t.\t+\t.\tID=t\nchr1\tx\texon\t1\t9\t.\t+\t.\tParent=t\n' > "$work/one.gff3"
run=("$genorx" annotate -@ 1 -f "$work/ref.fa.gz" --no-hgvs -O u -o "$work/out.bcf")
with=$(wall 21 "${run[@]}" -g "$gxm" "$work/head.vcf")
without=$(wall 21 "${run[@]}" -g "$work/one.gff3" "$work/head.vcf")
rss_with=$(rss "${run[@]}" -g "$gxm" "$work/head.vcf")
rss_without=$(rss "${run[@]}" -g "$work/one.gff3" "$work/head.vcf")
rss_all=$(rss "${run[@]}" -g "$gxm" "$work/all.vcf")
rss_none=$(rss "${run[@]}" -g "$work/one.gff3" "$work/all.vcf")
printf 'GFF3: %s transcripts, %s MB gzip\n' "$n" "$(($(stat -c %s "$gff") / 1000000))"
printf 'gzip -dc: %s s CPU; --build-models: %s s CPU (%s x), peak %s MB, file %s MB\n' "$gz" "$make" \
	"$(awk -v a="$make" -v b="$gz" 'BEGIN { printf "%.2f", a / b }')" "$peak" "$(($(stat -c %s "$gxm") / 1000000))"
printf 'start-up (median of 21 runs without records): %s ms with, %s ms with one transcript: %s ms for the models\n' \
	"$with" "$without" "$(awk -v a="$with" -v b="$without" 'BEGIN { printf "%.1f", a - b }')"
printf 'memory: without records %s MB, with one transcript %s MB; a variant in every gene: %s MB, with one transcript %s MB: %s MB for the models\n' \
	"$rss_with" "$rss_without" "$rss_all" "$rss_none" "$(awk -v a="$rss_all" -v b="$rss_none" 'BEGIN { printf "%.1f", a - b }')"
