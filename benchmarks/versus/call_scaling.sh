#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How the cost of `genorx call` grows, on the simulated 5 Mb case: with the region (1, 2.5, 5 Mb), the depth (15x by
# `samtools view -s`, 30x, 60x from two copies of the reads under different names), threads (1, 2 for time; 4, 8, 16 for
# memory), BAM against CRAM.
# Limits of the 60x: the second copy of a read stands at the same place with the same errors. Names keep the copies from being
# one fragment, but duplicates by position would be marked, and errors come in pairs, so candidates of two reads abound. It is
# an upper bound of the cost at 60x; its accuracy means nothing and is not told.
#   REPS=N   runs for each figure; the one with the least CPU counts (default 3)
# shellcheck source=benchmarks/versus/lib.sh
source "$(dirname "$0")/lib.sh"
c=$shared/cases/sim_HG002_GRCh38_chr20_5Mb_30x
ref=$shared/refs/GRCh38.chr20.fa.gz
[[ -d $c ]] || skip "shared data absent ($c)"
need samtools
status=0
call="'$genorx' call --allow-other-reference -f '$ref' -O z -o '$t/x.vcf.gz'"

head_line() { printf '\n%-26s %8s %8s %8s %10s\n' "$1" "CPU s" "wall s" "MB" "$2"; }

# Least-squares line through (size, CPU) and the power of a log-log fit: 1 is linear.
fit() { # file of "size cpu", unit
	awk -v unit="$2" '{ n++; x += $1; y += $2; xx += $1 * $1; xy += $1 * $2; u = log($1); v = log($2); lu += u; lv += v; luu += u * u; luv += u * v }
		END {
			b = (n * xy - x * y) / (n * xx - x * x); a = (y - b * x) / n; p = (n * luv - lu * lv) / (n * luu - lu * lu)
			printf "fit: CPU = %.2f s + %.4f s per %s; power %.2f (1 = linear): %s\n", a, b, unit, p, p <= 1.15 ? "linear or better" : "MORE THAN LINEAR"
			exit p > 1.15
		}' "$1" || status=1
}

load=$(cut -d' ' -f1 /proc/loadavg) # before our own runs add to it
machine
head_line "region at 30x, 1 thread" "s per Mb"
for mb in 1 2.5 5; do
	end=$(awk -v m=$mb 'BEGIN { print m == 5 ? 5059000 : 61000 + m * 1e6 }')
	m=$(timed "$reps" "$call -@ 1 -r chr20:61001-$end '$c/reads.bam'")
	awk -v m="$m" -v mb=$mb 'BEGIN { split(m, a, " "); printf "%-26s %8.2f %8.2f %8.1f %10.3f\n", mb " Mb", a[1], a[2], a[3], a[1] / mb }'
	echo "$mb ${m%% *}" >>"$t/by_length"
done
fit "$t/by_length" Mb

head_line "depth over 5 Mb, 1 thread" "s per 10x"
samtools view -b -s 7.5 -o "$t/15.bam" "$c/reads.bam"
samtools view -h "$c/reads.bam" | awk -v OFS='\t' '!/^@/ { $1 = $1 "_2" } { print }' | samtools view -b -o "$t/copy.bam" -
samtools merge -f "$t/60.bam" "$c/reads.bam" "$t/copy.bam"
ln -s "$c/reads.bam" "$t/30.bam"
rm "$t/copy.bam"
for d in 15 30 60; do
	if [[ $d = 30 ]]; then ln -s "$c/reads.bam.bai" "$t/30.bam.bai"; else samtools index "$t/$d.bam"; fi
	m=$(timed "$reps" "$call -@ 1 -R '$c/region.bed' '$t/$d.bam'")
	floor=$(timed "$reps" "samtools view -c '$t/$d.bam'")
	awk -v m="$m" -v d=$d -v f="${floor%% *}" 'BEGIN { split(m, a, " "); printf "%-26s %8.2f %8.2f %8.1f %10.3f  (%.1f x samtools view -c)\n", d "x", a[1], a[2], a[3], a[1] * 10 / d, a[1] / f }'
	echo "$d ${m%% *}" >>"$t/by_depth"
done
rm "$t/60.bam" "$t/15.bam"
fit "$t/by_depth" x

# Wall time by the best wall of the runs, unlike the CPU time elsewhere: what else runs on the machine only adds to it.
head_line "threads, 5 Mb at 30x" "wall 1 : n"
for n in 1 2 4 8 16; do
	for ((i = 0; i < (n <= 2 ? reps : 1); i++)); do
		timed 1 "$call -@ $n -R '$c/region.bed' '$c/reads.bam'"
	done | sort -k2,2g | head -n 1 >"$t/m"
	read -r cpu wall mb <"$t/m"
	[[ $n != 1 ]] || one=$wall
	note=""
	[[ $n -le $(nproc) ]] || note="more threads than cores: memory only"
	if [[ $n -eq 2 && $n -le $(nproc) ]] && awk -v one="$one" -v w="$wall" 'BEGIN { exit !(one / w < 1.8) }'; then
		if awk -v l="$load" 'BEGIN { exit !(l > 0.5) }'; then
			note="$note WARNING: below 1.8, but the machine was loaded ($load)"
		else
			note="$note BELOW 1.8"
			status=1
		fi
	fi
	if awk -v n=$n -v mb="$mb" 'BEGIN { exit !(mb > (n <= 2 ? 150 : 300)) }'; then
		note="$note MORE MEMORY than $([[ $n -le 2 ]] && echo 150 || echo 300) MB"
		status=1
	fi
	awk -v n=$n -v c="$cpu" -v w="$wall" -v mb="$mb" -v one="$one" -v note="$note" 'BEGIN { printf "%-26s %8.2f %8.2f %8.1f %10.2f  %s\n", n, c, w, mb, one / w, note }'
done

head_line "format, 5 Mb at 30x" "of BAM"
# the header of the case tells a shorter contig: CRAM wants a reference of that length, cut here
len=$(samtools view -H "$c/reads.bam" | awk '$1 == "@SQ" && $2 == "SN:chr20" { sub("LN:", "", $3); print $3 }')
{
	echo ">chr20"
	samtools faidx "$ref" "chr20:1-$len" | tail -n +2
	echo ">chr21"
	samtools view -H "$c/reads.bam" | awk '$1 == "@SQ" && $2 == "SN:chr21" { sub("LN:", "", $3); n = $3 + 0; for (i = 0; i < n; i += 60) print substr("NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN", 1, n - i < 60 ? n - i : 60) }'
} >"$t/ref.fa"
samtools faidx "$t/ref.fa"
samtools view -C -T "$t/ref.fa" --output-fmt-option version=3.0 -o "$t/reads.cram" "$c/reads.bam"
samtools index "$t/reads.cram"
bam=$(timed "$reps" "'$genorx' call -f '$t/ref.fa' -O z -o '$t/b.vcf.gz' -@ 1 -R '$c/region.bed' '$c/reads.bam'")
cram=$(timed "$reps" "'$genorx' call -f '$t/ref.fa' -O z -o '$t/c.vcf.gz' -@ 1 -R '$c/region.bed' '$t/reads.cram'")
for f in BAM CRAM; do
	m=$bam
	[[ $f = BAM ]] || m=$cram
	awk -v f=$f -v m="$m" -v one="${bam%% *}" 'BEGIN { split(m, a, " "); printf "%-26s %8.2f %8.2f %8.1f %10.2f\n", f, a[1], a[2], a[3], a[1] / one }'
done
floor=$(timed "$reps" "samtools view -c -T '$t/ref.fa' '$t/reads.cram'")
echo "samtools view -c of the CRAM: ${floor%% *} s CPU"
if cmp -s <(gzip -dc "$t/b.vcf.gz" | grep -v '^##') <(gzip -dc "$t/c.vcf.gz" | grep -v '^##'); then
	echo "calls from BAM and CRAM: same bytes"
else
	echo "FAILED: calls from BAM and CRAM differ"
	status=1
fi
exit $status
