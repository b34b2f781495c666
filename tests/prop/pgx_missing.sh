#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pgx: less evidence never says more. On the simulated samples each locus is in turn taken away, turned into ./.,
# its likelihoods made flat, and made weak. A phenotype that was withheld must stay withheld, one that was given must
# stay the same or be withheld, and none may become more probable by more than 0.01. Left out, and counted: genotypes
# that no pair of alleles explains; without the locus that contradicts the others they can become explicable.
# Loci of all genes are changed at once, one per gene (genes are called apart). usage: [LOCI=n] pgx_missing.sh
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
data=${GRX_SHARED:-../shared}/data/pgx/simulated
if [ ! -r "$data/simulated_00.vcf" ]; then
	echo "SKIP pgx_missing: no $data/simulated_00.vcf (set GRX_SHARED)"
	exit 77
fi
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
loci=${LOCI:-6}

# Sorted, contigs declared, with likelihoods that bear out the genotypes: called 0, one allele away 60, two 120.
prepare() {
	awk -F '\t' -v OFS='\t' '
	/^##contig/ { next }
	/^##/ { head = head $0 "\n"; next }
	/^#CHROM/ { last = $0; next }
	{
		if (!($1 in at)) { at[$1] = ++n; contigs = contigs "##contig=<ID=" $1 ">\n" }
		k = split($5, alt, ",") + 1
		$9 = "GT:PL"
		for (i = 10; i <= NF; i++) {
			m = split($i, g, /[\/|]/); pl = ""
			for (b = 0; b < k; b++)
				for (a = m == 2 ? 0 : b; a <= b; a++) {
					d = m == 2 ? (a != g[1]) + (b != g[2]) : a != g[1]
					e = m == 2 ? (a != g[2]) + (b != g[1]) : d
					if (e < d) d = e
					pl = pl (pl == "" ? "" : ",") d * 60
				}
			$i = $i ":" (g[1] == "." || g[m] == "." ? "." : pl)
		}
		body[++r] = at[$1] "\t" $2 "\t" r "\t" $0
	}
	END {
		printf "%s%s##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"phred\">\n%s\n", head, contigs, last
		fflush()
		cmd = "sort -k1,1n -k2,2n -k3,3n | cut -f 4-"
		for (i = 1; i <= r; i++) print body[i] | cmd
		close(cmd)
	}' "$1"
}
# The line numbers to change in round k: of each gene the k-th locus, those that vary first.
plan() {
	awk -F '\t' -v loci="$loci" '/^#/ { next }
	{
		gene = $8; sub(/.*PX=/, "", gene); sub(/;.*/, "", gene)
		varies = 0
		for (i = 10; i <= NF; i++) if ($i ~ /^[0.]?[\/|]?[1-9]/) varies = 1
		print gene "\t" 1 - varies "\t" FNR
	}' "$1" | sort -k1,1 -k2,2n -k3,3n | awk -F '\t' -v loci="$loci" '
	{ if ($1 != last) k = 0; last = $1; if (k < loci) print k++ "\t" $3 }'
}
change() { # how round
	awk -F '\t' -v OFS='\t' -v how="$1" -v round="$2" '
	FILENAME ~ /plan$/ { if ($1 == round) hit[$2] = 1; next }
	/^#/ || !(FNR in hit) { print; next }
	how == "away" { next }
	{
		for (i = 10; i <= NF; i++) {
			split($i, f, ":")
			if (how == "nocall") { f[1] = f[1] ~ /[\/|]/ ? "./." : "."; f[2] = "." }
			if (how == "flat") gsub(/[0-9]+/, "0", f[2])
			if (how == "weak") { gsub(/120/, "24", f[2]); gsub(/60/, "12", f[2]) }
			$i = f[1] ":" f[2]
		}
		print
	}' "$t/plan" "$3"
}
# sample, gene, phenotype or "." ("!" when no alleles match), its posterior or "."
said() {
	"$genorx" pgx -o "$t/f.jsonl" "$1" 2>"$t/log" || {
		cat "$t/log" >&2
		exit 1
	}
	sed -n '
	/"key":"pgx\/[^"]*\/phenotype"/ {
		s/^{"id":"\([^|]*\)|pgx\/\([^\/]*\)\/phenotype".*"key":[^,]*,\("value":"\([^"]*\)"\)\{0,1\}.*/\1\t\2\t\4\t&/
		s/\t{.*"posterior":"\([^"]*\)".*/\t\1/
		s/\t{.*/\t./
		s/\t\t/\t.\t/
		h
		d
	}
	/"key":"pgx\/[^"]*\/status"/ {
		G
		s/^[^\n]*"value":"no_match"[^\n]*\n\(.*\)\t[^\t]*\t[^\t]*$/\1\t!\t./
		s/^{[^\n]*\n//
		p
	}' "$t/f.jsonl"
}
n=0 bad=0 given=0 withheld=0 contrary=0 most=0
for v in 00 01; do
	prepare "$data/simulated_$v.vcf" >"$t/in.vcf"
	plan "$t/in.vcf" >"$t/plan"
	said "$t/in.vcf" >"$t/base"
	for how in away nocall flat weak; do
		for ((k = 0; k < loci; k++)); do
			change "$how" "$k" "$t/in.vcf" >"$t/less.vcf"
			said "$t/less.vcf" >"$t/less"
			read -r a b c d e f < <(paste "$t/base" "$t/less" | awk -F '\t' -v how="$how" '
				$1 != $5 || $2 != $6 { print "order differs" >"/dev/stderr"; bad++ }
				$3 == "!" { contrary++; next }
				{
					n++
					if ($7 == "!") $7 = "."
					wrong = $3 == "." ? $7 != "." : $7 != "." && $7 != $3
					if ($3 == $7 && $3 != "." && $8 - $4 > most) most = $8 - $4
					if ($3 == $7 && $3 != "." && $8 - $4 > 0.01) wrong = 1
					if (wrong) { bad++; print how, $0 >"/dev/stderr" }
					if ($3 != ".") { if ($7 == ".") w++; else g++ }
				}
				END { print n + 0, bad + 0, g + 0, w + 0, contrary + 0, int(most * 1e6 + 0.5) }')
			n=$((n + a)) bad=$((bad + b)) given=$((given + c)) withheld=$((withheld + d)) contrary=$((contrary + e))
			most=$((f > most ? f : most))
		done
	done
done
echo "pgx_missing: $n calls with less evidence; of those given before $given stay, $withheld are withheld; $bad say more
  largest rise of a posterior $most e-6; $contrary left out (no alleles match with the full evidence)"
[ "$bad" = 0 ] && [ "$withheld" -gt 0 ]
