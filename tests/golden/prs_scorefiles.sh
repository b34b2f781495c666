#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every scoring file of the shared data against a target on GRCh37 and one on GRCh38: read, or refused for the right
# reason; every row in the log with one reason, counts per reason as worked out from the files; the summary's counts
# the same. Then the other build by liftover.
# Usage: prs_scorefiles.sh [GENORX]. Exit status: 0 as expected, 77 data absent, 1 any difference.
set -euo pipefail
cd "$(dirname "$0")/../.."
genorx=${1:-${GENORX:-build/genorx}}
data=${GRX_SHARED:-${SHARED:-../shared}}/data/prs
if [[ ! -d $data/scorefiles ]]; then
	echo "prs_scorefiles: SKIP: no $data/scorefiles"
	exit 77
fi
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT

target() { # build, length of chr1, file
	printf '##fileformat=VCFv4.2\n##contig=<ID=1,length=%s>\n' "$2"
	printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n1\t10397\t.\tC\tA\t.\t.\t.\tGT\t0/1\n'
}
target 37 249250621 >"$t/t37.vcf"
target 38 248956422 >"$t/t38.vcf"

# one line a file and build: name, build, "rows reason=n ..." or "status error"
one() {
	local f=$1 b=$2 rc=0 rows
	shift 2
	rm -f "$t/log" "$t/f" "$t/s"
	"$genorx" prs --score "$f" --log "$t/log" --summary "$t/s" -o "$t/f" "$@" "$t/t$b.vcf" 2>"$t/err" || rc=$?
	printf '%s %s ' "$(basename "$f")" "$b"
	if ((rc)); then
		printf '%s %s\n' "$rc" "$(grep -o -E 'positions are of GRCh3[78]|:[0-9]+:[0-9]+: .*expected [a-z ]*[a-z]|only .* positions' "$t/err" | head -n 1)"
		return
	fi
	rows=$(($(gzip -dcf "$f" | grep -v '^#' | grep -c .) - 1))
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "reason") c = i; next } { n[$c]++ } END { for (r in n) print r "=" n[r] }' \
		"$t/log" | LC_ALL=C sort >"$t/reasons"
	echo "$rows" "$(tr '\n' ' ' <"$t/reasons" | sed 's/ $//')"
	if [[ $(awk -F= '{ n += $2 } END { print n }' "$t/reasons") != "$rows" ]]; then
		echo "$(basename "$f") $b: reasons do not add up to the rows"
	fi
	jq -r '.stages.prs.scores[0].rows_by_reason | to_entries[] | select(.value > 0) | "\(.key)=\(.value)"' "$t/s" | LC_ALL=C sort >"$t/summed"
	cmp -s "$t/summed" "$t/reasons" || echo "$(basename "$f") $b: summary and log differ"
}

{
	for f in "$data"/scorefiles/*; do
		one "$f" 37
		one "$f" 38
	done
	if [[ -d $data/chain ]]; then
		one "$data/cineca/scorefiles/customgrch37.txt" 38 --chain "$data/chain/hg19ToHg38.over.chain.gz"
		one "$data/cineca/scorefiles/customgrch38.txt" 37 --chain "$data/chain/hg38ToHg19.over.chain.gz"
		one "$data/scorefiles/PGS000802_hmPOS_GRCh37.txt" 38 --chain "$data/chain/hg19ToHg38.over.chain.gz"
	fi
} >"$t/got"

cat >"$t/want" <<'END'
PGS000001.txt.gz 37 77 no_position=77
PGS000001.txt.gz 38 77 no_position=77
PGS000001_hmPOS_GRCh37.txt.gz 37 77 no_contig=72 no_locus=5
PGS000001_hmPOS_GRCh37.txt.gz 38 67 positions are of GRCh37
PGS000001_hmPOS_GRCh38.txt.gz 37 67 positions are of GRCh38
PGS000001_hmPOS_GRCh38.txt.gz 38 77 no_contig=72 no_locus=5
PGS000002.txt.gz 37 77 no_position=77
PGS000002.txt.gz 38 77 no_position=77
PGS000002_hmPOS_GRCh37.txt.gz 37 77 no_contig=72 no_locus=5
PGS000002_hmPOS_GRCh37.txt.gz 38 67 positions are of GRCh37
PGS000002_hmPOS_GRCh38.txt.gz 37 67 positions are of GRCh38
PGS000002_hmPOS_GRCh38.txt.gz 38 77 no_contig=72 no_locus=5
PGS000802_hmPOS_GRCh37.txt 37 19 no_contig=18 no_locus=1
PGS000802_hmPOS_GRCh37.txt 38 67 positions are of GRCh37
PGS004255_hmPOS_GRCh38.txt.gz 37 67 positions are of GRCh38
PGS004255_hmPOS_GRCh38.txt.gz 38 30 no_contig=29 no_locus=1
bad_harmonised.txt 37 67 positions are of GRCh38
bad_harmonised.txt 38 3 no_position=3
complex_variants_PGS000021.txt 37 33 no_position=25 unsupported_hla=8
complex_variants_PGS000021.txt 38 33 no_position=25 unsupported_hla=8
complex_variants_PGS004239.txt 37 14 no_contig=4 no_locus=1 unsupported_hla=9
complex_variants_PGS004239.txt 38 14 no_contig=4 no_locus=1 unsupported_hla=9
custom.txt 37 1 matched=1
custom.txt 38 67 positions are of GRCh37
custom_no_oa.txt 37 1 matched=1
custom_no_oa.txt 38 67 positions are of GRCh37
invalid_scorefile.txt 37 65 :16:1: rsID '.'; expected a position
invalid_scorefile.txt 38 65 :16:1: rsID '.'; expected a position
END
if [[ -d $data/chain ]]; then
	cat >>"$t/want" <<'END'
customgrch37.txt 38 2 no_locus=2
customgrch38.txt 37 2 no_locus=2
PGS000802_hmPOS_GRCh37.txt 38 19 no_contig=18 no_locus=1
END
fi
if ! diff "$t/got" "$t/want"; then
	echo "prs_scorefiles: FAILED (< found, > expected)"
	exit 1
fi
echo "prs_scorefiles: $(wc -l <"$t/want") cases as expected"
