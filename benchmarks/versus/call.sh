#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The simulated 5 Mb case (real HG002 alleles, 30x) in one run: the floor, Debian's bcftools and freebayes (QUAL >= 20),
# genorx with 1 and 2 threads. CPU and wall seconds, peak memory, accuracy inside conf.all.bed, and what each prints in
# decoy.bed, where the reads of paralogs that the reference lacks are aligned. All are scored by `genorx compare`.
#   GRX_PEERS=DIR benchmarks/versus/call.sh      keeps the peers' results, so that a second run times genorx alone
# shellcheck source=benchmarks/versus/lib.sh
source "$(dirname "$0")/lib.sh"
c=$shared/cases/sim_HG002_GRCh38_chr20_5Mb_30x
ref=$shared/refs/GRCh38.chr20.fa.gz
[[ -d $c ]] || skip "shared data absent ($c)"
need samtools bcftools freebayes
# the reads' header tells the length of a shorter contig with the same bases
other=--allow-other-reference

row() { # name time-line cached calls min-qual
	local name=$1 m=$2 cached=$3 a="" b=""
	if [[ -n $4 ]]; then
		a=$(score "$ref" "$c/truth.vcf.gz" "$c/conf.all.bed" "$4" "$5" $other)
		b=$(score "$ref" "$c/truth.vcf.gz" "$c/decoy.bed" "$4" "$5" $other)
	fi
	awk -v name="$name" -v m="$m" -v floor="$floor" -v cached="$cached" -v a="$a" -v b="$b" 'BEGIN {
		split(m, t, " ")
		printf "%-24s %8.2f %6.1f %8.2f %7.1f", name, t[1], t[1] / floor, t[2], t[3]
		if (a != "") {
			split(a, x, " "); split(b, y, " ")
			printf "  %.4f %4d %4d  %.4f %4d %4d  %6d %.4f %5d %.4f", x[7], x[4], x[5], x[15], x[12], x[13], y[4], y[8], y[12], y[16]
		}
		print cached == "yes" ? "  (cached)" : ""
	}'
}

machine
printf 'peers:   %s; freebayes %s\n' "$(bcftools --version | head -n 1)" "$(freebayes --version | awk '{ print $2; exit }')"
printf '%-24s %8s %6s %8s %7s  %-16s  %-16s  %s\n' "" "" "" "" "" "SNV" "INDEL" "decoy.bed: SNV, INDEL"
printf '%-24s %8s %6s %8s %7s  %-6s %4s %4s  %-6s %4s %4s  %6s %-6s %5s %-6s\n' tool "CPU s" floor "wall s" "MB" F1 FP FN F1 FP FN false recall false recall
m=$(timed "$reps" "samtools view -c '$c/reads.bam'")
floor=${m%% *}
row "samtools view -c" "$m" no "" 0
for n in 1 2; do
	m=$(timed "$reps" "'$genorx' call -@ $n $other -f '$ref' -R '$c/region.bed' -O z -o '$t/g$n.vcf.gz' '$c/reads.bam'")
	row "genorx, $n thread$([[ $n = 1 ]] || echo s)" "$m" no "$t/g$n.vcf.gz" 0
done
bcftools view -H "$t/g1.vcf.gz" | cksum >"$t/sum1"
bcftools view -H "$t/g2.vcf.gz" | cksum >"$t/sum2"
status=0
if ! cmp -s "$t/sum1" "$t/sum2"; then
	echo "FAILED: records of 1 and 2 threads differ"
	status=1
fi
bcftools_peer sim5.bcftools "$ref" "$c/region.bed" "$c/reads.bam"
row "bcftools, QUAL >= 20" "$(cat "$t/sim5.bcftools.time")" "$(cat "$t/sim5.bcftools.cached")" "$t/sim5.bcftools.vcf.gz" 20
freebayes_peer sim5.freebayes "$ref" "$c/region.bed" "$c/reads.bam"
row "freebayes, QUAL >= 20" "$(cat "$t/sim5.freebayes.time")" "$(cat "$t/sim5.freebayes.cached")" "$t/sim5.freebayes.vcf.gz" 20
echo "CPU s = user + system; floor = CPU divided by that of samtools view -c; best CPU of $reps runs, peers once; MB = peak of the largest process."
exit $status
