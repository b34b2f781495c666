#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# predict_risk.sh -- the risk models of the demo tables against a second implementation in awk: intercept by bisection on
# Simpson's rule, baseline hazards by iterating their definition, risks by small steps of time.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
demo=$PWD/refdata/demo
facts=${SHARED:-${GRX_SHARED:-../shared}}/facts/prs/prevent_coef
if [[ -r $facts/full_30yr.tsv ]]; then
	refdata/risk/convert.sh "$facts" | cmp - refdata/risk/prevent.tsv
	echo "risk/prevent.tsv reproduced byte by byte from the coefficient tables"
else
	echo "no coefficient tables in the shared data: risk/prevent.tsv not remade"
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
printf 'sample\tage\tsex\nF\t52\tfemale\nM\t67\tmale\nQ\t33.7\tfemale\n' >c.tsv
{
	printf 'sample\tkey\tvalue\n'
	for x in F:1.4 M:-0.6 Q:2.3; do
		printf '%s\tprs/GRXDEMO01/z_norm2\t%s\n%s\tprs/GRXDEMO01/coverage\t0.98\n' "${x%:*}" "${x#*:}" "${x%:*}"
	done
} >f.tsv
"$genorx" predict --clinical c.tsv --facts f.tsv --risk-model "$demo/risk_model.tsv" --incidence "$demo/incidence.tsv" \
	--mortality "$demo/mortality.tsv" -o o.jsonl
jq -r 'select(.key | test("predict/demo_")) | [.sample, .key, .value, .status] | @tsv' o.jsonl | LC_ALL=C sort >got.tsv
LC_ALL=C awk -F '\t' '
	function phi(z) { return exp(-z * z / 2) / 2.5066282746310002 }
	function mean_logistic(a, b, i, z, s, w) {
		s = 0
		for (i = 0; i <= 1200; i++) {
			z = -12 + i / 50
			w = (i == 0 || i == 1200 ? 1 : i % 2 ? 4 : 2) / 150
			s += w * phi(z) / (1 + exp(-a - b * z))
		}
		return s
	}
	function bisect(k, b, lo, hi, m) {
		lo = -20; hi = 20
		while (hi - lo > 1e-11) { m = (lo + hi) / 2; if (mean_logistic(m, b) < k) lo = m; else hi = m }
		return lo
	}
	# Phi by Simpson from 0
	function cdf(x, i, s, h) {
		h = x / 400; s = 0
		for (i = 0; i <= 400; i++) s += (i == 0 || i == 400 ? 1 : i % 2 ? 4 : 2) * phi(i * h)
		return 0.5 + s * h / 3
	}
	function inv(p, lo, hi, m) {
		lo = -9; hi = 9
		while (hi - lo > 1e-12) { m = (lo + hi) / 2; if (cdf(m) < p) lo = m; else hi = m }
		return lo
	}
	# h0 by iterating its definition over all ages until nothing moves
	function baseline(sex, b, t, i, z, n, d, cum, it, r, s, e) {
		for (t = 20; t < 90; t++) h0[t] = inc[sex, t]
		for (it = 0; it < 12; it++) {
			cum = 0
			for (t = 20; t < 90; t++) {
				n = d = 0
				for (i = -80; i <= 80; i++) {
					z = i / 10; r = exp(b * z); s = phi(z) * exp(-r * cum)
					n += r * s; d += s
				}
				cum += h0[t]
				h0[t] = inc[sex, t] * d / n
			}
		}
	}
	function risk(sex, from, to, lp, t, k, h, m, s, p) {
		s = 1; p = 0
		for (t = from; t < to; t++)
			for (k = 0; k < 200; k++) {
				h = h0[t] * exp(lp) / 200; m = mort[sex, t] / 200
				p += s * h * exp(-(h + m) / 2); s *= exp(-h - m)
			}
		return p
	}
	FILENAME ~ /incidence/ && FNR > 1 { for (t = $3; t <= $4; t++) inc[$2, t] = $5 }
	FILENAME ~ /mortality/ && FNR > 1 { for (t = $3; t <= $4; t++) mort[$2, t] = $5 }
	FILENAME ~ /got/ {
		split("F M Q", id, " "); z["F"] = 1.4; z["M"] = -0.6; z["Q"] = 2.3
		age["F"] = 52; age["M"] = 67; age["Q"] = 33; sex["F"] = sex["Q"] = "female"; sex["M"] = "male"
		if (!a) a = bisect(0.12, 0.4)
		if (!T) T = -inv(0.12)
		p = $1
		if ($2 ~ /logistic/) want = 1 / (1 + exp(-a - 0.4 * z[p]))
		else if ($2 ~ /liability/) want = cdf((z[p] * sqrt(0.05) - T) / sqrt(0.95))
		else {
			if (base != sex[p]) baseline(base = sex[p], 0.4)
			want = risk(sex[p], age[p], $2 ~ /10y/ ? age[p] + 10 : 80, 0.4 * z[p])
		}
		n++
		d = $3 / want - 1
		if (d < 0) d = -d
		if (d > worst) worst = d
		if ($4 != "ok" || d > 1e-6) { printf "%s %s: %s (%s), expected %.9f\n", p, $2, $3, $4, want; failed = 1 }
	}
	END {
		printf "%d risks of three people by four models agree with the second implementation to %.1e\n", n, worst
		exit failed || n != 12
	}' "$demo/incidence.tsv" "$demo/mortality.tsv" got.tsv

# the shipped life table: rates follow from the published probabilities of death, and these give the published life
# expectancy at birth (female 80.96, male 75.97; deaths of the first year after 0.12 years on average)
LC_ALL=C awk -F '\t' '
	FNR > 1 { q[$2, $3] = $6; d = $5 / -log(1 - $6) - 1; if (d * d > 1e-9) { print "rate of " $2 " " $3; bad = 1 } }
	END {
		want["female"] = 80.96; want["male"] = 75.97
		e["female"] = 2.42; e["male"] = 2.12 # at 100, as published
		for (s in want) {
			for (a = 99; a >= 0; a--) e[s] = (1 - q[s, a]) * (1 + e[s]) + q[s, a] * (a ? 0.5 : 0.12)
			printf "life expectancy at birth, %s: %.2f\n", s, e[s]
			if ((e[s] - want[s]) ^ 2 > 0.0001) bad = 1
		}
		exit bad
	}' "$demo/../risk/mortality_us2017.tsv"
"$genorx" predict --clinical c.tsv --facts f.tsv --risk-model "$demo/risk_model.tsv" --incidence "$demo/incidence.tsv" \
	--mortality "$demo/../risk/mortality_us2017.tsv" -o us.jsonl
[[ $(jq -r 'select(.key == "predict/demo_hazard/10y/demo_disease").status' us.jsonl | sort -u) == ok ]]
