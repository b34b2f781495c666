#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# calibration.sh -- do QUAL and GQ mean what they say? Observed error rate of called records per bin, against truth.
#   calibration.sh CASE [REF.fa[.gz]]
# CASE: a folder with reads.bam, truth.vcf.gz, conf.bed or conf.all.bed, and region.bed or regions.bed; REF: default
# CASE/ref.fa. Every record of QUAL 1 and more counts, whatever its FILTER. An error is a record with an allele of its
# genotype that is not in the truth, a wrong genotype included. Of a GQ or QUAL of q, 10^(-q/10) should be wrong.
set -eu -o pipefail
[[ $# -ge 1 ]] || { sed -n 3,7p "$0" | cut -c3-; exit 64; }
case=$1
ref=${2:-$case/ref.fa}
root=$(cd "$(dirname "$0")/../.." && pwd)
genorx=$root/${BUILD:-build}/genorx
[[ -s $case/reads.bam ]] || { echo "skipped: no case at $case"; exit 77; }
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
bed=$case/conf.all.bed region=$case/region.bed
[[ -s $bed ]] || bed=$case/conf.bed
[[ -s $region ]] || region=$case/regions.bed
other=--allow-other-reference
"$genorx" call $other -f "$ref" -R "$region" --emit-qual 1 --rescore none --features -o "$t/calls.vcf" "$case/reads.bam" 2>/dev/null
"$genorx" compare $other --all -f "$ref" --truth "$case/truth.vcf.gz" --bed "$bed" --tsv "$t/table.tsv" \
	--tsv-errors "$t/errors.tsv" -o "$t/facts.jsonl" "$t/calls.vcf" 2>/dev/null
sort -k1,1 -k2,2n "$bed" >"$t/conf.bed"
awk -v name=case -f "$root/benchmarks/train/label.awk" file=1 "$t/conf.bed" file=3 "$t/table.tsv" file=4 \
	"$t/errors.tsv" file=5 "$t/calls.vcf" |
	awk -F'\t' '
	function bin(x,  i) { for (i = n_cut; i > 1; i--) if (x >= cut[i]) return i; return 1 }
	function row(what, type, i,  n, k, p, s, den, mid, half, lo, hi) {
		n = count[what, type, i]; k = wrong[what, type, i]
		if (n == 0) return 0;
		p = k / n; den = 1 + z * z / n; mid = (p + z * z / (2 * n)) / den # Wilson 1927
		half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / den
		lo = mid - half; hi = mid + half
		lo = k == 0 ? 0 : lo; hi = k == n ? 1 : hi
		s = stated[what, type, i] / n
		verdict = s < lo ? "too sure" : (s > hi ? "too modest" : "fits")
		last = i < n_cut ? cut[i + 1] : ""
		printf "%s\t%s\t%s-%s\t%d\t%d\t%.3g\t%.3g\t%.3g\t%.3g\t%s\n", type, what, cut[i], last, n, k, s, p, lo, hi, verdict
	}
	function add(what, type, q,  b) {
		b = bin(q)
		count[what, type, b]++
		stated[what, type, b] += exp(-q / 10 * log(10))
		wrong[what, type, b] += $col["wrong"]
	}
	BEGIN { z = 1.96; n_cut = split("0 5 10 15 20 25 30 40 50 70 99 200 500", cut, " ") }
	/^##/ { next }
	!head { for (i = 1; i <= NF; i++) col[$i] = i; head = 1; next }
	{ add("QUAL", $col["type"], $col["qual"]); add("GQ", $col["type"], $col["gq"]) }
	END {
		print "type\tby\tbin\trecords\twrong\tstated\tobserved\tlow95\thigh95\tverdict"
		for (t = 1; t <= 2; t++) for (w = 1; w <= 2; w++) for (i = 1; i <= n_cut; i++) row(w == 1 ? "QUAL" : "GQ", t == 1 ? "SNV" : "INDEL", i)
	}'
