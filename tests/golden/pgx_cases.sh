#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pgx_cases.sh -- concordance of `genorx pgx` with published matcher cases and simulated samples.
# usage: GENORX=build/genorx tests/golden/pgx_cases.sh    (cases found at ${GRX_SHARED:-../shared}/data/pgx)
# Prints `n right of n` per gene and in all, and the rows that differ; exits 1 below the thresholds, 77 without data.
# Not compared: cases with other allele definitions, combination mode, outside calls, genes not called from small
# variants. A row is right when diplotypes (as a set; simulated ones with scores) and phenotypes both agree.
set -eu
LC_ALL=C
export LC_ALL
root=$(cd "$(dirname "$0")/../.." && pwd)
genorx=${GENORX:-$root/build/genorx}
shared=${GRX_SHARED:-$root/../shared}
data=$shared/data/pgx
if [ ! -r "$data/cases.tsv" ]; then
	echo "SKIP pgx_cases: no $data/cases.tsv (set GRX_SHARED)"
	exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$root"

# The cases are not always sorted and some do not declare their contigs: put both right, keep the order of repeats.
tidy() {
	awk -F '\t' '
	/^##contig/ { next }
	/^##/ { head = head $0 "\n"; next }
	/^#CHROM/ { last = $0; next }
	NF > 8 {
		if (!($1 in at)) { at[$1] = ++n; contigs = contigs "##contig=<ID=" $1 ">\n" }
		body[++m] = at[$1] "\t" $2 "\t" m "\t" $0
	}
	END {
		printf "%s%s%s\n", head, contigs, last
		fflush()
		cmd = "sort -k1,1n -k2,2n -k3,3n | cut -f 4-"
		for (i = 1; i <= m; i++) print body[i] | cmd
		close(cmd)
	}' "$1"
}

run() { # tsv vcf [options]
	to=$1
	tidy "$2" >"$tmp/in.vcf"
	src=$2
	shift 2
	"$genorx" pgx --tsv "$to" "$@" -o "$tmp/facts.jsonl" "$tmp/in.vcf" >"$tmp/log" 2>&1 || {
		echo "FAIL genorx pgx on $src:"
		sed 's/^/  /' "$tmp/log"
	}
	rm -f "$tmp/facts.jsonl"
}

# One line per case: id vcf gene all diplotypes phenotypes ("*" = not stated), all sets joined with " OR ".
awk -F '\t' -v OFS='\t' '
function names(s,   n, a, i, o) { # "[A {..}; B {..}]" -> "A OR B"
	if (s == "[]") return "."
	sub(/^\[/, "", s); sub(/\]$/, "", s)
	n = split(s, a, /\}; /); o = ""
	for (i = 1; i <= n; i++) { sub(/ \{.*/, "", a[i]); sub(/ \([0-9]+\)$/, "", a[i]); o = o (i > 1 ? " OR " : "") a[i] }
	return o
}
function phenos(s,   n, a, i, o) {
	n = split(s, a, /\}; /); o = ""
	for (i = 1; i <= n; i++) {
		if (!match(a[i], /\{\[[^]]*\]/)) return "*"
		o = o (i > 1 ? " OR " : "") substr(a[i], RSTART + 2, RLENGTH - 3)
	}
	return o
}
NR == 1 { next }
{
	if ($4 ~ /combo=true/ || $4 ~ /custom_definition/ || $3 ~ /^(HLA-B|MT-RNR1|CYP2D6)$/ || index($5, $3 "|")) next
	d = $10
	p = "*"
	if ($6 == "pipeline") { d = names($16); p = phenos($17) }
	else if (d == "") d = names($16)
	if (d ~ /^(NO_CALL|Unknown\/Unknown|)$/) d = "."
	if (p == "No Result") p = "."
	print $1, $2, $3, ($4 ~ /all=true/ ? 1 : 0), d, p
}' "$data/cases.tsv" >"$tmp/want"

: >"$tmp/got"
cut -f 2,4 "$tmp/want" | sort -u | while read -r vcf all; do
	if [ "$all" = 1 ]; then
		run "$tmp/one" "$data/vcf/$vcf" --all-diplotypes
	else
		run "$tmp/one" "$data/vcf/$vcf"
	fi
	[ -r "$tmp/one" ] && awk -F '\t' -v OFS='\t' -v v="$vcf" -v a="$all" \
		'NR > 1 { print v, a, $2, $3, $5 }' "$tmp/one" >>"$tmp/got"
	rm -f "$tmp/one"
done

sets='
function key(s,   n, a, i, j, t, o) { # the set, sorted
	gsub(/; /, " OR ", s)
	n = split(s, a, " OR ")
	for (i = 1; i <= n; i++) sub(/ \(homozygous\)$/, "", a[i])
	for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j] < a[j - 1]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
	o = ""
	for (i = 1; i <= n; i++) o = o "|" a[i]
	return o
}
function score(what, gene, ok, text) {
	n[gene]++; right[gene] += ok; all++; good += ok
	if (!ok) print "  differs: " what " " gene ": " text
}
function report(title, least,   g, list, k, m, i, j, t) {
	m = 0
	for (g in n) list[++m] = g
	for (i = 2; i <= m; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
	for (k = 1; k <= m; k++) printf "%s\t%s\t%d right of %d\n", title, list[k], right[list[k]], n[list[k]]
	printf "%s\tall\t%d right of %d\n", title, good, all
	exit !(all && good >= least * all)
}
'

bad=0
awk -F '\t' "$sets"'
NR == FNR { d[$1, $2, $3] = $4; p[$1, $2, $3] = $5; have[$1, $2, $3] = 1; next }
{
	k = $2 SUBSEP $4 SUBSEP $3
	ok = (k in have) && key(d[k]) == key($5) && ($6 == "*" || key(p[k]) == key($6))
	score($1, $3, ok, "found " d[k] " [" p[k] "], expected " $5 " [" $6 "]")
}
END { report("cases", 1.0) }' "$tmp/got" "$tmp/want" || bad=1

for mode in top all; do
	: >"$tmp/sim"
	cp "$data/simulated/expected_$mode.tsv" "$tmp/expected"
	[ $mode = all ] || tail -n +2 "$data/simulated/expected_top_RYR1.tsv" >>"$tmp/expected"
	for vcf in "$data"/simulated/simulated_*.vcf; do
		if [ $mode = all ]; then
			run "$tmp/one" "$vcf" --all-diplotypes
		else
			run "$tmp/one" "$vcf"
		fi
		tail -n +2 "$tmp/one" >>"$tmp/sim"
	done
	awk -F '\t' -v mode=$mode "$sets"'
	function none(s,   n, a, o) { # genes without phenotypes: "n/a" for each diplotype
		n = split(s, a, "; "); o = "n/a"
		while (--n) o = o "; n/a"
		return o
	}
	function plain(s) { gsub(/ \([0-9]+\)(; |$)/, "; ", s); sub(/; $/, "", s); return s }
	function scores(s,   o) { # "A (5); B (2)" -> "5,2"
		o = ""
		while (match(s, / \([0-9]+\)(; |$)/)) {
			t = substr(s, RSTART + 2, RLENGTH); sub(/\).*/, "", t)
			o = o (o == "" ? "" : ",") t; s = substr(s, RSTART + RLENGTH)
		}
		return o == "" ? "." : o
	}
	NR == FNR { d[$1, $2] = $3; sc[$1, $2] = $4; p[$1, $2] = $5; have[$1, $2] = 1; next }
	FNR == 1 { next }
	{
		k = $1 SUBSEP $2
		want = $5 != "" ? plain($5) : $6 != "" ? $6 : "."
		pheno = ($9 == "No Result") ? "." : ($9 ~ /^[; ]*$/ ? ($5 == "" ? "." : none($5)) : $9)
		ok = (k in have) && key(d[k]) == key(want) && sc[k] == scores($5) && key(p[k]) == key(pheno)
		score($1, $2, ok, "found " d[k] " (" sc[k] ") [" p[k] "], expected " want " (" scores($5) ") [" pheno "]")
	}
	END { report("simulated " mode, 0.995) }' "$tmp/sim" "$tmp/expected" || bad=1
done
exit $bad
