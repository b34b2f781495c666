#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Score construction on a simulated GWAS with LD: correlation of each method's score with the true genetic value in
# 1,000 people outside, coverage of the true value by the 95 % intervals of the posterior draws, CPU seconds, and
# the estimates of h2 (truth 0.5) and of the causal part. SEEDS="1 2 3" PS="0.01 0.1" N=6000 THREADS=1.
set -eu
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
make -s lib BUILD="$BUILD"
${CC:-gcc} -std=c11 -O2 -D_GNU_SOURCE -Iinclude -Isrc -fopenmp -o "$dir/sim" benchmarks/truth/prs_construct.c \
	"$BUILD/libgenorx.a" -lhts -lgsl -lgslcblas -ljansson -lcrypto -lz -lm -lpthread
for p in ${PS:-0.01 0.1}; do
	for seed in ${SEEDS:-1 2 3}; do
		"$dir/sim" "$dir" "${N:-6000}" "$p" "$seed" "${THREADS:-1}" | tee "$dir/out.$p.$seed" >&2
	done
	cat "$dir"/out."$p".* | awk -F'\t' -v p="$p" '
	$1 == "#causal" { true_p += $3; n++; next }
	!($1 in r) { order[++k] = $1; lo[$1] = 2; hi[$1] = -2 }
	{
		c[$1]++; r[$1] += $2; cpu[$1] += $4; cov[$1] += $5; h[$1] += $6; q[$1] += $9
		if ($2 < lo[$1]) lo[$1] = $2
		if ($2 > hi[$1]) hi[$1] = $2
	}
	END {
		printf "p_causal %s (drawn: %.4f), %d data sets\n", p, true_p / n, n
		printf "%-16s %7s %15s %8s %8s %7s %8s\n", "method", "r", "range", "CPU_s", "cover95", "h2", "p_causal"
		for (i = 1; i <= k; i++) {
			m = order[i]
			printf "%-16s %7.3f  %6.3f..%6.3f %8.2f %8s %7s %8s\n", m, r[m] / c[m], lo[m], hi[m], cpu[m] / c[m],
				cov[m] ? sprintf("%.3f", cov[m] / c[m]) : "-", h[m] ? sprintf("%.3f", h[m] / c[m]) : "-",
				q[m] ? sprintf("%.4f", q[m] / c[m]) : "-"
		}
	}'
done
