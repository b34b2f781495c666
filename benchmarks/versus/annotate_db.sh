#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Ten fields of a database joined to the alleles of a sample: genorx annotate against bcftools annotate, BCF in,
# uncompressed BCF out, made-up data. All values of all alleles are compared. SITES (2,000,000), BASES of the contig
# (20 per site), EVERY (10: one site of so many is in the sample), REPS.
# shellcheck source=benchmarks/versus/lib.sh
source "$(dirname "$0")/lib.sh"
sites=${SITES:-2000000} bases=${BASES:-$((${SITES:-2000000} * 20))} every=${EVERY:-10}
need bcftools samtools
make --no-print-directory BUILD="${BUILD:-build}" "${BUILD:-build}/annotate_db_gen" >/dev/null || skip "annotate_db_gen does not build"
gen=${BUILD:-build}/annotate_db_gen
fields=AF,AF_MAX,SCORE,AC,HOM,DEPTH,RS,CLNSIG,GENE,COMMON
machine
"$gen" fasta "$sites" "$bases" >"$t/r.fa"
samtools faidx "$t/r.fa"
"$gen" sites "$sites" "$bases" | bcftools view --no-version -Ob -o "$t/db.bcf"
"$gen" sample "$sites" "$bases" "$every" | bcftools view --no-version -Ob -o "$t/in.bcf"
bcftools index "$t/db.bcf"
bcftools index "$t/in.bcf"

row() { # what "CPU wall MB" file
	read -r cpu wall mb <<<"$2"
	printf '%-44s %8s %8s %8s %9.1f\n' "$1" "$cpu" "$wall" "$mb" "$(($(stat -c %s "$3") / 100000))e-1"
}
printf '%-44s %8s %8s %8s %9s\n' "" "CPU s" "wall s" "RSS MB" "file MB"
row "genorx annotate --build-db" "$(timed 1 "'$genorx' annotate -@ 1 --build-db -f '$t/r.fa' --db d='$t/db.bcf':$fields -o '$t/d.gxd'")" "$t/d.gxd"
theirs=$(timed "$reps" "bcftools annotate --no-version -a '$t/db.bcf' -c $fields -O u -o '$t/b.bcf' '$t/in.bcf'")
row "bcftools annotate" "$theirs" "$t/db.bcf"
ours=$(timed "$reps" "'$genorx' annotate -@ 1 -f '$t/r.fa' --db d='$t/d.gxd' -O u -o '$t/g.bcf' '$t/in.bcf'")
row "genorx annotate, built database" "$ours" "$t/d.gxd"
row "genorx annotate, the same, 2 threads" "$(timed "$reps" "'$genorx' annotate -@ 2 -f '$t/r.fa' --db d='$t/d.gxd' -O u -o '$t/g2.bcf' '$t/in.bcf'")" "$t/d.gxd"
row "genorx annotate, the BCF itself" "$(timed 1 "'$genorx' annotate -@ 1 -f '$t/r.fa' --db d='$t/db.bcf':$fields -O u -o '$t/v.bcf' '$t/in.bcf'")" "$t/db.bcf"
none=$(timed "$reps" "bcftools view --no-version -O u -o '$t/none.bcf' '$t/in.bcf'")
row "bcftools view (nothing joined)" "$none" "$t/in.bcf"

# One line an allele, since columns are allele-wise: ours split by ALT; theirs say once what is not allele-wise, and
# lists by ','. A flag is 1.
values() { # file prefix
	local f format='%CHROM %POS %REF %ALT'
	for f in ${fields//,/ }; do format+=" %INFO/$2$f"; done
	bcftools query -f "$format\n" "$1" | awk -v mine="$2" '{
		n = split($4, alt, ",")
		for (k = 1; k <= n; k++) {
			line = $1 " " $2 " " $3 " " alt[k]
			for (i = 5; i <= NF; i++) {
				m = split($i, v, ",")
				x = mine != "" || i < 10 ? (m == n ? v[k] : $i) : $i
				gsub(",", "\\&", x)
				line = line " " x
			}
			print line
		}
	}'
}
values "$t/b.bcf" "" >"$t/b.txt"
for f in g v g2; do
	values "$t/$f.bcf" d_ >"$t/$f.txt"
	printf 'alleles with all ten values equal (%s): %s of %s, %s with a match\n' "$f" \
		"$(paste -d '\n' "$t/b.txt" "$t/$f.txt" | awk 'NR % 2 { a = $0; next } { n += a == $0 } END { print n + 0 }')" \
		"$(wc -l <"$t/b.txt")" "$(awk '$5 != "."' "$t/$f.txt" | wc -l)"
done
awk -v a="${theirs%% *}" -v b="${ours%% *}" -v n="$(wc -l <"$t/b.txt")" -v z="${none%% *}" 'BEGIN {
	printf "CPU ratio bcftools annotate / genorx annotate: %.1f (goal 5)\n", a / b
	printf "alleles per CPU second: %.2f million; beyond reading and writing (bcftools view): %.2f million\n", n / b / 1e6, (b > z ? n / (b - z) / 1e6 : 0)
}'
cmp -s "$t/b.txt" "$t/g.txt" && cmp -s "$t/b.txt" "$t/v.txt" && cmp -s "$t/b.txt" "$t/g2.txt"
