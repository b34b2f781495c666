#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Cost of `genorx pgx` on simulated cohorts of 1, 100, 1,000 and 10,000 samples, all genes, against the floor of reading the
# same file (`bcftools view -Ou`), with 1 and 2 threads: the bytes must be the same.
# The cohort: every locus of refdata/pgx/positions.tsv on its own haplotypes, ALT with frequency 0.03, one locus in a hundred
# not called, AD, DP, GQ and PL as a caller of 30x writes them; a seeded generator, so each run reads the same file.
# PharmCAT 3.1.1 was measured elsewhere at 0.59 s a sample in process and 5.8 s to start, 1.09 GB (not run here).
#   REPS=N   runs for each figure; the one with the least CPU counts (default 3)
# shellcheck source=benchmarks/versus/lib.sh
source "$(dirname "$0")/lib.sh"
need bcftools
status=0

cohort() { # samples
	awk -F '\t' 'NR > 1 { print $2 "\t" $3 "\t" $4 "\t" $5 }' refdata/pgx/positions.tsv | sort -k1,1V -k2,2n -u |
		awk -F '\t' -v OFS='\t' -v n="$1" '
		function rnd() { x = (x * 16807) % 2147483647; return x / 2147483647 }
		function dip(i, j) { return i < j ? j * (j + 1) / 2 + i : i * (i + 1) / 2 + j }
		BEGIN { x = 20261121 }
		{ at[NR] = $0; if (!($1 in seen)) { seen[$1] = 1; head = head "##contig=<ID=" $1 ">\n" } }
		END {
			printf "##fileformat=VCFv4.3\n%s", head
			print "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">"
			print "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Reads\">"
			print "##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Depth\">"
			print "##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"Quality\">"
			print "##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"Likelihoods\">"
			printf "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
			for (s = 1; s <= n; s++) printf "\tS%05d", s
			printf "\n"
			for (k = 1; k <= NR; k++) {
				split(at[k], f, "\t")
				m = split(f[4], alt, ",")
				printf "%s\t%s\t.\t%s\t%s\t.\tPASS\t.\tGT:AD:DP:GQ:PL", f[1], f[2], f[3], f[4]
				for (s = 1; s <= n; s++) {
					if (rnd() < 0.01) { printf "\t./.:.:.:.:."; continue }
					a = rnd() < 0.03 ? 1 + int(rnd() * m) : 0
					b = rnd() < 0.03 ? 1 + int(rnd() * m) : 0
					dp = 24 + int(rnd() * 16)
					if (a > b) { c = a; a = b; b = c }
					ad = ""; pl = ""
					for (i = 0; i <= m; i++) ad = ad (i ? "," : "") ((a == i) + (b == i)) * dp / 2
					for (j = 0; j <= m; j++) for (i = 0; i <= j; i++)
						pl = pl (j ? "," : "") (dip(i, j) == dip(a, b) ? 0 : 30 * (1 + (i != a && i != b) + (j != a && j != b)))
					gsub(/\.5/, "", ad)
					printf "\t%d/%d:%s:%d:%d:%s", a, b, ad, dp, 30, pl
				}
				printf "\n"
			}
		}' | bcftools view --no-version -O b -o "$t/c$1.bcf" -
	bcftools index "$t/c$1.bcf"
}

machine
printf '\n%-10s %9s | %9s %9s %8s | %9s %8s | %10s %s\n' samples "read CPU" "CPU -@1" "wall -@1" MB "wall -@2" MB "ms/sample" "same bytes"
for n in 1 100 1000 10000; do
	cohort $n
	one="'$genorx' pgx -@ 1 -o '$t/one.jsonl' --tsv '$t/one.tsv' '$t/c$n.bcf'"
	two="'$genorx' pgx -@ 2 -o '$t/two.jsonl' --tsv '$t/two.tsv' '$t/c$n.bcf'"
	floor=$(timed "$reps" "bcftools view -Ou -o '$t/null.bcf' '$t/c$n.bcf'")
	a=$(timed "$reps" "$one")
	b=$(timed "$reps" "$two")
	same=yes
	if ! cmp -s "$t/one.jsonl" "$t/two.jsonl" || ! cmp -s "$t/one.tsv" "$t/two.tsv"; then
		same=NO
		status=1
	fi
	awk -v n=$n -v f="${floor%% *}" -v a="$a" -v b="$b" -v same=$same 'BEGIN {
		split(a, x, " "); split(b, y, " ")
		printf "%-10d %9.2f | %9.2f %9.2f %8.1f | %9.2f %8.1f | %10.2f %s\n", n, f, x[1], x[2], x[3], y[2], y[3], 1000 * x[1] / n, same }'
	rm -f "$t"/*.jsonl "$t"/*.tsv "$t"/null.bcf "$t/c$n".*
done
exit $status
