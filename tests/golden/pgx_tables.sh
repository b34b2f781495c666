#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pgx_tables.sh -- refdata/pgx against the extracted facts, row by row and by forms that the converter does not read:
# functions of all alleles, definitions against the allele matrices, and the phenotype of every diplotype that can be formed,
# counted against phenotype_rule_verification.tsv (diplotypes) and phenotype_rules.tsv (diplotypes or scores of each rule).
set -euo pipefail
cd "$(dirname "$0")/../.."
facts=${SHARED:-${GRX_SHARED:-../shared}}/facts/pgx
if [[ ! -r $facts/phenotype_rule_verification.tsv ]]; then
	echo "pgx_tables: SKIP: no facts/pgx in the shared data"
	exit 77
fi
export LC_ALL=C
failed=0

# 1. every allele: function and activity value as the facts have them, none lost, none added
awk -F '\t' '
FNR == 1 { file++; next }
file == 1 { shown[$1, $2] = $3; next }
file == 2 { f[$1, $2] = $3; v[$1, $2] = $4; want[$1, $2] = 1; next }
file == 3 { named++; want[$1, $2] = 1; if ($7 != "") f[$1, $2] = $7; if ($8 != "") v[$1, $2] = $8; next }
{
	n++
	k = $1 SUBSEP $2
	if (!(k in want)) { print "  " $1 " " $2 ": not in the facts"; bad++; next }
	delete want[k]
	if (!(k in f) && (k in shown)) k = $1 SUBSEP shown[k]
	fun = f[k] == "" ? "." : f[k]; val = v[k] == "" ? "." : v[k]
	if ($3 != fun || $4 != val) { print "  " $1 " " $2 ": " $3 ", " $4 "; facts: " fun ", " val; bad++ }
}
END {
	for (k in want) { split(k, a, SUBSEP); print "  " a[1] " " a[2] ": lost"; bad++ }
	printf "alleles: %d of %d agree in function and activity value (%d with a definition)\n", n - bad, n, named
	exit bad > 0
}' "$facts/suballeles.tsv" "$facts/allele_functions.tsv" "$facts/alleles.tsv" refdata/pgx/alleles.tsv || failed=1

# 2. every cell of the allele matrices
awk -F '\t' '
FILENAME != last { last = FILENAME; gene = FILENAME; sub(/.*\//, "", gene); sub(/\.tsv$/, "", gene); file++ }
file == 1 { if (FNR > 1 && $1 == "MT-RNR1") ref[$3] = $4; next }
file == 2 { if (FNR > 1) { d[$1, $2, $3 ":" $4] = $5; n++ } next }
FNR == 1 { split("", at); for (i = 2; i <= NF; i++) { split($i, a, ":"); at[i] = a[1] ":" a[2] } next }
/^#/ { next }
{
	for (i = 2; i <= NF; i++) {
		k = gene SUBSEP $1 SUBSEP at[i]
		if ($i == "." && !(k in d)) continue
		cells++
		if (d[k] != $i) { print "  " gene " " $1 " " at[i] ": " d[k] ", matrix " $i; bad++ }
		delete d[k]
	}
}
END {
	# MT-RNR1 has no matrix: its alleles are named by their change, m.POSREF>ALT; the reference has REF at each
	for (k in d) {
		split(k, a, SUBSEP)
		if (a[1] != "MT-RNR1") continue
		split(a[3], c, ":")
		want = a[2] == "Reference" ? d[k] : substr(a[2], length(a[2]))
		name = "m." c[2]
		if (a[2] == "Reference" ? ref[c[2]] == d[k] : index(a[2], name) == 1 && d[k] == want) { mito++; delete d[k] }
		if (a[2] != "Reference") { split(a[2], e, ">"); if (e[1] != name substr(e[1], length(e[1])) || ref[c[2]] != substr(e[1], length(e[1]))) { print "  " a[2] ": REF differs from the reference allele"; bad++ } }
	}
	for (k in d) { split(k, a, SUBSEP); print "  " a[1] " " a[2] " " a[3] ": not in the matrix"; bad++ }
	printf "definitions: %d of %d cells agree with the matrices, for MT-RNR1 (%d) with the names\n", n - bad, n, mito
	exit bad > 0 || cells + mito != n
}' refdata/pgx/positions.tsv refdata/pgx/definitions.tsv "$facts"/matrix/*.tsv || failed=1

# 3. every diplotype that the alleles with a function can form has one phenotype
awk -F '\t' '
function number(s) { gsub(/[^0-9.]/, "", s); return s + 0 }
FNR == 1 { file++; next }
file == 1 {
	g = $1; rule[g, ++n_rule[g]] = $2 SUBSEP $3 SUBSEP $4; lo[g, n_rule[g]] = $5; hi[g, n_rule[g]] = $6
	phen[g, n_rule[g]] = $7
	if ($2 == "function_pair") { pair[g] = 1; key[g, $3, $4] = key[g, $4, $3] = key[g, $3, $4] " " n_rule[g] }
	if ($2 == "function_single") { single[g] = 1; key[g, $3] = key[g, $3] " " n_rule[g] }
	if ($2 == "activity_sum") score[g] = 1
	next
}
# sub-alleles are reported under their main allele, which has a row of its own
file == 2 { if ($3 != "." && $2 == $9) { fun[$1, ++n_all[$1]] = $3; act[$1, n_all[$1]] = $4 } next }
file == 3 {
	# diplotypes (n_diplotypes=) or scores that the facts give for this rule
	k = $1 SUBSEP $2 SUBSEP $3 SUBSEP $4 SUBSEP $7
	if ($9 ~ /n_diplotypes=/) { split($9, a, "="); n_want[k] = a[2] }
	if ($2 == "activity_sum") s_want[$1, $7] = $8
	next
}
function hit(g, list, what,   a, n) {
	n = split(list, a, " ")
	tried++
	if (n != 1) { if (++told <= 5) print "  " g " " what ": " n " phenotypes"; return }
	right++
	used[g, a[1]]++
}
function by_sum(g, x, y,   i, s, list) {
	s = x == "n/a" || y == "n/a" ? "n/a" : number(x) + number(y)
	for (i = 1; i <= n_rule[g]; i++) {
		if (s == "n/a" ? lo[g, i] == "." : lo[g, i] != "." && s >= lo[g, i] + 0 && (hi[g, i] == "inf" || s <= hi[g, i] + 0)) {
			list = list " " i
			got[g, phen[g, i], s] = 1
		}
	}
	hit(g, list, "activity score " s)
}
function gene(g, want,   i, j, k, a, n, m, s) {
	tried = right = told = 0
	for (i = 1; i <= n_all[g]; i++) {
		if (single[g]) hit(g, key[g, fun[g, i]], fun[g, i])
		for (j = i; j <= n_all[g] && (pair[g] || score[g]); j++)
			if (score[g]) by_sum(g, act[g, i], act[g, j])
			else hit(g, key[g, fun[g, i], fun[g, j]], fun[g, i] " + " fun[g, j])
	}
	ok = tried == want && right == want
	rules = 0
	for (i = 1; i <= n_rule[g]; i++) {
		k = g SUBSEP rule[g, i] SUBSEP phen[g, i]
		gsub(/\./, "", k)
		for (j in n_want) { m = j; gsub(/\./, "", m); if (m == k && n_want[j] != used[g, i]) { ok = 0; print "  " g " " phen[g, i] ": " used[g, i] " diplotypes, facts " n_want[j] } }
		if (score[g]) {
			n = split(s_want[g, phen[g, i]], a, "|")
			for (j = 1; j <= n; j++) {
				s = a[j] == "n/a" ? "n/a" : number(a[j])
				if (!((g, phen[g, i], s) in got)) { ok = 0; print "  " g " " phen[g, i] ": score " s " of the facts is not reached" }
				listed[g, phen[g, i], s] = 1
			}
		}
		rules++
	}
	for (k in got) if (!(k in listed)) { split(k, a, SUBSEP); if (a[1] == g) { ok = 0; print "  " g " " a[2] ": score " a[3] " is not in the facts" } }
	printf "  %-8s %5d of %5d diplotypes have one phenotype, %d rules%s\n", g, right, want, rules, ok ? "" : "  WRONG"
	all += want; good += right; if (!ok) bad++
}
file == 4 { gene($1, $3) }
END { printf "phenotypes: %d of %d diplotypes\n", good, all; exit bad > 0 }
' refdata/pgx/phenotypes.tsv refdata/pgx/alleles.tsv "$facts/phenotype_rules.tsv" "$facts/phenotype_rule_verification.tsv" || failed=1
exit $failed
