#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# cyp2d6.sh -- make cyp2d6_sites.tsv and cyp2d6_loci.tsv from the GRCh38 reference sequence.
# sh refdata/pgx/cyp2d6.sh GRCh38.fa OUTDIR   (needs samtools; about 10 s)
set -eu
fasta=$1 out=$2 here=$(dirname "$0")
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
# both ends lie in sequence that the two genes share
samtools faidx "$fasta" chr22:42126102-42131654 chr22:42139808-42145327 > "$tmp"
for what in sites loci; do
	awk -v what=$what -f "$here/cyp2d6.awk" "$here/positions.tsv" "$tmp" > "$out/cyp2d6_$what.tsv.tmp"
	mv "$out/cyp2d6_$what.tsv.tmp" "$out/cyp2d6_$what.tsv"
done
