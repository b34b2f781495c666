#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make_case.sh -- one case for training or testing the caller: a simulated donor on a piece of a real reference.
#   make_case.sh REF.fa REGION[,REGION...] SEED pcr-free|pcr DEPTH OUTDIR [more options of `genorx simulate`]
# REGION is CHR:BEG-END (1-based, no commas inside), one for each chromosome. Leaves ref.fa (the pieces, each named as
# its chromosome and beginning at 1), reads.bam, truth.vcf.gz, conf.bed (no decoys, no twins), decoy.bed, twin.bed,
# region.bed and origin.txt. 3 % of the region are decoys (reads of copies absent from the reference), 2.5 % have a
# twin that the reads are mapped to as well but that is no part of ref.fa. Needs samtools; bwa where there is one,
# else the built-in placing. GENORX names the program, THREADS the threads of bwa.
set -eu -o pipefail
[[ $# -ge 6 ]] || { sed -n 3,9p "$0" | cut -c3-; exit 64; }
ref=$1 regions=$2 seed=$3 preset=$4 depth=$5 out=$6
shift 6
genorx=${GENORX:-$(dirname "$0")/../../build/genorx} threads=${THREADS:-1}
[[ -x $genorx ]] || { echo "make_case.sh: no program at $genorx: build it or set GENORX" >&2; exit 69; }
command -v samtools >/dev/null || { echo "make_case.sh: samtools is not installed" >&2; exit 69; }
mkdir -p "$out"
tmp=$(mktemp -d "$out/tmp.XXXXXX")
trap 'rm -r "$tmp"' EXIT

# shellcheck disable=SC2086
samtools faidx "$ref" ${regions//,/ } | sed '/^>/s/:.*//' >"$out/ref.fa"
samtools faidx "$out/ref.fa"
awk -F'\t' '{ print $1 "\t0\t" $2 }' "$out/ref.fa.fai" >"$out/region.bed"
bases=$(awk -F'\t' '{ n += $2 } END { print n }' "$out/ref.fa.fai")
more=(--decoys $((bases * 30 / 4427000)) --twins $((bases * 25 / 4427000)))
if command -v bwa >/dev/null; then
	more+=(--fastq)
else
	echo "make_case.sh: bwa is not installed: reads are placed by the simulator; mapping errors are missing" >&2
	more[3]=0
fi
"$genorx" simulate -f "$out/ref.fa" --seed "$seed" --noise "$preset" --depth "$depth" "${more[@]}" "$@" -o "$tmp/s"

# reads and records of the twins go, and with them what mates say of them
drop_twins() {
	awk -F'\t' -v OFS='\t' '
	/^@SQ\tSN:twin/ { next }
	/^@/ { print; next }
	$3 ~ /^twin/ { next }
	{
		if ($7 ~ /^twin/) { $7 = "*"; $8 = 0; $9 = 0; if (int($2 / 8) % 2 == 0) $2 += 8; if (int($2 / 2) % 2) $2 -= 2 }
		n = 0; line = $1
		for (i = 2; i <= NF; i++) if ($i !~ /^(XA|SA|MC):Z:.*twin/) line = line OFS $i
		print line
	}'
}
if [[ -s $tmp/s/donor1_R1.fastq.gz ]]; then
	cp "$out/ref.fa" "$tmp/idx.fa"
	[[ -s $tmp/s/twins.fa.gz ]] && zcat "$tmp/s/twins.fa.gz" >>"$tmp/idx.fa"
	bwa index "$tmp/idx.fa" 2>"$tmp/log"
	bwa mem -t "$threads" -Y -K 10000000 -R '@RG\tID:1\tSM:donor1\tLB:1\tPL:ILLUMINA' "$tmp/idx.fa" \
		"$tmp/s/donor1_R1.fastq.gz" "$tmp/s/donor1_R2.fastq.gz" 2>"$tmp/log" |
		samtools fixmate -u -m - - | samtools sort -u -T "$tmp/sort" - 2>"$tmp/log2" |
		samtools markdup -u - - | samtools view -h - | drop_twins | samtools view -b --no-PG -o "$out/reads.bam" -
else
	cp "$tmp/s/donor1.bam" "$out/reads.bam"
fi
samtools index "$out/reads.bam"
cp "$tmp/s/donor1.truth.vcf.gz" "$out/truth.vcf.gz"
cp "$tmp/s/donor1.truth.vcf.gz.tbi" "$out/truth.vcf.gz.tbi"
cp "$tmp/s/truth.bed" "$out/conf.bed"
for f in decoy twin; do
	if [[ -s $tmp/s/$f.bed ]]; then cp "$tmp/s/$f.bed" "$out/$f.bed"; fi
done
{
	"$genorx" --version | head -n 1
	printf 'regions %s, seed %s, noise %s, depth %s, more: %s %s\n' "$regions" "$seed" "$preset" "$depth" "${more[*]}" "$*"
	if command -v bwa >/dev/null; then { bwa 2>&1 || true; } | grep Version | sed 's/^/bwa /'; fi
} >"$out/origin.txt"
