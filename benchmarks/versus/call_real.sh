#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The real cases: genorx (PASS), bcftools and freebayes (QUAL >= 20) in one run and by one scorer, a table for each case
# and the sum over the cases. Where the truth has no confident regions, false positives are upper bounds (NA12878 52x);
# where it is a panel's genotypes (silver), only the recall is told, and the case counts in the sum of recall alone.
#   GRX_PEERS=DIR   keeps the peers' results     ERRORS=DIR   keeps the list of errors of each case and tool
# shellcheck source=benchmarks/versus/lib.sh
source "$(dirname "$0")/lib.sh"
[[ -d $shared/cases ]] || skip "shared data absent ($shared/cases)"
need samtools bcftools freebayes
[[ -z ${ERRORS:-} ]] || mkdir -p "$ERRORS"

# case, reference, scored inside, truth: full (false positives count), upper (no BED), silver (recall only)
cases='HG002_GRCh37_chr20_10.0M_30x GRCh37.20.fa.gz conf.bed full
HG001_GRCh37_chr20_10.00M_10kb_trio GRCh37.20.fa.gz conf.bed full
NA12878_GRCh37_chr20_10.0M_52x GRCh37.chr20.fa.gz conf.bed upper
NA12878_GRCh38_chr22_16.6M_33x GRCh38.chr22.PGx.fa.gz conf.bed silver
NA20359_GRCh38_chr21+22_80kb_30x GRCh38.chr21_22.fa.gz conf.bed silver'

one() { # tool calls min-qual: a line of counts to the table of all
	local s
	s=$(score "$ref" "$c/truth.vcf.gz" "$c/$bed" "$2" "$3" --allow-other-reference)
	[[ -z ${ERRORS:-} ]] || cp "$t/score.err" "$ERRORS/$name.$1.err.tsv"
	echo "$name $kind $1 $s $(awk '{ print $1 }' "$4")"
}

machine
while read -r name reffile bed kind; do
	c=$shared/cases/$name
	ref=$shared/refs/$reffile
	if [[ ! -d $c || ! -s $ref ]]; then
		echo "skipped: $name is absent"
		continue
	fi
	timed 1 "'$genorx' call --allow-other-reference -f '$ref' -R '$c/regions.bed' -O z -o '$t/$name.genorx.vcf.gz' '$c/reads.bam'" >"$t/$name.genorx.time"
	bcftools_peer "$name.bcftools" "$ref" "$c/regions.bed" "$c/reads.bam"
	freebayes_peer "$name.freebayes" "$ref" "$c/regions.bed" "$c/reads.bam"
	one genorx "$t/$name.genorx.vcf.gz" 0 "$t/$name.genorx.time"
	for tool in bcftools freebayes; do
		one $tool "$t/$name.$tool.vcf.gz" 20 "$t/$name.$tool.time"
	done
done <<<"$cases" | awk '
	# 1 case 2 kind 3 tool 4 SNV 5 truth 6 tp 7 fp 8 fn 9 query_tp 10 f1 11 recall 12 INDEL 13 .. 19 likewise 20 CPU
	function f1(qtp, fp, tp, fn,   p, r) { p = qtp + fp ? qtp / (qtp + fp) : 0; r = tp + fn ? tp / (tp + fn) : 0; return p + r ? 2 * p * r / (p + r) : 0 }
	function cell(silver, truth, tp, fp, fn, qtp) {
		if (silver) return sprintf("%6d %6d     - %4d      - %6.4f", truth, tp, fn, truth ? tp / truth : 0)
		return sprintf("%6d %6d %5d %4d %6.4f %6.4f", truth, tp, fp, fn, f1(qtp, fp, tp, fn), truth ? tp / truth : 0)
	}
	function head(title) { printf "\n%s\n%-11s %7s   SNV:  truth  found false miss     F1 recall   INDEL: truth found false miss     F1 recall\n", title, "tool", "CPU s" }
	function line(tool, cpu, silver, v) {
		printf "%-11s %7.2f        %s         %s\n", tool, cpu, cell(silver, v[1], v[2], v[3], v[4], v[5]), cell(silver, v[6], v[7], v[8], v[9], v[10])
	}
	$1 == "skipped:" { print; next }
	{
		if ($1 != last) head($1 " (" ($2 == "full" ? "truth with confident regions" : $2 == "upper" ? "no confident regions: false ones are upper bounds" : "silver truth: recall only") ")")
		last = $1
		split($5 " " $6 " " $7 " " $8 " " $9 " " $13 " " $14 " " $15 " " $16 " " $17, v, " ")
		line($3, $20, $2 == "silver", v)
		for (i = 1; i <= 10; i++) { all[$3, i] += v[i]; if ($2 != "silver") some[$3, i] += v[i] }
		cpu[$3] += $20
	}
	END {
		n = split("genorx bcftools freebayes", tool, " ")
		head("pooled: cases with a truth set (HG002, HG001, NA12878 52x)")
		for (i = 1; i <= n; i++) { for (j = 1; j <= 10; j++) v[j] = some[tool[i], j]; line(tool[i], cpu[tool[i]], 0, v) }
		head("pooled: all cases, recall")
		for (i = 1; i <= n; i++) { for (j = 1; j <= 10; j++) v[j] = all[tool[i], j]; line(tool[i], cpu[tool[i]], 1, v) }
	}'
