#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pgx_hazard.sh -- a site that is missing from real 30x genomes is not taken as reference.
# usage: GENORX=build/genorx tests/golden/pgx_hazard.sh    (files found at ${GRX_SHARED:-../shared}/data/pgx/getrm30x)
# CYP3A5 of NA18565 (*1/*3) without rs776746 must not be *1/*1 or normal; SLCO1B1 of NA18526 (*1/*15) without
# rs4149056 must be undetermined. The loci are taken away, and turned into ./. . The files lack records of other loci
# too; "filled" has them as 0/0, so that this one locus alone decides. Exits 1 on a wrong answer, 77 without data.
set -eu
LC_ALL=C
export LC_ALL
root=$(cd "$(dirname "$0")/../.." && pwd)
genorx=${GENORX:-$root/build/genorx}
data=${GRX_SHARED:-$root/../shared}/data/pgx/getrm30x
name=data__PharmCAT_tutorial_get-rm_wgs_30x_grch38
if [ ! -r "$data/${name}_chr7.vcf.bgz" ]; then
	echo "SKIP pgx_hazard: no $data/${name}_chr7.vcf.bgz (set GRX_SHARED)"
	exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$root"
bad=0 n=0

# diplotype, phenotype, status, candidates with their probabilities, of one sample
say() { # vcf gene sample
	"$genorx" pgx --genes "$2" -o "$tmp/facts.jsonl" "$1" 2>"$tmp/log" || {
		sed 's/^/  /' "$tmp/log"
		exit 1
	}
	for what in diplotype phenotype status; do
		line=$(grep -F "\"id\":\"$3|pgx/$2/$what\"" "$tmp/facts.jsonl")
		printf '%s' "$line" | sed -n 's/.*"key":"[^"]*","value":"\([^"]*\)".*/\1/p' >"$tmp/$what"
		for attr in posterior candidates candidates_posterior; do
			printf '%s' "$line" | sed -n "s/.*\"$attr\":\"\([^\"]*\)\".*/\1/p" >"$tmp/$what.$attr"
		done
	done
	printf '  %-14s %s, posterior %s; phenotype %s; %s\n' "$4" "$(cat "$tmp/diplotype")" \
		"$(cat "$tmp/diplotype.posterior")" "$(cat "$tmp/phenotype")" "$(cat "$tmp/status")"
	if [ -s "$tmp/phenotype.candidates" ]; then
		printf '                 candidates %s\n                 with       %s\n' "$(cat "$tmp/phenotype.candidates")" \
			"$(cat "$tmp/phenotype.candidates_posterior")"
	fi
}

# Every locus of the gene that has no record as 0/0.
fill() { # vcf gene
	awk -F '\t' -v OFS='\t' -v gene="$2" '
	FILENAME ~ /positions/ { if ($1 == gene) row[$3] = $2 OFS $3 OFS $6 OFS $4 OFS $5 OFS ".\tPASS\t.\tGT"; next }
	/^#/ { print; n = NF; next }
	{ delete row[$2]; print }
	END {
		for (p in row) {
			for (i = 10; i <= n; i++) row[p] = row[p] OFS "0/0"
			print row[p]
		}
	}' refdata/pgx/positions.tsv "$1" | awk '/^#/ { print; fflush(); next } { print | "sort -k2,2n" }'
}

undetermined() { # diplotype that it must not be
	if [ -s "$tmp/phenotype" ] || [ "$(cat "$tmp/diplotype")" = "$1" ] || [ "$(cat "$tmp/status")" = called ]; then
		echo "  WRONG: a missing site was taken as reference"
		bad=$((bad + 1))
	fi
	case "$(cat "$tmp/phenotype.candidates")" in
	*"|"*) ;;
	*)
		echo "  WRONG: no candidates are named"
		bad=$((bad + 1))
		;;
	esac
	n=$((n + 1))
}

hazard() { # chromosome position rsid gene sample from to hazard phenotype
	zcat "$data/${name}_$1.vcf.bgz" | awk -F '\t' -v a="$6" -v b="$7" '/^#/ || ($2 >= a && $2 <= b)' >"$tmp/asis.vcf"
	fill "$tmp/asis.vcf" "$4" >"$tmp/filled.vcf"
	if ! grep -q "^$1	$2	" "$tmp/asis.vcf"; then
		echo "FAIL no record of $3 in the file"
		exit 1
	fi
	echo "$4 of $5, $3"
	for base in asis filled; do
		say "$tmp/$base.vcf" "$4" "$5" "$base"
		if [ "$base" = filled ] && [ "$(cat "$tmp/phenotype")" != "$9" ]; then
			echo "  WRONG: with all loci it is $9"
			bad=$((bad + 1))
		fi
		awk -F '\t' -v pos="$2" '/^#/ || $2 != pos' "$tmp/$base.vcf" >"$tmp/away.vcf"
		awk -F '\t' -v OFS='\t' -v pos="$2" '
			!/^#/ && $2 == pos { for (i = 10; i <= NF; i++) $i = "./." } { print }' "$tmp/$base.vcf" >"$tmp/nocall.vcf"
		for how in away nocall; do
			say "$tmp/$how.vcf" "$4" "$5" "$base,$how"
			undetermined "$8"
		done
	done
}

hazard chr7 99672916 rs776746 CYP3A5 NA18565 99640000 99680000 '*1/*1' 'Intermediate Metabolizer'
hazard chr12 21178615 rs4149056 SLCO1B1 NA18526 21120000 21250000 '*1/*37' 'Decreased Function'
echo "pgx_hazard: $((n - bad)) right of $n: a missing site is not taken as reference"
[ "$bad" = 0 ]
