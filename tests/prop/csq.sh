#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Random phased records on real transcripts: INFO/BCSQ and what FORMAT/BCSQ says of every copy of every sample
# must be those of the installed bcftools csq, haplotype-aware, local and under each --phase rule.
# Differences that are bcftools' own are taken out before; docs/methods/annotate_haplotypes.md lists them.
set -eu
genorx=${GENORX:-build/genorx}
data=${GRX_SHARED:-../shared}/data/annot/csq
rounds=${CSQ_ROUNDS:-1}
seed0=${CSQ_SEED:-1}
[ -f "$data/cases.tsv" ] || { echo "SKIP: no $data/cases.tsv" >&2; exit 77; }
command -v bcftools >/dev/null || { echo "SKIP: no bcftools to compare with" >&2; exit 77; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/csqprop.XXXXXX")
trap 'rm -rf "$tmp"' EXIT INT TERM

# records at and around the CDS of a case: SNV, MNV, insertions, deletions, two ALTs
make_vcf() { # case, seed, share of unphased heterozygotes
	awk -F '\t' -v seed="$2" -v loose="$3" -v ns=6 '
	function base() { return substr("ACGT", 1 + int(rand() * 4), 1) }
	function bases(n, s) { s = ""; while (n-- > 0) s = s base(); return s }
	function other(b, x) { do x = base(); while (x == b); return x }
	function gt(na, a, b, sep) {
		a = rand() < 0.55 ? 0 : 1 + int(rand() * na)
		b = rand() < 0.55 ? 0 : 1 + int(rand() * na)
		if (rand() < 0.03) return "./."
		if (rand() < 0.03) return a "/." # a phased missing allele makes bcftools crash
		if (rand() < 0.03) return a
		sep = rand() < loose ? "/" : "|"
		if (sep == "/" && a > b) { sep = b; b = a; a = sep; sep = "/" } # 1/0 under R: bcftools 1.16 leaves it
		return a sep b
	}
	BEGIN { srand(seed) }
	FNR == 1 { file++ }
	file == 1 { if (/^>/) { split(substr($0, 2), q, /[ \t]/); name = q[1] } else seq = seq toupper($0); next }
	$3 == "CDS" { for (i = $4 - 12; i <= $5 + 12; i++) near[i] = 1 }
	END {
		print "##fileformat=VCFv4.2\n##contig=<ID=" name ">"
		print "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">"
		printf "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
		for (s = 1; s <= ns; s++) printf "\tS%d", s
		print ""
		n = length(seq)
		for (i = 30; i < n - 60; i++) {
			if (!(i in near) || rand() > 0.12) continue
			r = substr(seq, i, 1); kind = rand(); na = 1
			if (kind < 0.5) { alt = other(r) }
			else if (kind < 0.58) { r = substr(seq, i, 2); alt = other(substr(r, 1, 1)) other(substr(r, 2, 1)) }
			else if (kind < 0.75) alt = r bases(1 + int(rand() * 6))
			else if (kind < 0.95) { r = substr(seq, i, 2 + int(rand() * 6)); alt = substr(r, 1, 1) }
			else { alt = other(r) "," r bases(1 + int(rand() * 3)); na = 2 }
			if (r !~ /^[ACGT]+$/) continue
			printf "%s\t%d\t.\t%s\t%s\t.\t.\t.\tGT", name, i, r, alt
			for (s = 1; s <= ns; s++) printf "\t%s", gt(na)
			print ""
		}
	}' "$data/$1/$1.fa" "$data/$1/$1.gff"
}

sorted() {
	awk -F '\t' -v OFS='\t' '{
		for (f = 5; f <= NF; f++) {
			n = split($f, c, ",")
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && c[j] < c[j - 1]; j--) { t = c[j]; c[j] = c[j - 1]; c[j - 1] = t }
			$f = c[1]
			for (i = 2; i <= n; i++) $f = $f "," c[i]
		}
		print
	}'
}

# bcftools 1.16 has no NMD_transcript, and calls two residues of which one becomes a stop missense
older() {
	sed 's/&NMD_transcript|/|/g' | awk -F '\t' -v OFS='\t' '{
		for (f = 5; f <= NF; f++) {
			n = split($f, c, ","); $f = ""
			for (i = 1; i <= n; i++) {
				if (split(c[i], q, "|") > 6 && split(q[6], r, ">") == 2 && r[1] !~ /\*/ && r[2] ~ /\*/)
					sub(/^\*?missense/, q[1] ~ /^\*/ ? "*stop_gained" : "stop_gained", c[i])
				$f = $f (i > 1 ? "," : "") c[i]
			}
		}
		print
	}' | sorted
}

fields='%CHROM\t%POS\t%REF\t%ALT\t%BCSQ[\t%TBCSQ]\n'
# Both answers beside each other. At a start or stop codon bcftools states what the place of an allele gives before
# it reads haplotypes, and puts one pointer in place of one of these, whichever transcript and sample they are of:
# such records (at the ends of a CDS) are counted apart.
# shellcheck disable=SC2016
judge='
FILENAME != "-" { codon[$2] = 1; next }
{
	h = NF / 2; same = NF % 2 == 0
	for (i = 1; i <= h && same; i++) same = $i == $(i + h)
	if (same) next
	if (haps && ($2 in codon)) { e++; next }
	d++
	if (keep != "") print >>keep
}
END { print d + 0, e + 0 }'
n=0 bad=0 crashed=0 excused=0
# case; options of ours and of theirs, several words
# shellcheck disable=SC2086
compare() {
	name=$1
	awk -F '\t' -v OFS='\t' 'NR == FNR { len[$1] = $2; next }
		/^[^#]/ { if ($4 < 1) $4 = 1; if ($1 in len && $5 > len[$1]) $5 = len[$1] }
		{ print }' "$data/$name/$name.fa.fai" "$data/$name/$name.gff" >"$tmp/m.gff"
	if ! bcftools csq -n 512 $3 -f "$data/$name/$name.fa" -g "$tmp/m.gff" -O u -o "$tmp/b.bcf" \
		"$tmp/in.vcf" >"$tmp/b.log" 2>&1; then
		crashed=$((crashed + 1)); [ -z "${CSQ_KEEP:-}" ] || tail -1 "$tmp/b.log" >&2
		return 0
	fi
	"$genorx" annotate --no-hgvs --bcsq --ncsq 512 $2 -f "$data/$name/$name.fa" -g "$tmp/m.gff" -O u \
		-o "$tmp/g.bcf" "$tmp/in.vcf" >"$tmp/g.log" 2>&1 || { tail -1 "$tmp/g.log" >&2; exit 1; }
	bcftools query -f "$fields" "$tmp/b.bcf" 2>/dev/null | older >"$tmp/b.txt"
	bcftools query -f "$fields" "$tmp/g.bcf" 2>/dev/null | older >"$tmp/g.txt"
	n=$((n + $(wc -l <"$tmp/b.txt")))
	# both ends of every CDS
	awk -F '\t' -v OFS='\t' '$3 == "CDS" {
		match($9, /Parent=[^;]*/); t = substr($9, RSTART, RLENGTH)
		if (!(t in lo) || $4 < lo[t]) lo[t] = $4
		if ($5 > hi[t]) hi[t] = $5
	} END { for (t in lo) for (i = -12; i <= 5; i++) print ".", lo[t] + i "\n.", hi[t] + i }' "$tmp/m.gff" >"$tmp/codon"
	paste "$tmp/b.txt" "$tmp/g.txt" |
		awk -F '\t' -v keep="${CSQ_KEEP:-}" -v haps="${#2}" "$judge" "$tmp/codon" - >"$tmp/d"
	read -r d e <"$tmp/d"
	excused=$((excused + e))
	if [ "$d" -gt 0 ]; then
		echo "seed $seed: $name $2 ($3): $d records differ" >&2
		bad=$((bad + d))
	fi
}

seed=$seed0
while [ "$seed" -lt $((seed0 + rounds)) ]; do
	# cases whose models name exons and UTRs: bcftools does not derive UTRs
	for name in ${CSQ_ONLY:-EDUMMY0003 ENSMUST00000121418 ENST00000218032 ENST00000318249 \
		ENST00000357367 ENST00000368801 ENST00000373833 ENST00000409523 ENST00000423372 ENST00000436063 \
		ENST00000479739 ENST00000528237 ENST00000545279 ENST00000593942}; do
		make_vcf "$name" "$seed" 0 >"$tmp/in.vcf"
		compare "$name" '' -l
		compare "$name" --haplotypes '-p a'
		make_vcf "$name" "$seed" 0.3 >"$tmp/in.vcf"
		for p in a m R s; do
			compare "$name" "--haplotypes --phase $p" "-p $p"
		done
	done
	seed=$((seed + 1))
done
echo "csq property: $n records with random phased genotypes, $bad differ, $excused at start and stop codons, where bcftools mixes transcripts; $crashed runs in which bcftools gave up"
[ "$bad" -eq 0 ]
