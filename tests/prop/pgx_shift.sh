#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pgx: how an indel is written does not matter. Every insertion and deletion of the CYP2D6 loci, on real sequence, is
# written as the table has it, as far right as its repeat goes, and padded on both sides: with -f the matched
# diplotypes are the same. Without -f a shifted one must not be read as reference. usage: pgx_shift.sh
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
genorx=${GENORX:-$PWD/${BUILD:-build}/genorx}
fa=${GRX_SHARED:-../shared}/data/refs/GRCh38.chr22.PGx.fa.gz
if [ ! -r "$fa" ]; then
	echo "SKIP pgx_shift: no $fa (set GRX_SHARED)"
	exit 77
fi
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT

# One locus per line: POS REF ALT of the table, of the right end, padded; and how far it moved.
awk -F '\t' '$1 == "CYP2D6" { n = split($5, a, ","); for (i = 1; i <= n; i++) if (length(a[i]) != length($4)) print $3, $4, a[i] }' \
	refdata/pgx/positions.tsv | while read -r pos ref alt; do
	seq=$(samtools faidx "$fa" "chr22:$((pos - 3))-$((pos + 400))" | tail -n +2 | tr -d '\n' | tr acgt ACGT)
	awk -v pos="$pos" -v ref="$ref" -v alt="$alt" -v s="$seq" '
	function base(p) { return substr(s, p - pos + 4, 1) }
	BEGIN {
		p = pos
		if (length(ref) == 1) {
			ins = substr(alt, 2)
			while (base(p + 1) == substr(ins, 1, 1)) { ins = substr(ins, 2) substr(ins, 1, 1); p++ }
			r = base(p); a = r ins
		} else {
			n = length(ref) - 1
			while (base(p + n + 1) == base(p + 1)) p++
			a = base(p); r = substr(s, p - pos + 4, n + 1)
		}
		pad = substr(s, 1, 3); after = substr(s, 4 + length(ref), 2)
		print pos, ref, alt, p, r, a, pos - 3, pad ref after, pad alt after, p - pos
	}'
done >"$t/loci"

call() { # options, then POS REF ALT: diplotypes and the missing loci
	local o=()
	while [ $# -gt 3 ]; do o+=("$1"); shift; done
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr22,length=50818468>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\nchr22\t%s\t.\t%s\t%s\t.\tPASS\t.\tGT\t0/1\n' "$1" "$2" "$3"
	} >"$t/in.vcf"
	"$genorx" pgx --refdata refdata --genes CYP2D6 --cyp2d6-small-variants --combinations --all "${o[@]}" --tsv "$t/t.tsv" -o "$t/f.jsonl" "$t/in.vcf" 2>"$t/log" ||
		{ cat "$t/log"; exit 1; }
	tail -n 1 "$t/t.tsv" | cut -f 3,11
}

n=0 same=0 moved=0 read_as_ref=0
while read -r pos ref alt p r a q pr pa by; do
	want=$(call -f "$fa" "$pos" "$ref" "$alt")
	n=$((n + 1))
	shifted=$(call -f "$fa" "$p" "$r" "$a")
	padded=$(call -f "$fa" "$q" "$pr" "$pa")
	if [ "$shifted" = "$want" ] && [ "$padded" = "$want" ]; then
		same=$((same + 1))
	else
		echo "differs: chr22:$pos $ref>$alt at $p $r>$a, padded $q $pr>$pa; found $shifted, $padded, expected $want"
	fi
	if [ "$by" -gt 0 ]; then
		moved=$((moved + 1))
		case $(call "$p" "$r" "$a") in "*1/*1"$'\t'* | "*1/*1;"*) read_as_ref=$((read_as_ref + 1)) ;; esac
	fi
done <"$t/loci"
echo "pgx_shift: $same of $n indels the same in three writings ($moved of them can be shifted); without -f $read_as_ref read as reference"
[ "$n" -gt 0 ] && [ "$moved" -gt 0 ] && [ "$same" -eq "$n" ] && [ "$read_as_ref" -eq 0 ]
