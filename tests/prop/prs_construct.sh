#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Construction of scores on a simulated GWAS with LD (h2 0.5, 1 % causal): who must beat whom in people outside, by
# how much at least, and the estimates of h2 and of the causal part must hold the truth. usage: prs_construct.sh
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
if [ -n "${GENORX_SANITIZED:-}" ] || [ -n "${GENORX_QUICK:-}" ]; then
	echo "SKIP prs_construct: fits six methods, too slow under a sanitizer or in a quick run"
	exit 77
fi
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
${CC:-gcc} -std=c11 -O2 -D_GNU_SOURCE -Iinclude -Isrc -fopenmp -o "$t/sim" benchmarks/truth/prs_construct.c \
	"${BUILD:-build}/libgenorx.a" -lhts -lgsl -lgslcblas -ljansson -lcrypto -lz -lm -lpthread
"$t/sim" "$t" 6000 0.01 1 2 >"$t/out"
awk -F'\t' '
$1 == "#causal" { truth = $3; next }
{ r[$1] = $2; lo[$1] = $7; hi[$1] = $8; plo[$1] = $10; phi[$1] = $11 }
function need(ok, what) { print (ok ? "ok " : "FAILED ") what; bad += !ok }
END {
	n = split("ldpred2-grid ldpred2-auto prscs lassosum2", m, " ")
	for (i = 1; i <= n; i++)
		need(r[m[i]] > r["ct"] + 0.01, m[i] " " r[m[i]] " beats ct " r["ct"])
	need(r["ldpred2-inf"] > 0.7, "ldpred2-inf " r["ldpred2-inf"])
	need(lo["ldpred2-auto"] < 0.5 && hi["ldpred2-auto"] > 0.5, "h2 0.5 in " lo["ldpred2-auto"] ".." hi["ldpred2-auto"])
	need(plo["ldpred2-auto"] < truth && phi["ldpred2-auto"] > truth, \
		"causal part " truth " in " plo["ldpred2-auto"] ".." phi["ldpred2-auto"])
	exit bad > 0
}' "$t/out"
