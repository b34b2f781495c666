#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# cases.sh -- write cases.tsv: facts on which each CPIC rule must and must not fire; `genorx rules check` replays them.
# usage: cases.sh FACTS_DIR > cases.tsv
# Positive cases are the look-ups that the guideline tables list one by one (recommendations.tsv), not the conditions that
# were compacted from them. A look-up belongs to the rule of the same drug, population, class, codes, numbers and text; where
# several are left, to the one whose condition holds, as evaluated here, not by the compiler under test. Negative cases of a
# rule are look-ups that belong to other rules of its drug and population and differ in one gene alone: for each gene one, for a
# score the nearest below and above; without any, facts that tell nothing. Look-ups that differ only in the sign of a score (3.0 and >=3.0)
# give one case. A look-up without any result is withheld by the engine, whatever the condition.
set -eu
[ $# -eq 1 ] || { echo "usage: cases.sh FACTS_DIR > cases.tsv" >&2; exit 2; }
for f in rules_compact recommendations; do
	[ -r "$1/$f.tsv" ] || { echo "cases.sh: $1/$f.tsv cannot be read; give the folder of the extracted facts" >&2; exit 66; }
done
LC_ALL=C awk -F '\t' -v OFS='\t' '
function fail(what) { print "cases.sh: " what > "/dev/stderr"; bad = 1; exit 1 }
# value of gene g in the look-up text: sets val[g]
function lookup(text,   n, i, a, p) {
	split("", val)
	n = split(text, a, "&")
	for (i = 1; i <= n; i++) { p = index(a[i], "="); val[substr(a[i], 1, p - 1)] = substr(a[i], p + 1) }
}
function number(s) { gsub(/[^0-9.]/, "", s); return s + 0 }
# does one term hold for val[]?
function term(t,   fun, g, op, want, v, p) {
	if (!match(t, /^(P|AS)\([A-Za-z0-9-]+\)(==|<=|>=|<|>)/)) fail("term " t)
	want = substr(t, RLENGTH + 1)
	t = substr(t, 1, RLENGTH)
	p = index(t, "("); fun = substr(t, 1, p - 1)
	g = substr(t, p + 1); op = g
	sub(/\).*/, "", g); sub(/^[^)]*\)/, "", op)
	gsub(/"/, "", want)
	if (!(g in val)) return 0
	v = val[g]
	if (want == "No Result" || fun == "P") return op == "==" && v == want
	if (want == "NA" || v !~ /[0-9]/) return op == "==" && want == "NA" && v == "n/a"
	v = number(v); want += 0
	return op == "==" ? v == want : op == "<=" ? v <= want : op == ">=" ? v >= want : op == "<" ? v < want : v > want
}
function holds(when,   n, i, a) {
	n = split(when, a, / *&& */)
	for (i = 1; i <= n; i++) if (!term(a[i])) return 0
	return 1
}
# the look-up as facts: scores of genes with activity scores, else phenotypes; "?" = no result
function facts(text,   n, i, a, p, g, v, out) {
	n = split(text, a, "&")
	for (i = 1; i <= n; i++) {
		p = index(a[i], "="); g = substr(a[i], 1, p - 1); v = substr(a[i], p + 1)
		if (v == "No Result") v = "P(" g ")=?"
		else if (g ~ /^(CYP2D6|CYP2C9|DPYD)$/) v = v == "n/a" ? "P(" g ")=Indeterminate" : "AS(" g ")=" number(v)
		else v = "P(" g ")=" v
		out = out (i > 1 ? " & " : "") v
	}
	return out
}
function nothing(text) { gsub(/=[^&]*/, "=No Result", text); return text }
# How look-up y differs from x: "" when in several genes, else "GENE", with + or - behind it when its score is higher or lower;
# apart = by how much the scores differ. Both name the same genes.
function differs(x, y,   n, i, a, b, p, g, u, v) {
	n = split(x, a, "&"); split(y, b, "&")
	apart = 1; g = ""
	for (i = 1; i <= n; i++) {
		if (a[i] == b[i]) continue
		if (g != "") return ""
		p = index(a[i], "="); g = substr(a[i], 1, p - 1); u = substr(a[i], p + 1); v = substr(b[i], p + 1)
		if (u ~ /^[^A-Za-z*]*[0-9]/ && v ~ /^[^A-Za-z*]*[0-9]/) {
			apart = number(v) - number(u)
			g = g (apart < 0 ? "-" : "+")
			if (apart < 0) apart = -apart
		}
	}
	return g
}
function row(id, text, expect, source,   f) {
	f = facts(text)
	if ((id, f) in done) return
	done[id, f] = 1
	print id, f, expect, source
}
FNR == 1 { next }
NR == FNR {
	if ($2 != "CPIC" || $7 == "INVALID_INPUT") next
	n = split($18, t, "|")
	for (i = 1; i <= n; i++) {
		k = $3 SUBSEP $5 SUBSEP $6 SUBSEP $7 SUBSEP $8 SUBSEP $9 SUBSEP $10 SUBSEP $11 SUBSEP $12 SUBSEP $13 SUBSEP t[i]
		ids[k] = ids[k] " " $1
	}
	when[$1] = $4; order[++n_rule] = $1; group[$1] = $3 SUBSEP $5
	next
}
$1 == "CPIC" && $6 != "INVALID_INPUT" {
	k = $2 SUBSEP $4 SUBSEP $5 SUBSEP $6 SUBSEP $7 SUBSEP $8 SUBSEP $9 SUBSEP $10 SUBSEP $11 SUBSEP $12 SUBSEP $20
	n = split(ids[k], c, " ")
	id = ""
	lookup($3)
	for (i = 1; i <= n; i++)
		if (n == 1 || holds(when[c[i]])) { if (id != "") fail("look-up " $2 " " $3 " belongs to " id " and " c[i]); id = c[i] }
	if (id == "") fail("look-up " $2 " " $3 " (" $4 ") belongs to no rule")
	g = $2 SUBSEP $4
	look[g, ++n_look[g]] = $3; owner[g, n_look[g]] = id
	date = $19; sub(/ .*/, "", date); source[g] = "CPIC " date
}
END {
	if (bad) exit 1
	print "rule_id", "facts", "expect", "source"
	for (r = 1; r <= n_rule; r++) {
		id = order[r]; g = group[id]; n_own = 0
		for (i = 1; i <= n_look[g]; i++)
			if (owner[g, i] == id) {
				own[++n_own] = look[g, i]
				row(id, look[g, i], look[g, i] == nothing(look[g, i]) ? "withheld" : "fire", source[g] " look-up")
			}
		if (!n_own) fail("no look-up for " id)
		split("", best); split("", at); n_way = 0; any = 0
		for (i = 1; i <= n_look[g]; i++) {
			if (owner[g, i] == id) continue
			if (!any) any = i
			for (j = 1; j <= n_own; j++) {
				way = differs(own[j], look[g, i])
				if (way == "" || ((way in best) && best[way] <= apart)) continue
				if (!(way in best)) ways[++n_way] = way
				best[way] = apart; at[way] = i
			}
		}
		for (j = 1; j <= n_way; j++) row(id, look[g, at[ways[j]]], "not", source[g] " look-up of " owner[g, at[ways[j]]])
		if (!n_way && any) row(id, look[g, any], "not", source[g] " look-up of " owner[g, any])
		if (!any) row(id, nothing(own[1]), "not", "genorx: no result of any gene")
	}
}' "$1/rules_compact.tsv" "$1/recommendations.tsv"
