#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The cases of bcftools' own csq test suite, haplotype-aware and local, with the BCSQ strings that it expects.
# Consequences of a record are compared as a set; everything else to the letter.
set -eu
genorx=${GENORX:-build/genorx}
data=${GRX_SHARED:-../shared}/data/annot/csq
min=${CSQ_CASES_MIN:-51}
[ -f "$data/cases.tsv" ] || { echo "SKIP: no $data/cases.tsv" >&2; exit 77; }
command -v bcftools >/dev/null || { echo "SKIP: no bcftools to read the answers with" >&2; exit 77; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/csq.XXXXXX")
trap 'rm -rf "$tmp"' EXIT INT TERM

# consequences within a field in a fixed order
sorted() {
	awk -F '\t' -v OFS='\t' '{
		for (f = 1; f <= NF; f++) {
			n = split($f, c, ",")
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && c[j] < c[j - 1]; j--) { t = c[j]; c[j] = c[j - 1]; c[j - 1] = t }
			$f = c[1]
			for (i = 2; i <= n; i++) $f = $f "," c[i]
		}
		print
	}'
}

n=0 ok=0
judge() { # name; got and want in files
	n=$((n + 1))
	sorted <"$tmp/got" >"$tmp/got.s"
	sorted <"$tmp/want" >"$tmp/want.s"
	if cmp -s "$tmp/got.s" "$tmp/want.s"; then
		ok=$((ok + 1))
	else
		echo "differs: $1" >&2
		diff "$tmp/got.s" "$tmp/want.s" | cut -c1-400 | head -6 >&2
	fi
}

# case, VCF, options. The FASTA holds a cut-out: headers name the length of the whole chromosome, genes reach out
run() {
	dir=$data/$1
	sed 's/^\(##contig=<ID=[^,>]*\),.*/\1>/' "$2" >"$tmp/in.vcf"
	fa=$dir/$1.fa gff=$tmp/models.gff
	awk -F '\t' -v OFS='\t' 'NR == FNR { len[$1] = $2; next }
		/^[^#]/ { if ($4 < 1) $4 = 1; if ($1 in len && $5 > len[$1]) $5 = len[$1] }
		{ print }' "$fa.fai" "$dir/$1.gff" >"$gff"
	shift 2
	# some of these cases have a REF that reaches behind their piece of the reference
	"$genorx" annotate --ref-mismatch flag --no-hgvs --bcsq "$@" -f "$fa" -g "$gff" -O u -o "$tmp/out.bcf" "$tmp/in.vcf" \
		>"$tmp/log" 2>&1 || { tail -1 "$tmp/log" >&2; rm -f "$tmp/out.bcf"; }
}

query() {
	bcftools query -f "$1" "$tmp/out.bcf" 2>/dev/null || :
}

tail -n +2 "$data/cases.tsv" | cut -f 1-3 | sort -u >"$tmp/list"
while read -r case vcf mode; do
	[ "$vcf" = haploid-diploid ] && continue # by sample, below
	opt=--haplotypes
	[ "$mode" = local ] && opt=
	# shellcheck disable=SC2086
	run "$case" "$data/$case/$vcf.vcf" $opt
	query '%POS\t%REF\t%ALT\t%BCSQ\n' >"$tmp/got"
	awk -F '\t' -v OFS='\t' -v c="$case" -v v="$vcf" -v m="$mode" \
		'$1 == c && $2 == v && $3 == m { print $7, $8, $9, $11 }' "$data/cases.tsv" >"$tmp/want"
	# adjudicated: these models have no UTR lines; what of an exon lies outside the CDS is UTR here
	[ "$case" = ENST00000263103-INS ] && sed -i 's/<DEL>\tfeature_/<DEL>\t3_prime_utr\&feature_/' "$tmp/want"
	judge "$case $vcf $mode"
done <"$tmp/list"

# what each copy of each sample carries: the first column of two is the first copy
case=ENST00000381157
run $case "$data/$case/haploid-diploid.vcf" --haplotypes
query '[%POS\t%REF\t%ALT\t%TBCSQ\n]' | awk -F '\t' '$4 != "." || $5 != "."' | sort >"$tmp/got"
grep . "$data/$case/haploid-diploid.txt" | sort >"$tmp/want"
judge "$case haploid-diploid"

case=ENST00000000000
run $case "$data/$case/upstream-stop.vcf" --haplotypes
query '[%POS\t%REF\t%ALT\t%SAMPLE\t%GT\t%TBCSQ\n]' >"$tmp/got"
cp "$data/$case/upstream-stop.cmd.out" "$tmp/want"
judge "$case upstream-stop"

# a record left out changes what the others come to
case=ENSMUST00000121418
for k in 1:25105 2:25496 3:25500; do
	awk -F '\t' -v p="${k#*:}" '/^#/ || $2 != p' "$data/$case/filter-problem.vcf" >"$tmp/left.vcf"
	run $case "$tmp/left.vcf" --haplotypes --phase m
	query '%POS\t%REF\t%ALT\t%BCSQ\n' >"$tmp/got"
	awk -F '\t' -v p="${k#*:}" '$1 != p' "$data/$case/filter-problem.${k%:*}.cmd.out" >"$tmp/want"
	judge "$case filter-problem.${k%:*}"
done

echo "csq cases: $ok of $n, one row of them adjudicated"
[ "$ok" -ge "$min" ]
