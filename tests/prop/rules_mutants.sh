#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rules_mutants.sh -- do the test cases of the CPIC rules notice a wrong condition? Each rule is changed in one way at a time (a
# bound moved by one score inwards or outwards, a comparison turned round, the last term dropped); `rules check` must report
# a case of that very rule. One rule of each drug is changed a run. Every 8th rule of a drug; all of them with ROUND=1.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
export GENORX_REFDATA=${GENORX_REFDATA:-$PWD/refdata}
step=${ROUND:-$([[ -n ${GENORX_SANITIZED:-} ]] && echo 32 || echo 8)} # a sanitizer watches memory, and that is the same for every rule
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -r refdata/rules "$tmp/r"
rounds=$(awk -F '\t' '/^CPIC/ { n[$3]++ } END { for (d in n) if (n[d] > m) m = n[d]; print m }' refdata/rules/cpic.tsv)
for how in lower_in lower_out upper_in upper_out turned dropped; do
	for ((k = 1; k <= rounds; k += step)); do
		LC_ALL=C awk -F '\t' -v OFS='\t' -v how=$how -v k="$k" -v list="$tmp/changed" '
		# the first bound of this kind, moved; scores of CYP2D6 go by 0.25, of the other genes by 0.5
		function move(w, op, sign,   at, rest, num, d) {
			if (!(at = index(w, ")" op))) return w
			rest = substr(w, at + 1 + length(op))
			if (!match(rest, /^[0-9.]+/)) return w
			num = substr(rest, 1, RLENGTH)
			d = substr(w, 1, at) ~ /AS\(CYP2D6\)$/ ? 0.25 : 0.5
			return substr(w, 1, at + length(op)) (num + sign * d < 0 ? num : num + sign * d) substr(rest, RLENGTH + 1)
		}
		/^CPIC/ && ++n[$3] == k {
			w = $4
			if (how == "lower_in") w = move(w, ">=", 1)
			if (how == "lower_out") w = move(w, ">=", -1)
			if (how == "upper_in") w = move(w, "<=", -1)
			if (how == "upper_out") w = move(w, "<=", 1)
			if (how == "turned") sub(/==/, "!=", w)
			if (how == "dropped") sub(/ && [^&]*$/, "", w)
			if (w != $4) { $4 = w; print $1, w >list }
		}
		{ print } END { printf "" >list }' refdata/rules/cpic.tsv >"$tmp/r/cpic.tsv"
		"$genorx" rules check "$tmp/r" >"$tmp/out" 2>/dev/null || true
		grep -o 'case of CPIC[^:]*' "$tmp/out" | sort -u >"$tmp/told" || true
		awk -F '\t' -v how=$how 'NR == FNR { sub(/^case of /, ""); told[$0] = 1; next } { print how "\t" (($1 in told) ? "noticed" : "missed") "\t" $1 "\t" $2 }' "$tmp/told" "$tmp/changed" >>"$tmp/result"
	done
done
awk -F '\t' -v least=$((step > 8 ? 100 : 200)) '{ n[$1]++; if ($2 == "noticed") k[$1]++; else if (m++ < 20) print "  missed: " $1 ": " $3 ": " $4 }
	END { for (h in n) { s = s sprintf("%s %d of %d, ", h, k[h], n[h]); all += n[h]; good += k[h] } sub(/, $/, "", s)
		printf "rule mutants: %d of %d noticed by the cases (%s)\n", good, all, s; exit good < all || all < least }' "$tmp/result"
