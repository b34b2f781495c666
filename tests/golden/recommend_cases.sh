#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# recommend_cases.sh -- `genorx pgx | genorx recommend` on published VCF cases: is there CPIC advice on the drug, and how many?
# usage: GENORX=build/genorx tests/golden/recommend_cases.sh    (cases found at ${GRX_SHARED:-../shared}/data/pgx)
# right:    the stated number of advices (one per population), or any where the case says YES, none where it says NO
# withheld: the case has advice, we say INSUFFICIENT_DATA with the reason (the cautious way to differ); where the candidates
#           are known, what each of them would give is printed too. Three causes, counted apart: an allele that no definition
#           lists (the other tool takes it as reference), candidates whose advice differs (it takes the worst, or all), a
#           defining locus without data (it goes on without the locus)
# wrong:    anything else; exits 1 if there is one. Cases that rest on outside calls (HLA, MT-RNR1, CYP2D6) are left out.
set -eu
LC_ALL=C
export LC_ALL
root=$(cd "$(dirname "$0")/../.." && pwd)
genorx=${GENORX:-$root/build/genorx}
shared=${GRX_SHARED:-$root/../shared}
data=$shared/data/pgx
if [ ! -r "$data/drug_cases.tsv" ]; then
	echo "SKIP recommend_cases: no $data/drug_cases.tsv (set GRX_SHARED)"
	exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$root"

tidy() {
	awk -f "$root/tests/golden/tidy.awk" "$1"
}

# Every CPIC row; the outside calls of a case (HLA type, mitochondrial variant, CYP2D6) come with its VCF.
awk -F '\t' '$4 == "CPIC" { print $2 "\t" $1 "\t" $3 "\t" $5 }' "$data/drug_cases.tsv" | sort -u >"$tmp/cases"
cut -f 1 "$tmp/cases" | sort -u >"$tmp/vcfs"

outside() { # vcf: the table of its outside calls; status 1 if there are none
	awk -F '\t' -v v="$1" '$2 == v && $5 != "" { print $5; exit }' "$data/cases.tsv" | awk '
		{ n = split($0, a, "  "); for (i = 1; i <= n; i++) { gsub(/\|/, "\t", a[i]); print a[i] } }' >"$tmp/outside.tsv"
	[ -s "$tmp/outside.tsv" ]
}

advise() { # vcf compat: what is advised, to $tmp/got
	tidy "$data/vcf/$1" >"$tmp/in.vcf"
	rm -f "$tmp"/*.jsonl
	vcf=$1
	set -- --compat "$2"
	if outside "$vcf"; then set -- "$@" --outside-calls "$tmp/outside.tsv"; fi
	if "$genorx" pgx "$@" -o "$tmp/f.jsonl" "$tmp/in.vcf" >"$tmp/log" 2>&1 &&
		"$genorx" recommend --tsv "$tmp/r.tsv" -o "$tmp/r.jsonl" "$tmp/f.jsonl" >>"$tmp/log" 2>&1; then
		sed -n 's/.*"key":"recommend\/\([^"]*\)\/not_assessed".*"possible":"\([^"]*\)".*/\1	\2/p' "$tmp/r.jsonl" >"$tmp/possible"
		awk -F '\t' -v OFS='\t' -v v="$vcf" 'FILENAME == ARGV[1] { p[$1] = $2; next } FNR > 1 {
			print v, $2, $3, $4, $8 ($3 == "." && ($2 in p) ? "; possible: " p[$2] : "")
		}' "$tmp/possible" "$tmp/r.tsv" >>"$tmp/got"
	else
		echo "FAIL genorx on $vcf:"
		sed 's/^/  /' "$tmp/log"
	fi
}

# Two diplotypes with different advice: the reference tool prints both, we name both as possible and decide for none. In
# compat mode that counts as told when the number of rules is the same.
judge() { # mode
	awk -F '\t' -v mode="$1" '
NR == FNR {
	k = $1 "|" $2
	if ($3 == ".") why[k] = $5
	else { n[k]++; seen[$1] = 1 }
	seen[$1] = 1
	next
}
{
	k = $1 "|" $3; hits = n[k] + 0; want = $4; total++
	if (!($1 in seen)) verdict = "wrong"
	else if (want == "NO") verdict = hits == 0 && !(k in why) ? "right" : "wrong"
	else if (want == "YES" && hits > 0) verdict = "right"
	else if (want ~ /^count=/ && hits == substr(want, 7) + 0) verdict = "right"
	else if (mode == "pharmcat" && hits == 0 && want ~ /^count=/ && split(why[k], part, "|") == substr(want, 7) + 0 && why[k] ~ /possible:/) verdict = "right"
	else if (hits == 0 && (k in why)) verdict = "withheld"
	else verdict = "wrong"
	count[verdict]++
	if (verdict == "withheld") cause[why[k] ~ /do not list/ ? "an unlisted allele" : why[k] ~ /possible:/ ? "candidates that differ" : "a locus without data"]++
	if (verdict != "right") print "  " verdict ": " $2 " " $3 ": expected " want ", found " hits (k in why ? " (" why[k] ")" : "")
}
END {
	printf "recommend cases, " (mode == "none" ? "default" : "compat") " mode: %d right of %d, %d withheld with a reason, %d wrong\n", count["right"], total, count["withheld"], count["wrong"]
	for (c in cause) line = line (line == "" ? "" : ", ") cause[c] " for " c
	if (line != "") print "withheld: " line
	exit count["wrong"] > 0 || (mode == "pharmcat" && count["right"] < total)
}' "$tmp/got" "$tmp/cases"
}

status=0
for mode in none pharmcat; do
	: >"$tmp/got"
	while read -r vcf; do
		advise "$vcf" $mode
	done <"$tmp/vcfs"
	judge $mode || status=1
done
exit $status
