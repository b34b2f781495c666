#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# convert.sh -- write cpic.tsv from the compacted rule facts.
# usage: convert.sh rules_compact.tsv > cpic.tsv
# Only CPIC rows (CC0 1.0) are taken; rows marked INVALID_INPUT and all other sources stay out. No sentence of the
# guideline is copied: a rule carries action codes and numbers, and wording.tsv turns them into our own words.
# verify=1 marks rows whose structured form a pharmacist must compare with the guideline before it is relied on:
#   the codes do not hold the whole statement (OTHER_TEXT, an alternative or a dose change next to STANDARD), a dose
#   change without a number, a tenfold reduction that the code ties to TPMT but the row does not, several numbers, no
#   strength class, or a vintage that is inferred or cloned, and all rows of corrections.tsv.
# corrections.tsv (beside this script) replaces codes that contradict the guideline's sentence; a row of it that meets no
# rule is an error.
set -eu
[ $# -eq 1 ] || { echo "usage: convert.sh rules_compact.tsv > cpic.tsv" >&2; exit 2; }
fix=$(dirname "$0")/corrections.tsv
LC_ALL=C awk -F '\t' -v OFS='\t' '
function need(name) {
	if (!(name in col)) { print "convert.sh: no column " name > "/dev/stderr"; bad = 1; exit 1 }
	return col[name]
}
function get(name) { return $(need(name)) }
function has(list, code) { return index("+" list "+", "+" code "+") > 0 }
# "50;50" -> "50"; distinct numbers stay, joined by "|"
function numbers(s,   n, i, a, seen, out) {
	n = split(s, a, /[;|]/)
	out = ""
	for (i = 1; i <= n; i++)
		if (a[i] != "" && !(a[i] in seen)) { seen[a[i]] = 1; out = out (out == "" ? "" : "|") a[i] }
	return out
}
function uncertain(acts, strength, vintage, nums, raw) {
	if (has(acts, "OTHER_TEXT") || strength == "N/A" || raw != nums || nums ~ /\|/) return 1
	if (vintage !~ /^[0-9]+-[0-9]+-[0-9]+$/) return 1
	if (has(acts, "STANDARD") && acts ~ /ALTERNATIVE|REDUCE|INCREASE|CAP/) return 1
	if (has(acts, "REDUCE_DOSE_10X_3X_WEEK") && get("when") !~ /P\(TPMT\)=="Poor Metabolizer"/) return 1
	if (has(acts, "INCREASE_DOSE") && (get("increase_pct") get("multiply") == "")) return 1
	return 0
}
NR == FNR {
	if (FNR > 1) { action[$1] = $2; actions[$1] = $3 }
	next
}
FNR == 1 {
	for (i = 1; i <= NF; i++) col[$i] = i
	print "rule_id", "version", "drug", "when", "population", "strength", "action", "actions", "reduce_pct",
		"pct_of_standard", "increase_pct", "multiply", "cap_mg", "verify", "guideline_id", "pmids", "source", "licence"
	next
}
get("source") == "CPIC" && get("primary_action") != "INVALID_INPUT" {
	raw = ""; nums = ""
	n = split("reduce_pct pct_of_standard increase_pct multiply cap_mg", f, " ")
	for (i = 1; i <= n; i++) { v[i] = numbers(get(f[i])); raw = raw get(f[i]) ","; nums = nums v[i] "," }
	date = get("vintage"); sub(/ .*/, "", date)
	id = get("rule_id"); source = "CPIC " date
	act = get("primary_action"); acts = get("actions")
	verify = uncertain(acts, get("classification"), get("vintage"), nums, raw)
	if (id in action) {
		act = action[id]; acts = actions[id]; verify = 1
		source = source "; codes corrected by genorx"
		delete action[id]
	}
	print id, 1, get("drug"), get("when"), get("population"), get("classification"), act, acts, v[1], v[2], v[3], v[4],
		v[5], verify, get("guideline_id"), get("pmids"), source, "CC0-1.0"
}
END {
	for (id in action) { print "convert.sh: corrections.tsv: no rule " id > "/dev/stderr"; bad = 1 }
	exit bad
}
' "$fix" "$1"
